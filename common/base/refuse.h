#pragma once
// How a reader of outside input refuses from deep inside without threading a result through every line: it
// throws Refused, and the adapter's boundary turns that into a Checked<T>. Only for reading input; a domain
// decision returns its refusal.
#include <exception>
#include <string>
#include <utility>

#include "common/base/refusal.h"

namespace navkeeper::base {

class Refused : public std::exception {
 public:
  explicit Refused(Refusal refusal) : refusal_(std::move(refusal)), message_(refusal_.message()) {}
  const Refusal& refusal() const { return refusal_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Refusal refusal_;
  std::string message_;
};

/// Refused because of who asks, not of what is asked: over HTTP 403.
class NotPermitted : public Refused {
 public:
  using Refused::Refused;
};

[[noreturn]] inline void refuse(std::string where, std::string rule) {
  throw Refused(Refusal{std::move(where), std::move(rule)});
}

/// The value that `read` returns, or the refusal that it threw.
template <class Read>
auto checked(Read&& read) -> Checked<decltype(read())> {
  try {
    return std::forward<Read>(read)();
  } catch (const Refused& refused) {
    return refused.refusal();
  }
}

/// The other way round, at the top of a command or a route: the value, or Refused is thrown on.
template <class T>
T value_or_refuse(Checked<T> result) {
  if (result.has_error()) throw Refused(result.error());
  return std::move(*result);
}

}  // namespace navkeeper::base
