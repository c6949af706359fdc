#pragma once
// What every POST on a fund does before its own work: who asks, which fund, the Idempotency-Key, the body.
// The same request is answered alike ever after; the key with another request is 422.
#include <functional>

#include "common/db/idempotency.h"
#include "common/http/router.h"
#include "common/json/value.h"
#include "common/model/actor.h"
#include "services/nav/domain/fund.h"

namespace navkeeper::nav {

class Service;
using Authenticate = std::function<model::Actor(const http::Request&)>;

struct KeyedPost {
  const FundDefinition& fund;  ///< the latest definition
  const model::Actor& actor;
  time::Instant now;
  const json::Value& body;  ///< {} where there was none
  const db::KeyedRequest& keyed;
};

/// The stored answer where there is one, else what `act` answers; `act` stores it with its effect.
http::Response keyed_post(Service& service, const http::Request& request, const Authenticate& authenticate,
                          const std::function<http::Response(const KeyedPost&)>& act);

/// The fund of the path; refused when it is no name of one.
model::FundId fund_in(const http::Request& request);
/// Its latest definition; 404 when there is no such fund.
FundDefinition known_fund_of(Service& service, const http::Request& request);
/// "date" of the path or a query.
time::Date date_in(const std::string& text, const std::string& where);

}  // namespace navkeeper::nav
