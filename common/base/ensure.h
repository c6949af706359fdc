#pragma once
// ENSURE: the check for our own bugs. Always on, in every build; a failure ends the process with the place
// and the condition on stderr. Never for input from outside: that is refused (refusal.h).

namespace navkeeper::base {

[[noreturn]] void ensure_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace navkeeper::base

#define ENSURE(condition)                                               \
  do {                                                                  \
    if (!(condition)) [[unlikely]]                                      \
      ::navkeeper::base::ensure_failed(#condition, __FILE__, __LINE__); \
  } while (false)
