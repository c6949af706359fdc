#include "common/http/server.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/channel.h"
#include "common/http/peer_stream.h"
#include "common/http/problem.h"
#include "common/http/url.h"

namespace navkeeper::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using net::ip::tcp;

// How long, and for how many bytes, a connection that we close is still read, so that the peer gets our last
// answer before a reset.
constexpr std::chrono::milliseconds kLingerTimeout{1'000};
constexpr std::size_t kLingerBytesMax = std::size_t{1} << 20;
// After accept() failed (no file descriptors left), until it is tried again.
constexpr std::chrono::milliseconds kAcceptRetry{100};

// For a connection that is not taken: written once, without a session.
std::string busy_answer() {
  const Response response =
      Problem{.status = 503, .code = "busy", .detail = "too many connections"}.to_response();
  return "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: " +
         std::to_string(kRetryAfterSeconds) + "\r\nContent-Type: " + response.content_type +
         "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
}

std::string http_date() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

std::string text_of(beast::string_view text) { return {text.data(), text.size()}; }

/// What a connection waits for that may be closed for another one, the first of them first.
enum class Waiting { kNothingSent, kHeaderNotWhole, kIdle };

class Session {
 public:
  explicit Session(std::string peer) : peer_(std::move(peer)) {}
  virtual ~Session() = default;
  const std::string& peer() const { return peer_; }  ///< the address
  /// Nothing: it works.
  virtual std::optional<Waiting> waiting() const { return std::nullopt; }
  virtual bool is_channel() const { return false; }
  std::chrono::steady_clock::time_point waiting_since() const { return waiting_since_; }
  virtual void run() = 0;
  /// No further request after the one in hand; an idle connection is closed.
  virtual void wind_down() = 0;
  virtual void cut_off() = 0;

 protected:
  void begin_to_wait() { waiting_since_ = std::chrono::steady_clock::now(); }

 private:
  std::string peer_;
  std::chrono::steady_clock::time_point waiting_since_ = std::chrono::steady_clock::now();
};

// A request as the wire has it, or the problem with it.
struct Incoming {
  Request request;
  std::optional<Problem> problem;
};

Incoming read_request(const wire::request<wire::string_body>& message, std::string peer) {
  Incoming incoming;
  Request& request = incoming.request;
  const auto bad = [&](int status, std::string code, std::string detail) {
    incoming.problem = Problem{.status = status, .code = std::move(code), .detail = std::move(detail)};
  };
  for (const auto& field : message) request.headers.add(text_of(field.name_string()), text_of(field.value()));
  const std::string* traceparent = request.headers.find("traceparent");
  const auto outer = traceparent != nullptr ? log::Trace::parse(*traceparent) : std::nullopt;
  request.trace = outer ? outer->child() : log::Trace::start();
  request.peer = std::move(peer);
  request.body = message.body();
  const std::string target = text_of(message.target());
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);

  const auto method = parse_method(text_of(message.method_string()));
  if (!method) {
    bad(501, "not_implemented", "the method is not known here");
    return incoming;
  }
  request.method = *method;
  if (target.empty() || target.front() != '/' || target.find('#') != std::string::npos) {
    bad(400, "refused", "the target must be a path");
  } else if (message.version() >= 11 && request.headers.count("host") != 1) {
    bad(400, "refused", "exactly one Host header is needed");
  } else if (question != std::string::npos) {
    auto query = parse_query(target.substr(question + 1));
    if (query.has_error()) {
      incoming.problem = problem_of(query.error());
    } else {
      request.query = std::move(*query);
    }
  }
  return incoming;
}

}  // namespace

struct Server::Implementation : std::enable_shared_from_this<Server::Implementation> {
  Implementation(Router routes, ServerOptions server_options, log::Logger log)
      : router(std::move(routes)),
        options(std::move(server_options)),
        logger(std::move(log)),
        handlers(options.handler_threads) {}

  void listen();
  void load_tls();
  void accept();
  void accepted(tcp::socket socket);
  void turn_away(tcp::socket socket);
  /// Room for one more of `peer`, made where that can be done.
  bool has_room(const std::string& peer);
  /// Closes who waits longest, of one address or of all; false: nobody waits.
  bool close_waiting(const std::string* peer);
  /// Why nobody more of `peer` may listen; empty: there is room.
  std::string no_room_to_listen(const std::string& peer) const;
  void enter(Session* session);
  void leave(Session* session);
  bool stop(std::chrono::milliseconds deadline);

  Router router;
  ServerOptions options;
  log::Logger logger;
  net::io_context io{1};
  tcp::acceptor acceptor{io};
  net::steady_timer accept_retry{io};
  std::optional<net::ssl::context> tls;
  std::optional<net::executor_work_guard<net::io_context::executor_type>> work;
  net::thread_pool handlers;
  std::thread network;
  std::uint16_t port = 0;
  bool stopped = false;

  // Touched by the network thread only.
  bool stopping = false;
  std::set<Session*> sessions;
  std::map<std::string, std::size_t> sessions_of_peer;

  // What stop() waits for.
  std::mutex mutex;
  std::condition_variable all_gone;
  std::size_t open = 0;
  bool accepting = true;
};

namespace {

using WireRequest = wire::request<wire::string_body>;

// A connection that was upgraded: it writes what its channel publishes, and reads only to notice the end.
class ChannelSession final : public Session, public std::enable_shared_from_this<ChannelSession> {
 public:
  ChannelSession(std::shared_ptr<Server::Implementation> server, std::string peer, PeerStream stream,
                 WireRequest request, Response response)
      : Session(std::move(peer)),
        server_(std::move(server)),
        socket_(std::move(stream)),
        request_(std::move(request)),
        channel_(std::move(response.channel)) {
    if (!response.body.empty())
      queue_.push_back(std::make_shared<const std::string>(std::move(response.body)));
  }

  void run() override {
    const ServerLimits& limits = server_->options.limits;
    socket_.next_layer().expires_never();
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = limits.read_timeout;
    timeout.idle_timeout = limits.channel_idle_timeout;
    timeout.keep_alive_pings = true;
    socket_.set_option(timeout);
    socket_.read_message_max(kListenerMessageMax);
    socket_.async_accept(request_, [self = shared_from_this()](error_code error) {
      if (self->finished_) return;
      if (error) return self->finish();
      self->socket_.text(true);
      self->listen();
      if (!self->queue_.empty()) self->write();
      self->read();
    });
  }

  // The server goes: what was published is what there is.
  void wind_down() override {
    if (finished_ || closing_) return;
    closing_ = true;
    socket_.async_close(websocket::close_code::going_away,
                        [self = shared_from_this()](error_code) { self->finish(); });
  }
  void cut_off() override { finish(); }
  bool is_channel() const override { return true; }

 private:
  void listen() {
    listener_ = channel_->listen([weak = weak_from_this()](const Channel::Text& text) {
      const auto self = weak.lock();
      if (!self) return;
      net::post(self->server_->io, [self, text] { self->enqueue(text); });
    });
  }

  void enqueue(const Channel::Text& text) {
    if (finished_ || closing_) return;
    if (queue_.size() >= server_->options.limits.channel_messages_max) return finish();
    queue_.push_back(text);
    if (queue_.size() == 1) write();
  }

  void write() {
    socket_.async_write(net::buffer(*queue_.front()),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          if (self->finished_) return;
                          if (error) return self->finish();
                          self->queue_.pop_front();
                          if (!self->queue_.empty()) self->write();
                        });
  }

  void read() {
    socket_.async_read(ignored_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->finished_) return;
      if (error) return self->finish();
      self->ignored_.clear();
      self->read();
    });
  }

  void finish() {
    if (finished_) return;
    finished_ = true;
    if (listener_) channel_->leave(*listener_);
    socket_.next_layer().close();
    server_->leave(this);
  }

  static constexpr std::size_t kListenerMessageMax = 4 << 10;

  std::shared_ptr<Server::Implementation> server_;
  websocket::stream<PeerStream> socket_;
  WireRequest request_;
  std::shared_ptr<Channel> channel_;
  std::optional<std::uint64_t> listener_;
  beast::flat_buffer ignored_;
  std::deque<Channel::Text> queue_;
  bool closing_ = false;
  bool finished_ = false;
};

Response upgrade_required() {
  return Problem{.status = 426,
                 .code = "upgrade_required",
                 .detail = "this is a websocket: ask for the upgrade (RFC 6455)",
                 .headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}}
      .to_response();
}

// One connection. Everything but the handler runs on the network thread.
class StreamSession final : public Session, public std::enable_shared_from_this<StreamSession> {
 public:
  StreamSession(std::shared_ptr<Server::Implementation> server, std::string peer, PeerStream stream)
      : Session(std::move(peer)), server_(std::move(server)), stream_(std::move(stream)) {}

  std::optional<Waiting> waiting() const override {
    if (phase_ != Phase::kWaiting) return std::nullopt;
    if (has_begun()) return Waiting::kHeaderNotWhole;
    return is_first_ ? Waiting::kNothingSent : Waiting::kIdle;
  }

  void run() override {
    if (!stream_.is_tls()) return read_header();
    stream_.expires_after(server_->options.limits.first_header_timeout);
    stream_.handshake(net::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
      if (self->finished_) return;
      if (error) return self->finish();
      self->read_header();
    });
  }

  void wind_down() override {
    last_ = true;
    if (phase_ == Phase::kWaiting && !has_begun()) finish();
  }
  void cut_off() override {
    last_ = true;
    finish();
  }

 private:
  enum class Phase { kWaiting, kReading, kHandling, kWriting };

  /// Something of a message has come; the parser takes its lines as they come.
  bool has_begun() const { return buffer_.size() > 0 || (parser_ && parser_->got_some()); }

  void read_header() {
    const ServerLimits& limits = server_->options.limits;
    if (last_ && buffer_.size() == 0) return close();
    phase_ = Phase::kWaiting;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    parser_->body_limit(limits.body_bytes_max);
    // One deadline for the whole message: whoever sends a byte a minute does not keep a connection. The first
    // header has a shorter one of its own.
    stream_.expires_after(is_first_ ? std::min(limits.first_header_timeout, limits.read_timeout)
                                    : limits.read_timeout);
    begin_to_wait();
    wire::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t) { self->on_header(error); });
  }

  void on_header(error_code error) {
    if (finished_) return;
    if (error) return refuse_message(error);
    phase_ = Phase::kReading;
    if (std::exchange(is_first_, false)) stream_.expires_after(server_->options.limits.read_timeout);
    if (beast::iequals(parser_->get()[wire::field::expect], "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      net::async_write(stream_, net::buffer(kContinue),
                       [self = shared_from_this()](error_code failed, std::size_t) {
                         if (failed) return self->finish();
                         self->read_body();
                       });
    } else {
      read_body();
    }
  }

  void read_body() {
    wire::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->finished_) return;
      if (error) return self->refuse_message(error);
      self->handle();
    });
  }

  void refuse_message(error_code error) {
    // The peer left, or the deadline passed: nobody is there to be told.
    if (error == wire::error::end_of_stream || error == wire::error::partial_message ||
        error.category() != wire::make_error_code(wire::error::end_of_stream).category())
      return finish();
    Problem problem{.status = 400, .code = "refused", .detail = "not an HTTP message: " + error.message()};
    if (error == wire::error::header_limit) {
      problem = {.status = 431, .code = "header_too_large", .detail = "the header is larger than allowed"};
    } else if (error == wire::error::body_limit) {
      problem = {.status = 413,
                 .code = "body_too_large",
                 .detail = "the body is larger than " +
                           std::to_string(server_->options.limits.body_bytes_max) + " bytes"};
    }
    last_ = true;
    respond(problem.to_response(), Method::kGet, 11);
  }

  void handle() {
    phase_ = Phase::kHandling;
    stream_.expires_never();
    WireRequest message = parser_->release();
    if (!message.keep_alive()) last_ = true;
    const unsigned version = message.version();
    Incoming incoming = read_request(message, peer());
    if (incoming.problem) {
      last_ = true;
      incoming.problem->instance = incoming.request.path;
      incoming.problem->trace_id = incoming.request.trace.trace_id;
      return respond(incoming.problem->to_response(), incoming.request.method, version);
    }
    if (websocket::is_upgrade(message)) upgrade_ = std::move(message);
    net::post(server_->handlers, [self = shared_from_this(), request = std::move(incoming.request),
                                  version]() mutable {
      const auto begin = std::chrono::steady_clock::now();
      Response response = self->server_->router.handle(request);
      const auto duration =
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
      if (const auto& listener = self->server_->options.on_exchange) {
        const log::TraceScope scope(request.trace);
        listener({request.method, request.route, response.status, duration});
      }
      net::io_context& io = self->server_->io;
      net::post(io, [self = std::move(self), response = std::move(response), method = request.method,
                     version]() mutable {
        if (!self->finished_) self->answer(std::move(response), method, version);
      });
    });
  }

  void answer(Response response, Method method, unsigned version) {
    const std::optional<WireRequest> upgrade = std::exchange(upgrade_, std::nullopt);
    if (response.channel == nullptr) return respond(std::move(response), method, version);
    // Whoever speaks before the upgrade is no client of a websocket.
    if (!upgrade || buffer_.size() != 0) return respond(upgrade_required(), method, version);
    if (server_->stopping) return finish();
    if (std::string why = server_->no_room_to_listen(peer()); !why.empty()) {
      const Problem problem{.status = 503, .code = "busy", .detail = std::move(why)};
      return respond(problem.to_response(), method, version);
    }
    const auto session =
        std::make_shared<ChannelSession>(server_, peer(), std::move(stream_), *upgrade, std::move(response));
    server_->enter(session.get());
    finished_ = true;
    server_->leave(this);
    session->run();
  }

  void respond(Response response, Method method, unsigned version) {
    phase_ = Phase::kWriting;
    const bool bodiless = response.status == 204 || response.status == 304;
    auto message = std::make_shared<wire::response<wire::string_body>>();
    message->version(version);
    message->result(static_cast<unsigned>(response.status));
    message->reason(beast::string_view(reason(response.status).data(), reason(response.status).size()));
    message->set(wire::field::date, http_date());
    message->set("X-Content-Type-Options", "nosniff");
    if (response.headers.find("cache-control") == nullptr)
      message->set(wire::field::cache_control, "no-store");
    for (const auto& [name, value] : response.headers.fields()) message->insert(name, value);
    message->set(wire::field::content_type, response.content_type);
    message->keep_alive(!last_);
    if (bodiless) {
      message->erase(wire::field::content_type);
    } else {
      message->content_length(response.body.size());
      if (method != Method::kHead) message->body() = std::move(response.body);
    }
    stream_.expires_after(server_->options.limits.write_timeout);
    // A serializer that would skip the body of HEAD is not needed: it is empty, only its length is told.
    wire::async_write(stream_, *message, [self = shared_from_this(), message](error_code error, std::size_t) {
      if (self->finished_) return;
      if (error) return self->finish();
      if (self->last_) return self->close();
      self->read_header();
    });
  }

  // Ends our side and reads on for a moment, so that the peer sees the answer and not a reset.
  void close() {
    if (finished_) return;
    phase_ = Phase::kWriting;
    stream_.expires_after(kLingerTimeout);
    stream_.shut_down([self = shared_from_this()](error_code) {
      if (self->stream_.is_tls()) return self->finish();
      self->linger();
    });
  }
  void linger() {
    if (finished_) return;
    if (lingered_ > kLingerBytesMax) return finish();
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kLingerChunk),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              if (error) return self->finish();
                              self->lingered_ += bytes;
                              self->linger();
                            });
  }

  void finish() {
    if (finished_) return;
    finished_ = true;
    stream_.close();
    server_->leave(this);
  }

  static constexpr std::size_t kLingerChunk = 16 << 10;

  std::shared_ptr<Server::Implementation> server_;
  PeerStream stream_;
  beast::flat_buffer buffer_;
  std::optional<wire::request_parser<wire::string_body>> parser_;
  std::optional<WireRequest> upgrade_;  ///< the request in hand, when it asks for a websocket
  Phase phase_ = Phase::kWaiting;
  bool is_first_ = true;  ///< no header has come yet
  bool last_ = false;
  bool finished_ = false;
  std::size_t lingered_ = 0;
};

}  // namespace

void Server::Implementation::load_tls() {
  if (!options.tls) return;
  const ServerTls& files = *options.tls;
  const auto load = [](const std::string& file, auto&& step) {
    error_code error;
    step(error);
    if (error) base::refuse(file, "cannot be used for TLS: " + error.message());
  };
  tls.emplace(net::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_3_VERSION);
  SSL_CTX_set_num_tickets(tls->native_handle(), 0);
  load(files.certificate_file,
       [&](error_code& error) { tls->use_certificate_chain_file(files.certificate_file, error); });
  load(files.key_file,
       [&](error_code& error) { tls->use_private_key_file(files.key_file, net::ssl::context::pem, error); });
  if (!files.client_ca_file.empty()) {
    load(files.client_ca_file,
         [&](error_code& error) { tls->load_verify_file(files.client_ca_file, error); });
    tls->set_verify_mode(net::ssl::verify_peer | net::ssl::verify_fail_if_no_peer_cert);
  }
}

void Server::Implementation::listen() {
  error_code error;
  const auto address = net::ip::make_address(options.address, error);
  if (error) base::refuse("listen address " + options.address, "must be an IP address");
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error)
    throw base::Unavailable("cannot listen on " + options.address + ":" + std::to_string(options.port) +
                            ": " + error.message());
  port = acceptor.local_endpoint().port();
}

void Server::Implementation::accept() {
  acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
    if (self->stopping || error == net::error::operation_aborted) return;
    if (!error) {
      self->accepted(std::move(socket));
      return self->accept();
    }
    self->accept_retry.expires_after(kAcceptRetry);
    self->accept_retry.async_wait([self](error_code cancelled) {
      if (!cancelled && !self->stopping) self->accept();
    });
  });
}

void Server::Implementation::accepted(tcp::socket socket) {
  error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return;
  std::string peer = remote.address().to_string();
  if (!has_room(peer)) return turn_away(std::move(socket));
  socket.set_option(tcp::no_delay(true), error);
  const auto session = std::make_shared<StreamSession>(shared_from_this(), std::move(peer),
                                                       PeerStream(std::move(socket), tls ? &*tls : nullptr));
  enter(session.get());
  session->run();
}

void Server::Implementation::turn_away(tcp::socket socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  if (!tls) socket.send(net::buffer(busy_answer()), 0, ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

bool Server::Implementation::has_room(const std::string& peer) {
  const auto own = sessions_of_peer.find(peer);
  if (own != sessions_of_peer.end() && own->second >= options.limits.connections_per_peer_max &&
      !close_waiting(&peer))
    return false;
  return sessions.size() < options.limits.connections_max || close_waiting(nullptr);
}

bool Server::Implementation::close_waiting(const std::string* peer) {
  using Standing = std::pair<Waiting, std::chrono::steady_clock::time_point>;
  std::optional<Standing> longest;
  Session* chosen = nullptr;
  for (Session* session : sessions) {
    const auto waiting = session->waiting();
    if (!waiting || (peer != nullptr && session->peer() != *peer)) continue;
    const Standing standing(*waiting, session->waiting_since());
    if (longest && *longest <= standing) continue;
    longest = standing;
    chosen = session;
  }
  if (chosen != nullptr) chosen->cut_off();
  return chosen != nullptr;
}

std::string Server::Implementation::no_room_to_listen(const std::string& peer) const {
  std::size_t all = 0;
  std::size_t own = 0;
  for (const Session* session : sessions) {
    if (!session->is_channel()) continue;
    ++all;
    if (session->peer() == peer) ++own;
  }
  if (own >= options.limits.channels_per_peer_max)
    return std::to_string(own) + " listeners of this address are the most there may be";
  if (all >= options.limits.channels_max) return std::to_string(all) + " listeners are the most there may be";
  return {};
}

void Server::Implementation::enter(Session* session) {
  sessions.insert(session);
  ++sessions_of_peer[session->peer()];
  const std::lock_guard lock(mutex);
  ++open;
}

void Server::Implementation::leave(Session* session) {
  sessions.erase(session);
  if (const auto own = sessions_of_peer.find(session->peer()); --own->second == 0)
    sessions_of_peer.erase(own);
  const std::lock_guard lock(mutex);
  --open;
  all_gone.notify_all();
}

bool Server::Implementation::stop(std::chrono::milliseconds deadline) {
  if (stopped) return true;
  stopped = true;
  bool orderly = true;
  if (network.joinable()) {
    const auto for_each_session = [this](void (Session::*act)()) {
      // A session that ends takes itself out of the set.
      const std::vector<Session*> now(sessions.begin(), sessions.end());
      for (Session* session : now)
        if (sessions.contains(session)) (session->*act)();
    };
    net::post(io, [this, for_each_session] {
      stopping = true;
      error_code ignored;
      acceptor.close(ignored);
      accept_retry.cancel();
      for_each_session(&Session::wind_down);
      const std::lock_guard lock(mutex);
      accepting = false;
      all_gone.notify_all();
    });
    {
      std::unique_lock lock(mutex);
      orderly = all_gone.wait_for(lock, deadline, [this] { return !accepting && open == 0; });
    }
    if (!orderly) net::post(io, [for_each_session] { for_each_session(&Session::cut_off); });
    handlers.join();
    work.reset();
    network.join();
  } else {
    error_code ignored;
    acceptor.close(ignored);
    handlers.join();
  }
  return orderly;
}

Server::Server(Router router, ServerOptions options, log::Logger logger)
    : implementation_(
          std::make_shared<Implementation>(std::move(router), std::move(options), std::move(logger))) {
  implementation_->load_tls();
  implementation_->listen();
  implementation_->router.on_failure([log = implementation_->logger](const Request& request,
                                                                     const std::string& what, int status) {
    log.error(
        "request failed",
        {{"method", describe(request.method)}, {"path", request.path}, {"status", status}, {"error", what}});
  });
}

Server::~Server() { implementation_->stop(kStopDeadline); }

void Server::start() {
  ENSURE(!implementation_->network.joinable() && !implementation_->stopped);
  implementation_->work.emplace(implementation_->io.get_executor());
  implementation_->accept();
  implementation_->network = std::thread([self = implementation_.get()] { self->io.run(); });
}

std::uint16_t Server::port() const { return implementation_->port; }

std::string Server::url() const {
  const BaseUrl url{implementation_->options.tls.has_value(), implementation_->options.address,
                    implementation_->port, ""};
  return (url.tls ? "https://" : "http://") + url.authority();
}

bool Server::stop(std::chrono::milliseconds deadline) { return implementation_->stop(deadline); }

}  // namespace navkeeper::http
