#pragma once
// Trades out of the tape: those of a window, with every copy of theirs that lies elsewhere.
#include <memory>
#include <string>

#include "common/db/pool.h"
#include "services/pricing/app/strike_rate.h"

namespace navkeeper::pricing {

/// See RateStore::settle. Waits for those who write trades of the pair.
time::Instant settle_tape(db::Pool& pool, const std::string& pair, time::Instant now);

/// See RateStore::trades. What a day holds is looked up first, so that copies are looked for only on days
/// whose ids reach over those of the window.
std::unique_ptr<StoredTrades> read_tape(db::Pool& pool, const std::string& pair, const Window& window,
                                        time::Instant known_at);

}  // namespace navkeeper::pricing
