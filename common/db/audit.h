#pragma once
// Audit log: one chain of records per (service, scope), a scope being a fund or "shared", in which no record
// can be edited, removed or inserted without that being seen.
//
// hash(seq) = SHA-256 over the following bytes, where str(x) = length of x in bytes as 8 big-endian bytes,
// then x, and int(n) = n as 8 big-endian bytes:
//
//   str("navkeeper.audit.v1") str(service) str(scope) int(seq) hash(seq - 1) str(actor) int(known_at_ns)
//   str(kind) str(payload)
//
// hash(0) is 32 zero bytes. The payload is stored as the exact bytes that were hashed, and never serialised
// again.
//
// The daily root = SHA-256 over str("navkeeper.audit.root.v1") and then, for each chain with records, sorted
// by service and then scope as bytes: str(service) str(scope) int(seq) hash(seq), of the chain's last record.
//
// tests/db/audit_test.cpp has vectors that an independent program computed.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/db/transaction.h"

namespace navkeeper::db {

class Pool;
class WriteBatch;

struct AuditRecord {
  std::string actor;             ///< who did it
  std::int64_t known_at_ns = 0;  ///< when, by the caller's clock, nanoseconds since 1970
  std::string kind;              ///< "nav.approved"
  std::string payload;           ///< canonical JSON
};

struct AuditHead {
  std::string service;
  std::string scope;
  std::int64_t seq = 0;
  base::Bytes hash;  ///< 32 bytes
  bool operator==(const AuditHead&) const = default;
};

/// The hash of one record; `previous` is 32 bytes.
base::Bytes audit_hash(const std::string& service, const std::string& scope, std::int64_t seq,
                       const base::Bytes& previous, const AuditRecord& record);

/// Appends in the caller's transaction, to the chain of the service whose schema the transaction works in.
/// Locks the chain's head until the transaction ends: do it last.
AuditHead append_audit(Transaction& transaction, const std::string& scope, const AuditRecord& record);

/// The same in a batch of statements, after `head` as it was read in this transaction (service, scope, seq
/// and hash of the last record; seq 0 and 32 zero bytes before the first): for a batch's small transactions.
/// Somebody else's append since then makes the batch fail on the record's key.
AuditHead append_audit(WriteBatch& batch, const AuditHead& head, std::span<const AuditRecord> records);
/// The head of the caller's chain as it stands; not locked.
AuditHead read_audit_head(Transaction& transaction, const std::string& scope);
/// A head as a statement of the caller's found it: `service` is current_schema(), `seq` and `hash` are those
/// of audit_head's row for the scope, nothing where the chain has not begun.
AuditHead audit_head_of(std::string service, std::string scope, std::optional<std::int64_t> seq,
                        std::optional<base::Bytes> hash);

struct AuditFault {
  std::string service;
  std::string scope;
  std::int64_t seq = 0;
  std::string what;  ///< "the hash does not follow from the record and the one before it"
};

struct AuditReport {
  std::vector<AuditHead> heads;  ///< as recomputed, sorted by service and scope
  std::int64_t records = 0;
  std::vector<AuditFault> faults;  ///< empty: every chain is whole
  base::Bytes daily_root;          ///< over `heads`
};

/// Walks every chain of every service that has an audit log; `transaction` must be able to read them all (the
/// auditor's role). `kept` are heads kept outside the database: a chain that is shorter than its kept head,
/// or has another hash at that seq, is a fault, and so is a chain that is gone.
AuditReport verify_audit(Transaction& transaction, const std::vector<AuditHead>& kept);

/// The same for the chains of one service, from the kept heads on alone: the kept record must stand there
/// with the kept hash, and what follows must follow from it. `transaction` works in the service's schema.
/// `heads` are those of the service; `daily_root` is left empty.
AuditReport extend_audit(Transaction& transaction, const std::string& service,
                         const std::vector<AuditHead>& kept);

/// SHA-256 over all heads, as said above; in any order.
base::Bytes audit_root(std::vector<AuditHead> heads);

/// Heads kept outside the database: one line a head, "service scope seq hash", written to a new file, synced,
/// and renamed over the old. Reading a file that is not there gives none; a line that is not a head is
/// refused (base::Refused).
void write_heads(const std::filesystem::path& file, const std::vector<AuditHead>& heads);
std::vector<AuditHead> read_heads(const std::filesystem::path& file);

/// The lock of whoever reads, compares and writes kept heads: two who do so at once would lose one's. This is
/// its file, for base::FileLock.
inline std::filesystem::path lock_of_heads(const std::filesystem::path& heads_file) {
  return heads_file.string() + ".lock";
}

/// Moves the heads of one service that are kept in `file` forward to where its chains stand now, along
/// records that extend_audit found whole. Where there is a fault nothing is written.
std::vector<AuditFault> advance_heads(Pool& service_pool, const std::string& service,
                                      const std::filesystem::path& file);

}  // namespace navkeeper::db
