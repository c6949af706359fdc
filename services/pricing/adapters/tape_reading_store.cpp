#include "services/pricing/adapters/tape_reading_store.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/pricing/adapters/feed_state_store.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::chrono::minutes kSettleMax{5};  // A file of the pair's trades may be on its way in.

class SqlTrades final : public StoredTrades {
 public:
  struct Row {
    RowPlace place;
    std::int64_t time_ns;
    std::string venue;
    std::string id;
    money::Decimal price;
    money::Decimal size;
    bool coarse_time;
  };

  explicit SqlTrades(std::string pair) : pair_(std::move(pair)) {}

  void read_into(TradeIntake& intake) override {
    each([&](const TradeRow& row) { intake.add(row); });
  }
  void each(const std::function<void(const TradeRow&)>& use) const override {
    for (const Row& row : rows) {
      TradeRow trade;
      trade.place = row.place;
      trade.time_ns = row.time_ns;
      trade.venue = row.venue;
      trade.pair = pair_;
      trade.id = row.id;
      trade.price = Number::from_decimal(row.price);
      trade.size = Number::from_decimal(row.size);
      trade.coarse_time = row.coarse_time;
      use(trade);
    }
  }
  const std::vector<std::string>& names() const override { return names_; }
  const std::vector<WindowImport>& imports() const override { return imports_; }
  const std::vector<WindowFeed>& feeds() const override { return feeds_; }

  void add(const pqxx::result& found) {
    rows.reserve(rows.size() + found.size());
    for (const auto& row : found) {
      rows.push_back({{file_of(row["name"].as<std::string>()), row["line"].as<std::uint64_t>()},
                      row["time_ns"].as<std::int64_t>(),
                      row["venue"].as<std::string>(),
                      row["trade_id"].as<std::string>(),
                      row["price"].as<money::Decimal>(),
                      row["size"].as<money::Decimal>(),
                      row["coarse_time"].as<bool>()});
    }
  }

  void add_import(const pqxx::row& row) {
    imports_.push_back({row["file_name"].as<std::string>(), row["hash"].as<std::string>(),
                        row["rows_read"].as<std::uint64_t>(), row["rows_rejected"].as<std::uint64_t>()});
  }
  WindowFeed& feed(const std::string& venue, const std::string& session) {
    const auto found = std::ranges::find(feeds_, session, &WindowFeed::session);
    if (found != feeds_.end()) return *found;
    return feeds_.emplace_back(WindowFeed{venue, session, 0, 0, 0, 0, 0});
  }
  void sort_feeds() {
    std::ranges::sort(feeds_, {}, [](const WindowFeed& feed) { return std::tie(feed.venue, feed.session); });
  }

  std::vector<Row> rows;

 private:
  std::uint32_t file_of(const std::string& name) {
    const auto [place, is_new] = positions_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
    if (is_new) names_.push_back(name);
    return place->second;
  }

  std::string pair_;
  std::vector<std::string> names_;
  std::map<std::string, std::uint32_t> positions_;
  std::vector<WindowImport> imports_;
  std::vector<WindowFeed> feeds_;
};

constexpr const char* kColumns =
    "SELECT a.time_ns, a.venue, a.trade_id, a.price, a.size, a.coarse_time, a.line,"
    " coalesce(s.name, a.source_id::text) AS name FROM (";
constexpr const char* kOrder =
    ") a LEFT JOIN trade_source s USING (source_id) ORDER BY s.known_at_ns, a.source_id, a.line";

void refuse_dropped(db::Transaction& transaction, const std::string& pair, const Window& window) {
  const pqxx::result dropped = db::query(transaction,
                                         "SELECT day, known_at_ns FROM tape_drop WHERE pair = $1 AND day >= "
                                         "day_of($2) AND day <= day_of($3) ORDER BY day",
                                         pair, window.start_ns, window.end_ns - 1);
  if (dropped.empty()) return;
  throw NeverStruck({pair, "the tape of " + dropped[0][0].as<std::string>() + " was dropped by policy at " +
                               dropped[0][1].as<time::Instant>().to_string() +
                               ": what was struck from it stands"});
}

void add_sources(db::Transaction& transaction, const std::string& pair, const Window& window,
                 time::Instant known_at, SqlTrades& trades) {
  for (const auto& row :
       db::query(transaction,
                 "SELECT i.file_name, encode(i.hash, 'hex') AS hash, i.rows_read, i.rows_rejected"
                 " FROM import_span s JOIN trade_import i USING (import_id) WHERE s.pair = $1"
                 " AND s.first_ns < $3 AND s.last_ns >= $2 AND i.known_at_ns <= $4"
                 " ORDER BY i.known_at_ns, i.import_id LIMIT 1000",
                 pair, window.start_ns, window.end_ns, known_at)) {
    trades.add_import(row);
  }
  for (const auto& row : db::query(
           transaction,
           "SELECT s.venue, s.session_id, count(*) FILTER (WHERE n.kind = 'refused') AS refused,"
           " count(*) FILTER (WHERE n.kind = 'contradiction') AS contradictions"
           " FROM feed_note n JOIN feed_session s USING (session_id) WHERE n.at_ns >= $2 AND n.at_ns < $3"
           " AND n.pair IN ('', $1) AND $1 = ANY (string_to_array(s.pairs, ' ')) AND n.known_at_ns <= $4"
           " GROUP BY s.venue, s.session_id ORDER BY s.venue, s.session_id LIMIT 1000",
           pair, window.start_ns, window.end_ns, known_at)) {
    WindowFeed& feed = trades.feed(row["venue"].as<std::string>(), row["session_id"].as<std::string>());
    feed.refused = row["refused"].as<std::uint64_t>();
    feed.contradictions = row["contradictions"].as<std::uint64_t>();
  }
  // Gaps that reach into the window, whenever they were found, and what was noted about gaps inside it.
  for (const GapNote& note : gap_notes(transaction, pair, window, known_at).notes) {
    const bool reaches_in = note.from_ns < window.end_ns && note.until_ns > window.start_ns;
    if (!reaches_in && !window.contains(note.at_ns)) continue;
    WindowFeed& feed = trades.feed(note.venue, note.session);
    if (note.kind == "gap_found") ++feed.gaps_found;
    if (note.kind == "gap_closed") ++feed.gaps_closed;
    if (note.kind == "gap_abandoned") ++feed.gaps_abandoned;
  }
  trades.sort_feeds();
}

/// Spans of whole days on which some trade may have an id that the window's trades of a venue have.
std::vector<std::pair<std::int64_t, std::int64_t>> spans_of_copies(db::Transaction& transaction,
                                                                   const std::string& pair,
                                                                   const Window& window,
                                                                   time::Instant known_at) {
  const pqxx::result days =
      db::query(transaction,
                "SELECT DISTINCT d.day - DATE '1970-01-01' FROM trade_day d JOIN"
                " (SELECT venue, min(id_key(trade_id)) AS low, max(id_key(trade_id)) AS high FROM trade"
                "  WHERE pair = $1 AND time_ns >= $2 AND time_ns < $3 AND known_at_ns <= $4 GROUP BY venue) "
                "w USING (venue)"
                " WHERE d.pair = $1 AND d.key_high >= w.low AND d.key_low <= w.high ORDER BY 1",
                pair, window.start_ns, window.end_ns, known_at);
  std::vector<std::pair<std::int64_t, std::int64_t>> spans;
  for (const auto& row : days) {
    // The first and the last day that 64 bits of nanoseconds know are cut short.
    const money::Int128 start = money::Int128{row[0].as<std::int64_t>()} * kDayNs;
    const auto from = static_cast<std::int64_t>(std::max(start, money::Int128{INT64_MIN}));
    const auto until = static_cast<std::int64_t>(std::min(start + kDayNs, money::Int128{INT64_MAX}));
    if (!spans.empty() && spans.back().second == from) {
      spans.back().second = until;
    } else {
      spans.emplace_back(from, until);
    }
  }
  return spans;
}

}  // namespace

time::Instant settle_tape(db::Pool& pool, const std::string& pair, time::Instant now) {
  db::TransactionOptions options;
  options.lock_timeout = kSettleMax;
  options.statement_timeout = kSettleMax;
  return pool.transact(
      [&](db::Transaction& transaction) {
        // Once the row is ours, every writer that was under way has committed, and its rows are seen below.
        db::execute(transaction,
                    "INSERT INTO tape_head (pair, known_at_ns) VALUES ($1, 0) ON CONFLICT DO NOTHING", pair);
        db::query(transaction, "SELECT FROM tape_head WHERE pair = $1 FOR UPDATE", pair);
        return db::query(transaction,
                         "UPDATE tape_head SET known_at_ns = GREATEST(known_at_ns, $2,"
                         " (SELECT max(known_at_ns) FROM trade_day WHERE pair = $1)) WHERE pair = $1"
                         " RETURNING known_at_ns",
                         pair, now)[0][0]
            .as<time::Instant>();
      },
      options);
}

std::unique_ptr<StoredTrades> read_tape(db::Pool& pool, const std::string& pair, const Window& window,
                                        time::Instant known_at) {
  auto trades = std::make_unique<SqlTrades>(pair);
  db::TransactionOptions options;
  options.isolation = db::Isolation::kRepeatableRead;  // One picture, whatever is dropped meanwhile.
  options.read_only = true;
  pool.transact(
      [&](db::Transaction& transaction) {
        *trades = SqlTrades(pair);
        refuse_dropped(transaction, pair, window);
        add_sources(transaction, pair, window, known_at, *trades);
        trades->add(db::query(transaction,
                              std::string(kColumns) +
                                  "SELECT * FROM trade WHERE pair = $1 AND time_ns >= $2 AND time_ns < $3"
                                  " AND known_at_ns <= $4" +
                                  kOrder,
                              pair, window.start_ns, window.end_ns, known_at));
        // A copy outside the window can contradict a trade inside it.
        for (const auto& [from, until] : spans_of_copies(transaction, pair, window, known_at)) {
          trades->add(db::query(
              transaction,
              std::string(kColumns) +
                  "SELECT t.* FROM trade t WHERE t.pair = $1 AND t.time_ns >= $5 AND t.time_ns < $6"
                  " AND NOT (t.time_ns >= $2 AND t.time_ns < $3) AND t.trade_id <> '' AND t.known_at_ns <= $4"
                  " AND EXISTS (SELECT FROM trade i WHERE i.pair = $1 AND i.time_ns >= $2 AND i.time_ns < $3"
                  "  AND i.known_at_ns <= $4 AND i.venue = t.venue AND i.trade_id = t.trade_id)" +
                  kOrder,
              pair, window.start_ns, window.end_ns, known_at, from, until));
        }
        // Or one that a dropped day has left for it.
        trades->add(db::query(
            transaction,
            std::string(kColumns) +
                "SELECT c.* FROM trade_dropped_copy c WHERE c.pair = $1 AND c.known_at_ns <= $4"
                " AND EXISTS (SELECT FROM trade i WHERE i.pair = $1 AND i.time_ns >= $2 AND i.time_ns < $3"
                "  AND i.known_at_ns <= $4 AND i.venue = c.venue AND i.trade_id = c.trade_id)" +
                kOrder,
            pair, window.start_ns, window.end_ns, known_at));
      },
      options);
  return trades;
}

}  // namespace navkeeper::pricing
