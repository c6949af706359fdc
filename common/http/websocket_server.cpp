#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/peer_stream.h"
#include "common/http/websocket.h"

namespace navkeeper::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using net::ip::tcp;

class Session;

}  // namespace

struct WebSocketServer::Implementation : std::enable_shared_from_this<WebSocketServer::Implementation> {
  explicit Implementation(WebSocketServerOptions given) : options(std::move(given)) {}

  void open() {
    if (options.tls) {
      const auto check = [](const std::string& file, error_code error) {
        if (error) base::refuse(file, "cannot be used for TLS: " + error.message());
      };
      error_code error;
      SSL_CTX_set_min_proto_version(tls_context.native_handle(), TLS1_2_VERSION);
      tls_context.use_certificate_chain_file(options.tls->certificate_file, error);
      check(options.tls->certificate_file, error);
      tls_context.use_private_key_file(options.tls->key_file, net::ssl::context::pem, error);
      check(options.tls->key_file, error);
    }
    error_code error;
    const auto address = net::ip::make_address(options.address, error);
    if (error) base::refuse(options.address, "not an address");
    const tcp::endpoint endpoint(address, options.port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error) throw base::Unavailable("cannot listen on " + options.address + ": " + error.message());
    port = acceptor.local_endpoint().port();
    accept();
    thread = std::thread([this] { io.run(); });
  }

  void accept();

  template <class Use>
  void with_peer(WebSocketPeer peer, Use use) {
    net::post(io, [self = shared_from_this(), peer, use = std::move(use)]() mutable {
      const auto found = self->sessions.find(peer);
      if (found == self->sessions.end()) return;
      const std::shared_ptr<Session> session = found->second;  // It may leave the list meanwhile.
      use(*session);
    });
  }

  void stop();

  WebSocketServerOptions options;
  net::io_context io{1};
  net::ssl::context tls_context{net::ssl::context::tls_server};
  tcp::acceptor acceptor{io};
  std::uint16_t port = 0;
  std::map<WebSocketPeer, std::shared_ptr<Session>> sessions;
  WebSocketPeer last_peer = 0;
  std::thread thread;
};

namespace {

/// One client as the server sees it; all of it happens on the network thread.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(WebSocketServer::Implementation& server, WebSocketPeer peer, PeerStream stream)
      : server_(server), peer_(peer), socket_(std::move(stream)) {}

  void run() {
    PeerStream& stream = socket_.next_layer();
    stream.expires_after(server_.options.handshake_timeout);
    if (!stream.is_tls()) return read_upgrade();
    stream.handshake(net::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
      if (error) return self->gone();
      self->read_upgrade();
    });
  }

  void send(std::string text) {
    if (!open_ || closing_) return;
    queued_bytes_ += text.size();
    if (queued_bytes_ > server_.options.queue_bytes_max) return drop();
    queue_.push_back(std::move(text));
    if (queue_.size() == 1) write();
  }

  void ping() {
    if (!open_) return;
    socket_.async_ping({}, [self = shared_from_this()](error_code) {});
  }

  void close() {
    if (closing_) return;
    closing_ = true;
    if (queue_.empty()) finish_closing();
  }

  void drop() {
    socket_.next_layer().close();
    gone();
  }

 private:
  void read_upgrade() {
    beast::http::async_read(socket_.next_layer(), buffer_, request_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error || !websocket::is_upgrade(self->request_)) return self->drop();
                              self->accept_upgrade();
                            });
  }

  void accept_upgrade() {
    socket_.next_layer().expires_never();
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = server_.options.handshake_timeout;
    timeout.idle_timeout = server_.options.idle_timeout;
    timeout.keep_alive_pings = true;
    socket_.set_option(timeout);
    socket_.read_message_max(server_.options.message_bytes_max);
    socket_.async_accept(request_, [self = shared_from_this()](error_code error) {
      if (error) return self->drop();
      self->socket_.text(true);
      self->open_ = true;
      const auto target = self->request_.target();
      const bool welcome =
          !self->server_.options.on_open ||
          self->server_.options.on_open(self->peer_, std::string_view(target.data(), target.size()));
      if (!welcome) {
        self->open_ = false;
        return self->drop();
      }
      self->read();
    });
  }

  void read() {
    socket_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->gone();
      const auto bytes = self->buffer_.cdata();
      if (self->server_.options.on_text) {
        self->server_.options.on_text(self->peer_,
                                      std::string_view(static_cast<const char*>(bytes.data()), bytes.size()));
      }
      self->buffer_.clear();
      self->read();
    });
  }

  void write() {
    socket_.async_write(net::buffer(queue_.front()),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          if (error) return self->gone();
                          self->queued_bytes_ -= self->queue_.front().size();
                          self->queue_.pop_front();
                          if (!self->queue_.empty()) {
                            self->write();
                          } else if (self->closing_) {
                            self->finish_closing();
                          }
                        });
  }

  void finish_closing() {
    socket_.async_close(websocket::close_code::normal,
                        [self = shared_from_this()](error_code) { self->gone(); });
  }

  void gone() {
    if (server_.sessions.erase(peer_) == 0) return;
    if (open_ && server_.options.on_close) server_.options.on_close(peer_);
    open_ = false;
  }

  WebSocketServer::Implementation& server_;
  WebSocketPeer peer_;
  websocket::stream<PeerStream> socket_;
  beast::flat_buffer buffer_{64 << 20};
  beast::http::request<beast::http::empty_body> request_;
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  bool open_ = false;
  bool closing_ = false;
};

}  // namespace

void WebSocketServer::Implementation::stop() {
  if (!thread.joinable()) return;
  net::post(io, [this] {
    error_code ignored;
    acceptor.close(ignored);
    const auto all = sessions;
    for (const auto& [peer, session] : all) session->drop();
    io.stop();
  });
  thread.join();
  sessions.clear();
}

void WebSocketServer::Implementation::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (error == net::error::operation_aborted) return;
    if (!error && sessions.size() < options.connections_max) {
      socket.set_option(tcp::no_delay(true), error);
      const WebSocketPeer peer = ++last_peer;
      const auto session = std::make_shared<Session>(
          *this, peer, PeerStream(std::move(socket), options.tls ? &tls_context : nullptr));
      sessions.emplace(peer, session);
      session->run();
    }
    accept();
  });
}

WebSocketServer::WebSocketServer(WebSocketServerOptions options)
    : implementation_(std::make_shared<Implementation>(std::move(options))) {
  implementation_->open();
}

WebSocketServer::~WebSocketServer() { stop(); }

std::uint16_t WebSocketServer::port() const { return implementation_->port; }

std::string WebSocketServer::url() const {
  return std::string(implementation_->options.tls ? "wss://" : "ws://") + implementation_->options.address +
         ":" + std::to_string(implementation_->port);
}

void WebSocketServer::send(WebSocketPeer peer, std::string text) {
  implementation_->with_peer(
      peer, [text = std::move(text)](Session& session) mutable { session.send(std::move(text)); });
}

void WebSocketServer::send_ping(WebSocketPeer peer) {
  implementation_->with_peer(peer, [](Session& session) { session.ping(); });
}

void WebSocketServer::close(WebSocketPeer peer) {
  implementation_->with_peer(peer, [](Session& session) { session.close(); });
}

void WebSocketServer::drop(WebSocketPeer peer) {
  implementation_->with_peer(peer, [](Session& session) { session.drop(); });
}

void WebSocketServer::stop() { implementation_->stop(); }

}  // namespace navkeeper::http
