#pragma once
// Idempotency keys: the same request with the same key takes effect once and is answered alike ever after.
//
//   pool.transact([&](db::Transaction& transaction) {
//     if (auto answer = db::find_or_claim(transaction, request)) return *answer;       // a replay
//     ... the effect ...
//     db::store_answer(transaction, request, answer);
//     return answer;
//   });
//
// Table idempotency of the service's schema (sql/common/tables.sql), keyed (client, key); the row commits
// with the effect or not at all, so there is no row that is "still running" for ever. A concurrent twin waits
// on the unique index until the first has committed (then it replays) or rolled back (then it goes on as the
// first), at most lock_timeout.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/db/transaction.h"

namespace navkeeper::db {

/// The key was used before for another request: a Conflict that HTTP answers with 422.
struct KeyReused : base::Conflict {
  using Conflict::Conflict;
};

/// A twin of the request took effect first: its answer is stored now.
struct AnsweredMeanwhile : base::Conflict {
  AnsweredMeanwhile() : Conflict("the same request was answered meanwhile: send it again") {}
};

/// At most this many characters, at least one.
inline constexpr std::size_t kKeyLengthMax = 255;

struct KeyedRequest {
  std::string client;            ///< who asks: the actor or API client
  std::string key;               ///< the Idempotency-Key
  base::Bytes request_hash;      ///< request_hash() below: 32 bytes
  std::int64_t known_at_ns = 0;  ///< the caller's clock, nanoseconds since 1970
};

struct StoredAnswer {
  int status = 0;    ///< HTTP status, or 0 where there is none
  std::string body;  ///< exact bytes of the answer, UTF-8
  bool operator==(const StoredAnswer&) const = default;
};

/// SHA-256 over the method, the route with its parameters filled in, and the canonical body, each preceded by
/// its length as 8 big-endian bytes.
base::Bytes request_hash(std::string_view method, std::string_view route, std::string_view canonical_body);

/// The stored answer of this request, or nothing and the key is now this transaction's. Throws KeyReused when
/// the key belongs to another request; LockTimeout when a twin runs longer than lock_timeout (HTTP: 409, try
/// again). ENSURE: key and client not empty, at most kKeyLengthMax characters (the boundary refuses such
/// input).
std::optional<StoredAnswer> find_or_claim(Transaction& transaction, const KeyedRequest& request);

/// Writes the answer beside the claim, once, in the same transaction.
void store_answer(Transaction& transaction, const KeyedRequest& request, const StoredAnswer& answer);

/// For a store whose effect may belong to a keyed request: claims the key where there is one, runs `effect`,
/// stores what it gives as the answer's body with status 201. Throws AnsweredMeanwhile, and then `effect` did
/// not run.
void write_once(Transaction& transaction, const std::optional<KeyedRequest>& request,
                const std::function<std::string(Transaction&)>& effect);

/// What became of an earlier request whose outcome is InDoubt: its answer, or nothing when it did not happen.
std::optional<StoredAnswer> find_answer(Transaction& transaction, const KeyedRequest& request);

}  // namespace navkeeper::db
