#include "services/custody/domain/chains/bitcoin_coins.h"

#include <map>
#include <set>
#include <utility>

namespace navkeeper::custody {
namespace {

using OutputName = std::pair<std::string, std::uint32_t>;

OutputName name_of(const Coin& coin) { return {coin.transaction_id, coin.index}; }
std::string shown(const OutputName& name) { return name.first + ":" + std::to_string(name.second); }

base::Refusal contradiction(std::string rule) { return {"coins", std::move(rule)}; }

/// What the transactions above the height do, each coin by its name.
struct Later {
  std::set<std::string> confirmed;
  std::set<std::string> waiting;
  std::map<OutputName, Coin> paid;
  std::map<OutputName, Satoshi> spent;
  std::map<OutputName, Satoshi> spent_waiting;
};

base::Checked<Later> later_of(std::uint64_t height, const AddressView& view) {
  Later later;
  for (const AddressTransaction& transaction : view.later) {
    if (transaction.height && *transaction.height <= height) continue;
    auto& ids = transaction.height ? later.confirmed : later.waiting;
    if (!ids.insert(transaction.transaction_id).second)
      return contradiction("transaction " + transaction.transaction_id + " comes twice");
    for (const Coin& coin : transaction.pays) later.paid.emplace(name_of(coin), coin);
    for (const Coin& coin : transaction.spends) {
      if (!later.spent.emplace(name_of(coin), coin.value).second)
        return contradiction("output " + shown(name_of(coin)) + " is spent twice");
      if (!transaction.height) later.spent_waiting.emplace(name_of(coin), coin.value);
    }
  }
  return later;
}

/// Each coin above the height belongs to a transaction that is listed, and each output listed has its end.
std::optional<base::Refusal> hole_in(std::uint64_t height, const Later& later,
                                     const std::map<OutputName, Coin>& unspent) {
  for (const auto& [name, coin] : unspent) {
    if (coin.height && *coin.height <= height) continue;
    const auto found = later.paid.find(name);
    if (found == later.paid.end())
      return contradiction("output " + shown(name) +
                           " came later than the height, and its transaction is not listed");
    if (found->second.value != coin.value) return contradiction("output " + shown(name) + " has two values");
  }
  for (const auto& [name, coin] : later.paid) {
    if (unspent.contains(name) == later.spent.contains(name))
      return contradiction(
          "output " + shown(name) +
          (unspent.contains(name) ? " is listed as unspent and as spent" : " is neither unspent nor spent"));
  }
  for (const auto& [name, value] : later.spent) {
    if (unspent.contains(name))
      return contradiction("output " + shown(name) + " is listed as unspent and as spent");
  }
  return std::nullopt;
}

}  // namespace

base::Checked<CoinsAtHeight> coins_at(std::uint64_t height, const AddressView& view) {
  const auto later = later_of(height, view);
  if (later.has_error()) return later.error();
  std::map<OutputName, Coin> unspent;
  for (const Coin& coin : view.unspent) {
    if (!unspent.emplace(name_of(coin), coin).second)
      return contradiction("output " + shown(name_of(coin)) + " comes twice");
  }
  if (auto hole = hole_in(height, *later, unspent)) return *std::move(hole);

  CoinsAtHeight coins;
  Satoshi at_tip;
  for (const auto& [name, coin] : unspent) {
    if (coin.height && *coin.height <= height) coins.balance += coin.value;
    if (coin.height)
      at_tip += coin.value;
    else
      coins.unconfirmed_in += coin.value;
  }
  for (const auto& [name, value] : later->spent) {
    if (!later->confirmed.contains(name.first) && !later->waiting.contains(name.first))
      coins.balance += value;
  }
  for (const auto& [name, value] : later->spent_waiting) {
    if (later->waiting.contains(name.first)) continue;
    at_tip += value;  // Still the address' own until the spending is confirmed.
    coins.unconfirmed_out += value;
  }
  const Satoshi stated = view.totals.received - view.totals.spent;
  if (at_tip != stated)
    return contradiction("the coins at the tip sum to " + money::to_string(at_tip.count()) +
                         " satoshi and the index's own totals to " + money::to_string(stated.count()));
  return coins;
}

}  // namespace navkeeper::custody
