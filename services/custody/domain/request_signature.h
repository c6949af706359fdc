#pragma once
// How requests to custodians are signed; pure, so that the published vectors check it byte by byte. Sources:
// Crypto.com Exchange API v1, "Digital Signature"; Coinbase Prime REST, "Authentication".
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/secret.h"

namespace navkeeper::custody {

/// A parameter of a Crypto.com request as the signature sees it: a text, a list, or named parameters. Numbers
/// and booleans are their JSON text and null is "null". Implementations of the rule disagree on what is
/// nested deeper than lists of flat objects: send only those.
struct RequestParameter {
  enum class Kind { kText, kList, kObject };
  Kind kind = Kind::kText;
  std::string text{};
  std::vector<RequestParameter> items{};
  std::vector<std::pair<std::string, RequestParameter>> members{};  ///< made by object(), which sorts them

  static RequestParameter of_text(std::string value);
  static RequestParameter list(std::vector<RequestParameter> values);
  static RequestParameter object(std::vector<std::pair<std::string, RequestParameter>> values);
};

/// Objects: names sorted by their bytes, each followed by its value; lists: the values; no separators.
std::string crypto_com_parameter_string(const RequestParameter& parameters);

struct CryptoComRequest {
  std::string method;  ///< "private/user-balance"
  std::string id;      ///< as it stands in the body
  std::string nonce;   ///< milliseconds since 1970
  RequestParameter parameters = RequestParameter::object({});
};
/// Lower-case hexadecimal of HMAC-SHA-256 over method, id, key, parameters and nonce.
std::string sign_crypto_com(const CryptoComRequest& request, std::string_view api_key,
                            const base::Secret& secret);

struct PrimeRequest {
  std::string timestamp;  ///< whole seconds since 1970
  std::string method;     ///< "GET", "POST", …
  std::string target;     ///< path and query: "/v1/portfolios?limit=5"; the query is not signed
  std::string body;       ///< the exact bytes sent
};
/// Base64 of HMAC-SHA-256 over timestamp, method, path and body; the secret's text itself is the key.
std::string sign_coinbase_prime(const PrimeRequest& request, const base::Secret& secret);

}  // namespace navkeeper::custody
