#include "services/custody/adapters/account_routes.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/http/keyed_post.h"
#include "common/http/problem.h"
#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/reader.h"
#include "services/custody/adapters/account_view.h"
#include "services/custody/adapters/attest.h"
#include "services/custody/adapters/custody_store.h"
#include "services/custody/domain/bip322.h"

namespace navkeeper::custody {
namespace {

using http::Request;
using http::Response;

constexpr int kCreated = 201;

/// What a route reads from; as long as the router lives.
struct Reading {
  db::Pool& pool;
  const Settings& settings;
  PostgresCustodyStore store;
  StatementStore statements;
};

TransferPeriod period_in(const Request& request) {
  const auto required = [&](const char* name) {
    static_cast<void>(http::required_query(request, name));
    return *http::query_instant(request, name);
  };
  TransferPeriod period{required("from"), required("to"), http::query_instant_or_latest(request, "known_at")};
  if (period.from >= period.to) base::refuse("from", "must be before to");
  return period;
}

std::string text_in(const Request& request, const char* name) {
  const std::string* const text = request.query_value(name);
  return text == nullptr ? std::string() : *text;
}

Response accounts(Reading& reading, const Request& request) {
  request.refuse_unknown_query({"as_of", "known_at"});
  const model::FundId fund = http::path_fund(request);
  CustodyQuery query;
  query.as_of = http::query_instant_or_latest(request, "as_of");
  query.known_at = http::query_instant_or_latest(request, "known_at");
  const auto balances = reading.store.balances(fund, query);
  const auto attestations = reading.pool.transact(
      [&](db::Transaction& transaction) { return list_attestations(transaction, fund, ""); });
  return Response::json(
      accounts_json(fund, account_rows(balances, reading.settings.addresses, attestations, fund)));
}

/// Custodians and chains: no route of custody asks nav, which asks custody (calls between services form no
/// circle). The command has the books' side too.
Response transfers(Reading& reading, const Request& request) {
  request.refuse_unknown_query({"from", "to", "known_at"});
  const model::FundId fund = http::path_fund(request);
  const TransferPeriod period = period_in(request);
  const auto& addresses = reading.settings.addresses;
  return Response::json(
      transfers_json(fund, period, match_stored(reading.store, addresses, fund, period, {}), addresses));
}

Response rollforward(Reading& reading, const Request& request) {
  request.refuse_unknown_query({"from", "to", "known_at", "source"});
  const model::FundId fund = http::path_fund(request);
  const TransferPeriod period = period_in(request);
  return Response::json(
      rolls_json(fund, period, load_rolls(reading.store, fund, text_in(request, "source"), period)));
}

Response statements(Reading& reading, const Request& request) {
  request.refuse_unknown_query({"source", "account", "from", "to", "known_at", "all_versions"});
  const model::FundId fund = http::path_fund(request);
  StatementQuery query;
  query.source = text_in(request, "source");
  query.account = text_in(request, "account");
  query.from = http::query_date(request, "from");
  query.to = http::query_date(request, "to");
  query.known_at = http::query_instant_or_latest(request, "known_at");
  query.all_versions = http::query_boolean(request, "all_versions").value_or(false);
  return Response::json(statements_json(fund, reading.statements.list(fund, query)));
}

Response statement(Reading& reading, const Request& request) {
  request.refuse_unknown_query({});
  const auto bytes = base::from_hex(request.parameter("sha256"));
  crypto::Digest256 digest{};
  if (!bytes || bytes->size() != digest.size()) base::refuse("sha256", "must be 64 hexadecimal digits");
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  auto found = reading.statements.find(http::path_fund(request), digest);
  if (!found) throw http::ProblemError(http::not_found("no statement has that hash"));
  return Response::json(std::move(found->document));
}

Response attestations(Reading& reading, const Request& request) {
  request.refuse_unknown_query({"address"});
  const model::FundId fund = http::path_fund(request);
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).key("attestations").begin_array();
  const auto found = reading.pool.transact([&](db::Transaction& transaction) {
    return list_attestations(transaction, fund, text_in(request, "address"));
  });
  for (const StoredAttestation& one : found) write_attestation(writer, one);
  return Response::json(writer.end_array().end_object().take() + "\n");
}

/// {"method","address","message","signature","address_use"}
VerifyRequest attestation_in(const json::Value& document) {
  json::ObjectReader body(document);
  VerifyRequest asked;
  const auto method = signature_method(body.string("method"));
  if (!method) base::refuse("method", "must be bip322, signmessage, eip191 or adr36");
  asked.method = *method;
  asked.address = body.string("address");
  asked.message = body.string("message");
  if (asked.message.size() > kMessageBytesMax)
    base::refuse("message", "is longer than " + std::to_string(kMessageBytesMax) + " bytes");
  asked.signature = body.string("signature");
  if (const auto use = body.optional_string("address_use")) {
    const auto known = address_use(*use);
    if (!known || *known == AddressUse::kNotStated)
      base::refuse("address_use", "must be segregated or omnibus");
    asked.use = *known;
  }
  body.finish();
  return asked;
}

}  // namespace

void register_account_routes(http::Router& router, const Dependencies& dependencies,
                             const Authenticate& authenticate) {
  const auto reading = std::make_shared<Reading>(Reading{*dependencies.pool, *dependencies.settings,
                                                         PostgresCustodyStore(*dependencies.pool),
                                                         StatementStore(*dependencies.pool)});
  const auto get = [&](const char* pattern, Response (*answer)(Reading&, const Request&)) {
    router.get(pattern, [reading, answer](const Request& request) { return answer(*reading, request); });
  };
  get("/v1/custody/funds/{fund}/accounts", accounts);
  get("/v1/custody/funds/{fund}/transfers", transfers);
  get("/v1/custody/funds/{fund}/rollforward", rollforward);
  get("/v1/custody/funds/{fund}/statements", statements);
  get("/v1/custody/funds/{fund}/statements/{sha256}", statement);
  get("/v1/custody/funds/{fund}/attestations", attestations);
  const time::Clock* const clock = dependencies.clock;
  router.post("/v1/custody/funds/{fund}/attestations",
              [reading, authenticate, clock](const Request& request) {
                const http::KeyedPost post = http::read_keyed_post(request, authenticate, *clock);
                model::require_role(post.actor, model::Role::kOperator, "attest an address");
                const model::FundId fund = http::path_fund(request);
                const StoredAttestation checked =
                    checked_attestation(attestation_in(post.body), post.now, post.actor.id.value());
                return http::once_in_transaction(reading->pool, post, [&](db::Transaction& transaction) {
                  return db::StoredAnswer{
                      kCreated, attestation_json(keep_attestation(transaction, fund, checked)) + "\n"};
                });
              });
}

}  // namespace navkeeper::custody
