#include "services/nav/domain/policy/liquid_staking.h"

#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/money/rational.h"
#include "services/nav/domain/policy/income_recognition.h"

namespace navkeeper::nav::policy {

using money::Decimal;
using money::Rounding;

std::string_view describe(AccretionPolicy policy) {
  switch (policy) {
    case AccretionPolicy::kUnrealised:
      return "unrealised";
    case AccretionPolicy::kIncome:
      return "income";
  }
  ENSURE(false);
}

std::optional<AccretionPolicy> parse_accretion_policy(std::string_view word) {
  for (const AccretionPolicy policy : {AccretionPolicy::kUnrealised, AccretionPolicy::kIncome}) {
    if (describe(policy) == word) return policy;
  }
  return std::nullopt;
}

base::Checked<AccretionDecision> accrete(AccretionPolicy policy, const Accretion& accretion) {
  return base::checked([&] {
    const std::string where = "accretion of " + accretion.token + " on " + accretion.date.to_string();
    if (accretion.quantity.is_negative()) base::refuse(where, "quantity is negative");
    if (!accretion.rate_before.is_positive() || !accretion.rate_after.is_positive())
      base::refuse(where, "a rate is not positive");
    if (!accretion.coin_price.is_positive()) base::refuse(where, "price is not positive");
    AccretionDecision decision;
    decision.from_rate =
        (money::Rational(accretion.quantity) * money::Rational(accretion.rate_after - accretion.rate_before) *
         money::Rational(accretion.coin_price))
            .rounded(kDollarDecimals, Rounding::kHalfEven);
    if (policy == AccretionPolicy::kUnrealised || decision.from_rate.is_zero()) return decision;
    EntryDraft entry =
        entry_on(accretion.date, "accretion/" + accretion.token + "/" + accretion.date.to_string(),
                 accretion.token + " rate");
    entry.debit(coin_conversion(accretion.token), kDollars, decision.from_rate);
    if (decision.from_rate.is_positive()) {
      decision.income = decision.from_rate;
      entry.credit(reward_income_account("liquid staking"), kDollars, decision.income);
    } else {
      decision.loss = -decision.from_rate;
      entry.debit("Expenses:Penalties", kDollars, decision.loss);
    }
    decision.cost_change = decision.from_rate;
    decision.entry = std::move(entry);
    return decision;
  });
}

base::Checked<SwapDecision> swap_into(const LiquidStakingSwap& swap) {
  return base::checked([&] {
    const std::string where = "swap '" + swap.source_id + "' of " + swap.coin + " into " + swap.token;
    if (swap.coin == swap.token) base::refuse(where, "gives and takes the same asset");
    if (!swap.coins_in.is_positive()) base::refuse(where, "quantity given is not positive");
    if (!swap.tokens_out.is_positive()) base::refuse(where, "quantity received is not positive");
    if (!swap.coin_price.is_positive()) base::refuse(where, "price is not positive");
    const Decimal value =
        money::multiply(swap.coins_in, swap.coin_price, kDollarDecimals, Rounding::kHalfEven);
    return SwapDecision{{swap.coin, swap.coins_in, value, DeliveryCause::kSwap},
                        {swap.token, swap.tokens_out, value, swap.date}};
  });
}

}  // namespace navkeeper::nav::policy
