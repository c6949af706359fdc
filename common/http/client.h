#pragma once
// An HTTP/1.1 client for one base URL: connections kept and used again, everything bounded. It blocks the
// calling thread and may be used by several at once. Redirects are not followed.
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/secret.h"
#include "common/http/message.h"
#include "common/json/value.h"

namespace navkeeper::http {

struct ClientTls {
  std::string ca_file = {};           ///< PEM; empty: the system's authorities
  bool verify = true;                 ///< the chain and the host name; off only in tests
  std::string certificate_file = {};  ///< our own, where the server asks for one
  std::string key_file = {};
};

struct ClientOptions {
  std::string base_url = {};  ///< "http://127.0.0.1:8081", "https://peer.example/base"
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds total_timeout{30'000};  ///< connecting, sending and the whole answer
  std::size_t header_bytes_max = 64 << 10;
  std::size_t response_bytes_max = 64 << 20;
  std::size_t idle_connections_max = 8;
  std::chrono::milliseconds idle_reuse_max{10'000};  ///< a connection that idled longer is not used again
  ClientTls tls = {};
};

struct ClientRequest {
  Method method = Method::kGet;
  std::string path = {};  ///< below the base URL, percent-encoded: "/v1/rates/" + percent_encode(index)
  Parameters query = {};
  Headers headers = {};
  std::string body = {};
  std::string content_type = std::string(kJson);  ///< sent when there is a body
};

/// Sets `Authorization: Bearer`; an empty token sets nothing.
void set_bearer(ClientRequest& request, const base::Secret& token);

class Client {
 public:
  /// Throws base::Refused for a bad URL or certificate. Connects to nothing yet.
  explicit Client(ClientOptions options);
  ~Client();
  Client(Client&&) noexcept;

  /// The answer, whatever its status. The current thread's trace is passed on as traceparent. Throws
  /// base::Unavailable when there was no answer and nothing can have happened (not connected, or the method
  /// is idempotent), base::InDoubt when a request that is not idempotent was sent, in part at least, and its
  /// answer did not come.
  Response send(const ClientRequest& request);

  /// Sends, throws what a problem means (throw_if_problem), and reads the JSON of the answer; Unavailable
  /// when it is not JSON.
  json::Value get_json(std::string path, Parameters query = {}, Headers headers = {});
  json::Value post_json(std::string path, std::string body, Headers headers = {});

  const std::string& base_url() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::http
