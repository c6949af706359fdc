#include "common/crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <climits>

#include "common/base/outside.h"

namespace navkeeper::crypto {

void fill_random(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(bytes.size(), INT_MAX);
    if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1) {
      throw base::Unavailable("the system gives no random bytes");
    }
    bytes = bytes.subspan(count);
  }
}

base::Bytes random_bytes(std::size_t count) {
  base::Bytes bytes(count);
  fill_random(bytes);
  return bytes;
}

}  // namespace navkeeper::crypto
