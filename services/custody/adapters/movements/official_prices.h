#pragma once
// What pricing answers to GET /v1/prices/{asset}, without sockets.
#include <string_view>
#include <vector>

#include "services/custody/domain/movement_dollars.h"

namespace navkeeper::custody {

/// Of an answer of pricing the official prices of those terms. Throws base::Refused for what is no list of
/// prices of the coin.
std::vector<OfficialPrice> read_official_prices(std::string_view body, const model::AssetId& asset,
                                                const DollarTerms& terms);

}  // namespace navkeeper::custody
