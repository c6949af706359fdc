#include "services/pricing/adapters/trade_store.h"

#include <optional>
#include <unordered_map>

#include "common/base/refuse.h"
#include "common/crypto/random.h"
#include "common/db/copy_writer.h"
#include "common/db/pqxx_access.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "services/pricing/adapters/announce.h"
#include "services/pricing/adapters/rejected_json.h"
#include "services/pricing/adapters/take_over_store.h"

namespace navkeeper::pricing {
namespace {

/// Tells rows without an id apart: the n-th equal row of a file is number n, from 0.
class Occurrences {
 public:
  std::int32_t next(const TradeRow& row) {
    if (!row.id.empty()) return 0;
    key_.clear();
    const auto part = [this](std::string_view text) { key_.append(text).push_back('\n'); };
    part(row.venue);
    part(row.pair);
    part(std::to_string(row.time_ns));
    part(row.price.to_decimal().to_string());
    part(row.size.to_decimal().to_string());
    return seen_[key_]++;
  }

 private:
  std::string key_;
  std::unordered_map<std::string, std::int32_t> seen_;
};

class CopySink final : public TradeSink {
 public:
  CopySink(db::Transaction& transaction, const std::string& import_id)
      : copy_(transaction, "trade_incoming",
              {"source_id", "pair", "time_ns", "venue", "trade_id", "price", "size", "occurrence",
               "received_ns", "coarse_time", "line"}),
        import_id_(*base::from_hex(import_id)) {}

  void row(const TradeRow& row) override {
    ++rows;
    copy_.bytes(import_id_).text(row.pair).int64(row.time_ns).text(row.venue).text(row.id);
    append_number(copy_, row.price);
    append_number(copy_, row.size);
    copy_.int32(occurrences_.next(row));
    if (row.received_ns) {
      copy_.int64(*row.received_ns);
    } else {
      copy_.null();
    }
    copy_.boolean(false).int64(static_cast<std::int64_t>(row.place.line)).end_row();
  }
  void reject(RowPlace place, std::string_view reason) override {
    ++rows;
    has_rows_ahead = has_rows_ahead || reason == kAheadReason;
    rejected.add(place, reason);
  }
  void finish() { copy_.finish(); }

  std::uint64_t rows = 0;
  RejectedRows rejected;
  bool has_rows_ahead = false;

 private:
  db::CopyWriter copy_;
  base::Bytes import_id_;
  Occurrences occurrences_;
};

std::string without_dashes(std::string uuid) {
  std::erase(uuid, '-');
  return uuid;
}

std::optional<ImportReport> find_in(db::Transaction& transaction, const ImportFile& file) {
  const pqxx::result rows =
      db::query(transaction,
                "SELECT rows_read, trades_new, trades_contradicting, rejected, known_at_ns"
                " FROM trade_import"
                " WHERE hash = $1 AND format = $2 AND venue = $3 AND pair = $4"
                " AND NOT has_rows_ahead",
                *base::from_hex(file.hash_hex), file.format, file.venue, file.pair);
  if (rows.empty()) return std::nullopt;
  ImportReport report;
  report.file = file;
  report.rows = rows[0]["rows_read"].as<std::uint64_t>();
  report.trades_new = rows[0]["trades_new"].as<std::uint64_t>();
  report.trades_contradicting = rows[0]["trades_contradicting"].as<std::uint64_t>();
  report.rejected = rejected_from_json(rows[0]["rejected"].as<std::string>());
  report.known_at = rows[0]["known_at_ns"].as<time::Instant>();
  return report;
}

std::string audit_payload(const ImportReport& report) {
  json::Writer writer;
  writer.begin_object();
  writer.member("file", std::string_view(report.file.name))
      .member("format", std::string_view(report.file.format));
  writer.member("hash", std::string_view(report.file.hash_hex))
      .member("pair", std::string_view(report.file.pair));
  writer.member("rejected", static_cast<std::int64_t>(report.rejected.count()));
  writer.member("rows", static_cast<std::int64_t>(report.rows));
  writer.member("trades_contradicting", static_cast<std::int64_t>(report.trades_contradicting));
  writer.member("trades_new", static_cast<std::int64_t>(report.trades_new));
  writer.member("venue", std::string_view(report.file.venue)).end_object();
  return json::to_canonical(*json::parse(writer.take()));
}

}  // namespace

std::optional<ImportReport> SqlImportStore::find_import(const ImportFile& file) {
  return pool_.transact([&](db::Transaction& transaction) { return find_in(transaction, file); });
}

ImportReport SqlImportStore::import(const ImportFile& file, time::Instant known_at, const std::string& actor,
                                    const ReadTrades& read) {
  db::TransactionOptions options;
  options.statement_timeout = std::chrono::minutes(30);  // a year of trades in one file
  options.lock_timeout = std::chrono::minutes(30);       // another file with the same trades is waited for
  return pool_.transact(
      [&](db::Transaction& transaction) {
        const std::string import_id = model::new_uuid_v7(known_at, crypto::fill_random).to_string();
        CopySink sink(transaction, without_dashes(import_id));
        read(sink);
        sink.finish();
        ImportReport report;
        report.file = file;
        report.rows = sink.rows;
        report.rejected = sink.rejected;
        db::execute(transaction,
                    "INSERT INTO import_span (import_id, pair, first_ns, last_ns, trades)"
                    " SELECT source_id, pair, min(time_ns), max(time_ns), count(*) FROM trade_incoming"
                    " WHERE source_id = $1 GROUP BY 1, 2",
                    import_id);
        const TakenOver taken = take_over(pool_, transaction, import_id, false, known_at);
        report.trades_new = taken.trades_new - taken.trades_contradicting;
        report.trades_contradicting = taken.trades_contradicting;
        report.known_at = taken.known_at;
        for (const std::uint64_t line : taken.dropped_lines)
          report.rejected.add({0, line}, kDroppedDayReason);
        db::execute(
            transaction,
            "INSERT INTO trade_import (import_id, file_name, format, venue, pair, hash, rows_read,"
            " rows_rejected, trades_new, rejected, known_at_ns, actor, has_rows_ahead, trades_contradicting)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            import_id, file.name, file.format, file.venue, file.pair, *base::from_hex(file.hash_hex),
            static_cast<std::int64_t>(report.rows), static_cast<std::int64_t>(report.rejected.count()),
            static_cast<std::int64_t>(report.trades_new), to_json(report.rejected, {file.name}),
            report.known_at, actor, sink.has_rows_ahead,
            static_cast<std::int64_t>(report.trades_contradicting));
        db::append_audit(transaction, kSharedScope,
                         {actor, report.known_at.ns(), "trades.imported", audit_payload(report)});
        return report;
      },
      options);
}

}  // namespace navkeeper::pricing
