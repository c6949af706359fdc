#pragma once
// Strict reading of TOML files (index, fund, actor file, configuration), as common/json/reader.h reads JSON.
// A refusal names file, line and key: "index.toml:4: strike_time". Missing, unknown and repeated keys and
// values of another type are refused. Amounts are decimals in quotes: a TOML float is refused wherever it
// stands.
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::runtime {

/// A file may have at most so many bytes.
constexpr std::size_t kTomlBytesMax = std::size_t{1} << 20;

enum class TomlKind { kString, kInteger, kFloat, kBoolean, kDate, kTime, kArray, kTable };
/// "string", "whole number", "float", "boolean", "date", "time", "list", "table".
std::string_view describe(TomlKind kind);

struct TomlMember;

struct TomlValue {
  TomlKind kind = TomlKind::kTable;
  int line = 0;                     ///< where it stands, from 1; of a member: the line of its key
  std::string text;                 ///< of a string; of a date "2023-09-05"
  std::int64_t integer = 0;         ///< of a whole number
  bool boolean = false;             ///< of a boolean
  std::vector<TomlValue> items;     ///< of a list
  std::vector<TomlMember> members;  ///< of a table, in the order of the file
};

struct TomlMember {
  std::string key;
  TomlValue value;
};

/// A value, its file and the path at which it stands; read it or refuse it. The document must outlive it.
class TomlPlace {
 public:
  TomlPlace(const TomlValue& value, std::shared_ptr<const std::string> file, std::string path)
      : value_(&value), file_(std::move(file)), path_(std::move(path)) {}

  TomlKind kind() const { return value_->kind; }
  const TomlValue& value() const { return *value_; }
  const std::string& path() const { return path_; }
  /// "index.toml:4: partitions", for a refusal of the caller's own.
  std::string where() const;
  [[noreturn]] void refuse(std::string rule) const;

  std::string string() const;
  money::Decimal decimal() const;  ///< a string that holds a decimal
  std::int64_t integer(std::int64_t minimum = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t maximum = std::numeric_limits<std::int64_t>::max()) const;
  bool boolean() const;
  time::Date date() const;               ///< a TOML date or a string "YYYY-MM-DD"
  std::vector<TomlPlace> items() const;  ///< of a list

 private:
  friend class TomlReader;
  void require(TomlKind kind) const;

  const TomlValue* value_;
  std::shared_ptr<const std::string> file_;
  std::string path_;
};

/// Reads the keys of one table; finish() refuses those that nobody read. All refusals are thrown as
/// base::Refused.
class TomlReader {
 public:
  /// Refused when the place is not a table.
  explicit TomlReader(TomlPlace place);

  bool has(std::string_view key) const;  ///< does not count as read
  std::vector<std::string> keys() const;
  /// "fund.toml:12: fee.annual_rate"; for an absent key the line of its table.
  std::string where(std::string_view key) const;
  [[noreturn]] void refuse(std::string_view key, std::string rule) const;

  // A required key: refused when missing.
  TomlPlace value(std::string_view key);  ///< of any kind
  std::string string(std::string_view key) { return value(key).string(); }
  money::Decimal decimal(std::string_view key) { return value(key).decimal(); }
  std::int64_t integer(std::string_view key, std::int64_t minimum = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t maximum = std::numeric_limits<std::int64_t>::max()) {
    return value(key).integer(minimum, maximum);
  }
  bool boolean(std::string_view key) { return value(key).boolean(); }
  time::Date date(std::string_view key) { return value(key).date(); }
  std::vector<TomlPlace> array(std::string_view key) { return value(key).items(); }
  std::vector<std::string> strings(std::string_view key);  ///< a list of strings
  TomlReader table(std::string_view key) { return TomlReader(value(key)); }
  std::vector<TomlReader> tables(std::string_view key);  ///< a list of tables: [[key]]

  // An optional key: nothing (an empty list) when absent.
  std::optional<TomlPlace> optional_value(std::string_view key);
  std::optional<std::string> optional_string(std::string_view key);
  std::optional<money::Decimal> optional_decimal(std::string_view key);
  std::optional<std::int64_t> optional_integer(
      std::string_view key, std::int64_t minimum = std::numeric_limits<std::int64_t>::min(),
      std::int64_t maximum = std::numeric_limits<std::int64_t>::max());
  std::optional<bool> optional_boolean(std::string_view key);
  std::optional<time::Date> optional_date(std::string_view key);
  std::vector<TomlPlace> optional_array(std::string_view key);
  std::optional<TomlReader> optional_table(std::string_view key);
  std::vector<TomlReader> optional_tables(std::string_view key);

  /// Refuses the first key that nobody read: "unknown key".
  void finish() const;

 private:
  TomlPlace place_;
  std::vector<bool> read_;  ///< by position of the member
};

class TomlDocument {
 public:
  /// `file` is the name that refusals show.
  static base::Checked<TomlDocument> parse(std::string_view text, std::string file);
  /// Refused also when the file cannot be read or is larger than kTomlBytesMax.
  static base::Checked<TomlDocument> load(const std::string& path);

  /// A reader of the whole file. The document must outlive it.
  TomlReader root() const;
  const std::string& text() const { return *text_; }  ///< the bytes as read, for hashing

 private:
  std::shared_ptr<const std::string> file_;
  std::shared_ptr<const std::string> text_;
  std::shared_ptr<const TomlValue> root_;
};

}  // namespace navkeeper::runtime
