#pragma once
// Routes of reconciliations and breaks; reconciliation_routes.cpp lists them.
#include "common/http/keyed_post.h"
#include "services/custody/service.h"

namespace navkeeper::custody {

void register_reconciliation_routes(http::Router& router, const Dependencies& dependencies,
                                    const http::Authenticate& authenticate);

}  // namespace navkeeper::custody
