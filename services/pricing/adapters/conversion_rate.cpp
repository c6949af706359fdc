#include "services/pricing/adapters/conversion_rate.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/client.h"
#include "common/json/reader.h"
#include "common/json/write.h"

namespace navkeeper::pricing {
namespace {

constexpr std::chrono::milliseconds kTotalTimeout{5'000};
constexpr std::size_t kAnswerBytesMax = 64 << 10;
constexpr int kRateDecimalsMax = 18;
constexpr int kOk = 200;

/// "0" and 0: the documents have a text, the exchange sends a number.
std::string code_of(const json::Value& code) {
  if (code.kind() == json::Kind::kNumber) return code.as_number();
  return code.kind() == json::Kind::kString ? code.as_string() : "";
}

money::Decimal read(std::string_view answer, const model::AssetId& token) {
  const json::Value value = base::value_or_refuse(json::parse(answer));
  json::ObjectReader reader(value);
  const std::string code = code_of(reader.value("code").value);
  if (code != "0") {
    const auto message = reader.optional_string("message");
    base::refuse("code", code + (message ? " " + *message : "") + " is an error of the issuer's");
  }
  json::ObjectReader result = reader.object("result");
  if (result.string("instrument_name") != token.value())
    base::refuse("result.instrument_name", "is not " + token.value());
  const money::Decimal rate = result.decimal("conversion_rate");
  if (!rate.is_positive()) base::refuse("result.conversion_rate", "is not positive");
  if (rate.scale() > kRateDecimalsMax) base::refuse("result.conversion_rate", "has more than 18 decimals");
  return rate;
}

}  // namespace

std::string conversion_rate_request(const model::AssetId& token) {
  json::Writer writer;
  writer.begin_object().member("id", 1).member("method", "public/staking/get-conversion-rate");
  writer.key("params").begin_object().member("instrument_name", std::string_view(token.value())).end_object();
  return writer.end_object().take();
}

base::Checked<money::Decimal> read_conversion_rate(std::string_view answer, const model::AssetId& token) {
  return base::checked([&] { return read(answer, token); });
}

std::string ask_conversion_rate(const std::string& url, const model::AssetId& token) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == std::string::npos ? std::string::npos : url.find('/', scheme + 3);
  if (path == std::string::npos) throw base::Unavailable(url + " is no address of an exchange rate");
  http::ClientOptions options;
  options.base_url = url.substr(0, path);
  options.total_timeout = kTotalTimeout;
  options.response_bytes_max = kAnswerBytesMax;
  http::ClientRequest request;
  request.method = http::Method::kPost;
  request.path = url.substr(path);
  request.body = conversion_rate_request(token);
  try {
    const http::Response response = http::Client(options).send(request);
    if (response.status != kOk)
      throw base::Unavailable(url + " answered with status " + std::to_string(response.status));
    return response.body;
  } catch (const base::InDoubt& in_doubt) {
    throw base::Unavailable(in_doubt.what());  // asking changes nothing
  }
}

}  // namespace navkeeper::pricing
