#pragma once
// GET /v1/rates/{index}/live     the newest value with its age, and why the newest second has none
// GET /v1/rates/{index}/stream   a websocket: one message a second
// GET /v1/rates/{index}/seconds  the stored seconds; from, to, limit, cursor, known_at
#include "services/pricing/service.h"

namespace navkeeper::pricing {

void register_real_time_routes(http::Router& router, const Dependencies& dependencies);

}  // namespace navkeeper::pricing
