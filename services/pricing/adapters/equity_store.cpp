#include "services/pricing/adapters/equity_store.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/random.h"
#include "common/db/copy_writer.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/model/uuid.h"
#include "common/time/calendar.h"
#include "services/pricing/adapters/announce.h"
#include "services/pricing/adapters/equity_json.h"

namespace navkeeper::pricing {
namespace {

const time::Date kPostgresEpoch = time::Date::literal("2000-01-01");

std::string audit_text(const EquityImportReport& report, const std::string& hash_hex) {
  json::Writer writer;
  writer.begin_object().member("closes_new", report.closes_new).member("file", std::string_view(report.file));
  writer.member("hash", std::string_view(hash_hex)).end_object();
  return writer.take();
}

void copy_closes(db::Transaction& transaction, const EquityFile& file, const model::Uuid& import_id) {
  db::CopyWriter copy(transaction, "equity_incoming",
                      {"import_id", "symbol", "date", "value", "snapped_at_ns", "line"});
  for (const CloseSeries& series : file.series) {
    for (const ClosePrice& close : series.closes) {
      // COPY's binary form: a uuid is its bytes, a date its days since 2000.
      copy.bytes(import_id.bytes())
          .text(series.symbol.value())
          .int32(static_cast<std::int32_t>(close.date - kPostgresEpoch));
      copy.numeric(close.value);
      copy.int64(close.snapped_at.ns()).int64(static_cast<std::int64_t>(close.line));
      copy.end_row();
    }
  }
  copy.finish();
}

/// Rows of the incoming table that say something new become versions beside the old ones.
std::int64_t take_over(db::Transaction& transaction, const EquityImport& how, const model::Uuid& import_id,
                       time::Instant known_at) {
  const auto rows = db::execute(
      transaction,
      "INSERT INTO equity_close (symbol, source, clock, adjustment, date, version, value, snapped_at_ns, "
      "import_id, line, known_at_ns)"
      " SELECT i.symbol, $2, $3, $4, i.date, coalesce(c.version, 0) + 1, i.value, i.snapped_at_ns, $1, "
      "i.line, $5"
      " FROM equity_incoming i LEFT JOIN LATERAL (SELECT version, value, snapped_at_ns FROM equity_close c"
      "  WHERE c.symbol = i.symbol AND c.source = $2 AND c.clock = $3 AND c.adjustment = $4 AND c.date = "
      "i.date"
      "  ORDER BY version DESC LIMIT 1) c ON true"
      " WHERE i.import_id = $1 AND (c.version IS NULL OR c.value <> i.value OR c.snapped_at_ns <> "
      "i.snapped_at_ns)",
      import_id, how.source, how.clock.to_string(), std::string(describe(how.adjustment)), known_at);
  db::execute(transaction, "DELETE FROM equity_incoming WHERE import_id = $1", import_id);
  return static_cast<std::int64_t>(rows);
}

SeriesSummary summary_of(const pqxx::row& row) {
  return {row["symbol"].as<std::string>(), row["source"].as<std::string>(),
          row["clock"].as<std::string>(),  row["adjustment"].as<std::string>(),
          row["first"].as<time::Date>(),   row["last"].as<time::Date>(),
          row["closes"].as<std::int64_t>()};
}

std::vector<SeriesSummary> summaries(db::Transaction& transaction, const std::string& symbol,
                                     time::Instant known_at) {
  std::vector<SeriesSummary> found;
  for (const auto& row :
       db::query(transaction,
                 "SELECT symbol, source, clock, adjustment, min(date) AS first, max(date) AS last,"
                 " count(DISTINCT date) AS closes FROM equity_close"
                 " WHERE known_at_ns <= $2 AND ($1 = '' OR symbol = $1)"
                 " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
                 symbol, known_at))
    found.push_back(summary_of(row));
  return found;
}

SeriesSummary the_one(std::vector<SeriesSummary> found, const SeriesChoice& choice) {
  std::erase_if(found, [&](const SeriesSummary& summary) {
    return (!choice.source.empty() && summary.source != choice.source) ||
           (choice.clock && summary.clock != choice.clock->to_string()) ||
           (choice.adjustment && summary.adjustment != describe(*choice.adjustment));
  });
  if (found.empty()) base::refuse(choice.symbol, "has no closes of that source, clock and adjustment");
  if (found.size() == 1) return found.front();
  std::string rule = "has several series, which are never mixed; choose one by source, clock and adjustment:";
  for (const SeriesSummary& summary : found)
    rule += " [" + summary.source + ", " + summary.clock + ", " + summary.adjustment + "]";
  base::refuse(choice.symbol, rule);
}

CloseSeries load_series(db::Transaction& transaction, const SeriesSummary& summary,
                        const SeriesRange& range) {
  CloseSeries series{model::AssetId::literal(summary.symbol),
                     SnapClock::parse(summary.clock).value(),
                     *parse_adjustment(summary.adjustment),
                     {summary.source, {}, {}},
                     {}};
  const pqxx::result rows = db::query(
      transaction,
      "SELECT DISTINCT ON (c.date) c.date, c.value, c.snapped_at_ns, c.line, i.file_name, i.hash"
      " FROM equity_close c JOIN equity_import i USING (import_id)"
      " WHERE c.symbol = $1 AND c.source = $2 AND c.clock = $3 AND c.adjustment = $4 AND c.known_at_ns <= $5"
      " AND c.snapped_at_ns <= $6 AND c.date >= coalesce($7, '-infinity'::date)"
      " AND c.date <= coalesce($8, 'infinity'::date) ORDER BY c.date, c.version DESC",
      summary.symbol, summary.source, summary.clock, summary.adjustment, range.known_at, range.as_of,
      range.from, range.to);
  for (const auto& row : rows) {
    series.closes.push_back({row["date"].as<time::Date>(), row["value"].as<money::Decimal>(),
                             row["snapped_at_ns"].as<time::Instant>(),
                             static_cast<std::uint64_t>(row["line"].as<std::int64_t>())});
    // Of the newest close; each row of the table has its own.
    series.provenance.file = row["file_name"].as<std::string>();
    series.provenance.sha256 = base::to_hex(row["hash"].as<base::Bytes>());
  }
  return series;
}

CorporateAction what_of(const pqxx::row& row) {
  const auto symbol = model::AssetId::literal(row["symbol"].as<std::string>());
  const auto date = row["date"].as<time::Date>();
  const auto kind = row["kind"].as<std::string>();
  if (kind == "split")
    return ShareSplit{symbol, date, row["new_shares"].as<std::int64_t>(),
                      row["old_shares"].as<std::int64_t>()};
  if (kind == "ticker_change")
    return TickerChange{symbol, model::AssetId::literal(row["to_symbol"].as<std::string>()), date};
  return Relisting{symbol, date};
}

StoredAction action_of(const pqxx::row& row) {
  return {what_of(row), row["version"].as<std::int32_t>(), row["withdrawn"].as<bool>(),
          row["source"].as<std::string>(), row["known_at_ns"].as<time::Instant>()};
}

std::vector<StoredAction> load_actions(db::Transaction& transaction, time::Instant known_at) {
  std::vector<StoredAction> found;
  for (const auto& row : db::query(transaction,
                                   "SELECT DISTINCT ON (kind, symbol, date) * FROM corporate_action"
                                   " WHERE known_at_ns <= $1 ORDER BY kind, symbol, date, version DESC",
                                   known_at))
    found.push_back(action_of(row));
  return found;
}

/// Refuses a ticker that becomes itself, and two that become one ticker, or each other, on one day.
void refuse_contradiction(db::Transaction& transaction, const StoredAction& stored, time::Instant known_at) {
  const auto* const change = std::get_if<TickerChange>(&stored.action);
  if (change == nullptr || stored.withdrawn) return;
  const std::string where =
      change->from.value() + " to " + change->to.value() + " on " + change->date.to_string();
  if (change->from == change->to) base::refuse(where, "a ticker cannot become itself");
  for (const StoredAction& other : load_actions(transaction, known_at)) {
    const auto* const before = std::get_if<TickerChange>(&other.action);
    if (before == nullptr || other.withdrawn || before->date != change->date || before->from == change->from)
      continue;
    if (before->to == change->to || (before->to == change->from && before->from == change->to))
      base::refuse(where, "contradicts " + before->from.value() + " to " + before->to.value() +
                              " of that day: withdraw that one first");
  }
}

/// Adds the next version of an action unless the newest says the same.
bool add_action(db::Transaction& transaction, const StoredAction& stored, time::Instant known_at,
                const std::string& actor) {
  refuse_contradiction(transaction, stored, known_at);
  const ActionColumns columns = columns_of(stored.action);
  const pqxx::result newest =
      db::query(transaction,
                "SELECT version, to_symbol, new_shares, old_shares, withdrawn FROM corporate_action"
                " WHERE kind = $1 AND symbol = $2 AND date = $3 ORDER BY version DESC LIMIT 1",
                columns.kind, columns.symbol, columns.date);
  int version = 1;
  if (!newest.empty()) {
    const auto row = newest[0];
    const bool same = row["to_symbol"].as<std::string>() == columns.to_symbol &&
                      row["new_shares"].as<std::int64_t>() == columns.new_shares &&
                      row["old_shares"].as<std::int64_t>() == columns.old_shares &&
                      row["withdrawn"].as<bool>() == stored.withdrawn;
    if (same) return false;
    version = row["version"].as<std::int32_t>() + 1;
  }
  db::execute(transaction,
              "INSERT INTO corporate_action (kind, symbol, date, version, to_symbol, new_shares, old_shares,"
              " withdrawn, source, known_at_ns, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
              columns.kind, columns.symbol, columns.date, version, columns.to_symbol, columns.new_shares,
              columns.old_shares, stored.withdrawn, stored.source, known_at, actor);
  json::Writer writer;
  writer.begin_object().member("date", std::string_view(columns.date.to_string()));
  writer.member("kind", std::string_view(columns.kind)).member("symbol", std::string_view(columns.symbol));
  writer.member("version", std::int64_t{version}).end_object();
  db::append_audit(transaction, kSharedScope,
                   {actor, known_at.ns(), "corporate_action.added", writer.take()});
  return true;
}

CoinClose coin_close(db::Transaction& transaction, const std::string& pair, const std::string& venue,
                     time::Date date, time::Instant at, time::Duration age_max, time::Instant known_at) {
  CoinClose close{date, at, std::nullopt, {}};
  // Of several indices of the pair the first by name, so that the choice is the same every day.
  const pqxx::result rates = db::query(transaction,
                                       "SELECT r.index_id, r.version, r.value, r.document FROM rate r"
                                       " WHERE r.strike_ns = $1 AND r.status = 'ok' AND r.known_at_ns <= $2"
                                       " ORDER BY r.index_id, r.version DESC",
                                       at, known_at);
  for (const auto& row : rates) {
    const std::string document = row["document"].as<std::string>();
    if (document.find("\"pair\":" + json::quoted(pair)) == std::string::npos) continue;
    close.value = *money::Decimal::parse(row["value"].as<std::string>());
    close.from = "rate " + row["index_id"].as<std::string>() + " v" + row["version"].as<std::string>();
    return close;
  }
  if (venue.empty()) {
    close.from = "no rate was struck at this instant";
    return close;
  }
  const pqxx::result trades =
      db::query(transaction,
                "SELECT price, trade_id, time_ns FROM trade WHERE pair = $1 AND venue = $2 AND time_ns <= $3 "
                "AND time_ns >= $4"
                " AND known_at_ns <= $5 ORDER BY time_ns DESC, trade_id DESC LIMIT 1",
                pair, venue, at, time::Instant::from_ns(at.ns() - age_max.ns()), known_at);
  if (trades.empty()) {
    close.from = "no rate was struck at this instant, and no trade of " + venue + " is recent enough";
    return close;
  }
  close.value = trades[0]["price"].as<money::Decimal>();
  close.from = "trade " + venue + " " + trades[0]["trade_id"].as<std::string>() + " at " +
               trades[0]["time_ns"].as<time::Instant>().to_string();
  return close;
}

}  // namespace

EquityImportReport SqlEquityStore::import(const EquityFile& file, const EquityImport& how,
                                          const std::string& name, const std::string& hash_hex,
                                          time::Instant known_at, const std::string& actor) {
  EquityImportReport report;
  report.file = name;
  report.shape = std::string(describe(file.shape));
  report.symbols = static_cast<std::int64_t>(file.series.size());
  for (const CloseSeries& series : file.series)
    report.closes += static_cast<std::int64_t>(series.closes.size());
  report.rejected = static_cast<std::int64_t>(file.rejected);
  report.first_rejected = file.first_rejected;
  const std::string symbol = how.symbol ? how.symbol->value() : std::string();
  const auto decide_and_add = [&](db::Transaction& transaction) {
    report.already_imported =
        !db::query(
             transaction,
             "SELECT 1 FROM equity_import WHERE hash = $1 AND clock = $2 AND adjustment = $3 AND source = $4"
             " AND symbol = $5",
             *base::from_hex(hash_hex), how.clock.to_string(), std::string(describe(how.adjustment)),
             how.source, symbol)
             .empty();
    if (report.already_imported) return;
    const model::Uuid import_id = model::new_uuid_v7(known_at, crypto::fill_random);
    copy_closes(transaction, file, import_id);
    // The row that the closes refer to needs their number: it is counted first.
    const auto is_new = db::query(
        transaction,
        "SELECT count(*) FROM equity_incoming i LEFT JOIN LATERAL (SELECT version, value, snapped_at_ns"
        " FROM equity_close c WHERE c.symbol = i.symbol AND c.source = $2 AND c.clock = $3 AND c.adjustment "
        "= $4"
        " AND c.date = i.date ORDER BY version DESC LIMIT 1) c ON true WHERE i.import_id = $1"
        " AND (c.version IS NULL OR c.value <> i.value OR c.snapped_at_ns <> i.snapped_at_ns)",
        import_id, how.source, how.clock.to_string(), std::string(describe(how.adjustment)));
    report.closes_new = is_new[0][0].as<std::int64_t>();
    db::execute(
        transaction,
        "INSERT INTO equity_import (import_id, file_name, hash, shape, clock, adjustment, source, symbol,"
        " symbols, closes_read, closes_new, closes_rejected, rejected, known_at_ns, actor)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        import_id, name, *base::from_hex(hash_hex), report.shape, how.clock.to_string(),
        std::string(describe(how.adjustment)), how.source, symbol, report.symbols, report.closes,
        report.closes_new, report.rejected, rejected_json(report.first_rejected), known_at, actor);
    const std::int64_t taken = take_over(transaction, how, import_id, known_at);
    if (taken != report.closes_new) throw base::Conflict("another import came between: run it again");
    db::append_audit(transaction, kSharedScope,
                     {actor, known_at.ns(), "equities.imported", audit_text(report, hash_hex)});
  };
  try {
    pool_.transact(decide_and_add);
  } catch (const base::Conflict&) {
    // Somebody imported the same closes meanwhile: decide again with them in sight, once.
    pool_.transact(decide_and_add);
  }
  if (report.already_imported) report.closes_new = 0;
  return report;
}

std::vector<SeriesSummary> SqlEquityStore::list(time::Instant known_at) {
  return pool_.transact([&](db::Transaction& transaction) { return summaries(transaction, "", known_at); });
}

CloseSeries SqlEquityStore::series(const SeriesChoice& choice, const SeriesRange& range) {
  return pool_.transact([&](db::Transaction& transaction) {
    return load_series(transaction, the_one(summaries(transaction, choice.symbol, range.known_at), choice),
                       range);
  });
}

std::vector<AlignedCloses> SqlEquityStore::aligned(const std::vector<SeriesChoice>& choices,
                                                   const SeriesRange& range) {
  std::vector<CloseSeries> all;
  for (const SeriesChoice& choice : choices) all.push_back(series(choice, range));
  return base::value_or_refuse(align_closes(all));
}

std::vector<Stretch> SqlEquityStore::history(const SeriesChoice& choice, const SeriesRange& range) {
  std::vector<CorporateAction> counted;
  for (const StoredAction& stored : actions(range.known_at)) {
    if (!stored.withdrawn) counted.push_back(stored.action);
  }
  // Every ticker that leads to this one.
  std::set<std::string> tickers{choice.symbol};
  for (bool grown = true; grown;) {
    grown = false;
    for (const CorporateAction& action : counted) {
      const auto* const change = std::get_if<TickerChange>(&action);
      if (change != nullptr && tickers.contains(change->to.value()))
        grown = tickers.insert(change->from.value()).second || grown;
    }
  }
  std::vector<CloseSeries> all;
  const auto known = list(range.known_at);
  for (const std::string& ticker : tickers) {
    const bool there =
        std::ranges::any_of(known, [&](const SeriesSummary& summary) { return summary.symbol == ticker; });
    if (!there) continue;  // A ticker, old or new, whose closes nobody imported.
    SeriesChoice own = choice;
    own.symbol = ticker;
    all.push_back(series(own, range));
  }
  if (all.empty()) all.push_back(series(choice, range));  // Refused: it has none.
  return base::value_or_refuse(
      follow_security(base::value_or_refuse(model::AssetId::parse(choice.symbol)), all, counted));
}

int SqlEquityStore::add_actions(const std::vector<StoredAction>& actions, time::Instant known_at,
                                const std::string& actor) {
  return pool_.transact([&](db::Transaction& transaction) {
    int added = 0;
    db::query(transaction, "SELECT pg_advisory_xact_lock(hashtextextended('corporate_action', 0))");
    std::set<std::tuple<std::string, std::string, time::Date>> named;
    for (const StoredAction& stored : actions) {
      const ActionColumns columns = columns_of(stored.action);
      if (!named.emplace(columns.kind, columns.symbol, columns.date).second)
        base::refuse(columns.symbol + " on " + columns.date.to_string(),
                     "two actions of one kind for one ticker and date");
    }
    for (const StoredAction& stored : actions)
      added += add_action(transaction, stored, known_at, actor) ? 1 : 0;
    return added;
  });
}

std::vector<StoredAction> SqlEquityStore::actions(time::Instant known_at) {
  return pool_.transact([&](db::Transaction& transaction) { return load_actions(transaction, known_at); });
}

std::vector<CoinClose> SqlEquityStore::coin_closes(const std::string& pair, const std::string& venue,
                                                   time::Date from, time::Date to, time::Duration age_max,
                                                   time::Instant known_at) {
  const time::Calendar& exchange = time::Calendar::exchange();
  if (!exchange.covers(from) || !exchange.covers(to))
    base::refuse(pair, "the exchange calendar does not cover all of these days");
  const SnapClock clock = SnapClock::nyse_close();
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<CoinClose> closes;
    for (time::Date date = from; date <= to; date = date + 1) {
      if (!exchange.close(date)) continue;
      closes.push_back(
          coin_close(transaction, pair, venue, date, clock.snap(date).value(), age_max, known_at));
    }
    return closes;
  });
}

}  // namespace navkeeper::pricing
