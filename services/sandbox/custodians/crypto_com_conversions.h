#pragma once
// Conversions at the simulated Crypto.com: staked ETH into CDCETH, whose rate grows with the world's time,
// and back. Source: private/staking/convert, get-open-convert and get-convert-history of the published
// OpenAPI document.
#include <optional>
#include <string>

#include "common/json/value.h"
#include "common/json/write.h"
#include "services/sandbox/custodians/custodian_account.h"

namespace navkeeper::sandbox {

struct ConversionRefused {
  int status;
  int code;
  const char* message;
};

inline constexpr const char* kLiquidToken = "CDCETH";
/// Staked ETH for one token, in 10^-9; the same in every world.
std::int64_t conversion_rate_e9(time::Instant now);
std::string conversion_rate_text(std::int64_t rate_e9);

/// What private/staking/convert does and answers.
std::optional<ConversionRefused> convert(CustodianAccount& account, const json::Value& params,
                                         time::Instant now, json::Writer& out);
/// A row of the lists; `id` and `status` are the caller's.
void write_conversion(json::Writer& out, const Move& move, const std::string& id, const char* status);
bool is_conversion(const Move& move);

}  // namespace navkeeper::sandbox
