#pragma once
// AsOf: which past a question is about. Every fact has the time it is about and the time we learned it.
#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::model {

struct AsOf {
  time::Instant instant;      ///< facts about times after this do not count
  time::Date valuation_date;  ///< the fund's business day that is valued, local to the fund
  time::Instant known_at;     ///< facts learned after this do not count
  bool operator==(const AsOf&) const = default;
};

}  // namespace navkeeper::model
