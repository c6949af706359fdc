#pragma once
// The fund CROYIELD with a definition that has everything, on the real store and the real books.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_post.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_fact_json.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/strike_posting.h"
#include "services/nav/app/run_navs.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::nav {
using model::Role;
using money::Decimal;
using time::Date;
using time::Instant;

inline const Instant kNow = Instant::literal("2026-03-01T00:00:00Z");
inline const model::FundId kFund = model::FundId::literal("CROYIELD");

inline Decimal dec(std::string_view text) { return Decimal::literal(text); }
inline Date day(const char* text) { return Date::literal(text); }

inline model::Actor actor(const char* name) {
  return {model::ActorId::literal(name), {Role::kMaker, Role::kApprover, Role::kOperator}};
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) {
    ADD_FAILURE() << from << " is not in the file";
    return text;
  }
  return text.replace(at, from.size(), to);
}

/// croyield with a fee in coins, a waiver to 9 January, offering costs that it bears, forks held at zero.
inline std::string definition_text() {
  const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
  std::ifstream file(std::string(dir != nullptr ? dir : ".") + "/config/funds/croyield.toml");
  std::string text(std::istreambuf_iterator<char>(file), {});
  text = replaced(text, "borne_by_fund = [",
                  "borne_by_fund = [\"audit fees\", \"offering costs\", \"staking service fees\", ");
  text = replaced(text, "policy = \"abandon\"", "policy = \"hold_at_zero\"");
  return replaced(text, "[distributions]\n", R"([[fees]]
name = "staking fee"
type = "staking service fees"
from = 2026-01-02
base = "coins_held"
asset = "CRO"
rate = "0.001"
day_count = "act/365"
accrual_days = "forward"
paid_in = "CRO"
decimals = 8
rounding = "half_even"
rounding_scope = "cumulative"
payees = [{ name = "provider", share = "0.75" }, { name = "adviser", share = "0.25" }]
remainder_owner = "provider"

[[waivers]]
fee = "management fee"
from = 2026-01-02
to = 2026-01-09
rate = "0.0025"
granted_by = "adviser"

[[offering_costs]]
name = "Offering costs"
cost = "36500.00"
start = 2026-01-02

[distributions]
)");
}

class FixedRates final : public RateSource {
 public:
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset, Date date) override {
    AssetPrice price;
    if (date == unpriced) return std::nullopt;
    const Decimal coin = date < day("2026-01-06") ? dec("0.1") : dec("0.11");
    price.official = ResolvedPrice{asset.official_index, coin * factor[asset.asset.value()], "5e1f"};
    price.valuation = plan_strike(fund, date, Instant::latest()).value().valued_at;
    return price;
  }
  std::optional<Date> unpriced;
  std::map<std::string, Decimal> factor{{"CRO", dec("1")}, {"TOK", dec("2")}};  ///< of CRO's price
};

class FundLife : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    store_.emplace(pool(), journal_);
    acts_.emplace(pool());
    facts_.emplace(pool());
    apply(definition());
    post(
        R"({"date":"2026-01-02","event":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
        "\n"
        R"({"date":"2026-01-02","event":"creation","shares":"100000","components":[{"asset":"CRO","quantity":"20000000","value":"1900000"}],"cash":"50000"})"
        "\n");
  }

  virtual std::string definition() const { return definition_text(); }
  db::Pool& pool() { return service_pool("nav"); }
  NavPorts ports() { return {*store_, rates_, documents_, *acts_}; }
  ActPorts act_ports() { return {*acts_, *store_}; }

  void apply(const std::string& text) {
    const auto path = folder_.path() / "fund.toml";
    std::ofstream(path) << text;
    apply_fund(*store_, load_fund_file(path.string()), actor("olga"), kNow);
  }
  void post(const std::string& lines) {
    const auto path = folder_.path() / "events.jsonl";
    std::ofstream(path) << lines;
    post_file(pool(), kFund, read_events_to_post(path.string(), "file"),
              {model::ActorId::literal("olga"), Instant::literal("2026-01-02T12:00:00Z")});
  }
  FactReport record(const std::string& lines, Instant now = kNow) {
    const auto path = folder_.path() / "facts.jsonl";
    std::ofstream(path) << lines;
    return record_facts(*facts_, *store_, kFund, read_facts_file(path.string()), actor("olga"), now);
  }
  StoredNav strike_on(const char* date) {
    return strike_fund(ports(), {kFund, day(date), actor("mia"), kNow}).nav;
  }
  void strike_from(const char* from, const char* to) {
    for (const RunLine& line :
         run_navs(ports(), {{kFund}, day(from), day(to), actor("mia"), kNow}, nullptr)) {
      if (line.outcome == RunOutcome::kOpen) continue;  // Of earlier runs: it waits for people.
      ASSERT_EQ(line.outcome, RunOutcome::kStruck) << line.date.to_string() << ": " << line.message;
    }
  }
  void propose(const std::string& text, const char* who = "mia") {
    propose_act(act_ports(), kFund, read_act_text(text), actor(who), kNow);
  }
  void approve(const char* id, const char* who = "tom") {
    approve_act(act_ports(), kFund, id, actor(who), kNow);
  }
  Decimal balance(const std::string& account, const std::string& commodity = "USD") {
    const auto books = pool().transact([&](db::Transaction& transaction) {
      return load_books(transaction, kFund, {books::Basis::kNav, day("2026-12-31"), std::nullopt});
    });
    for (const StoredBalance& row : books->balances) {
      if (row.account == account && row.commodity == commodity) return row.balance.to_decimal(row.decimals);
    }
    return {};
  }
  std::int64_t count(const std::string& what) {
    return pool().transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + what)[0][0].as<std::int64_t>();
    });
  }
  template <class Act>
  std::string refusal(Act act) {
    try {
      act();
    } catch (const base::Refused& refused) {
      return refused.what();
    } catch (const base::Conflict& conflict) {
      return conflict.what();
    }
    ADD_FAILURE() << "was not refused";
    return "";
  }

  test::TemporaryFolder folder_;
  BooksStrikeJournal journal_;
  FixedRates rates_;
  JsonDocuments documents_;
  std::optional<PostgresNavStore> store_;
  std::optional<PostgresActStore> acts_;
  std::optional<PostgresFactStore> facts_;
};

}  // namespace navkeeper::nav
