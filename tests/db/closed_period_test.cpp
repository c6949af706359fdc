// A closed period on the real store: its statements stay what the closing held, whatever is learned later,
// until two people open it again; what came late is shown in the open period; its NAVs have no further
// version.
#include <gtest/gtest.h>

#include "services/nav/adapters/books_periods.h"
#include "services/nav/adapters/statements_store.h"
#include "tests/db/cash_fixture.h"

namespace navkeeper::nav {
namespace {

const Instant kClosing = Instant::literal("2026-03-02T12:00:00Z");

/// Prices that were corrected: a dollar more.
class CorrectedRates final : public RateSource {
 public:
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset, Date date) override {
    auto price = before_.price(fund, asset, date);
    price->official->value += dec("1");
    return price;
  }

 private:
  RisingRates before_;
};

class ClosedPeriod : public CashTest {
 protected:
  void SetUp() override {
    CashTest::SetUp();
    for (const char* date : {"2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"})
      strike_on(date);
  }
  std::string statements(const char* from, const char* to, std::optional<Instant> known_at = {}) {
    return statements_json(make_statements(pool(), kFund, {day(from), day(to), known_at}));
  }
  ClosedStatements close(const char* from, const char* to, Instant now = kClosing) {
    return in_transaction([&](db::Transaction& t) {
      return close_with_statements(t, kFund, day(from), day(to), who("mia", now));
    });
  }
  void approve_day(const char* date) {
    approve_nav(ports(), {kFund, day(date), who("tom").actor, kClosing, {}});
  }
  void reopen(const char* from, Instant now) {
    in_transaction([&](db::Transaction& t) {
      const int number =
          ask_reopening(t, kFund, day(from), "a bill was forgotten", {who("mia").actor.id, now});
      approve_reopening(t, kFund, number, {who("tom").actor.id, now});
      return 0;
    });
  }
  void post_late_facts() {
    post(
        R"({"id":"late-o","date":"2026-01-09","event":"creation","shares":"1000","cash":"25000"})"
        "\n"
        R"({"id":"late-p","date":"2026-01-09","event":"purchase","asset":"ETH","quantity":"1","cash":"3000"})"
        "\n",
        "2026-03-03T13:00:00Z");
    post(
        R"({"id":"late-f","date":"2026-01-08","book_date":"2026-01-12","settlement_date":"2026-01-12","event":"fee_accrued","name":"audit","amount":"500"})"
        "\n",
        "2026-03-03T13:00:00Z");
  }
};

TEST_F(ClosedPeriod, StatementsOfClosedDaysStayAndTheOpenPeriodShowsWhatCameLate) {
  approve_day("2026-01-09");
  const auto closed = close("2026-01-02", "2026-01-09");
  const std::string before = statements_json(closed.made);
  post_late_facts();
  EXPECT_EQ(statements("2026-01-02", "2026-01-09"), before);
  strike_on("2026-01-12");
  const auto open = make_statements(pool(), kFund, {day("2026-01-10"), day("2026-01-12"), std::nullopt});
  EXPECT_TRUE(open.faults.empty()) << open.faults.front();
  EXPECT_TRUE(open.tie.ties);
  EXPECT_EQ(open.changes.opening, closed.made.changes.closing);
  EXPECT_EQ(open.changes.shares_issued, dec("1000"));
  EXPECT_NE(statements_json(open).find("audit"), std::string::npos);
  EXPECT_EQ(before.find("audit"), std::string::npos);
  // Over both periods everything is there once.
  const auto both = make_statements(pool(), kFund, {day("2026-01-02"), day("2026-01-12"), std::nullopt});
  EXPECT_TRUE(both.faults.empty()) << both.faults.front();
  EXPECT_EQ(both.changes.closing, open.changes.closing);
  EXPECT_FALSE(close("2026-01-02", "2026-01-09").is_new);
}

TEST_F(ClosedPeriod, OpenedAgainByTwoPeopleItTakesWhatCameLate) {
  approve_day("2026-01-09");
  const auto closed = close("2026-01-02", "2026-01-09");
  const std::string before = statements_json(closed.made);
  post_late_facts();
  const Instant opened = Instant::literal("2026-03-04T12:00:00Z");
  // The 9th alone: what belongs to the 8th stays out.
  reopen("2026-01-09", opened);
  const std::string after = statements("2026-01-02", "2026-01-09");
  EXPECT_NE(after, before);
  EXPECT_EQ(after.find("audit"), std::string::npos);
  EXPECT_EQ(statements("2026-01-02", "2026-01-09", kClosing), before);
  const auto again = close("2026-01-02", "2026-01-09", Instant::literal("2026-03-05T12:00:00Z"));
  EXPECT_EQ(again.version, 2);
  EXPECT_EQ(statements_json(again.made), after);
  EXPECT_EQ(statements("2026-01-02", "2026-01-09"), after);
  reopen("2026-01-05", Instant::literal("2026-03-06T12:00:00Z"));
  EXPECT_NE(statements("2026-01-02", "2026-01-09").find("audit"), std::string::npos);
}

TEST_F(ClosedPeriod, ANavOfAClosedDayHasNoFurtherVersion) {
  approve_day("2026-01-09");
  close("2026-01-02", "2026-01-09");
  CorrectedRates corrected;
  const NavPorts now{*store_, corrected, documents_, *acts_};
  const auto again = [&] {
    return strike_fund(now, {kFund, day("2026-01-09"), who("mia").actor, kClosing, "a price was corrected"});
  };
  expect_refused(refusal([&] { again(); }), "lies in a closed period");
  EXPECT_EQ(store_->versions(kFund, day("2026-01-09"), Instant::latest()).size(), 1U);
  reopen("2026-01-09", kClosing);
  EXPECT_EQ(again().nav.summary.version, 2);
}

}  // namespace
}  // namespace navkeeper::nav
