#pragma once
#include "common/time/date.h"

namespace navkeeper::nav::policy {

/// The same day `months` months on (0 or more); where that month has no such day, the first of the month
/// after.
time::Date months_after(time::Date date, int months);

}  // namespace navkeeper::nav::policy
