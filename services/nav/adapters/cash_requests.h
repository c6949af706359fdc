#pragma once
// The POST of cash_routes.cpp and indicative_routes.cpp, with what its use cases call who acts and when.
#include "common/db/pool.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/time/clock.h"
#include "services/nav/adapters/cash_store.h"
#include "services/nav/service.h"

namespace navkeeper::nav {

using http::Authenticate;

inline constexpr db::TransactionOptions kReadingRequest{db::Isolation::kRepeatableRead, true, {}, {}, {}};

inline db::Pool& pool_of(Service& service) { return *service.dependencies().pool; }

/// `act(transaction, fund, body, who)` runs in the transaction that keeps the key and gives the answer's
/// body.
template <class Act>
http::Response answer_once(Service& service, const http::Request& request, const Authenticate& authenticate,
                           Act&& act) {
  constexpr int kCreated = 201;
  const http::KeyedPost post = http::read_keyed_post(request, authenticate, *service.dependencies().clock);
  const model::FundId fund = http::path_fund(request);
  const CashActor who{post.actor, post.now};
  return http::once_in_transaction(pool_of(service), post, [&](db::Transaction& transaction) {
    return db::StoredAnswer{kCreated, act(transaction, fund, post.body, who)};
  });
}

}  // namespace navkeeper::nav
