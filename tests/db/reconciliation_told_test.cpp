// What a custodian told, when, and what it leaves out, as a reconciliation takes it from the database.
#include "tests/db/reconciliation_fixture.h"

namespace navkeeper::custody::reconciling {
namespace {

class ReconciliationToldTest : public ReconciliationStoreTest {
 protected:
  void told_at(Instant now, std::optional<std::string_view> total, Progress progress,
               Instant updated_at = deposited_at()) {
    ReconciliationStoreTest::told_at(
        now, total,
        DepositTold{progress, updated_at, std::nullopt, R"({"at":")" + updated_at.to_string() + R"("})"});
  }
};

TEST_F(ReconciliationToldTest, ADepositCountsFromWhenItsBalanceShowsItHoweverEarlyItWasMade) {
  // Made long before the reading of zero, credited after it, and touched again after the valuation point.
  told_at(kAt - Duration::minutes(60), "0", Progress::kUnderWay);
  told_at(kAt + Duration::minutes(5), "10", Progress::kDone, kAt - Duration::minutes(30));
  told_at(kAt + Duration::minutes(9), "10", Progress::kDone, kAt + Duration::minutes(7));
  const Reconciliation found = reconcile_on(0).found;
  ASSERT_EQ(found.lines.size(), 1U);
  EXPECT_EQ(found.lines[0].status, LineStatus::kAgrees);
  EXPECT_TRUE(found.breaks.empty());
}

TEST_F(ReconciliationToldTest, ADepositThatIsCreditedAfterTheValuationPointIsUnderWayAtIt) {
  told_at(kAt - Duration::minutes(60), "0", Progress::kUnderWay);
  told_at(kAt + Duration::minutes(9), "10", Progress::kDone, kAt + Duration::minutes(7));
  const Reconciliation found = reconcile_on(0).found;
  ASSERT_EQ(found.breaks.size(), 1U);
  EXPECT_EQ(found.breaks[0].amount, d("-10")) << "the books have it, the custodian's balance not yet";
}

TEST_F(ReconciliationToldTest, ACoinThatIsLeftOutIsUnsureThoughItsLastBalanceIsAnHourOldAlone) {
  told_at(kAt - Duration::minutes(60), "10", Progress::kDone);
  told_at(kAt - Duration::minutes(30), {}, Progress::kDone);
  const Reconciliation found = reconcile_on(0).found;
  ASSERT_EQ(found.lines.size(), 1U);
  EXPECT_EQ(found.lines[0].status, LineStatus::kUnsure);
  std::string notes;
  for (const std::string& note : found.lines[0].notes) notes += note + "\n";
  EXPECT_NE(notes.find("cryptocom main told it before and leaves it out since 2026-03-05T20:30:00Z"),
            std::string::npos)
      << notes;
  // Told again after the valuation point, that reading is rolled back to it.
  told_at(kAt + Duration::minutes(5), "10", Progress::kDone);
  EXPECT_EQ(reconcile_on(0).found.lines[0].status, LineStatus::kAgrees);
}

}  // namespace
}  // namespace navkeeper::custody::reconciling
