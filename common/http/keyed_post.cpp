#include "common/http/keyed_post.h"

#include "common/base/refuse.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/json/write.h"

namespace navkeeper::http {
namespace {

constexpr int kUnprocessable = 422;
constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

ProblemError key_reused(const db::KeyReused& reused) {
  return ProblemError({.status = kUnprocessable, .code = "idempotency_key_reused", .detail = reused.what()});
}

std::optional<Response> answered_before(db::Pool& pool, const KeyedPost& post) {
  const auto answer = pool.transact(
      [&](db::Transaction& transaction) { return db::find_answer(transaction, post.key); }, kReading);
  if (!answer) return std::nullopt;
  return Response::json(answer->body, answer->status);
}

}  // namespace

KeyedPost read_keyed_post(const Request& request, const Authenticate& authenticate,
                          const time::Clock& clock) {
  request.refuse_unknown_query({});
  model::Actor actor = authenticate(request);
  // Before anything of the request is looked at: who may only read learns nothing of what is right in it.
  model::require_role(actor,
                      {model::Role::kOperator, model::Role::kMaker, model::Role::kApprover,
                       model::Role::kAdministrator, model::Role::kService},
                      "change anything");
  const std::string* const text = request.headers.find("Idempotency-Key");
  if (text == nullptr) base::refuse("Idempotency-Key", "is missing");
  const auto key = model::IdempotencyKey::parse(*text);
  if (key.has_error()) throw base::Refused(key.error().within("Idempotency-Key"));
  json::Value body = json_body(request);
  const time::Instant now = clock.now();
  db::KeyedRequest keyed{actor.id.value(), key->value(),
                         db::request_hash(describe(request.method), request.path, json::to_canonical(body)),
                         now.ns()};
  return {std::move(actor), now, std::move(body), std::move(keyed)};
}

Response once(db::Pool& pool, const KeyedPost& post, const std::function<Response()>& act) {
  try {
    if (auto before = answered_before(pool, post)) return *std::move(before);
    try {
      return act();
    } catch (const db::AnsweredMeanwhile&) {
      if (auto twins = answered_before(pool, post)) return *std::move(twins);
      throw;
    }
  } catch (const db::KeyReused& reused) {
    throw key_reused(reused);
  }
}

Response once_in_transaction(db::Pool& pool, const KeyedPost& post,
                             const std::function<db::StoredAnswer(db::Transaction&)>& act) {
  try {
    const db::StoredAnswer answer = pool.transact([&](db::Transaction& transaction) {
      if (auto stored = db::find_or_claim(transaction, post.key)) return *std::move(stored);
      db::StoredAnswer made = act(transaction);
      db::store_answer(transaction, post.key, made);
      return made;
    });
    return Response::json(answer.body, answer.status);
  } catch (const db::KeyReused& reused) {
    throw key_reused(reused);
  }
}

}  // namespace navkeeper::http
