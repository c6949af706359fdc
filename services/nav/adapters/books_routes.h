#pragma once
// The routes of the stored books; books_routes.cpp lists them.
#include <functional>

#include "common/model/actor.h"

namespace navkeeper::http {
class Router;
struct Request;
}  // namespace navkeeper::http

namespace navkeeper::nav {

class Service;

void register_books_routes(http::Router& router, Service& service,
                           std::function<model::Actor(const http::Request&)> authenticate);

}  // namespace navkeeper::nav
