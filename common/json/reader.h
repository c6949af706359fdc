#pragma once
// Strict reading of file and request shapes out of a json::Value. Every key that is read is remembered;
// finish() refuses the others. All refusals are thrown as base::Refused with the path ("positions[2].price")
// and the rule; base::checked() at the boundary turns them into a Checked<T>. Amounts are decimal strings: a
// JSON number where a string is due is refused. An explicit null is never taken for an absent key.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::json {

/// A value and the path at which it stands. The value must outlive it.
struct Place {
  const Value& value;
  std::string path;
};

// Reading one place; each throws base::Refused when the value is of another kind or out of its range.
std::string read_string(const Place& place);
money::Decimal read_decimal(const Place& place);  ///< a JSON string that holds a decimal
std::int64_t read_integer(const Place& place, std::int64_t minimum, std::int64_t maximum);  ///< a JSON number
bool read_boolean(const Place& place);
time::Date read_date(const Place& place);           ///< a string "YYYY-MM-DD" of a day that exists
time::Instant read_instant(const Place& place);     ///< a string of RFC 3339, any offset
std::vector<Place> read_array(const Place& place);  ///< its items, paths "list[0]", "list[1]", …

class ObjectReader {
 public:
  /// Refused when `value` is not an object. `path` is "" for a whole document. The value must outlive the
  /// reader.
  explicit ObjectReader(const Value& value, std::string path = "");
  explicit ObjectReader(const Place& place) : ObjectReader(place.value, place.path) {}

  bool has(std::string_view key) const;      ///< present, be it null; does not count as read
  bool is_null(std::string_view key) const;  ///< present and null
  /// The path of a key, for a refusal of the caller's own.
  std::string path_of(std::string_view key) const;
  const std::string& path() const { return path_; }
  std::size_t size() const { return value_->as_object().size(); }

  // A required key: refused when missing.
  Place value(std::string_view key);  ///< of any kind
  std::string string(std::string_view key);
  money::Decimal decimal(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t minimum = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t maximum = std::numeric_limits<std::int64_t>::max());
  bool boolean(std::string_view key);
  time::Date date(std::string_view key);
  time::Instant instant(std::string_view key);
  std::vector<Place> array(std::string_view key);
  ObjectReader object(std::string_view key);

  // An optional key: nothing when absent.
  std::optional<Place> optional_value(std::string_view key);
  std::optional<std::string> optional_string(std::string_view key);
  std::optional<money::Decimal> optional_decimal(std::string_view key);
  std::optional<std::int64_t> optional_integer(
      std::string_view key, std::int64_t minimum = std::numeric_limits<std::int64_t>::min(),
      std::int64_t maximum = std::numeric_limits<std::int64_t>::max());
  std::optional<bool> optional_boolean(std::string_view key);
  std::optional<time::Date> optional_date(std::string_view key);
  std::optional<time::Instant> optional_instant(std::string_view key);
  std::vector<Place> optional_array(std::string_view key);  ///< empty when absent
  std::optional<ObjectReader> optional_object(std::string_view key);

  /// Counts a key as read without reading it.
  void ignore(std::string_view key);
  /// Refuses the first key that nobody read: "unknown key".
  void finish() const;

 private:
  const Value* value_;
  std::string path_;
  std::vector<bool> read_;  ///< by position of the member
};

}  // namespace navkeeper::json
