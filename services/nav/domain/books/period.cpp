#include "services/nav/domain/books/period.h"

#include "common/base/ensure.h"

namespace navkeeper::nav::books {

std::string_view describe(PeriodRefusal refusal) {
  switch (refusal) {
    case PeriodRefusal::kNotOver:
      return "a period is closed after its last day";
    case PeriodRefusal::kNavToCome:
      return "a period is closed after the NAVs of its days were struck";
    case PeriodRefusal::kClosedAlready:
      return "the books are closed through that day already";
    case PeriodRefusal::kNotClosed:
      return "that day is open";
    case PeriodRefusal::kNoReason:
      return "a reopening needs a reason";
    case PeriodRefusal::kNoSuchReopening:
      return "no such reopening was asked for";
    case PeriodRefusal::kNotTheLast:
      return "that reopening was carried out, or a later one was asked for";
    case PeriodRefusal::kAskedByThemselves:
      return "a reopening is approved by somebody other than who asked for it";
  }
  ENSURE(false);
}

PeriodDecided<void> admit_close(std::optional<time::Date> closed_through, time::Date through,
                                time::Date today, std::optional<time::Date> next_nav) {
  if (through >= today) return PeriodRefusal::kNotOver;
  if (next_nav && through >= *next_nav) return PeriodRefusal::kNavToCome;
  if (closed_through && through <= *closed_through) return PeriodRefusal::kClosedAlready;
  return {};
}

PeriodDecided<void> admit_reopening(std::optional<time::Date> closed_through, time::Date from,
                                    std::string_view reason) {
  if (!closed_through || from > *closed_through) return PeriodRefusal::kNotClosed;
  if (reason.empty()) return PeriodRefusal::kNoReason;
  return {};
}

PeriodDecided<void> admit_approval(const std::optional<AskedReopening>& asked, int done, int latest,
                                   std::optional<time::Date> closed_through, std::string_view approver) {
  if (!asked) return PeriodRefusal::kNoSuchReopening;
  if (asked->number <= done || asked->number != latest) return PeriodRefusal::kNotTheLast;
  if (!closed_through || asked->from > *closed_through) return PeriodRefusal::kNotClosed;
  if (asked->asked_by == approver) return PeriodRefusal::kAskedByThemselves;
  return {};
}

}  // namespace navkeeper::nav::books
