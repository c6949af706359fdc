#include "services/nav/adapters/pricing_client.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "common/json/reader.h"

namespace navkeeper::nav {
namespace {

constexpr const char* kPeer = "pricing";
constexpr int kNotFound = 404;
constexpr std::chrono::milliseconds kTotalTimeout{10'000};

http::ClientOptions options_of(const std::string& base_url) {
  http::ClientOptions options;
  options.base_url = base_url;
  options.total_timeout = kTotalTimeout;
  return options;
}

}  // namespace

PricingClient::PricingClient(const std::string& base_url, base::Secret token)
    : client_(options_of(base_url)), token_(std::move(token)) {}

std::optional<AssetPrice> PricingClient::price(const FundDefinition& fund, const FundAsset& asset,
                                               time::Date date) {
  http::ClientRequest request;
  request.path = "/v1/prices/" + http::percent_encode(asset.asset.value()) + "/" + date.to_string();
  request.query = {{"act", std::string(describe(fund.act))},
                   {"basis", std::string(describe(fund.official_basis))}};
  http::set_bearer(request, token_);
  const http::Response response = client_.send(request);
  if (response.status == kNotFound) return std::nullopt;
  http::throw_if_problem(response, request.method, kPeer);
  try {
    return read_price_answer(response.body, fund, asset, date);
  } catch (const base::Refused& refused) {
    throw base::Unavailable(std::string(kPeer) + " answered what is no price: " + refused.what());
  }
}

namespace {

money::Decimal positive(json::ObjectReader& reader, const char* key) {
  const money::Decimal value = reader.decimal(key);
  if (!value.is_positive()) base::refuse(reader.path_of(key), "is not positive");
  return value;
}

std::vector<ResolvedPrice> read_bases(json::ObjectReader bases, const FundAsset& asset,
                                      const std::string& input_hash) {
  std::vector<ResolvedPrice> found;
  json::ObjectReader index = bases.object("index");
  if (index.has("value")) {
    if (index.string("index") != asset.official_index.value())
      base::refuse("index", "is not " + asset.official_index.value() + ", which the fund's definition names");
    found.push_back({asset.official_index, positive(index, "value"), index.string("input_hash"), "index",
                     "rate " + asset.official_index.value()});
  }
  json::ObjectReader market = bases.object("principal_market");
  if (market.has("value")) {
    found.push_back({asset.official_index, positive(market, "value"), input_hash, "principal_market",
                     market.string("venue") + " " + market.string("pair") + ", last trade at " +
                         market.string("traded_at")});
  }
  return found;
}

std::vector<PriceCheck> read_checks(json::ObjectReader& document) {
  std::vector<PriceCheck> checks;
  for (const json::Place& place : document.array("checks")) {
    json::ObjectReader check(place);
    const std::string measured = check.string("measured");
    checks.push_back({check.string("check"), check.string("result"),
                      (measured.empty() ? "" : measured + ", ") + check.string("threshold") + ": " +
                          check.string("evidence")});
  }
  return checks;
}

/// What a person decides about a price, as checks of the NAV: a determined price answers all that the
/// ladder's own price was asked.
void add_decision_checks(AssetPrice& price, const std::string& state, bool flagged,
                         std::optional<json::ObjectReader> determination) {
  if (state == "determined") {
    price.checks = {{"fair_value", "passed",
                     "determined at " + determination->decimal("price").to_string() + " by " +
                         determination->string("method") + " and approved by a second person"}};
    return;
  }
  if (flagged) price.checks.push_back({"price_of_the_day", "failed", "the value of an earlier day"});
  if (determination)
    price.checks.push_back(
        {"fair_value", "failed",
         "a determination is " + determination->string("state") + ": " + determination->string("reason")});
}

}  // namespace

AssetPrice read_price_answer(std::string_view body, const FundDefinition& fund, const FundAsset& asset,
                             time::Date date) {
  const json::Value answer = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(answer);
  if (reader.string("asset") != asset.asset.value()) base::refuse("asset", "is another one");
  if (reader.date("date") != date) base::refuse("date", "is another one");
  if (reader.string("act") != describe(fund.act)) base::refuse("act", "is another one");
  if (reader.string("basis") != describe(fund.official_basis)) base::refuse("basis", "is another one");
  const std::string input_hash = reader.string("input_hash");
  const std::string state = reader.string("state");
  json::ObjectReader document = reader.object("document");
  AssetPrice price;
  price.valuation = reader.instant("valuation");
  price.bases = read_bases(document.object("bases"), asset, input_hash);
  price.checks = read_checks(document);
  std::optional<json::ObjectReader> determination;
  if (!reader.is_null("determination")) determination = reader.object("determination");
  if (!reader.is_null("official")) {
    const std::string basis = state == "determined" ? "determination" : reader.string("rung");
    price.official = ResolvedPrice{asset.official_index, positive(reader, "official"),
                                   reader.string("official_hash"), basis, reader.string("official_source")};
    add_decision_checks(price, state, document.boolean("flagged"), std::move(determination));
  } else if (determination) {
    price.waits_for = "a fair-value determination is " + determination->string("state") + ": " +
                      determination->string("reason") + " (navkeeper prices determine " +
                      asset.asset.value() + " " + date.to_string() +
                      " --as MAKER; a second person approves it)";
  } else {
    price.waits_for = "there is no price: no rung of the ladder has one (navkeeper prices propose " +
                      asset.asset.value() + " " + date.to_string() + " --as MAKER)";
  }
  return price;
}

}  // namespace navkeeper::nav
