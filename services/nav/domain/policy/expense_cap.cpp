#include "services/nav/domain/policy/expense_cap.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/domain/policy/month.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;

std::string where_of(const ExpenseCap& cap) { return "expense cap from " + cap.from.to_string(); }

bool is_inside(const ExpenseCap& cap, ExpenseType type) {
  return std::find(cap.excluded.begin(), cap.excluded.end(), type) == cap.excluded.end();
}

/// Drops what may not be recouped on `date` any more; its sum.
Decimal expire(std::vector<RecoupableAmount>& amounts, time::Date date) {
  Decimal sum;
  std::erase_if(amounts, [&](const RecoupableAmount& each) {
    const bool is_over = date >= months_after(each.borne, each.window_months);
    if (is_over) sum += each.amount;
    return is_over;
  });
  return sum;
}

/// The adviser got `amount` back within the fiscal year: the youngest of the year's amounts shrink. One that
/// has expired is no longer there to shrink.
void give_back(std::vector<RecoupableAmount>& amounts, int fiscal_year, Decimal amount) {
  for (auto each = amounts.rbegin(); each != amounts.rend() && amount.is_positive(); ++each) {
    if (each->fiscal_year != fiscal_year) continue;
    const Decimal part = std::min(each->amount, amount);
    each->amount -= part;
    amount -= part;
  }
  std::erase_if(amounts, [](const RecoupableAmount& each) { return each.amount.is_zero(); });
}

/// Takes what there is room for, oldest first; the sum taken.
Decimal recoup(CapPosition& position) {
  Decimal taken;
  for (RecoupableAmount& each : position.recoupable) {
    const Rational limit = std::min(position.allowed, position.net_asset_years * Rational(each.cap_rate),
                                    [](const Rational& a, const Rational& b) { return a < b; });
    const Decimal room = (limit - Rational(position.expenses + position.recouped + taken))
                             .rounded(kDollarDecimals, Rounding::kFloor);
    if (!room.is_positive()) continue;
    const Decimal part = std::min(each.amount, room);
    each.amount -= part;
    taken += part;
  }
  std::erase_if(position.recoupable, [](const RecoupableAmount& each) { return each.amount.is_zero(); });
  return taken;
}

}  // namespace

CapSchedule::CapSchedule(std::vector<ExpenseCap> caps) : caps_(std::move(caps)) {}

base::Checked<CapSchedule> CapSchedule::of(std::vector<ExpenseCap> caps) {
  return base::checked([&] {
    std::sort(caps.begin(), caps.end(),
              [](const ExpenseCap& a, const ExpenseCap& b) { return a.from < b.from; });
    for (std::size_t i = 0; i < caps.size(); ++i) {
      const std::string where = where_of(caps[i]);
      if (caps[i].to < caps[i].from) base::refuse(where, "ends before it begins");
      if (i > 0 && caps[i].from <= caps[i - 1].to) base::refuse(where, "overlaps the limit before it");
      if (!caps[i].annual_rate.is_positive()) base::refuse(where, "rate is not positive");
      std::set<ExpenseType> excluded;
      for (const ExpenseType type : caps[i].excluded) {
        if (!excluded.insert(type).second)
          base::refuse(where, std::string(describe(type)) + " is excluded twice");
      }
      if (caps[i].recoupment_months && *caps[i].recoupment_months <= 0)
        base::refuse(where, "the window of recoupment is not positive");
    }
    return CapSchedule(std::move(caps));
  });
}

const ExpenseCap* CapSchedule::cap(time::Date date) const {
  for (const ExpenseCap& cap : caps_) {
    if (cap.from <= date && date <= cap.to) return &cap;
  }
  return nullptr;
}

base::Checked<CapDecision> apply_cap(const CapSchedule& caps, const CapPosition& before, const CappedDay& day,
                                     int fiscal_year) {
  return base::checked([&] {
    const std::string where = "expense cap on " + day.date.to_string();
    if (before.last && day.date != *before.last + 1)
      base::refuse(where, "the day before it was not reckoned: the last one was " + before.last->to_string());
    if (day.net_assets.is_negative()) base::refuse(where, "net assets are negative");

    CapDecision decision;
    decision.position = before;
    CapPosition& now = decision.position;
    if (fiscal_year != before.fiscal_year) {
      now = CapPosition{};
      now.fiscal_year = fiscal_year;
      now.recoupable = before.recoupable;
    }
    now.last = day.date;
    decision.expired = expire(now.recoupable, day.date);
    decision.entry = entry_on(day.date, "expense cap/" + day.date.to_string(), "expense limit");
    const ExpenseCap* cap = caps.cap(day.date);
    if (cap == nullptr) return decision;

    const time::YearPart year = time::year_parts(cap->day_count, day.date, day.date).front();
    const Rational part = Rational(day.net_assets) * Rational::of(100, year.year_days_hundredths);
    now.net_asset_years += part;
    now.allowed += part * Rational(cap->annual_rate);
    now.allowed_as_borne +=
        part * Rational(std::min(cap->annual_rate, now.borne_rate.value_or(cap->annual_rate)));
    for (const auto& [type, amount] : day.expenses) {
      if (is_inside(*cap, type)) now.expenses += amount;
    }

    const auto above = [&](const Rational& allowed) {
      const Rational excess = Rational(now.expenses + now.recouped) - allowed;
      return excess.is_negative() ? Decimal{} : excess.rounded(kDollarDecimals, Rounding::kCeiling);
    };
    const Decimal due = std::max(above(now.allowed), std::min(now.reimbursed, above(now.allowed_as_borne)));
    decision.reimbursement = due - now.reimbursed;
    now.reimbursed = due;
    if (decision.reimbursement.is_positive())
      now.borne_rate = std::min(cap->annual_rate, now.borne_rate.value_or(cap->annual_rate));
    if (due.is_zero()) {
      now.borne_rate.reset();
      now.allowed_as_borne = now.allowed;
    }
    if (decision.reimbursement.is_negative()) {
      give_back(now.recoupable, fiscal_year, -decision.reimbursement);
    } else if (decision.reimbursement.is_positive() && cap->recoupment_months) {
      now.recoupable.push_back(
          {day.date, fiscal_year, decision.reimbursement, cap->annual_rate, *cap->recoupment_months});
    }
    if (due.is_zero()) {
      decision.recoupment = recoup(now);
      now.recouped += decision.recoupment;
    }
    decision.entry.debit(kAdviserReceivable, kDollars, decision.reimbursement)
        .credit(kCapReimbursement, kDollars, decision.reimbursement)
        .debit(kRecoupment, kDollars, decision.recoupment)
        .credit(kRecoupmentPayable, kDollars, decision.recoupment);
    return decision;
  });
}

}  // namespace navkeeper::nav::policy
