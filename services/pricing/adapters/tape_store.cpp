#include "services/pricing/adapters/tape_store.h"

#include <algorithm>
#include <tuple>

#include "common/db/copy_writer.h"
#include "common/db/pqxx_access.h"
#include "services/pricing/adapters/take_over_store.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
/// Days that may have been dropped by policy; younger ones cannot (drop_trade_day).
constexpr std::int64_t kMayBeDroppedNs = 6 * kDayNs;
constexpr std::size_t kDaysKept = 64;
/// What a session may meet again when it goes on: its first sweep and its overlap, generously.
constexpr std::int64_t kRecentNs = 180'000'000'000;
constexpr int kRecentMax = 50'000;

time::Date day_of(std::int64_t ns) {
  const std::int64_t days = ns / kDayNs - (ns % kDayNs < 0 ? 1 : 0);
  return time::Date::from_days(static_cast<std::int32_t>(days));
}

const std::string& pair_of(const TapeTrade& trade) { return trade.feed->pairs[trade.market]; }

/// Ids in the order of SQL's id_key().
std::string id_key(const std::string& id) {
  const std::string length = std::to_string(id.size());
  return std::string(5 - std::min<std::size_t>(length.size(), 5), '0') + length + id;
}

using MarketDay =
    std::tuple<std::string, time::Date, std::string>;  // pair, day, venue: the order of the locks
struct DayCount {
  std::int64_t trades = 0;
  std::string key_low;
  std::string key_high;
};

std::map<MarketDay, DayCount> counted(const TapeBatch& batch) {
  std::map<MarketDay, DayCount> days;
  for (const TapeTrade& trade : batch.trades) {
    DayCount& day = days[{pair_of(trade), day_of(trade.time_ns), trade.feed->venue}];
    const std::string key = id_key(trade.id);
    if (day.trades == 0 || key < day.key_low) day.key_low = key;
    if (key > day.key_high) day.key_high = key;
    ++day.trades;
  }
  return days;
}

void append(db::CopyWriter& copy, const TapeTrade& trade, std::optional<time::Instant> known_at) {
  copy.bytes(trade.feed->session.bytes()).text(pair_of(trade)).int64(trade.time_ns).text(trade.feed->venue);
  copy.text(trade.id);
  append_number(copy, trade.price);
  append_number(copy, trade.size);
  copy.int32(0)
      .int64(trade.received_ns)
      .boolean(trade.coarse_time)
      .int64(static_cast<std::int64_t>(trade.line));
  copy.bytes(trade.message_hash);
  if (known_at) copy.int64(known_at->ns());
  copy.end_row();
}

const std::vector<std::string> kIncomingColumns = {"source_id",   "pair",        "time_ns", "venue",
                                                   "trade_id",    "price",       "size",    "occurrence",
                                                   "received_ns", "coarse_time", "line",    "message_hash"};

std::vector<std::string> pairs_of(const TapeBatch& batch) {
  std::set<std::string> pairs;
  for (const TapeTrade& trade : batch.trades) pairs.insert(pair_of(trade));
  return {pairs.begin(), pairs.end()};
}

/// All of it is new: straight into the partitions. A unique violation says that it is not.
time::Instant write_new(db::Transaction& transaction, const TapeBatch& batch, time::Instant known_at,
                        TapeWritten& written) {
  known_at = enter_tape(transaction, pairs_of(batch), known_at);
  std::vector<std::string> columns = kIncomingColumns;
  columns.emplace_back("known_at_ns");
  db::CopyWriter copy(transaction, "trade", columns);
  for (const TapeTrade& trade : batch.trades) {
    append(copy, trade, known_at);
    ++written.by_venue[trade.feed->venue].stored;
  }
  copy.finish();
  for (const auto& [market_day, count] : counted(batch)) {
    const auto& [pair, day, venue] = market_day;
    db::execute(
        transaction,
        "INSERT INTO trade_day AS t (day, pair, venue, trades, received, key_low, key_high, known_at_ns)"
        " VALUES ($1, $2, $3, $4, $4, $5, $6, $7) ON CONFLICT (pair, day, venue) DO UPDATE SET"
        " trades = t.trades + excluded.trades, received = t.received + excluded.received,"
        " key_low = LEAST(t.key_low, excluded.key_low), key_high = GREATEST(t.key_high, excluded.key_high),"
        " known_at_ns = GREATEST(t.known_at_ns, excluded.known_at_ns)",
        day, pair, venue, count.trades, count.key_low, count.key_high, known_at);
  }
  return known_at;
}

/// Some of it may be there already: by way of trade_incoming.
time::Instant write_unknown(db::Pool& pool, db::Transaction& transaction, const TapeBatch& batch,
                            time::Instant known_at, TapeWritten& written) {
  std::map<std::string, std::pair<std::string, std::uint64_t>> sessions;  // id -> venue, trades
  {
    db::CopyWriter copy(transaction, "trade_incoming", kIncomingColumns);
    for (const TapeTrade& trade : batch.trades) {
      append(copy, trade, std::nullopt);
      auto& session = sessions[trade.feed->session.to_string()];
      session.first = trade.feed->venue;
      ++session.second;
    }
    copy.finish();
  }
  known_at = enter_tape(transaction, pairs_of(batch), known_at);
  for (const auto& [session, venue_and_trades] : sessions) {
    const TakenOver taken = take_over(pool, transaction, session, true, known_at);
    TapeWritten::Counts& counts = written.by_venue[venue_and_trades.first];
    counts.stored += taken.trades_new;
    counts.dropped += taken.dropped_lines.size();
    counts.known += venue_and_trades.second - taken.trades_new - taken.dropped_lines.size();
  }
  return known_at;
}

struct Place {
  const TapeTrade* trade = nullptr;
  bool anew = false;  ///< numbers of before are no measure
};

/// How far each market of the batch is whole.
std::map<std::pair<std::string, std::string>, Place> positions_of(const TapeBatch& batch) {
  std::map<std::pair<std::string, std::string>, Place> positions;
  for (const TapeTrade& trade : batch.trades) {
    if (!trade.whole) continue;
    Place& place = positions[{trade.feed->venue, pair_of(trade)}];
    place.anew = place.anew || trade.anew;
    const bool later =
        place.trade == nullptr || trade.anew ||
        (trade.number > 0 ? trade.number >= place.trade->number : trade.time_ns >= place.trade->time_ns);
    if (later) place.trade = &trade;
  }
  return positions;
}

void move_positions(db::Transaction& transaction, const TapeBatch& batch, time::Instant known_at) {
  for (const auto& [market, place] : positions_of(batch)) {
    const TapeTrade* const trade = place.trade;
    db::execute(transaction,
                "INSERT INTO feed_position AS p (venue, pair, session_id, trade_id, time_ns, price, size, "
                "known_at_ns)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (venue, pair) DO UPDATE SET"
                " session_id = excluded.session_id, trade_id = excluded.trade_id, time_ns = excluded.time_ns,"
                " price = excluded.price, size = excluded.size, known_at_ns = excluded.known_at_ns"
                " WHERE CASE WHEN $9 THEN id_key(excluded.trade_id) >= id_key(p.trade_id)"
                "  ELSE excluded.time_ns >= p.time_ns END AND ($10 OR p.session_id = excluded.session_id)",
                market.first, market.second, trade->feed->session, trade->id, trade->time_ns,
                trade->price.to_decimal(), trade->size.to_decimal(), known_at,
                trade->number > 0 && !place.anew, bool{trade->feed->goes_on[trade->market]});
  }
}

/// `now`: by the clock; `known_at` may be later where one was ahead.
void write_wholes(db::Transaction& transaction, const TapeBatch& batch, time::Instant now,
                  time::Instant known_at) {
  for (const TapeWhole& whole : batch.wholes) {
    // A span that touches the one before, or goes on from it, makes it longer; another one takes its place,
    // and the one before is kept as a past one. One that lies ahead of now was written by a clock that was
    // wrong: it is replaced and not kept.
    db::execute(
        transaction,
        "WITH kept AS (INSERT INTO feed_whole_past (venue, pair, from_ns, until_ns, session_id,"
        "  known_at_ns) SELECT venue, pair, from_ns, until_ns, session_id, known_at_ns FROM feed_whole"
        "  WHERE venue = $1 AND pair = $2 AND until_ns <= $8 AND NOT ($7 OR $4 <= until_ns)"
        "  ON CONFLICT DO NOTHING)"
        " INSERT INTO feed_whole AS w (venue, pair, session_id, from_ns, until_ns, known_at_ns)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (venue, pair) DO UPDATE SET"
        " session_id = excluded.session_id, known_at_ns = excluded.known_at_ns,"
        " from_ns = CASE WHEN w.until_ns <= $8 AND ($7 OR excluded.from_ns <= w.until_ns)"
        "  THEN LEAST(w.from_ns, excluded.from_ns) ELSE excluded.from_ns END,"
        " until_ns = CASE WHEN w.until_ns <= $8 THEN GREATEST(w.until_ns, excluded.until_ns)"
        "  ELSE excluded.until_ns END",
        whole.feed->venue, whole.feed->pairs[whole.market], whole.feed->session, whole.from_ns,
        whole.until_ns, known_at, bool{whole.resumed}, now);
  }
}

void write_notes(db::Transaction& transaction, const TapeBatch& batch, time::Instant known_at) {
  for (const TapeNote& note : batch.notes) {
    db::execute(transaction,
                "INSERT INTO feed_note (session_id, seq, at_ns, kind, pair, first, last, detail, known_at_ns)"
                " VALUES ($1, $2, $3, $4, $5, $6::numeric, $7::numeric, $8, $9) ON CONFLICT DO NOTHING",
                note.feed->session, static_cast<std::int64_t>(note.seq), note.at_ns, note.kind,
                note.market ? note.feed->pairs[*note.market] : std::string(), std::to_string(note.first),
                std::to_string(note.last), note.detail, known_at);
  }
}

/// A number as it was read from the database, for the order of a session: at most 18 digits, as it was
/// stored.
Number small_number(const money::Decimal& value) {
  Number number = Number::from_decimal(value);
  if (number.wide != nullptr) number = {};
  return number;
}

}  // namespace

std::vector<std::vector<TapeTrade>> SqlTapeStore::begin(const Feed& feed, time::Instant known_at,
                                                        const std::string& actor) {
  std::string pairs;
  for (const std::string& pair : feed.pairs) pairs += (pairs.empty() ? "" : " ") + pair;
  std::vector<std::vector<TapeTrade>> safe;
  pool_.transact([&](db::Transaction& transaction) {
    safe.assign(feed.pairs.size(), {});
    db::execute(transaction,
                "INSERT INTO feed_session (session_id, venue, pairs, address, known_at_ns, actor)"
                " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                feed.session, feed.venue, pairs, feed.address, known_at, actor);
    for (std::size_t market = 0; market < feed.pairs.size(); ++market) {
      // The last one at the end, whatever else has its time or a later one.
      const pqxx::result rows = db::query(
          transaction,
          "WITH p AS (SELECT p.*, LEAST(p.time_ns - $3, w.until_ns) AS since_ns FROM feed_position p"
          "  LEFT JOIN feed_whole w USING (venue, pair) WHERE venue = $1 AND pair = $2), recent AS ("
          " SELECT t.trade_id, t.time_ns, t.price, t.size, false AS is_last FROM trade t, p"
          "  WHERE t.pair = $2 AND t.venue = $1 AND t.time_ns >= p.since_ns AND t.time_ns <= p.time_ns"
          "  AND t.trade_id <> p.trade_id AND t.trade_id <> '' ORDER BY t.time_ns DESC LIMIT $4)"
          " SELECT * FROM (SELECT * FROM recent UNION ALL SELECT trade_id, time_ns, price, size, true FROM "
          "p) a"
          " ORDER BY is_last, time_ns",
          feed.venue, feed.pairs[market], kRecentNs, kRecentMax);
      for (const auto& row : rows) {
        TapeTrade& trade = safe[market].emplace_back();
        trade.market = static_cast<std::uint16_t>(market);
        trade.id = row["trade_id"].as<std::string>();
        trade.time_ns = row["time_ns"].as<std::int64_t>();
        trade.price = small_number(row["price"].as<money::Decimal>());
        trade.size = small_number(row["size"].as<money::Decimal>());
      }
    }
  });
  return safe;
}

std::vector<AbandonedGap> SqlTapeStore::abandoned_gaps(const Feed& feed, time::Instant since) {
  std::vector<AbandonedGap> gaps;
  pool_.transact([&](db::Transaction& transaction) {
    gaps.clear();
    const pqxx::result rows = db::query(
        transaction,
        "SELECT n.pair, n.first::text AS first, n.last::text AS last, n.at_ns,"
        " (SELECT max(t.time_ns) FROM trade t WHERE t.pair = n.pair AND t.venue = $1 AND t.trade_id <> ''"
        "  AND t.trade_id = (n.first - 1)::text) AS before_ns,"
        " (SELECT min(t.time_ns) FROM trade t WHERE t.pair = n.pair AND t.venue = $1 AND t.trade_id <> ''"
        "  AND t.trade_id = (n.last + 1)::text) AS after_ns"
        " FROM feed_note n JOIN feed_session s USING (session_id)"
        " WHERE s.venue = $1 AND n.kind = 'gap_abandoned' AND n.at_ns >= $2 AND n.first > 0 AND n.last >= "
        "n.first"
        " AND NOT EXISTS (SELECT FROM feed_note m JOIN feed_session b ON b.session_id = m.session_id"
        "  WHERE b.venue = $1 AND m.kind IN ('gap_closed', 'gap_lost') AND m.pair = n.pair AND m.at_ns >= "
        "n.at_ns"
        "  AND m.first <= n.first AND m.last >= n.last) ORDER BY n.at_ns LIMIT 1000",
        feed.venue, since);
    for (const auto& row : rows) {
      const auto market = std::ranges::find(feed.pairs, row["pair"].as<std::string>());
      if (market == feed.pairs.end()) continue;
      AbandonedGap& gap = gaps.emplace_back();
      gap.market = static_cast<std::uint16_t>(market - feed.pairs.begin());
      gap.first = std::stoull(row["first"].as<std::string>());
      gap.last = std::stoull(row["last"].as<std::string>());
      gap.noted_ns = row["at_ns"].as<std::int64_t>();
      if (!row["before_ns"].is_null()) gap.before_ns = row["before_ns"].as<std::int64_t>();
      if (!row["after_ns"].is_null()) gap.after_ns = row["after_ns"].as<std::int64_t>();
    }
  });
  return gaps;
}

TapeWritten SqlTapeStore::write(const TapeBatch& batch, time::Instant known_at) {
  make_days(batch);
  const bool recent = std::ranges::all_of(
      batch.trades, [&](const TapeTrade& trade) { return trade.time_ns > known_at.ns() - kMayBeDroppedNs; });
  const auto attempt = [&](bool all_new) {
    return pool_.transact([&](db::Transaction& transaction) {
      TapeWritten written;
      time::Instant at = known_at;
      if (!batch.trades.empty()) {
        at = all_new ? write_new(transaction, batch, known_at, written)
                     : write_unknown(pool_, transaction, batch, known_at, written);
        move_positions(transaction, batch, at);
      }
      write_notes(transaction, batch, at);
      write_wholes(transaction, batch, known_at, at);
      return written;
    });
  };
  try {
    if (recent) {
      try {
        return attempt(true);
      } catch (const db::ConstraintViolation& violation) {
        if (violation.kind != db::ConstraintViolation::Kind::kUnique) throw;
      }
    }
    return attempt(false);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    days_.clear();  // A day may have been dropped meanwhile.
    throw;
  }
}

void SqlTapeStore::prepare(time::Date first, time::Date last) {
  std::vector<time::Date> days;
  for (time::Date day = first; day <= last; ++day) days.push_back(day);
  make_trade_days(pool_, days);
}

void SqlTapeStore::make_days(const TapeBatch& batch) {
  const std::lock_guard lock(mutex_);
  std::set<time::Date> missing;
  for (const TapeTrade& trade : batch.trades) {
    const time::Date day = day_of(trade.time_ns);
    if (!days_.contains(day)) missing.insert(day);
  }
  if (missing.empty()) return;
  make_trade_days(pool_, {missing.begin(), missing.end()});
  days_.insert(missing.begin(), missing.end());
  while (days_.size() > kDaysKept) days_.erase(days_.begin());
}

}  // namespace navkeeper::pricing
