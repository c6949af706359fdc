#include "common/http/url.h"

#include <algorithm>
#include <charconv>

#include "common/base/quoted.h"

namespace navkeeper::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_clean_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = base::utf8_character_length(text);
    if (length == 0 || first < 0x20 || first == 0x7F) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  if (!is_clean_utf8(decoded)) return std::nullopt;
  return decoded;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    encoded.push_back('%');
    encoded.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
    encoded.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
  return encoded;
}

base::Checked<Parameters> parse_query(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty()) continue;
    const auto decode = [](std::string_view text) {
      std::string spaced(text);
      std::replace(spaced.begin(), spaced.end(), '+', ' ');
      return percent_decode(spaced);
    };
    const std::size_t equals = part.find('=');
    auto name = decode(part.substr(0, equals));
    auto value =
        equals == std::string_view::npos ? std::optional<std::string>("") : decode(part.substr(equals + 1));
    if (!name || name->empty())
      return base::Refusal{"query", "a parameter's name is empty or not encoded rightly"};
    if (!value) return base::Refusal{*name, "the value is not encoded rightly"};
    if (std::any_of(parameters.begin(), parameters.end(),
                    [&](const auto& known) { return known.first == *name; }))
      return base::Refusal{*name, "the parameter is repeated"};
    if (parameters.size() == kQueryParametersMax)
      return base::Refusal{"query", "more than " + std::to_string(kQueryParametersMax) + " parameters"};
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

std::string to_query(const Parameters& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!query.empty()) query.push_back('&');
    query += percent_encode(name) + "=" + percent_encode(value);
  }
  return query;
}

base::Checked<BaseUrl> BaseUrl::parse(std::string_view text) {
  const auto refused = [&](std::string_view rule) {
    return base::Refusal{"URL " + std::string(text), std::string(rule)};
  };
  BaseUrl url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.tls = true;
    url.port = 443;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return refused("must begin with http:// or https://");
  }
  if (!is_clean_utf8(text) || text.find_first_of("?# @\"<>\\^`{|}") != std::string_view::npos)
    return refused("must have neither user, query, fragment nor odd characters");
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos) {
    url.path = rest.substr(slash);
    rest = rest.substr(0, slash);
    while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
  }
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return refused("a bracket is not closed");
    url.host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (!rest.empty() && rest.front() != ':') return refused("something stands after the host");
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return refused("the port is empty");
  } else {
    const std::size_t colon = rest.find(':');
    url.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) {
      port = rest.substr(colon + 1);
      if (port.empty()) return refused("the port is empty");
    }
  }
  if (url.host.empty()) return refused("the host is empty");
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc{} || end != port.data() + port.size() || url.port == 0)
      return refused("the port must be between 1 and 65535");
  }
  return url;
}

std::string BaseUrl::authority() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace navkeeper::http
