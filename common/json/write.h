#pragma once
// Writing JSON: compact, keys in the order of the calls; canonical for hashing; pretty for people.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "common/money/decimal.h"

namespace navkeeper::json {

enum class Keys : std::uint8_t {
  kAsWritten,  ///< in the order of the calls
  kSorted,     ///< by their bytes: what is written is canonical, as to_canonical() would have it
};

/// Writes one document compactly. Calls in an order that is not JSON are a bug (ENSURE); that no key comes
/// twice is the caller's business, and a bug where keys are sorted (ENSURE). Bytes that are not UTF-8 are
/// written as U+FFFD, so that the output always is.
class Writer {
 public:
  explicit Writer(Keys keys = Keys::kAsWritten) : keys_(keys) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view key);

  Writer& string(std::string_view text);
  Writer& decimal(const money::Decimal& value);              ///< as a string, without trailing zeros
  Writer& decimal(const money::Decimal& value, int places);  ///< as a string with exactly so many decimals
  /// A statistic as a JSON number with so many significant digits; null when it is not finite.
  Writer& real(double value, int significant_digits = 17);
  Writer& number(std::string_view token);  ///< a JSON number as written (ENSURE)
  Writer& integer(std::int64_t value);
  Writer& boolean(bool value);
  Writer& null();
  Writer& value(const Value& value);  ///< members in their order, or sorted where keys are
  /// A whole document of another writer as it stands: canonical where this one's keys are sorted.
  Writer& written(std::string_view document);

  // A key and its value at once.
  Writer& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  Writer& member(std::string_view name, const char* text) { return key(name).string(text); }
  Writer& member(std::string_view name, const money::Decimal& amount) { return key(name).decimal(amount); }
  Writer& member(std::string_view name, std::int64_t whole) { return key(name).integer(whole); }
  Writer& member(std::string_view name, int whole) { return key(name).integer(whole); }
  Writer& member(std::string_view name, bool flag) { return key(name).boolean(flag); }
  Writer& member(std::string_view name, const Value& tree) { return key(name).value(tree); }

  /// The document; everything opened must be closed. The writer is empty afterwards.
  std::string take();

 private:
  enum class Inside : std::uint8_t { kArray, kObject };
  struct Level {
    Inside inside;
    bool first = true;
    std::size_t members = 0;  ///< the first of its own in members_
  };
  /// A member of an object that is open and whose keys are sorted.
  struct MemberAt {
    std::size_t begin;  ///< of its key in out_
    std::size_t name;   ///< of its key, unescaped, in names_
    std::size_t name_size;
  };
  void before_value();
  void sort_members(std::size_t first);

  Keys keys_;
  std::string out_;
  std::vector<Level> levels_;
  std::vector<MemberAt> members_;
  std::string names_;
  bool after_key_ = false;
  bool done_ = false;
};

/// Members in their order, no white space.
std::string to_compact(const Value& value);
/// For hashing: keys sorted by their bytes, no white space, strings UTF-8 with the fewest escapes (quote,
/// backslash, control characters: \b \t \n \f \r, else \u00xx in lower case), number tokens as written.
std::string to_canonical(const Value& value);
/// For people: two spaces a level.
std::string to_pretty(const Value& value);
/// `text` as a JSON string with its quotes, escaped as above.
std::string quoted(std::string_view text);

}  // namespace navkeeper::json
