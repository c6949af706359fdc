#pragma once
// Routes of a fund's orders, baskets and authorized participants.
#include <functional>

#include "common/http/router.h"
#include "common/model/actor.h"

namespace navkeeper::nav {

class Service;
void register_dealing_routes(http::Router& router, Service& service,
                             const std::function<model::Actor(const http::Request&)>& authenticate);
/// Of what orders are owed for NAV errors.
void register_repricing_routes(http::Router& router, Service& service,
                               const std::function<model::Actor(const http::Request&)>& authenticate);

}  // namespace navkeeper::nav
