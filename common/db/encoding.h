#pragma once
// The byte encoding that is hashed in this folder: text = its length in bytes as 8 big-endian bytes, then its
// bytes; integer = 8 big-endian bytes, two's complement; digest = its 32 bytes. No two sequences of values
// have the same bytes.
#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "common/crypto/digest.h"

namespace navkeeper::db {

class HashedBytes {
 public:
  HashedBytes& text(std::string_view value) {
    integer(static_cast<std::int64_t>(value.size()));
    hash_.update(value);
    return *this;
  }
  HashedBytes& integer(std::int64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t at = bytes.size(); at-- > 0; bits >>= 8) bytes[at] = static_cast<std::uint8_t>(bits);
    hash_.update(bytes);
    return *this;
  }
  HashedBytes& digest(const base::Bytes& value) {
    ENSURE(value.size() == 32);
    hash_.update(value);
    return *this;
  }
  base::Bytes finish() {
    const auto digest = hash_.finish();
    return {digest.begin(), digest.end()};
  }

 private:
  crypto::Sha256 hash_;
};

}  // namespace navkeeper::db
