#include "services/custody/domain/verdict.h"

#include "common/base/ensure.h"

namespace navkeeper::custody {

std::string_view describe(Control control) {
  switch (control) {
    case Control::kValid:
      return "valid";
    case Control::kInconclusive:
      return "inconclusive";
    case Control::kInvalid:
      return "invalid";
  }
  ENSURE(false);
}

}  // namespace navkeeper::custody
