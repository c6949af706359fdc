#pragma once
// One connection's bytes, plain or TLS, behind one type. HTTP and websockets are composed operations that
// cost ten seconds and more to compile for each stream type that they run on: they run on this one alone. Of
// this folder's headers only this one needs Asio; it is for the .cpp files beside it.
//
// All of it happens on the thread that runs the executor.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace boost::beast {
enum class role_type;
}

namespace navkeeper::http {

class PeerStream {
 public:
  using executor_type = boost::asio::any_io_executor;
  using error_code = boost::system::error_code;
  using Ended = std::function<void(error_code)>;
  using Transferred = std::function<void(error_code, std::size_t)>;

  /// Of an accepted connection, or a closed one to connect. Without `tls` the bytes are plain.
  PeerStream(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls);
  ~PeerStream();
  PeerStream(PeerStream&&) noexcept;
  PeerStream& operator=(PeerStream&&) = delete;

  executor_type get_executor() const;
  boost::asio::ip::tcp::socket& socket();
  bool is_tls() const;
  void close();

  // An operation that has not ended by then ends with beast::error::timeout.
  void expires_after(std::chrono::nanoseconds wait);
  void expires_at(std::chrono::steady_clock::time_point deadline);
  void expires_never();

  void connect(const std::vector<boost::asio::ip::tcp::endpoint>& endpoints, Ended ended);
  /// For a client's handshake: the name that the peer must prove with its certificate; `host` may be an
  /// address. Without `verify` any certificate will do.
  void expect_host(const std::string& host, bool verify);
  void handshake(boost::asio::ssl::stream_base::handshake_type type, Ended ended);
  void shut_down(Ended ended);  ///< TLS's own goodbye; of a plain connection our direction ends

  // What Asio's and Beast's composed operations ask of a stream.
  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& initiated, const auto& wanted) {
          read(gathered<boost::asio::mutable_buffer>(wanted),
               shared<Transferred>(std::forward<decltype(initiated)>(initiated)));
        },
        handler, buffers);
  }
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& initiated, const auto& wanted) {
          write(gathered<boost::asio::const_buffer>(wanted),
                shared<Transferred>(std::forward<decltype(initiated)>(initiated)));
        },
        handler, buffers);
  }
  /// The end of a websocket's connection, after the closing handshake.
  template <class Handler>
  friend void async_teardown(boost::beast::role_type role, PeerStream& stream, Handler&& handler) {
    stream.tear_down(role, shared<Ended>(std::forward<Handler>(handler)));
  }
  friend void beast_close_socket(PeerStream& stream) { stream.close(); }

 private:
  // As many pieces as one system call is given; a composed operation comes again with the rest.
  static constexpr std::size_t kPiecesMax = 16;

  template <class Buffer, class Buffers>
  static std::vector<Buffer> gathered(const Buffers& buffers) {
    std::vector<Buffer> pieces;
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end && pieces.size() < kPiecesMax;
         ++at) {
      const Buffer piece(*at);
      if (piece.size() != 0) pieces.push_back(piece);
    }
    return pieces;
  }
  /// A handler that can only be moved as a function that can be copied. It is called once.
  template <class Function, class Handler>
  static Function shared(Handler&& handler) {
    auto kept = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
    return [kept](auto... result) { std::move (*kept)(result...); };
  }

  void read(const std::vector<boost::asio::mutable_buffer>& pieces, Transferred done);
  void write(const std::vector<boost::asio::const_buffer>& pieces, Transferred done);
  void tear_down(boost::beast::role_type role, Ended ended);

  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::http
