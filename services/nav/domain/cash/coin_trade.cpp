#include "services/nav/domain/cash/coin_trade.h"

#include <set>

#include "common/base/ensure.h"
#include "common/money/split.h"

namespace navkeeper::nav::cash {

using money::Decimal;

namespace {
constexpr int kCents = 2;
}

std::string_view describe(TradeSide side) { return side == TradeSide::kBuy ? "buy" : "sell"; }

std::string_view describe(TradePurpose purpose) {
  switch (purpose) {
    case TradePurpose::kOrder:
      return "order";
    case TradePurpose::kRebalancing:
      return "rebalancing";
    case TradePurpose::kExpense:
      return "expense";
  }
  ENSURE(false);
}

base::Checked<void> check_trade(const CoinTrade& trade) {
  if (!trade.quantity.is_positive()) return base::Refusal{"quantity", "is not positive"};
  if (trade.limit && !trade.limit->is_positive()) return base::Refusal{"limit", "is not positive"};
  if (trade.counterparty.empty()) return base::Refusal{"counterparty", "is empty"};
  if (trade.settlement_days < 0 || trade.settlement_days > kSettlementDaysMax)
    return base::Refusal{"settlement_days", "is not between 0 and " + std::to_string(kSettlementDaysMax)};
  if (trade.fee_bps_max && (*trade.fee_bps_max < 0 || *trade.fee_bps_max > kFeeBpsMax))
    return base::Refusal{"fee_bps_max", "is not between 0 and " + std::to_string(kFeeBpsMax)};
  if ((trade.purpose == TradePurpose::kOrder) == trade.allocations.empty())
    return base::Refusal{"allocations", trade.allocations.empty() ? "a trade for orders names none"
                                                                  : "only a trade for orders has them"};
  Decimal sum;
  std::set<std::string> orders;
  for (const TradeAllocation& part : trade.allocations) {
    if (part.order.empty()) return base::Refusal{"allocations", "one names no order"};
    if (!orders.insert(part.order).second)
      return base::Refusal{"allocations", "order " + part.order + " is named twice"};
    if (!part.quantity.is_positive())
      return base::Refusal{"allocations", "order " + part.order + " is given nothing"};
    sum += part.quantity;
  }
  if (!trade.allocations.empty() && sum != trade.quantity)
    return base::Refusal{"allocations",
                         "add up to " + sum.to_string() + ", not to " + trade.quantity.to_string()};
  return {};
}

Decimal cash_of(const CoinTrade& trade, const Execution& execution) {
  const Decimal gross =
      money::multiply(execution.quantity, execution.price, kCents, money::Rounding::kHalfUp);
  return trade.side == TradeSide::kBuy ? gross + execution.fee : gross - execution.fee;
}

base::Checked<void> check_execution(const CoinTrade& trade, const Execution& execution,
                                    const Decimal& executed) {
  if (execution.date != trade.date)
    return base::Refusal{"date",
                         execution.date.to_string() + " is not the trade's, " + trade.date.to_string()};
  if (!execution.quantity.is_positive()) return base::Refusal{"quantity", "is not positive"};
  if (!execution.price.is_positive()) return base::Refusal{"price", "is not positive"};
  if (execution.fee.is_negative() || execution.fee.scale() > kCents)
    return base::Refusal{"fee", "is negative or has more than two decimals"};
  if (executed + execution.quantity > trade.quantity)
    return base::Refusal{"quantity", execution.quantity.to_string() + " is more than is left of the trade, " +
                                         (trade.quantity - executed).to_string()};
  const bool is_beyond = trade.limit && (trade.side == TradeSide::kBuy ? execution.price > *trade.limit
                                                                       : execution.price < *trade.limit);
  if (is_beyond)
    return base::Refusal{"price",
                         execution.price.to_string() + " is beyond the limit " + trade.limit->to_string()};
  const int fee_bps = trade.fee_bps_max.value_or(kFeeBpsMaxDefault);
  const Decimal gross =
      money::multiply(execution.quantity, execution.price, kCents, money::Rounding::kHalfUp);
  const Decimal fee_most = money::multiply(gross, Decimal::of(fee_bps, 4), kCents, money::Rounding::kHalfUp);
  if (execution.fee > fee_most)
    return base::Refusal{
        "fee", execution.fee.to_string() + " is above " + std::to_string(fee_bps) +
                   " basis points of what was traded, " + fee_most.to_fixed(kCents) +
                   (trade.fee_bps_max ? ": fee_bps_max of the trade" : ": the trade names no fee_bps_max")};
  if (!cash_of(trade, execution).is_positive())
    return base::Refusal{"fee", "leaves no dollars to change hands"};
  return {};
}

std::vector<std::string> differences(const CoinTrade& trade, const Execution& execution,
                                     time::Date settlement_date, const Confirmation& confirmation) {
  std::vector<std::string> found;
  const auto compare = [&](const char* what, const std::string& ours, const std::string& theirs) {
    if (ours != theirs) found.push_back(std::string(what) + ": ours " + ours + ", theirs " + theirs);
  };
  compare("side", std::string(describe(trade.side)), std::string(describe(confirmation.side)));
  compare("asset", trade.asset, confirmation.asset);
  compare("quantity", execution.quantity.to_string(), confirmation.quantity.to_string());
  compare("price", execution.price.to_string(), confirmation.price.to_string());
  compare("cash", cash_of(trade, execution).to_string(), confirmation.cash.to_string());
  compare("trade date", execution.date.to_string(), confirmation.trade_date.to_string());
  compare("settlement date", settlement_date.to_string(), confirmation.settlement_date.to_string());
  return found;
}

std::vector<AllocatedPart> allocate(const CoinTrade& trade, const std::vector<Execution>& before,
                                    const Execution& execution, int asset_decimals) {
  std::vector<AllocatedPart> parts;
  if (trade.allocations.empty()) return parts;
  std::vector<Decimal> weights;
  for (const TradeAllocation& one : trade.allocations) weights.push_back(one.quantity);
  Decimal quantity_before, cash_before;
  for (const Execution& one : before) {
    quantity_before += one.quantity;
    cash_before += cash_of(trade, one);
  }
  const auto step = [&](const Decimal& from, const Decimal& by, int decimals) {
    auto now = money::split(from + by, weights, decimals, 0);
    const auto then = money::split(from, weights, decimals, 0);
    for (std::size_t i = 0; i < now.size(); ++i) now[i] -= then[i];
    return now;
  };
  const auto quantities = step(quantity_before, execution.quantity, asset_decimals);
  const auto dollars = step(cash_before, cash_of(trade, execution), kCents);
  for (std::size_t i = 0; i < trade.allocations.size(); ++i)
    parts.push_back({trade.allocations[i].order, quantities[i], dollars[i]});
  return parts;
}

}  // namespace navkeeper::nav::cash
