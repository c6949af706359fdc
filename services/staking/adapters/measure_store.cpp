#include "services/staking/adapters/measure_store.h"

#include "common/base/bytes.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/db/write_batch.h"
#include "common/json/write.h"

namespace navkeeper::staking {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
constexpr std::size_t kRowsOfAStatement = 1'000;
constexpr const char* kInto =
    "INSERT INTO measure (fund_id, asset, day, chain, source, place, window_days, from_ns, to_ns, "
    "inputs_hash,"
    " refusal, income, mean_stake, period_return, apr_365, apr_365_25, apy_365, apy_365_25, known_at_ns)"
    " VALUES ";

std::string row_of(db::WriteBatch& writer, const model::FundId& fund, const Measure& one,
                   const base::Bytes& inputs_hash, time::Instant known_at) {
  const auto part = [&](money::Decimal MeasuredYield::*figure) -> std::optional<money::Decimal> {
    if (!one.yield) return std::nullopt;
    return (*one.yield).*figure;
  };
  return writer.row(fund, one.asset, time::utc_date(one.to), one.key ? describe(one.key->chain) : "",
                    one.key ? one.key->source : "", one.key ? one.key->place : "", one.window_days, one.from,
                    one.to, inputs_hash, one.refusal, part(&MeasuredYield::income),
                    part(&MeasuredYield::mean_stake), part(&MeasuredYield::period_return),
                    part(&MeasuredYield::apr_365), part(&MeasuredYield::apr_365_25),
                    part(&MeasuredYield::apy_365), part(&MeasuredYield::apy_365_25), known_at);
}

StoredMeasure measure_of(const pqxx::row& row) {
  StoredMeasure stored;
  Measure& one = stored.measure;
  one.asset = db::name_of<model::AssetId>(row["asset"]);
  if (const auto chain = parse_chain(row["chain"].as<std::string>()))
    one.key = {*chain, row["source"].as<std::string>(), row["place"].as<std::string>(), one.asset};
  one.window_days = row["window_days"].as<int>();
  one.from = row["from_ns"].as<time::Instant>();
  one.to = row["to_ns"].as<time::Instant>();
  one.refusal = row["refusal"].as<std::string>();
  if (one.refusal.empty()) {
    const auto figure = [&](const char* name) { return row[name].as<money::Decimal>(); };
    one.yield =
        MeasuredYield{figure("income"),     figure("mean_stake"), figure("period_return"), figure("apr_365"),
                      figure("apr_365_25"), figure("apy_365"),    figure("apy_365_25")};
  }
  stored.inputs_hash = base::to_hex(row["inputs_hash"].as<base::Bytes>());
  stored.known_at = row["known_at_ns"].as<time::Instant>();
  return stored;
}

}  // namespace

PostgresMeasureStore PostgresMeasureStore::under(const db::Lease& lease) const {
  PostgresMeasureStore store(pool_);
  store.lease_ = lease;
  return store;
}

std::size_t PostgresMeasureStore::save(const model::FundId& fund, const std::vector<Measure>& measures,
                                       time::Instant known_at, const std::string& actor) {
  return pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::verify_lease(transaction, *lease_);
    std::size_t added = 0;
    for (std::size_t begin = 0; begin < measures.size(); begin += kRowsOfAStatement) {
      db::WriteBatch writer(transaction);
      std::string rows;
      for (std::size_t i = begin; i < std::min(measures.size(), begin + kRowsOfAStatement); ++i) {
        const auto digest = crypto::sha256(measures[i].history);
        rows += (rows.empty() ? "" : ",\n") +
                row_of(writer, fund, measures[i], {digest.begin(), digest.end()}, known_at);
      }
      added += db::execute(transaction, kInto + rows + " ON CONFLICT DO NOTHING");
    }
    if (added == 0) return added;
    json::Writer writer;
    writer.begin_object().member("measures_new", static_cast<std::int64_t>(added)).end_object();
    db::append_audit(transaction, fund.value(), {actor, known_at.ns(), "staking.measured", writer.take()});
    return added;
  });
}

std::vector<StoredMeasure> PostgresMeasureStore::measures(const model::FundId& fund, time::Instant as_of,
                                                          time::Instant known_at) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredMeasure> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT DISTINCT ON (m.asset, m.chain, m.source, m.place, m.window_days) m.* FROM measure m"
                 " JOIN (SELECT asset, max(day) AS day FROM measure WHERE fund_id = $1 AND to_ns <= $2 AND"
                 " known_at_ns <= $3 GROUP BY asset) newest ON (newest.asset, newest.day) = (m.asset, m.day)"
                 " WHERE m.fund_id = $1 AND m.to_ns <= $2 AND m.known_at_ns <= $3"
                 " ORDER BY m.asset, m.chain, m.source, m.place, m.window_days, m.to_ns DESC,"
                 " m.known_at_ns DESC, m.inputs_hash",
                 fund, as_of, known_at))
          found.push_back(measure_of(row));
        return found;
      },
      kReading);
}

std::map<model::AssetId, time::Date> PostgresMeasureStore::newest_days(const model::FundId& fund) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::map<model::AssetId, time::Date> days;
        for (const auto& row :
             db::query(transaction,
                       "SELECT asset, max(day) AS day FROM measure WHERE fund_id = $1 GROUP BY asset", fund))
          days.emplace(db::name_of<model::AssetId>(row["asset"]), row["day"].as<time::Date>());
        return days;
      },
      kReading);
}

}  // namespace navkeeper::staking
