#pragma once
// How sure it is what a chain says, by what its nodes answered (chains/agreement.h decides).
#include <optional>
#include <string_view>

namespace navkeeper::custody {

/// From the strongest to none; the first that holds, read from the end.
enum class Certainty {
  kAgreed,        ///< two nodes or more say the same of the same block, and nothing is in doubt
  kProven,        ///< one node, and its answer is proven against the header that it gave
  kSingleSource,  ///< one node is configured and says so
  kUnsure,        ///< there is an answer and something against it: reasons say what
  kUnknown,       ///< no node answered
};
std::string_view describe(Certainty certainty);  ///< "agreed", "proven", "single_source", "unsure", "unknown"
std::optional<Certainty> parse_certainty(std::string_view word);

}  // namespace navkeeper::custody
