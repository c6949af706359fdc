#pragma once
// The port to the fund's books, which another service keeps.
#include <functional>
#include <vector>

#include "common/model/id.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "services/custody/domain/transfer_matching.h"

namespace navkeeper::custody {

/// Coins that came in and went out by the books, settled on a day of [from, to], as far as known at
/// `known_at`. Throws base::Unavailable when the books do not answer; base::Refused when the fund has none.
using BooksReader = std::function<std::vector<TransferFact>(const model::FundId& fund, time::Date from,
                                                            time::Date to, time::Instant known_at)>;

}  // namespace navkeeper::custody
