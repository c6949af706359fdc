#pragma once
// Registered by register_routes (service.h); listed in movement_routes.cpp.
#include "services/custody/service.h"

namespace navkeeper::custody {

void register_movement_routes(http::Router& router, const Dependencies& dependencies,
                              const Authenticate& authenticate);

}  // namespace navkeeper::custody
