#pragma once
// What lay at a Bitcoin address at a height, from what an index shows of it now. An index has no past: coins
// that came later are left out, coins that were spent later are added back.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody {

/// An output that pays the address.
struct Coin {
  std::string transaction_id;  ///< 64 hexadecimal digits in lower case
  std::uint32_t index = 0;
  Satoshi value;
  std::optional<std::uint64_t> height{};  ///< of its block; nothing: not confirmed
  bool operator==(const Coin&) const = default;
};

/// What a transaction does to the address.
struct AddressTransaction {
  std::string transaction_id;
  std::optional<std::uint64_t> height{};  ///< nothing: not confirmed
  std::vector<Coin> pays{};               ///< its outputs that pay the address
  std::vector<Coin> spends{};             ///< the address' coins that it spends; their height is not known
  std::optional<std::uint32_t> time_s{};  ///< of its block, as the index says
};

/// The index's own counts over all confirmed transactions, up to its tip.
struct AddressTotals {
  Satoshi received;
  Satoshi spent;
  std::uint64_t transactions = 0;
};

struct AddressView {
  std::vector<Coin> unspent;              ///< confirmed or not; none that a waiting transaction spends
  std::vector<AddressTransaction> later;  ///< all above the height asked for, and all that wait
  AddressTotals totals;
};

struct CoinsAtHeight {
  Satoshi balance;          ///< at the height
  Satoshi unconfirmed_in;   ///< waiting to come in
  Satoshi unconfirmed_out;  ///< waiting to go out
  bool operator==(const CoinsAtHeight&) const = default;
};

/// Refused when the view contradicts itself: a coin twice, a coin that came later without its transaction
/// (a page is missing), an output that is neither unspent nor spent, or coins that do not add up to the
/// index's own totals.
base::Checked<CoinsAtHeight> coins_at(std::uint64_t height, const AddressView& view);

}  // namespace navkeeper::custody
