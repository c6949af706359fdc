#include "services/custody/domain/certainty.h"

#include "common/base/ensure.h"

namespace navkeeper::custody {

std::string_view describe(Certainty certainty) {
  switch (certainty) {
    case Certainty::kAgreed:
      return "agreed";
    case Certainty::kProven:
      return "proven";
    case Certainty::kSingleSource:
      return "single_source";
    case Certainty::kUnsure:
      return "unsure";
    case Certainty::kUnknown:
      return "unknown";
  }
  ENSURE(false);
}

std::optional<Certainty> parse_certainty(std::string_view word) {
  for (const Certainty certainty : {Certainty::kAgreed, Certainty::kProven, Certainty::kSingleSource,
                                    Certainty::kUnsure, Certainty::kUnknown}) {
    if (describe(certainty) == word) return certainty;
  }
  return std::nullopt;
}

}  // namespace navkeeper::custody
