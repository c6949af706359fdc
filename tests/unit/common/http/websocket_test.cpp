// WebSockets over real sockets: our client and server with one another, and the client against peers that
// misbehave.
#include "common/http/websocket.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
constexpr milliseconds kLong{30'000};

/// Answers every text with the same text.
class EchoServer {
 public:
  explicit EchoServer(WebSocketServerOptions options = {}) {
    options.on_open = [this](WebSocketPeer peer, std::string_view target) {
      const std::lock_guard lock(mutex_);
      last_peer_ = peer;
      target_ = target;
      changed_.notify_all();
      return target != "/closed";
    };
    options.on_text = [this](WebSocketPeer peer, std::string_view text) {
      server_->send(peer, std::string(text));
    };
    options.on_close = [this](WebSocketPeer) {
      const std::lock_guard lock(mutex_);
      ++closed_;
      changed_.notify_all();
    };
    server_ = std::make_unique<WebSocketServer>(std::move(options));
  }
  WebSocketServer& server() { return *server_; }
  std::string url(const std::string& target = "/echo?x=1") const { return server_->url() + target; }
  WebSocketPeer peer() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLong, [this] { return last_peer_ != 0; });
    return last_peer_;
  }
  /// Of the newest peer; waits for the first: a client may be connected before the server has said so.
  std::string target() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLong, [this] { return last_peer_ != 0; });
    return target_;
  }
  bool wait_for_closed(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, [&] { return closed_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  WebSocketPeer last_peer_ = 0;
  std::string target_;
  int closed_ = 0;
  std::unique_ptr<WebSocketServer> server_;
};

/// Accepts connections, sends `bytes` to each, and then says nothing more.
class RawPeer {
 public:
  explicit RawPeer(std::string bytes) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, bytes = std::move(bytes)] {
      for (;;) {
        const int client = ::accept(listener_, nullptr, nullptr);
        if (client < 0) return;
        if (!bytes.empty()) {
          EXPECT_GT(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
        }
        clients_.push_back(client);
      }
    });
  }
  ~RawPeer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const int client : clients_) ::close(client);
  }
  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::vector<int> clients_;
  std::thread thread_;
};

TEST(WebSocket, MessagesGoBothWaysWholeAndInOrder) {
  EchoServer echo;
  WebSocketClient client({.url = echo.url(), .tls = {}});
  EXPECT_EQ(echo.target(), "/echo?x=1");
  for (int i = 0; i < 100; ++i) client.send("message " + std::to_string(i));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.receive(kLong), "message " + std::to_string(i));
  const std::string large(1'000'000, 'x');
  client.send(large);
  EXPECT_EQ(client.receive(kLong), large);
}

TEST(WebSocket, ReceivingStopsWaitingWhenItsTimeIsOverOrItIsInterrupted) {
  EchoServer echo;
  WebSocketClient client({.url = echo.url(), .tls = {}});
  EXPECT_EQ(client.receive(milliseconds(20)), std::nullopt);
  std::thread other([&client] {
    std::this_thread::sleep_for(milliseconds(30));
    client.interrupt();
  });
  const auto start = steady_clock::now();
  EXPECT_EQ(client.receive(milliseconds(60'000)), std::nullopt);
  EXPECT_LT(steady_clock::now() - start, milliseconds(30'000));
  other.join();
  client.send("still there");
  EXPECT_EQ(client.receive(kLong), "still there");
}

TEST(WebSocket, PingsAreAnsweredAndAnIdleConnectionIsKept) {
  EchoServer echo({.idle_timeout = milliseconds(400)});
  WebSocketClient client({.url = echo.url(), .tls = {}, .idle_timeout = milliseconds(400)});
  echo.server().send_ping(echo.peer());
  const auto end = steady_clock::now() + milliseconds(1'500);
  while (steady_clock::now() < end) EXPECT_EQ(client.receive(milliseconds(100)), std::nullopt);
  client.send("alive");
  EXPECT_EQ(client.receive(kLong), "alive");
}

TEST(WebSocket, TheEndOfTheConnectionIsSaid) {
  EchoServer echo;
  WebSocketClient closed({.url = echo.url(), .tls = {}});
  echo.server().send(echo.peer(), "last words");
  echo.server().close(echo.peer());
  EXPECT_EQ(closed.receive(kLong), "last words");
  EXPECT_THROW(closed.receive(kLong), base::Unavailable);
  EXPECT_THROW(closed.send("x"), base::Unavailable);
  EXPECT_TRUE(echo.wait_for_closed(1));
  WebSocketClient dropped({.url = echo.url(), .tls = {}});
  while (echo.peer() == 1) std::this_thread::yield();
  echo.server().drop(echo.peer());
  EXPECT_THROW(dropped.receive(kLong), base::Unavailable);
  EXPECT_THROW(WebSocketClient({.url = echo.url("/closed"), .tls = {}}).receive(kLong), base::Unavailable);
}

TEST(WebSocket, AMessageAboveTheLimitEndsTheConnection) {
  EchoServer echo;
  WebSocketClient client({.url = echo.url(), .tls = {}, .message_bytes_max = 1'000});
  client.send(std::string(1'000, 'x'));
  EXPECT_EQ(client.receive(kLong)->size(), 1'000U);
  client.send(std::string(1'001, 'x'));
  EXPECT_THROW(client.receive(kLong), base::Unavailable);
}

TEST(WebSocket, WhatIsNoWebSocketIsUnavailable) {
  for (const char* bytes :
       {"garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "\x16\x03\x01\x02\x00\x01"}) {
    const RawPeer peer(bytes);
    EXPECT_THROW(WebSocketClient(
                     {.url = "ws://" + peer.authority(), .tls = {}, .connect_timeout = milliseconds(2'000)}),
                 base::Unavailable)
        << bytes;
    EXPECT_THROW(WebSocketClient(
                     {.url = "wss://" + peer.authority(), .tls = {}, .connect_timeout = milliseconds(2'000)}),
                 base::Unavailable)
        << bytes;
  }
}

TEST(WebSocket, APeerThatSaysNothingDuringTlsOrTheUpgradeCostsNoMoreThanTheTimeOut) {
  const RawPeer peer("");
  for (const char* scheme : {"ws://", "wss://"}) {
    const auto start = steady_clock::now();
    EXPECT_THROW(
        WebSocketClient({.url = scheme + peer.authority(), .tls = {}, .connect_timeout = milliseconds(300)}),
        base::Unavailable);
    const auto took = steady_clock::now() - start;
    EXPECT_GE(took, milliseconds(250));
    EXPECT_LT(took, milliseconds(20'000));
  }
}

TEST(WebSocket, BadUrlsAreRefusedAndClosedPortsAreUnavailable) {
  for (const char* url : {"", "http://127.0.0.1", "ws://", "ws://host:99999", "ws://a b/"}) {
    EXPECT_THROW(WebSocketClient({.url = url, .tls = {}}), base::Refused) << url;
  }
  EXPECT_THROW(WebSocketClient({.url = "ws://127.0.0.1:1", .tls = {}}), base::Unavailable);
}

class WebSocketTls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::path(testing::TempDir()) / ("navkeeper_wss_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    for (const char* name : {"ca", "other"}) {
      run(std::string(
              "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=") +
          name + " -keyout " + name + ".key -out " + name + ".pem");
    }
    make_certificate("server", "IP:127.0.0.1");
    make_certificate("wrong", "DNS:elsewhere.example");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }
  static void make_certificate(const std::string& name, const std::string& names) {
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout " + name +
        ".key -out " + name + ".csr && printf 'subjectAltName=" + names + "\\n' > " + name +
        ".ext && openssl x509 -req -in " + name +
        ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile " + name + ".ext -out " + name +
        ".pem");
  }
  static void run(const std::string& command) {
    ASSERT_EQ(std::system(("cd '" + folder_.string() + "' && (" + command + ") >/dev/null 2>&1").c_str()), 0)
        << command;
  }
  static std::string file(const std::string& name) { return (folder_ / name).string(); }
  static WebSocketServerOptions with(const std::string& name) {
    WebSocketServerOptions options;
    options.tls = ServerTls{file(name + ".pem"), file(name + ".key")};
    return options;
  }
  static inline std::filesystem::path folder_;
};

TEST_F(WebSocketTls, ACertificateOfTheRightAuthorityIsTrusted) {
  EchoServer echo(with("server"));
  WebSocketClient client({.url = echo.url(), .tls = {.ca_file = file("ca.pem")}});
  const std::string large(300'000, 'y');
  client.send(large);
  EXPECT_EQ(client.receive(kLong), large);
}

TEST_F(WebSocketTls, CertificatesOfAnotherAuthorityOrNameAreNotTrusted) {
  EchoServer echo(with("server"));
  EXPECT_THROW(WebSocketClient({.url = echo.url(), .tls = {.ca_file = file("other.pem")}}),
               base::Unavailable);
  EXPECT_THROW(WebSocketClient({.url = echo.url(), .tls = {}}), base::Unavailable);
  EchoServer wrong(with("wrong"));
  EXPECT_THROW(WebSocketClient({.url = wrong.url(), .tls = {.ca_file = file("ca.pem")}}), base::Unavailable);
  EXPECT_THROW(WebSocketClient({.url = echo.url(), .tls = {.ca_file = "/nonexistent.pem"}}), base::Refused);
}

}  // namespace
}  // namespace navkeeper::http
