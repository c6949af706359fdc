#include "services/nav/domain/policy/fork.h"

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/domain/policy/income_recognition.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rounding;

std::string where_of(const Fork& fork) { return "fork '" + fork.id + "'"; }

}  // namespace

std::string_view describe(ForkPolicy policy) {
  switch (policy) {
    case ForkPolicy::kAbandon:
      return "abandon";
    case ForkPolicy::kDistribute:
      return "distribute";
    case ForkPolicy::kHoldAtZero:
      return "hold_at_zero";
  }
  ENSURE(false);
}

std::optional<ForkPolicy> parse_fork_policy(std::string_view word) {
  for (const ForkPolicy policy : {ForkPolicy::kAbandon, ForkPolicy::kDistribute, ForkPolicy::kHoldAtZero}) {
    if (describe(policy) == word) return policy;
  }
  return std::nullopt;
}

base::Checked<ForkDecision> decide_fork(ForkPolicy policy, const Fork& fork,
                                        const std::optional<RightsDistribution>& distribution) {
  return base::checked([&] {
    const std::string where = where_of(fork);
    if (fork.held.is_negative()) base::refuse(where, "quantity held is negative");
    if (!fork.ratio.is_positive()) base::refuse(where, "ratio is not positive");
    if (fork.coin == fork.new_coin) base::refuse(where, "the new coin is the old one");
    ForkDecision decision;
    decision.policy = policy;
    decision.quantity = money::multiply(fork.held, fork.ratio, fork.new_decimals, Rounding::kDown);
    const std::string rights = decision.quantity.to_string() + " " + fork.new_coin + " for " +
                               fork.held.to_string() + " " + fork.coin + " of " + fork.date.to_string();
    switch (policy) {
      case ForkPolicy::kAbandon:
        if (distribution) base::refuse(where, "has dates of a distribution, but the fund abandons");
        decision.memo = rights + ": abandoned";
        break;
      case ForkPolicy::kDistribute:
        if (!distribution) base::refuse(where, "the fund distributes, but there are no dates");
        if (distribution->declared < fork.date) base::refuse(where, "is declared before its snapshot");
        if (distribution->record < distribution->declared)
          base::refuse(where, "its record date is before its declaration");
        decision.memo = rights + ": rights at zero to the holders of " + distribution->record.to_string();
        decision.distribution = distribution;
        break;
      case ForkPolicy::kHoldAtZero:
        if (distribution) base::refuse(where, "has dates of a distribution, but the fund holds");
        decision.memo = rights + ": held at zero until priced";
        if (decision.quantity.is_positive()) {
          decision.receipt = LotReceipt{fork.new_coin, decision.quantity, {}, fork.date};
          decision.entry = entry_on(fork.date, "fork/" + fork.id, decision.memo)
                               .debit(coin_account(fork.new_coin), fork.new_coin, decision.quantity)
                               .credit(coin_conversion(fork.new_coin), fork.new_coin, decision.quantity);
        }
        break;
    }
    return decision;
  });
}

base::Checked<RightsPerShare> rights_per_share(const ForkDecision& decision, int new_decimals,
                                               const Decimal& shares) {
  return base::checked([&] {
    if (!shares.is_positive()) base::refuse("rights per share", "shares are not positive");
    if (shares.scale() != 0) base::refuse("rights per share", "shares are not whole");
    RightsPerShare rights;
    rights.per_share = money::divide(decision.quantity, shares, new_decimals, Rounding::kDown);
    rights.delivered = rights.per_share * shares;
    rights.residue = decision.quantity - rights.delivered;
    return rights;
  });
}

base::Checked<Decimal> forked_value(const Fork& fork, const Decimal& quantity,
                                    const std::optional<ForkPrice>& price) {
  return base::checked([&] {
    if (!price) return Decimal{};
    if (!price->price.is_positive()) base::refuse(where_of(fork), "price is not positive");
    if (price->source.empty()) base::refuse(where_of(fork), "price has no source");
    if (price->date < fork.date) base::refuse(where_of(fork), "price is older than the fork");
    return money::multiply(quantity, price->price, kDollarDecimals, Rounding::kHalfEven);
  });
}

}  // namespace navkeeper::nav::policy
