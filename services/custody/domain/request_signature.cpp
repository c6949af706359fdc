#include "services/custody/domain/request_signature.h"

#include <algorithm>

#include "common/base/base64.h"
#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "common/crypto/digest.h"

namespace navkeeper::custody {

RequestParameter RequestParameter::of_text(std::string value) {
  return {.kind = Kind::kText, .text = std::move(value)};
}

RequestParameter RequestParameter::list(std::vector<RequestParameter> values) {
  return {.kind = Kind::kList, .items = std::move(values)};
}

RequestParameter RequestParameter::object(std::vector<std::pair<std::string, RequestParameter>> values) {
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return {.kind = Kind::kObject, .members = std::move(values)};
}

std::string crypto_com_parameter_string(const RequestParameter& parameters) {
  std::string written;
  switch (parameters.kind) {
    case RequestParameter::Kind::kText:
      return parameters.text;
    case RequestParameter::Kind::kList:
      for (const RequestParameter& item : parameters.items) written += crypto_com_parameter_string(item);
      return written;
    case RequestParameter::Kind::kObject:
      ENSURE(std::is_sorted(parameters.members.begin(), parameters.members.end(),
                            [](const auto& a, const auto& b) { return a.first < b.first; }));
      for (const auto& [name, value] : parameters.members)
        written += name + crypto_com_parameter_string(value);
      return written;
  }
  ENSURE(false);
}

std::string sign_crypto_com(const CryptoComRequest& request, std::string_view api_key,
                            const base::Secret& secret) {
  std::string payload = request.method + request.id;
  payload += api_key;
  payload += crypto_com_parameter_string(request.parameters) + request.nonce;
  return base::to_hex(crypto::hmac_sha256(secret.reveal(), payload));
}

std::string sign_coinbase_prime(const PrimeRequest& request, const base::Secret& secret) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  const std::string payload = request.timestamp + request.method + path + request.body;
  return base::to_base64(crypto::hmac_sha256(secret.reveal(), payload));
}

}  // namespace navkeeper::custody
