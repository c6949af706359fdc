#pragma once
// An index, a coin and a token with their policies on a real PostgreSQL, for the tests of official prices.
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/db/pqxx_access.h"
#include "services/pricing/adapters/price_json.h"
#include "services/pricing/adapters/price_store.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/tape_store.h"
#include "services/pricing/adapters/trade_csv.h"
#include "services/pricing/adapters/trade_store.h"
#include "services/pricing/app/decide_by_hand.h"
#include "services/pricing/app/strike_job.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::pricing {

using model::Role;
using time::Date;
using time::Duration;
using time::Instant;

inline const Date kDay = Date::literal("2026-03-05");
inline const Instant kClose = Instant::literal("2026-03-05T17:00:00Z");
inline const model::AssetId kAsset = model::AssetId::literal("AAA");
inline const model::AssetId kToken = model::AssetId::literal("LSAAA");
inline const Track kFund{FundAct::kIca1940, PriceBasis::kFairValue};
inline const Track kTrust{FundAct::kEtp1933, PriceBasis::kIndex};
inline const PriceKey kFundKey{kAsset, kDay, kFund};
inline const PriceKey kTrustKey{kAsset, kDay, kTrust};

inline std::string index_toml(const std::string& id, const std::string& statistic, int partitions,
                              int venues_min, const std::string& more = "") {
  return "id = \"" + id +
         "\"\npair = \"AAA/USD\"\nstrike_time = \"17:00\"\ntime_zone = \"UTC\"\nwindow_minutes = "
         "60\npartitions = " +
         std::to_string(partitions) + "\nstatistic = \"" + statistic +
         "\"\ntie = \"lower\"\nempty_partition = \"drop\"\nweights = \"equal\"\nvenues = [\"coinbase\", "
         "\"kraken\"]\nvenue_deviation_max = \"0.05\"\nvenue_deviation_reference = \"all\"\nminimum_venues "
         "= " +
         std::to_string(venues_min) +
         "\ndecimals = 2\nrounding = \"half_even\"\nretrieval_delay_seconds = 60\n" + more;
}

inline std::string policy_toml(const std::string& more = "", const std::string& from = "2020-01-01",
                               const std::string& venue = "gemini") {
  return "asset = \"AAA\"\neffective_from = " + from +
         "\nofficial_index = \"NK_AAA\"\nsecond_index = \"NK_AAA_VWAP\"\ntrade_age_max_seconds = "
         "3600\n[principal_market]\nvenue = \"" +
         venue +
         "\"\npair = \"AAA/USD\"\nreason = \"the largest\"\n[[ladders]]\nact = \"ICA_1940\"\nbasis = "
         "\"fair_value\"\nrungs = [\"principal_market\", \"index\", \"second_index\", \"manual\", "
         "\"previous\"]\n[[ladders]]\nact = \"ETP_1933\"\nbasis = \"index\"\nrungs = [\"index\", "
         "\"second_index\", \"principal_market\", \"manual\", \"previous\"]\n[fair_value]\nunchanged_strikes "
         "= "
         "3\nbasis_gap_max = \"0.005\"\n[checks]\nage_max_seconds = 3600\nunchanged_strikes_max = "
         "2\nsecond_source_deviation_max = \"0.005\"\nyesterday_deviation_max = "
         "\"0.2\"\npartition_trades_min = "
         "1\nthin_partitions_max = 0\nvenues_min = 2\nmissing_minutes_max = 60\n" +
         more;
}

inline const std::string kTokenPolicy =
    "asset = \"LSAAA\"\neffective_from = 2020-01-01\ntrade_age_max_seconds = 3600\n[principal_market]\nvenue "
    "= "
    "\"crypto_com\"\npair = \"LSAAA/USD\"\nreason = \"the only one\"\n[[ladders]]\nact = \"ICA_1940\"\nbasis "
    "= "
    "\"fair_value\"\nrungs = [\"principal_market\", \"exchange_rate\", \"manual\", "
    "\"previous\"]\n[fair_value]\n"
    "unchanged_strikes = 3\nbasis_gap_max = \"0.005\"\n[checks]\nage_max_seconds = "
    "86400\nunchanged_strikes_max = 2\nsecond_source_deviation_max = \"0.01\"\nyesterday_deviation_max = "
    "\"0.2\"\npartition_trades_min = 0\nthin_partitions_max = 0\nvenues_min = 0\nmissing_minutes_max = "
    "0\n[liquid_staking]\ncoin = \"AAA\"\npoll_seconds = 3600\nrate_age_max_seconds = "
    "86400\ntrade_age_max_seconds = 3600\ndiscount_annual = \"0.0365\"\nredemption_days = "
    "10\npeg_deviation_max "
    "= \"0.01\"\ndecimals = 4\n[liquid_staking.activity]\nspan_seconds = 86400\ntrades_min = 2\nvolume_min = "
    "\"1\"\ngap_max_seconds = 86400\n";

inline model::Actor actor(const char* name,
                          std::set<Role> roles = {Role::kMaker, Role::kApprover, Role::kOperator}) {
  return {model::ActorId::literal(name), std::move(roles)};
}

inline std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "nothing was refused";
}

class PricesTest : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    define(index_toml("NK_AAA", "volume_weighted_median", 2, 2));
    define(index_toml("NK_AAA_VWAP", "vwap", 1, 1));
    apply(policy_toml());
  }
  void define(const std::string& toml) {
    SqlRateStore(service_pool("pricing")).define(toml, "index.toml", clock_.now(), "ann");
  }
  void apply(const std::string& toml) {
    SqlPriceStore(service_pool("pricing")).apply(toml, "policy.toml", clock_.now(), "ann");
  }
  void trade(const std::string& time, const std::string& venue, const std::string& price,
             const std::string& size = "1", const std::string& pair = "AAA/USD") {
    const std::string text = "time,venue,pair,price,size,id\n" + time + "," + venue + "," + pair + "," +
                             price + "," + size + "," + std::to_string(++last_id_) + "\n";
    SqlImportStore store(service_pool("pricing"));
    import_trades(store, clock_, {"t.csv", "csv", "", "", crypto::sha256_hex(text)}, "ann",
                  [&](TradeSink& sink) { read_trade_csv(text, "t.csv", 0, sink); });
  }
  /// A day on which both venues of the index trade at `price`, and the principal market at `principal`.
  void trade_day(Date day, const std::string& price, const std::string& principal) {
    const std::string date = day.to_string();
    for (const char* venue : {"coinbase", "kraken"}) {
      trade(date + "T16:10:00Z", venue, price);
      trade(date + "T16:50:00Z", venue, price);
    }
    trade(date + "T16:59:59Z", "gemini", principal);
  }
  PricePorts ports() { return {rates_, prices_, clock_}; }
  StoredPrice price_of(const PriceKey& key) {
    const auto saved = price_asset(ports(), key.asset, key.date, "ann");
    EXPECT_TRUE(saved.has_value()) << saved.error().message();
    return prices_.price(key, Instant::latest()).value();
  }
  std::int64_t count(const std::string& what) {
    return service_pool("pricing").transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + what)[0][0].as<std::int64_t>();
    });
  }
  void run_job(bool sweep = false) {
    run_strikes({ports(), prices_, feeds_}, "navkeeper", sweep, [&](const JobLine& line) {
      lines_.push_back(line.what + " " + line.subject + " " + line.detail);
    });
  }
  int lines_with(const std::string& word) {
    int found = 0;
    for (const std::string& line : lines_) found += line.find(word) != std::string::npos ? 1 : 0;
    return found;
  }

  time::ManualClock clock_{kClose + Duration::minutes(2)};
  SqlRateStore rates_{service_pool("pricing")};
  SqlPriceStore prices_{service_pool("pricing")};
  FeedWait feeds_;
  std::vector<std::string> lines_;
  int last_id_ = 0;
};

/// A venue's feed as the collector stores it.
class PricesOfFeedsTest : public PricesTest {
 protected:
  void SetUp() override {
    PricesTest::SetUp();
    trade_day(kDay, "100", "100.10");
  }
  std::shared_ptr<const Feed> begin_feed(const std::string& venue, Instant at) {
    auto feed = std::make_shared<Feed>();
    feed->session = model::new_uuid_v7(at, crypto::fill_random);
    feed->venue = venue;
    feed->pairs = {"AAA/USD"};
    feed->address = "ws://test";
    feed->goes_on = {!tape_.begin(*feed, at, "navkeeper").at(0).empty()};
    return feed;
  }
  void whole(const std::shared_ptr<const Feed>& feed, Instant from, Instant until, bool resumed = false) {
    TapeBatch batch;
    batch.wholes.push_back({feed, 0, resumed, from.ns(), until.ns()});
    tape_.write(batch, clock_.now());
  }
  void note(const std::shared_ptr<const Feed>& feed, const char* kind, Instant at, Instant first,
            Instant last) {
    TapeNote note;
    note.feed = feed;
    note.seq = ++seq_;
    note.at_ns = at.ns();
    note.kind = kind;
    note.market = 0;
    note.first = static_cast<std::uint64_t>(first.ns());
    note.last = static_cast<std::uint64_t>(last.ns());
    tape_.write({{}, {note}}, clock_.now());
  }
  std::string feeds_check() {
    price_of(kTrustKey);
    return check_of(prices_.price(kTrustKey, Instant::latest()).value(), "feeds_whole");
  }
  static std::string check_of(const StoredPrice& price, const std::string& name) {
    const auto at = price.document.find("\"check\":\"" + name + "\"");
    if (at == std::string::npos) return "absent";
    const auto begin = price.document.rfind('{', at);
    return price.document.substr(begin, price.document.find('}', begin) - begin + 1);
  }
  StoredRate rate() {
    RateQuery query;
    query.index = "NK_AAA";
    return rates_.find(query).at(0);
  }

  SqlTapeStore tape_{service_pool("pricing")};
  std::uint64_t seq_ = 0;
};

}  // namespace navkeeper::pricing
