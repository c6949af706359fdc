#include "services/nav/domain/books/lots.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace navkeeper::nav::books {
namespace {

Units u(long long count) { return Units(count); }

LotBook three_lots(LotRule rule) {
  LotBook lots({rule, rule});
  lots.add(u(10), u(100));
  lots.add(u(10), u(300));
  lots.add(u(10), u(200));
  return lots;
}

TEST(LotBook, EachRuleTakesItsOwnLotFirst) {
  EXPECT_EQ(three_lots(LotRule::kFifo).relieve(u(5), LotRule::kFifo), u(50));
  EXPECT_EQ(three_lots(LotRule::kLifo).relieve(u(5), LotRule::kLifo), u(100));
  EXPECT_EQ(three_lots(LotRule::kHighestCost).relieve(u(5), LotRule::kHighestCost), u(150));
  EXPECT_EQ(three_lots(LotRule::kLowestCost).relieve(u(15), LotRule::kLowestCost), u(200));
  EXPECT_EQ(three_lots(LotRule::kAverage).relieve(u(3), LotRule::kAverage), u(60));
}

TEST(LotBook, OfEquallyDearLotsTheOlderGoesFirst) {
  for (const LotRule rule : {LotRule::kHighestCost, LotRule::kLowestCost}) {
    LotBook lots({rule, rule});
    lots.add(u(10), u(100));
    lots.add(u(20), u(200));
    std::vector<LotMovement> movements;
    lots.relieve(u(1), rule, &movements);
    ASSERT_EQ(movements.size(), 1U);
    EXPECT_EQ(movements[0].lot, 1U);
  }
}

TEST(LotBook, ALotIsRankedByTheCostThatRemains) {
  // 3 units for 1 cent: after one is taken for 0 cents, two cost 1 cent: dearer than before.
  LotBook lots({LotRule::kHighestCost, LotRule::kHighestCost});
  lots.add(u(3), u(1));
  lots.add(u(10), u(4));
  EXPECT_EQ(lots.relieve(u(10), LotRule::kHighestCost), u(4));
  EXPECT_EQ(lots.relieve(u(1), LotRule::kHighestCost), u(0));
  lots.add(u(10), u(4));
  std::vector<LotMovement> movements;
  lots.relieve(u(1), LotRule::kHighestCost, &movements);
  EXPECT_EQ(movements.at(0).lot, 1U);
}

TEST(LotBook, UnitCostsBeyond128BitsAreComparedExactly) {
  const auto most = static_cast<money::Int128>((~static_cast<money::Uint128>(0)) >> 1);
  EXPECT_TRUE(costs_less({Units(most), Units(most - 1)}, {Units(most - 1), Units(most - 1)}));
  EXPECT_FALSE(costs_less({Units(most), Units(most)}, {Units(most - 1), Units(most - 1)}));
  EXPECT_EQ(cost_of_part({Units(most), Units(most)}, Units(most - 1)), Units(most - 1));
  // most / 2 units of a lot of `most` that cost `most - 1`: (most-1)/2 - (most-1)/(2 most), rounded.
  EXPECT_EQ(cost_of_part({Units(most), Units(most - 1)}, Units((most - 1) / 2)), Units((most - 1) / 2));
}

TEST(LotBook, TheAverageRuleMakesOnePoolAsOldAsItsOldestLot) {
  LotBook lots({LotRule::kFifo, LotRule::kAverage});
  lots.add(u(10), u(100));
  lots.add(u(10), u(300));
  EXPECT_EQ(lots.relieve(u(5), LotRule::kAverage), u(100));
  lots.add(u(10), u(900));
  ASSERT_EQ(lots.lots().size(), 2U);
  EXPECT_EQ(lots.relieve(u(15), LotRule::kFifo), u(300));
}

TEST(LotBook, MovementsAddUpToTheLots) {
  EXPECT_TRUE(rc::check("movements add up to the lots", [] {
    const LotRule rules[] = {LotRule::kFifo, LotRule::kLifo, LotRule::kHighestCost, LotRule::kLowestCost,
                             LotRule::kAverage};
    const LotRule sale = rules[*rc::gen::inRange(0, 5)];
    const LotRule in_kind = rules[*rc::gen::inRange(0, 5)];
    LotBook lots({sale, in_kind});
    std::vector<LotMovement> movements;
    const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 3), rc::gen::inRange(1, 1000)));
    for (const auto& [what, amount] : steps) {
      if (what == 0 || lots.quantity() < u(amount))
        lots.add(u(amount), u(amount * 7 % 1001), &movements);
      else
        lots.relieve(u(amount), what == 1 ? sale : in_kind, &movements);
    }
    std::map<LotNumber, Lot> sums;
    for (const LotMovement& movement : movements) {
      sums[movement.lot].quantity += movement.quantity;
      sums[movement.lot].cost += movement.cost;
    }
    std::erase_if(sums, [](const auto& entry) { return entry.second.quantity.is_zero(); });
    RC_ASSERT(sums == lots.lots());
    Units quantity;
    Units cost;
    for (const auto& [number, lot] : lots.lots()) {
      quantity += lot.quantity;
      cost += lot.cost;
    }
    RC_ASSERT(quantity == lots.quantity());
    RC_ASSERT(cost == lots.cost());
  }));
}

}  // namespace
}  // namespace navkeeper::nav::books
