#include "services/pricing/adapters/real_time_store.h"

#include <utility>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/copy_writer.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/time/zone.h"
#include "services/pricing/adapters/announce.h"
#include "services/pricing/adapters/real_time_file.h"
#include "services/pricing/domain/markets/rate_definitions.h"

namespace navkeeper::pricing {
namespace {

constexpr const char* kFileColumns = "index_id, version, toml, hash, known_at_ns";
constexpr const char* kRecordColumns =
    "index_id, at_ns, definition_version, value, unrounded, failure, uses, screen_before, screen_after, "
    "is_key, "
    "evidence, known_at_ns";

StoredRealTimeFile file_of(const pqxx::row& row) {
  return {parse_real_time_file(row["toml"].as<std::string>(), row["index_id"].as<std::string>()).value(),
          row["version"].as<std::int32_t>(), base::to_hex(row["hash"].as<base::Bytes>()),
          row["known_at_ns"].as<time::Instant>()};
}

std::optional<StoredRealTimeFile> newest_in(db::Transaction& transaction, const std::string& index) {
  const pqxx::result rows = db::query(transaction,
                                      std::string("SELECT ") + kFileColumns +
                                          " FROM real_time_definition WHERE index_id = $1"
                                          " ORDER BY version DESC LIMIT 1",
                                      index);
  if (rows.empty()) return std::nullopt;
  return file_of(rows[0]);
}

RealTimeRecord record_of_row(const pqxx::row& row) {
  RealTimeRecord record;
  record.index = row["index_id"].as<std::string>();
  record.at = row["at_ns"].as<time::Instant>();
  record.file_version = row["definition_version"].as<std::int32_t>();
  record.value = db::optional_of<std::string>(row["value"]);
  record.unrounded = db::optional_of<std::string>(row["unrounded"]);
  record.failure = row["failure"].as<std::string>();
  record.uses = row["uses"].as<std::string>();
  record.screen_before = row["screen_before"].as<std::string>();
  record.screen_after = row["screen_after"].as<std::string>();
  record.is_key = row["is_key"].as<bool>();
  record.evidence = row["evidence"].as<base::Bytes>();
  record.known_at = row["known_at_ns"].as<time::Instant>();
  return record;
}

void copy_record(db::CopyWriter& copy, const RealTimeRecord& record) {
  const auto text_or_null = [&](const std::optional<std::string>& text) {
    if (text) {
      copy.text(*text);
    } else {
      copy.null();
    }
  };
  copy.text(record.index).int64(record.at.ns()).int32(record.file_version);
  text_or_null(record.value);
  text_or_null(record.unrounded);
  copy.text(record.failure).text(record.uses).text(record.screen_before).text(record.screen_after);
  copy.boolean(record.is_key).bytes(record.evidence).int64(record.known_at.ns());
  copy.end_row();
}

time::Date day_of(time::Instant at) { return time::Zone::literal("UTC").to_local(at).date; }

}  // namespace

SqlRealTimeStore::Defined SqlRealTimeStore::define(const std::string& toml, const std::string& file,
                                                   time::Instant known_at, const std::string& actor) {
  const RealTimeFile read = base::value_or_refuse(parse_real_time_file(toml, file));
  const std::string& index = read.id.value();
  if (const auto part = licensed_part(index); index.starts_with(kOwnIndexPrefix) && !part.empty())
    base::refuse(file, index + " holds " + std::string(part) + ", a name of another administrator");
  const std::string hash_hex = crypto::sha256_hex(toml);
  std::optional<Defined> defined;
  const auto decide_and_add = [&](db::Transaction& transaction) {
    // Who defines a rate locks the same name, and looks for a real-time index of it.
    db::execute(transaction,
                "INSERT INTO index_head AS head (index_id) VALUES ($1) ON CONFLICT (index_id) DO UPDATE SET "
                "struck_until = head.struck_until",
                index);
    if (!db::query(transaction, "SELECT 1 FROM index_definition WHERE index_id = $1 LIMIT 1", index).empty())
      base::refuse(file, index + " is the name of a rate");
    const auto newest = newest_in(transaction, index);
    const bool is_new = !newest || newest->hash_hex != hash_hex;
    const int version = newest ? newest->version + (is_new ? 1 : 0) : 1;
    defined = Defined{{read, version, hash_hex, is_new ? known_at : newest->known_at}, is_new};
    if (!is_new) return;
    db::execute(transaction,
                "INSERT INTO real_time_definition (index_id, version, toml, hash, known_at_ns, actor)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                index, version, toml, *base::from_hex(hash_hex), known_at, actor);
    json::Writer writer;
    writer.begin_object().member("hash", std::string_view(hash_hex));
    writer.member("index", std::string_view(index));
    writer.member("version", std::int64_t{version}).end_object();
    db::append_audit(transaction, kSharedScope, {actor, known_at.ns(), "index.defined", writer.take()});
  };
  try {
    pool_.transact(decide_and_add);
  } catch (const base::Conflict&) {
    // Somebody added a version meanwhile: decide again with it in sight, once.
    pool_.transact(decide_and_add);
  }
  return *std::move(defined);
}

std::vector<StoredRealTimeFile> SqlRealTimeStore::files() {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<StoredRealTimeFile> found;
    for (const auto& row :
         db::query(transaction, std::string("SELECT DISTINCT ON (index_id) ") + kFileColumns +
                                    " FROM real_time_definition"
                                    " ORDER BY index_id, version DESC"))
      found.push_back(file_of(row));
    return found;
  });
}

std::optional<StoredRealTimeFile> SqlRealTimeStore::file(const std::string& index, int version) {
  return pool_.transact([&](db::Transaction& transaction) -> std::optional<StoredRealTimeFile> {
    const pqxx::result rows = db::query(transaction,
                                        std::string("SELECT ") + kFileColumns +
                                            " FROM real_time_definition WHERE index_id = $1 AND version = $2",
                                        index, version);
    if (rows.empty()) return std::nullopt;
    return file_of(rows[0]);
  });
}

std::optional<StoredRealTimeFile> SqlRealTimeStore::newest_file(const std::string& index) {
  return pool_.transact([&](db::Transaction& transaction) { return newest_in(transaction, index); });
}

std::optional<RealTimeRecord> SqlRealTimeStore::last(const std::string& index, bool with_value) {
  return pool_.transact([&](db::Transaction& transaction) -> std::optional<RealTimeRecord> {
    const pqxx::result rows =
        db::query(transaction,
                  std::string("SELECT ") + kRecordColumns + " FROM real_time_value WHERE index_id = $1" +
                      (with_value ? " AND value IS NOT NULL" : "") + " ORDER BY at_ns DESC LIMIT 1",
                  index);
    if (rows.empty()) return std::nullopt;
    return record_of_row(rows[0]);
  });
}

std::vector<RealTimeRecord> SqlRealTimeStore::records(const std::string& index, time::Instant from,
                                                      time::Instant to, int count_max) {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<RealTimeRecord> found;
    for (const auto& row :
         db::query(transaction,
                   std::string("SELECT ") + kRecordColumns +
                       " FROM real_time_value WHERE index_id = $1 AND at_ns BETWEEN $2 AND $3"
                       " ORDER BY at_ns LIMIT $4",
                   index, from, to, count_max))
      found.push_back(record_of_row(row));
    return found;
  });
}

std::optional<time::Instant> SqlRealTimeStore::key_before(const std::string& index, time::Instant at) {
  return pool_.transact([&](db::Transaction& transaction) -> std::optional<time::Instant> {
    const pqxx::result rows =
        db::query(transaction,
                  "SELECT at_ns FROM real_time_value WHERE index_id = $1 AND at_ns <= $2"
                  " AND is_key ORDER BY at_ns DESC LIMIT 1",
                  index, at);
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<time::Instant>();
  });
}

void SqlRealTimeStore::make_day(time::Date day) {
  if (days_.contains(day)) return;
  pool_.transact(
      [&](db::Transaction& transaction) { db::query(transaction, "SELECT real_time_day($1)", day); });
  days_.insert(day);
}

void SqlRealTimeStore::save(std::span<const RealTimeRecord> records) {
  for (const RealTimeRecord& record : records) make_day(day_of(record.at));
  // The next day's too, long before midnight: making it then would cost that second its hundred milliseconds.
  if (!records.empty()) make_day(day_of(records.front().at) + 1);
  pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::renew_lease(transaction, *lease_, kRealTimeLease);
    db::CopyWriter copy(transaction, "real_time_value",
                        {"index_id", "at_ns", "definition_version", "value", "unrounded", "failure", "uses",
                         "screen_before", "screen_after", "is_key", "evidence", "known_at_ns"});
    for (const RealTimeRecord& record : records) copy_record(copy, record);
    copy.finish();
  });
}

std::vector<std::string> SqlRealTimeStore::forget(time::Date day) {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<std::string> gone;
    for (const auto& row : db::query(transaction, "SELECT real_time_forget($1)", day))
      gone.push_back(row[0].as<std::string>());
    return gone;
  });
}

}  // namespace navkeeper::pricing
