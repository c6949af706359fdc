#include "common/http/channel.h"

#include <utility>

namespace navkeeper::http {

void Channel::publish(std::string text) {
  const Text shared = std::make_shared<const std::string>(std::move(text));
  const std::lock_guard lock(mutex_);
  for (const auto& [listener, deliver] : listeners_) deliver(shared);
}

std::size_t Channel::listeners() const {
  const std::lock_guard lock(mutex_);
  return listeners_.size();
}

std::uint64_t Channel::listen(Deliver deliver) {
  const std::lock_guard lock(mutex_);
  listeners_.emplace(++last_, std::move(deliver));
  return last_;
}

void Channel::leave(std::uint64_t listener) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(listener);
}

}  // namespace navkeeper::http
