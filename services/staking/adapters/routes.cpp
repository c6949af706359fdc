// GET /v1/staking/funds/{fund}/positions     the newest final reading of each source, as of and as known at
// GET /v1/staking/funds/{fund}/rewards       rewards and losses after `from` up to `as_of`, and their sums
// GET /v1/staking/funds/{fund}/events        everything that changed a position, likewise
//                                            (with limit: pages in the order in which they became known)
// GET /v1/staking/funds/{fund}/rollforward   opening, lines, closing and difference of each account
// GET /v1/staking/funds/{fund}/rollforward/totals   the same over all places, chained from state to state
// GET /v1/staking/funds/{fund}/totals        where all coins are, against books and custody (totals_view.h)
// GET /v1/staking/funds/{fund}/parameters    the chains' parameters with the heights at which they were read
// GET /v1/staking/funds/{fund}/validators    the chain's validators as each source last read them
// GET /v1/staking/funds/{fund}/alerts        what a person should look at
// GET /v1/staking/funds/{fund}/syncs         when each source was asked and what came of it
#include <memory>

#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "services/staking/adapters/liquidity_routes.h"
#include "services/staking/adapters/measure_routes.h"
#include "services/staking/adapters/peer_slots.h"
#include "services/staking/adapters/plan_routes.h"
#include "services/staking/adapters/staking_json.h"
#include "services/staking/adapters/staking_store.h"
#include "services/staking/adapters/totals_view.h"
#include "services/staking/adapters/validator_set_json.h"
#include "services/staking/service.h"

namespace navkeeper::staking {
namespace {

using http::Request;
using http::Response;

constexpr int kRowsMax = 1'000;
constexpr std::int64_t kSkipMax = 1'000'000'000;

StakingQuery query_in(const Request& request) {
  StakingQuery query;
  if (const auto* const source = request.query_value("source")) query.source = *source;
  if (const auto* const place = request.query_value("place")) query.place = *place;
  query.from = http::query_instant(request, "from").value_or(query.from);
  query.as_of = http::query_instant_or_latest(request, "as_of");
  query.known_at = http::query_instant_or_latest(request, "known_at");
  return query;
}

template <class Row>
Response listed(std::string_view key, const std::vector<Row>& rows,
                void (*write)(json::Writer&, const Row&)) {
  json::Writer writer;
  writer.begin_object().key(key).begin_array();
  for (const Row& row : rows) write(writer, row);
  return Response::json(writer.end_array().end_object().take());
}

Response positions(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "place", "as_of", "known_at"});
  return listed("readings", store.readings(http::path_fund(request), query_in(request)), write_reading);
}

Response rewards(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "place", "from", "as_of", "known_at"});
  auto events = store.events(http::path_fund(request), query_in(request));
  std::erase_if(events, [](const StoredEvent& stored) {
    return !is_reward(stored.event.kind) && !is_loss(stored.event.kind);
  });
  json::Writer writer;
  writer.begin_object().key("totals");
  write_totals(writer, events);
  writer.key("events").begin_array();
  for (const StoredEvent& stored : events) write_event(writer, stored);
  return Response::json(writer.end_array().end_object().take());
}

/// What became known after known_after and after_id, page by page: whoever posts events remembers the last.
Response events_learned(PostgresStakingStore& store, const Request& request) {
  LearnedPage page;
  page.known_after = http::query_instant(request, "known_after").value_or(page.known_after);
  if (const auto* const id = request.query_value("after_id")) page.after_id = *id;
  const auto limit = static_cast<std::size_t>(http::query_page_limit(request));
  page.limit = static_cast<int>(limit) + 1;
  auto found = store.events_learned(http::path_fund(request), query_in(request), page);
  const bool has_more = found.size() > limit;
  if (has_more) found.resize(limit);
  json::Writer writer;
  writer.begin_object().key("events").begin_array();
  for (const StoredEvent& stored : found) write_event(writer, stored);
  return Response::json(writer.end_array().member("more", has_more).end_object().take());
}

Response events(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query(
      {"source", "place", "from", "as_of", "known_at", "limit", "known_after", "after_id"});
  if (request.query_value("limit") != nullptr) return events_learned(store, request);
  for (const char* const paged : {"known_after", "after_id"}) {
    if (request.query_value(paged) != nullptr) base::refuse(paged, "is for pages: give limit too");
  }
  return listed("events", store.events(http::path_fund(request), query_in(request)), write_event);
}

Response roll_forwards(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "place", "from", "as_of", "known_at"});
  return listed("roll_forwards", store.roll_forwards(http::path_fund(request), query_in(request)),
                write_roll_forward);
}

Response roll_forward_totals(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "place", "from", "as_of", "known_at"});
  return listed("totals", store.roll_forward_totals(http::path_fund(request), query_in(request)),
                write_roll_forward_total);
}

Response parameters(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "as_of", "known_at"});
  return listed("parameters", store.parameters(http::path_fund(request), query_in(request)), write_parameter);
}

Response validators(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "as_of", "known_at"});
  return Response::json(
      validator_sets_json(store.validator_sets(http::path_fund(request), query_in(request))));
}

/// At most kRowsMax of `rows`, which may be one more, and whether there are more.
template <class Row>
Response page_of(std::string_view key, std::vector<Row> rows, void (*write)(json::Writer&, const Row&)) {
  const bool has_more = rows.size() > static_cast<std::size_t>(kRowsMax);
  if (has_more) rows.resize(static_cast<std::size_t>(kRowsMax));
  json::Writer writer;
  writer.begin_object().key(key).begin_array();
  for (const Row& row : rows) write(writer, row);
  return Response::json(writer.end_array().member("more", has_more).end_object().take());
}

int skip_in(const Request& request) {
  return static_cast<int>(http::query_integer(request, "skip", 0, kSkipMax).value_or(0));
}

Response alerts(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "kind", "known_after", "known_at", "skip"});
  StakingQuery query = query_in(request);
  if (const auto* const kind = request.query_value("kind")) query.kind = *kind;
  query.from = http::query_instant(request, "known_after").value_or(query.from);
  query.skip = skip_in(request);
  return page_of("alerts", store.alerts(http::path_fund(request), query, kRowsMax + 1), write_alert);
}

Response syncs(PostgresStakingStore& store, const Request& request) {
  request.refuse_unknown_query({"source", "as_of", "known_at", "skip"});
  StakingQuery query = query_in(request);
  query.skip = skip_in(request);
  return page_of("syncs", store.runs(http::path_fund(request), query, kRowsMax + 1), write_run);
}

}  // namespace

void register_routes(http::Router& router, const Dependencies& dependencies, Authenticate authenticate) {
  const auto store = std::make_shared<PostgresStakingStore>(*dependencies.pool);
  const auto add = [&](const char* pattern, Response (*answer)(PostgresStakingStore&, const Request&)) {
    router.get(pattern, [store, answer](const Request& request) { return answer(*store, request); });
  };
  add("/v1/staking/funds/{fund}/positions", positions);
  add("/v1/staking/funds/{fund}/rewards", rewards);
  add("/v1/staking/funds/{fund}/events", events);
  add("/v1/staking/funds/{fund}/rollforward", roll_forwards);
  add("/v1/staking/funds/{fund}/rollforward/totals", roll_forward_totals);
  add("/v1/staking/funds/{fund}/parameters", parameters);
  add("/v1/staking/funds/{fund}/validators", validators);
  add("/v1/staking/funds/{fund}/alerts", alerts);
  add("/v1/staking/funds/{fund}/syncs", syncs);
  register_measure_routes(router, dependencies);
  const auto slots = std::make_shared<PeerSlots>(kPeerSlots);
  register_liquidity_routes(router, dependencies, authenticate, slots);
  register_totals_route(router, dependencies, slots);
  register_plan_routes(router, dependencies, authenticate, slots);
}

}  // namespace navkeeper::staking
