#pragma once
// A fund of two coins with its books opened, and what the tests of its dollars do again and again: proposals
// by two people, statements of its bank as BAI2, strikes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/bank_statement_file.h"
#include "services/nav/adapters/bank_store.h"
#include "services/nav/adapters/books_post.h"
#include "services/nav/adapters/cash_json.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/strike_posting.h"
#include "services/nav/app/nav_life.h"
#include "services/nav/app/strike_fund.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::nav {

using model::Role;
using money::Decimal;
using time::Date;
using time::Instant;

inline const model::FundId kFund = model::FundId::literal("BTCETH");
/// Monday 2026-01-05, ten in the morning in New York.
inline const Instant kNow = Instant::literal("2026-01-05T15:00:00Z");

inline Decimal dec(std::string_view text) { return Decimal::literal(text); }
inline Date day(std::string_view text) { return Date::literal(text); }

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline CashActor who(const char* name, Instant now = kNow) {
  return {{model::ActorId::literal(name), {Role::kMaker, Role::kApprover, Role::kOperator}}, now};
}

class RisingRates final : public RateSource {
 public:
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset, Date date) override {
    AssetPrice price;
    const Decimal start = asset.asset.value() == "BTC" ? dec("80000") : dec("3000");
    price.official =
        ResolvedPrice{asset.official_index, start + Decimal::of((date - day("2026-01-01")) * 7), "5e1f"};
    price.valuation = plan_strike(fund, date, Instant::latest()).value().valued_at;
    return price;
  }
};

class CashTest : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    store_.emplace(pool(), journal_);
    acts_.emplace(pool());
    const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
    apply_fund(*store_, load_fund_file(std::string(dir != nullptr ? dir : ".") + "/config/funds/btceth.toml"),
               who("olga").actor, kNow);
    post(
        R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
        "\n"
        R"({"id":"seed","date":"2026-01-02","event":"creation","shares":"100000","components":[{"asset":"BTC","quantity":"20","value":"1600000"},{"asset":"ETH","quantity":"300","value":"900000"}],"cash":"50000"})"
        "\n");
  }

  db::Pool& pool() { return service_pool("nav"); }
  NavPorts ports() { return {*store_, rates_, documents_, *acts_}; }

  void post(const std::string& lines, const char* known_at = "2026-01-02T12:00:00Z") {
    const auto path = folder_.path() / "events.jsonl";
    std::ofstream(path) << lines;
    post_file(pool(), kFund, read_events_to_post(path.string(), "file"),
              {model::ActorId::literal("olga"), Instant::literal(known_at)});
  }
  StoredNav strike_on(const char* date) {
    return strike_fund(ports(),
                       {kFund, day(date), who("mia").actor, Instant::literal("2026-03-01T00:00:00Z")})
        .nav;
  }

  template <class Act>
  auto in_transaction(Act&& does) {
    return pool().transact([&](db::Transaction& transaction) { return does(transaction); });
  }
  bool propose_json(const std::string& text, const char* name = "mia") {
    return in_transaction([&](db::Transaction& transaction) {
      return propose(transaction, kFund, read_proposal(*json::parse(text)), who(name));
    });
  }
  bool approve_it(const char* kind, const char* id, const char* name = "tom") {
    return in_transaction(
        [&](db::Transaction& transaction) { return approve(transaction, kFund, kind, id, who(name)); });
  }
  ReleasedWire release(const char* id, Instant now = kNow) {
    return in_transaction(
        [&](db::Transaction& transaction) { return release_wire(transaction, kFund, id, who("olga", now)); });
  }
  void account_and_payee() {
    propose_json(R"({"kind":"bank_account","id":"main","number":"42","servicer":"021000021"})");
    propose_json(
        R"({"kind":"payee","id":"adviser","name":"Adviser Inc","number":"77","servicer":"026009593"})");
    propose_json(R"({"kind":"limits","id":"L-1","account":"main","per_wire":"20000","per_day":"30000"})");
    for (const auto& [kind, id] :
         {std::pair{"bank_account", "main"}, {"payee", "adviser"}, {"limits", "L-1"}})
      approve_it(kind, id);
  }
  ImportReport import(const std::string& content) {
    return in_transaction([&](db::Transaction& transaction) {
      return import_statements(transaction, kFund, "main",
                               base::value_or_refuse(read_bank_statements(content)), who("olga"));
    });
  }
  std::optional<StoredReconciliation> reconciliation(const char* as_of) {
    return in_transaction(
        [&](db::Transaction& transaction) { return load_reconciliation(transaction, kFund, day(as_of)); });
  }
  std::int64_t count(const std::string& what) {
    return in_transaction([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + what)[0][0].as<std::int64_t>();
    });
  }
  Decimal balance(const std::string& account, const std::string& commodity, books::Basis basis,
                  const char* as_of) {
    return in_transaction([&](db::Transaction& transaction) {
      const auto books = load_books(transaction, kFund, {basis, day(as_of), std::nullopt});
      return books->balance(account, commodity)
          .to_decimal(commodity == "USD"   ? 2
                      : commodity == "BTC" ? 8
                                           : 18);
    });
  }
  template <class Act>
  std::string refusal(Act does) {
    try {
      does();
    } catch (const base::Refused& refused) {
      return refused.what();
    } catch (const base::Conflict& conflict) {
      return conflict.what();
    }
    ADD_FAILURE() << "was not refused";
    return "";
  }
  void expect_refused(const std::string& text, const std::string& rule) {
    EXPECT_NE(text.find(rule), std::string::npos) << text;
  }

  test::TemporaryFolder folder_;
  BooksStrikeJournal journal_;
  JsonDocuments documents_;
  RisingRates rates_;
  std::optional<PostgresNavStore> store_;
  std::optional<PostgresActStore> acts_;
};

/// One day of account 42 as BAI2: amounts in cents, positive came in.
inline std::string bai2(const std::string& date, std::int64_t opening,
                        const std::vector<std::pair<std::int64_t, std::string>>& lines) {
  std::int64_t closing = opening, total = opening;
  std::string details;
  for (const auto& [cents, reference] : lines) {
    closing += cents;
    total += std::abs(cents);
    details += std::string(cents < 0 ? "16,495," : "16,195,") + std::to_string(std::abs(cents)) + ",0,B" +
               date + reference + "," + reference + ",text\n";
  }
  total += closing;
  const std::string records = std::to_string(lines.size() + 2);
  const std::string sum = std::to_string(total);
  return "01,B,F," + date + ",2300,1,,,2/\n02,F,B,1," + date + ",2300,USD,2/\n03,42,USD,010," +
         std::to_string(opening) + ",,,015," + std::to_string(closing) + ",,/\n" + details + "49," + sum +
         "," + records + "/\n98," + sum + ",1," + std::to_string(lines.size() + 4) + "/\n99," + sum + ",1," +
         std::to_string(lines.size() + 6) + "/\n";
}

}  // namespace navkeeper::nav
