#pragma once
// GET /v1/staking/funds/{fund}/measures    of each asset the newest day's; as_of, known_at
// GET /v1/staking/funds/{fund}/queues      the chains' queues, when each position is free and cash, the
// ladder
#include "services/staking/service.h"

namespace navkeeper::staking {

void register_measure_routes(http::Router& router, const Dependencies& dependencies);

}  // namespace navkeeper::staking
