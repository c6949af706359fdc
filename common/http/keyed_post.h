#pragma once
// A POST that moves or decides something: it needs an Idempotency-Key, takes effect once, and is answered
// alike ever after. The key is bound to who asks, to the path and to the canonical body.
//
//   const http::KeyedPost post = http::read_keyed_post(request, authenticate, clock);
//   model::require_role(post.actor, model::Role::kMaker, "close the books");
//   json::ObjectReader body(post.body); ... body.finish();
//   return http::once_in_transaction(pool, post, [&](db::Transaction& transaction) {
//     ... the effect ...
//     return db::StoredAnswer{201, answer};
//   });
//
// Where a use case saves through a store of its own, the store gets the key (`store.keyed(post.key)`, which
// writes by db::write_once) and the route is answered by `once`.
#include <functional>

#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "common/http/message.h"
#include "common/json/value.h"
#include "common/model/actor.h"
#include "common/time/clock.h"

namespace navkeeper::http {

/// Who sent a request, or a ProblemError.
using Authenticate = std::function<model::Actor(const Request&)>;

struct KeyedPost {
  model::Actor actor;
  time::Instant now;
  json::Value body;  ///< {} where there was none
  db::KeyedRequest key;
};

/// Throws ProblemError of `authenticate`; base::NotPermitted for an actor who may only read (viewer,
/// auditor), whatever the request says; base::Refused for a query parameter, a missing or malformed key, a
/// body that is no JSON.
KeyedPost read_keyed_post(const Request& request, const Authenticate& authenticate, const time::Clock& clock);

/// The stored answer where the key took effect before; else what `act` answers. When a twin of the request
/// took effect while `act` ran (db::AnsweredMeanwhile), the twin's answer. A key of another request is a
/// ProblemError 422 `idempotency_key_reused`.
Response once(db::Pool& pool, const KeyedPost& post, const std::function<Response()>& act);

/// The same where the effect and its answer are made in the one transaction that claims the key.
Response once_in_transaction(db::Pool& pool, const KeyedPost& post,
                             const std::function<db::StoredAnswer(db::Transaction&)>& act);

}  // namespace navkeeper::http
