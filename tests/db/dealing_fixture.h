#pragma once
// A fund that deals, on a real PostgreSQL: books, NAVs, orders.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/value.h"
#include "services/nav/adapters/books_post.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/strike_posting.h"
#include "services/nav/app/nav_life.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::nav {

class FixedRates final : public RateSource {
 public:
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset,
                                  time::Date date) override {
    const auto found = prices.find(asset.official_index.value());
    if (found == prices.end()) return std::nullopt;
    AssetPrice price;
    price.official = ResolvedPrice{asset.official_index, found->second, "5e1f"};
    price.valuation = plan_strike(fund, date, time::Instant::latest()).value().valued_at;
    return price;
  }
  std::map<std::string, money::Decimal> prices{{"NK_BTCUSD_NY", money::Decimal::literal("84000")},
                                               {"NK_ETHUSD_NY", money::Decimal::literal("2800")},
                                               {"NK_CROUSD_NY", money::Decimal::literal("0.1")}};
};

class DealingTest : public test::PostgresTest {
 protected:
  static money::Decimal dec(std::string_view text) { return money::Decimal::literal(text); }
  static time::Date day(std::string_view text) { return time::Date::literal(text); }
  static time::Instant at(std::string_view text) { return time::Instant::literal(text); }
  static model::Actor actor(const char* name) {
    return {model::ActorId::literal(name),
            {model::Role::kMaker, model::Role::kApprover, model::Role::kOperator}};
  }
  static std::string file_of(const std::string& fund) {
    const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
    std::ifstream file(std::string(dir != nullptr ? dir : ".") + "/config/funds/" + fund + ".toml");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  db::Pool& pool() { return service_pool("nav"); }
  PostgresNavStore& navs() {
    if (!navs_) navs_.emplace(pool(), journal_);
    return *navs_;
  }
  PostgresDealingStore& store() {
    if (!store_) store_.emplace(pool());
    return *store_;
  }
  DealingPorts ports() { return {store(), navs()}; }

  /// Applies the file's text, opens its books on Friday the 2nd, and strikes Monday the 5th.
  void open(const std::string& text, const char* fund, const std::string& lines) {
    fund_ = model::FundId::literal(fund);
    const auto path = folder_.path() / "fund.toml";
    std::ofstream(path) << text;
    apply_fund(navs(), load_fund_file(path.string()), actor("olga"), at("2026-01-02T12:00:00Z"));
    post(lines);
    now_ = at("2026-01-05T21:30:00Z");
    strike("2026-01-05");
    store().add_participant(
        *fund_, {dealing::ParticipantId::literal("ALPHA"), "Alpha Securities", day("2026-01-02"), {}},
        {model::ActorId::literal("mia"), now_});
    now_ = at("2026-01-06T15:00:00Z");
  }
  void open_btceth(const char* btc = "600", const char* value = "50400000") {
    open(
        file_of("btceth"), "BTCETH",
        R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
        "\n"
        R"({"date":"2026-01-02","event":"creation","shares":"3360000","components":[{"asset":"BTC","quantity":")" +
            std::string(btc) + R"(","value":")" + value +
            R"("},{"asset":"ETH","quantity":"12000","value":"33600000"}],"cash":"25000"})"
            "\n");
  }
  void post(const std::string& lines) {
    const auto path = folder_.path() / "events.jsonl";
    std::ofstream(path) << lines;
    post_file(pool(), *fund_, read_events_to_post(path.string(), "file"),
              {model::ActorId::literal("olga"), at("2026-01-02T12:00:00Z")});
  }
  StoredNav strike(const char* date) {
    PostgresActStore acts(pool());
    return strike_fund({navs(), rates_, documents_, acts}, {*fund_, day(date), actor("mia"), now_}).nav;
  }
  void approve(const char* date) {
    PostgresActStore acts(pool());
    approve_nav({navs(), rates_, documents_, acts}, {*fund_, day(date), actor("tom"), now_, {}});
  }
  static std::string order_text(const char* id, const char* side, const char* form, const char* units,
                                const char* trade_date = "2026-01-06", const char* participant = "ALPHA") {
    return std::string(R"({"id":")") + id + R"(","participant":")" + participant + R"(","side":")" + side +
           R"(","form":")" + form + R"(","units":")" + units + R"(","trade_date":")" + trade_date + "\"}";
  }
  PlaceReport place(const std::string& text) {
    return place_orders(ports(), *fund_, {read_order(json::parse(text).value(), now_)},
                        {actor("olga"), now_});
  }
  bool accept(const char* id, const char* who = "anna") {
    return accept_order(ports(), *fund_, dealing::OrderId::literal(id), {actor(who), now_});
  }
  StoredOrder order(const char* id) { return *store().find_order(*fund_, dealing::OrderId::literal(id)); }
  std::vector<PriceLine> price(const char* date) {
    return price_orders(ports(), *fund_, day(date), {actor("mia"), now_});
  }
  bool settle(const char* id, const char* date, const char* units = nullptr) {
    const SettledPart part{units == nullptr ? std::nullopt : std::optional(dec(units)), day(date),
                           units == nullptr ? "" : std::string("DTC ") + units};
    // On the day itself, at the earliest.
    const auto then = std::max(now_, day(date).utc_midnight() + time::Duration::hours(22));
    return settle_order(ports(), *fund_, dealing::OrderId::literal(id), part, {actor("olga"), then});
  }
  template <class Act>
  std::string refusal(Act&& act) {
    try {
      act();
    } catch (const base::Refused& refused) {
      return refused.what();
    } catch (const base::Conflict& conflict) {
      return std::string("conflict: ") + conflict.what();
    }
    return "";
  }
  std::int64_t count(const std::string& what) {
    return pool().transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + what)[0][0].as<std::int64_t>();
    });
  }
  money::Decimal number(const std::string& sql) {
    return pool().transact(
        [&](db::Transaction& transaction) { return db::query(transaction, sql)[0][0].as<money::Decimal>(); });
  }

  test::TemporaryFolder folder_;
  BooksStrikeJournal journal_;
  FixedRates rates_;
  JsonDocuments documents_;
  std::optional<model::FundId> fund_;
  time::Instant now_;

 private:
  std::optional<PostgresNavStore> navs_;
  std::optional<PostgresDealingStore> store_;
};

}  // namespace navkeeper::nav
