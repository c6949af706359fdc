// Publication, restatement, statements of others and contingent NAVs on PostgreSQL: what is kept, what
// leaves, what the database itself refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "common/base/refuse.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/error_report.h"
#include "tests/db/nav_life_fixture.h"

namespace navkeeper::nav {
namespace {

using time::Date;

const Date kMonday = Date::literal("2026-01-05");
const Date kTuesday = Date::literal("2026-01-06");

TEST_F(NavLifeTest, APublishedNavIsToldOnceAndAudited) {
  strike_on(kMonday);
  publish(kMonday);
  EXPECT_EQ(store().find_nav(kBtceth, kMonday)->state(), NavState::kPublished);
  EXPECT_THROW(publish_nav(ports(), by("zoe", kMonday)), base::Refused);
  const auto events = pool().transact(
      [&](db::Transaction& transaction) { return db::events_after(transaction, "BTCETH", 0, 100); });
  std::vector<std::string> kinds;
  for (const db::OutboxEvent& event : events) kinds.push_back(event.kind);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "nav_published"), 1);
  const auto report = service_pool("auditor").transact(
      [](db::Transaction& transaction) { return db::verify_audit(transaction, {}); });
  EXPECT_TRUE(report.faults.empty()) << report.faults.front().what;
  EXPECT_TRUE(broken().empty()) << broken().front();
}

TEST_F(NavLifeTest, TheDatabaseItselfRefusesWhatTheRulesRefuse) {
  StoredNav nav = strike_on(kMonday).nav;
  const auto publish_by = [&](const char* who) {
    store().add_publication(kBtceth, nav, model::ActorId::literal(who), kNow);
  };
  EXPECT_THROW(publish_by("zoe"), db::ConstraintViolation) << "a check blocks it";
  for (const std::string& check : nav.standing_unavailable())
    for (const char* who : {"tom", "zoe"}) override_check(ports(), by(who, kMonday), check, "no service yet");
  EXPECT_THROW(publish_by("zoe"), db::ConstraintViolation) << "not approved";
  approve_nav(ports(), by("tom", kMonday));
  EXPECT_THROW(publish_by("mia"), db::ConstraintViolation) << "by its striker";
  publish_by("zoe");
  EXPECT_THROW(publish_by("zoe"), base::Conflict) << "twice";
  EXPECT_THROW(pool().transact([&](db::Transaction& transaction) {
    db::execute(transaction, "DELETE FROM nav_publication");
  }),
               db::SqlError);
}

TEST_F(NavLifeTest, AnApprovalOfAVersionThatIsNoLongerTheLatestIsRefusedByTheStoreToo) {
  const StoredNav first = strike_on(kMonday).nav;
  rates_.values[{"BTC", kMonday}] = dec("84100");
  EXPECT_EQ(strike_on(kMonday, "mia", "the determination came late").nav.summary.version, 2);
  EXPECT_THROW(store().add_approval(kBtceth, first, model::ActorId::literal("tom"), kNow), base::Conflict);
  EXPECT_EQ(count("nav_approval"), 0);
}

TEST_F(NavLifeTest, AFurtherVersionMarksItsOwnDayAndLeavesTheMarksOfLaterOnes) {
  const auto mark = [&](Date struck) {
    const auto books = pool().transact([&](db::Transaction& transaction) {
      return load_books(transaction, kBtceth, {books::Basis::kNav, struck + 1, std::nullopt});
    });
    return -books->balance("Income:Unrealised gain:BTC", "USD").to_decimal(books::kDollarDecimals);
  };
  strike_on(kMonday);  // 600 BTC at their cost, 84,000
  rates_.values[{"BTC", kTuesday}] = dec("84100");
  strike_on(kTuesday);
  EXPECT_EQ(mark(kMonday), dec("0"));
  EXPECT_EQ(mark(kTuesday), dec("60000"));
  rates_.values[{"BTC", kMonday}] = dec("84050");
  EXPECT_EQ(strike_on(kMonday, "mia", "a price came late").nav.summary.version, 2);
  EXPECT_EQ(mark(kMonday), dec("30000"));
  EXPECT_EQ(mark(kTuesday), dec("60000"));
  rates_.values[{"BTC", kMonday}] = dec("83900");
  rates_.values[{"BTC", kTuesday}] = dec("84200");
  EXPECT_EQ(strike_on(kMonday, "mia", "and another").nav.summary.version, 3);
  EXPECT_EQ(strike_on(kTuesday, "mia", "here too").nav.summary.version, 2);
  EXPECT_EQ(mark(kMonday), dec("-60000"));
  EXPECT_EQ(mark(kTuesday), dec("120000"));
  strike_on(kTuesday + 1);  // 84,000 once more
  EXPECT_EQ(mark(kTuesday + 1), dec("0"));
  EXPECT_TRUE(broken().empty()) << broken().front();
}

TEST_F(NavLifeTest, ManyFundsAtOnceAreSeenAsEachByItself) {
  strike_on(kMonday);
  strike_on(kTuesday);
  rates_.values[{"BTC", kTuesday}] = dec("84100");
  strike_on(kTuesday, "mia", "late");
  for (const Date date : {kMonday, kTuesday, kTuesday + 1}) {
    const StrikeSight seen = store().look({kBtceth, model::FundId::literal("NOPE")}, date).front();
    const StrikeSight alone = store().NavStore::look({kBtceth}, date).front();
    EXPECT_EQ(seen.is_known, alone.is_known);
    EXPECT_EQ(seen.last_struck, alone.last_struck);
    EXPECT_EQ(seen.mark.version, alone.mark.version);
    EXPECT_EQ(seen.existing.has_value(), alone.existing.has_value());
    if (seen.existing) {
      EXPECT_EQ(seen.existing->document, alone.existing->document);
      EXPECT_EQ(seen.existing->checks, alone.existing->checks);
    }
    EXPECT_EQ(seen.before.has_value(), alone.before.has_value());
    if (seen.before) {
      EXPECT_EQ(seen.before->document, alone.before->document);
    }
    const auto plan = plan_strike(seen.definition->definition, date, kNow).value();
    EXPECT_EQ(documents_.inputs(resolve(ports(), seen, plan, {})),
              documents_.inputs(resolve(ports(), alone, plan, {})));
  }
  EXPECT_FALSE(store().look({kBtceth, model::FundId::literal("NOPE")}, kMonday)[1].is_known);
}

TEST_F(NavLifeTest, AStrikeDoesNotReadItsTaxYearAgain) {
  const FundDefinition fund = store().latest_definition(kBtceth)->definition;
  const auto rows_read = [&](Date date) {
    return pool().transact([&](db::Transaction& transaction) {
      const auto read = [&] {
        return db::query(
                   transaction,
                   "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), "
                   "0)::bigint FROM pg_stat_xact_user_tables WHERE relname IN ('entry', 'posting')")[0][0]
            .as<std::int64_t>();
      };
      db::execute(transaction, "SET LOCAL enable_seqscan = off");
      const std::int64_t before = read();
      journal_.holdings_of_many(transaction, {&fund}, date);
      return read() - before;
    });
  };
  const auto strike_until = [&](Date date, Date end) {
    for (; date < end; date = time::Calendar::exchange().next_business_day(date)) strike_on(date);
    run_as_administrator("ANALYZE");
  };
  strike_until(kMonday, kMonday + 4);
  const std::int64_t early = rows_read(kMonday + 4);
  strike_until(kMonday + 4, kMonday + 42);
  EXPECT_LE(rows_read(kMonday + 42), early + 5);
}

TEST_F(NavLifeTest, ARestatementLeavesTheDifferenceInTheBooksAndBothPastsCanBeSeen) {
  strike_on(kMonday);
  publish(kMonday);
  strike_on(kTuesday);
  publish(kTuesday);
  post(
      R"({"date":"2026-01-07","event":"creation","shares":"10000","asset":"BTC","quantity":"2.5","value":"250000","id":"c"})"
      "\n");
  const auto fee_of = [&](Date date) { return store().find_nav(kBtceth, date)->summary.expenses; };
  const money::Decimal wrong_fee = fee_of(kMonday);
  rates_.values[{"BTC", kMonday}] = dec("90000");
  const time::Instant later = kNow + time::Duration::minutes(60);
  const auto reports =
      restate_nav(ports(), {kBtceth, kMonday, kTuesday, "a price was wrong", actor("mia"), later});
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].nav.kind, VersionKind::kRestatement);
  EXPECT_EQ(reports[1].outcome, StrikeOutcome::kStruck) << "Tuesday owes Monday's correct fee";
  const money::Decimal more = fee_of(kMonday) - wrong_fee;
  EXPECT_TRUE(more.is_positive());
  const auto definition = store().definition_on(kBtceth, kTuesday)->definition;
  const auto owed = [&](int version) {
    return documents_
        .resolved(store().versions(kBtceth, kTuesday, later)[static_cast<std::size_t>(version - 1)].inputs,
                  definition)
        .books.liabilities.at(0)
        .amount;
  };
  EXPECT_EQ(owed(2), owed(1) + more);
  EXPECT_EQ(store().find_nav(kBtceth, kMonday, kNow)->summary.version, 1);
  EXPECT_EQ(store().find_nav(kBtceth, kMonday, later)->summary.version, 2);
  EXPECT_THROW(restate_nav(ports(), {kBtceth, kTuesday + 1, kTuesday + 1, "x", actor("mia"), later}),
               base::Refused)
      << "never struck";
  // The batch names both days as waiting for people, whatever was published since.
  const auto waiting = store().restated({kBtceth}, kTuesday + 1).front();
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[0].summary.valuation_date, kMonday);
  EXPECT_EQ(waiting[0].summary.version, 2);
  EXPECT_EQ(waiting[0].kind, VersionKind::kRestatement);
  EXPECT_EQ(waiting[0].standing_unavailable().size(),
            store().find_nav(kBtceth, kMonday)->standing_unavailable().size());
  EXPECT_TRUE(store().restated({kBtceth}, kMonday - 1).front().empty());
  strike_on(kTuesday + 1);
  EXPECT_THROW(restate_nav(ports(), {kBtceth, kTuesday + 1, kTuesday + 1, "x", actor("mia"), later}),
               base::Refused)
      << "never published";
  EXPECT_TRUE(broken().empty()) << broken().front();

  const ErrorReport report = assess_period(store(), life(), kBtceth, kMonday, kTuesday);
  EXPECT_EQ(report.severity, ErrorSeverity::kMaterial);
  EXPECT_EQ(report.days[1].severity, ErrorSeverity::kNone);  // a fee of a few dollars
  const std::string json = error_report_json(kBtceth, report);
  const int number = life().add_report(kBtceth, json, model::ActorId::literal("mia"), later);
  EXPECT_EQ(life().add_report(kBtceth, json, model::ActorId::literal("tom"), later), number);
  ASSERT_EQ(life().reports(kBtceth).size(), 1U);
  EXPECT_NE(error_report_text(life().reports(kBtceth)[0]).find("Severity material"), std::string::npos);
  EXPECT_EQ(life().dealt(kBtceth, *store().find_nav(kBtceth, kTuesday + 1)).at(0).shares, dec("10000"));
}

TEST_F(NavLifeTest, ALateFactThatWasPostedBeforePublicationMakesAFurtherVersion) {
  strike_on(kMonday);
  post(R"({"date":"2026-01-03","event":"fee_accrued","name":"audit","amount":"50000.00","id":"late"})"
       "\n");
  EXPECT_THROW(approve_nav(ports(), by("tom", kMonday)), StaleDraft);
  const StrikeReport again = strike_on(kMonday, "mia", "an invoice came late");
  EXPECT_EQ(again.nav.summary.version, 2);
  publish(kMonday);
  EXPECT_TRUE(broken().empty()) << broken().front();
}

TEST_F(NavLifeTest, ACustodiansStatementIsMeasuredAgainstTheBooks) {
  const auto record = [&](const char* bitcoin) {
    return life().add_evidence(
        kBtceth, kMonday,
        std::string(R"({"as_of":"2026-01-05","kind":"custody","positions":[{"asset":"BTC","quantity":")") +
            bitcoin + R"("},{"asset":"ETH","quantity":"12000"}],"source":"statement 1"})",
        model::ActorId::literal("olga"), kNow);
  };
  const auto custody = [&] {
    const auto nav = store().find_nav(kBtceth, kMonday);
    for (const Check& check : nav->checks) {
      if (check.name == "custody_reconciled") return check;
    }
    return Check{};
  };
  strike_on(kMonday);
  EXPECT_EQ(custody().status, CheckStatus::kUnavailable);
  EXPECT_TRUE(record("599"));
  EXPECT_FALSE(record("599"));
  strike_on(kMonday, "mia", "the statement is there");
  EXPECT_EQ(custody().status, CheckStatus::kFailed);
  EXPECT_EQ(custody().measured, "1");
  EXPECT_TRUE(record("600"));
  strike_on(kMonday, "mia", "a corrected statement");
  EXPECT_EQ(custody().status, CheckStatus::kPassed) << custody().detail;
  const auto versions = store().versions(kBtceth, kMonday, kNow);
  ASSERT_EQ(versions.size(), 3U);
  EXPECT_NE(versions[0].inputs, versions[2].inputs);
  EXPECT_EQ(versions[0].summary.nav_per_share, versions[2].summary.nav_per_share);
}

TEST_F(NavLifeTest, AContingentNavIsKeptApartAndIsNoNav) {
  strike_on(kMonday);
  const StrikeRequest request{kBtceth, kTuesday, actor("mia"), kNow};
  const ContingentNav nav = strike_contingent(ports(), life(), request, "the books could not be closed");
  EXPECT_EQ(nav.based_on, kMonday);
  EXPECT_EQ(life().contingents(kBtceth, kTuesday).size(), 1U);
  strike_contingent(ports(), life(), request, "the books could not be closed");
  EXPECT_EQ(life().contingents(kBtceth, std::nullopt).size(), 1U);
  EXPECT_EQ(count("nav"), 1);
  EXPECT_THROW(approve_nav(ports(), by("tom", kTuesday)), base::Refused);
  strike_on(kTuesday);
  EXPECT_THROW(strike_contingent(ports(), life(), request, "x"), base::Refused);
}

TEST_F(NavLifeTest, ConcurrentStrikesGiveOneNav) {
  for (int round = 0; round < 5; ++round) {
    const Date date = kMonday + round;
    std::atomic<int> struck{0};
    std::atomic<int> unchanged{0};
    std::vector<std::thread> strikers;
    for (int i = 0; i < 4; ++i)
      strikers.emplace_back([&, i] {
        PostgresNavStore own(pool(), journal_);
        PostgresActStore own_acts(pool());
        const StrikeReport report = strike_fund({own, rates_, documents_, own_acts},
                                                {kBtceth, date, actor("operator" + std::to_string(i)), kNow});
        ++(report.outcome == StrikeOutcome::kStruck ? struck : unchanged);
      });
    for (std::thread& one : strikers) one.join();
    EXPECT_EQ(struck, 1);
    EXPECT_EQ(unchanged, 3);
  }
  EXPECT_EQ(count("nav"), 5);
  EXPECT_TRUE(broken().empty()) << broken().front();
}

}  // namespace
}  // namespace navkeeper::nav
