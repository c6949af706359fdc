#pragma once
// JSON as read from outside: a small tree that keeps what was written. Members stay in the order in which
// they came and numbers keep their token as text, so that nothing is lost to binary floating point.
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/refusal.h"

namespace navkeeper::json {

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;

enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };
/// "null", "boolean", "number", "string", "array", "object".
std::string_view describe(Kind kind);

/// One JSON value. The as_… functions are for a kind that was checked before (ENSURE).
class Value {
 public:
  Value();  ///< null
  ~Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;

  static Value boolean(bool value);
  /// `token` must be a number as RFC 8259 section 6 writes it (ENSURE).
  static Value number(std::string token);
  static Value string(std::string text);
  static Value array(Array items);
  /// Keys must differ from one another; nobody checks here (parse does).
  static Value object(Object members);

  Kind kind() const;
  bool is_null() const { return kind() == Kind::kNull; }
  bool as_boolean() const;
  const std::string& as_number() const;  ///< the token as written: "1.50", "12e3", of any length
  const std::string& as_string() const;  ///< UTF-8, unescaped
  const Array& as_array() const;
  const Object& as_object() const;
  /// The member of that name of an object, or nothing.
  const Value* find(std::string_view key) const;

  bool operator==(const Value&) const;

 private:
  struct Number {
    std::string token;
  };
  std::variant<std::monostate, bool, Number, std::string, Array, Object> data_;
};

struct Member {
  std::string key;
  Value value;
  bool operator==(const Member& other) const;
};

/// What a document may be at most. Whoever reads larger files says so by name.
struct Limits {
  std::size_t bytes_max = std::size_t{64} << 20;
  int depth_max = 64;  ///< arrays and objects inside one another
};

/// Reads one whole document strictly (RFC 8259): UTF-8 without a byte-order mark, every number of the
/// grammar, no content after the value, no key twice in an object. `where` of a refusal is "line 3, column
/// 14"; columns count bytes from 1.
base::Checked<Value> parse(std::string_view text, const Limits& limits = {});

/// Whether `token` is a number of RFC 8259 section 6, whole.
bool is_number_token(std::string_view token);

}  // namespace navkeeper::json
