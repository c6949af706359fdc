#pragma once
// The routes of a fund's dollars (cash_routes.cpp), and of statements and indicative values
// (indicative_routes.cpp).
#include <functional>

#include "common/model/actor.h"

namespace navkeeper::http {
class Router;
struct Request;
}  // namespace navkeeper::http

namespace navkeeper::nav {

class Service;
struct IndicativeContext;

void register_cash_routes(http::Router& router, Service& service,
                          std::function<model::Actor(const http::Request&)> authenticate);
/// The context must outlive the router.
void register_indicative_routes(http::Router& router, Service& service, IndicativeContext& context,
                                std::function<model::Actor(const http::Request&)> authenticate);

}  // namespace navkeeper::nav
