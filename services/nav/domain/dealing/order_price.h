#pragma once
// OrderPrice: what an order comes to at the NAV of its trade date, and the event of the books that it
// becomes. Coins, cash and shares enter together on the business day after (rules 2a-4(a)(2)-(3), 6c-11).
//
//   order's NAV     = NAV a unit x units                        shares = shares of a unit x units
//   balancing       = order's NAV - sum of the components' values
//   variable fee    = order's NAV x rate, half up to the cent: the participant's, in the fund's capital
//   fund's cash     = balancing + fee + execution difference    (creation; positive: the fund receives)
//                   = -balancing + fee + execution difference   (redemption; negative: the fund pays)
//
// The fixed fee is the payee's and never in the fund's books. The execution difference is what coins bought
// or sold for the order cost beyond the NAV's prices; positive: the participant owes it.
#include <map>
#include <string>

#include "common/base/result.h"
#include "services/nav/domain/books/event.h"
#include "services/nav/domain/dealing/basket.h"

namespace navkeeper::nav::dealing {

struct OrderPrice {
  time::Date nav_date;
  int nav_version = 1;
  money::Decimal units;
  money::Decimal shares;
  money::Decimal nav_per_unit;
  money::Decimal nav_amount;
  std::vector<BasketComponent> components;  ///< of the whole order; none of an order in cash
  money::Decimal balancing;
  money::Decimal variable_fee;
  money::Decimal execution_difference;
  money::Decimal fund_cash;
  money::Decimal fixed_fee;
  std::string fixed_fee_payee;
  std::optional<money::Decimal> custom_difference;
  /// What the fund has not got when the order is booked, and owes until it settles: the NAV and the shares
  /// have it all the same (rule 2a-4), coins and dollars follow.
  std::vector<ComponentQuantity> owed;  ///< of the components' coins
  money::Decimal owed_cash;             ///< of what the fund pays, not negative
  bool operator==(const OrderPrice&) const = default;
};

struct OrderPricing {
  Basket basket;  ///< a unit's; the custom one where the order has one
  money::Decimal unit_shares;
  OrderFees fees;
  std::string fixed_fee_payee;
  money::Decimal execution_difference;
  std::vector<ComponentQuantity>
      in_lieu;  ///< coins of the whole order for which the participant takes or gives dollars
  /// The order brings coins: in kind; of an ETP_1933 trust also in cash, since its counterparty delivers
  /// them.
  bool has_coins = true;
  std::optional<money::Decimal> custom_difference;
};

enum class PriceRefusal {
  kInLieuBeyondBasket,  ///< more cash in lieu than the order has coins
  kNothingLeftToPay,    ///< fees and execution difference exceed what an order in cash comes to
};
std::string_view describe(PriceRefusal refusal);

/// Throws money::OverflowError.
base::Result<OrderPrice, PriceRefusal> price_order(const Order& order, const OrderPricing& pricing);

/// Leaves owed what is beyond `free`: of each coin, and of "USD"; what is not named there is not free at all.
/// Only a redemption owes coins.
void owe_beyond(const std::map<std::string, money::Decimal>& free, OrderSide side, OrderPrice& price);

/// A creation or redemption of the books; `id` is whom it owes what it owes.
books::Happening happening_of(OrderSide side, const OrderPrice& price, const std::string& id);
/// The order taken back: what was owed is owed no longer.
books::Happening unwinding_of(OrderSide side, const OrderPrice& price, const std::string& id);

/// The first day whose NAV has it, and when it settles by contract: T or the settlement day after.
struct OrderDates {
  time::Date book_date;
  time::Date settlement_date;
};
OrderDates dates_of(const Order& order, const time::Calendar& exchange, const time::Calendar& settlement);

}  // namespace navkeeper::nav::dealing
