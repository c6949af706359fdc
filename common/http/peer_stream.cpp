#include "common/http/peer_stream.h"

#include <openssl/ssl.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <variant>

#include "common/base/ensure.h"

namespace navkeeper::http {

namespace net = boost::asio;
namespace beast = boost::beast;
using net::ip::tcp;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

struct PeerStream::Implementation {
  explicit Implementation(tcp::socket socket) : stream(std::in_place_type<PlainStream>, std::move(socket)) {}
  Implementation(tcp::socket socket, net::ssl::context& tls)
      : stream(std::in_place_type<TlsStream>, std::move(socket), tls) {}

  PlainStream& lowest() {
    TlsStream* tls = std::get_if<TlsStream>(&stream);
    return tls != nullptr ? beast::get_lowest_layer(*tls) : std::get<PlainStream>(stream);
  }

  std::variant<PlainStream, TlsStream> stream;
};

PeerStream::PeerStream(tcp::socket socket, net::ssl::context* tls)
    : implementation_(tls != nullptr ? std::make_unique<Implementation>(std::move(socket), *tls)
                                     : std::make_unique<Implementation>(std::move(socket))) {}
PeerStream::~PeerStream() = default;
PeerStream::PeerStream(PeerStream&&) noexcept = default;

PeerStream::executor_type PeerStream::get_executor() const {
  return implementation_->lowest().get_executor();
}
tcp::socket& PeerStream::socket() { return implementation_->lowest().socket(); }
bool PeerStream::is_tls() const { return std::holds_alternative<TlsStream>(implementation_->stream); }
void PeerStream::close() { implementation_->lowest().close(); }

void PeerStream::expires_after(std::chrono::nanoseconds wait) {
  implementation_->lowest().expires_after(wait);
}
void PeerStream::expires_at(std::chrono::steady_clock::time_point deadline) {
  implementation_->lowest().expires_at(deadline);
}
void PeerStream::expires_never() { implementation_->lowest().expires_never(); }

void PeerStream::connect(const std::vector<tcp::endpoint>& endpoints, Ended ended) {
  implementation_->lowest().async_connect(
      endpoints, [ended = std::move(ended)](error_code error, const tcp::endpoint&) { ended(error); });
}

void PeerStream::expect_host(const std::string& host, bool verify) {
  TlsStream& tls = std::get<TlsStream>(implementation_->stream);
  error_code not_an_address;
  net::ip::make_address(host, not_an_address);
  if (not_an_address) SSL_set_tlsext_host_name(tls.native_handle(), host.c_str());
  if (verify) tls.set_verify_callback(net::ssl::host_name_verification(host));
}

void PeerStream::handshake(net::ssl::stream_base::handshake_type type, Ended ended) {
  std::get<TlsStream>(implementation_->stream).async_handshake(type, std::move(ended));
}

void PeerStream::shut_down(Ended ended) {
  if (TlsStream* tls = std::get_if<TlsStream>(&implementation_->stream)) {
    tls->async_shutdown(std::move(ended));
  } else {
    error_code error;
    socket().shutdown(tcp::socket::shutdown_send, error);
    net::post(get_executor(), [ended = std::move(ended), error] { ended(error); });
  }
}

void PeerStream::read(const std::vector<net::mutable_buffer>& pieces, Transferred done) {
  std::visit([&](auto& stream) { stream.async_read_some(pieces, std::move(done)); }, implementation_->stream);
}

void PeerStream::write(const std::vector<net::const_buffer>& pieces, Transferred done) {
  std::visit([&](auto& stream) { stream.async_write_some(pieces, std::move(done)); },
             implementation_->stream);
}

void PeerStream::tear_down(beast::role_type role, Ended ended) {
  std::visit(
      [&](auto& stream) {
        using beast::websocket::async_teardown;
        async_teardown(role, stream, std::move(ended));
      },
      implementation_->stream);
}

}  // namespace navkeeper::http
