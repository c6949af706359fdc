#pragma once
// Closing a fund's books through a day, and opening them again: an act of two people.
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/time/date.h"

namespace navkeeper::nav::books {

/// In the order in which they are tried.
enum class PeriodRefusal {
  kNotOver,           ///< a period is closed when its last day is over
  kNavToCome,         ///< a NAV of a day in it is still to be struck, and would find its days closed
  kClosedAlready,     ///< closed through that day or a later one
  kNotClosed,         ///< opening a day that is open
  kNoReason,          ///< a reopening without a reason
  kNoSuchReopening,   ///< no reopening with that number was asked for
  kNotTheLast,        ///< an older one, or one that was carried out
  kAskedByThemselves  ///< approving what one asked for
};
std::string_view describe(PeriodRefusal refusal);

template <class T>
using PeriodDecided = base::Result<T, PeriodRefusal>;

/// `today` in UTC; `next_nav`: the day of the next NAV to be struck, where the fund strikes any.
PeriodDecided<void> admit_close(std::optional<time::Date> closed_through, time::Date through,
                                time::Date today, std::optional<time::Date> next_nav);

/// Opening `from` and what follows.
PeriodDecided<void> admit_reopening(std::optional<time::Date> closed_through, time::Date from,
                                    std::string_view reason);

struct AskedReopening {
  int number = 0;
  time::Date from;
  std::string asked_by;
};
/// `asked`: the one with the number, if any; `done`: the number of the last one carried out.
PeriodDecided<void> admit_approval(const std::optional<AskedReopening>& asked, int done, int latest,
                                   std::optional<time::Date> closed_through, std::string_view approver);

}  // namespace navkeeper::nav::books
