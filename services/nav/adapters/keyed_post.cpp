#include "services/nav/adapters/keyed_post.h"

#include "common/base/refuse.h"
#include "common/db/pool.h"
#include "common/http/problem.h"
#include "common/json/write.h"
#include "common/time/clock.h"
#include "services/nav/app/ports.h"
#include "services/nav/service.h"

namespace navkeeper::nav {

model::FundId fund_in(const http::Request& request) {
  auto fund = model::FundId::parse(request.parameter("fund"));
  if (fund.has_error()) throw base::Refused(fund.error().within("fund"));
  return *std::move(fund);
}

FundDefinition known_fund_of(Service& service, const http::Request& request) {
  const model::FundId fund = fund_in(request);
  auto stored = service.store().latest_definition(fund);
  if (!stored) throw http::ProblemError(http::not_found("fund " + fund.value() + " is not known"));
  return std::move(stored->definition);
}

time::Date date_in(const std::string& text, const std::string& where) {
  const auto date = time::Date::parse(text);
  if (!date) base::refuse(where, "is not a date YYYY-MM-DD that exists");
  return *date;
}

http::Response keyed_post(Service& service, const http::Request& request, const Authenticate& authenticate,
                          const std::function<http::Response(const KeyedPost&)>& act) {
  constexpr int kUnprocessable = 422;
  constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};
  request.refuse_unknown_query({});
  const model::Actor actor = authenticate(request);
  const time::Instant now = service.dependencies().clock->now();
  const FundDefinition fund = known_fund_of(service, request);
  const std::string* const text = request.headers.find("Idempotency-Key");
  if (text == nullptr) base::refuse("Idempotency-Key", "is missing");
  auto key = model::IdempotencyKey::parse(*text);
  if (key.has_error()) throw base::Refused(key.error().within("Idempotency-Key"));
  const json::Value body =
      base::value_or_refuse(json::parse(request.body.empty() ? std::string_view("{}") : request.body));
  const db::KeyedRequest keyed{
      actor.id.value(), key->value(),
      db::request_hash(http::describe(request.method), request.path, json::to_canonical(body)), now.ns()};
  try {
    const auto answer = service.dependencies().pool->transact(
        [&](db::Transaction& transaction) { return db::find_answer(transaction, keyed); }, kReading);
    if (answer) return http::Response::json(answer->body, answer->status);
    return act({fund, actor, now, body, keyed});
  } catch (const db::KeyReused& reused) {
    http::Problem problem;
    problem.status = kUnprocessable;
    problem.code = "idempotency_key_reused";
    problem.detail = reused.what();
    throw http::ProblemError(std::move(problem));
  }
}

}  // namespace navkeeper::nav
