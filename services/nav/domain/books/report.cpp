// The figures that the books give.
#include "common/money/overflow.h"
#include "services/nav/domain/books/books.h"

namespace navkeeper::nav::books {

/// Quantity × price, rounded to the cent, half to even (contracts, "books compute"). The holding is priced or
/// empty.
Units Books::value_of(const Holding& holding) const {
  const Units quantity = holding.lots.quantity();
  if (quantity.is_zero()) return {};
  const int decimals = chart_.commodities()[holding.commodity].decimals;
  const auto value = Units::from(money::multiply(quantity.to_decimal(decimals), *holding.price,
                                                 kDollarDecimals, money::Rounding::kHalfEven),
                                 kDollarDecimals);
  if (!value) throw money::OverflowError("the value of a position needs more than 128 bits");
  return *value;
}

std::optional<Units> Books::net_assets() const {
  Units net = cash_;
  for (const Holding& holding : holdings_) {
    if (holding.lots.quantity().is_zero()) continue;
    if (!holding.price) return std::nullopt;
    net += value_of(holding);
  }
  for (const Fee& fee : fees_) net -= fee.payable;
  return net;
}

Decided<Report> Books::report() const {
  try {
    Report report;
    report.cash = cash_;
    report.shares = shares_;
    report.realised_gain = gains_;
    report.net_assets = net_assets();
    for (const Fee& fee : fees_) {
      if (!fee.payable.is_zero()) report.liabilities.push_back({fee.name, fee.payable});
    }
    for (const Income& income : income_) report.income.push_back({income.source, income.amount});
    for (const LineIndex line : chart_.in_order()) report.trial_balance.push_back({line, balances_[line]});
    for (const Holding& holding : holdings_) {
      const Units quantity = holding.lots.quantity();
      const Units cost = holding.lots.cost();
      const bool is_valued = quantity.is_zero() || holding.price.has_value();
      const std::optional<Units> value = is_valued ? std::optional(value_of(holding)) : std::nullopt;
      if (!quantity.is_zero()) report.positions.push_back({holding.commodity, quantity, cost, value});
      RollForward roll;
      roll.asset = holding.commodity;
      roll.additions = holding.additions;
      roll.disposals = holding.disposals;
      for (const RollForward::Flow& flow : holding.disposals) roll.realised += flow.value - flow.cost;
      if (value) roll.change_in_unrealised = *value - cost;
      roll.closing_quantity = quantity;
      roll.closing_cost = cost;
      roll.closing_value = value;
      report.rollforward.push_back(roll);
    }
    return report;
  } catch (const money::OverflowError&) {
    return BooksRefusal::kOverflow;
  }
}

}  // namespace navkeeper::nav::books
