#include "services/nav/adapters/composition_store.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/dealing_view.h"

namespace navkeeper::nav {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

base::Bytes hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

std::vector<Composition> load(db::Transaction& transaction, const model::FundId& fund, time::Date date) {
  std::vector<Composition> all;
  for (const auto& row : db::query(
           transaction,
           "SELECT number, status, valuation_date, version, content, content_hash, csv, csv_hash, "
           "published_by, known_at_ns FROM portfolio_composition WHERE fund_id = $1 AND trade_date = $2 "
           "ORDER BY number",
           fund, date.to_string())) {
    Composition one(base::value_or_refuse(model::ActorId::parse(row["published_by"].as<std::string>())));
    one.trade_date = date;
    one.number = row["number"].as<int>();
    one.is_estimate = row["status"].as<std::string>() == "estimate";
    one.nav_date = row["valuation_date"].as<time::Date>();
    one.nav_version = row["version"].as<int>();
    one.content = row["content"].as<std::string>();
    one.content_hash = base::to_hex(row["content_hash"].as<base::Bytes>());
    one.csv = row["csv"].as<std::string>();
    one.csv_hash = base::to_hex(row["csv_hash"].as<base::Bytes>());
    one.published_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
    all.push_back(std::move(one));
  }
  return all;
}

std::string_view status_of(bool is_estimate) { return is_estimate ? "estimate" : "final"; }

}  // namespace

PostgresCompositionStore PostgresCompositionStore::keyed(const db::KeyedRequest& request) const {
  PostgresCompositionStore store = *this;
  store.request_ = request;
  return store;
}

std::vector<Composition> PostgresCompositionStore::compositions(const model::FundId& fund,
                                                                time::Date trade_date) {
  return pool_.transact([&](db::Transaction& transaction) { return load(transaction, fund, trade_date); },
                        kReading);
}

bool PostgresCompositionStore::add_composition(const DayBasket& day, const ActStamp& stamp) {
  const std::string content = basket_json(day);
  const std::string csv = basket_csv(day);
  bool is_new = false;
  pool_.transact([&](db::Transaction& transaction) {
    db::write_once(transaction, request_, [&](db::Transaction& inside) {
      // One after another: whoever publishes a file of this fund waits here.
      db::execute(inside, "INSERT INTO dealing_head (fund_id, orders) VALUES ($1, 0) ON CONFLICT DO NOTHING",
                  day.fund);
      db::query(inside, "SELECT FROM dealing_head WHERE fund_id = $1 FOR UPDATE", day.fund);
      auto all = load(inside, day.fund, day.trade_date);
      const auto same = std::find_if(all.begin(), all.end(),
                                     [&](const Composition& one) { return one.content == content; });
      is_new = same == all.end();
      if (!is_new) return compositions_json(day.fund, day.trade_date, all);
      if (day.is_estimate && !all.empty() && !all.back().is_estimate)
        base::refuse(day.fund.value() + " " + day.trade_date.to_string(),
                     "has its final file: an estimate comes too late");
      const int number = static_cast<int>(all.size()) + 1;
      db::execute(inside,
                  "INSERT INTO portfolio_composition (fund_id, trade_date, number, status, valuation_date, "
                  "version, content, content_hash, csv, csv_hash, published_by, known_at_ns) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                  day.fund, day.trade_date.to_string(), number, status_of(day.is_estimate),
                  day.nav_date.to_string(), day.nav_version, content, hash_of(content), csv, hash_of(csv),
                  stamp.actor, stamp.now.ns());
      json::Writer fact;
      fact.begin_object().member("fund", day.fund.value()).member("nav_date", day.nav_date.to_string());
      fact.member("nav_version", day.nav_version).member("number", number);
      fact.member("sha256", base::to_hex(hash_of(content))).member("status", status_of(day.is_estimate));
      const std::string body = fact.member("trade_date", day.trade_date.to_string()).end_object().take();
      db::append_event(inside, day.fund.value(),
                       {0, "portfolio_composition_published", body, stamp.now.ns()});
      db::append_audit(inside, day.fund.value(),
                       {stamp.actor.value(), stamp.now.ns(), "portfolio_composition_published", body});
      return compositions_json(day.fund, day.trade_date, load(inside, day.fund, day.trade_date));
    });
  });
  return is_new;
}

std::optional<Composition> last_composition(CompositionStore& store, const model::FundId& fund,
                                            time::Date trade_date) {
  auto all = store.compositions(fund, trade_date);
  if (all.empty()) return std::nullopt;
  return std::move(all.back());
}

PublishedUnit read_published_unit(const std::string& content) {
  const json::Value value = base::value_or_refuse(json::parse(content));
  json::ObjectReader reader(value);
  PublishedUnit unit;
  unit.unit_shares = reader.decimal("unit_shares");
  unit.balancing = reader.decimal("balancing_amount");
  for (const json::Place& place : reader.array("components")) {
    json::ObjectReader component(place);
    const auto asset = model::AssetId::parse(component.string("asset"));
    if (asset.has_error()) throw base::Refused(asset.error().within(component.path_of("asset")));
    unit.components.push_back({*asset, component.decimal("quantity")});
  }
  return unit;
}

std::string compositions_json(const model::FundId& fund, time::Date trade_date,
                              const std::vector<Composition>& all) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).member("trade_date", trade_date.to_string());
  writer.key("files").begin_array();
  for (const Composition& one : all)
    writer.begin_object()
        .member("number", one.number)
        .member("status", status_of(one.is_estimate))
        .member("nav_date", one.nav_date.to_string())
        .member("nav_version", one.nav_version)
        .member("sha256", one.content_hash)
        .member("csv_sha256", one.csv_hash)
        .member("published_by", one.published_by.value())
        .member("published_at", one.published_at.to_string())
        .end_object();
  return writer.end_array().end_object().take();
}

std::string compositions_table(const std::vector<Composition>& all) {
  if (all.empty()) return "No portfolio composition of that day was published.\n";
  runtime::Table table({{"file", runtime::Align::kRight},
                        {"status"},
                        {"by the NAV of"},
                        {"version", runtime::Align::kRight},
                        {"published by"},
                        {"at"},
                        {"sha256"}});
  for (const Composition& one : all)
    table.row({std::to_string(one.number), std::string(status_of(one.is_estimate)), one.nav_date.to_string(),
               std::to_string(one.nav_version), one.published_by.value(), one.published_at.to_string(),
               one.content_hash});
  return table.to_string();
}

}  // namespace navkeeper::nav
