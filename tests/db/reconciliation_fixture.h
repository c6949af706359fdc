#pragma once
// A fund with ten bitcoin in its books and a custodian that is told what to say, for tests of
// reconciliations.
#include <gtest/gtest.h>

#include "common/db/errors.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/value.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/adapters/reconciliation_json.h"
#include "services/custody/adapters/reconciliation_store.h"
#include "services/custody/adapters/record_json.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::custody::reconciling {

using money::Decimal;
using time::Duration;
using time::Instant;

inline const model::FundId kFund = model::FundId::literal("BTCETH");
inline const time::Date kDay = time::Date::literal("2026-03-05");
inline const Instant kAt = Instant::literal("2026-03-05T21:00:00Z");

inline Decimal d(std::string_view text) { return Decimal::literal(text); }
inline model::Actor person(std::string_view name) {
  return {model::ActorId::literal(name),
          {model::Role::kOperator, model::Role::kMaker, model::Role::kApprover}};
}

/// Books that hold `quantity` since a creation of the day before.
class FixedBooks final : public BooksSource {
 public:
  FundBooks books(const model::FundId&, time::Date date) override {
    FundBooks books;
    books.date = date;
    books.valued_at = valued_at(kFund, date);
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
  Instant valued_at(const model::FundId&, time::Date date) override {
    return kAt + Duration::hours(24) * (date - kDay);
  }
  Decimal quantity = d("10");
};

class ReconciliationStoreTest : public test::PostgresTest {
 protected:
  PostgresReconciliationStore store() { return PostgresReconciliationStore(service_pool("custody")); }
  /// The custodian is read `minutes` before the valuation point of a day.
  /// The deposit of ten of twenty hours before as a custodian tells it.
  struct DepositTold {
    Progress progress = Progress::kDone;
    Instant updated_at;
    std::optional<Instant> completed_at = {};
    std::string raw = "{}";
  };
  static Instant deposited_at() { return kAt - Duration::hours(20); }
  /// One asking: BTC as given (nothing: left out), and the deposit, if at all.
  void told_at(Instant now, std::optional<std::string_view> total,
               const std::optional<DepositTold>& deposit) {
    SyncResult result;
    result.run = {"cryptocom", now, now, SyncOutcome::kDone, ""};
    Balance balance;
    balance.place = {"cryptocom", "main"};
    balance.asset = model::AssetId::literal("BTC");
    balance.scale = 8;
    if (total) balance.total = d(*total);
    balance.as_of = now;
    balance.raw_sha256 = crypto::sha256("raw");
    result.balances = {balance};
    WindowAnswer answer{RecordKind::kTransfer, kAt - Duration::hours(2'000), now, now, {}};
    if (deposit) {
      Transfer transfer;
      transfer.id = "77";
      transfer.asset = "BTC";
      transfer.amount = d("10");
      transfer.created_at = deposited_at();
      transfer.completed_at = deposit->completed_at;
      Record record;
      record.kind = RecordKind::kTransfer;
      record.key = "deposit:77";
      record.at = transfer.created_at;
      record.updated_at = deposit->updated_at;
      record.asset = "BTC";
      record.amount = transfer.amount;
      record.progress = deposit->progress;
      record.status = std::string(describe(deposit->progress));
      record.document = transfer_document(transfer, *json::parse(deposit->raw));
      answer.records = {{record, 1}};
    }
    result.answers = {answer};
    PostgresCustodyStore(service_pool("custody")).save(kFund, result, now, "test");
  }
  void told(int day, std::string_view total, bool with_deposit, int minutes = 5) {
    std::optional<DepositTold> deposit;
    if (with_deposit) deposit = DepositTold{Progress::kDone, deposited_at(), deposited_at()};
    told_at(kAt + Duration::hours(24 * day) - Duration::minutes(minutes), total, deposit);
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

}  // namespace navkeeper::custody::reconciling
