#include "services/pricing/domain/retention.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::pricing {

std::string_view describe(DropRefusal refusal) {
  switch (refusal) {
    case DropRefusal::kStillKept:
      return "its days of keeping are not over";
    case DropRefusal::kNotStruck:
      return "a rate that rests on it is not struck";
    case DropRefusal::kRestatementOpen:
      return "a rate that rests on it may still be restated";
    case DropRefusal::kNotPriced:
      return "a price that rests on it is not struck";
    case DropRefusal::kDeterminationOpen:
      return "a determination that rests on it is not approved";
  }
  ENSURE(false);
}

std::optional<DropRefusal> why_kept(time::Date day, time::Date today, int keep_days,
                                    const std::vector<RateOfDay>& rates,
                                    const std::vector<PriceOfDay>& prices) {
  if (today.days() - day.days() <= keep_days) return DropRefusal::kStillKept;
  if (std::ranges::any_of(rates, [](const RateOfDay& rate) { return rate.version == 0; }))
    return DropRefusal::kNotStruck;
  if (std::ranges::any_of(rates, &RateOfDay::restatement_open)) return DropRefusal::kRestatementOpen;
  if (!std::ranges::all_of(prices, &PriceOfDay::is_priced)) return DropRefusal::kNotPriced;
  if (std::ranges::any_of(prices, &PriceOfDay::determination_open)) return DropRefusal::kDeterminationOpen;
  return std::nullopt;
}

}  // namespace navkeeper::pricing
