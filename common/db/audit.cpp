#include "common/db/audit.h"
#include "common/base/file_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/encoding.h"
#include "common/db/pool.h"
#include "common/db/pqxx_access.h"
#include "common/db/write_batch.h"

namespace navkeeper::db {
namespace {

constexpr int kPageRows = 5'000;
constexpr std::string_view kRecordDomain = "navkeeper.audit.v1";
constexpr std::string_view kRootDomain = "navkeeper.audit.root.v1";

const base::Bytes kBeforeFirst(32, 0);

using Chain = std::pair<std::string, std::string>;  // service, scope

/// One chain as it is walked.
class Walk {
 public:
  Walk(const Chain& chain, const AuditHead* kept, AuditReport& report)
      : chain_(chain), kept_(kept), report_(report), previous_(kBeforeFirst) {}

  /// Goes on behind the kept head, whose record stands with `stored_hash`.
  void resume(const base::Bytes& stored_hash) {
    if (stored_hash != kept_->hash) fault(kept_->seq, "its hash is not the one kept outside the database");
    seq_ = kept_->seq;
    previous_ = stored_hash;
  }
  std::int64_t seq() const { return seq_; }

  void see(std::int64_t seq, const AuditRecord& record, const base::Bytes& stored_hash) {
    ++report_.records;
    if (seq != seq_ + 1) fault(seq, "records " + missing(seq_ + 1, seq - 1) + " are gone");
    if (audit_hash(chain_.first, chain_.second, seq, previous_, record) != stored_hash)
      fault(seq, "its hash does not follow from its content and the record before it");
    if (kept_ != nullptr && kept_->seq == seq && kept_->hash != stored_hash)
      fault(seq, "its hash is not the one kept outside the database");
    seq_ = seq;
    previous_ = stored_hash;
  }

  void end(const AuditHead* stored_head) {
    if (stored_head == nullptr) {
      if (seq_ > 0) fault(seq_, "the chain has no head row");
    } else if (stored_head->seq != seq_) {
      fault(seq_, "the head row says " + std::to_string(stored_head->seq) + " records, there are " +
                      std::to_string(seq_));
    } else if (stored_head->hash != previous_) {
      fault(seq_, "the head row has another hash than the last record");
    }
    if (kept_ != nullptr && kept_->seq > seq_)
      fault(seq_, "the head kept outside the database says " + std::to_string(kept_->seq) +
                      " records, there are " + std::to_string(seq_));
    if (seq_ > 0) report_.heads.push_back({chain_.first, chain_.second, seq_, previous_});
  }

 private:
  void fault(std::int64_t seq, std::string what) {
    report_.faults.push_back({chain_.first, chain_.second, seq, std::move(what)});
  }
  static std::string missing(std::int64_t first, std::int64_t last) {
    return first == last ? std::to_string(first) : std::to_string(first) + " to " + std::to_string(last);
  }

  Chain chain_;
  const AuditHead* kept_;
  AuditReport& report_;
  std::int64_t seq_ = 0;
  base::Bytes previous_;
};

std::vector<std::string> audited_schemas(Transaction& transaction) {
  std::vector<std::string> schemas;
  for (const auto& row : query(transaction,
                               "SELECT schemaname::text FROM pg_tables WHERE tablename = 'audit_head' "
                               "ORDER BY schemaname"))
    schemas.push_back(row[0].as<std::string>());
  return schemas;
}

void walk_chain(Transaction& transaction, const std::string& table, const std::string& scope, Walk& walk) {
  std::int64_t last = walk.seq();
  while (true) {
    const auto rows = query(transaction,
                            "SELECT seq, actor, known_at_ns, kind, payload, hash FROM " + table +
                                " WHERE scope = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                            scope, last, kPageRows);
    for (const auto& row : rows) {
      last = row[0].as<std::int64_t>();
      walk.see(last,
               {row[1].as<std::string>(), row[2].as<std::int64_t>(), row[3].as<std::string>(),
                row[4].as<std::string>()},
               row[5].as<base::Bytes>());
    }
    if (rows.size() < kPageRows) return;
  }
}

bool before(const AuditHead& a, const AuditHead& b) {
  return std::tie(a.service, a.scope) < std::tie(b.service, b.scope);
}

std::string gone(const AuditHead& kept) {
  return "the whole chain is gone; the head kept outside the database says " + std::to_string(kept.seq) +
         " records";
}

[[noreturn]] void unavailable(const std::filesystem::path& file) {
  throw base::Unavailable("cannot write " + file.string() + ": " + std::strerror(errno));
}

}  // namespace

base::Bytes audit_hash(const std::string& service, const std::string& scope, std::int64_t seq,
                       const base::Bytes& previous, const AuditRecord& record) {
  HashedBytes bytes;
  return bytes.text(kRecordDomain)
      .text(service)
      .text(scope)
      .integer(seq)
      .digest(previous)
      .text(record.actor)
      .integer(record.known_at_ns)
      .text(record.kind)
      .text(record.payload)
      .finish();
}

AuditHead append_audit(Transaction& transaction, const std::string& scope, const AuditRecord& record) {
  const auto lock = [&] {
    return query(transaction,
                 "SELECT current_schema()::text AS service, seq, hash FROM audit_head WHERE scope = $1 "
                 "FOR UPDATE",
                 scope);
  };
  auto rows = lock();
  if (rows.empty()) {
    execute(transaction,
            "INSERT INTO audit_head (scope, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING", scope,
            kBeforeFirst);
    rows = lock();
  }
  if (rows.empty()) throw Retryable("the audit chain of " + scope + " was begun by another transaction");
  WriteBatch batch(transaction);
  AuditHead head = append_audit(batch,
                                {rows[0]["service"].as<std::string>(), scope,
                                 rows[0]["seq"].as<std::int64_t>(), rows[0]["hash"].as<base::Bytes>()},
                                std::span(&record, 1));
  batch.run();
  return head;
}

AuditHead read_audit_head(Transaction& transaction, const std::string& scope) {
  const auto rows = query(transaction,
                          "SELECT current_schema()::text AS service, h.seq, h.hash FROM (SELECT) one "
                          "LEFT JOIN audit_head h ON h.scope = $1",
                          scope);
  return audit_head_of(rows[0]["service"].as<std::string>(), scope, optional_of<std::int64_t>(rows[0]["seq"]),
                       optional_of<base::Bytes>(rows[0]["hash"]));
}

AuditHead audit_head_of(std::string service, std::string scope, std::optional<std::int64_t> seq,
                        std::optional<base::Bytes> hash) {
  return {std::move(service), std::move(scope), seq.value_or(0), std::move(hash).value_or(kBeforeFirst)};
}

AuditHead append_audit(WriteBatch& batch, const AuditHead& head, std::span<const AuditRecord> records) {
  AuditHead next = head;
  ArrayText seqs, actors, times, kinds, payloads, hashes;
  for (const AuditRecord& record : records) {
    ++next.seq;
    next.hash = audit_hash(head.service, head.scope, next.seq, next.hash, record);
    seqs.add(next.seq);
    actors.add(record.actor);
    times.add(record.known_at_ns);
    kinds.add(record.kind);
    payloads.add(record.payload);
    hashes.add("\\x" + base::to_hex(next.hash));
  }
  if (head.seq == 0)
    batch.add("INSERT INTO audit_head (scope, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING",
              head.scope, kBeforeFirst);
  batch.add(
      "INSERT INTO audit (scope, seq, actor, known_at_ns, kind, payload, hash) SELECT $1, r.* FROM "
      "unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bytea[]) AS r",
      next.scope, seqs.text(), actors.text(), times.text(), kinds.text(), payloads.text(), hashes.text());
  batch.add("UPDATE audit_head SET seq = $2, hash = $3 WHERE scope = $1", next.scope, next.seq, next.hash);
  return next;
}

AuditReport verify_audit(Transaction& transaction, const std::vector<AuditHead>& kept) {
  std::map<Chain, AuditHead> kept_heads;
  for (const auto& head : kept) kept_heads[{head.service, head.scope}] = head;
  AuditReport report;
  for (const auto& schema : audited_schemas(transaction)) {
    const std::string name = pqxx_of(transaction).quote_name(schema);
    std::map<std::string, AuditHead> heads;
    for (const auto& row : query(transaction, "SELECT scope, seq, hash FROM " + name + ".audit_head")) {
      const auto scope = row[0].as<std::string>();
      heads[scope] = {schema, scope, row[1].as<std::int64_t>(), row[2].as<base::Bytes>()};
    }
    for (const auto& [scope, head] : heads) {
      const auto at = kept_heads.find({schema, scope});
      Walk walk({schema, scope}, at == kept_heads.end() ? nullptr : &at->second, report);
      walk_chain(transaction, name + ".audit", scope, walk);
      walk.end(&head);
      if (at != kept_heads.end()) kept_heads.erase(at);
    }
  }
  // The foreign key allows no record without its head row, so a chain whose head is gone is gone altogether.
  for (const auto& [chain, head] : kept_heads)
    report.faults.push_back({chain.first, chain.second, 0, gone(head)});
  std::sort(report.heads.begin(), report.heads.end(), before);
  report.daily_root = audit_root(report.heads);
  return report;
}

AuditReport extend_audit(Transaction& transaction, const std::string& service,
                         const std::vector<AuditHead>& kept) {
  std::map<std::string, AuditHead> kept_heads;
  for (const auto& head : kept)
    if (head.service == service) kept_heads[head.scope] = head;
  AuditReport report;
  for (const auto& row : query(transaction, "SELECT scope, seq, hash FROM audit_head ORDER BY scope")) {
    const auto scope = row[0].as<std::string>();
    const AuditHead head{service, scope, row[1].as<std::int64_t>(), row[2].as<base::Bytes>()};
    const auto at = kept_heads.find(scope);
    Walk walk({service, scope}, at == kept_heads.end() ? nullptr : &at->second, report);
    if (at != kept_heads.end()) {
      const auto record =
          query(transaction, "SELECT hash FROM audit WHERE scope = $1 AND seq = $2", scope, at->second.seq);
      if (!record.empty()) walk.resume(record[0][0].as<base::Bytes>());
    }
    walk_chain(transaction, "audit", scope, walk);
    walk.end(&head);
    if (at != kept_heads.end()) kept_heads.erase(at);
  }
  for (const auto& [scope, head] : kept_heads) report.faults.push_back({service, scope, 0, gone(head)});
  return report;
}

base::Bytes audit_root(std::vector<AuditHead> heads) {
  std::sort(heads.begin(), heads.end(), before);
  HashedBytes bytes;
  bytes.text(kRootDomain);
  for (const auto& head : heads) {
    if (head.seq == 0) continue;
    bytes.text(head.service).text(head.scope).integer(head.seq).digest(head.hash);
  }
  return bytes.finish();
}

void write_heads(const std::filesystem::path& file, const std::vector<AuditHead>& heads) {
  std::vector<AuditHead> sorted = heads;
  std::sort(sorted.begin(), sorted.end(), before);
  std::string text;
  for (const auto& head : sorted) {
    text += head.service;
    text += ' ';
    text += head.scope;
    text += ' ';
    text += std::to_string(head.seq);
    text += ' ';
    text += base::to_hex(head.hash);
    text += '\n';
  }
  const std::filesystem::path fresh = file.string() + ".new";
  const int handle = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (handle < 0) unavailable(fresh);
  const bool is_written =
      write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(handle) == 0;
  close(handle);
  if (!is_written || rename(fresh.c_str(), file.c_str()) != 0) unavailable(file);
}

std::vector<AuditHead> read_heads(const std::filesystem::path& file) {
  std::vector<AuditHead> heads;
  std::ifstream stream(file);
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    std::istringstream words(line);
    AuditHead head;
    std::string hash;
    std::string more;
    const bool is_read = static_cast<bool>(words >> head.service >> head.scope >> head.seq >> hash);
    const auto bytes = base::from_hex(hash);
    if (!is_read || words >> more || head.seq <= 0 || !bytes || bytes->size() != 32)
      base::refuse(file.string() + ":" + std::to_string(number), "is not 'service scope seq hash'");
    head.hash = *bytes;
    heads.push_back(std::move(head));
  }
  return heads;
}

std::vector<AuditFault> advance_heads(Pool& service_pool, const std::string& service,
                                      const std::filesystem::path& file) {
  const base::FileLock lock(lock_of_heads(file));
  std::vector<AuditHead> kept = read_heads(file);
  const AuditReport report = service_pool.transact(
      [&](Transaction& transaction) { return extend_audit(transaction, service, kept); },
      {Isolation::kRepeatableRead, true, {}, {}, {}});
  if (!report.faults.empty()) return report.faults;
  std::erase_if(kept, [&](const AuditHead& head) { return head.service == service; });
  kept.insert(kept.end(), report.heads.begin(), report.heads.end());
  write_heads(file, kept);
  return {};
}

}  // namespace navkeeper::db
