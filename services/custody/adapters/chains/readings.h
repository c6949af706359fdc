#pragma once
// What every source does when it builds a reading.
#include "services/custody/domain/chains/chain_reading.h"

namespace navkeeper::custody {

/// An empty row of the chain's own coin at the reading's address, block and time, with the hash of its
/// answers.
Balance native_balance(const ChainReading& reading);
/// Puts it into the reading; throws base::Refused when it breaks the rules of a balance.
void add_balance(ChainReading& reading, Balance balance);

}  // namespace navkeeper::custody
