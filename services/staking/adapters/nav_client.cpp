#include "services/staking/adapters/nav_client.h"

#include <set>
#include <stdexcept>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/peer_answer.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "services/staking/adapters/fund_facts_json.h"

namespace navkeeper::staking {
namespace {

constexpr const char* kPeer = "nav";
constexpr int kVersionMax = 1'000'000;

json::Value get(http::Client& client, const base::Secret& token, std::string path, http::Parameters query) {
  http::ClientRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  http::set_bearer(request, token);
  const http::Response response = client.send(request);
  http::throw_if_problem(response, request.method, kPeer);
  auto answer = json::parse(response.body);
  if (answer.has_error()) throw base::Unavailable(std::string(kPeer) + " answered what is no JSON");
  return *std::move(answer);
}

}  // namespace

FundFacts facts_of_nav(const json::Value& nav) {
  json::ObjectReader outer(nav);
  FundFacts facts;
  facts.date = outer.date("date");
  facts.version = static_cast<int>(outer.integer("version", 1, kVersionMax));
  facts.state = outer.string("state");
  facts.inputs_hash = outer.string("inputs_hash");
  json::ObjectReader document = outer.object("document");
  facts.act = document.string("act");
  facts.valued_at = document.instant("valued_at");
  facts.net_assets = document.decimal("net_assets");
  for (const json::Place& place : document.array("other_assets")) {
    json::ObjectReader row(place);
    (row.string("name") == "Cash" ? facts.cash : facts.other_assets) += row.decimal("value");
  }
  for (const json::Place& place : document.array("positions")) {
    json::ObjectReader row(place);
    FundHolding held;
    held.asset = read_name<model::AssetId>(row, "asset");
    held.quantity = read_amount(row, "quantity");
    held.price = read_amount(row, "price");
    held.value = read_amount(row, "value");
    facts.holdings.push_back(std::move(held));
  }
  return facts;
}

AskedFacts asked_facts(NavClient& nav, const model::FundId& fund, json::ObjectReader& body,
                       time::Instant now) {
  std::optional<FundFacts> told;
  if (auto facts = body.optional_object("facts")) told = read_facts(*std::move(facts));
  if (nav.is_there()) {
    AskedFacts asked{nav.at(fund, now), true};
    if (told) require_same(*told, asked.facts);
    return asked;
  }
  if (!told) base::refuse("facts", "must be told: no nav service is configured, which knows the NAV");
  require_consistent(*told, now);
  return {*std::move(told), false};
}

bool NavClient::is_there() {
  try {
    return peer_.client() != nullptr;
  } catch (const base::Refused& refused) {  // no token by which nav would know us
    throw base::Unavailable(std::string(kPeer) + " cannot be asked: " + refused.what());
  }
}

FundFacts NavClient::at(const model::FundId& fund, time::Instant as_of) {
  http::Client* const client = peer_.client();
  if (client == nullptr) throw base::Unavailable("no nav service is configured, which knows the NAV");
  const base::Secret& token = peer_.token();
  const std::string path = "/v1/funds/" + http::percent_encode(fund.value()) + "/navs";
  const auto began = std::chrono::steady_clock::now();
  const time::Date day = time::utc_date(as_of);
  const json::Value list = get(*client, token, path, {{"to", day.to_string()}});
  std::set<time::Date, std::greater<>> days;
  http::understood(kPeer, "what it should not", [&] {
    json::ObjectReader reader(list);
    for (const json::Place& place : reader.array("navs")) days.insert(json::ObjectReader(place).date("date"));
    return 0;
  });
  // Of the day itself the NAV may be valued after `as_of`: then the one before it counts.
  for (const time::Date date : days) {
    if (std::chrono::steady_clock::now() - began > kAllMax)
      throw base::Unavailable(std::string(kPeer) + " did not tell the NAV within " +
                              std::to_string(kAllMax.count() / 1'000) +
                              " seconds: nothing was done, ask again");
    const json::Value nav = get(*client, token, path + "/" + date.to_string(), {});
    FundFacts facts = http::understood(kPeer, "what it should not", [&] { return facts_of_nav(nav); });
    if (facts.valued_at <= as_of) return facts;
  }
  base::refuse("fund " + fund.value(), "has no NAV that was valued by " + as_of.to_string());
}

}  // namespace navkeeper::staking
