#pragma once
// WebSockets (RFC 6455): a client that blocks its own thread, and a server with one network thread. Text
// messages only, everything bounded, no compression. TLS is verified unless a test says otherwise.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/client.h"
#include "common/http/server.h"

namespace navkeeper::http {

struct WebSocketOptions {
  std::string url;  ///< "wss://host:port/path?query" or "ws://…"
  ClientTls tls;
  Headers headers = {};                               ///< of the upgrade: Authorization
  std::chrono::milliseconds connect_timeout{10'000};  ///< name, TCP, TLS and the upgrade together
  std::chrono::milliseconds write_timeout{10'000};
  /// Without any byte from the peer for so long the connection is over. Half-way a ping is sent, where `ping`
  /// is on.
  std::chrono::milliseconds idle_timeout{60'000};
  bool ping = true;
  std::size_t message_bytes_max = std::size_t{16} << 20;
};

class WebSocketClient {
 public:
  /// Connects. Throws base::Refused for a bad URL or certificate file, base::Unavailable when there is no
  /// connection: not reachable, not in time, a certificate that is not trusted, an answer that is no upgrade.
  explicit WebSocketClient(const WebSocketOptions& options);
  ~WebSocketClient();  ///< closes without waiting for the peer
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  /// The next message, which lives until the next call; nothing when `wait` has passed or interrupt() was
  /// called. Pings are answered in here. Throws base::Unavailable with the reason once the connection is
  /// over, or when a message is too large or binary.
  std::optional<std::string_view> receive(std::chrono::milliseconds wait);
  /// Throws base::Unavailable when it could not be sent in time.
  void send(std::string_view text);
  /// Makes the current or the next receive() return. May be called by any thread.
  void interrupt();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

using WebSocketPeer = std::uint64_t;

struct WebSocketServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  std::optional<ServerTls> tls = {};
  std::size_t connections_max = 256;                     ///< further ones are closed at once
  std::size_t message_bytes_max = std::size_t{1} << 20;  ///< of a client; a larger one ends its connection
  std::size_t queue_bytes_max = std::size_t{32}
                                << 20;  ///< waiting for a slow client; more ends its connection
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};  ///< half-way a ping is sent
  // Called by the network thread, one at a time; they may call the server's functions, but not stop().
  std::function<bool(WebSocketPeer peer, std::string_view target)> on_open = {};  ///< false: closed at once
  std::function<void(WebSocketPeer peer, std::string_view text)> on_text = {};
  std::function<void(WebSocketPeer peer)> on_close = {};  ///< once for every peer that on_open accepted
};

class WebSocketServer {
 public:
  /// Binds, listens and starts. Throws base::Unavailable or base::Refused as Server does.
  explicit WebSocketServer(WebSocketServerOptions options);
  ~WebSocketServer();
  WebSocketServer(const WebSocketServer&) = delete;
  WebSocketServer& operator=(const WebSocketServer&) = delete;

  std::uint16_t port() const;
  std::string url() const;  ///< "ws://127.0.0.1:41234"
  // By any thread; nothing happens for a peer that is gone.
  void send(WebSocketPeer peer, std::string text);
  void send_ping(WebSocketPeer peer);
  void close(WebSocketPeer peer);  ///< with a closing handshake, after what is queued
  void drop(WebSocketPeer peer);   ///< cuts the connection
  void stop();

  struct Implementation;  ///< opaque

 private:
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::http
