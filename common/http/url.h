#pragma once
// Percent-encoding, request targets and base URLs (RFC 3986).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/http/message.h"

namespace navkeeper::http {

/// A query may have at most so many parameters.
constexpr std::size_t kQueryParametersMax = 64;

/// Decodes %XX; nothing when an escape is broken, or when the text is not UTF-8 or holds a control character
/// then.
std::optional<std::string> percent_decode(std::string_view text);
/// Encodes everything but the unreserved characters.
std::string percent_encode(std::string_view text);

/// Decodes "a=1&b=x%20y" ('+' is a space). Refused: a broken escape, a name twice, an empty name, more than
/// kQueryParametersMax.
base::Checked<Parameters> parse_query(std::string_view query);
/// The other way round, without the question mark.
std::string to_query(const Parameters& parameters);

/// "https://host:8443/base": no user, no query, no fragment.
struct BaseUrl {
  bool tls = false;
  std::string host;  ///< without brackets
  std::uint16_t port = 80;
  std::string path;  ///< "" or "/base"

  static base::Checked<BaseUrl> parse(std::string_view text);
  std::string authority() const;  ///< "host:8443", "[::1]:80"
};

}  // namespace navkeeper::http
