#pragma once
// Liquid-staking tokens. A value-accruing one is worth more and more of its coin: that is unrealised
// appreciation of the token, unless the fund's policy takes the rise of its rate as income (facts 8: an
// auditor's judgement). Putting a coin into one is a disposal of the coin and a purchase of the token
// (facts 2.1). A rebasing one yields units: those are rewards (income_recognition.h).
#include <optional>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

enum class AccretionPolicy { kUnrealised, kIncome };
std::string_view describe(AccretionPolicy policy);  ///< "unrealised", "income"
std::optional<AccretionPolicy> parse_accretion_policy(std::string_view word);

struct Accretion {
  std::string token;
  time::Date date;
  money::Decimal quantity;     ///< tokens held over the whole of it, not negative
  money::Decimal rate_before;  ///< coins a token, positive
  money::Decimal rate_after;
  money::Decimal coin_price;  ///< dollars a coin, positive
};

struct AccretionDecision {
  /// Dollars of the rate's change at today's coin price, to the cent, half to even; negative where it fell.
  money::Decimal from_rate;
  money::Decimal income;            ///< from_rate under kIncome where it rose; else 0
  money::Decimal loss;              ///< positive: a fall under kIncome, as a penalty
  std::optional<EntryDraft> entry;  ///< under kIncome: income against the token's cost
  /// Dollars by which the cost of the token's lots changes; the books spread it by quantity, remainder to the
  /// oldest.
  money::Decimal cost_change;
};

/// Refused: a rate or price not positive, a negative quantity.
base::Checked<AccretionDecision> accrete(AccretionPolicy policy, const Accretion& accretion);

struct LiquidStakingSwap {
  std::string source_id;
  time::Date date;
  std::string coin;
  money::Decimal coins_in;    ///< whole coins given, positive
  money::Decimal coin_price;  ///< dollars a coin, positive
  std::string token;
  money::Decimal tokens_out;  ///< tokens got, positive
};

/// Given and got at one value, that of the coins given to the cent, half to even: the books realise it
/// against the coins' lots, and it is the cost of the token's new lot. No gain arises from the token itself.
struct SwapDecision {
  CoinDelivery delivery;
  LotReceipt receipt;
};
/// Refused: a quantity or price not positive, a token that is the coin.
base::Checked<SwapDecision> swap_into(const LiquidStakingSwap& swap);

}  // namespace navkeeper::nav::policy
