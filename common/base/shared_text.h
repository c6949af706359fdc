#pragma once
// A text that many rows have in common, such as the root of a state: copies share it. It never changes.
#include <compare>
#include <memory>
#include <string>
#include <utility>

namespace navkeeper::base {

class SharedText {
 public:
  SharedText() = default;         ///< empty
  SharedText(std::string text) {  // NOLINT(google-explicit-constructor): it is a text like any other
    if (!text.empty()) text_ = std::make_shared<const std::string>(std::move(text));
  }
  SharedText(const char* text) : SharedText(std::string(text)) {}  // NOLINT(google-explicit-constructor)

  const std::string& value() const {
    static const std::string kEmpty;
    return text_ ? *text_ : kEmpty;
  }
  bool empty() const { return !text_; }
  std::size_t size() const { return value().size(); }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.text_ == b.text_ || a.value() == b.value();
  }
  friend std::strong_ordering operator<=>(const SharedText& a, const SharedText& b) {
    if (a.text_ == b.text_) return std::strong_ordering::equal;
    return a.value() <=> b.value();
  }

 private:
  std::shared_ptr<const std::string> text_;
};

}  // namespace navkeeper::base
