#include "services/staking/app/staking_store.h"

#include "common/base/ensure.h"

namespace navkeeper::staking {

std::string_view describe(SyncOutcome outcome) {
  switch (outcome) {
    case SyncOutcome::kDone:
      return "done";
    case SyncOutcome::kPartly:
      return "partly";
    case SyncOutcome::kFailed:
      return "failed";
  }
  ENSURE(false);
}

std::optional<SyncOutcome> parse_sync_outcome(std::string_view word) {
  for (const SyncOutcome one : {SyncOutcome::kDone, SyncOutcome::kPartly, SyncOutcome::kFailed}) {
    if (describe(one) == word) return one;
  }
  return std::nullopt;
}

}  // namespace navkeeper::staking
