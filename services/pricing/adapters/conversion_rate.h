#pragma once
// What the issuer of a liquid-staking token says that it stands for: Crypto.com Exchange v1,
// public/staking/get-conversion-rate (facts on custody, 1.4): POST {"id":…,"method":…,"params":
// {"instrument_name":"CDCETH"}} -> {"id":…,"method":…,"code":0,"result":{"instrument_name":"CDCETH",
// "conversion_rate":"1.0203"}}, coins for one token. The answer carries no time: it is as of when it came.
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/model/id.h"
#include "common/money/decimal.h"

namespace navkeeper::pricing {

std::string conversion_rate_request(const model::AssetId& token);

/// Refused: what is no JSON, an error code (named), another instrument, a rate that is no positive decimal
/// string of at most 18 decimals.
base::Checked<money::Decimal> read_conversion_rate(std::string_view answer, const model::AssetId& token);

/// Asks `url` and gives the answer's bytes. Throws base::Unavailable.
std::string ask_conversion_rate(const std::string& url, const model::AssetId& token);

}  // namespace navkeeper::pricing
