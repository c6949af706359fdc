// Reconciliations and the register of breaks in a real PostgreSQL: a deposit that the custodian lacks is
// found, explained by two people, and clears when it arrives; everything only added to.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>

#include "tests/db/reconciliation_fixture.h"

namespace navkeeper::custody::reconciling {
namespace {

TEST_F(ReconciliationStoreTest, AMissingDepositIsFoundExplainedByTwoAndClears) {
  EXPECT_NE(refusal([&] { reconcile_on(0); }).find("custody sync"), std::string::npos);
  told(0, "0", false);
  const ReconcileReport first = reconcile_on(0);
  EXPECT_EQ(first.stored.number, 1);
  EXPECT_EQ(reconcile_on(0).stored.number, 1);  // the same facts are stored once
  auto found = store().breaks_of(kFund, {kDay, 1});
  ASSERT_EQ(found.size(), 1U);
  const std::string id = found[0].id;
  EXPECT_EQ(found[0].state.found.type, BreakType::kMissing);
  EXPECT_EQ(found[0].state.found.amount, d("-10"));
  EXPECT_EQ(found[0].state.found.dollars, d("-500000"));
  const auto verdict = [&] { return verdict_of(store().line_statuses(kFund, {kDay, 1}), found); };
  EXPECT_EQ(verdict(), "failed");

  act(id, BreakActKind::kAssigned, "olga", "mia");
  act(id, BreakActKind::kResolved, "mia", "on the chain, not credited", "transaction aa11");
  EXPECT_NE(refusal([&] { act(id, BreakActKind::kConfirmed, "mia", ""); }), "");
  const StoredBreak explained = act(id, BreakActKind::kConfirmed, "tom", "");
  EXPECT_EQ(explained.state.status, BreakStatus::kExplained);
  EXPECT_EQ(explained.state.owner, model::ActorId::literal("mia"));
  found = store().breaks_of(kFund, {kDay, 1});
  EXPECT_EQ(verdict(), "passed");
  const auto lines = store().lines(kFund, {kDay, 1});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(line_of(lines[0]).books, d("10"));
  EXPECT_NE(
      reconciliation_json(kFund, {*store().find(kFund, kDay), verdict(), lines, found}).find("\"passed\""),
      std::string::npos);

  told(1, "10", true);
  EXPECT_EQ(reconcile_on(1).found.breaks.size(), 0U);
  const auto register_now = store().breaks(kFund);
  ASSERT_EQ(register_now.size(), 1U);
  EXPECT_EQ(register_now[0].state.status, BreakStatus::kCleared);
  EXPECT_EQ(register_now[0].state.cleared_on, kDay + 1);
  EXPECT_EQ(register_now[0].state.acts.size(), 3U);
  EXPECT_EQ(events(), (std::vector<std::string>{"break_opened", "break_cleared"}));
  // As of the day before, and as known before, it is as it was.
  EXPECT_EQ(store().breaks(kFund, {kDay, Instant::latest()})[0].state.status, BreakStatus::kExplained);
  EXPECT_EQ(store().breaks(kFund, {std::nullopt, kAt + Duration::hours(1)})[0].state.status,
            BreakStatus::kOpen);
  EXPECT_EQ(store().list(kFund, Instant::latest(), 10).size(), 2U);
  EXPECT_FALSE(store().find_break(kFund, "0000000000000000"));
}

TEST_F(ReconciliationStoreTest, ALaterReconciliationOfTheDayCountsAndAnotherAmountIsUnexplained) {
  told(0, "9.99", true, 14);
  reconcile_on(0);
  auto found = store().breaks_of(kFund, {kDay, 1});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].state.found.type, BreakType::kUnknown);
  act(found[0].id, BreakActKind::kResolved, "mia", "their error", "ticket 4");
  act(found[0].id, BreakActKind::kConfirmed, "tom", "");
  told(0, "9.98", true, 12);
  EXPECT_EQ(reconcile_on(0).stored.number, 2);
  EXPECT_EQ(store().breaks(kFund)[0].state.status, BreakStatus::kOpen);
  told(0, "10", true, 10);
  EXPECT_EQ(reconcile_on(0).stored.number, 3);
  ASSERT_EQ(store().breaks(kFund).size(), 1U) << "it came and cleared on that day";
  EXPECT_EQ(store().breaks(kFund)[0].state.cleared_on, kDay);
  EXPECT_EQ(store().breaks(kFund)[0].state.first_seen, kDay);
}

TEST_F(ReconciliationStoreTest, ADayOnWhichNothingCouldBeComparedClearsNothing) {
  told(0, "9.99", true);
  reconcile_on(0);
  EXPECT_EQ(reconcile_on(1).found.lines.at(0).status, LineStatus::kUnsure) << "nobody read the custodian";
  const auto only = [&] {
    const auto all = store().breaks(kFund);
    EXPECT_EQ(all.size(), 1U);
    return all.at(0).state;
  };
  EXPECT_EQ(only().status, BreakStatus::kOpen);
  EXPECT_EQ(only().not_looked_on, kDay + 1);
  EXPECT_EQ(only().age_days, 1);
  EXPECT_NE(breaks_table(store().breaks(kFund)).find("open, not looked at on 2026-03-06"), std::string::npos);
  act(store().breaks(kFund)[0].id, BreakActKind::kResolved, "mia", "their error", "ticket 4");
  EXPECT_EQ(events(), std::vector<std::string>{"break_opened"});
  told(2, "10", true);
  reconcile_on(2);
  EXPECT_EQ(only().cleared_on, kDay + 2);
  EXPECT_EQ(only().first_seen, kDay);
  EXPECT_EQ(events(), (std::vector<std::string>{"break_opened", "break_cleared"}));
}

TEST_F(ReconciliationStoreTest, ALaterUnsureReconciliationOfTheDayLeavesTheBreakThatTheEarlierFound) {
  told(0, "9.99", true);
  reconcile_on(0);
  terms.age_max = Duration::minutes(1);
  EXPECT_EQ(reconcile_on(0).stored.number, 2);
  ASSERT_EQ(store().breaks(kFund).size(), 1U);
  EXPECT_EQ(store().breaks(kFund)[0].state.status, BreakStatus::kOpen);
  EXPECT_EQ(store().breaks(kFund)[0].state.first_seen, kDay);
  EXPECT_EQ(events(), std::vector<std::string>{"break_opened"});
  EXPECT_EQ(store().breaks_of(kFund, {kDay, 1}).size(), 1U);
  terms.age_max = Duration::hours(24);
  told(0, "10", true, 3);
  reconcile_on(0);
  EXPECT_EQ(store().breaks(kFund).at(0).state.cleared_on, kDay)
      << "the day's last that could look does not find it";
  EXPECT_EQ(events(), (std::vector<std::string>{"break_opened", "break_cleared"}));
}

constexpr int kManyAssets = 12;

/// Books of many places in which all but one in so many hold what the custodian has.
ReconciliationInput many_places(int accounts, int one_in_breaks) {
  ReconciliationInput input;
  input.at = kAt;
  input.date = kDay;
  for (int asset = 0; asset < kManyAssets; ++asset) {
    const std::string coin = "COIN" + std::to_string(asset);
    for (int account = 0; account < accounts; ++account) {
      const std::string place = "account-" + std::to_string(account);
      input.books.push_back({coin, place, d("12.34567891")});
      Balance balance;
      balance.place = {"custodian", place};
      balance.asset = model::AssetId::literal(coin);
      balance.scale = 8;
      balance.as_of = kAt - Duration::minutes(5);
      balance.total = account % one_in_breaks == 0 ? d("11.34567891") : d("12.34567891");
      balance.raw_sha256 = crypto::sha256(place);
      input.balances.push_back(balance);
    }
  }
  return input;
}

TEST_F(ReconciliationStoreTest, AThousandAccountsOfTwelveAssetsAreStoredAndReadPageByPage) {
  constexpr int kAccounts = 1'000;
  constexpr int kLines = kAccounts * kManyAssets;
  constexpr int kOneInBreaks = 100;
  const ReconciliationInput input = many_places(kAccounts, kOneInBreaks);
  const Reconciliation found = reconcile(input, terms);
  ASSERT_EQ(found.lines.size(), std::size_t{kLines});
  ASSERT_EQ(found.breaks.size(), std::size_t{kLines / kOneInBreaks});
  const ReconciliationPaper paper = documents.paper(kFund, books.books(kFund, kDay), input, terms, found);
  const StoredReconciliation made{kDay, 0, kAt, kAt, paper.document, "", "olga"};
  ASSERT_EQ(store().save(kFund, made, paper, found.breaks), 1);
  EXPECT_EQ(store().save(kFund, made, paper, found.breaks), 1) << "the same once more stores nothing";

  const ReconciliationMark mark{kDay, 1};
  crypto::Sha256 hash;
  int lines = 0;
  std::size_t breaks = 0;
  for (RowSpan page{0, 1'000}; page.after < kLines; page.after += page.count) {
    for (const std::string& body : store().lines(kFund, mark, page)) {
      hash.update(body).update("\n");
      ++lines;
    }
    breaks += store().breaks_of(kFund, mark, Instant::latest(), page).size();
  }
  EXPECT_EQ(lines, kLines);
  EXPECT_EQ(breaks, std::size_t{kLines / kOneInBreaks}) << "of each page its own";
  const json::Value document = *json::parse(store().find(kFund, kDay)->document);
  EXPECT_EQ(document.find("lines")->find("sha256")->as_string(), base::to_hex(hash.finish()));
  EXPECT_EQ(document.find("lines")->find("count")->as_number(), std::to_string(kLines));
  EXPECT_EQ(store().balances(kFund, mark, {kLines - 1, 10}).size(), 1U);
  const auto statuses = store().line_statuses(kFund, mark);
  EXPECT_EQ(statuses.at(LineStatus::kAgrees), kLines - kLines / kOneInBreaks);
  EXPECT_EQ(verdict_of(statuses, store().breaks_of(kFund, mark)), "failed");
}

/// No statement has more than its share of time (db::PoolSettings), whatever the planner knows of the tables.
TEST_F(ReconciliationStoreTest, TenThousandAccountsWithTwelveThousandBreaksAreStored) {
  constexpr int kAccounts = 10'000;
  constexpr int kLines = kAccounts * kManyAssets;
  constexpr std::size_t kBreaks = kLines / 10;
  const ReconciliationInput input = many_places(kAccounts, 10);
  const Reconciliation found = reconcile(input, terms);
  ASSERT_EQ(found.breaks.size(), kBreaks);
  const ReconciliationPaper paper = documents.paper(kFund, books.books(kFund, kDay), input, terms, found);
  StoredReconciliation made{kDay, 0, kAt, kAt, paper.document, "", "olga"};
  const auto seconds = [](auto&& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double first = seconds([&] { ASSERT_EQ(store().save(kFund, made, paper, found.breaks), 1); });
  // The next day finds them all again.
  made.date = kDay + 1;
  const double second = seconds([&] { ASSERT_EQ(store().save(kFund, made, paper, found.breaks), 1); });
  std::printf("120,000 lines with 12,000 breaks stored in %.1f s, and again in %.1f s\n", first, second);
  const ReconciliationMark mark{kDay + 1, 1};
  EXPECT_EQ(store().lines(kFund, mark, {kLines - 500, 1'000}).size(), 500U);
  std::set<std::pair<std::string, std::string>> first_page;
  for (std::size_t line = 0; line < 1'000; ++line)
    first_page.emplace(paper.lines[line].asset, paper.lines[line].place);
  const auto on_first_page =
      std::count_if(found.breaks.begin(), found.breaks.end(), [&](const FoundBreak& one) {
        return first_page.contains({one.asset, one.place});
      });
  EXPECT_EQ(store().breaks_of(kFund, mark, Instant::latest(), {0, 1'000}).size(),
            static_cast<std::size_t>(on_first_page));
  EXPECT_EQ(store().breaks_of(kFund, mark).size(), kBreaks);
  EXPECT_EQ(store().line_statuses(kFund, mark).at(LineStatus::kAgrees), kLines - static_cast<int>(kBreaks));
}

/// An address of the chain with ten coins that came in one transaction, read five minutes before the point;
/// the list of its transactions ends `listed_minutes` before it.
SyncResult chain_told(int listed_minutes, const std::optional<ChainMovement>& unlisted, Instant asked_at,
                      const char* total = "10") {
  const Instant read_at = kAt - Duration::minutes(5);
  SyncResult result;
  result.run = {"chain:bitcoin", asked_at, asked_at, SyncOutcome::kDone, ""};
  Balance balance;
  balance.place = {"chain:bitcoin", "bc1a"};
  balance.asset = model::AssetId::literal("BTC");
  balance.scale = 8;
  balance.total = balance.available = d(total);
  balance.as_of = read_at;
  balance.block = BlockMark{900'000, std::string(64, 'a')};
  balance.certainty = Certainty::kAgreed;
  balance.raw_sha256 = crypto::sha256("evidence");
  result.balances = {balance};
  WindowAnswer window{RecordKind::kTransfer,
                      kAt - Duration::hours(2'000),
                      kAt - Duration::minutes(listed_minutes),
                      asked_at,
                      {}};
  ChainMovement movement{"bc1a", "seed", 899'000, kAt - Duration::hours(20), d("10"), {}};
  window.records = {{movement_record(Chain::kBitcoin, movement), 1}};
  if (unlisted) window.records.push_back({movement_record(Chain::kBitcoin, *unlisted), 1});
  result.answers = {window};
  return result;
}

/// A coin that no transaction shows, between two instants in hours before the valuation point.
ChainMovement unlisted(int from_hours, int to_hours) {
  ChainMovement movement{"bc1a", "unlisted 1-2", 899'500, kAt - Duration::hours(to_hours), d("1"), {}};
  movement.is_unlisted = true;
  movement.since = kAt - Duration::hours(from_hours);
  return movement;
}

TEST_F(ReconciliationStoreTest, AListOfAChainExplainsFromBelowOnlyWhereItIsWhole) {
  PostgresCustodyStore facts(service_pool("custody"));
  Instant asked_at = kAt - Duration::minutes(4);
  const auto matched = [&](int listed_minutes, const std::optional<ChainMovement>& more) {
    asked_at = asked_at + Duration::seconds(1);
    facts.save(kFund, chain_told(listed_minutes, more, asked_at), asked_at, "test");
    const Reconciliation found = reconcile_on(0).found;
    EXPECT_TRUE(found.breaks.empty()) << "the balances agree in any case";
    return found.lines.at(0).matched;
  };
  EXPECT_EQ(matched(30, {}), 0) << "it ends before the balance was read";
  EXPECT_EQ(matched(5, {}), 1) << "the creation is the transaction";
  EXPECT_EQ(matched(5, unlisted(11, 10)), 1) << "what no transaction shows takes nothing else away";
}

TEST_F(ReconciliationStoreTest, WhatNoTransactionShowsIsAnItemOfItsAccountAndPeriod) {
  PostgresCustodyStore facts(service_pool("custody"));
  const Instant asked_at = kAt - Duration::minutes(4);
  facts.save(kFund, chain_told(5, unlisted(11, 10), asked_at, "11"), asked_at, "test");
  const Reconciliation found = reconcile_on(0).found;
  EXPECT_EQ(found.lines.at(0).matched, 1) << "the creation is matched all the same";
  ASSERT_EQ(found.breaks.size(), 1U);
  EXPECT_EQ(found.breaks[0].type, BreakType::kMissing);
  EXPECT_EQ(found.breaks[0].amount, d("1"));
  EXPECT_NE(found.breaks[0].detail.find("unlisted"), std::string::npos) << found.breaks[0].detail;
}

TEST_F(ReconciliationStoreTest, WhereTheValuationPointLiesWithinItsPeriodTheBalanceAloneIsCompared) {
  PostgresCustodyStore facts(service_pool("custody"));
  const Instant asked_at = kAt + Duration::hours(2);
  SyncResult told = chain_told(5, unlisted(1, -1), asked_at, "11");
  told.answers[0].to = kAt + Duration::hours(1);
  facts.save(kFund, told, asked_at, "test");
  const Reconciliation found = reconcile_on(0).found;
  EXPECT_EQ(found.lines.at(0).matched, 0);
  ASSERT_EQ(found.breaks.size(), 1U);
  EXPECT_EQ(found.breaks[0].type, BreakType::kUnknown);
  EXPECT_EQ(found.breaks[0].amount, d("1"));
}

TEST_F(ReconciliationStoreTest, AReconciliationIsReadAsItWasThoughALaterOneOfItsDayStands) {
  told(0, "0", false, 14);
  reconcile_on(0);
  told(0, "10", true, 10);
  EXPECT_EQ(reconcile_on(0).stored.number, 2);
  EXPECT_EQ(store().breaks_of(kFund, {kDay, 1}).size(), 1U) << "whoever turns the pages of the first";
  EXPECT_TRUE(store().breaks_of(kFund, {kDay, 2}).empty());
  EXPECT_EQ(store().find(kFund, kDay, Instant::latest(), 1)->number, 1);
  EXPECT_EQ(store().find(kFund, kDay)->number, 2);
  EXPECT_FALSE(store().find(kFund, kDay, Instant::latest(), 3));
}

TEST_F(ReconciliationStoreTest, TheDatabaseKeepsTheRulesToo) {
  told(0, "0", false);
  reconcile_on(0);
  const std::string id = store().breaks(kFund)[0].id;
  act(id, BreakActKind::kResolved, "mia", "why", "where", "once");
  // The same key again, whatever it says.
  EXPECT_NE(refusal([&] { act(id, BreakActKind::kCommented, "mia", "again", "", "once"); }), "");
  const auto insert = [&](const std::string& actor) {
    service_pool("custody").transact([&](db::Transaction& transaction) {
      db::execute(
          transaction,
          "INSERT INTO break_act (fund_id, break_id, seq, kind, actor, known_at_ns, body, of_seq, "
          "resolved_by, client, request_key) VALUES ('BTCETH', $1, 2, 'confirmed', $2, 1, '', 1, 'mia', "
          "'x', 'y')",
          id, actor);
    });
  };
  EXPECT_NE(refusal([&] { insert("mia"); }).find("confirmed_by_another"), std::string::npos);
  insert("tom");
  EXPECT_NE(refusal([&] {
              service_pool("custody").transact(
                  [&](db::Transaction& transaction) { db::execute(transaction, "DELETE FROM break_act"); });
            }),
            "");
  EXPECT_NE(refusal([&] {
              service_pool("custody").transact([&](db::Transaction& transaction) {
                db::execute(transaction, "UPDATE reconciliation SET document = 'x'");
              });
            }),
            "");
}

}  // namespace
}  // namespace navkeeper::custody::reconciling
