#include "common/db/idempotency.h"

#include "common/base/ensure.h"
#include "common/db/encoding.h"
#include "common/db/pqxx_access.h"

namespace navkeeper::db {
namespace {

constexpr int kCreated = 201;  // HTTP's

void ensure_well_formed(const KeyedRequest& request) {
  ENSURE(!request.client.empty());
  ENSURE(!request.key.empty() && request.key.size() <= kKeyLengthMax);
  ENSURE(request.request_hash.size() == 32);
}

/// The row of this request's key: its answer, nothing when there is no row.
std::optional<StoredAnswer> look_up(Transaction& transaction, const KeyedRequest& request) {
  const auto rows =
      query(transaction, "SELECT request_hash, status, body FROM idempotency WHERE client = $1 AND key = $2",
            request.client, request.key);
  if (rows.empty()) return std::nullopt;
  if (rows[0][0].as<base::Bytes>() != request.request_hash)
    throw KeyReused("the idempotency key '" + request.key + "' was used before for another request");
  if (rows[0][1].is_null())
    throw base::Conflict("the idempotency key '" + request.key + "' was claimed and has no answer");
  return StoredAnswer{rows[0][1].as<int>(), rows[0][2].as<std::string>()};
}

}  // namespace

base::Bytes request_hash(std::string_view method, std::string_view route, std::string_view canonical_body) {
  HashedBytes bytes;
  return bytes.text(method).text(route).text(canonical_body).finish();
}

std::optional<StoredAnswer> find_or_claim(Transaction& transaction, const KeyedRequest& request) {
  ensure_well_formed(request);
  const std::size_t claimed =
      execute(transaction,
              "INSERT INTO idempotency (client, key, request_hash, known_at_ns) VALUES ($1, $2, $3, $4) "
              "ON CONFLICT DO NOTHING",
              request.client, request.key, request.request_hash, request.known_at_ns);
  if (claimed == 1) return std::nullopt;
  auto answer = look_up(transaction, request);
  if (!answer) throw Retryable("the idempotency key's row went while it was looked at");
  return answer;
}

void store_answer(Transaction& transaction, const KeyedRequest& request, const StoredAnswer& answer) {
  ensure_well_formed(request);
  const std::size_t stored = execute(
      transaction,
      "UPDATE idempotency SET status = $3, body = $4 WHERE client = $1 AND key = $2 AND status IS NULL",
      request.client, request.key, answer.status, answer.body);
  ENSURE(stored == 1);
}

void write_once(Transaction& transaction, const std::optional<KeyedRequest>& request,
                const std::function<std::string(Transaction&)>& effect) {
  if (request && find_or_claim(transaction, *request)) throw AnsweredMeanwhile();
  const std::string body = effect(transaction);
  if (request) store_answer(transaction, *request, {kCreated, body});
}

std::optional<StoredAnswer> find_answer(Transaction& transaction, const KeyedRequest& request) {
  ensure_well_formed(request);
  return look_up(transaction, request);
}

}  // namespace navkeeper::db
