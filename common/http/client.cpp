#include "common/http/client.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <mutex>
#include <utility>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/peer_stream.h"
#include "common/http/problem.h"
#include "common/http/url.h"

namespace navkeeper::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;
using Clock = std::chrono::steady_clock;

// One connection with an event loop of its own: a call starts an operation and runs the loop until it has
// ended, so that the stream's deadlines work in a blocking call.
struct Connection {
  explicit Connection(net::ssl::context* tls) : stream(tcp::socket(io), tls) {}

  net::io_context io{1};
  PeerStream stream;
  beast::flat_buffer buffer;
  Clock::time_point idle_since;

  /// Runs one asynchronous operation to its end. `start` is given the completion handler.
  template <class Start>
  error_code run(Start&& start) {
    error_code result = net::error::operation_aborted;
    std::forward<Start>(start)([&result](error_code error, auto&&...) { result = error; });
    io.restart();
    io.run();
    return result;
  }

  /// False when the peer has closed it, or has sent what nobody asked for.
  bool is_quiet() {
    char byte = 0;
    const auto got = ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }
};

wire::request<wire::string_body> to_wire(const ClientRequest& request, const BaseUrl& url) {
  wire::request<wire::string_body> message;
  std::string target = url.path + request.path;
  if (target.empty()) target = "/";
  if (!request.query.empty()) target += "?" + to_query(request.query);
  message.version(11);
  message.method_string(beast::string_view(describe(request.method).data(), describe(request.method).size()));
  message.target(target);
  message.set(wire::field::host, url.authority());
  message.set(wire::field::user_agent, "navkeeper");
  message.set(wire::field::accept, "application/json");
  if (const log::Trace* trace = log::current_trace(); trace != nullptr)
    message.set("traceparent", trace->child().to_traceparent());
  for (const auto& [name, value] : request.headers.fields()) {
    // A line end in a value would let it write further headers.
    if (name.empty() || name.find_first_of("\r\n: ") != std::string::npos ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      base::refuse("header " + name, "a header must be one line");
    message.set(name, value);
  }
  const bool takes_body =
      request.method == Method::kPost || request.method == Method::kPut || request.method == Method::kPatch;
  if (takes_body || !request.body.empty()) {
    message.set(wire::field::content_type, request.content_type);
    message.body() = request.body;
    message.prepare_payload();
  }
  return message;
}

// What happened to a request that got no answer.
struct NoAnswer {
  std::string why;
  bool sent = false;              ///< some of it may have reached the peer
  bool closed_untouched = false;  ///< the connection was gone before a byte of an answer
};

}  // namespace

struct Client::Implementation {
  explicit Implementation(ClientOptions client_options)
      : options(std::move(client_options)), url(base::value_or_refuse(BaseUrl::parse(options.base_url))) {
    if (url.tls) load_tls();
  }

  void load_tls() {
    const ClientTls& files = options.tls;
    const auto check = [](const std::string& file, error_code error) {
      if (error) base::refuse(file, "cannot be used for TLS: " + error.message());
    };
    error_code error;
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    if (files.ca_file.empty()) {
      tls.set_default_verify_paths(error);
      check("the system's certificate authorities", error);
    } else {
      tls.load_verify_file(files.ca_file, error);
      check(files.ca_file, error);
    }
    if (!files.certificate_file.empty()) {
      tls.use_certificate_chain_file(files.certificate_file, error);
      check(files.certificate_file, error);
      tls.use_private_key_file(files.key_file, net::ssl::context::pem, error);
      check(files.key_file, error);
    }
    tls.set_verify_mode(files.verify ? net::ssl::verify_peer : net::ssl::verify_none);
  }

  std::unique_ptr<Connection> take_idle() {
    const std::lock_guard lock(mutex);
    while (!idle.empty()) {
      auto connection = std::move(idle.back());
      idle.pop_back();
      if (Clock::now() - connection->idle_since < options.idle_reuse_max && connection->is_quiet())
        return connection;
    }
    return nullptr;
  }

  void give_back(std::unique_ptr<Connection> connection) {
    connection->idle_since = Clock::now();
    connection->stream.expires_never();
    const std::lock_guard lock(mutex);
    if (idle.size() < options.idle_connections_max) idle.push_back(std::move(connection));
  }

  std::unique_ptr<Connection> connect(Clock::time_point deadline) {
    auto connection = std::make_unique<Connection>(url.tls ? &tls : nullptr);
    const auto fail = [&](const std::string& why) {
      throw base::Unavailable("cannot connect to " + url.authority() + ": " + why);
    };
    std::vector<tcp::endpoint> endpoints;
    error_code error;
    if (const auto address = net::ip::make_address(url.host, error); !error) {
      endpoints.emplace_back(address, url.port);
    } else {
      tcp::resolver resolver(connection->io);
      error = net::error::timed_out;
      resolver.async_resolve(url.host, std::to_string(url.port),
                             [&](error_code resolved, const auto& results) {
                               error = resolved;
                               for (const auto& result : results) endpoints.push_back(result.endpoint());
                             });
      connection->io.run_until(deadline);
      if (error) {
        resolver.cancel();
        connection->io.run();
        fail(error == net::error::operation_aborted ? "the name was not resolved in time" : error.message());
      }
    }

    PeerStream& stream = connection->stream;
    stream.expires_at(deadline);
    error = connection->run([&](auto done) { stream.connect(endpoints, done); });
    if (error) fail(error.message());
    stream.socket().set_option(tcp::no_delay(true), error);
    if (url.tls) {
      stream.expect_host(url.host, options.tls.verify);
      error = connection->run([&](auto done) { stream.handshake(net::ssl::stream_base::client, done); });
      if (error) fail("TLS: " + error.message());
    }
    return connection;
  }

  // One attempt on one connection: the answer, or why there is none.
  std::variant<Response, NoAnswer> exchange(std::unique_ptr<Connection> connection,
                                            const ClientRequest& request,
                                            const wire::request<wire::string_body>& message,
                                            Clock::time_point deadline) {
    connection->stream.expires_at(deadline);
    error_code error =
        connection->run([&](auto done) { wire::async_write(connection->stream, message, done); });
    if (error) return NoAnswer{"sending failed: " + error.message(), true, true};

    while (true) {
      wire::response_parser<wire::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
      parser.body_limit(options.response_bytes_max);
      if (request.method == Method::kHead) parser.skip(true);
      error = connection->run(
          [&](auto done) { wire::async_read(connection->stream, connection->buffer, parser, done); });
      if (error) {
        const bool untouched = !parser.got_some() && error != beast::error::timeout;
        return NoAnswer{
            error == wire::error::body_limit ? "the answer is larger than allowed" : error.message(), true,
            untouched};
      }
      const auto& answer = parser.get();
      constexpr unsigned kFirstFinalStatus = 200;
      if (answer.result_int() < kFirstFinalStatus) continue;

      Response response;
      response.status = static_cast<int>(answer.result_int());
      response.content_type.clear();
      for (const auto& field : answer)
        response.headers.add(std::string(field.name_string()), std::string(field.value()));
      if (const std::string* type = response.headers.find("content-type"); type != nullptr)
        response.content_type = *type;
      response.body = answer.body();
      if (parser.keep_alive() && connection->buffer.size() == 0) give_back(std::move(connection));
      return response;
    }
  }

  Response send(const ClientRequest& request) {
    const auto deadline = Clock::now() + options.total_timeout;
    const wire::request<wire::string_body> message = to_wire(request, url);
    std::unique_ptr<Connection> connection = take_idle();
    bool reused = connection != nullptr;
    while (true) {
      if (!connection) connection = connect(std::min(deadline, Clock::now() + options.connect_timeout));
      auto outcome = exchange(std::move(connection), request, message, deadline);
      if (auto* response = std::get_if<Response>(&outcome)) return std::move(*response);
      const NoAnswer& none = std::get<NoAnswer>(outcome);
      // The peer may close an idle connection just as we use it: what is idempotent is tried once more on a
      // new one.
      if (reused && none.closed_untouched && is_idempotent(request.method)) {
        reused = false;
        continue;
      }
      const std::string what = url.authority() + " gave no answer to " +
                               std::string(describe(request.method)) + " " + request.path + ": " + none.why;
      if (none.sent && !is_idempotent(request.method)) throw base::InDoubt(what);
      throw base::Unavailable(what);
    }
  }

  ClientOptions options;
  BaseUrl url;
  net::ssl::context tls{net::ssl::context::tls_client};
  std::mutex mutex;
  std::vector<std::unique_ptr<Connection>> idle;
};

Client::Client(ClientOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

void set_bearer(ClientRequest& request, const base::Secret& token) {
  if (!token.empty()) request.headers.set("authorization", "Bearer " + token.reveal());
}

Response Client::send(const ClientRequest& request) { return implementation_->send(request); }

namespace {

json::Value read_answer(const Response& response, Method method, const std::string& peer) {
  throw_if_problem(response, method, peer);
  auto value = json::parse(response.body);
  if (value.has_error())
    throw base::Unavailable(peer + " answered with something that is not JSON: " + value.error().message());
  return std::move(*value);
}

}  // namespace

json::Value Client::get_json(std::string path, Parameters query, Headers headers) {
  const Response response = send({.method = Method::kGet,
                                  .path = std::move(path),
                                  .query = std::move(query),
                                  .headers = std::move(headers)});
  return read_answer(response, Method::kGet, base_url());
}

json::Value Client::post_json(std::string path, std::string body, Headers headers) {
  const Response response = send({.method = Method::kPost,
                                  .path = std::move(path),
                                  .headers = std::move(headers),
                                  .body = std::move(body)});
  return read_answer(response, Method::kPost, base_url());
}

const std::string& Client::base_url() const { return implementation_->options.base_url; }

}  // namespace navkeeper::http
