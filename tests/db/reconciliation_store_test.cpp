// Reconciliations and the register of breaks in a real PostgreSQL: a deposit that the custodian lacks is
// found, explained by two people, and clears when it arrives; everything only added to.
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
  told(0, "9.99", true, 30);
  reconcile_on(0);
  auto found = store().breaks_of(kFund, {kDay, 1});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].state.found.type, BreakType::kUnknown);
  act(found[0].id, BreakActKind::kResolved, "mia", "their error", "ticket 4");
  act(found[0].id, BreakActKind::kConfirmed, "tom", "");
  told(0, "9.98", true, 20);
  EXPECT_EQ(reconcile_on(0).stored.number, 2);
  EXPECT_EQ(store().breaks(kFund)[0].state.status, BreakStatus::kOpen);
  told(0, "10", true, 10);
  EXPECT_EQ(reconcile_on(0).stored.number, 3);
  EXPECT_TRUE(store().breaks(kFund).empty());
}

/// Books of many places in which all but the first hold what the custodian has.
TEST_F(ReconciliationStoreTest, AThousandAccountsOfTwelveAssetsAreStoredAndReadPageByPage) {
  constexpr int kAccounts = 1'000;
  constexpr int kAssets = 12;
  constexpr int kLines = kAccounts * kAssets;
  constexpr int kOneInBreaks = 100;
  ReconciliationInput input;
  input.at = kAt;
  input.date = kDay;
  for (int asset = 0; asset < kAssets; ++asset) {
    const std::string coin = "COIN" + std::to_string(asset);
    for (int account = 0; account < kAccounts; ++account) {
      const std::string place = "account-" + std::to_string(account);
      input.books.push_back({coin, place, d("12.34567891")});
      Balance balance;
      balance.place = {"custodian", place};
      balance.asset = model::AssetId::literal(coin);
      balance.scale = 8;
      balance.as_of = kAt - Duration::minutes(5);
      balance.total = account % kOneInBreaks == 0 ? d("11.34567891") : d("12.34567891");
      balance.raw_sha256 = crypto::sha256(place);
      input.balances.push_back(balance);
    }
  }
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

TEST_F(ReconciliationStoreTest, AReconciliationIsReadAsItWasThoughALaterOneOfItsDayStands) {
  told(0, "0", false, 20);
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
