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

std::optional<ResolvedPrice> PricingClient::rate(const model::IndexId& index, time::Date date) {
  http::ClientRequest request;
  request.path = "/v1/rates/" + http::percent_encode(index.value()) + "/" + date.to_string();
  if (!token_.empty()) request.headers.set("authorization", "Bearer " + token_.reveal());
  const http::Response response = client_.send(request);
  if (response.status == kNotFound) return std::nullopt;
  http::throw_if_problem(response, request.method, kPeer);
  try {
    return read_rate(response.body, index, date);
  } catch (const base::Refused& refused) {
    throw base::Unavailable(std::string(kPeer) + " answered what is not a rate: " + refused.what());
  }
}

std::optional<ResolvedPrice> read_rate(std::string_view body, const model::IndexId& index, time::Date date) {
  const json::Value answer = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(answer);
  if (reader.string("index") != index.value()) base::refuse("index", "is another one");
  if (reader.date("date") != date) base::refuse("date", "is another one");
  if (reader.string("status") != "ok") return std::nullopt;
  const money::Decimal value = reader.decimal("value");
  if (!value.is_positive()) base::refuse("value", "is not positive");
  return ResolvedPrice{index, value, reader.string("input_hash")};
}

}  // namespace navkeeper::nav
