// Splits, forks, migrations, spin-offs: nothing is gained, nothing is lost, and nothing enters without a
// price.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/nav/domain/policy/fork.h"
#include "services/nav/domain/policy/lot_restatement.h"
#include "services/nav/domain/policy/share_split.h"
#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

const ShareSplit kHodl{day("2025-02-14"), 4, 1};  // facts 3

TEST(ShareSplits, HodlFourForOneRestatesWhatIsShownAndLeavesWhatWasStruck) {
  const std::vector<DailyFigure> struck{{day("2025-02-13"), dec("110.02")},
                                        {day("2025-02-14"), dec("27.62")}};
  const auto shown = restate_per_share(struck, std::vector{kHodl}, day("2025-12-31"), 4, Rounding::kHalfUp);
  EXPECT_EQ(shown[0].struck, struck[0]);
  EXPECT_EQ(shown[0].restated, dec("27.505"));
  EXPECT_TRUE(shown[0].is_restated);
  EXPECT_EQ(shown[1].restated, dec("27.62"));
  EXPECT_FALSE(shown[1].is_restated);
  // As of the day before, nobody knew of it.
  EXPECT_EQ(
      restate_per_share(struck, std::vector{kHodl}, day("2025-02-13"), 4, Rounding::kHalfUp)[0].restated,
      dec("110.02"));
  EXPECT_EQ(split_shares(dec("12500000"), kHodl).value(), dec("50000000"));
}

TEST(ShareSplits, AFractionAndBadRatiosAreRefused) {
  const ShareSplit reverse{day("2026-05-04"), 1, 3};
  EXPECT_EQ(split_shares(dec("30000"), reverse).value(), dec("10000"));
  EXPECT_EQ(
      message_of(split_shares(dec("30001"), reverse)),
      "share split of 2026-05-04: 30001 shares leave a fraction: redeem 1 of them for cash in lieu before");
  EXPECT_EQ(
      message_of(split_shares(dec("30007"), {day("2026-05-04"), 4, 6})),
      "share split of 2026-05-04: 30007 shares leave a fraction: redeem 1 of them for cash in lieu before");
  EXPECT_EQ(message_of(split_shares(dec("-3"), reverse)), "share split of 2026-05-04: shares are negative");
  EXPECT_EQ(message_of(checked_splits({{day("2026-05-04"), 0, 1}})),
            "share split of 2026-05-04: ratio is not positive");
  EXPECT_EQ(message_of(checked_splits({{day("2026-05-04"), 2, 2}})),
            "share split of 2026-05-04: ratio is one for one");
  EXPECT_EQ(message_of(checked_splits({{day("2026-05-04"), 2, 1}, {day("2026-05-04"), 3, 1}})),
            "share split of 2026-05-04: there is another split on that day");
}

TEST(ShareSplits, OverSeveralSplitsSharesTimesValueIsWhatItWas) {
  EXPECT_TRUE(rc::check("restated shares x restated NAV = struck shares x struck NAV", [] {
    std::vector<ShareSplit> splits;
    Exact factor = 1;
    for (int i = 0; i < *rc::gen::inRange(0, 4); ++i) {
      splits.push_back({day("2026-01-01") + i * 30, *rc::gen::inRange(2, 9), 1});
      factor *= splits.back().new_shares;
      if (*rc::gen::arbitrary<bool>()) {
        std::swap(splits.back().new_shares, splits.back().old_shares);
        factor /= Exact(splits.back().old_shares) * splits.back().old_shares;
      }
    }
    const DailyFigure figure{day("2025-12-31"), Decimal::of(*rc::gen::inRange(1, 1'000'000), 2)};
    const auto shown =
        restate_per_share(std::vector{figure}, splits, day("2026-12-31"), 10, Rounding::kHalfEven)[0]
            .restated;
    RC_ASSERT(magnitude(exact(shown) - exact(figure.value) / factor) <= half_unit(10));
    const auto shares =
        restate_shares(std::vector{figure}, splits, day("2026-12-31"), 10, Rounding::kHalfEven)[0].restated;
    RC_ASSERT(magnitude(exact(shares) - exact(figure.value) * factor) <= half_unit(10));
  }));
}

Fork ethpow() { return {"ETHW-2022", "ETH", "ETHW", 18, day("2022-09-15"), dec("3059976"), dec("1")}; }

TEST(Forks, EthpowRightsGoToTheHoldersOfTheRecordDateAtZero) {
  const auto decision =
      decide_fork(ForkPolicy::kDistribute, ethpow(), RightsDistribution{day("2022-09-16"), day("2022-09-26")})
          .value();
  EXPECT_EQ(decision.quantity, dec("3059976"));
  EXPECT_FALSE(decision.entry);
  EXPECT_FALSE(decision.receipt);
  ASSERT_TRUE(decision.distribution);
  EXPECT_EQ(decision.distribution->record, day("2022-09-26"));
  const auto rights = rights_per_share(decision, 18, dec("310158500")).value();
  EXPECT_EQ(rights.delivered + rights.residue, decision.quantity);
  EXPECT_FALSE(rights.residue.is_negative());
  EXPECT_EQ(forked_value(ethpow(), decision.quantity, std::nullopt).value(), dec("0"));
}

TEST(Forks, AbandonedCoinsAreRememberedAndNotBooked) {
  const auto decision = decide_fork(ForkPolicy::kAbandon, ethpow()).value();
  EXPECT_FALSE(decision.entry || decision.receipt || decision.distribution);
  EXPECT_EQ(decision.memo, "3059976 ETHW for 3059976 ETH of 2022-09-15: abandoned");
}

TEST(Forks, HeldAtZeroIsALotWithoutCostAndWorthNothingUntilAMarketPricesIt) {
  auto drop = ethpow();
  drop.held = dec("1.00000000000000001");
  drop.ratio = dec("0.05");
  const auto decision = decide_fork(ForkPolicy::kHoldAtZero, drop).value();
  EXPECT_EQ(decision.quantity, dec("0.05"));
  EXPECT_EQ(decision.receipt, (LotReceipt{"ETHW", dec("0.05"), dec("0"), day("2022-09-15")}));
  EXPECT_TRUE(balances(*decision.entry));
  EXPECT_EQ(sum_of(*decision.entry, "Assets:Coins:ETHW", "ETHW"), dec("0.05"));
  for (const DraftPosting& posting : decision.entry->postings) EXPECT_EQ(posting.commodity, "ETHW");
  EXPECT_EQ(forked_value(drop, dec("0.05"), ForkPrice{day("2022-10-01"), dec("10.5"), "kraken"}).value(),
            dec("0.52"));
  EXPECT_EQ(message_of(forked_value(drop, dec("1"), ForkPrice{day("2022-10-01"), dec("10"), ""})),
            "fork 'ETHW-2022': price has no source");
  EXPECT_EQ(message_of(forked_value(drop, dec("1"), ForkPrice{day("2022-09-14"), dec("10"), "x"})),
            "fork 'ETHW-2022': price is older than the fork");
  EXPECT_EQ(message_of(forked_value(drop, dec("1"), ForkPrice{day("2022-10-01"), dec("0"), "x"})),
            "fork 'ETHW-2022': price is not positive");
}

TEST(Forks, BadOnesAreRefused) {
  const std::string where = "fork 'ETHW-2022': ";
  EXPECT_EQ(message_of(decide_fork(ForkPolicy::kDistribute, ethpow())),
            where + "the fund distributes, but there are no dates");
  EXPECT_EQ(message_of(decide_fork(ForkPolicy::kDistribute, ethpow(),
                                   RightsDistribution{day("2022-09-14"), day("2022-09-26")})),
            where + "is declared before its snapshot");
  EXPECT_EQ(message_of(decide_fork(ForkPolicy::kDistribute, ethpow(),
                                   RightsDistribution{day("2022-09-16"), day("2022-09-15")})),
            where + "its record date is before its declaration");
  EXPECT_EQ(message_of(decide_fork(ForkPolicy::kAbandon, ethpow(),
                                   RightsDistribution{day("2022-09-16"), day("2022-09-26")})),
            where + "has dates of a distribution, but the fund abandons");
  auto bad = ethpow();
  bad.ratio = dec("0");
  EXPECT_EQ(message_of(decide_fork(ForkPolicy::kAbandon, bad)), where + "ratio is not positive");
  bad = ethpow();
  bad.held = dec("-1");
  EXPECT_EQ(message_of(decide_fork(ForkPolicy::kAbandon, bad)), where + "quantity held is negative");
  for (const ForkPolicy policy : {ForkPolicy::kAbandon, ForkPolicy::kDistribute, ForkPolicy::kHoldAtZero})
    EXPECT_EQ(parse_fork_policy(describe(policy)), policy);
}

std::vector<HeldLot> random_lots() {
  std::vector<HeldLot> lots;
  for (int i = *rc::gen::inRange(1, 8); i > 0; --i) {
    lots.push_back({"lot-" + std::to_string(i), Decimal::of(*rc::gen::inRange(100, 1'000'000'000), 8),
                    Decimal::of(*rc::gen::inRange(0, 100'000'000), 2),
                    day("2026-01-01") + *rc::gen::inRange(0, 300)});
  }
  return lots;
}

std::pair<Decimal, Decimal> sums(const std::vector<HeldLot>& lots) {
  std::pair<Decimal, Decimal> result;
  for (const HeldLot& lot : lots) {
    result.first += lot.quantity;
    result.second += lot.cost;
  }
  return result;
}

TEST(Migrations, LotsKeepCostAndAgeAndTheUnitsAddUp) {
  EXPECT_TRUE(rc::check("token for token", [] {
    const auto lots = random_lots();
    const auto [held, cost] = sums(lots);
    Migration migration{"MATIC-POL",
                        day("2026-11-02"),
                        "MATIC",
                        "POL",
                        Decimal::of(*rc::gen::inRange(1'000'000, 90'000'000), 6),
                        8,
                        {},
                        lots.back().id};
    migration.received = money::multiply(held, migration.ratio, 8, Rounding::kDown);
    const auto decision = migrate(migration, lots).value();
    RC_ASSERT(balances(decision.entry));
    const auto [quantity_after, cost_after] = sums(decision.lots);
    RC_ASSERT(quantity_after == migration.received && cost_after == cost);
    for (std::size_t i = 0; i < lots.size(); ++i) {
      RC_ASSERT(decision.lots[i].acquired == lots[i].acquired && decision.lots[i].cost == lots[i].cost);
      const Exact off = exact(decision.lots[i].quantity) - exact(lots[i].quantity) * exact(migration.ratio);
      RC_ASSERT(magnitude(off) <= Exact(lots.size(), ten_to(8)));
    }
    RC_ASSERT(sum_of(decision.entry, "Assets:Coins:POL", "POL") == migration.received);
    RC_ASSERT(sum_of(decision.entry, "Assets:Coins:MATIC", "MATIC") == -held);
    RC_ASSERT(sum_of(decision.entry, "Conversion:POL", "USD") == cost);
  }));
}

TEST(Migrations, BadOnesAreRefused) {
  const std::vector<HeldLot> lots{{"a", dec("10"), dec("100"), day("2026-01-05")},
                                  {"dust", dec("0.00000001"), dec("0.01"), day("2026-01-06")}};
  const Migration fine{"m", day("2026-11-02"), "OLD", "NEW", dec("1"), 8, dec("10.00000001"), "a"};
  EXPECT_TRUE(migrate(fine, lots).has_value());
  auto bad = fine;
  bad.received = dec("10");
  EXPECT_EQ(message_of(migrate(bad, lots)), "migration 'm': received 10, the ratio gives 10.00000001");
  bad = fine;
  bad.remainder_owner_lot = "b";
  EXPECT_EQ(message_of(migrate(bad, lots)), "migration 'm': remainder owner 'b' is no lot");
  bad = fine;
  bad.ratio = dec("0");
  EXPECT_EQ(message_of(migrate(bad, lots)), "migration 'm': ratio is not positive");
  bad = fine;
  bad.new_token = "OLD";
  EXPECT_EQ(message_of(migrate(bad, lots)), "migration 'm': the new token is the old one");
  EXPECT_EQ(message_of(migrate(fine, {})), "migration 'm': there is no lot");
  bad = fine;
  bad.ratio = dec("0.1");
  bad.received = dec("1");
  EXPECT_EQ(message_of(migrate(bad, lots)), "migration 'm': lot 'dust' would become nothing");
  // Without a cost nothing would hang in the air.
  auto free = lots;
  free[1].cost = {};
  const auto decision = migrate(bad, free);
  ASSERT_FALSE(decision.has_error()) << decision.error().message();
  ASSERT_EQ(decision->lots.size(), 1U);
  EXPECT_EQ(decision->lots[0], (HeldLot{"a", dec("1"), dec("100"), day("2026-01-05")}));
}

TEST(SpinOffs, CostIsSplitByRelativeFairValueLotByLot) {
  EXPECT_TRUE(rc::check("parent + child = before", [] {
    const auto lots = random_lots();
    SpinOff action{"s",
                   day("2026-11-02"),
                   "ETH",
                   "MINI",
                   8,
                   Decimal::of(*rc::gen::inRange(1'000'000'000, 2'000'000'000), 8),
                   Decimal::of(*rc::gen::inRange(0, 1'000'000'000), 2),
                   Decimal::of(*rc::gen::inRange(1, 1'000'000'000), 2),
                   *rc::gen::arbitrary<bool>() ? SpinOffSide::kParent : SpinOffSide::kChild,
                   lots.front().id};
    const auto decision = spin_off(action, lots).value();
    RC_ASSERT(balances(decision.entry));
    RC_ASSERT(sums(decision.child_lots).first == action.received);
    RC_ASSERT(sums(decision.parent_lots).second + sums(decision.child_lots).second == sums(lots).second);
    RC_ASSERT(sum_of(decision.entry, "Conversion:MINI", "USD") == sums(decision.child_lots).second);
    const Exact both = exact(action.parent_fair_value) + exact(action.child_fair_value);
    for (std::size_t i = 0; i < lots.size(); ++i) {
      RC_ASSERT(decision.parent_lots[i].quantity == lots[i].quantity);
      RC_ASSERT(decision.parent_lots[i].acquired == lots[i].acquired);
      const Exact fair = exact(lots[i].cost) * exact(action.parent_fair_value) / both;
      RC_ASSERT(magnitude(exact(decision.parent_lots[i].cost) - fair) < Exact(1, 100));
    }
  }));
}

TEST(SpinOffs, TheRemainderHasTheNamedOwner) {
  const std::vector<HeldLot> lots{{"a", dec("3"), dec("100"), day("2026-01-05")}};
  SpinOff action{"s",      day("2026-11-02"),    "ETH", "MINI", 8, dec("3"), dec("2"),
                 dec("1"), SpinOffSide::kParent, "a"};
  EXPECT_EQ(spin_off(action, lots).value().parent_lots[0].cost, dec("66.67"));
  EXPECT_EQ(spin_off(action, lots).value().child_lots[0],
            (HeldLot{"a", dec("3"), dec("33.33"), day("2026-01-05")}));
  action.remainder_owner = SpinOffSide::kChild;
  EXPECT_EQ(spin_off(action, lots).value().child_lots[0].cost, dec("33.34"));
}

TEST(SpinOffs, BadOnesAreRefused) {
  const std::vector<HeldLot> lots{{"a", dec("3"), dec("100"), day("2026-01-05")},
                                  {"dust", dec("0.00000001"), dec("5"), day("2026-01-06")}};
  const SpinOff fine{"s",      day("2026-11-02"),    "ETH", "MINI", 8, dec("30000"), dec("2"),
                     dec("1"), SpinOffSide::kParent, "a"};
  EXPECT_TRUE(spin_off(fine, lots).has_value());
  auto bad = fine;
  bad.parent_fair_value = bad.child_fair_value = dec("0");
  EXPECT_EQ(message_of(spin_off(bad, lots)), "spin-off 's': both fair values are zero");
  bad = fine;
  bad.child_fair_value = dec("-1");
  EXPECT_EQ(message_of(spin_off(bad, lots)), "spin-off 's': a fair value is negative");
  bad = fine;
  bad.received = dec("0.000000001");
  EXPECT_EQ(message_of(spin_off(bad, lots)),
            "spin-off 's': received quantity has more decimals than the child");
  bad = fine;
  bad.received = dec("0.00001");
  EXPECT_EQ(message_of(spin_off(bad, lots)),
            "spin-off 's': lot 'dust' would give its cost to no unit of the child");
  bad = fine;
  bad.child = "ETH";
  EXPECT_EQ(message_of(spin_off(bad, lots)), "spin-off 's': the child is the parent");
}

}  // namespace
}  // namespace navkeeper::nav::policy
