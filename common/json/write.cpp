#include "common/json/write.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/quoted.h"

namespace navkeeper::json {
namespace {

enum class Order { kAsWritten, kByKey };

class Printer {
 public:
  Printer(Order order, bool pretty) : order_(order), pretty_(pretty) {}

  void print(const Value& value) {
    switch (value.kind()) {
      case Kind::kNull:
        out_ += "null";
        return;
      case Kind::kBoolean:
        out_ += value.as_boolean() ? "true" : "false";
        return;
      case Kind::kNumber:
        out_ += value.as_number();
        return;
      case Kind::kString:
        base::append_quoted(out_, value.as_string());
        return;
      case Kind::kArray:
        return print_array(value.as_array());
      case Kind::kObject:
        return print_object(value.as_object());
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void new_line() {
    if (!pretty_) return;
    out_.push_back('\n');
    out_.append(depth_ * 2, ' ');
  }
  void print_array(const Array& items) {
    out_.push_back('[');
    ++depth_;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i != 0) out_.push_back(',');
      new_line();
      print(items[i]);
    }
    --depth_;
    if (!items.empty()) new_line();
    out_.push_back(']');
  }
  void print_object(const Object& members) {
    std::vector<const Member*> ordered;
    ordered.reserve(members.size());
    for (const Member& member : members) ordered.push_back(&member);
    if (order_ == Order::kByKey)
      std::sort(ordered.begin(), ordered.end(),
                [](const Member* a, const Member* b) { return a->key < b->key; });
    out_.push_back('{');
    ++depth_;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      if (i != 0) out_.push_back(',');
      new_line();
      base::append_quoted(out_, ordered[i]->key);
      out_ += pretty_ ? ": " : ":";
      print(ordered[i]->value);
    }
    --depth_;
    if (!ordered.empty()) new_line();
    out_.push_back('}');
  }

  Order order_;
  bool pretty_;
  std::size_t depth_ = 0;
  std::string out_;
};

std::string printed(const Value& value, Order order, bool pretty) {
  Printer printer(order, pretty);
  printer.print(value);
  return printer.take();
}

}  // namespace

void Writer::before_value() {
  if (levels_.empty()) {
    ENSURE(!done_);
    done_ = true;
    return;
  }
  Level& level = levels_.back();
  if (level.inside == Inside::kObject) {
    ENSURE(after_key_);
    after_key_ = false;
    return;
  }
  if (!level.first) out_.push_back(',');
  level.first = false;
}

Writer& Writer::begin_object() {
  before_value();
  out_.push_back('{');
  levels_.push_back({Inside::kObject, true, members_.size()});
  return *this;
}
Writer& Writer::end_object() {
  ENSURE(!levels_.empty() && levels_.back().inside == Inside::kObject && !after_key_);
  if (keys_ == Keys::kSorted) sort_members(levels_.back().members);
  levels_.pop_back();
  out_.push_back('}');
  return *this;
}
Writer& Writer::begin_array() {
  before_value();
  out_.push_back('[');
  levels_.push_back({Inside::kArray});
  return *this;
}
Writer& Writer::end_array() {
  ENSURE(!levels_.empty() && levels_.back().inside == Inside::kArray);
  levels_.pop_back();
  out_.push_back(']');
  return *this;
}
Writer& Writer::key(std::string_view key) {
  ENSURE(!levels_.empty() && levels_.back().inside == Inside::kObject && !after_key_);
  if (!levels_.back().first) out_.push_back(',');
  levels_.back().first = false;
  if (keys_ == Keys::kSorted) {
    members_.push_back({out_.size(), names_.size(), key.size()});
    names_ += key;
  }
  base::append_quoted(out_, key);
  out_.push_back(':');
  after_key_ = true;
  return *this;
}

/// Brings the members from `first` on, those of the object that ends here, into the order of their keys.
void Writer::sort_members(std::size_t first) {
  if (first == members_.size()) return;
  const auto own = std::span(members_).subspan(first);
  const auto name = [&](const MemberAt& member) {
    return std::string_view(names_).substr(member.name, member.name_size);
  };
  const std::size_t begin = own.front().begin;
  const std::size_t names = own.front().name;
  const auto goes_before = [&](const MemberAt& a, const MemberAt& b) { return name(a) < name(b); };
  if (!std::is_sorted(own.begin(), own.end(), goes_before)) {
    std::vector<std::pair<MemberAt, std::string_view>> parts;  // each with its text
    parts.reserve(own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
      const std::size_t end = i + 1 < own.size() ? own[i + 1].begin - 1 : out_.size();  // without the comma
      parts.emplace_back(own[i], std::string_view(out_).substr(own[i].begin, end - own[i].begin));
    }
    std::sort(parts.begin(), parts.end(),
              [&](const auto& a, const auto& b) { return goes_before(a.first, b.first); });
    std::string sorted;
    sorted.reserve(out_.size() - begin);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i != 0) sorted.push_back(',');
      sorted += parts[i].second;
      own[i] = parts[i].first;
    }
    out_.replace(begin, out_.size() - begin, sorted);
  }
  for (std::size_t i = 1; i < own.size(); ++i) ENSURE(name(own[i - 1]) != name(own[i]));
  members_.resize(first);
  names_.resize(names);
}

Writer& Writer::string(std::string_view text) {
  before_value();
  base::append_quoted(out_, text);
  return *this;
}
Writer& Writer::decimal(const money::Decimal& value) { return string(value.to_string()); }
Writer& Writer::decimal(const money::Decimal& value, int places) { return string(value.to_fixed(places)); }
Writer& Writer::number(std::string_view token) {
  ENSURE(is_number_token(token));
  before_value();
  out_ += token;
  return *this;
}
Writer& Writer::real(double value, int significant_digits) {
  if (!std::isfinite(value)) return null();
  std::array<char, 64> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                          std::chars_format::general, significant_digits);
  ENSURE(error == std::errc{});
  return number(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}
Writer& Writer::integer(std::int64_t value) { return number(std::to_string(value)); }
Writer& Writer::boolean(bool value) {
  before_value();
  out_ += value ? "true" : "false";
  return *this;
}
Writer& Writer::null() {
  before_value();
  out_ += "null";
  return *this;
}
Writer& Writer::value(const Value& value) {
  before_value();
  out_ += keys_ == Keys::kSorted ? to_canonical(value) : to_compact(value);
  return *this;
}
Writer& Writer::written(std::string_view document) {
  before_value();
  out_ += document;
  return *this;
}

std::string Writer::take() {
  ENSURE(done_ && levels_.empty());
  done_ = false;
  return std::exchange(out_, {});
}

std::string to_compact(const Value& value) { return printed(value, Order::kAsWritten, false); }
std::string to_canonical(const Value& value) { return printed(value, Order::kByKey, false); }
std::string to_pretty(const Value& value) { return printed(value, Order::kAsWritten, true); }
std::string quoted(std::string_view text) {
  std::string out;
  base::append_quoted(out, text);
  return out;
}

}  // namespace navkeeper::json
