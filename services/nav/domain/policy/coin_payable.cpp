#include "services/nav/domain/policy/coin_payable.h"

#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/domain/policy/expense_accrual.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rounding;

void check(const CoinPayable& payable, const Decimal& price) {
  if (payable.quantity.is_negative()) base::refuse(payable.account, "the coins owed are negative");
  if (!price.is_positive()) base::refuse(payable.account, "price of " + payable.coin + " is not positive");
}

Decimal part_of(const Decimal& dollars, const Decimal& quantity, const Decimal& whole) {
  return quantity == whole ? dollars
                           : money::mul_div(dollars, quantity, whole, kDollarDecimals, Rounding::kHalfEven);
}

}  // namespace

CoinPayable accrued_more(CoinPayable payable, const Decimal& net, const Decimal& value) {
  payable.quantity += net;
  payable.accrued += value;
  payable.carrying += value;
  return payable;
}

base::Checked<Revaluation> revalue(const CoinPayable& payable, const Decimal& price, time::Date date) {
  return base::checked([&] {
    check(payable, price);
    const Decimal value = money::multiply(payable.quantity, price, kDollarDecimals, Rounding::kHalfEven);
    const Decimal rise = value - payable.carrying;
    Revaluation result{payable, entry_on(date, "revaluation/" + payable.account + "/" + date.to_string(),
                                         payable.coin + " payable revalued")};
    result.payable.carrying = value;
    result.entry.debit(payable_unrealised(payable.fee), kDollars, rise)
        .credit(payable_conversion(payable.coin, payable.fee), kDollars, rise);
    return result;
  });
}

base::Checked<Settlement> settle(const CoinPayable& payable, const Decimal& quantity, const Decimal& price,
                                 time::Date date, const std::string& source_id) {
  return base::checked([&] {
    check(payable, price);
    if (!quantity.is_positive()) base::refuse(payable.account, "quantity paid is not positive");
    if (quantity > payable.quantity)
      base::refuse(payable.account, "pays " + quantity.to_string() + ", more than the " +
                                        payable.quantity.to_string() + " owed");
    const Decimal accrued = part_of(payable.accrued, quantity, payable.quantity);
    const Decimal carrying = part_of(payable.carrying, quantity, payable.quantity);
    const Decimal value = money::multiply(quantity, price, kDollarDecimals, Rounding::kHalfEven);

    Settlement result;
    result.payable = payable;
    result.payable.quantity -= quantity;
    result.payable.accrued -= accrued;
    result.payable.carrying -= carrying;
    result.value = value;
    result.gain = accrued - value;
    result.entry = entry_on(date, source_id, payable.coin + " payable becomes dollars at payment");
    result.entry.debit(payable.account, payable.coin, quantity)
        .credit(payable_conversion(payable.coin, payable.fee), payable.coin, quantity)
        .debit(payable_conversion(payable.coin, payable.fee), kDollars, carrying)
        .debit(payable_unrealised(payable.fee), kDollars, accrued - carrying)
        .credit(kPayableRealised, kDollars, result.gain)
        .credit(payable.account, kDollars, value);
    ENSURE(balances(result.entry));
    result.delivery = {payable.coin, quantity, value, DeliveryCause::kExpense};
    return result;
  });
}

std::string payable_unrealised(std::string_view fee) {
  return "Income:Unrealised gain:Coin payables:" + std::string(fee);
}

}  // namespace navkeeper::nav::policy
