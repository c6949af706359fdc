#pragma once
// Coin trades of a fund: proposed and approved, executed in parts, confirmed by the counterparty, allocated
// to the orders they are for, settled. Pure decisions and arithmetic.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::nav::cash {

enum class TradeSide { kBuy, kSell };
std::string_view describe(TradeSide side);  ///< "buy", "sell"

enum class TradePurpose {
  kOrder,        ///< "order": coins or dollars of cash orders
  kRebalancing,  ///< "rebalancing": back to the target weights
  kExpense,      ///< "expense": coins sold for what the fund owes
};
std::string_view describe(TradePurpose purpose);

/// A part of the trade that is for one order.
struct TradeAllocation {
  std::string order;  ///< the order's id
  money::Decimal quantity;
  bool operator==(const TradeAllocation&) const = default;
};

struct CoinTrade {
  std::string id;
  TradeSide side = TradeSide::kBuy;
  std::string asset;
  money::Decimal quantity;              ///< whole coins: at most so many
  std::optional<money::Decimal> limit;  ///< dollars a coin: pay no more, take no less
  std::optional<int> fee_bps_max;       ///< of each execution's quantity x price; none: kFeeBpsMaxDefault
  time::Date date;                      ///< the day it is for
  TradePurpose purpose = TradePurpose::kOrder;
  std::string counterparty;
  int settlement_days = 1;                   ///< bank business days after the trade date; 0: the same day
  std::vector<TradeAllocation> allocations;  ///< of purpose kOrder: they add up to the quantity
  bool operator==(const CoinTrade&) const = default;
};

constexpr int kSettlementDaysMax = 5;
/// Basis points: what a fee may be where the proposal says nothing, and the most that one may say.
constexpr int kFeeBpsMaxDefault = 50;
constexpr int kFeeBpsMax = 1000;

/// What is wrong with it by itself.
base::Checked<void> check_trade(const CoinTrade& trade);

/// A part that was done.
struct Execution {
  std::string id;
  time::Date date;  ///< trade date
  money::Decimal quantity;
  money::Decimal price;  ///< dollars a coin
  money::Decimal fee;    ///< dollars: a cost of what is bought, off the proceeds of what is sold (ASC 946)
  bool operator==(const Execution&) const = default;
};

/// Dollars that change hands, positive: quantity x price rounded half up to the cent, with the fee added
/// (buy) or taken off (sell). Throws money::OverflowError.
money::Decimal cash_of(const CoinTrade& trade, const Execution& execution);

/// Refused: on another day than the trade's, not positive, more than is left of the trade, a price beyond the
/// limit, a fee below zero or of more than two decimals, or above what two people agreed to, a sale that
/// brings nothing.
base::Checked<void> check_execution(const CoinTrade& trade, const Execution& execution,
                                    const money::Decimal& executed);

/// What the counterparty says of a part.
struct Confirmation {
  std::string reference;  ///< the counterparty's
  std::string trade;
  std::string execution;
  TradeSide side = TradeSide::kBuy;
  std::string asset;
  money::Decimal quantity;
  money::Decimal price;
  money::Decimal cash;
  time::Date trade_date;
  time::Date settlement_date;
};

/// What in it is not as the blotter has it, a sentence each; empty: it is confirmed.
std::vector<std::string> differences(const CoinTrade& trade, const Execution& execution,
                                     time::Date settlement_date, const Confirmation& confirmation);

/// What of an execution falls to each order: in proportion to the allocations, quantities cut to the coin's
/// decimals and dollars to the cent, cumulatively, so that the whole trade gives each order its whole
/// allocation; what is left over is the first order's. `before` are the executions before this one.
struct AllocatedPart {
  std::string order;
  money::Decimal quantity;
  money::Decimal cash;
};
std::vector<AllocatedPart> allocate(const CoinTrade& trade, const std::vector<Execution>& before,
                                    const Execution& execution, int asset_decimals);

}  // namespace navkeeper::nav::cash
