#include "services/staking/adapters/pricing_client.h"

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/peer_answer.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "common/json/reader.h"

namespace navkeeper::staking {
namespace {

constexpr const char* kPeer = "pricing";
constexpr int kNotFound = 404;

}  // namespace

std::vector<DayPrice> read_day_prices(std::string_view body, const model::AssetId& asset,
                                      const DollarTerms& terms) {
  const json::Value answer = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(answer);
  std::vector<DayPrice> days;
  for (const json::Place& place : reader.array("prices")) {
    json::ObjectReader row(place);
    if (row.string("asset") != asset.value()) base::refuse(row.path_of("asset"), "is another one");
    if (row.string("act") != terms.act || row.string("basis") != terms.basis) continue;
    DayPrice day;
    day.date = row.date("date");
    day.valuation = row.instant("valuation");
    day.state = row.string("state");
    if (!row.is_null("official")) {
      day.official = row.decimal("official");
      if (!day.official->is_positive()) base::refuse(row.path_of("official"), "is not positive");
      day.hash = row.string("official_hash");
      day.source = row.string("official_source");
    }
    days.push_back(std::move(day));
  }
  std::sort(days.begin(), days.end(), [](const DayPrice& a, const DayPrice& b) { return a.date < b.date; });
  const auto twice = std::adjacent_find(days.begin(), days.end(), [](const DayPrice& a, const DayPrice& b) {
    return a.date == b.date || a.valuation >= b.valuation;
  });
  if (twice != days.end())
    base::refuse("prices", twice->date.to_string() + " comes twice, or is valued after the next day");
  return days;
}

std::vector<DayPrice> PricingClient::days(const model::AssetId& asset, const DollarTerms& terms,
                                          time::Date from, time::Date to) {
  http::Client* const pricing = peer_.client();
  if (pricing == nullptr) throw base::Unavailable("no pricing service is configured, which knows prices");
  http::ClientRequest request;
  request.path = "/v1/prices/" + http::percent_encode(asset.value());
  request.query = {{"from", from.to_string()}, {"to", to.to_string()}};
  http::set_bearer(request, peer_.token());
  const http::Response response = pricing->send(request);
  if (response.status == kNotFound) return {};
  http::throw_if_problem(response, request.method, kPeer);
  return http::understood(kPeer, "what is no price",
                          [&] { return read_day_prices(response.body, asset, terms); });
}

}  // namespace navkeeper::staking
