// Whether a balance of another instant may be rolled to the valuation point: only over what is known to have
// moved in between.
#include <gtest/gtest.h>

#include "services/custody/domain/reconciliation.h"

namespace navkeeper::custody {
namespace {

using time::Duration;

const time::Instant kAt = time::Instant::literal("2026-03-10T21:00:00Z");

Balance ten_read(int minutes_before) {
  Balance balance;
  balance.place = {"cryptocom", "main"};
  balance.asset = model::AssetId::literal("BTC");
  balance.scale = 8;
  balance.total = money::Decimal::of(10);
  balance.as_of = kAt - Duration::minutes(minutes_before);
  return balance;
}

ReconciliationInput ten_booked() {
  ReconciliationInput input;
  input.at = kAt;
  input.date = time::utc_date(kAt);
  input.books = {{"BTC", "", money::Decimal::of(10)}};
  input.balances = {ten_read(5)};
  return input;
}

TEST(ReconciliationRolling, ABalanceIsRolledOnlyWhereWhatMovedIsKnown) {
  auto input = ten_booked();
  const auto status = [&](int minutes_before, int whole_until_before, bool asked_after) {
    input.balances = {ten_read(minutes_before)};
    input.whole_until["cryptocom"] = kAt - Duration::minutes(whole_until_before);
    input.asked_after.clear();
    if (asked_after) input.asked_after.insert("cryptocom");
    return reconcile(input, {}).lines[0].status;
  };
  EXPECT_EQ(status(300, 0, false), LineStatus::kAgrees);
  EXPECT_EQ(status(300, 14, false), LineStatus::kAgrees) << "within a quarter of an hour";
  EXPECT_EQ(status(300, 16, false), LineStatus::kUnsure);
  EXPECT_EQ(status(16, 300, false), LineStatus::kUnsure);
  EXPECT_EQ(status(1, 1, false), LineStatus::kAgrees);
  EXPECT_EQ(status(1, 1, true), LineStatus::kUnsure) << "asked since, and the list was not told";
  EXPECT_EQ(status(1, -1, true), LineStatus::kAgrees);
  // Rolled back from a later reading.
  EXPECT_EQ(status(-300, -300, true), LineStatus::kAgrees);
  EXPECT_EQ(status(-301, -300, true), LineStatus::kAgrees) << "of one asking";
  EXPECT_EQ(status(-300, -200, true), LineStatus::kUnsure);
  EXPECT_EQ(status(-300, 1, true), LineStatus::kUnsure);
}

TEST(ReconciliationRolling, ABalanceWithALineOfTheLedgerBetweenThatNothingRollsIsUnsure) {
  auto input = ten_booked();
  CoinMovement line{"cryptocom", "j1", "BTC", "", money::Decimal::literal("-4")};
  line.what = "ADMIN_ADJUSTMENT";
  const auto status = [&](int minutes_before) {
    line.at = kAt - Duration::minutes(minutes_before);
    input.not_rolled = {line};
    return reconcile(input, {}).lines[0].status;
  };
  EXPECT_EQ(status(6), LineStatus::kAgrees) << "the balance of five minutes before has it";
  EXPECT_EQ(status(4), LineStatus::kUnsure);
  EXPECT_EQ(status(-1), LineStatus::kAgrees) << "it came later";
  line.account = "another";
  EXPECT_EQ(status(4), LineStatus::kAgrees);
  line.account.clear();
  input.balances[0].as_of = kAt + Duration::minutes(5);
  EXPECT_EQ(status(4), LineStatus::kAgrees);
  EXPECT_EQ(status(-1), LineStatus::kUnsure) << "rolled back over it";
}

}  // namespace
}  // namespace navkeeper::custody
