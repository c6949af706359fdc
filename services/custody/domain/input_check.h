#pragma once
// Whether one input of a transaction may spend its output, for the scripts of script_template.h and the kinds
// of bitcoin_address.h, under the rules that BIP-322 requires: hash type ALL, strict DER and low s, invalid
// signatures not tolerated, minimal pushes and conditions, nothing left on the stack.
#include <cstddef>

#include "services/custody/domain/signature_hash.h"
#include "services/custody/domain/verdict.h"

namespace navkeeper::custody {

/// kInconclusive where the script is not understood; where it is, kValid or kInvalid. nLockTime and nSequence
/// are compared with the script's own delay only, not with any chain's height.
Verdict check_input(const Spending& spending, std::size_t input);

}  // namespace navkeeper::custody
