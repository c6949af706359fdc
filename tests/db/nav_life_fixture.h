#pragma once
// A fund on the real store and the real books, with prices that a test sets day by day.
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_post.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/strike_posting.h"
#include "services/nav/app/nav_life.h"
#include "services/nav/app/run_navs.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::nav {

inline money::Decimal dec(std::string_view text) { return money::Decimal::literal(text); }
inline time::Date day(const char* text) { return time::Date::literal(text); }

inline const time::Instant kNow = time::Instant::literal("2027-06-01T00:00:00Z");
inline const model::FundId kBtceth = model::FundId::literal("BTCETH");

inline model::Actor actor(const std::string& name) {
  return {model::ActorId::literal(name),
          {model::Role::kMaker, model::Role::kApprover, model::Role::kOperator}};
}

/// The same price every day but where a test says otherwise; both bases.
class DatedRates final : public RateSource {
 public:
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset,
                                  time::Date date) override {
    const std::string name = asset.asset.value();
    if (missing.contains(date)) return std::nullopt;
    const auto found = values.find({name, date});
    money::Decimal value = found != values.end() ? found->second : dec(name == "BTC" ? "84000" : "2800");
    AssetPrice price;
    price.official = ResolvedPrice{asset.official_index, value, "5e1f", "principal_market", "a market"};
    price.bases = {{asset.official_index, value, "5e1f", "index", "a rate"}, *price.official};
    price.valuation = plan_strike(fund, date, time::Instant::latest()).value().valued_at;
    return price;
  }
  std::map<std::pair<std::string, time::Date>, money::Decimal> values;
  std::set<time::Date> missing;
};

class NavLifeTest : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
    apply_fund(store(), load_fund_file(std::string(dir != nullptr ? dir : ".") + "/config/funds/btceth.toml"),
               actor("olga"), kNow);
    post(
        R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
        "\n"
        R"({"date":"2026-01-02","event":"creation","shares":"3360000","components":[{"asset":"BTC","quantity":"600","value":"50400000"},{"asset":"ETH","quantity":"12000","value":"33600000"}],"cash":"25000"})"
        "\n");
  }

  db::Pool& pool() { return service_pool("nav"); }
  PostgresNavStore& store() {
    if (!store_) store_.emplace(pool(), journal_);
    return *store_;
  }
  PostgresNavLifeStore& life() {
    if (!life_) life_.emplace(pool());
    return *life_;
  }
  NavPorts ports() {
    if (!acts_) acts_.emplace(pool());
    return {store(), rates_, documents_, *acts_};
  }
  PostReport post(const std::string& lines) {
    const auto path = folder_.path() / "events.jsonl";
    std::ofstream(path) << lines;
    return post_file(pool(), kBtceth, read_events_to_post(path.string(), "file"),
                     {model::ActorId::literal("olga"), time::Instant::literal("2026-01-02T12:00:00Z")});
  }
  StrikeReport strike_on(time::Date date, const char* who = "mia", const std::string& again = "") {
    return strike_fund(ports(), {kBtceth, date, actor(who), kNow, again});
  }
  LifeRequest by(const char* who, time::Date date) { return {kBtceth, date, actor(who), kNow, {}}; }
  /// Approves and publishes what was struck on that day, setting aside what nobody can measure.
  void publish(time::Date date) {
    approve_nav(ports(), by("tom", date));
    for (const std::string& check : store().find_nav(kBtceth, date)->standing_unavailable())
      for (const char* who : {"tom", "zoe"}) override_check(ports(), by(who, date), check, "no service yet");
    publish_nav(ports(), by("zoe", date));
  }
  std::int64_t count(const std::string& what) {
    return pool().transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + what)[0][0].as<std::int64_t>();
    });
  }
  /// Every NAV document, with its entries, as one text: equal lives give equal texts.
  std::string everything() {
    return pool().transact([&](db::Transaction& transaction) {
      std::string text;
      for (const char* sql :
           {"SELECT valuation_date || ' ' || version || ' ' || document || inputs FROM nav "
            "ORDER BY valuation_date, version",
            "SELECT valuation_date || passed_checks FROM nav ORDER BY valuation_date, version",
            "SELECT valuation_date || name || status || detail FROM nav_check ORDER BY valuation_date, "
            "version, position",
            "SELECT source || source_id || content FROM entry ORDER BY source, source_id",
            "SELECT account || commodity || amount FROM account_balance ORDER BY account, commodity"})
        for (const auto& row : db::query(transaction, sql)) text += row[0].as<std::string>() + "\n";
      return text;
    });
  }
  /// What no life may break; a sentence for each that is broken.
  std::vector<std::string> broken() {
    return pool().transact([&](db::Transaction& transaction) {
      std::vector<std::string> found;
      for (
          const char* sql :
          {// NAV x shares = net assets within the rounding of the NAV (four decimals, half up).
           "SELECT 'rounding of ' || valuation_date FROM nav "
           "WHERE abs(nav_per_share * shares - net_assets) > shares * 0.00005",
           "SELECT 'published twice ' || valuation_date FROM nav_publication GROUP BY fund_id, "
           "valuation_date, "
           "version HAVING count(*) > 1",
           "SELECT 'published by its striker or unapproved ' || p.valuation_date FROM nav_publication p "
           "LEFT JOIN nav_approval a USING (fund_id, valuation_date, version) "
           "WHERE a.approved_by IS NULL OR p.published_by = p.struck_by OR a.approved_by = a.struck_by",
           "SELECT 'versions with a gap ' || valuation_date FROM nav GROUP BY fund_id, valuation_date "
           "HAVING max(version) <> count(*)",
           "SELECT 'balance of ' || b.account FROM account_balance b JOIN (SELECT fund_id, account, "
           "commodity, "
           "sum(amount) AS amount FROM (SELECT fund_id, debit AS account, commodity, amount FROM posting "
           "UNION "
           "ALL SELECT fund_id, credit, commodity, -amount FROM posting) s GROUP BY 1, 2, 3) s "
           "USING (fund_id, account, commodity) WHERE b.amount <> s.amount",
           "SELECT 'result of ' || account FROM (SELECT e.fund_id, date_trunc('month', e.book_date)::date AS "
           "month, s.account, sum(s.amount) AS amount FROM entry e JOIN posting p USING (fund_id, seq) CROSS "
           "JOIN LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS s (account, amount) WHERE "
           "p.commodity = 'USD' AND (s.account LIKE 'Income:%' OR s.account LIKE 'Expenses:%') AND s.account "
           "NOT LIKE 'Income:Unrealised gain:%' GROUP BY 1, 2, 3) j FULL JOIN result_by_month r USING "
           "(fund_id, month, account) WHERE coalesce(j.amount, 0) <> coalesce(r.amount, 0)",
           "SELECT 'head of the books' FROM books_head h WHERE entries <> (SELECT count(*) FROM entry e "
           "WHERE e.fund_id = h.fund_id)",
           "SELECT 'told other than published ' || scope FROM outbox GROUP BY scope HAVING count(*) FILTER "
           "(WHERE kind = 'nav_published') <> (SELECT count(*) FROM nav_publication WHERE fund_id = scope)",
           "SELECT 'audit of strikes' FROM audit WHERE scope = 'BTCETH' HAVING count(*) FILTER (WHERE kind "
           "IN "
           "('nav_struck', 'nav_struck_again')) <> (SELECT count(*) FROM nav)"})
        for (const auto& row : db::query(transaction, sql)) found.push_back(row[0].as<std::string>());
      return found;
    });
  }

  test::TemporaryFolder folder_;
  BooksStrikeJournal journal_;
  DatedRates rates_;
  JsonDocuments documents_;
  std::optional<PostgresNavStore> store_;
  std::optional<PostgresNavLifeStore> life_;
  std::optional<PostgresActStore> acts_;
};

}  // namespace navkeeper::nav
