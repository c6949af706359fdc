#pragma once
// Certificates made here: an authority of one's own and servers' certificates signed by it, for sandboxes,
// tests and closed networks. Keys are on the curve P-256; everything is PEM.
#include <string>
#include <vector>

namespace navkeeper::crypto {

struct Certificate {
  std::string certificate_pem;
  std::string key_pem;  ///< PKCS#8, not encrypted
};

/// An authority of that common name, valid from a day before now for so many days.
Certificate make_authority(const std::string& common_name, int days);

/// A server's certificate signed by `authority`, for these names: "DNS:localhost", "IP:127.0.0.1". Throws
/// base::Unavailable when the library cannot.
Certificate make_certificate(const Certificate& authority, const std::string& common_name,
                             const std::vector<std::string>& names, int days);

}  // namespace navkeeper::crypto
