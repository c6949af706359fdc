#include "common/base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace navkeeper::base {

void ensure_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "navkeeper: a bug: %s does not hold at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace navkeeper::base
