#pragma once
// Strong<Tag, T>: a value whose type says what it is, so that a fund's id is never passed for an asset's.
// Compared and ordered by value; hashable; no arithmetic.
#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace navkeeper::base {

template <class Tag, class T = std::string>
class Strong {
 public:
  Strong() = default;
  explicit Strong(T value) : value_(std::move(value)) {}
  const T& value() const { return value_; }
  auto operator<=>(const Strong&) const = default;
  bool operator==(const Strong&) const = default;

 private:
  T value_{};
};

}  // namespace navkeeper::base

template <class Tag, class T>
struct std::hash<navkeeper::base::Strong<Tag, T>> {
  std::size_t operator()(const navkeeper::base::Strong<Tag, T>& strong) const noexcept {
    return std::hash<T>{}(strong.value());
  }
};
