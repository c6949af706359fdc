// Requests to custodians are signed as their own clients sign them.
#include <gtest/gtest.h>

#include "services/custody/domain/request_signature.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

using tests::member;
using tests::shared_vectors;
using tests::text;

TEST(CryptoComSignature, OfTheDocumentsRequest) {
  // Crypto.com Exchange API v1, the example request of "Digital Signature"; the documents' sample code signs
  // it so.
  const CryptoComRequest request{
      .method = "private/get-order-detail",
      .id = "11",
      .nonce = "1587846358253",
      .parameters = RequestParameter::object({{"order_id", RequestParameter::of_text("53287421324")}})};
  EXPECT_EQ(sign_crypto_com(request, "token", base::Secret("secretKey")),
            "02ef0a52c9428e5d3dcc5dd24d534ca39ef73f35acd3f6945f139a2364ef67a9");
}

RequestParameter parameter_of(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::kNull:
      return RequestParameter::of_text("null");
    case json::Kind::kBoolean:
      return RequestParameter::of_text(value.as_boolean() ? "true" : "false");
    case json::Kind::kNumber:
      return RequestParameter::of_text(value.as_number());
    case json::Kind::kString:
      return RequestParameter::of_text(value.as_string());
    case json::Kind::kArray: {
      std::vector<RequestParameter> items;
      for (const auto& item : value.as_array()) items.push_back(parameter_of(item));
      return RequestParameter::list(std::move(items));
    }
    case json::Kind::kObject: {
      std::vector<std::pair<std::string, RequestParameter>> members;
      for (const auto& [name, one] : value.as_object()) members.emplace_back(name, parameter_of(one));
      return RequestParameter::object(std::move(members));
    }
  }
  throw std::runtime_error("no such kind");
}

TEST(Vectors, CryptoComSignatures) {
  const auto file = shared_vectors("generated/cryptocom_signing_vectors.json");
  SKIP_WITHOUT(file, "generated/cryptocom_signing_vectors.json");
  EXPECT_EQ(member(*file, "vectors").as_array().size(), 12U);
  for (const auto& one : member(*file, "vectors").as_array()) {
    const CryptoComRequest request{.method = text(one, "method"),
                                   .id = text(one, "id"),
                                   .nonce = text(one, "nonce"),
                                   .parameters = parameter_of(member(one, "params"))};
    EXPECT_EQ(crypto_com_parameter_string(request.parameters), text(one, "param_string"))
        << text(one, "name");
    EXPECT_EQ(sign_crypto_com(request, text(one, "api_key"), base::Secret(text(one, "secret"))),
              text(one, "sig_docs_js"))
        << text(one, "name");
  }
}

TEST(CoinbasePrimeSignature, LeavesTheQueryOut) {
  // Made by Coinbase's own SDK (prime-sdk-ts 0.7.1) with key AK and secret SK.
  PrimeRequest request{.timestamp = "1700000000", .method = "GET", .target = "/v1/portfolios", .body = ""};
  EXPECT_EQ(sign_coinbase_prime(request, base::Secret("SK")), "DqGB8eW7CEIA9Zr2c/sJ+gAW9IEnflPEw4NO/WiiA14=");
  request.target += "?limit=5";
  EXPECT_EQ(sign_coinbase_prime(request, base::Secret("SK")), "DqGB8eW7CEIA9Zr2c/sJ+gAW9IEnflPEw4NO/WiiA14=");
}

TEST(Vectors, CoinbasePrimeSignatures) {
  const auto file = shared_vectors("generated/coinbase_prime_signing_vectors.json");
  SKIP_WITHOUT(file, "generated/coinbase_prime_signing_vectors.json");
  EXPECT_EQ(member(*file, "vectors").as_array().size(), 3U);
  for (const auto& one : member(*file, "vectors").as_array()) {
    const std::string url = text(one, "url");
    const PrimeRequest request{.timestamp = text(one, "timestamp"),
                               .method = text(one, "method"),
                               .target = url.substr(url.find("/v1/")),
                               .body = text(one, "body")};
    EXPECT_EQ(sign_coinbase_prime(request, base::Secret(text(one, "secret"))),
              text(member(one, "headers"), "X-CB-ACCESS-SIGNATURE"));
  }
}

}  // namespace
}  // namespace navkeeper::custody
