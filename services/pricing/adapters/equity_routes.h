#pragma once
// GET /v1/equities                   the series
// GET /v1/equities/{symbol}          the closes of one series; source, clock, adjustment, from, to, as_of,
// known_at GET /v1/equities/{symbol}/history  the security through its corporate actions; the same GET
// /v1/aligned-closes             several symbols side by side; symbols, and the same GET
// /v1/corporate-actions          known_at GET /v1/coin-closes                a coin at the shares' close;
// pair, from, to, venue, known_at
#include "services/pricing/service.h"

namespace navkeeper::pricing {

void register_equity_routes(http::Router& router, const Dependencies& dependencies);

}  // namespace navkeeper::pricing
