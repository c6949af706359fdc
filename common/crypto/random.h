#pragma once
// Random bytes from the operating system's generator (through OpenSSL), for tokens and identifiers.
// Simulations bring their own seeded source.
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/bytes.h"

namespace navkeeper::crypto {

/// Throws base::Unavailable when the system gives none.
void fill_random(std::span<std::uint8_t> bytes);
base::Bytes random_bytes(std::size_t count);

}  // namespace navkeeper::crypto
