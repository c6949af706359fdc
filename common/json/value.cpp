#include "common/json/value.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_set>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/quoted.h"
#include "common/base/refuse.h"

namespace navkeeper::json {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The length of the number at the beginning of `text`, 0 when there is none.
std::size_t number_length(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - begin;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0') {
    ++at;
  } else if (digits() == 0) {
    return 0;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return 0;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return 0;
  }
  return at;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto byte = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xC0 | (code_point >> 6));
    byte(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    byte(0xE0 | (code_point >> 12));
    byte(0x80 | ((code_point >> 6) & 0x3F));
    byte(0x80 | (code_point & 0x3F));
  } else {
    byte(0xF0 | (code_point >> 18));
    byte(0x80 | ((code_point >> 12) & 0x3F));
    byte(0x80 | ((code_point >> 6) & 0x3F));
    byte(0x80 | (code_point & 0x3F));
  }
}

// A parser of our own, because what is wanted is what the fast ones leave out: number tokens kept whole
// whatever their length, repeated keys refused, line and column of every refusal.
class Parser {
 public:
  Parser(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

  Value document() {
    if (text_.size() > limits_.bytes_max)
      base::refuse("", "the document is larger than " + std::to_string(limits_.bytes_max) + " bytes");
    if (const std::size_t valid = base::utf8_valid_length(text_); valid != text_.size())
      refuse_at(valid, "not UTF-8");
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") refuse("a byte-order mark is not allowed");
    skip_space();
    Value value = read_value();
    skip_space();
    if (at_ != text_.size()) refuse("nothing may follow the document");
    return value;
  }

 private:
  [[noreturn]] void refuse(std::string rule) { refuse_at(at_, std::move(rule)); }
  [[noreturn]] void refuse_at(std::size_t offset, std::string rule) {
    const std::string_view before = text_.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == std::string_view::npos ? offset + 1 : offset - newline;
    base::refuse("line " + std::to_string(line) + ", column " + std::to_string(column), std::move(rule));
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  void expect(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) refuse("a value is expected here");
    at_ += word.size();
  }

  Value read_value() {
    if (at_end()) refuse("the document ends where a value is expected");
    switch (peek()) {
      case '{':
        return read_object();
      case '[':
        return read_array();
      case '"':
        return Value::string(read_string());
      case 't':
        expect("true");
        return Value::boolean(true);
      case 'f':
        expect("false");
        return Value::boolean(false);
      case 'n':
        expect("null");
        return {};
      default:
        return read_number();
    }
  }

  Value read_number() {
    const std::size_t length = number_length(text_.substr(at_));
    if (length == 0)
      refuse(peek() == '-' || is_digit(peek()) ? "not a JSON number" : "a value is expected here");
    Value value = Value::number(std::string(text_.substr(at_, length)));
    // "01" and "1.2.3" begin with a number and are none.
    const char next = at_ + length < text_.size() ? text_[at_ + length] : ' ';
    if (is_digit(next) || next == '.' || next == '-' || next == '+' || (next | 0x20) == 'e')
      refuse("not a JSON number");
    at_ += length;
    return value;
  }

  std::uint32_t read_hex4() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      std::uint32_t digit = 0;
      if (is_digit(c)) {
        digit = static_cast<std::uint32_t>(c - '0');
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
      } else {
        refuse("\\u needs four hexadecimal digits");
      }
      value = value * 16 + digit;
    }
    return value;
  }

  void read_escape(std::string& out) {
    const std::size_t backslash = at_++;
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out.push_back(c);
        return;
      case 'b':
        out.push_back('\b');
        return;
      case 'f':
        out.push_back('\f');
        return;
      case 'n':
        out.push_back('\n');
        return;
      case 'r':
        out.push_back('\r');
        return;
      case 't':
        out.push_back('\t');
        return;
      case 'u':
        break;
      default:
        refuse_at(backslash, "unknown escape in a string");
    }
    std::uint32_t code_point = read_hex4();
    if (code_point >= 0xD800 && code_point < 0xE000) {
      if (code_point >= 0xDC00 || text_.substr(at_, 2) != "\\u")
        refuse_at(backslash, "half of a surrogate pair in a string");
      at_ += 2;
      const std::uint32_t low = read_hex4();
      if (low < 0xDC00 || low >= 0xE000) refuse_at(backslash, "half of a surrogate pair in a string");
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code_point);
  }

  std::string read_string() {
    const std::size_t quote = at_++;
    std::string out;
    while (true) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20)
        ++at_;
      out.append(text_.substr(begin, at_ - begin));
      if (at_end()) refuse_at(quote, "the string is not closed");
      if (text_[at_] == '"') {
        ++at_;
        return out;
      }
      if (text_[at_] != '\\') refuse("a control character in a string must be escaped");
      read_escape(out);
    }
  }

  void enter() {
    if (++depth_ > limits_.depth_max)
      refuse("more than " + std::to_string(limits_.depth_max) + " arrays and objects inside one another");
    ++at_;
    skip_space();
  }
  void leave() {
    --depth_;
    ++at_;
  }
  // After an item: true when another one follows.
  bool another(char closing) {
    skip_space();
    if (peek() == closing) return false;
    if (peek() != ',') refuse(std::string("',' or '") + closing + "' is expected here");
    ++at_;
    skip_space();
    return true;
  }

  Value read_array() {
    enter();
    Array items;
    if (peek() != ']') {
      do items.push_back(read_value());
      while (another(']'));
    }
    leave();
    return Value::array(std::move(items));
  }

  Value read_object() {
    // Few members are compared one by one; from here on their keys are kept in a set.
    constexpr std::size_t kFewMembers = 16;
    enter();
    Object members;
    std::unordered_set<std::string> seen;
    const auto repeated = [&](const std::string& key) {
      if (members.size() < kFewMembers)
        return std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
      if (seen.empty())
        for (const Member& member : members) seen.insert(member.key);
      return !seen.insert(key).second;
    };
    if (peek() != '}') {
      do {
        const std::size_t begin = at_;
        if (peek() != '"') refuse("a key in quotes is expected here");
        std::string key = read_string();
        if (repeated(key)) refuse_at(begin, "key \"" + key + "\" is repeated");
        skip_space();
        if (peek() != ':') refuse("':' is expected here");
        ++at_;
        skip_space();
        Value value = read_value();
        members.push_back({std::move(key), std::move(value)});
      } while (another('}'));
    }
    leave();
    return Value::object(std::move(members));
  }

  std::string_view text_;
  const Limits& limits_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBoolean:
      return "boolean";
    case Kind::kNumber:
      return "number";
    case Kind::kString:
      return "string";
    case Kind::kArray:
      return "array";
    case Kind::kObject:
      return "object";
  }
  return "";
}

Value::Value() = default;
Value::~Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;

// Out of line: clang 14 crashes on a defaulted comparison of what holds lists of itself.
bool Member::operator==(const Member& other) const { return key == other.key && value == other.value; }
bool Value::operator==(const Value& other) const {
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBoolean:
      return as_boolean() == other.as_boolean();
    case Kind::kNumber:
      return as_number() == other.as_number();
    case Kind::kString:
      return as_string() == other.as_string();
    case Kind::kArray:
      return as_array() == other.as_array();
    case Kind::kObject:
      return as_object() == other.as_object();
  }
  return false;
}

Value Value::boolean(bool value) {
  Value made;
  made.data_ = value;
  return made;
}
Value Value::number(std::string token) {
  ENSURE(is_number_token(token));
  Value made;
  made.data_ = Number{std::move(token)};
  return made;
}
Value Value::string(std::string text) {
  Value made;
  made.data_ = std::move(text);
  return made;
}
Value Value::array(Array items) {
  Value made;
  made.data_ = std::move(items);
  return made;
}
Value Value::object(Object members) {
  Value made;
  made.data_ = std::move(members);
  return made;
}

Kind Value::kind() const {
  static constexpr std::array kKinds = {Kind::kNull,   Kind::kBoolean, Kind::kNumber,
                                        Kind::kString, Kind::kArray,   Kind::kObject};
  return kKinds[data_.index()];
}
bool Value::as_boolean() const {
  ENSURE(kind() == Kind::kBoolean);
  return std::get<bool>(data_);
}
const std::string& Value::as_number() const {
  ENSURE(kind() == Kind::kNumber);
  return std::get<Number>(data_).token;
}
const std::string& Value::as_string() const {
  ENSURE(kind() == Kind::kString);
  return std::get<std::string>(data_);
}
const Array& Value::as_array() const {
  ENSURE(kind() == Kind::kArray);
  return std::get<Array>(data_);
}
const Object& Value::as_object() const {
  ENSURE(kind() == Kind::kObject);
  return std::get<Object>(data_);
}
const Value* Value::find(std::string_view key) const {
  for (const Member& member : as_object())
    if (member.key == key) return &member.value;
  return nullptr;
}

base::Checked<Value> parse(std::string_view text, const Limits& limits) {
  return base::checked([&] { return Parser(text, limits).document(); });
}

bool is_number_token(std::string_view token) {
  const std::size_t length = number_length(token);
  return length != 0 && length == token.size();
}

}  // namespace navkeeper::json
