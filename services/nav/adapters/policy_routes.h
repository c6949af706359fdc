#pragma once
// Routes of a fund's distributions, corporate actions and facts.
#include <functional>

#include "common/http/router.h"
#include "common/model/actor.h"

namespace navkeeper::nav {

class Service;
void register_policy_routes(http::Router& router, Service& service,
                            std::function<model::Actor(const http::Request&)> authenticate);

}  // namespace navkeeper::nav
