#pragma once
// What a custodian's history says: transfers, ledger lines, rewards, stakes, approvals. A record is known by
// its key; one key may be told in several versions (a status moves on, history is corrected). record_book.h
// decides which of them stands.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/digest.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::custody {

enum class RecordKind {
  kTransfer,    ///< a deposit or a withdrawal
  kLedgerLine,  ///< a line of the custodian's own journal
  kReward,
  kStake,      ///< a request to stake or unstake, and how far it is
  kActivity,   ///< who asked for and who approved something
  kValidator,  ///< where staked coins went
  kNetwork,    ///< on which networks an asset moves, and whether it may
  kTerms,      ///< terms of staking: lock-up, reward frequency
  kWallet,
};
constexpr int kRecordKinds = 9;
std::string_view describe(RecordKind kind);  ///< "transfer", "ledger_line", "reward", ...
std::optional<RecordKind> parse_record_kind(std::string_view word);

/// What the source's word for a status means. A word that is not known is accepted, and alarmed.
enum class Progress {
  kUnknown,
  kUnderWay,
  kFailed,  ///< rejected, cancelled, expired: nothing moved
  kDone,
};
std::string_view describe(Progress progress);  ///< "unknown", "under_way", "failed", "done"
std::optional<Progress> parse_progress(std::string_view word);

struct Record {
  RecordKind kind{};
  std::string key;           ///< the source's id; where it gives none, made of the record's content
  time::Instant at;          ///< by which windows of time select it
  time::Instant updated_at;  ///< when the source last changed it, as far as it says; else `at`
  std::string asset;         ///< empty: about none
  std::optional<money::Decimal> amount;  ///< whole coins; ledger lines are signed: positive comes in
  Progress progress = Progress::kDone;
  std::string status;    ///< the source's own word
  std::string document;  ///< the whole record as canonical JSON (adapters/record_json.h), unknown members too
  /// Of which account or wallet, as the answer says; empty: it names none. It is not stored apart: the
  /// document says it too.
  std::string account = {};

  /// SHA-256 of the document: tells versions apart.
  crypto::Digest256 content() const { return crypto::sha256(document); }
  bool operator==(const Record&) const = default;
};

/// The key of the record (kNetwork) that says from when on transfers of a token are listed on a chain.
std::string listed_key(const std::string& asset);

struct CountedRecord {
  Record record;
  int count = 1;  ///< of a record without an id of its own: how many alike there are at that instant
  bool operator==(const CountedRecord&) const = default;
};

/// A complete answer about one kind between two instants, both included: what is not in it was not there.
struct WindowAnswer {
  RecordKind kind{};
  time::Instant from;
  time::Instant to;
  time::Instant asked_at;  ///< by our clock
  std::vector<CountedRecord> records = {};
};

}  // namespace navkeeper::custody
