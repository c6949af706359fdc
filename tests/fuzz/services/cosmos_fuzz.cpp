// The parsers of what Cosmos nodes and custody tell staking, on any bytes, one target each
// (NAVKEEPER_FUZZ_STAKING): what is refused says why; what is read keeps its rules.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/staking/adapters/cosmos/block_facts.h"
#include "services/staking/adapters/cosmos/cosmos_wire.h"
#include "services/staking/adapters/cosmos/store_wire.h"

namespace navkeeper::staking {
namespace {

using Data = std::span<const std::uint8_t>;

[[maybe_unused]] std::string_view text_of(Data data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

template <class Read>
[[maybe_unused]] void refused_or_read(Read&& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    ENSURE(!refused.refusal().rule.empty());
  }
}

[[maybe_unused]] void block(Data data) {
  refused_or_read([&] {
    const BlockResults results = parse_block_results("node", text_of(data));
    for (const CosmosFact& fact : facts_of(results, {"cro1d", "basecro", "cro", {{"cons", "v"}}}).facts)
      ENSURE(!fact.amount.is_negative());
  });
  refused_or_read([&] { ENSURE(!coins_of("amount", text_of(data), "basecro").is_negative()); });
}

[[maybe_unused]] void store(Data data) {
  refused_or_read([&] { ENSURE(!parse_starting_info("v", data).stake.is_negative()); });
  refused_or_read([&] { ENSURE(!parse_current_rewards("v", data, "basecro").rewards.is_negative()); });
  refused_or_read([&] { ENSURE(!parse_historical_ratio("v", data, "basecro").is_negative()); });
  refused_or_read([&] { static_cast<void>(parse_store_answer("node", text_of(data), base::Bytes{6}, 9)); });
}

[[maybe_unused]] void rest(Data data) {
  const std::string_view text = text_of(data);
  refused_or_read([&] { static_cast<void>(parse_cosmos_block("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_delegations("node", text, "cro1d", "basecro")); });
  refused_or_read([&] {
    for (const UnbondingEntry& entry : parse_unbondings("node", text, "cro1d").items)
      ENSURE(entry.balance <= entry.initial);
  });
  refused_or_read([&] { static_cast<void>(parse_redelegations("node", text, "cro1d")); });
  refused_or_read([&] { static_cast<void>(parse_rewards("node", text, "basecro")); });
  refused_or_read([&] { static_cast<void>(parse_validator("node", text, "v")); });
  refused_or_read([&] { static_cast<void>(parse_validators("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_signing_infos("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_bonded("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_annual_provisions("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_slashes("node", text)); });
  refused_or_read([&] { ENSURE(check(parse_parameters("node", text, text, text)).has_value()); });
  refused_or_read([&] { static_cast<void>(parse_tier_positions("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_search("node", text)); });
}

}  // namespace
}  // namespace navkeeper::staking

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  navkeeper::staking::NAVKEEPER_FUZZ_STAKING({data, size});
  return 0;
}
