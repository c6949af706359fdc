#include "services/sandbox/tls_front.h"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <thread>

#include "common/base/outside.h"

namespace navkeeper::sandbox {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

constexpr std::chrono::milliseconds kPause{400};

/// Both ways of one connection.
class Passage : public std::enable_shared_from_this<Passage> {
 public:
  Passage(tcp::socket near, const TlsFrontOptions& options)
      : near_{std::move(near)}, far_(near_.get_executor()), options_(options) {}

  void run(const tcp::endpoint& behind) {
    far_.async_connect(behind, [self = shared_from_this()](error_code error) {
      if (error) return self->end();
      error_code ignored;
      self->near_.set_option(tcp::no_delay(true), ignored);
      self->far_.set_option(tcp::no_delay(true), ignored);
      self->pass(self->there_);
      self->pass(self->back_);
    });
  }

 private:
  struct Way {
    tcp::socket& from;
    tcp::socket& to;
    net::steady_timer pause;
    std::array<char, 16 << 10> bytes{};
  };

  void pass(Way& way) {
    way.from.async_read_some(net::buffer(way.bytes),
                             [self = shared_from_this(), &way](error_code error, std::size_t count) {
                               if (error) return self->end();
                               if (!self->options_.slow()) return self->write(way, count);
                               way.pause.expires_after(kPause);
                               way.pause.async_wait([self, &way, count](error_code cancelled) {
                                 if (cancelled) return self->end();
                                 self->write(way, count);
                               });
                             });
  }

  void write(Way& way, std::size_t count) {
    net::async_write(way.to, net::buffer(way.bytes.data(), count),
                     [self = shared_from_this(), &way](error_code error, std::size_t) {
                       if (error) return self->end();
                       self->pass(way);
                     });
  }

  void end() {
    error_code ignored;
    near_.close(ignored);
    far_.close(ignored);
    there_.pause.cancel();
    back_.pause.cancel();
  }

  tcp::socket near_;
  tcp::socket far_;
  const TlsFrontOptions& options_;
  Way there_{near_, far_, net::steady_timer(near_.get_executor())};
  Way back_{far_, near_, net::steady_timer(near_.get_executor())};
};

}  // namespace

struct TlsFront::Implementation {
  explicit Implementation(TlsFrontOptions given) : options(std::move(given)) {
    error_code error;
    const tcp::endpoint endpoint(net::ip::make_address(options.address, error), options.port);
    if (!error) acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error) throw base::Unavailable("cannot listen on " + options.address + ": " + error.message());
    port = acceptor.local_endpoint().port();
    accept();
    thread = std::thread([this] { io.run(); });
  }
  ~Implementation() {
    io.stop();
    thread.join();
  }

  void accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error == net::error::operation_aborted) return;
      if (!error) {
        error_code none;
        std::make_shared<Passage>(std::move(socket), options)
            ->run(tcp::endpoint(net::ip::make_address(options.address, none), options.behind()));
      }
      accept();
    });
  }

  TlsFrontOptions options;
  net::io_context io{1};
  tcp::acceptor acceptor{io};
  std::uint16_t port = 0;
  std::thread thread;
};

TlsFront::TlsFront(TlsFrontOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}
TlsFront::~TlsFront() = default;
std::uint16_t TlsFront::port() const { return implementation_->port; }

}  // namespace navkeeper::sandbox
