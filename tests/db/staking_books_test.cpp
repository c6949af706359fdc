// Staking's events in the stored books of a fund: each once, whoever posts and whatever dies; cut-off, stages
// by policy, what comes late, and a staking service that lies.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <tuple>

#include "services/nav/adapters/staking_book_store.h"
#include "services/nav/adapters/staking_income_store.h"
#include "services/nav/app/nav_life.h"
#include "services/nav/app/restate_nav.h"
#include "services/nav/app/take_staking.h"
#include "tests/db/fund_life_fixture.h"

namespace navkeeper::nav {
namespace {

Instant at(const char* text) { return Instant::literal(text); }

/// A staking service that tells what a test told it; its sums are computed from its events.
class ToldStaking final : public StakingSource {
 public:
  std::vector<StakingCutOff> cut_offs(const model::FundId&, Instant as_of) override {
    if (is_away) throw base::Unavailable("staking is away");
    std::map<std::string, StakingCutOff> newest;
    for (const StakingCutOff& state : states) {
      if (state.at <= as_of) newest.insert_or_assign(state.chain, state);
    }
    std::vector<StakingCutOff> all;
    for (const auto& [chain, state] : newest) all.push_back(state);
    return all;
  }
  StakingPage events(const model::FundId&, const StakingBookmark& after) override {
    if (is_away) throw base::Unavailable("staking is away");
    StakingPage page;
    std::vector<StakingEvent> sorted = told;
    std::sort(sorted.begin(), sorted.end(), [](const StakingEvent& a, const StakingEvent& b) {
      return std::tuple(a.told_at, a.id) < std::tuple(b.told_at, b.id);
    });
    for (const StakingEvent& event : sorted) {
      if (!repeats_pages && std::tuple(event.told_at, event.id) <= std::tuple(after.told_at, after.id))
        continue;
      if (page.events.size() == page_size) {
        page.has_more = true;
        break;
      }
      page.events.push_back(event);
    }
    return page;
  }
  std::optional<PeerStatement> roll_forward(const model::FundId&, Date date, Instant,
                                            const StakingPeriod& period) override {
    if (is_away) throw base::Unavailable("staking is away");
    PeerStatement statement;
    statement.kind = PeerKind::kStaking;
    statement.as_of = date;
    statement.source = "the staking service";
    statement.hash = "00";
    statement.is_reconciliation = true;
    PeerLine line{model::AssetId::literal("CRO")};
    line.opening = Decimal{};
    for (const StakingEvent& event : told) {
      if (event.at > period.to.front().at) continue;
      if (event.kind == "delegate") line.added += event.amount;
      if (event.kind == "slashing") line.penalties += event.amount;
    }
    line.closing = line.added - line.penalties + misstated;
    statement.lines = {line};
    return statement;
  }

  StakingEvent& tell(const std::string& kind, const char* amount, const char* when,
                     const char* told_at = nullptr) {
    StakingEvent event;
    event.id = "cronos_pos/cro1/val1/" + kind + "/" + std::to_string(told.size() + 1);
    event.chain = "cronos_pos";
    event.source = "cronos";
    event.place = "cro1/val1";
    event.asset = model::AssetId::literal("CRO");
    event.kind = kind;
    event.amount = dec(amount);
    event.height = told.size() + 1;
    event.at = at(when);
    event.told_at = told_at != nullptr ? at(told_at) : event.at;
    told.push_back(event);
    return told.back();
  }
  void read_up_to(const char* when, const char* chain = "cronos_pos") {
    states.push_back({chain, "cronos", states.size() * 1000 + 1000, "AA", at(when)});
  }

  std::vector<StakingEvent> told;
  std::vector<StakingCutOff> states;
  std::size_t page_size = 1000;
  bool is_away = false;
  bool repeats_pages = false;
  Decimal misstated;
};

class StakingIntoBooks : public FundLife {
 protected:
  void SetUp() override {
    FundLife::SetUp();
    books_.emplace(pool());
    staking_.read_up_to("2026-01-05T20:50:00Z");
    staking_.tell("delegate", "1000000", "2026-01-05T15:00:00Z");
    staking_.tell("reward_base", "100.000000004", "2026-01-05T16:00:00Z");
    staking_.tell("reward_base", "50.000000008", "2026-01-05T17:00:00Z");
  }

  StakingPorts staking_ports() { return {staking_, *books_, *store_, rates_}; }
  NavPorts all_ports() { return {*store_, rates_, documents_, *acts_, nullptr, &staking_, &*books_}; }
  StakingTaken take(const char* date, Instant now = kNow) {
    return take_staking(staking_ports(), {kFund, day(date), actor("olga"), now});
  }
  std::vector<RunLine> run(const char* date, const std::string& again = "", Instant now = kNow) {
    RunRequest request{{kFund}, day(date), day(date), actor("mia"), now};
    request.again = again;
    return run_navs(all_ports(), request, nullptr);
  }
  static const Check* check_of(const StoredNav& nav, std::string_view name) {
    for (const Check& check : nav.checks) {
      if (check.name == name) return &check;
    }
    return nullptr;
  }
  /// Everything that could have been posted.
  std::vector<std::int64_t> counts() {
    return {count("entry"), count("fund_fact"), count("staking_booked"), count("staking_cut_off"),
            count("reward_stage")};
  }

  ToldStaking staking_;
  std::optional<PostgresStakingBooks> books_;
};

TEST_F(StakingIntoBooks, EventsUpToTheLastFinalStateArePostedOnceAtThePriceOfTheirNav) {
  staking_.tell("reward_base", "7",
                "2026-01-05T20:55:00Z");  // after the last final state before the valuation
  const StakingTaken first = take("2026-01-05");
  EXPECT_EQ(first.kept, 4U);
  EXPECT_EQ(first.events, 3U);
  EXPECT_EQ(first.facts, 2U);
  EXPECT_EQ(balance("Assets:Staked:CRO", "CRO"), dec("1000000"));
  EXPECT_EQ(balance("Conversion:CRO not yet income:Claimable", "CRO"), dec("150.00000001"));
  EXPECT_EQ(balance("Income:Rewards:delegation"), Decimal{});
  const auto before = counts();
  const StakingTaken again = take("2026-01-05");
  EXPECT_EQ(again.kept + again.events + again.facts, 0U);
  EXPECT_EQ(counts(), before);
  const auto facts = facts_->facts(kFund);
  ASSERT_EQ(facts.size(), 2U);
  for (const RecordedFact& fact : facts) {
    EXPECT_EQ(fact.content, read_fact(json::parse(fact.content).value()).content)
        << "what is kept reads as a fact";
    EXPECT_EQ(fact.content.find("known_at"), std::string::npos);
    EXPECT_LE(fact.id.size(), 200U);
  }
  // The claim makes it income, at that day's price: 11 cents from 6 January on.
  ASSERT_EQ(run("2026-01-05")[0].outcome, RunOutcome::kStruck);
  staking_.tell("reward_base", "1.999999988", "2026-01-06T15:00:00Z");
  staking_.tell("claim", "159", "2026-01-06T15:00:00Z");
  staking_.read_up_to("2026-01-06T20:50:00Z");
  take("2026-01-06");
  EXPECT_EQ(balance("Conversion:CRO not yet income", "CRO"), Decimal{});
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-17.49"));
  EXPECT_EQ(balance("Assets:Coins:CRO", "CRO"), dec("19000159"));
}

/// With a token that staked CRO is converted into.
class ConversionsIntoBooks : public StakingIntoBooks {
 protected:
  std::string definition() const override {
    std::string text = replaced(definition_text(), "unbonding_days = 28 }]",
                                "unbonding_days = 28 }, { asset = \"TOK\", decimals = 8 }]");
    return replaced(text, "[[assets]]", R"([[assets]]
asset = "TOK"
decimals = 8
official_index = "NK_TOKUSD_NY"

[[assets]])");
  }
  void convert(const std::string& kind, const std::string& asset, const char* amount, const char* when,
               const std::string& detail) {
    StakingEvent& event = staking_.tell(kind, amount, when);
    event.id += "/CONVERT:1";
    event.chain = asset == "CRO" ? "custodian" : "liquid";
    event.asset = model::AssetId::literal(asset);
    event.detail = detail;
  }
};

TEST_F(ConversionsIntoBooks, AConversionOfTheCustodiansIsASwapOfTheBooksExactlyOnce) {
  take("2026-01-05");
  ASSERT_EQ(run("2026-01-05")[0].outcome, RunOutcome::kStruck);
  convert("convert_requested", "CRO", "100000", "2026-01-06T15:00:00Z", "CONVERT:1");
  convert("converted", "CRO", "100000", "2026-01-06T16:00:00Z", "TOK 48000");
  convert("converted_into", "TOK", "48000", "2026-01-06T16:00:00Z", "CONVERT:1");
  for (const char* chain : {"cronos_pos", "custodian", "liquid"})
    staking_.read_up_to("2026-01-06T20:50:00Z", chain);
  const StakingTaken taken = take("2026-01-06");
  EXPECT_EQ(taken.events, 3U);
  EXPECT_EQ(balance("Assets:Staked:CRO", "CRO"), dec("900000"));
  EXPECT_EQ(balance("Assets:Activating:CRO", "CRO"), Decimal{});
  EXPECT_EQ(balance("Assets:Coins:CRO", "CRO"), dec("19000000"));
  EXPECT_EQ(balance("Assets:Coins:TOK", "TOK"), dec("48000"));
  // Given and got at one value, the NAV's price of the coins: 100,000 at 11 cents.
  EXPECT_EQ(balance("Conversion:TOK"), dec("11000"));
  const auto before = counts();
  for (int again = 0; again < 2; ++again) {
    const StakingTaken same = take("2026-01-06");
    EXPECT_EQ(same.kept + same.events + same.facts, 0U);
  }
  EXPECT_EQ(counts(), before);
  std::size_t swaps = 0;
  for (const RecordedFact& fact : facts_->facts(kFund)) {
    swaps += fact.kind == "token_swap" ? 1U : 0U;
    EXPECT_EQ(fact.content, read_fact(json::parse(fact.content).value()).content);
  }
  EXPECT_EQ(swaps, 1U);
  // The same event with other content is a contradiction, and changes nothing.
  staking_.told[4].detail = "TOK 49000";
  staking_.told[4].told_at = at("2026-01-06T20:30:00Z");
  EXPECT_THROW(take("2026-01-06"), base::Refused);
  EXPECT_EQ(counts(), before);
}

/// Before the first NAV: whichever day is taken first, each has what was final by its own valuation.
TEST_F(StakingIntoBooks, ALaterDayTakenFirstLeavesTheDaysBeforeItToBeStruck) {
  const auto tell_tuesday = [&] {
    staking_.tell("reward_base", "7", "2026-01-05T22:00:00Z");  // Monday evening in New York
    staking_.tell("claim", "156", "2026-01-05T22:30:00Z");
    staking_.tell("delegate", "2000", "2026-01-06T15:00:00Z");
    staking_.read_up_to("2026-01-06T20:50:00Z");
  };
  ASSERT_EQ(run("2026-01-05")[0].outcome, RunOutcome::kStruck);
  tell_tuesday();
  ASSERT_EQ(run("2026-01-06")[0].outcome, RunOutcome::kStruck);
  std::map<std::string, std::string> expected;
  for (const char* date : {"2026-01-05", "2026-01-06"})
    expected[date] = store_->find_nav(kFund, day(date))->document;
  const auto counted = counts();

  FundLife::SetUp();
  books_.emplace(pool());
  const StakingTaken taken = take("2026-01-06");  // nobody has struck Monday
  EXPECT_EQ(taken.events, 6U);
  for (const char* date : {"2026-01-05", "2026-01-06"}) {
    const auto lines = run(date);
    ASSERT_EQ(lines[0].outcome, RunOutcome::kStruck) << lines[0].message;
    const Check* const check = check_of(*lines[0].nav, check_name::kStaking);
    EXPECT_EQ(check->status, CheckStatus::kPassed) << check->detail;
    EXPECT_EQ(store_->find_nav(kFund, day(date))->document, expected[date]) << date;
  }
  EXPECT_EQ(counts(), counted);
}

TEST_F(StakingIntoBooks, ADayWithoutPricesBeforeTheFirstNavLeavesItsEventsToTheNext) {
  staking_.read_up_to("2026-01-06T20:50:00Z");
  rates_.unpriced = day("2026-01-05");
  take("2026-01-06");
  EXPECT_EQ(balance("Conversion:CRO not yet income:Claimable", "CRO"), dec("150.00000001"));
  // The prices come after all: what is booked for Tuesday is said, and Monday is not struck without it.
  rates_.unpriced.reset();
  const auto before = counts();
  const auto monday = run("2026-01-05");
  EXPECT_EQ(monday[0].outcome, RunOutcome::kRefused);
  EXPECT_NE(monday[0].message.find("3 of staking's events up to then are booked for the NAV of 2026-01-06"),
            std::string::npos)
      << monday[0].message;
  EXPECT_EQ(counts(), before);
  EXPECT_EQ(run("2026-01-06")[0].outcome, RunOutcome::kStruck);
}

TEST_F(StakingIntoBooks, ADayBeforeAllEventsIsStruckAfterALaterOneWasTaken) {
  staking_.told.clear();
  staking_.tell("delegate", "2000", "2026-01-06T15:00:00Z");
  staking_.read_up_to("2026-01-06T20:50:00Z");
  take("2026-01-06");
  const auto monday = run("2026-01-05");
  ASSERT_EQ(monday[0].outcome, RunOutcome::kStruck) << monday[0].message;
  EXPECT_EQ(check_of(*monday[0].nav, check_name::kStaking)->status, CheckStatus::kPassed);
  ASSERT_EQ(run("2026-01-06")[0].outcome, RunOutcome::kStruck);
  EXPECT_EQ(balance("Assets:Staked:CRO", "CRO"), dec("2000"));
}

/// The books open on 2 January: what was before is theirs to open with, and refuses no day.
TEST_F(StakingIntoBooks, WhatLiesBeforeTheBooksOpenIsTheirOpeningEntries) {
  staking_.tell("delegate", "300", "2025-12-30T15:00:00Z");
  staking_.tell("reward_base", "12", "2026-01-02T03:00:00Z");  // of the first in New York
  const StakingTaken taken = take("2026-01-05");
  EXPECT_EQ(taken.in_opening, 2U);
  EXPECT_EQ(taken.events, 5U);
  EXPECT_EQ(taken.facts, 2U);
  EXPECT_EQ(balance("Assets:Staked:CRO", "CRO"), dec("1000000"));
  EXPECT_EQ(balance("Conversion:CRO not yet income:Claimable", "CRO"), dec("150.00000001"));
  EXPECT_EQ(count("audit WHERE kind = 'staking_taken' AND payload LIKE '%\"opening\":2%'"), 1);
  EXPECT_EQ(take("2026-01-05").events, 0U);
}

TEST_F(StakingIntoBooks, GrossLessWhatWasLostAndTheFeesOfPayeesIsNet) {
  apply(replaced(definition_text(),
                 "base = \"coins_held\"\nasset = \"CRO\"\nrate = \"0.001\"\nday_count = \"act/365\"\n"
                 "accrual_days = \"forward\"\n",
                 "base = \"rewards_received\"\nasset = \"CRO\"\nrate = \"0.10\"\n"));
  ASSERT_EQ(run("2026-01-05")[0].outcome, RunOutcome::kStruck);
  staking_.tell("claim", "150", "2026-01-06T15:00:00Z");
  staking_.tell("slashing", "1000", "2026-01-06T16:00:00Z");
  staking_.read_up_to("2026-01-06T20:50:00Z");
  const auto struck = run("2026-01-06");
  ASSERT_EQ(struck[0].outcome, RunOutcome::kStruck) << struck[0].message;
  const StakingIncome income = pool().transact([&](db::Transaction& transaction) {
    return load_staking_income(transaction, store_->latest_definition(kFund)->definition, day("2026-01-06"),
                               day("2026-01-06"));
  });
  EXPECT_EQ(income.gross(), dec("16.5"));  // 150 at 11 cents
  ASSERT_EQ(income.coins.size(), 1U);
  EXPECT_EQ(income.coins[0].gross, dec("150"));
  EXPECT_EQ(income.lost, dec("95"));  // a thousand coins at their cost
  // A tenth of the rewards in coins, three quarters of it the provider's.
  ASSERT_EQ(income.fees.size(), 1U);
  EXPECT_EQ(income.fees[0].amount, dec("1.65"));
  ASSERT_EQ(income.fees[0].parts.size(), 2U);
  EXPECT_EQ(income.fees[0].parts[0].payee, "adviser");
  EXPECT_EQ(income.fees[0].parts[0].commodity, "CRO");
  EXPECT_EQ(income.fees[0].parts[0].amount, dec("3.75"));
  EXPECT_EQ(income.fees[0].parts[1].amount, dec("11.25"));
  EXPECT_EQ(income.net(), dec("16.5") - dec("95") - dec("1.65"));
}

TEST_F(StakingIntoBooks, TheBatchTakesThemBeforeItStrikesAndTheCheckIsGreen) {
  const auto lines = run("2026-01-05");
  ASSERT_EQ(lines[0].outcome, RunOutcome::kStruck) << lines[0].message;
  const Check* const check = check_of(*lines[0].nav, check_name::kStaking);
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->status, CheckStatus::kPassed) << check->detail;
  EXPECT_EQ(count("staking_booked"), 3);
  // Struck again it is the same: the cut-off of a struck day stands.
  staking_.read_up_to("2026-01-05T20:59:00Z");
  staking_.tell("reward_base", "3", "2026-01-05T20:58:00Z");
  EXPECT_EQ(run("2026-01-05")[0].outcome, RunOutcome::kUnchanged);
  EXPECT_TRUE(changed_inputs(all_ports(), kFund, *store_->find_nav(kFund, day("2026-01-05"))).empty());
  EXPECT_EQ(count("staking_booked"), 3);
  staking_.read_up_to("2026-01-06T20:50:00Z");
  ASSERT_EQ(run("2026-01-06")[0].outcome, RunOutcome::kStruck);
  EXPECT_EQ(count("staking_booked"), 4);
  EXPECT_EQ(count("late_entry"), 0) << "what the cut-off did not reach is on time for the next NAV";
}

TEST_F(StakingIntoBooks, BooksThatDifferAreRedAndASilentServiceIsUnavailable) {
  staking_.misstated = dec("0.00000001");
  const auto red = run("2026-01-05");
  EXPECT_EQ(check_of(*red[0].nav, check_name::kStaking)->status, CheckStatus::kFailed);
  EXPECT_EQ(red[0].nav->state(), NavState::kDrafted);
  staking_.misstated = {};
  staking_.is_away = true;
  staking_.read_up_to("2026-01-06T20:50:00Z");
  const auto away = run("2026-01-06");
  ASSERT_EQ(away[0].outcome, RunOutcome::kStruck) << away[0].message;
  EXPECT_NE(away[0].message.find("staking's events were not taken"), std::string::npos);
  EXPECT_EQ(check_of(*away[0].nav, check_name::kStaking)->status, CheckStatus::kUnavailable);
  // It is there again: the day is struck anew with what it did not have.
  staking_.is_away = false;
  staking_.tell("delegate", "5", "2026-01-06T15:00:00Z");
  const auto anew = run("2026-01-06", "staking answers");
  ASSERT_EQ(anew[0].outcome, RunOutcome::kStruck) << anew[0].message;
  const Check* const check = check_of(*anew[0].nav, check_name::kStaking);
  EXPECT_EQ(check->status, CheckStatus::kPassed) << check->detail;
}

TEST_F(StakingIntoBooks, FourAtOncePostThemOnce) {
  std::vector<std::thread> together;
  std::atomic<std::size_t> events{0};
  std::atomic<int> refused{0};
  for (int i = 0; i < 4; ++i)
    together.emplace_back([&] {
      try {
        events += take("2026-01-05").events;
      } catch (const std::exception&) {
        ++refused;
      }
    });
  for (std::thread& one : together) one.join();
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(events, 3U);
  EXPECT_EQ(count("staking_booked"), 3);
  EXPECT_EQ(count("fund_fact"), 2);
  EXPECT_EQ(balance("Assets:Staked:CRO", "CRO"), dec("1000000"));
}

/// Where the process dies: before the n-th step.
struct Fuse {
  int left = 0;
  void step() {
    if (--left == 0) ::kill(::getpid(), SIGKILL);
  }
};

class BurningBooks final : public StakingBooks {
 public:
  BurningBooks(StakingBooks& inner, Fuse& fuse) : inner_(inner), fuse_(fuse) {}
  StakingBookmark bookmark(const model::FundId& fund) override {
    fuse_.step();
    return inner_.bookmark(fund);
  }
  std::size_t keep(const model::FundId& fund, const std::vector<StakingEvent>& events,
                   const model::ActorId& who, Instant now) override {
    fuse_.step();
    const std::size_t kept = inner_.keep(fund, events, who, now);
    fuse_.step();
    return kept;
  }
  std::optional<Date> first_waiting(const FundDefinition& fund) override {
    fuse_.step();
    return inner_.first_waiting(fund);
  }
  std::set<NeededPrice> needed(const FundDefinition& fund, const StakingDay& day) override {
    fuse_.step();
    return inner_.needed(fund, day);
  }
  StakingTaken post(const FundDefinition& fund, const StakingDay& day, const StakingPrices& prices,
                    const model::ActorId& who, Instant now) override {
    fuse_.step();
    const StakingTaken taken = inner_.post(fund, day, prices, who, now);
    fuse_.step();
    return taken;
  }

 private:
  StakingBooks& inner_;
  Fuse& fuse_;
};

TEST_F(StakingIntoBooks, KilledAtEveryStepTheNextRunEndsTheSame) {
  staking_.page_size = 1;
  ASSERT_EQ(run("2026-01-05")[0].outcome, RunOutcome::kStruck);
  const StoredNav expected = *store_->find_nav(kFund, day("2026-01-05"));
  const auto counted = counts();
  int step = 1;
  for (bool is_finished = false; !is_finished; ++step) {
    FundLife::SetUp();
    books_.emplace(pool());
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      // Its own connections: those of the parent are not its to use.
      Fuse fuse{step};
      db::Pool own(pool().settings());
      PostgresNavStore own_store(own, journal_);
      PostgresActStore own_acts(own);
      PostgresStakingBooks own_books(own);
      BurningBooks books(own_books, fuse);
      run_navs({own_store, rates_, documents_, own_acts, nullptr, &staking_, &books},
               {{kFund}, day("2026-01-05"), day("2026-01-05"), actor("mia"), kNow}, nullptr);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    is_finished = WIFEXITED(status);
    const auto lines = run("2026-01-05");
    ASSERT_TRUE(lines[0].outcome == RunOutcome::kStruck || lines[0].outcome == RunOutcome::kUnchanged)
        << lines[0].message << " after step " << step;
    EXPECT_EQ(store_->find_nav(kFund, day("2026-01-05"))->document, expected.document) << step;
    EXPECT_EQ(counts(), counted) << "killed at step " << step;
    EXPECT_EQ(count("staking_waiting"), 0);
  }
  EXPECT_GT(step, 8);
}

TEST_F(StakingIntoBooks, ALyingServiceIsRefusedAndChangesNothing) {
  take("2026-01-05");
  const auto before = counts();
  // The same id with other content.
  staking_.told[1].amount = dec("101");
  staking_.tell("reward_base", "9", "2026-01-05T18:00:00Z");
  const std::string contradicted = refusal([&] { take("2026-01-05"); });
  EXPECT_NE(contradicted.find("was taken as reward_base of 100.000000004 CRO"), std::string::npos)
      << contradicted;
  EXPECT_EQ(counts(), before);
  EXPECT_EQ(count("audit WHERE kind = 'staking_contradicted'"), 1);
  const auto line = run("2026-01-05").front();
  EXPECT_EQ(line.outcome, RunOutcome::kRefused);
  EXPECT_EQ(counts(), before);
  staking_.told[1].amount = dec("100.000000004");
  // Pages in a circle.
  staking_.page_size = 2;
  staking_.repeats_pages = true;
  EXPECT_THROW(take("2026-01-05"), base::Unavailable);
  EXPECT_EQ(counts(), before);
  staking_.repeats_pages = false;
  // A state before the one that the books have, another one at the same time, and none at all.
  const auto states = staking_.states;
  staking_.states[0].at = at("2026-01-05T20:40:00Z");
  EXPECT_NE(refusal([&] { take("2026-01-05"); }).find("before that of"), std::string::npos);
  staking_.states = states;
  staking_.states[0].root = "BB";
  EXPECT_NE(refusal([&] { take("2026-01-05"); }).find("another state"), std::string::npos);
  EXPECT_EQ(counts(), before);
  staking_.states = states;
  EXPECT_EQ(take("2026-01-05").events, 1U) << "and then it goes on";
}

TEST_F(StakingIntoBooks, WhatTheBooksRefuseNamesTheEventAndChangesNothing) {
  staking_.tell("undelegate", "1000001", "2026-01-05T18:00:00Z");
  const auto before = counts();
  EXPECT_NE(refusal([&] { take("2026-01-05"); }).find("cronos_pos/cro1/val1/undelegate/4"),
            std::string::npos);
  EXPECT_EQ(counts(), before);
  staking_.told.back().kind = "reward_commission";
  staking_.told.back().id += "x";
  // What was kept before waits; it is refused still.
  EXPECT_FALSE(refusal([&] { take("2026-01-05"); }).empty());
}

TEST_F(StakingIntoBooks, ATypeOfRewardWithoutAPolicyIsRefused) {
  staking_.tell("reward_commission", "1", "2026-01-05T18:00:00Z");
  EXPECT_NE(refusal([&] { take("2026-01-05"); }).find("no policy for rewards of type 'commission'"),
            std::string::npos);
}

TEST_F(StakingIntoBooks, ALateLossUnderACentIsALineOfTheNextNav) {
  ASSERT_EQ(run("2026-01-05")[0].outcome, RunOutcome::kStruck);
  const StoredNav struck = *store_->find_nav(kFund, day("2026-01-05"));
  // 100,000 shares: a cent a share are 1,000 dollars, 10,000 coins of ten cents.
  staking_.tell("slashing", "9999", "2026-01-05T19:00:00Z", "2026-01-06T10:00:00Z");
  staking_.read_up_to("2026-01-06T20:50:00Z");
  const auto lines = run("2026-01-06", "", at("2026-03-01T01:00:00Z"));
  ASSERT_EQ(lines[0].outcome, RunOutcome::kStruck) << lines[0].message;
  const Check* const late = check_of(*lines[0].nav, "late_facts");
  ASSERT_NE(late, nullptr);
  EXPECT_EQ(late->status, CheckStatus::kPassed);
  EXPECT_EQ(late->measured, "-0.009999");
  EXPECT_NE(late->detail.find("-9999 CRO of 2026-01-05"), std::string::npos) << late->detail;
  EXPECT_EQ(store_->find_nav(kFund, day("2026-01-05"))->document, struck.document);
  EXPECT_EQ(count("late_entry WHERE treatment = 'next_strike'"), 1);
  EXPECT_EQ(balance("Assets:Staked:CRO", "CRO"), dec("990001"));
  // One more of a ten-thousandth of a cent, and together they are an error.
  staking_.tell("slashing", "1", "2026-01-05T19:30:00Z", "2026-01-07T10:00:00Z");
  staking_.read_up_to("2026-01-07T20:50:00Z");
  EXPECT_TRUE(take("2026-01-07", at("2026-03-01T02:00:00Z")).true_up.is_error);
}

TEST_F(StakingIntoBooks, ALateLossOfACentIsANavErrorOfTheDaysAffected) {
  ASSERT_EQ(run("2026-01-05")[0].outcome, RunOutcome::kStruck);
  staking_.read_up_to("2026-01-06T20:50:00Z");
  ASSERT_EQ(run("2026-01-06")[0].outcome, RunOutcome::kStruck);
  const Decimal wrong = store_->find_nav(kFund, day("2026-01-05"))->summary.net_assets;
  staking_.tell("slashing", "10000", "2026-01-05T19:00:00Z", "2026-01-07T10:00:00Z");
  staking_.read_up_to("2026-01-07T20:50:00Z");
  const Instant later = at("2026-03-01T01:00:00Z");
  const auto lines = run("2026-01-07", "", later);
  ASSERT_EQ(lines[0].outcome, RunOutcome::kStruck) << lines[0].message;
  const Check* const red = check_of(*lines[0].nav, "late_facts");
  ASSERT_NE(red, nullptr);
  EXPECT_EQ(red->status, CheckStatus::kFailed);
  EXPECT_NE(red->detail.find("--date 2026-01-05 --fund CROYIELD --again WHY"), std::string::npos)
      << red->detail;
  EXPECT_EQ(count("audit WHERE kind = 'nav_error_opened'"), 1);
  // The days affected know of it, and are struck anew in their order.
  EXPECT_FALSE(changed_inputs(all_ports(), kFund, *store_->find_nav(kFund, day("2026-01-05"))).empty());
  const Instant restated = at("2026-03-01T02:00:00Z");
  for (const char* date : {"2026-01-05", "2026-01-06", "2026-01-07"})
    ASSERT_EQ(run(date, "a late slashing", restated)[0].outcome, RunOutcome::kStruck) << date;
  // A thousand dollars, less the deferred tax that the fund no longer owes on them and the day's fees.
  const Decimal less = wrong - store_->find_nav(kFund, day("2026-01-05"))->summary.net_assets;
  EXPECT_GT(less, dec("740"));
  EXPECT_LT(less, dec("750"));
  const StoredNav now = *store_->find_nav(kFund, day("2026-01-07"));
  EXPECT_EQ(check_of(now, "late_facts"), nullptr) << "nothing stands open";
  EXPECT_EQ(check_of(now, check_name::kStaking)->status, CheckStatus::kPassed)
      << check_of(now, check_name::kStaking)->detail;
}

}  // namespace
}  // namespace navkeeper::nav
