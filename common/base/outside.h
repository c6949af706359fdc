#pragma once
// The three ways in which something outside this process fails, as a port tells them apart (style: an
// exception inside an adapter). A refusal of input is not one of them: see refusal.h.
#include <stdexcept>
#include <string>

namespace navkeeper::base {

/// Not reachable, timed out before anything was sent, or answering nonsense: nothing was changed, try again
/// later.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Somebody else changed it first, or the same key was used with other content: trying again will not help.
struct Conflict : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// It may or may not have happened. Look it up by its idempotency key, or repeat it with the same key; never
/// blindly.
struct InDoubt : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace navkeeper::base
