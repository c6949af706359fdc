#include "services/pricing/adapters/rate_store.h"

#include <algorithm>
#include <utility>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "services/pricing/adapters/announce.h"
#include "services/pricing/adapters/feed_state_store.h"
#include "services/pricing/adapters/index_file.h"
#include "services/pricing/adapters/policy_fit_store.h"
#include "services/pricing/adapters/rate_json.h"
#include "services/pricing/adapters/rejected_json.h"
#include "services/pricing/adapters/stored_json.h"
#include "services/pricing/adapters/tape_reading_store.h"
#include "services/pricing/domain/markets/rate_definitions.h"
#include "services/pricing/domain/markets/restatement.h"

namespace navkeeper::pricing {
namespace {

base::Bytes bytes_of(const std::string& hash_hex) { return *base::from_hex(hash_hex); }
std::string hex_of(const pqxx::field& field) { return base::to_hex(field.as<base::Bytes>()); }

StoredDefinition definition_of(const pqxx::row& row) {
  StoredDefinition definition;
  definition.toml = row["toml"].as<std::string>();
  definition.index = parse_index(definition.toml, row["index_id"].as<std::string>()).value();
  definition.version = row["version"].as<std::int32_t>();
  definition.hash_hex = hex_of(row["hash"]);
  return definition;
}

constexpr const char* kDefinitionColumns =
    "SELECT DISTINCT ON (index_id) index_id, version, toml, hash FROM index_definition";

/// The version that holds on `date`; what was stored has neither gap nor overlap.
std::optional<StoredDefinition> definition_on_in(db::Transaction& transaction, const std::string& index_id,
                                                 time::Date date) {
  const auto versions = definitions_in(transaction, index_id);
  if (versions.empty()) return std::nullopt;
  const auto history = Dated<StoredDefinition>::of(definition_history(versions).value()).value();
  const StoredDefinition* const found = history.on(date);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

/// Locks the index until the transaction ends: who defines and who strikes see each other. The last day that
/// was struck.
std::optional<time::Date> lock_index(db::Transaction& transaction, const std::string& index_id) {
  const auto rows =
      db::query(transaction,
                "INSERT INTO index_head AS head (index_id) VALUES ($1) ON CONFLICT (index_id) DO "
                "UPDATE SET struck_until = head.struck_until RETURNING struck_until",
                index_id);
  return db::optional_of<time::Date>(rows[0][0]);
}

std::optional<StoredDefinition> definition_in(db::Transaction& transaction, const std::string& index_id) {
  const pqxx::result rows = db::query(
      transaction, std::string(kDefinitionColumns) + " WHERE index_id = $1 ORDER BY index_id, version DESC",
      index_id);
  if (rows.empty()) return std::nullopt;
  return definition_of(rows[0]);
}

constexpr const char* kRateColumns =
    "index_id, date, version, definition_version, method, status, value, unrounded, strike_ns, trade_hash, "
    "input_hash,"
    " document, rejected, known_at_ns, actor, cause, coverage";

StoredRate rate_of(const pqxx::row& row) {
  StoredRate rate;
  rate.index = row["index_id"].as<std::string>();
  rate.date = row["date"].as<time::Date>();
  rate.version = row["version"].as<std::int32_t>();
  rate.definition_version = row["definition_version"].as<std::int32_t>();
  rate.method = row["method"].as<std::string>();
  rate.status = row["status"].as<std::string>();
  rate.value = db::optional_of<std::string>(row["value"]);
  rate.unrounded = db::optional_of<std::string>(row["unrounded"]);
  rate.strike = row["strike_ns"].as<time::Instant>();
  rate.trade_hash_hex = hex_of(row["trade_hash"]);
  rate.input_hash_hex = hex_of(row["input_hash"]);
  rate.document = row["document"].as<std::string>();
  rate.rejected = row["rejected"].as<std::string>();
  rate.known_at = row["known_at_ns"].as<time::Instant>();
  rate.actor = row["actor"].as<std::string>();
  rate.cause = row["cause"].as<std::string>();
  rate.coverage = row["coverage"].as<std::string>();
  return rate;
}

/// What makes two computations the same one.
std::string input_hash_of(const NewRate& rate, const std::string& trade_hash_hex) {
  json::Writer writer;
  writer.begin_object().member("date", std::string_view(rate.computed.date.to_string()));
  writer.member("definition", std::string_view(rate.definition.hash_hex));
  writer.member("index", std::string_view(rate.computed.index.id)).member("method", kMethod);
  if (!rate.feeds_of_window.unwhole.empty()) {
    // The same trades mean more once nothing is missing beside them: a person's strike then makes a version.
    writer.key("feeds_unwhole").begin_array();
    for (const UnwholeFeed& feed : rate.feeds_of_window.unwhole) writer.string(feed.venue);
    writer.end_array();
  }
  writer.key("previous");
  if (rate.previous) {
    writer.decimal(*rate.previous);
  } else {
    writer.null();
  }
  writer.member("status", describe(rate.computed.rate.status));
  writer.member("trades", std::string_view(trade_hash_hex)).end_object();
  return crypto::sha256_hex(json::to_canonical(*json::parse(writer.take())));
}

/// `before`: the version that stood until now, where there is one.
std::string event_of(const StoredRate& rate, const StoredRate* before) {
  json::Writer writer;
  writer.begin_object().member("date", std::string_view(rate.date.to_string()));
  writer.member("index", std::string_view(rate.index));
  writer.member("input_hash", std::string_view(rate.input_hash_hex))
      .member("status", std::string_view(rate.status));
  writer.key("value");
  if (rate.value) {
    writer.string(*rate.value);
  } else {
    writer.null();
  }
  writer.member("version", std::int64_t{rate.version});
  if (before != nullptr) {
    writer.member("cause", std::string_view(rate.cause)).key("value_before");
    if (before->value) {
      writer.string(*before->value);
    } else {
      writer.null();
    }
  }
  writer.end_object();
  return json::to_canonical(*json::parse(writer.take()));
}

const char* event_kind(const StoredRate& rate) {
  if (rate.cause == "restated") return "rate_restated";
  return rate.cause == "corrected" ? "rate_corrected" : "rate_published";
}

/// The rows that the rate refused, and what never became rows of it.
std::string rejected_of(const NewRate& rate) {
  json::Writer writer;
  const auto number = [&](const char* name, std::uint64_t value) {
    writer.member(name, static_cast<std::int64_t>(value));
  };
  writer.begin_object();
  write_rejected_members(writer, rate.computed.rejected, rate.import_names);
  writer.key("imports").begin_array();
  for (const WindowImport& import : rate.imports) {
    writer.begin_object().member("file", std::string_view(import.file));
    writer.member("hash", std::string_view(import.hash_hex));
    number("rows", import.rows);
    number("rejected", import.rejected);
    writer.end_object();
  }
  writer.end_array().key("feeds").begin_array();
  for (const WindowFeed& feed : rate.feeds) {
    writer.begin_object().member("venue", std::string_view(feed.venue));
    writer.member("session", std::string_view(feed.session));
    number("refused", feed.refused);
    number("contradictions", feed.contradictions);
    number("gaps_found", feed.gaps_found);
    number("gaps_closed", feed.gaps_closed);
    number("gaps_abandoned", feed.gaps_abandoned);
    writer.end_object();
  }
  writer.end_array().key("feeds_unwhole").begin_array();
  for (const UnwholeFeed& feed : rate.feeds_of_window.unwhole) {
    writer.begin_object().member("venue", std::string_view(feed.venue));
    writer.member("why", std::string_view(feed.why)).end_object();
  }
  return writer.end_array().end_object().take();
}

/// Why the version that stands is kept, or nothing and `cause` of the further one is set.
std::optional<std::string> kept_because(const NewRate& rate, const StoredRate& before, std::string& cause) {
  cause = "corrected";
  if (!rate.restatement) return std::nullopt;
  const auto zone = time::Zone::find(rate.computed.index.time_zone);
  if (rate.computed.rate.status != RateStatus::kOk) return "the recomputed rate has no trades to stand on";
  const money::Decimal now = money::Decimal::literal(*rate.computed.rate.value);
  if (before.status != "ok" || !money::Decimal::literal(*before.value).is_positive()) {
    cause = "struck";
    if (restatement_is_open(*rate.restatement, rate.computed.date, *zone, rate.now)) return std::nullopt;
    return std::string(describe(RestatementRefusal::kTooLate));
  }
  cause = "restated";
  const auto next =
      restate(*rate.restatement, {before.version, money::Decimal::literal(*before.value), before.known_at},
              now, rate.computed.date, *zone, rate.now);
  if (next.has_error()) return std::string(describe(next.error()));
  return std::nullopt;
}

}  // namespace

SqlRateStore::Defined SqlRateStore::define(const std::string& toml, const std::string& file,
                                           time::Instant known_at, const std::string& actor) {
  Defined defined;
  defined.definition.index = base::value_or_refuse(parse_index(toml, file));
  defined.definition.toml = toml;
  defined.definition.hash_hex = crypto::sha256_hex(toml);
  const std::string& index_id = defined.definition.index.id;
  if (const auto part = licensed_part(index_id); index_id.starts_with(kOwnIndexPrefix) && !part.empty())
    base::refuse(file, index_id + " holds " + std::string(part) + ", a name of another administrator");
  const auto decide_and_add = [&](db::Transaction& transaction) {
    const auto struck_until = lock_index(transaction, index_id);
    // Who defines a real-time index locks the same name.
    if (!db::query(transaction, "SELECT FROM real_time_definition WHERE index_id = $1 LIMIT 1", index_id)
             .empty())
      base::refuse(file, index_id + " is the name of a real-time index");
    std::vector<StoredDefinition> versions = definitions_in(transaction, index_id);
    const auto newest = versions.empty() ? std::nullopt : std::optional(versions.back());
    defined.is_new = !newest || newest->hash_hex != defined.definition.hash_hex;
    defined.definition.version = newest ? newest->version + (defined.is_new ? 1 : 0) : 1;
    if (!defined.is_new) return;
    const time::Date first = first_day_of(defined.definition.index);
    if (newest && struck_until && first <= *struck_until)
      base::refuse(file, index_id + " has been struck until " + struck_until->to_string() +
                             ": a changed definition must say effective_from a later day");
    versions.push_back(defined.definition);
    if (const auto history = definition_history(versions); history.has_error())
      throw base::Refused(history.error().within(file));
    refuse_definition_that_policies_need(transaction, versions, file);
    db::execute(transaction,
                "INSERT INTO index_definition (index_id, version, toml, hash, known_at_ns, actor, "
                "effective_from, effective_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                index_id, defined.definition.version, toml, bytes_of(defined.definition.hash_hex), known_at,
                actor, first, defined.definition.index.effective_to);
    json::Writer writer;
    writer.begin_object().member("hash", std::string_view(defined.definition.hash_hex));
    writer.member("index", std::string_view(index_id));
    writer.member("version", std::int64_t{defined.definition.version}).end_object();
    db::append_audit(transaction, kSharedScope, {actor, known_at.ns(), "index.defined", writer.take()});
  };
  try {
    pool_.transact(decide_and_add);
  } catch (const base::Conflict&) {
    // Somebody added a version meanwhile: decide again with it in sight, once.
    pool_.transact(decide_and_add);
  }
  return defined;
}

std::optional<StoredDefinition> SqlRateStore::definition(const std::string& index_id) {
  return pool_.transact([&](db::Transaction& transaction) { return definition_in(transaction, index_id); });
}

std::vector<StoredDefinition> SqlRateStore::definitions() {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<StoredDefinition> found;
    for (const auto& row :
         db::query(transaction, std::string(kDefinitionColumns) + " ORDER BY index_id, version DESC")) {
      found.push_back(definition_of(row));
    }
    return found;
  });
}

time::Instant SqlRateStore::settle(const std::string& pair, time::Instant now) {
  return settle_tape(pool_, pair, now);
}

std::optional<StoredDefinition> SqlRateStore::definition_on(const std::string& index_id, time::Date date) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return definition_on_in(transaction, index_id, date); });
}

std::vector<StoredDefinition> SqlRateStore::versions(const std::string& index_id) {
  return pool_.transact([&](db::Transaction& transaction) { return definitions_in(transaction, index_id); });
}

std::optional<RateCoverage> SqlRateStore::coverage(const StoredRate& rate) {
  if (rate.coverage.empty()) return std::nullopt;
  return coverage_from_json(rate.coverage);
}

std::unique_ptr<StoredTrades> SqlRateStore::trades(const IndexDefinition& index, const Window& window,
                                                   time::Instant known_at) {
  return read_tape(pool_, index.pair, window, known_at);
}

std::vector<FeedState> SqlRateStore::feed_states(const std::string& pair, const Window& window,
                                                 time::Instant now) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return read_feed_states(transaction, pair, window, now); });
}

std::optional<money::Decimal> SqlRateStore::previous_value(const std::string& index_id, time::Date date) {
  return pool_.transact([&](db::Transaction& transaction) -> std::optional<money::Decimal> {
    const pqxx::result rows = db::query(
        transaction,
        "SELECT value FROM (SELECT DISTINCT ON (date) date, value FROM rate WHERE index_id = $1 AND date < $2"
        " ORDER BY date DESC, version DESC) newest WHERE value IS NOT NULL ORDER BY date DESC LIMIT 1",
        index_id, date);
    if (rows.empty()) return std::nullopt;
    return money::Decimal::literal(rows[0][0].as<std::string>());
  });
}

RateStore::Saved SqlRateStore::save(const NewRate& rate) {
  return pool_.transact([&](db::Transaction& transaction) -> Saved {
    if (lease_) db::renew_lease(transaction, *lease_, kStrikeLease);
    const ComputedRate& computed = rate.computed;
    lock_index(transaction, computed.index.id);
    const auto definition = definition_on_in(transaction, computed.index.id, computed.date);
    if (!definition || definition->version != rate.definition.version)
      throw base::Conflict(computed.index.id + ": was defined anew while its rate was struck");
    StoredRate stored;
    stored.index = computed.index.id;
    stored.date = computed.date;
    stored.definition_version = rate.definition.version;
    stored.method = kMethod;
    stored.status = describe(computed.rate.status);
    stored.value = computed.rate.value;
    if (computed.rate.unrounded) stored.unrounded = computed.rate.unrounded->to_unrounded_string();
    stored.strike = computed.window.end();
    stored.trade_hash_hex = crypto::sha256_hex(rate.counted_trades);
    stored.input_hash_hex = input_hash_of(rate, stored.trade_hash_hex);
    stored.document = to_document(computed);
    stored.rejected = rejected_of(rate);
    RateCoverage coverage = coverage_of(computed);
    coverage.coverage.feeds = rate.feeds_of_window;
    stored.coverage = coverage_to_json(coverage);
    stored.known_at = rate.known_at;
    stored.actor = rate.actor;
    stored.cause = "struck";

    const pqxx::result newest =
        db::query(transaction,
                  std::string("SELECT ") + kRateColumns +
                      " FROM rate WHERE index_id = $1 AND date = $2 ORDER BY version DESC LIMIT 1",
                  stored.index, stored.date);
    stored.version = 1;
    std::optional<StoredRate> before;
    if (!newest.empty()) {
      before = rate_of(newest[0]);
      if (before->input_hash_hex == stored.input_hash_hex) return {*std::move(before), false, ""};
      if (auto reason = kept_because(rate, *before, stored.cause))
        return {*std::move(before), false, *std::move(reason)};
      if (stored.known_at < before->known_at)
        throw base::Conflict(stored.index + " " + stored.date.to_string() + ": version " +
                             std::to_string(before->version) + " is from " + before->known_at.to_string() +
                             ": the clock went back");
      stored.version = before->version + 1;
    }
    db::execute(transaction,
                std::string("INSERT INTO rate (") + kRateColumns +
                    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
                stored.index, stored.date, stored.version, stored.definition_version, stored.method,
                stored.status, stored.value, stored.unrounded, stored.strike, bytes_of(stored.trade_hash_hex),
                bytes_of(stored.input_hash_hex), stored.document, stored.rejected, stored.known_at,
                stored.actor, stored.cause, stored.coverage);
    db::execute(transaction,
                "UPDATE index_head SET struck_until = greatest(struck_until, $2::date) WHERE index_id = $1",
                stored.index, stored.date);
    const std::string event = event_of(stored, before ? &*before : nullptr);
    db::append_event(transaction, kSharedScope, {0, event_kind(stored), event, stored.known_at.ns()});
    db::append_audit(transaction, kSharedScope,
                     {stored.actor, stored.known_at.ns(), "rate." + stored.cause, event});
    return {std::move(stored), true, ""};
  });
}

std::vector<StoredRate> SqlRateStore::find(const RateQuery& query) {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<StoredRate> found;
    const pqxx::result rows = db::query(
        transaction,
        std::string("SELECT DISTINCT ON (date) ") + kRateColumns +
            " FROM rate WHERE index_id = $1 AND date >= coalesce($2::date, '-infinity')"
            " AND date <= coalesce($3::date, 'infinity') AND date > coalesce($4::date, '-infinity')"
            " AND strike_ns <= $5 AND known_at_ns <= $6 ORDER BY date, version DESC LIMIT $7",
        query.index, query.from, query.to, query.after, query.as_of, query.known_at, query.count_max);
    for (const auto& row : rows) found.push_back(rate_of(row));
    return found;
  });
}

std::vector<StoredRate> SqlRateStore::every_version(const RateQuery& query) {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<StoredRate> found;
    const pqxx::result rows =
        db::query(transaction,
                  std::string("SELECT ") + kRateColumns +
                      " FROM rate WHERE index_id = $1 AND date >= coalesce($2::date, '-infinity')"
                      " AND date <= coalesce($3::date, 'infinity') AND date > coalesce($4::date, '-infinity')"
                      " AND known_at_ns <= $5 ORDER BY date, version LIMIT $6",
                  query.index, query.from, query.to, query.after, query.known_at, query.count_max);
    for (const auto& row : rows) found.push_back(rate_of(row));
    return found;
  });
}

StoredDefinition SqlRateStore::definition_version(const std::string& index, std::int32_t version) {
  return pool_.transact([&](db::Transaction& transaction) {
    return definition_of(db::query(transaction,
                                   "SELECT index_id, version, toml, hash FROM index_definition"
                                   " WHERE index_id = $1 AND version = $2",
                                   index, version)[0]);
  });
}

std::string SqlRateStore::document(const ComputedRate& computed) { return to_document(computed); }

std::string SqlRateStore::trade_hash(const ComputedRate& computed) {
  return crypto::sha256_hex(counted_trades(computed));
}

}  // namespace navkeeper::pricing
