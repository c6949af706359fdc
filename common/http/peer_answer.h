#pragma once
// What a peer service answered and cannot be read is its trouble, not the caller's input.
#include <stdexcept>
#include <string>

#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::http {

/// Runs `read`. Throws base::Unavailable, "<peer> answered <instead>: …", where it refuses or overflows;
/// `instead`: "what it should not".
template <class Read>
auto understood(const std::string& peer, const std::string& instead, Read&& read) -> decltype(read()) {
  try {
    return read();
  } catch (const base::Refused& refused) {
    throw base::Unavailable(peer + " answered " + instead + ": " + refused.what());
  } catch (const std::overflow_error& overflow) {
    throw base::Unavailable(peer + " answered more than can be: " + overflow.what());
  }
}

}  // namespace navkeeper::http
