#include "services/staking/adapters/measure_routes.h"

#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/time/clock.h"
#include "services/staking/adapters/measure_json.h"
#include "services/staking/adapters/measure_store.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {

using http::Request;
using http::Response;

void register_measure_routes(http::Router& router, const Dependencies& dependencies) {
  router.get("/v1/staking/funds/{fund}/measures", [dependencies](const Request& request) {
    request.refuse_unknown_query({"as_of", "known_at"});
    const model::FundId fund = http::path_fund(request);
    const time::Instant as_of = http::query_instant_or_latest(request, "as_of");
    const time::Instant known_at = http::query_instant_or_latest(request, "known_at");
    PostgresMeasureStore store(*dependencies.pool);
    PostgresStakingStore facts(*dependencies.pool);
    return Response::json(
        measures_json({store.measures(fund, as_of, known_at), performance_of(facts, fund, as_of, known_at),
                       token_rates_of(facts, fund, as_of, known_at)}));
  });
  router.get("/v1/staking/funds/{fund}/queues", [dependencies](const Request& request) {
    request.refuse_unknown_query({"as_of", "known_at"});
    const model::FundId fund = http::path_fund(request);
    StakingQuery query;
    query.as_of = http::query_instant_or_latest(request, "as_of");
    query.known_at = http::query_instant_or_latest(request, "known_at");
    const time::Instant now = http::query_instant(request, "as_of").value_or(dependencies.clock->now());
    PostgresStakingStore store(*dependencies.pool);
    return Response::json(
        queues_json(queues_of_fund(store, fund, terms_of(dependencies.settings->funds, fund), query, now)));
  });
}

}  // namespace navkeeper::staking
