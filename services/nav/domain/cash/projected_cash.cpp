#include "services/nav/domain/cash/projected_cash.h"

#include <algorithm>
#include <map>

namespace navkeeper::nav::cash {

ProjectedCash project_cash(time::Date as_of, const money::Decimal& settled,
                           std::span<const ExpectedFlow> flows, int days) {
  ProjectedCash projected;
  projected.as_of = as_of;
  projected.settled = settled;
  projected.lowest = settled;
  std::map<time::Date, std::vector<ExpectedFlow>> by_day;
  money::Decimal owed;
  for (const ExpectedFlow& flow : flows) {
    if (!flow.date) {
      projected.undated.push_back(flow);
      owed += flow.amount;
      continue;
    }
    const time::Date day = std::max(*flow.date, as_of + 1);
    if (day > as_of + days)
      projected.later.push_back(flow);
    else
      by_day[day].push_back(flow);
  }
  money::Decimal balance = settled;
  if (balance.is_negative()) projected.short_on = as_of;
  for (auto& [date, some] : by_day) {
    ProjectedDay day{date, balance, std::move(some), {}};
    for (const ExpectedFlow& flow : day.flows) balance += flow.amount;
    day.closing = balance;
    projected.lowest = std::min(projected.lowest, balance);
    if (balance.is_negative() && !projected.short_on) projected.short_on = date;
    projected.days.push_back(std::move(day));
  }
  projected.if_all_paid = balance + owed;
  return projected;
}

}  // namespace navkeeper::nav::cash
