#pragma once
// From the text of a field to a number or an instant, on the hot path of every trade file.
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/money/decimal.h"
#include "services/pricing/domain/number.h"

namespace navkeeper::pricing {

/// What a field that should hold a positive decimal holds.
enum class NumberField { kPositive, kMissing, kMalformed, kTooManyDigits, kNotPositive };

/// Reads `text` into `number`; a number that is not small points at `wide`, which must then be kept.
NumberField read_number(std::string_view text, Number& number, money::Decimal& wide);

/// Reads RFC 3339 into nanoseconds since the epoch. Remembers the last date, since a file's rows share it.
class TimeField {
 public:
  /// A time that 64 bits of nanoseconds cannot hold (before 1677-09-21, after 2262-04-11) is read as the
  /// least or the greatest of them, and far_key() then tells it from others.
  std::optional<std::int64_t> read(std::string_view text);
  /// Of the text read last: zero when its time fits; else alike for the same instant only.
  std::uint64_t far_key() const { return far_key_; }

 private:
  std::optional<std::int64_t> read_slowly(std::string_view text);

  std::uint64_t far_key_ = 0;
  std::uint64_t date_text_ = 0;  ///< the first eight characters of the last date...
  std::uint16_t date_tail_ = 0;  ///< ...and the last two
  std::int64_t date_ns_ = 0;
};

/// Seconds since the epoch with an optional fraction of at most nine digits: "1762795433.9717445".
std::optional<std::int64_t> read_epoch_seconds(std::string_view text);

}  // namespace navkeeper::pricing
