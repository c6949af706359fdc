#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <utility>
#include <vector>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/peer_stream.h"
#include "common/http/url.h"
#include "common/http/websocket.h"

namespace navkeeper::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using net::ip::tcp;
using Clock = std::chrono::steady_clock;

struct SocketUrl {
  BaseUrl base;
  std::string target;
};

SocketUrl parse_url(const std::string& text) {
  const bool tls = text.starts_with("wss://");
  if (!tls && !text.starts_with("ws://")) base::refuse(text, "a websocket's URL begins with ws:// or wss://");
  const auto scheme_end = text.find("://") + 3;
  const auto target_at = std::min(text.find_first_of("/?", scheme_end), text.size());
  const std::string authority = text.substr(scheme_end, target_at - scheme_end);
  SocketUrl url{base::value_or_refuse(BaseUrl::parse((tls ? "https://" : "http://") + authority)),
                text.substr(target_at)};
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  return url;
}

void load_tls(net::ssl::context& context, const ClientTls& files) {
  const auto check = [](const std::string& file, error_code error) {
    if (error) base::refuse(file, "cannot be used for TLS: " + error.message());
  };
  error_code error;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (files.ca_file.empty()) {
    context.set_default_verify_paths(error);
    check("the system's certificate authorities", error);
  } else {
    context.load_verify_file(files.ca_file, error);
    check(files.ca_file, error);
  }
  if (!files.certificate_file.empty()) {
    context.use_certificate_chain_file(files.certificate_file, error);
    check(files.certificate_file, error);
    context.use_private_key_file(files.key_file, net::ssl::context::pem, error);
    check(files.key_file, error);
  }
  context.set_verify_mode(files.verify ? net::ssl::verify_peer : net::ssl::verify_none);
}

}  // namespace

// An event loop of its own: a call starts an operation and runs the loop until it has ended or its time is
// over. A read is always under way, so that pings are answered while we only send.
struct WebSocketClient::Implementation {
  explicit Implementation(const WebSocketOptions& wanted) : options(wanted), url(parse_url(wanted.url)) {
    if (url.base.tls) load_tls(tls_context, options.tls);
    connect(Clock::now() + options.connect_timeout);
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw base::Unavailable("websocket " + url.base.authority() + ": " + why);
  }

  /// Runs one operation of connecting to its end, or to the deadline.
  template <class Start>
  void step(const char* what, Clock::time_point deadline, Start&& start) {
    std::optional<error_code> result;
    std::forward<Start>(start)([&result](error_code error, auto&&...) { result = error; });
    while (!result && Clock::now() < deadline) io.run_one_until(deadline);
    if (!result) {
      socket->next_layer().close();
      while (!result) io.run_one();
      fail(std::string(what) + ": not in time");
    }
    if (*result) fail(std::string(what) + ": " + result->message());
  }

  std::vector<tcp::endpoint> resolve(Clock::time_point deadline) {
    std::vector<tcp::endpoint> endpoints;
    error_code error;
    if (const auto address = net::ip::make_address(url.base.host, error); !error) {
      endpoints.emplace_back(address, url.base.port);
      return endpoints;
    }
    tcp::resolver resolver(io);
    std::optional<error_code> result;
    resolver.async_resolve(url.base.host, std::to_string(url.base.port),
                           [&](error_code resolved, const auto& results) {
                             result = resolved;
                             for (const auto& found : results) endpoints.push_back(found.endpoint());
                           });
    while (!result && Clock::now() < deadline) io.run_one_until(deadline);
    if (!result) {
      resolver.cancel();
      while (!result) io.run_one();
      fail("the name was not resolved in time");
    }
    if (*result) fail(result->message());
    return endpoints;
  }

  void connect(Clock::time_point deadline) {
    const auto endpoints = resolve(deadline);
    PeerStream& stream = socket.emplace(tcp::socket(io), url.base.tls ? &tls_context : nullptr).next_layer();
    stream.expires_never();
    step("connecting", deadline, [&](auto done) { stream.connect(endpoints, done); });
    error_code ignored;
    stream.socket().set_option(tcp::no_delay(true), ignored);
    if (url.base.tls) {
      stream.expect_host(url.base.host, options.tls.verify);
      step("TLS", deadline, [&](auto done) { stream.handshake(net::ssl::stream_base::client, done); });
    }
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(options.connect_timeout);
    timeout.idle_timeout = options.idle_timeout;
    timeout.keep_alive_pings = options.ping;
    socket->set_option(timeout);
    socket->read_message_max(options.message_bytes_max);
    socket->set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "navkeeper");
      for (const auto& [name, value] : options.headers.fields()) request.set(name, value);
    }));
    step("upgrade", deadline,
         [&](auto done) { socket->async_handshake(url.base.authority(), url.target, done); });
    socket->text(true);
    start_read();
  }

  void start_read() {
    reading = true;
    socket->async_read(buffer, [this](error_code error, std::size_t) {
      reading = false;
      if (error) {
        ended = error == websocket::error::closed
                    ? "closed by the peer: " + std::string(socket->reason().reason.c_str())
                    : error.message();
      } else if (!socket->got_text()) {
        ended = "a binary message came";
      } else {
        has_message = true;
      }
    });
  }

  std::optional<std::string_view> receive(std::chrono::milliseconds wait) {
    if (given) {
      buffer.clear();
      given = false;
      has_message = false;
    }
    if (!reading && !has_message && !ended) start_read();
    const auto deadline = Clock::now() + wait;
    while (!has_message && !ended && !interrupted.load()) {
      if (io.run_one_until(deadline) == 0 && Clock::now() >= deadline) break;
    }
    if (has_message) {
      given = true;
      const auto bytes = buffer.cdata();
      return std::string_view(static_cast<const char*>(bytes.data()), bytes.size());
    }
    if (ended) fail(*ended);
    interrupted.store(false);
    return std::nullopt;
  }

  void send(std::string_view text) {
    if (ended) fail(*ended);
    std::optional<error_code> result;
    const auto deadline = Clock::now() + options.write_timeout;
    socket->async_write(net::buffer(text.data(), text.size()),
                        [&result](error_code error, std::size_t) { result = error; });
    while (!result && Clock::now() < deadline) io.run_one_until(deadline);
    if (!result) {
      socket->next_layer().close();
      while (!result) io.run_one();
      ended = "a message could not be sent in time";
    } else if (*result) {
      ended = result->message();
    }
    if (ended) fail(*ended);
  }

  WebSocketOptions options;
  SocketUrl url;
  net::io_context io{1};
  net::executor_work_guard<net::io_context::executor_type> work{io.get_executor()};
  net::ssl::context tls_context{net::ssl::context::tls_client};
  std::optional<websocket::stream<PeerStream>> socket;
  beast::flat_buffer buffer;
  bool reading = false;
  bool has_message = false;  ///< in `buffer`
  bool given = false;        ///< to the caller, who may still look at it
  std::optional<std::string> ended;
  std::atomic<bool> interrupted{false};
};

WebSocketClient::WebSocketClient(const WebSocketOptions& options)
    : implementation_(std::make_unique<Implementation>(options)) {}

WebSocketClient::~WebSocketClient() = default;

std::optional<std::string_view> WebSocketClient::receive(std::chrono::milliseconds wait) {
  return implementation_->receive(wait);
}

void WebSocketClient::send(std::string_view text) { implementation_->send(text); }

void WebSocketClient::interrupt() {
  implementation_->interrupted.store(true);
  net::post(implementation_->io, [] {});
}

}  // namespace navkeeper::http
