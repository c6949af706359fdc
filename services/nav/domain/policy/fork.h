#pragma once
// Forks and airdrops: coins that a holder of a coin may claim without having asked for them. A fund's policy
// says which of three things happens. Nothing enters the NAV without a price from a market input (trap 18).
//
// Precedent (facts 2.4): ETHPoW, fork of 2022-09-15, some 3,059,976 ether held; rights at zero for want of
// observable inputs and of a custodian's support; distribution declared 09-16 to the record date 09-26.
#include <optional>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

enum class ForkPolicy {
  kAbandon,     ///< "abandon": irrevocably given up; nothing in the books
  kDistribute,  ///< "distribute": the rights go to the holders of a record date
  kHoldAtZero,  ///< "hold_at_zero": a lot that costs nothing and is worth nothing until priced
};
std::string_view describe(ForkPolicy policy);
std::optional<ForkPolicy> parse_fork_policy(std::string_view word);

struct Fork {
  std::string id;
  std::string coin;  ///< held
  std::string new_coin;
  int new_decimals = 18;  ///< of its smallest unit
  time::Date date;        ///< of the snapshot
  money::Decimal held;    ///< of `coin` at the snapshot, not negative
  money::Decimal ratio;   ///< new coins for one, positive: 1 for a fork
};

struct RightsDistribution {
  time::Date declared;
  time::Date record;
};

struct ForkDecision {
  ForkPolicy policy = ForkPolicy::kAbandon;
  money::Decimal quantity;                         ///< held x ratio, cut to the new coin's decimals
  std::string memo;                                ///< for the record: what arose and what was done with it
  std::optional<LotReceipt> receipt;               ///< under hold_at_zero: cost 0, as old as the snapshot
  std::optional<EntryDraft> entry;                 ///< likewise: coins against their conversion, no dollars
  std::optional<RightsDistribution> distribution;  ///< under distribute
};
/// Refused: a quantity held that is negative, a ratio not positive, a new coin that is the old one; under
/// distribute no dates, a declaration before the snapshot, a record date before the declaration; under the
/// others, dates.
base::Checked<ForkDecision> decide_fork(ForkPolicy policy, const Fork& fork,
                                        const std::optional<RightsDistribution>& distribution = std::nullopt);

struct RightsPerShare {
  money::Decimal per_share;  ///< new coins a share, cut to the new coin's decimals
  money::Decimal delivered;  ///< per_share x shares
  money::Decimal residue;    ///< quantity - delivered: abandoned, never the adviser's
};
/// Refused: shares not positive or not whole.
base::Checked<RightsPerShare> rights_per_share(const ForkDecision& decision, int new_decimals,
                                               const money::Decimal& shares);

/// A market input for a held coin.
struct ForkPrice {
  time::Date date;
  money::Decimal price;  ///< dollars a coin, positive
  std::string source;    ///< the market or rate it was seen at: never empty
};
/// Dollars at which `quantity` of a coin held at zero stands: 0 without a price, else to the cent, half to
/// even; all of it is unrealised gain until disposed of. Refused: a price not positive, without a source, or
/// older than the fork.
base::Checked<money::Decimal> forked_value(const Fork& fork, const money::Decimal& quantity,
                                           const std::optional<ForkPrice>& price);

}  // namespace navkeeper::nav::policy
