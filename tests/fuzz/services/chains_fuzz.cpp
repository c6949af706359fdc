// The parsers of what nodes of chains answer, on any bytes, one target each (NAVKEEPER_FUZZ_CHAIN): what is
// refused says why; what is read, writing gives again; no made-up proof holds.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/chains/beacon_wire.h"
#include "services/custody/adapters/chains/bitcoind_wire.h"
#include "services/custody/adapters/chains/cosmos_transfers_wire.h"
#include "services/custody/adapters/chains/cosmos_wire.h"
#include "services/custody/adapters/chains/esplora_wire.h"
#include "services/custody/adapters/chains/execution_wire.h"
#include "services/custody/adapters/chains/transfers_wire.h"
#include "services/custody/domain/chains/rlp.h"

namespace navkeeper::custody {
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

[[maybe_unused]] void rlp(Data data) {
  const auto item = parse_rlp(data);
  if (item.has_error()) return;
  ENSURE(item->encoded.size() == data.size());
  if (!item->is_list) {
    const base::Bytes again = rlp_string(item->payload);
    ENSURE(std::equal(again.begin(), again.end(), data.begin(), data.end()));
    return;
  }
  const auto items = rlp_items(*item, data.size());
  if (items.has_error()) return;
  std::vector<base::Bytes> encoded;
  for (const RlpItem& inner : *items) encoded.emplace_back(inner.encoded.begin(), inner.encoded.end());
  const base::Bytes again = rlp_list(encoded);
  ENSURE(std::equal(again.begin(), again.end(), data.begin(), data.end()));
}

/// The bytes, cut at each 0xff, as the nodes of a proof whose first node is the root.
[[maybe_unused]] void proof(Data data) {
  std::vector<base::Bytes> nodes(1);
  for (const std::uint8_t byte : data) {
    if (byte == 0xff)
      nodes.emplace_back();
    else
      nodes.back().push_back(byte);
  }
  const EthereumAddress address{};
  const auto any = prove_account(crypto::keccak256(std::string_view("a root")), address, nodes);
  ENSURE(any.has_error());
  // Whatever the nodes are, the first one may be a root: the walk ends, with an answer or a reason.
  const auto own = prove(crypto::keccak256(nodes[0]), address.bytes, nodes);
  ENSURE(!own.has_error() || !own.error().rule.empty());
  refused_or_read([&] {
    const auto value = json::parse(text_of(data));
    if (value.has_error()) return;
    static_cast<void>(parse_execution_block("node", *value, true));
    static_cast<void>(parse_account_proof("node", *value));
    static_cast<void>(parse_token_transfers("node", *value, address, 0, 10));
  });
}

[[maybe_unused]] void transfers(Data data) {
  const auto value = json::parse(text_of(data));
  if (value.has_error()) return;
  refused_or_read([&] {
    for (const BlockTransaction& one : parse_block_transfers("node", *value).transactions)
      ENSURE(one.value_wei >= 0);
  });
  refused_or_read([&] { ENSURE(parse_receipt("node", *value, {}, {}).fee_wei >= 0); });
}

[[maybe_unused]] void esplora(Data data) {
  const std::string_view text = text_of(data);
  refused_or_read([&] { static_cast<void>(parse_esplora_address("node", text, "bc1q")); });
  refused_or_read([&] { static_cast<void>(parse_esplora_block("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_bare_height("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_bare_hash("node", text)); });
  refused_or_read([&] {
    AddressView view;
    view.unspent = parse_esplora_coins("node", text);
    static_cast<void>(coins_at(100, view));
  });
  refused_or_read([&] {
    AddressView view;
    view.later = parse_esplora_transactions("node", text, base::Bytes{0x51});
    static_cast<void>(coins_at(100, view));
  });
  refused_or_read([&] {
    const auto value = json::parse(text);
    if (value.has_error()) return;
    static_cast<void>(parse_scan("node", *value, {base::Bytes{0x51}}));
    static_cast<void>(parse_block_spends("node", *value, {base::Bytes{0x51}}));
    static_cast<void>(parse_block_header("node", *value));
  });
}

[[maybe_unused]] void beacon(Data data) {
  const std::string_view text = text_of(data);
  refused_or_read([&] { static_cast<void>(parse_validators("node", text, {"1", "2"})); });
  refused_or_read([&] { static_cast<void>(parse_pending_deposits("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_pending_partials("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_blinded_block("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_finality("node", text)); });
}

[[maybe_unused]] void cosmos(Data data) {
  const std::string_view text = text_of(data);
  refused_or_read([&] { static_cast<void>(parse_bank_page("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_delegations_page("node", text, "cro1a", "basecro")); });
  refused_or_read([&] { static_cast<void>(parse_unbondings_page("node", text, "cro1a")); });
  refused_or_read([&] { ENSURE(!parse_rewards("node", text, "basecro").is_negative()); });
  refused_or_read([&] { static_cast<void>(parse_positions_page("node", text, "cro1a")); });
  refused_or_read([&] { static_cast<void>(parse_bonus("node", text, "basecro")); });
  refused_or_read([&] { static_cast<void>(parse_cosmos_block("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_transaction_search("node", text)); });
  refused_or_read([&] { static_cast<void>(parse_block_search("node", text)); });
  refused_or_read([&] {
    const CosmosBlockTransfers read = parse_cosmos_transfers("node", text, "basecro");
    for (const CosmosTransfer& one : read.block) ENSURE(one.amount.count() >= 0);
  });
}

}  // namespace
}  // namespace navkeeper::custody

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  navkeeper::custody::NAVKEEPER_FUZZ_CHAIN({data, size});
  return 0;
}
