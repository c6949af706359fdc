// A payable in coins: revalued daily, settled in parts, and its gains add up to what was paid less what was
// accrued.
#include "services/nav/domain/policy/coin_payable.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

const char* const kAccount = "Liabilities:Fees payable:sponsor fee";

CoinPayable payable() { return {"sponsor fee", kAccount, "BTC", dec("0.5"), dec("40000"), dec("40000")}; }

TEST(CoinPayables, ARisingPriceIsAnUnrealisedLoss) {
  const auto result = revalue(payable(), dec("90000"), day("2026-05-04")).value();
  EXPECT_EQ(result.payable.carrying, dec("45000"));
  EXPECT_EQ(result.payable.accrued, dec("40000"));
  EXPECT_TRUE(balances(result.entry));
  EXPECT_EQ(sum_of(result.entry, payable_unrealised("sponsor fee"), "USD"), dec("5000"));
  EXPECT_EQ(sum_of(result.entry, "Conversion:BTC payable:sponsor fee", "USD"), dec("-5000"));
  EXPECT_TRUE(revalue(result.payable, dec("90000"), day("2026-05-05")).value().entry.postings.empty());
}

TEST(CoinPayables, PaymentTurnsTheUnrealisedPartIntoRealisedAndLeavesDollarsForTheCoinsToPay) {
  const auto revalued = revalue(payable(), dec("90000"), day("2026-05-04")).value().payable;
  const auto result = settle(revalued, dec("0.2"), dec("95000"), day("2026-05-05"), "pay-1").value();
  EXPECT_EQ(result.value, dec("19000"));
  EXPECT_EQ(result.gain, dec("-3000"));  // 16,000 was accrued for 0.2
  EXPECT_EQ(sum_of(result.entry, payable_unrealised("sponsor fee"), "USD"), dec("-2000"));
  EXPECT_EQ(sum_of(result.entry, kPayableRealised, "USD"), dec("3000"));
  EXPECT_EQ(sum_of(result.entry, kAccount, "BTC"), dec("0.2"));
  EXPECT_EQ(sum_of(result.entry, kAccount, "USD"), dec("-19000"));
  EXPECT_EQ(result.delivery, (CoinDelivery{"BTC", dec("0.2"), dec("19000"), DeliveryCause::kExpense}));
  EXPECT_EQ(result.payable,
            (CoinPayable{"sponsor fee", kAccount, "BTC", dec("0.3"), dec("24000"), dec("27000")}));
}

TEST(CoinPayables, PayingMoreThanIsOwedOrAtNoPriceIsRefused) {
  EXPECT_EQ(message_of(settle(payable(), dec("0.50000001"), dec("1"), day("2026-05-05"), "p")),
            "Liabilities:Fees payable:sponsor fee: pays 0.50000001, more than the 0.5 owed");
  EXPECT_EQ(message_of(settle(payable(), dec("0"), dec("1"), day("2026-05-05"), "p")),
            "Liabilities:Fees payable:sponsor fee: quantity paid is not positive");
  EXPECT_EQ(message_of(revalue(payable(), dec("0"), day("2026-05-05"))),
            "Liabilities:Fees payable:sponsor fee: price of BTC is not positive");
}

TEST(CoinPayables, OverAnyLifeTheBooksEndEmptyAndGainsAreAccruedLessPaid) {
  EXPECT_TRUE(rc::check("accrue, revalue, pay; the balances are those of the record", [] {
    CoinPayable now{"sponsor fee", kAccount, "BTC", {}, {}, {}};
    Decimal accrued, paid, gains, unrealised, conversion, coins;
    const auto book = [&](const EntryDraft& entry) {
      RC_ASSERT(balances(entry));
      unrealised += -sum_of(entry, payable_unrealised("sponsor fee"), "USD");
      conversion += -sum_of(entry, "Conversion:BTC payable:sponsor fee", "USD");
      coins += -sum_of(entry, kAccount, "BTC");
    };
    const time::Date date = day("2026-05-05");
    for (int step = 0; step < 30; ++step) {
      const Decimal price = Decimal::of(*rc::gen::inRange(1, 20'000'000), 2);
      if (step % 3 == 0) {
        const Decimal net = Decimal::of(*rc::gen::inRange(0, 1'000'000), 8);
        const Decimal value = money::multiply(net, price, 2, Rounding::kHalfEven);
        now = accrued_more(now, net, value);
        accrued += value;
        coins += net;
        conversion += value;
      }
      const auto revalued = revalue(now, price, date).value();
      book(revalued.entry);
      now = revalued.payable;
      RC_ASSERT(now.carrying == money::multiply(now.quantity, price, 2, Rounding::kHalfEven));
      const bool is_last = step == 29;
      const Decimal part = is_last ? now.quantity
                                   : money::multiply(now.quantity, Decimal::of(*rc::gen::inRange(0, 100), 2),
                                                     8, Rounding::kDown);
      if (part.is_positive()) {
        const auto settled = settle(now, part, price, date, "pay").value();
        book(settled.entry);
        now = settled.payable;
        paid += settled.value;
        gains += settled.gain;
      }
      RC_ASSERT(unrealised == now.accrued - now.carrying);
      RC_ASSERT(conversion == now.carrying);
      RC_ASSERT(coins == now.quantity);
    }
    RC_ASSERT(gains == accrued - paid);
    RC_ASSERT(now.quantity.is_zero() && now.accrued.is_zero() && now.carrying.is_zero());
  }));
}

}  // namespace
}  // namespace navkeeper::nav::policy
