// Which facts are one transfer: examples, a second, naive reading of the same rules, and order that cannot
// matter.
#include "services/custody/domain/transfer_matching.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace navkeeper::custody {
namespace {

using money::Decimal;
using time::Duration;

const time::Instant kStart = time::Instant::literal("2026-03-02T00:00:00Z");

TransferFact fact(Side side, const std::string& id, const std::string& amount, int minute) {
  TransferFact fact;
  fact.side = side;
  fact.source = side == Side::kCustodian ? "prime" : side == Side::kChain ? "chain:bitcoin" : "books";
  fact.id = id;
  fact.direction = Direction::kIn;
  fact.asset = "BTC";
  fact.amount = Decimal::literal(amount);
  fact.at = kStart + Duration::minutes(minute);
  return fact;
}

TransferFact day_fact(const std::string& id, const std::string& amount, int day) {
  TransferFact booked = fact(Side::kBooks, id, amount, day * 1'440);
  booked.day_only = true;
  return booked;
}

TEST(TransferMatching, ATransactionIdJoinsWhateverItsSpelling) {
  auto custodian = fact(Side::kCustodian, "d1", "1.5", 30);
  custodian.transaction_id = "0xABCD";
  auto chain = fact(Side::kChain, "a:abcd", "1.5", 600);
  chain.transaction_id = "abcd";
  const auto matched = match_transfers({chain, custodian, day_fact("j1", "1.5", 1)}, {});
  ASSERT_EQ(matched.size(), 1U);
  EXPECT_EQ(matched[0].facts.size(), 3U);
  EXPECT_EQ(matched[0].by, MatchedBy::kScore) << "the books joined by points";
  EXPECT_EQ(matched[0].score, 55) << "amount, and the day after";
  EXPECT_EQ(matched[0].amounts, AmountVerdict::kEqual);
  const auto two = match_transfers({chain, custodian}, {});
  EXPECT_EQ(two[0].by, MatchedBy::kTransactionId);
  EXPECT_EQ(two[0].score, 100);
}

TEST(TransferMatching, WhatItsSourceTookBackOrContradictedIsMatchedWithNothing) {
  auto chain = fact(Side::kChain, "a:ab", "5", 20);
  chain.transaction_id = "ab";
  for (const Standing standing : {Standing::kVanished, Standing::kContradicted}) {
    auto custodian = fact(Side::kCustodian, "d1", "5", 30);
    custodian.transaction_id = "ab";
    custodian.standing = standing;
    const auto matched = match_transfers({chain, custodian, day_fact("j1", "5", 0)}, {});
    ASSERT_EQ(matched.size(), 2U);
    EXPECT_FALSE(matched[0].has(Side::kCustodian)) << "chain and books are one without it";
    EXPECT_EQ(matched[0].facts.size(), 2U);
    ASSERT_EQ(matched[1].facts.size(), 1U);
    EXPECT_EQ(matched[1].facts[0].standing, standing);
  }
}

TEST(TransferMatching, OneTransactionThatPaysTwiceIsComparedByItsSum) {
  auto first = fact(Side::kCustodian, "d1", "1", 30);
  auto second = fact(Side::kCustodian, "d2", "2", 30);
  auto chain = fact(Side::kChain, "a:ab", "3", 20);
  first.transaction_id = second.transaction_id = chain.transaction_id = "ab";
  const auto matched = match_transfers({first, second, chain}, {});
  ASSERT_EQ(matched.size(), 1U);
  EXPECT_EQ(matched[0].amounts, AmountVerdict::kEqual);
  chain.amount = Decimal::literal("2.9");
  EXPECT_EQ(match_transfers({first, second, chain}, {})[0].amounts, AmountVerdict::kDiffer);
}

TEST(TransferMatching, WithoutAnIdAddressAmountAndTimeScore) {
  auto custodian = fact(Side::kCustodian, "d1", "1.5", 30);
  auto chain = fact(Side::kChain, "c1", "1.5", 0);
  const auto score = [&] {
    const auto matched = match_transfers({custodian, chain}, {});
    return matched.size() == 1 ? matched[0].score : 0;
  };
  EXPECT_EQ(score(), 60);
  custodian.address = chain.address = "bc1qx";
  EXPECT_EQ(score(), 100);
  chain.at = kStart - Duration::hours(5);
  EXPECT_EQ(score(), 95);
  chain.at = kStart - Duration::hours(47);
  EXPECT_EQ(score(), 85);
  chain.at = kStart - Duration::hours(48);
  EXPECT_EQ(score(), 0) << "outside the window";
  chain.at = kStart;
  chain.address = "bc1qy";
  EXPECT_EQ(score(), 0) << "another address";
  chain.address = custodian.address;
  chain.amount = Decimal::literal("1.4");
  custodian.fee = Decimal::literal("0.1");
  EXPECT_EQ(score(), 0 + 60) << "another amount, at the same address within the hour";
  EXPECT_EQ(match_transfers({custodian, chain}, {})[0].amounts, AmountVerdict::kDiffer);
  chain.amount = Decimal::literal("1.6");
  EXPECT_EQ(score(), 90) << "the fee explains it";
  EXPECT_EQ(match_transfers({custodian, chain}, {})[0].amounts, AmountVerdict::kWithFee);
  chain.direction = Direction::kOut;
  EXPECT_EQ(score(), 0);
}

TEST(TransferMatching, TheNearestComeFirstAndEqualOnesAreCalledAmbiguous) {
  const auto matched =
      match_transfers({fact(Side::kCustodian, "d1", "1", 0), fact(Side::kCustodian, "d2", "1", 50),
                       fact(Side::kChain, "c1", "1", 5), fact(Side::kChain, "c2", "1", 55)},
                      {});
  ASSERT_EQ(matched.size(), 2U);
  EXPECT_EQ(matched[0].facts[0].id, "d1");
  EXPECT_EQ(matched[0].facts[1].id, "c1");
  EXPECT_TRUE(matched[0].ambiguous);
  const auto clear = match_transfers(
      {fact(Side::kCustodian, "d1", "1", 0), fact(Side::kChain, "c1", "1", 5), day_fact("j1", "1", 0)}, {});
  ASSERT_EQ(clear.size(), 1U);
  EXPECT_FALSE(clear[0].ambiguous) << "two sides are not two candidates";
}

TEST(TransferMatching, DifferentIdsNeverMeet) {
  auto custodian = fact(Side::kCustodian, "d1", "1", 0);
  auto chain = fact(Side::kChain, "c1", "1", 0);
  custodian.transaction_id = "aa";
  chain.transaction_id = "bb";
  EXPECT_EQ(match_transfers({custodian, chain}, {}).size(), 2U);
}

// The rules once more, slowly: points out of a list of conditions, the best pair searched anew each time.

int naive_points(const TransferFact& a, const TransferFact& b, const MatchRules& rules) {
  const auto spelled = [](std::string text) {
    std::string out;
    for (const char c : text) out += static_cast<char>(std::tolower(c));
    return out.rfind("0x", 0) == 0 ? out.substr(2) : out;
  };
  if (a.side == b.side) return 0;
  if (!a.transaction_id.empty() && !b.transaction_id.empty() &&
      spelled(a.transaction_id) != spelled(b.transaction_id))
    return 0;
  int address = 0;
  if (!a.address.empty() && !b.address.empty()) {
    if (spelled(a.address) != spelled(b.address)) return 0;
    address = 40;
  }
  const std::int64_t seconds = std::abs((a.at - b.at).ns() / 1'000'000'000);
  int time = 0;
  if (a.day_only || b.day_only) {
    // All of the test's instants lie after 1970.
    const std::int64_t days = std::abs(a.at.ns() / 86'400'000'000'000 - b.at.ns() / 86'400'000'000'000);
    const std::map<std::int64_t, int> by_day{{0, 20}, {1, 15}, {2, 10}};
    time = days > rules.window_days ? 0 : by_day.count(days) > 0 ? by_day.at(days) : 5;
  } else if (seconds <= 3'600) {
    time = 20;
  } else if (seconds <= 6 * 3'600) {
    time = 15;
  } else if (seconds <= 24 * 3'600) {
    time = 10;
  } else if (seconds * 1'000'000'000 <= rules.window.ns()) {
    time = 5;
  }
  if (time == 0) return 0;
  int amount = 0;
  if (a.amount == b.amount)
    amount = 40;
  else if ((a.fee && a.amount + *a.fee == b.amount) || (b.fee && b.amount + *b.fee == a.amount))
    amount = 30;
  else if (address != 40 || time != 20 || a.day_only || b.day_only)
    return 0;
  const int sum = address + amount + time;
  return sum >= rules.score_min ? sum : 0;
}

struct NaiveGroup {
  std::vector<TransferFact> facts;
  int score = 0;
  bool ambiguous = false;
};

std::set<Side> sides_of(const NaiveGroup& group) {
  std::set<Side> sides;
  for (const auto& one : group.facts) sides.insert(one.side);
  return sides;
}

TransferFact naive_side(const NaiveGroup& group, Side side) {
  std::optional<TransferFact> sum;
  for (const auto& one : group.facts) {
    if (one.side != side) continue;
    if (!sum) {
      sum = one;
      continue;
    }
    if (sum->address != one.address) sum->address.clear();
    sum->amount += one.amount;
    if (one.fee) sum->fee = sum->fee ? *sum->fee + *one.fee : *one.fee;
    sum->at = std::min(sum->at, one.at);
    sum->day_only = sum->day_only || one.day_only;
  }
  return *sum;
}

std::pair<int, std::int64_t> naive_join(const NaiveGroup& a, const NaiveGroup& b, const MatchRules& rules) {
  std::pair<int, std::int64_t> best{0, 0};
  if (a.facts[0].asset != b.facts[0].asset || a.facts[0].direction != b.facts[0].direction) return best;
  for (const Side one : sides_of(a)) {
    for (const Side other : sides_of(b)) {
      if (one == other) return {0, 0};
      const auto x = naive_side(a, one);
      const auto y = naive_side(b, other);
      const int points = naive_points(x, y, rules);
      if (points == 0) return {0, 0};
      const std::int64_t apart = std::abs((x.at - y.at).ns());
      if (points > best.first || (points == best.first && apart < best.second)) best = {points, apart};
    }
  }
  return best;
}

std::vector<NaiveGroup> naive_match(std::vector<TransferFact> facts, const MatchRules& rules) {
  std::sort(facts.begin(), facts.end(), [](const TransferFact& a, const TransferFact& b) {
    return std::tie(a.side, a.source, a.id) < std::tie(b.side, b.source, b.id);
  });
  std::vector<NaiveGroup> groups;
  for (const auto& one : facts) {
    auto home = std::find_if(groups.begin(), groups.end(), [&](const NaiveGroup& group) {
      const auto& first = group.facts[0];
      return !one.transaction_id.empty() && first.transaction_id == one.transaction_id &&
             first.asset == one.asset && first.direction == one.direction;
    });
    if (home == groups.end()) {
      groups.push_back({{one}});
    } else {
      home->facts.push_back(one);
      home->score = 100;
    }
  }
  const auto by_key = [](const TransferFact& a, const TransferFact& b) {
    return std::tie(a.side, a.source, a.id) < std::tie(b.side, b.source, b.id);
  };
  for (bool any = true; any;) {
    any = false;
    std::vector<bool> used(groups.size(), false);
    std::vector<NaiveGroup> next;
    for (;;) {
      std::optional<std::tuple<int, std::int64_t, std::size_t, std::size_t>> best;
      for (std::size_t i = 0; i < groups.size(); ++i) {
        for (std::size_t j = i + 1; j < groups.size(); ++j) {
          if (used[i] || used[j]) continue;
          const auto [points, apart] = naive_join(groups[i], groups[j], rules);
          if (points == 0) continue;
          const std::tuple candidate(-points, apart, i, j);
          if (!best || candidate < *best) best = candidate;
        }
      }
      if (!best) break;
      const auto [minus, apart, i, j] = *best;
      used[i] = used[j] = any = true;
      NaiveGroup both{groups[i].facts, -minus, groups[i].ambiguous || groups[j].ambiguous};
      both.facts.insert(both.facts.end(), groups[j].facts.begin(), groups[j].facts.end());
      for (const std::size_t g : {i, j}) {
        if (groups[g].score != 0) both.score = std::min(both.score, groups[g].score);
        const std::size_t partner = g == i ? j : i;
        for (std::size_t other = 0; other < groups.size(); ++other) {
          if (other != g && other != partner && sides_of(groups[other]) == sides_of(groups[partner]) &&
              naive_join(groups[std::min(g, other)], groups[std::max(g, other)], rules).first == -minus)
            both.ambiguous = true;
        }
      }
      std::sort(both.facts.begin(), both.facts.end(), by_key);
      next.push_back(both);
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (!used[i]) next.push_back(groups[i]);
    }
    groups = next;
    std::sort(groups.begin(), groups.end(),
              [&](const NaiveGroup& a, const NaiveGroup& b) { return by_key(a.facts[0], b.facts[0]); });
  }
  return groups;
}

std::set<std::string> shape(const std::vector<TransferFact>& facts, int score, bool ambiguous) {
  std::string text;
  for (const auto& one : facts) text += one.source + "/" + one.id + " ";
  return {text + std::to_string(score) + (ambiguous ? " ambiguous" : "")};
}

rc::Gen<std::vector<TransferFact>> any_facts() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::tuple<int, int, int, int, int, int, int>>>(rc::gen::tuple(
          rc::gen::inRange(0, 3), rc::gen::inRange(0, 3), rc::gen::inRange(0, 60), rc::gen::inRange(0, 4),
          rc::gen::inRange(0, 6), rc::gen::inRange(0, 8), rc::gen::inRange(0, 3))),
      [](const auto& rows) {
        std::vector<TransferFact> facts;
        int number = 0;
        for (const auto& [side, amount, hours, address, transaction, way, fee] : rows) {
          TransferFact one =
              fact(static_cast<Side>(side), std::to_string(++number), std::to_string(amount + 1), hours * 97);
          if (address > 1) one.address = address == 2 ? "bc1qa" : "bc1qb";
          if (transaction < 2 && one.side != Side::kBooks)
            one.transaction_id = transaction == 0 ? "aa" : "bb";
          if (way == 0) one.direction = Direction::kOut;
          if (way == 1) one.asset = "CRO";
          if (fee == 1) one.fee = Decimal::literal("1");
          if (one.side == Side::kBooks) {
            one.day_only = true;
            one.at = kStart + Duration::hours(24 * std::int64_t{hours % 7});
          }
          facts.push_back(one);
        }
        return facts;
      });
}

RC_GTEST_PROP(TransferMatchingProperty, IsWhatTheNaiveReadingSays, ()) {
  const auto facts = *any_facts();
  std::set<std::string> fast;
  std::set<std::string> slow;
  std::size_t counted = 0;
  for (const MatchedTransfer& transfer : match_transfers(facts, {})) {
    fast.merge(shape(transfer.facts, transfer.score, transfer.ambiguous));
    counted += transfer.facts.size();
  }
  for (const NaiveGroup& group : naive_match(facts, {}))
    slow.merge(shape(group.facts, group.score, group.ambiguous));
  RC_ASSERT(fast == slow);
  RC_ASSERT(counted == facts.size());  // each fact in one transfer
}

RC_GTEST_PROP(TransferMatchingProperty, DoesNotKnowTheOrderOfTheFactsNorThatOneCameTwice, ()) {
  auto facts = *any_facts();
  const auto expected = match_transfers(facts, {});
  auto mixed = facts;
  if (!facts.empty()) mixed.push_back(facts[*rc::gen::inRange<std::size_t>(0, facts.size())]);
  const auto order = *rc::gen::container<std::vector<int>>(mixed.size(), rc::gen::inRange(0, 1'000));
  std::vector<std::size_t> places(mixed.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::sort(places.begin(), places.end(),
            [&](std::size_t a, std::size_t b) { return std::pair(order[a], a) < std::pair(order[b], b); });
  std::vector<TransferFact> shuffled;
  for (const std::size_t place : places) shuffled.push_back(mixed[place]);
  const auto again = match_transfers(shuffled, {});
  RC_ASSERT(again.size() == expected.size());
  for (std::size_t i = 0; i < again.size(); ++i) {
    RC_ASSERT(again[i].facts == expected[i].facts);
    RC_ASSERT(again[i].score == expected[i].score);
    RC_ASSERT(again[i].ambiguous == expected[i].ambiguous);
  }
}

}  // namespace
}  // namespace navkeeper::custody
