#pragma once
// What the fund's accounts hold and did, over HTTP.
#include "services/custody/service.h"

namespace navkeeper::custody {

/// GET  /v1/custody/funds/{fund}/accounts              places, addresses, what they hold, who attested
/// GET  /v1/custody/funds/{fund}/transfers             matched over custodians and chains
/// GET  /v1/custody/funds/{fund}/rollforward           opening + in - out - fees + staking = closing
/// GET  /v1/custody/funds/{fund}/statements            daily statements, newest versions
/// GET  /v1/custody/funds/{fund}/statements/{sha256}   one, byte by byte
/// GET  /v1/custody/funds/{fund}/attestations          checked signatures, by address
/// POST /v1/custody/funds/{fund}/attestations          checks one and keeps it; operator
void register_account_routes(http::Router& router, const Dependencies& dependencies,
                             const Authenticate& authenticate);

}  // namespace navkeeper::custody
