// The parsers of what a beacon node tells staking, on any bytes, one target each (NAVKEEPER_FUZZ_BEACON):
// what is refused says why; what is read keeps its rules, and books can be kept of it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/staking/adapters/ether/beacon_wire.h"

namespace navkeeper::staking::ether {
namespace {

constexpr Epoch kEpoch = 450'000;

template <class Read>
[[maybe_unused]] void refused_or_read(Read&& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    ENSURE(!refused.refusal().rule.empty());
  }
}

/// States and queues, and the books between an empty state and what was read.
[[maybe_unused]] void state(std::string_view text) {
  Standing standing;
  EtherReading reading;
  reading.mark.height = kEpoch * kSlotsPerEpoch;
  refused_or_read([&] { static_cast<void>(parse_genesis("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_syncing("node", text)); });
  refused_or_read([&] { ENSURE(parse_finality("node", text).epoch < (Epoch{1} << 33)); });
  refused_or_read([&] { ENSURE(parse_state_root("node", text, standing).size() == 66); });
  refused_or_read([&] {
    reading.validators = parse_validators("node", text, {"1", "2", "500001"}, kEpoch).validators;
    for (const OwnValidator& one : reading.validators)
      ENSURE(one.validator.effective % kIncrement == 0 && one.pubkey.size() == 98);
  });
  refused_or_read([&] { reading.deposits = parse_pending_deposits("node", text, standing); });
  refused_or_read([&] { reading.partials = parse_pending_partials("node", text, standing); });
  refused_or_read([&] { reading.consolidations = parse_pending_consolidations("node", text, standing); });
  EtherReading before;
  before.mark.height = reading.mark.height - kSlotsPerEpoch;
  const model::AssetId ether = model::AssetId::literal("ETH");
  static_cast<void>(keep_books("node", ether, before, reading, {}));
  static_cast<void>(positions_of("node", ether, reading, [](Epoch) { return std::nullopt; }));
}

/// Blocks and what duties earned.
[[maybe_unused]] void flows(std::string_view text) {
  EtherFlows seen;
  refused_or_read([&] {
    const BlockAnswer block = parse_block("node", text);
    ENSURE(block.fee_recipient.size() == 42);
    for (std::size_t i = 1; i < block.withdrawals.size(); ++i)
      ENSURE(block.withdrawals[i].number == block.withdrawals[i - 1].number + 1);
    seen.withdrawals = block.withdrawals;
    seen.deposits = block.deposits;
  });
  refused_or_read([&] {
    seen.attestations = parse_attestation_rewards("node", text, kEpoch, {1, 2}).rewards;
    ENSURE(seen.attestations.size() == 2);
  });
  refused_or_read([&] { ENSURE(parse_sync_rewards("node", text, 7, {1, 2}).size() == 2); });
  refused_or_read([&] { seen.proposals = {parse_block_rewards("node", text, kEpoch * kSlotsPerEpoch, 1)}; });
  refused_or_read([&] { ENSURE(!parse_sync_committee("node", text).empty()); });
  EtherReading from, to;
  to.mark.height = kEpoch * kSlotsPerEpoch;
  from.mark.height = to.mark.height - kSlotsPerEpoch;
  for (const std::uint64_t index : {1U, 2U}) {
    from.validators.push_back(
        {.validator = {.index = index, .balance = kMinActivation}, .pubkey = "", .pays_to = ""});
    to.validators.push_back(from.validators.back());
  }
  static_cast<void>(keep_books("node", model::AssetId::literal("ETH"), from, to, seen));
}

}  // namespace
}  // namespace navkeeper::staking::ether

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  navkeeper::staking::ether::NAVKEEPER_FUZZ_BEACON({reinterpret_cast<const char*>(data), size});
  return 0;
}
