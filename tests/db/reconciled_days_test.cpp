// Days that are reconciled without a person: once each, after what they wait for, whatever dies meanwhile.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/job_lease.h"
#include "common/db/lease.h"
#include "common/time/clock.h"
#include "services/custody/adapters/reconciled_day_store.h"
#include "tests/db/reconciliation_fixture.h"

namespace navkeeper::custody::reconciling {
namespace {

/// Where the process dies: before the n-th step.
struct Fuse {
  int left = 0;
  void step() {
    if (--left == 0) ::kill(::getpid(), SIGKILL);
  }
};

class BurningBooks final : public BooksSource {
 public:
  explicit BurningBooks(Fuse& fuse) : fuse_(fuse) {}
  FundBooks books(const model::FundId& fund, time::Date date) override {
    fuse_.step();
    if (is_away) throw base::Unavailable("nav did not answer");
    return fixed.books(fund, date);
  }
  Instant valued_at(const model::FundId& fund, time::Date date) override {
    fuse_.step();
    if (is_away) throw base::Unavailable("nav did not answer");
    if (date == kDay + 2) base::refuse("date", "is no business day");
    return fixed.valued_at(fund, date);
  }
  FixedBooks fixed;
  bool is_away = false;

 private:
  Fuse& fuse_;
};

class BurningReconciliations final : public ReconciliationStore {
 public:
  BurningReconciliations(ReconciliationStore& inner, Fuse& fuse) : inner_(inner), fuse_(fuse) {}
  std::optional<Instant> history_begins(const model::FundId& fund, const std::string& source) override {
    fuse_.step();
    return inner_.history_begins(fund, source);
  }
  std::vector<Balance> balances_after(const model::FundId& fund, Instant instant) override {
    fuse_.step();
    return inner_.balances_after(fund, instant);
  }
  int save(const model::FundId& fund, const StoredReconciliation& made, const ReconciliationPaper& paper,
           const std::vector<FoundBreak>& breaks) override {
    fuse_.step();
    const int number = inner_.save(fund, made, paper, breaks);
    fuse_.step();
    return number;
  }

 private:
  ReconciliationStore& inner_;
  Fuse& fuse_;
};

class BurningDays final : public ReconciledDayStore {
 public:
  BurningDays(ReconciledDayStore& inner, Fuse& fuse) : inner_(inner), fuse_(fuse) {}
  std::vector<ReconciledDay> days(const model::FundId& fund, time::Date from) override {
    fuse_.step();
    return inner_.days(fund, from);
  }
  void note(const model::FundId& fund, const ReconciledDay& day) override {
    fuse_.step();
    inner_.note(fund, day);
    fuse_.step();
  }

 private:
  ReconciledDayStore& inner_;
  Fuse& fuse_;
};

class ReconciledDaysTest : public ReconciliationStoreTest {
 protected:
  /// One process' job: its lease, its memory.
  struct Job {
    Job(db::Pool& given, const time::Clock& clock, std::vector<std::string> chains = {})
        : pool(given), lease(given, "custody_reconcile", std::chrono::milliseconds(600'000), clock) {
      fund.chains = std::move(chains);
    }
    std::vector<ReconciledDay> pass(Instant now) {
      if (!lease.take()) return {};
      PostgresCustodyStore facts(pool);
      PostgresReconciliationStore reconciliations = PostgresReconciliationStore(pool).by_job(*lease.held());
      PostgresReconciledDayStore days = PostgresReconciledDayStore(pool).under(*lease.held());
      BurningReconciliations burning(reconciliations, fuse);
      BurningDays burning_days(days, fuse);
      return reconciler.pass({books, facts, burning, documents, burning_days,
                              [&](const model::FundId&, const std::string& source, Instant at) {
                                fuse.step();
                                chains_read.emplace_back(source, at);
                                SyncReport report;
                                report.run.outcome = chain_outcome;
                                report.run.detail =
                                    chain_outcome == SyncOutcome::kDone ? "" : "not final yet";
                                return report;
                              }},
                             fund, now);
    }
    db::Pool& pool;
    db::JobLease lease;
    Fuse fuse;
    BurningBooks books{fuse};
    JsonReconciliationDocuments documents;
    WatchedFund fund{kFund, {"cryptocom"}, {}};
    DayReconciler reconciler{{}, {model::ActorId::literal("navkeeper"), {model::Role::kService}}};
    SyncOutcome chain_outcome = SyncOutcome::kDone;
    std::vector<std::pair<std::string, Instant>> chains_read;
  };

  db::Pool& pool() { return service_pool("custody"); }
  std::vector<ReconciledDay> days() { return PostgresReconciledDayStore(pool()).days(kFund, kDay - 30); }
  int count(const std::string& table) {
    return pool().transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + table)[0][0].as<int>();
    });
  }
  time::ManualClock clock{kAt};
};

TEST_F(ReconciledDaysTest, ADayWaitsForItsValuationPointAndForItsCustodianAndIsThenDoneOnce) {
  Job job(pool(), clock);
  told(0, "10", true);  // five minutes before the valuation point: not after it
  EXPECT_EQ(job.pass(kAt - Duration::minutes(1)).at(0).state, DayState::kWaiting);
  EXPECT_NE(days().at(0).detail.find("valuation point"), std::string::npos);
  EXPECT_EQ(job.pass(kAt - Duration::seconds(30)).size(), 0U) << "what did not change is not written again";
  const auto early = job.pass(kAt + Duration::minutes(1));
  ASSERT_EQ(early.size(), 1U);
  EXPECT_NE(early[0].detail.find("a reading of cryptocom after"), std::string::npos) << early[0].detail;
  EXPECT_EQ(count("reconciliation"), 0);
  told(0, "10", true, -2);
  const auto done = job.pass(kAt + Duration::minutes(3));
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].state, DayState::kDone);
  EXPECT_EQ(done[0].number, 1);
  EXPECT_EQ(done[0].detail, "");
  told(0, "9", true, -10);
  EXPECT_TRUE(job.pass(kAt + Duration::minutes(11)).empty()) << "once";
  EXPECT_EQ(count("reconciliation"), 1);
  // The next day begins by itself; the day after it the fund is not valued.
  EXPECT_EQ(job.pass(kAt + Duration::hours(20)).at(0).date, kDay + 1);
  told(1, "10", true, -2);
  told(2, "10", true, -2);
  job.pass(kAt + Duration::hours(48) + Duration::minutes(3));
  const auto all = days();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].state, DayState::kDone) << all[1].detail;
  EXPECT_EQ(all[2].state, DayState::kNotValued);
  EXPECT_NE(all[2].detail.find("no business day"), std::string::npos);
}

TEST_F(ReconciledDaysTest, OneCoinThatIsLeftOutMakesNobodyWaitForTheOthers) {
  const auto asked = [&](int minutes, bool is_told, bool is_listed) {
    const Instant now = kAt + Duration::minutes(minutes);
    SyncResult result;
    result.run = {"cryptocom", now, now, SyncOutcome::kPartly, "balances: DUST of main is missing"};
    for (const char* coin : {"BTC", "DUST"}) {
      Balance balance;
      balance.place = {"cryptocom", "main"};
      balance.asset = *model::AssetId::parse(coin);
      balance.scale = 8;
      balance.as_of = now;
      if (is_told && balance.asset.value() == "BTC") balance.total = d("10");
      result.balances.push_back(balance);
    }
    if (is_listed)
      result.answers = {WindowAnswer{RecordKind::kTransfer, kAt - Duration::hours(2'000), now, now, {}}};
    PostgresCustodyStore(pool()).save(kFund, result, now, "test");
  };
  Job job(pool(), clock);
  told(0, "10", true);
  const auto waits = [&](int minutes) {
    const auto changed = job.pass(kAt + Duration::minutes(minutes));
    return changed.empty() ? days().at(0).state == DayState::kWaiting
                           : changed.at(0).state == DayState::kWaiting;
  };
  asked(1, true, false);  // what moved is not told
  EXPECT_TRUE(waits(2));
  asked(3, false, true);  // no balance at all is told
  EXPECT_FALSE(waits(4)) << "the balances of a minute after, and the lists of three";
  EXPECT_EQ(days().at(0).state, DayState::kDone) << days().at(0).detail;
  EXPECT_EQ(days().at(0).detail, "");
}

TEST_F(ReconciledDaysTest, WhoseReadingDoesNotComeIsNotWaitedForForEverAndTheLineIsUnsure) {
  Job job(pool(), clock, {"chain:bitcoin"});
  job.chain_outcome = SyncOutcome::kFailed;
  told(0, "10", true, 26 * 60);  // the day before, too long ago
  job.pass(kAt + Duration::minutes(1));
  EXPECT_NE(days().at(0).detail.find("not final yet"), std::string::npos) << days().at(0).detail;
  job.pass(kAt + Duration::minutes(1) + Duration::seconds(5));
  EXPECT_EQ(job.chains_read.size(), 1U) << "not asked every few seconds";
  EXPECT_EQ(job.chains_read[0].second, kAt) << "at the valuation point";
  const auto done = job.pass(kAt + Duration::minutes(61));
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].state, DayState::kDone);
  EXPECT_NE(done[0].detail.find("without a reading of cryptocom"), std::string::npos) << done[0].detail;
  EXPECT_NE(days().at(0).detail.find("chain:bitcoin"), std::string::npos) << "it stands in the store too";
  const auto statuses = store().line_statuses(kFund, {kDay, 1});
  EXPECT_EQ(statuses.count(LineStatus::kUnsure), 1U) << "nothing unsure is shown as sure";
  EXPECT_EQ(verdict_of(statuses, store().breaks_of(kFund, {kDay, 1})), "unavailable");
}

TEST_F(ReconciledDaysTest, WhileNavIsAwayTheDayFailsAndItGoesOnLater) {
  Job job(pool(), clock);
  told(0, "10", true, -2);
  job.books.is_away = true;
  EXPECT_EQ(job.pass(kAt + Duration::minutes(3)).at(0).state, DayState::kFailed);
  EXPECT_TRUE(job.pass(kAt + Duration::minutes(4)).empty());
  job.books.is_away = false;
  EXPECT_EQ(job.pass(kAt + Duration::minutes(5)).at(0).state, DayState::kDone);
}

TEST_F(ReconciledDaysTest, KilledAtEveryStepADayIsDoneOnceByWhoComesNext) {
  int step = 1;
  for (bool is_finished = false; !is_finished; ++step) {
    ASSERT_LT(step, 40);
    SCOPED_TRACE("killed at step " + std::to_string(step));
    SetUp();
    told(0, "9", true, -2);
    const Instant now = kAt + Duration::minutes(3);
    const pid_t child = ::fork();
    if (child == 0) {
      db::Pool own(pool().settings());
      Job job(own, clock, {"chain:bitcoin"});
      job.fuse.left = step;
      job.pass(now);
      static_cast<void>(job.lease.give_back());
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    is_finished = WIFEXITED(status);
    // The dead one's lease has run out.
    run_as_administrator("UPDATE custody.lease SET expires_at = clock_timestamp() - interval '1 second'");
    Job next(pool(), clock, {"chain:bitcoin"});
    next.pass(now + Duration::seconds(1));
    const auto all = days();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].state, DayState::kDone);
    EXPECT_EQ(count("reconciliation"), 1);
    EXPECT_EQ(count("reconciled_day WHERE state = 'done'"), 1);
    EXPECT_EQ(store().breaks(kFund).size(), 1U);
    EXPECT_EQ(events(), (std::vector<std::string>{"break_opened"})) << "told once";
  }
  EXPECT_GE(step, 8);
}

TEST_F(ReconciledDaysTest, WhoLostTheLeaseWritesNothingAndADoneDayStaysDone) {
  Job frozen(pool(), clock);
  ASSERT_TRUE(frozen.lease.take());
  const db::Lease old = *frozen.lease.held();
  run_as_administrator("UPDATE custody.lease SET expires_at = clock_timestamp() - interval '1 second'");
  Job next(pool(), clock);
  told(0, "10", true, -2);
  EXPECT_EQ(next.pass(kAt + Duration::minutes(3)).at(0).state, DayState::kDone);
  PostgresReconciledDayStore late = PostgresReconciledDayStore(pool()).under(old);
  EXPECT_THROW(late.note(kFund, {kDay + 1, DayState::kWaiting, "late", {}, kAt}), db::Fenced);
  EXPECT_TRUE(frozen.pass(kAt + Duration::minutes(4)).empty()) << "another one holds it";
  PostgresReconciledDayStore(pool()).note(kFund, {kDay, DayState::kFailed, "late", {}, kAt});
  EXPECT_EQ(days().at(0).state, DayState::kDone);
  EXPECT_NE(refusal([&] {
              pool().transact([&](db::Transaction& transaction) {
                db::execute(transaction,
                            "INSERT INTO reconciled_day (fund_id, recon_date, seq, state, detail, number, "
                            "known_at_ns) VALUES ('BTCETH', '2026-03-05', 9, 'done', '', 1, 1)");
              });
            }),
            "")
      << "the database says so too";
}

}  // namespace
}  // namespace navkeeper::custody::reconciling
