#pragma once
// Routes of a fund's orders, baskets and authorized participants.
#include "services/nav/adapters/keyed_post.h"

namespace navkeeper::nav {

void register_dealing_routes(http::Router& router, Service& service, const Authenticate& authenticate);

}  // namespace navkeeper::nav
