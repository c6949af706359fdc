#pragma once
// What the routes of cash_routes.cpp and indicative_routes.cpp read from a request, and the POST that takes
// effect once: its key is stored in the transaction of the effect.
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/refuse.h"
#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "common/http/problem.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/time/clock.h"
#include "services/nav/adapters/cash_store.h"
#include "services/nav/service.h"

namespace navkeeper::nav {

using Authenticate = std::function<model::Actor(const http::Request&)>;

inline constexpr db::TransactionOptions kReadingRequest{db::Isolation::kRepeatableRead, true, {}, {}, {}};

inline model::FundId fund_of(const http::Request& request) {
  auto fund = model::FundId::parse(request.parameter("fund"));
  if (fund.has_error()) throw base::Refused(fund.error().within("fund"));
  return *std::move(fund);
}

inline std::optional<time::Date> date_in(const http::Request& request, const char* name) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return std::nullopt;
  const auto date = time::Date::parse(*text);
  if (!date) base::refuse(name, "is not a date YYYY-MM-DD that exists");
  return date;
}

inline std::optional<time::Instant> instant_in(const http::Request& request, const char* name) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return std::nullopt;
  const auto instant = time::parse_rfc3339(*text);
  if (!instant) base::refuse(name, "is not a time as RFC 3339 writes it");
  return instant;
}

/// A whole number from 1 to `most`.
inline int count_in(const http::Request& request, const char* name, int otherwise, int most) {
  const std::string* const text = request.query_value(name);
  if (text == nullptr) return otherwise;
  const bool is_number =
      !text->empty() && text->size() <= 9 && text->find_first_not_of("0123456789") == std::string::npos;
  const int count = is_number ? std::stoi(*text) : 0;
  if (count < 1 || count > most)
    base::refuse(name, "must be a whole number from 1 to " + std::to_string(most));
  return count;
}

inline db::Pool& pool_of(Service& service) { return *service.dependencies().pool; }

/// The stored answer of this key where there is one; else `act(transaction, fund, body, who)` runs in the
/// transaction that keeps the key, and gives the answer's body.
template <class Act>
http::Response answer_once(Service& service, const http::Request& request, const Authenticate& authenticate,
                           Act&& act) {
  constexpr int kCreated = 201;
  constexpr int kUnprocessable = 422;
  request.refuse_unknown_query({});
  const model::FundId fund = fund_of(request);
  const CashActor who{authenticate(request), service.dependencies().clock->now()};
  const std::string* const text = request.headers.find("Idempotency-Key");
  if (text == nullptr) base::refuse("Idempotency-Key", "is missing");
  auto key = model::IdempotencyKey::parse(*text);
  if (key.has_error()) throw base::Refused(key.error().within("Idempotency-Key"));
  const json::Value body =
      base::value_or_refuse(json::parse(request.body.empty() ? std::string_view("{}") : request.body));
  const db::KeyedRequest keyed{
      who.actor.id.value(), key->value(),
      db::request_hash(http::describe(request.method), request.path, json::to_canonical(body)), who.now.ns()};
  try {
    const db::StoredAnswer answer = pool_of(service).transact([&](db::Transaction& transaction) {
      if (auto stored = db::find_or_claim(transaction, keyed)) return *stored;
      db::StoredAnswer made{kCreated, act(transaction, fund, body, who)};
      db::store_answer(transaction, keyed, made);
      return made;
    });
    return http::Response::json(answer.body, answer.status);
  } catch (const db::KeyReused& reused) {
    http::Problem problem;
    problem.status = kUnprocessable;
    problem.code = "idempotency_key_reused";
    problem.detail = reused.what();
    throw http::ProblemError(std::move(problem));
  }
}

}  // namespace navkeeper::nav
