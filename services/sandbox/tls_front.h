#pragma once
// Stands before a TLS server on loopback and passes bytes on, so that a test can make the way slow or lead it
// to a server with another authority's certificate, without the server's knowing.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace navkeeper::sandbox {

struct TlsFrontOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  /// Asked for each new connection: where it leads, on the same address.
  std::function<std::uint16_t()> behind;
  /// Asked for each chunk of bytes: whether it waits before it is passed on.
  std::function<bool()> slow;
};

class TlsFront {
 public:
  /// Listens and starts. Throws base::Unavailable when it cannot.
  explicit TlsFront(TlsFrontOptions options);
  ~TlsFront();
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;

  std::uint16_t port() const;

  struct Implementation;  ///< opaque

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::sandbox
