// What staking's store gives to whoever posts events and compares books: pages in the order of learning, and
// roll-forwards of all places as one.
#include "services/staking/adapters/staking_store.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using time::Instant;

const model::FundId kFund = model::FundId::literal("CROYIELD");

Decimal dec(const char* text) { return Decimal::literal(text); }
Instant at(int minute) { return Instant::literal("2026-03-10T00:00:00Z") + time::Duration::minutes(minute); }
StateMark mark(int minute) {
  return {static_cast<std::uint64_t>(minute), "ROOT" + std::to_string(minute), at(minute)};
}
PositionKey key(const std::string& place) {
  return {Chain::kCronosPos, "cronos", place, model::AssetId::literal("CRO")};
}

class StakingFeedStore : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    store_.emplace(service_pool("staking"));
  }
  void save(SyncResult result, Instant known_at) {
    result.run = {"cronos", known_at, known_at, SyncOutcome::kDone, ""};
    store_->save(kFund, result, known_at, "tests");
  }
  static StakingEvent event(const std::string& id, int minute) {
    return {id, key("a/b"), EventKind::kRewardBase, dec("1"), mark(minute), ""};
  }
  static RollForward roll(const std::string& place, int from, int to, const char* opening, const char* in,
                          const char* closing) {
    RollForward one{key(place), Account::kStake, mark(from), mark(to), dec(opening), {}, dec(closing)};
    if (*in != '0') one.lines.push_back({EventKind::kDelegate, dec(in)});
    return one;
  }
  std::vector<RollForwardTotal> totals(int from, int to) {
    StakingQuery query;
    query.source = "cronos";
    query.from = at(from);
    query.as_of = at(to);
    return store_->roll_forward_totals(kFund, query);
  }

  std::optional<PostgresStakingStore> store_;
};

TEST_F(StakingFeedStore, PagesFollowTheOrderOfLearningWhateverTheOrderOfEvents) {
  SyncResult first;
  first.events = {event("c", 30), event("a", 10)};
  save(first, at(100));
  SyncResult late;
  late.events = {event("b", 5), event("d", 1)};
  save(late, at(200));
  std::string order;
  LearnedPage page;
  page.limit = 1;
  for (;;) {
    const auto found = store_->events_learned(kFund, {}, page);
    if (found.empty()) break;
    order += found[0].event.id;
    page.known_after = found[0].known_at;
    page.after_id = found[0].event.id;
  }
  EXPECT_EQ(order, "acbd");
  // Without an id everything that became known at that instant comes again.
  EXPECT_EQ(store_->events_learned(kFund, {}, {at(200), "", 10}).size(), 2U);
  StakingQuery known;
  known.known_at = at(150);
  EXPECT_EQ(store_->events_learned(kFund, known, {Instant::earliest(), "", 10}).size(), 2U);
}

TEST_F(StakingFeedStore, TotalsChainEachPlaceAndAddThemUp) {
  SyncResult result;
  result.roll_forwards = {roll("x", 0, 10, "5", "3", "8"), roll("x", 10, 20, "8", "0", "8"),
                          roll("y", 0, 10, "1", "0", "1"), roll("y", 10, 20, "1", "2", "3")};
  save(result, at(30));
  const auto whole = totals(0, 20);
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].opening, dec("6"));
  EXPECT_EQ(whole[0].closing, dec("11"));
  ASSERT_EQ(whole[0].lines.size(), 1U);
  EXPECT_EQ(whole[0].lines[0].amount, dec("5"));
  EXPECT_EQ(whole[0].intervals, 4);
  EXPECT_EQ(whole[0].not_tied + whole[0].broken, 0);
  EXPECT_EQ(whole[0].to, mark(20));
  const auto second = totals(10, 20);
  EXPECT_EQ(second[0].opening, dec("9"));
  EXPECT_TRUE(totals(20, 30).empty());
}

TEST_F(StakingFeedStore, WhereThereWasNothingAStretchMayBeMissing) {
  SyncResult result;
  result.roll_forwards = {roll("x", 0, 10, "0", "5", "5"), roll("x", 10, 20, "5", "0", "5"),
                          roll("x", 20, 30, "5", "0", "5"), roll("y", 0, 10, "0", "0", "0"),
                          roll("y", 20, 30, "0", "4", "4")};
  save(result, at(40));
  EXPECT_EQ(totals(0, 30).at(0).broken, 0);
}

TEST_F(StakingFeedStore, DifferencesAndBreaksAreCounted) {
  SyncResult result;
  result.roll_forwards = {roll("x", 0, 10, "5", "3", "9"),   // differs by 1
                          roll("x", 10, 20, "7", "0", "7"),  // begins with another amount
                          roll("y", 10, 20, "4", "0", "4"),  // comes from nowhere
                          roll("z", 0, 10, "2", "0", "2")};  // and this one ends
  save(result, at(30));
  const auto found = totals(0, 20);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].difference, dec("1"));
  EXPECT_EQ(found[0].not_tied, 1);
  EXPECT_EQ(found[0].broken, 3);
}

}  // namespace
}  // namespace navkeeper::staking
