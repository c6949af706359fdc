#include "services/nav/domain/dealing/funding_plan.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "services/nav/domain/dealing/basket.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;
using money::Rounding;

class Planner {
 public:
  Planner(const FundingNeed& need, FundingSight& sight)
      : sight_(sight), left_(need.quantity), plan_{need, {}, {}} {
    ENSURE(need.quantity.is_positive());
    if (need.commodity == "USD") return;
    needed_ = find(need.commodity);
    ENSURE(needed_ != nullptr && needed_->price.is_positive());
  }

  void use(FundingSource source) {
    switch (source) {
      case FundingSource::kCash:
        return dollars(source, sight_.free_cash, needed_ == nullptr ? "of the fund" : "buys the coins");
      case FundingSource::kSale:
        return sell();
      case FundingSource::kCreditLine:
        return dollars(source, sight_.credit_line, needed_ == nullptr ? "drawn" : "drawn, buys the coins");
      case FundingSource::kUnstaking:
        return unstake();
      case FundingSource::kCashInLieu:
        return settle_in_dollars();
    }
  }

  FundingPlan take() {
    plan_.uncovered = left_;
    return std::move(plan_);
  }

 private:
  FundingCoins* find(const std::string& asset) {
    for (FundingCoins& coins : sight_.coins) {
      if (coins.asset.value() == asset) return &coins;
    }
    return nullptr;
  }
  /// Dollars that the rest of the need costs, up to the cent.
  Decimal cost_of_rest() const {
    return needed_ == nullptr ? left_ : money::multiply(left_, needed_->price, kCents, Rounding::kUp);
  }
  /// What so many dollars cover of the need, and never more than the rest.
  Decimal covered_by(const Decimal& dollars) const {
    if (needed_ == nullptr) return std::min(dollars, left_);
    return std::min(left_,
                    money::divide(dollars, needed_->price, needed_->transfer_decimals, Rounding::kDown));
  }
  void add(FundingSource source, const std::string& commodity, const Decimal& quantity, const Decimal& covers,
           std::string note) {
    if (covers.is_zero()) return;
    plan_.steps.push_back({source, commodity, quantity, covers, std::move(note)});
    left_ -= covers;
  }

  void dollars(FundingSource source, Decimal& from, std::string note) {
    const Decimal used = std::min(from, cost_of_rest());
    const Decimal covers = covered_by(used);
    if (!used.is_positive() || covers.is_zero()) return;
    from -= used;
    add(source, "USD", used, covers, std::move(note));
  }

  void sell() {
    for (FundingCoins& coins : sight_.coins) {
      if (&coins == needed_ || !coins.free.is_positive() || !left_.is_positive()) continue;
      const Decimal cost = cost_of_rest();
      Decimal quantity = money::divide(cost, coins.price, coins.transfer_decimals, Rounding::kUp);
      quantity = std::min(quantity, coins.free.rounded(coins.transfer_decimals, Rounding::kDown));
      const Decimal proceeds =
          std::min(cost, money::multiply(quantity, coins.price, kCents, Rounding::kDown));
      const Decimal covers = covered_by(proceeds);
      if (covers.is_zero()) continue;
      coins.free -= quantity;
      add(FundingSource::kSale, coins.asset.value(), quantity, covers,
          needed_ == nullptr ? "sold" : "sold, the dollars buy the coins");
    }
  }

  void unstake() {
    for (FundingCoins& coins : sight_.coins) {
      const bool is_meant = needed_ == nullptr || &coins == needed_;
      if (!is_meant || !coins.unbonding_days || *coins.unbonding_days > sight_.days_to_settlement) continue;
      const Decimal there = coins.staked.rounded(coins.transfer_decimals, Rounding::kDown);
      if (!there.is_positive() || !left_.is_positive()) continue;
      Decimal quantity = left_;
      Decimal covers = left_;
      if (needed_ != nullptr) {
        quantity = covers = std::min(left_, there);
      } else {
        quantity = std::min(there, money::divide(left_, coins.price, coins.transfer_decimals, Rounding::kUp));
        covers = std::min(left_, money::multiply(quantity, coins.price, kCents, Rounding::kDown));
      }
      if (covers.is_zero()) continue;
      coins.staked -= quantity;
      add(FundingSource::kUnstaking, coins.asset.value(), quantity, covers,
          needed_ == nullptr ? "back by settlement, then sold" : "back by settlement");
    }
  }

  void settle_in_dollars() {
    if (needed_ == nullptr || !sight_.is_in_kind || !left_.is_positive()) return;
    add(FundingSource::kCashInLieu, needed_->asset.value(), left_, left_,
        "the participant takes their value in dollars; a second person agrees");
  }

  FundingSight& sight_;
  FundingCoins* needed_ = nullptr;
  Decimal left_;
  FundingPlan plan_;
};

}  // namespace

FundingPlan plan_funding(const FundingNeed& need, const std::vector<FundingSource>& order,
                         FundingSight& sight) {
  Planner planner(need, sight);
  for (const FundingSource source : order) planner.use(source);
  return planner.take();
}

}  // namespace navkeeper::nav::dealing
