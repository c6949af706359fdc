#pragma once
// A part of reconcile(): what books, custodians and chains say, gathered by asset and place. Each balance is
// rolled to the reconciliation's instant by what its source moved in between.
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/custody/domain/reconciliation.h"

namespace navkeeper::custody::reconciling {

/// What the sources of one kind say of one asset and place.
struct Figure {
  bool is_there = false;
  money::Decimal total;
  StateFigures states;
  std::vector<std::string> unsure = {};
  int rolled = 0;  ///< movements between the balance's instant and the reconciliation's
  bool has_omnibus_stake = false;
  bool has_stake = false;
  bool is_silent = false;  ///< one of them does not list what moves
  bool is_mapped = false;  ///< somebody said, or the books' own names say, that this place is there
  std::map<const Balance*, money::Decimal> totals = {};  ///< of which total is the sum
};

struct Group {
  const BookPosition* books = nullptr;
  Figure custodian, chain;
  Figure own;  ///< on the chain, at the fund's own keys
  std::vector<const CoinMovement*> booked, pending, custodian_moved, chain_moved, own_moved, under_way;
  std::vector<const SegregatedAddress*> segregated = {};
  bool has_others_too = false;  ///< an address there holds other clients' coins too
};

using Key = std::pair<std::string_view, std::string_view>;  // asset, place

/// `sum` and `amount`; nothing while neither is stated.
void add(std::optional<money::Decimal>& sum, const std::optional<money::Decimal>& amount);

/// Points into `input` and `terms`, which must outlive it.
std::map<Key, Group> gather(const ReconciliationInput& input, const ReconciliationTerms& terms);

}  // namespace navkeeper::custody::reconciling
