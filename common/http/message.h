#pragma once
// What a request and a response are to us, free of the library that carries them.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/log/trace.h"

namespace navkeeper::http {

class Channel;

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };
/// "GET".
std::string_view describe(Method method);
std::optional<Method> parse_method(std::string_view word);
/// RFC 9110 9.2.2: repeating it is the same as doing it once.
bool is_idempotent(Method method);

/// Header fields in their order; names are compared without regard to case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;
  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value);
  void set(std::string name, std::string value);  ///< replaces all of that name
  /// The first of that name, or nothing.
  const std::string* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Request {
  Method method = Method::kGet;
  std::string path = {};  ///< as it came, still percent-encoded: "/v1/rates/NK_BTCUSD_NY/2023-09-05"
  Parameters query = {};  ///< decoded, no name twice
  Headers headers = {};
  std::string body = {};
  std::string peer = {};       ///< the address that it came from: "127.0.0.1"
  std::string route = {};      ///< the pattern that matched: "/v1/rates/{index}/{date}"
  Parameters parameters = {};  ///< of the pattern, decoded
  log::Trace trace = {};

  /// A parameter of the pattern; it must be one (ENSURE).
  const std::string& parameter(std::string_view name) const;
  const std::string* query_value(std::string_view name) const;
  /// Refuses (base::Refused) any query parameter that is not among `known`.
  void refuse_unknown_query(std::initializer_list<std::string_view> known) const;
};

struct Response {
  int status = 200;
  Headers headers = {};  ///< content-length, date and connection are the server's to write
  std::string body = {};
  std::string content_type = "application/json";
  /// Not null: the connection becomes a websocket with the channel's texts (channel.h), `body`, when it is
  /// not empty, being the first message. A request that asks for no upgrade is answered 426.
  std::shared_ptr<Channel> channel = nullptr;

  static Response json(std::string body, int status = 200);
  static Response text(std::string body, int status = 200);
};

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProblemJson = "application/problem+json";

/// The standard's words for a status: "Not Found".
std::string_view reason(int status);

}  // namespace navkeeper::http
