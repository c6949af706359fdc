// The batch killed with kill -9 at every step, two operators at once, and a seeded life of a fund with
// orders, approvals, errors, crashes and restatements in it: the result is what an undisturbed run gives, and
// no invariant breaks.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <thread>

#include "common/base/refuse.h"
#include "tests/db/nav_life_fixture.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using time::Date;

/// Where the process dies: before the n-th step.
struct Fuse {
  int left = 0;
  void step() {
    if (--left == 0) ::kill(::getpid(), SIGKILL);
  }
};

class BurningJournal final : public StrikeJournal {
 public:
  BurningJournal(StrikeJournal& inner, Fuse& fuse) : inner_(inner), fuse_(fuse) {}
  std::vector<Holdings> holdings_of_many(db::Transaction& transaction,
                                         const std::vector<const FundDefinition*>& funds,
                                         Date date) override {
    fuse_.step();
    return inner_.holdings_of_many(transaction, funds, date);
  }
  std::optional<db::AuditRecord> post_strike(db::Transaction& transaction, db::WriteBatch& batch,
                                             const NewNav& nav) override {
    fuse_.step();  // inside of the transaction, before and after the entries
    auto record = inner_.post_strike(transaction, batch, nav);
    fuse_.step();
    return record;
  }

 private:
  StrikeJournal& inner_;
  Fuse& fuse_;
};

class BurningRates final : public RateSource {
 public:
  BurningRates(RateSource& inner, Fuse& fuse) : inner_(inner), fuse_(fuse) {}
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset, Date date) override {
    fuse_.step();
    return inner_.price(fund, asset, date);
  }

 private:
  RateSource& inner_;
  Fuse& fuse_;
};

class NavCrashTest : public NavLifeTest {
 protected:
  RunRequest range(Date from, Date to, const std::string& who = "mia") {
    return {{kBtceth}, from, to, actor(who), kNow};
  }
  /// Runs the batch in a process of its own that dies at its n-th step. True: it came to its end before.
  bool run_until(int step, Date from, Date to) {
    const pid_t child = ::fork();
    if (child == 0) {
      Fuse fuse{step};
      db::Pool own(pool().settings());
      BurningJournal journal(journal_, fuse);
      BurningRates rates(rates_, fuse);
      PostgresNavStore own_store(own, journal);
      PostgresActStore own_acts(own);
      JsonDocuments documents;
      run_navs({own_store, rates, documents, own_acts}, range(from, to),
               [&](const RunLine&) { fuse.step(); });
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status);
  }
};

TEST_F(NavCrashTest, KilledAtEveryStepAndRunAgainItGivesTheSameResult) {
  const Date from = day("2026-01-05");
  const Date to = day("2026-01-07");
  for (const RunLine& line : run_navs(ports(), range(from, to), nullptr))
    ASSERT_EQ(line.outcome, RunOutcome::kStruck) << line.message;
  const std::string expected = everything();
  int step = 1;
  for (bool is_finished = false; !is_finished; ++step) {
    SetUp();  // the fund anew, nothing struck
    is_finished = run_until(step, from, to);
    for (const RunLine& line : run_navs(ports(), range(from, to), nullptr))
      ASSERT_TRUE(line.outcome == RunOutcome::kStruck || line.outcome == RunOutcome::kUnchanged)
          << line.message;
    ASSERT_EQ(everything(), expected) << "killed at step " << step;
    ASSERT_TRUE(broken().empty()) << broken().front() << " after step " << step;
  }
  EXPECT_GT(step, 15);
}

TEST_F(NavCrashTest, TwoOperatorsAtOnceGiveWhatOneGives) {
  const Date from = day("2026-01-05");
  const Date to = day("2026-01-16");
  run_navs(ports(), range(from, to), nullptr);
  const std::string expected = everything();
  SetUp();
  std::vector<std::thread> operators;
  for (const char* who : {"mia", "max"})
    operators.emplace_back([&, who] {
      PostgresNavStore own(pool(), journal_);
      PostgresActStore own_acts(pool());
      for (const RunLine& line : run_navs({own, rates_, documents_, own_acts}, range(from, to, who), nullptr))
        EXPECT_TRUE(line.outcome == RunOutcome::kStruck || line.outcome == RunOutcome::kUnchanged)
            << line.message;
    });
  for (std::thread& one : operators) one.join();
  EXPECT_EQ(everything(), expected);
  EXPECT_TRUE(broken().empty()) << broken().front();
}

/// One seeded life; NAVKEEPER_NAV_DAYS business days of it (the default fits a test run, 250 is a year).
class SimulatedLife : public NavCrashTest {
 protected:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  const char* one_of(std::initializer_list<const char*> names) {
    return *(names.begin() + below(static_cast<int>(names.size())));
  }

  void move_prices(Date date) {
    for (const char* asset : {"BTC", "ETH"}) {
      money::Decimal& value =
          prices_.try_emplace(asset, dec(asset[0] == 'B' ? "84000" : "2800")).first->second;
      const Decimal move = Decimal::of(below(81) - 40, 3);  // four per cent at most
      value = (money::Rational(value) * money::Rational(Decimal::of(1) + move))
                  .rounded(2, money::Rounding::kHalfUp);
      rates_.values[{asset, date}] = value;
    }
  }
  void order(Date date) {
    const auto last = store().last_struck(kBtceth);
    if (!last) return;
    // Priced at the NAV of the day, so posted once it is struck: booked on the next exchange day.
    const StoredNav nav = *store().find_nav(kBtceth, date);
    const bool is_creation = below(3) != 0;
    const int units = 1 + below(3);
    const std::string shares = std::to_string(units * 10000);
    const money::Decimal dollars =
        (money::Rational(nav.summary.net_assets) / money::Rational(nav.summary.shares) *
         money::Rational(Decimal::of(units * 10000)))
            .rounded(2, money::Rounding::kHalfUp);
    const money::Decimal price = rates_.values.at({"BTC", date});
    const money::Decimal coins =
        (money::Rational(dollars) / money::Rational(price)).rounded(8, money::Rounding::kDown);
    const money::Decimal value = money::multiply(coins, price, 2, money::Rounding::kHalfUp);
    const money::Decimal cash = dollars - value;
    const std::string line = R"({"date":")" + date.to_string() + R"(","event":")" +
                             (is_creation ? "creation" : "redemption") + R"(","shares":")" + shares +
                             R"(","components":[{"asset":"BTC","quantity":")" + coins.to_string() +
                             R"(","value":")" + value.to_string() + R"("}],"cash":")" + cash.to_string() +
                             R"(","id":"o)" + date.to_string() + "\"}\n";
    EXPECT_EQ(post(line).posted, 1U);
    EXPECT_EQ(post(line).unchanged, 1U) << "an order that comes twice";
    ++orders_;
  }
  /// By one operator, by two at once, or by one who dies and is followed.
  void strike_day(Date date) {
    switch (below(4)) {
      case 0:
        run_until(1 + below(12), date, date);
        break;
      case 1: {
        std::thread other([&] {
          PostgresNavStore own(pool(), journal_);
          PostgresActStore own_acts(pool());
          run_navs({own, rates_, documents_, own_acts}, range(date, date, "max"), nullptr);
        });
        run_navs(ports(), range(date, date), nullptr);
        other.join();
        break;
      }
      default:
        break;
    }
    const auto lines = run_navs(ports(), range(date, date), nullptr);
    ASSERT_TRUE(lines[0].outcome == RunOutcome::kStruck || lines[0].outcome == RunOutcome::kUnchanged)
        << lines[0].message;
  }
  /// Everything wrong is tried first and must change nothing.
  void publish_day(Date date) {
    const StoredNav nav = *store().find_nav(kBtceth, date);
    EXPECT_THROW(publish_nav(ports(), by("zoe", date)), base::Refused);
    EXPECT_THROW(approve_nav(ports(), {kBtceth, date, actor(nav.struck_by.value()), kNow, {}}),
                 base::Refused);
    for (const std::string& check : nav.standing_failures())
      for (const char* who : {"tom", "zoe"}) override_check(ports(), by(who, date), check, "looked at it");
    const std::int64_t before = count("nav_publication");
    publish(date);
    EXPECT_THROW(approve_nav(ports(), by("tom", date)), base::Refused);
    EXPECT_THROW(publish_nav(ports(), by("tom", date)), base::Refused);
    EXPECT_EQ(count("nav_publication"), before + 1);
    published_.push_back(date);
  }
  /// A price of some days ago was wrong: the period is restated, assessed, and published where it is
  /// material.
  void find_error() {
    if (published_.size() < 3) return;
    const std::size_t first = published_.size() - 1 - static_cast<std::size_t>(below(3));
    const Date from = published_[first];
    const Date through = published_.back();
    rates_.values[{"BTC", from}] = (money::Rational(rates_.values.at({"BTC", from})) *
                                    money::Rational(dec(one_of({"1.0001", "1.003", "1.02", "0.98"}))))
                                       .rounded(2, money::Rounding::kHalfUp);
    restate_nav(ports(), {kBtceth, from, through, "a price was wrong", actor("mia"), kNow});
    const ErrorReport report = assess_period(store(), life(), kBtceth, from, through);
    EXPECT_EQ(report.days.front().day.date, from);
    for (const DayError& found : report.days) {
      const Date date = found.day.date;
      const StoredNav nav = *store().find_nav(kBtceth, date);
      if (nav.approved_by) continue;
      for (const std::string& check : nav.standing_failures())
        for (const char* who : {"tom", "zoe"}) override_check(ports(), by(who, date), check, "restated");
      if (found.severity == ErrorSeverity::kMaterial) {
        publish(date);
        ++restated_;
      } else {
        EXPECT_THROW(publish(date), base::Refused) << "the original stays official";
      }
    }
    ++errors_;
  }

  std::mt19937 random_{20260105};
  std::map<std::string, money::Decimal> prices_;
  std::vector<Date> published_;
  int orders_ = 0;
  int errors_ = 0;
  int restated_ = 0;
};

TEST_F(SimulatedLife, OfOrdersApprovalsErrorsAndCrashesBreaksNoInvariant) {
  const char* wanted = std::getenv("NAVKEEPER_NAV_DAYS");
  const int days = wanted != nullptr ? std::atoi(wanted) : 20;
  const time::Calendar calendar = store().definition_on(kBtceth, day("2026-01-05"))->definition.calendar();
  Date date = day("2026-01-05");
  for (int i = 0; i < days; ++i, date = calendar.next_business_day(date)) {
    move_prices(date);
    strike_day(date);
    if (HasFatalFailure()) return;
    if (below(3) != 0) order(date);
    publish_day(date);
    if (below(5) == 0) find_error();
    ASSERT_TRUE(broken().empty()) << broken().front() << " on " << date.to_string();
  }
  EXPECT_EQ(count("nav WHERE version = 1"), days);
  EXPECT_EQ(count("entry WHERE source = 'file' AND source_id LIKE 'o%'"), orders_);
  std::printf("%d days, %d orders, %d error periods, %d days restated in the open\n", days, orders_, errors_,
              restated_);
}

}  // namespace
}  // namespace navkeeper::nav
