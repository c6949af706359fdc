#pragma once
// A batch that runs in a process of its own and dies by SIGKILL at its n-th step.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/db/nav_life_fixture.h"

namespace navkeeper::nav {

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

}  // namespace navkeeper::nav
