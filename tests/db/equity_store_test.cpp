// Closes in a real PostgreSQL: provenance, two times, corporate actions, clocks that are never mixed, and the
// collected files.
#include "services/pricing/adapters/equity_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/http/router.h"
#include "common/json/value.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/equity_json.h"
#include "services/pricing/adapters/trade_csv.h"
#include "services/pricing/adapters/trade_file.h"
#include "services/pricing/adapters/trade_store.h"
#include "services/pricing/service.h"
#include "tests/db/postgres_fixture.h"
#include "tests/support/process.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using time::Date;
using time::Instant;

class EquityStoreTest : public test::PostgresTest {
 protected:
  SqlEquityStore& store() {
    if (!store_) store_.emplace(service_pool("pricing"));
    return *store_;
  }
  static EquityImport how(Adjustment adjustment = Adjustment::kSplitsAndDividends,
                          const char* clock = "nyse_close", const char* symbol = nullptr,
                          const char* source = "Yahoo") {
    return {parse_clock(clock).value(), adjustment, source,
            symbol == nullptr ? std::nullopt : std::optional(model::AssetId::literal(symbol)),
            time::Instant::latest()};
  }
  EquityImportReport import(const std::string& text, const EquityImport& import_how = how(),
                            const std::string& name = "f.csv") {
    now_ = now_ + time::Duration::seconds(60);
    return store().import(read_equity_closes(text, name, import_how).value(), import_how, name,
                          crypto::sha256_hex(text), now_, "ann");
  }
  EquityImportReport import_collected(const char* name, const EquityImport& import_how) {
    const TradeFile raw((tests::shared_data() / "prices" / name).string());
    now_ = now_ + time::Duration::seconds(60);
    return store().import(read_equity_closes(raw.text(), name, import_how).value(), import_how, name,
                          crypto::sha256_hex(raw.raw()), now_, "ann");
  }
  template <class Act>
  static std::string refusal_of(Act act) {
    try {
      act();
    } catch (const base::Refused& refused) {
      return refused.what();
    }
    return "not refused";
  }
  http::Response get(const std::string& path, http::Parameters query = {}) {
    if (!router_) {
      router_.emplace();
      Dependencies dependencies{&service_pool("pricing"), nullptr};
      register_routes(*router_, dependencies);
    }
    http::Request request;
    request.path = path;
    request.query = std::move(query);
    return router_->handle(request);
  }

  Instant now_ = Instant::literal("2026-08-01T00:00:00Z");
  std::optional<SqlEquityStore> store_;
  std::optional<http::Router> router_;
};

TEST_F(EquityStoreTest, EachCloseKeepsItsSnapInstantAndItsFile) {
  const auto report = import("date,MARA,RIOT\n2026-03-06,10.5,\n2025-11-28,11,21.25\n");
  EXPECT_EQ(report.closes, 3);
  EXPECT_EQ(report.closes_new, 3);
  const CloseSeries series = store().series({"MARA"}, {});
  ASSERT_EQ(series.closes.size(), 2U);
  EXPECT_EQ(series.closes[0].snapped_at, Instant::literal("2025-11-28T18:00:00Z"))
      << "a half day closes at 13:00";
  EXPECT_EQ(series.closes[1].snapped_at, Instant::literal("2026-03-06T21:00:00Z"));
  EXPECT_EQ(series.provenance.source, "Yahoo");
  EXPECT_EQ(series.provenance.file, "f.csv");
  EXPECT_EQ(series.provenance.sha256.size(), 64U);
}

TEST_F(EquityStoreTest, TheSameFileAgainChangesNothingAndACorrectionStandsBesideTheOldPrice) {
  const std::string text = "date,MARA\n2026-03-05,10\n2026-03-06,11\n";
  import(text);
  const Instant before = now_;
  EXPECT_TRUE(import(text).already_imported);
  const auto corrected = import("date,MARA\n2026-03-05,10.00\n2026-03-06,12\n2026-03-09,13\n");
  EXPECT_EQ(corrected.closes_new, 2) << "10.00 is 10";
  const auto value_known_at = [&](Instant known_at) {
    SeriesRange range;
    range.from = range.to = Date::literal("2026-03-06");
    range.known_at = known_at;
    return store().series({"MARA"}, range).closes.at(0).value;
  };
  EXPECT_EQ(value_known_at(before), Decimal::of(11));
  EXPECT_EQ(value_known_at(now_), Decimal::of(12));
  SeriesRange as_of;
  as_of.as_of = Instant::literal("2026-03-06T20:59:59Z");
  EXPECT_EQ(store().series({"MARA"}, as_of).closes.size(), 1U) << "what was snapped later is not there";
}

TEST_F(EquityStoreTest, SeriesOfOneSymbolAreNeverMixed) {
  import("date,BTC\n2026-03-05,90000\n", how(Adjustment::kNone, "midnight:UTC", nullptr, "A"));
  import("date,BTC\n2026-03-05,90100\n", how(Adjustment::kNone, "midnight:Europe/Berlin", nullptr, "B"));
  import("date,MARA\n2026-03-05,10\n", how(Adjustment::kNone, "nyse_close", nullptr, "A"));
  EXPECT_NE(refusal_of([&] { store().series({"BTC"}, {}); })
                .find("has several series, which are never mixed; choose one by source, clock and "
                      "adjustment: [A, midnight "
                      "UTC, none] [B, midnight Europe/Berlin, none]"),
            std::string::npos);
  EXPECT_EQ(store().series({"BTC", "B"}, {}).closes.at(0).value, Decimal::of(90'100));
  EXPECT_NE(refusal_of([&] {
              store().aligned({{"BTC", "A"}, {"MARA", "A"}}, {});
            }).find("clocks are never mixed: midnight UTC and nyse_close"),
            std::string::npos);
  EXPECT_EQ(get("/v1/aligned-closes", {{"symbols", "BTC,MARA"}, {"source", "A"}}).status, 400);
  EXPECT_EQ(get("/v1/equities/BTC").status, 400);
  EXPECT_EQ(get("/v1/equities/NOPE").status, 404);
  const auto shown = json::parse(get("/v1/equities/BTC", {{"clock", "midnight:UTC"}}).body);
  EXPECT_EQ(shown->find("closes")->as_array().at(0).find("snapped_at")->as_string(), "2026-03-06T00:00:00Z");
}

TEST_F(EquityStoreTest, ActionsMakeTheHistoryOfASecurity) {
  import("date,OLD,NEW\n2026-03-05,40,\n2026-03-06,,11\n2026-03-09,,12\n2026-03-10,,50\n",
         how(Adjustment::kNone));
  const char* file = R"(
[[ticker_change]]
from = "OLD"
to = "NEW"
date = 2026-03-06
source = "exchange notice"
[[split]]
symbol = "NEW"
date = 2026-03-06
new_shares = 4
old_shares = 1
source = "exchange notice"
[[relisting]]
symbol = "NEW"
date = 2026-03-10
source = "court"
)";
  EXPECT_EQ(store().add_actions(parse_actions(file, "a.toml").value(), now_, "ann"), 3);
  EXPECT_EQ(store().add_actions(parse_actions(file, "a.toml").value(), now_, "ann"), 0)
      << "the same says nothing new";
  const auto stretches = store().history({"NEW"}, {});
  ASSERT_EQ(stretches.size(), 2U);
  ASSERT_EQ(stretches[0].size(), 3U);
  EXPECT_EQ(stretches[0][0].symbol.value(), "OLD");
  EXPECT_EQ(history_value(stretches[0][0].value), "10") << "40 before four new shares for one";
  EXPECT_EQ(stretches[1].size(), 1U);
  auto withdrawn = parse_actions(file, "a.toml").value();
  std::erase_if(withdrawn,
                [](const StoredAction& stored) { return !std::holds_alternative<Relisting>(stored.action); });
  withdrawn.at(0).withdrawn = true;
  EXPECT_EQ(store().add_actions(withdrawn, now_ + time::Duration::seconds(1), "ann"), 1);
  EXPECT_EQ(store().history({"NEW"}, {}).size(), 1U);
  SeriesRange then;
  then.known_at = now_;
  EXPECT_EQ(store().history({"NEW"}, then).size(), 2U) << "as it was known";
}

TEST_F(EquityStoreTest, ASecurityIsFollowedWhileOnlyItsOldTickerHasCloses) {
  import("date,OLD\n2026-03-02,40\n2026-03-03,41\n", how(Adjustment::kNone));
  const std::string change =
      "[[ticker_change]]\nfrom = \"OLD\"\nto = \"NEW\"\ndate = 2026-03-06\nsource = \"exchange notice\"\n";
  EXPECT_NE(refusal_of([&] { store().history({"NEW"}, {}); }).find("NEW"), std::string::npos);
  store().add_actions(parse_actions(change, "a.toml").value(), now_, "ann");
  const auto stretches = store().history({"NEW"}, {});
  ASSERT_EQ(stretches.size(), 1U);
  EXPECT_EQ(stretches[0].size(), 2U);
}

TEST_F(EquityStoreTest, ACoinIsSnappedAtTheSharesCloseHalfDaysToo) {
  const std::string trades =
      "time,venue,pair,price,size,id\n2025-11-28T17:59:58Z,kraken,BTC/USD,91000.5,1,1\n"
      "2025-11-28T18:00:01Z,kraken,BTC/USD,95000,1,2\n2025-11-26T20:00:00Z,kraken,BTC/USD,90000,1,3\n";
  time::ManualClock clock(now_);
  SqlImportStore imports(service_pool("pricing"));
  import_trades(imports, clock, {"t.csv", "csv", "", "", crypto::sha256_hex(trades)}, "ann",
                [&](TradeSink& sink) { read_trade_csv(trades, "t.csv", 0, sink); });
  const auto closes =
      store().coin_closes("BTC/USD", "kraken", Date::literal("2025-11-26"), Date::literal("2025-11-30"),
                          time::Duration::seconds(300), Instant::latest());
  ASSERT_EQ(closes.size(), 2U) << "Thanksgiving and the weekend have no close";
  EXPECT_FALSE(closes[0].value.has_value()) << "an hour is too old";
  EXPECT_EQ(closes[1].snapped_at, Instant::literal("2025-11-28T18:00:00Z"));
  EXPECT_EQ(closes[1].value, Decimal::literal("91000.5"));
  EXPECT_EQ(closes[1].from, "trade kraken 1 at 2025-11-28T17:59:58Z");
}

TEST_F(EquityStoreTest, NothingLearnedIsEverChanged) {
  import("date,MARA\n2026-03-05,10\n");
  for (const char* sql :
       {"UPDATE equity_close SET value = 1", "DELETE FROM equity_close", "DELETE FROM corporate_action"}) {
    EXPECT_ANY_THROW(service_pool("pricing").transact(
        [&](db::Transaction& transaction) { db::execute(transaction, sql); }));
  }
}

TEST_F(EquityStoreTest, TheCollectedFilesImportWithTheirCounts) {
  if (tests::shared_data().empty() || !std::filesystem::exists(tests::shared_data() / "prices"))
    GTEST_SKIP() << "no collected prices";
  const auto equities = import_collected("equities_adjclose_2017_2026.csv", how());
  EXPECT_EQ(equities.symbols, 18);
  EXPECT_EQ(equities.closes_new, equities.closes);
  EXPECT_GT(equities.rejected, 0) << "days before the calendar begins";
  const auto old_corz = import_collected("CORZ_prebankruptcy_2021_2022.csv",
                                         how(Adjustment::kNone, "nyse_close", "CORZ", "Alpaca IEX"));
  EXPECT_EQ(old_corz.closes_new, 379);
  const auto cet = import_collected("crypto_close_cet_midnight_2017_2026.csv",
                                    how(Adjustment::kNone, "midnight:Europe/Berlin", nullptr, "CET file"));
  EXPECT_EQ(cet.symbols, 3);
  EXPECT_EQ(cet.rejected, 0);
  const auto utc = import_collected("BTC_close_utc_midnight_yahoo_2024-12_2026-08.csv",
                                    how(Adjustment::kNone, "midnight:UTC", "BTC", "Yahoo"));
  EXPECT_EQ(utc.closes_new, 624);
  const auto bybit = import_collected("crypto_close_utc_midnight_bybit_usdt_2020_2025.csv",
                                      how(Adjustment::kNone, "midnight:UTC", nullptr, "Bybit USDT"));
  EXPECT_EQ(bybit.symbols, 3);
  EXPECT_EQ(store().series({"SPY"}, {}).closes.size(), 1'653U);
  EXPECT_EQ(store().aligned({{"MARA"}, {"RIOT"}, {"NVDA"}}, {}).size(), 1'653U);
  EXPECT_NE(refusal_of([&] { store().series({"CORZ"}, {}); }).find("has several series"), std::string::npos);
  EXPECT_NE(refusal_of([&] {
              store().aligned({{"SPY"}, {"BTC", "Yahoo"}}, {});
            }).find("clocks are never mixed"),
            std::string::npos);
  const auto actions = parse_actions(
      tests::read_file(tests::source_dir() / "config" / "equities" / "actions.toml"), "actions.toml");
  ASSERT_TRUE(actions.has_value()) << actions.error().message();
  EXPECT_GE(store().add_actions(*actions, now_, "ann"), 1);
  const auto relisted = store().history({"CORZ", "Yahoo"}, {});
  ASSERT_EQ(relisted.size(), 1U);
  EXPECT_EQ(relisted[0].front().date, Date::literal("2024-01-24"));
  std::cout << "equities: " << equities.closes << " closes, " << equities.rejected
            << " rejected; coins: " << cet.closes << " + " << utc.closes << " + " << bybit.closes << "\n";
}

}  // namespace
}  // namespace navkeeper::pricing
