#pragma once
// Uuid: 128-bit identifiers made here, not in the database, so that no global sequence is needed. Version 7
// (RFC 9562 section 5.7): ordered by the time they were made, so that indexes grow at one end.
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/time/instant.h"

namespace navkeeper::model {

class Uuid {
 public:
  constexpr Uuid() = default;  ///< nil
  explicit constexpr Uuid(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}
  /// Reads 8-4-4-4-12 hexadecimal digits of either case, any version.
  static std::optional<Uuid> parse(std::string_view text) noexcept;

  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  bool is_nil() const { return *this == Uuid(); }
  std::string to_string() const;  ///< lower case
  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// Fills the bytes with random ones: crypto::fill_random in programs, a seeded source in simulations.
using RandomSource = std::function<void(std::span<std::uint8_t>)>;

/// 48 bits of milliseconds, then 12 bits of the millisecond's fraction (RFC 9562 section 6.2, method 3: steps
/// of 244 ns), then 62 random bits. Instants before 1970 are a bug (ENSURE). Made at the same step, order is
/// by chance.
Uuid new_uuid_v7(time::Instant now, const RandomSource& random);

}  // namespace navkeeper::model

template <>
struct std::hash<navkeeper::model::Uuid> {
  std::size_t operator()(const navkeeper::model::Uuid& uuid) const noexcept {
    return std::hash<std::string_view>{}(
        std::string_view(reinterpret_cast<const char*>(uuid.bytes().data()), uuid.bytes().size()));
  }
};
