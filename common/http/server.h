#pragma once
// An HTTP/1.1 server: one thread for the network, several for handlers (which may block), everything bounded.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/http/router.h"
#include "common/log/log.h"

namespace navkeeper::http {

struct ServerLimits {
  std::size_t header_bytes_max = 16 << 10;  ///< request line and header fields; more is answered 431
  std::size_t body_bytes_max = 8 << 20;     ///< more is answered 413
  /// When a further one comes, the one that waits for a request longest is closed for it: one that has sent
  /// nothing yet, else one whose header is not whole, else one that is idle between requests. Where none
  /// waits, the further one is answered 503 and closed.
  std::size_t connections_max = 512;
  std::size_t connections_per_peer_max = 256;  ///< of one address, with the same rule among its own
  /// Of these connections so many may listen to channels, of all and of one address: who listens stays, and
  /// must leave room for requests. A further one is answered 503 and may go on with requests.
  std::size_t channels_max = 128;
  std::size_t channels_per_peer_max = 64;
  /// For the first request's header, and before it for the TLS handshake: who only connects is gone soon.
  std::chrono::milliseconds first_header_timeout{5'000};
  /// For one whole message, from the first wait for it to its last byte (of the first one, from its header
  /// on): an idle connection is closed after it, and so is one that dribbles.
  std::chrono::milliseconds read_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};  ///< for a whole response
  std::size_t channel_messages_max =
      64;  ///< waiting for a slow listener of a channel; more ends its connection
  /// A listener that does not even answer pings for so long is gone; half-way a ping is sent.
  std::chrono::milliseconds channel_idle_timeout{60'000};
};

struct ServerTls {
  std::string certificate_file;     ///< PEM, with its chain
  std::string key_file;             ///< PEM
  std::string client_ca_file = {};  ///< not empty: clients must show a certificate of this authority
};

/// What was answered, for metrics and the access log.
struct Exchange {
  Method method;
  std::string route;  ///< the pattern; "" when none matched
  int status;
  std::chrono::microseconds duration;  ///< in the handler
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  std::size_t handler_threads = 4;
  ServerLimits limits = {};
  std::optional<ServerTls> tls = {};
  std::function<void(const Exchange&)> on_exchange = {};  ///< called by the handler threads
};

class Server {
 public:
  struct Implementation;  ///< opaque

  /// Binds and listens; throws base::Unavailable when it cannot (address in use), base::Refused for a bad
  /// address or certificate. Nothing is accepted before start().
  Server(Router router, ServerOptions options, log::Logger logger);
  ~Server();  ///< stops, with a deadline of kStopDeadline
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  std::uint16_t port() const;  ///< the actual one
  std::string url() const;     ///< "http://127.0.0.1:41234"

  /// Orderly stop: accepts no more, closes idle connections, lets requests that were begun finish within
  /// `deadline`, then closes the rest. True when nothing had to be cut off. Waits for handlers that still
  /// run.
  bool stop(std::chrono::milliseconds deadline = kStopDeadline);

  static constexpr std::chrono::milliseconds kStopDeadline{10'000};

 private:
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::http
