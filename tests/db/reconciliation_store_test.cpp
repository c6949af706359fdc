// Reconciliations and the register of breaks in a real PostgreSQL: a deposit that the custodian lacks is
// found, explained by two people, and clears when it arrives; everything only added to.
#include "services/custody/adapters/reconciliation_store.h"

#include <gtest/gtest.h>

#include "common/db/errors.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/value.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/reconciliation_json.h"
#include "services/custody/adapters/record_json.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;
using time::Duration;
using time::Instant;

const model::FundId kFund = model::FundId::literal("BTCETH");
const time::Date kDay = time::Date::literal("2026-03-05");
const Instant kAt = Instant::literal("2026-03-05T21:00:00Z");

Decimal d(std::string_view text) { return Decimal::literal(text); }
model::Actor person(std::string_view name) {
  return {model::ActorId::literal(name),
          {model::Role::kOperator, model::Role::kMaker, model::Role::kApprover}};
}

/// Books that hold `quantity` since a creation of the day before.
class FixedBooks final : public BooksSource {
 public:
  FundBooks books(const model::FundId&, time::Date date) override {
    FundBooks books;
    books.date = date;
    books.valued_at = kAt + Duration::hours(24) * (date - kDay);
    books.positions = {{"BTC", "", quantity}};
    CoinMovement creation{"books", "orders:seed", "BTC", "", quantity};
    creation.references = {"seed"};
    creation.date = kDay - 1;
    creation.what = "creation";
    books.settled = {creation};
    books.began = kDay - 1;
    books.sha256 = "00";
    books.prices["BTC"] = d("50000");
    return books;
  }
  Decimal quantity = d("10");
};

class ReconciliationStoreTest : public test::PostgresTest {
 protected:
  PostgresReconciliationStore store() { return PostgresReconciliationStore(service_pool("custody")); }
  /// The custodian is read `minutes` before the valuation point of a day.
  void told(int day, std::string_view total, bool with_deposit, int minutes = 5) {
    const Instant now = kAt + Duration::hours(24 * day) - Duration::minutes(minutes);
    SyncResult result;
    result.run = {"cryptocom", now, now, SyncOutcome::kDone, ""};
    Balance balance;
    balance.place = {"cryptocom", "main"};
    balance.asset = model::AssetId::literal("BTC");
    balance.scale = 8;
    balance.total = d(total);
    balance.as_of = now;
    balance.raw_sha256 = crypto::sha256("raw");
    result.balances = {balance};
    WindowAnswer answer{RecordKind::kTransfer, kAt - Duration::hours(2'000), now, now, {}};
    if (with_deposit) {
      Transfer transfer;
      transfer.id = "77";
      transfer.asset = "BTC";
      transfer.amount = d("10");
      transfer.created_at = kAt - Duration::hours(20);
      transfer.completed_at = transfer.created_at;
      Record record;
      record.kind = RecordKind::kTransfer;
      record.key = "deposit:77";
      record.at = record.updated_at = transfer.created_at;
      record.asset = "BTC";
      record.amount = transfer.amount;
      record.status = "done";
      record.document = transfer_document(transfer, *json::parse("{}"));
      answer.records = {{record, 1}};
    }
    result.answers = {answer};
    PostgresCustodyStore(service_pool("custody")).save(kFund, result, now, "test");
  }
  ReconcileReport reconcile_on(int day) {
    PostgresCustodyStore facts(service_pool("custody"));
    PostgresReconciliationStore reconciliations = store();
    return reconcile_fund({books, facts, reconciliations, documents},
                          {kFund, kDay + day, terms, person("olga"), kAt + Duration::hours(24 * day + 1)});
  }
  StoredBreak act(const std::string& id, BreakActKind kind, std::string_view who, const std::string& text,
                  const std::string& evidence = "", const std::string& key = "") {
    BreakAct one{0, kind, model::ActorId::literal(who), kAt + Duration::hours(2)};
    one.text = text;
    one.evidence = evidence;
    return *service_pool("custody").transact([&](db::Transaction& transaction) {
      return PostgresReconciliationStore::act(
          transaction, {kFund, id, one},
          {std::string(who), key.empty() ? "k" + std::to_string(++keys) : key, {}, one.at.ns()});
    });
  }
  std::vector<std::string> events() {
    std::vector<std::string> kinds;
    service_pool("custody").transact([&](db::Transaction& transaction) {
      for (const db::OutboxEvent& event : db::events_after(transaction, kFund.value(), 0, 100))
        kinds.push_back(event.kind);
    });
    return kinds;
  }
  template <class Do>
  std::string refusal(Do&& act_now) {
    try {
      act_now();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "";
  }

  FixedBooks books;
  JsonReconciliationDocuments documents;
  ReconciliationTerms terms;
  int keys = 0;
};

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
  const std::string document = store().find(kFund, kDay)->document;
  EXPECT_EQ(verdict_of(lines_of(document), found), "failed");

  act(id, BreakActKind::kAssigned, "olga", "mia");
  act(id, BreakActKind::kResolved, "mia", "on the chain, not credited", "transaction aa11");
  EXPECT_NE(refusal([&] { act(id, BreakActKind::kConfirmed, "mia", ""); }), "");
  const StoredBreak explained = act(id, BreakActKind::kConfirmed, "tom", "");
  EXPECT_EQ(explained.state.status, BreakStatus::kExplained);
  EXPECT_EQ(explained.state.owner, model::ActorId::literal("mia"));
  found = store().breaks_of(kFund, {kDay, 1});
  EXPECT_EQ(verdict_of(lines_of(document), found), "passed");
  EXPECT_NE(reconciliation_json(kFund, *store().find(kFund, kDay), found).find(R"("verdict":"passed")"),
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
}  // namespace navkeeper::custody
