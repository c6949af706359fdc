#include "services/nav/domain/carried_correction.h"

#include <algorithm>
#include <tuple>

namespace navkeeper::nav {
namespace {

using money::Decimal;
using policy::CapPosition;
using policy::RecoupableAmount;

/// What one NAV took up and what it left.
struct Step {
  const CarriedExpenses& in;
  const CarriedExpenses& out;
};

template <class Map>
typename Map::mapped_type at_or_zero(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

bool is_same_month(const CarriedExpenses& a, const CarriedExpenses& b) {
  return a.strike && b.strike && a.strike->start_of_month() == b.strike->start_of_month();
}

bool is_average(const FundPolicies& policies, const std::pair<std::string, time::Date>& key) {
  return std::any_of(policies.fees.begin(), policies.fees.end(), [&](const policy::ExpenseRule& rule) {
    return rule.name == key.first && rule.from == key.second &&
           rule.base == policy::BaseKind::kAverageNetAssets;
  });
}

void correct_fees(const FundPolicies& policies, CarriedExpenses& carried, const Step& was, const Step& is) {
  for (auto& [key, state] : carried.accrued) {
    const bool begins_with_the_month = is_average(policies, key);
    if (begins_with_the_month && !is_same_month(is.out, carried)) continue;
    const auto added = [&, &key = key](const Step& step) {
      policy::AccrualState sum = at_or_zero(step.out.accrued, key);
      if (begins_with_the_month && !is_same_month(step.in, step.out)) return sum;
      const policy::AccrualState in = at_or_zero(step.in.accrued, key);
      sum.exact_net = sum.exact_net - in.exact_net;
      sum.exact_waived = sum.exact_waived - in.exact_waived;
      sum.booked_net -= in.booked_net;
      sum.booked_waived -= in.booked_waived;
      return sum;
    };
    const policy::AccrualState now = added(is);
    const policy::AccrualState before = added(was);
    state.exact_net += now.exact_net - before.exact_net;
    state.exact_waived += now.exact_waived - before.exact_waived;
    state.booked_net += now.booked_net - before.booked_net;
    state.booked_waived += now.booked_waived - before.booked_waived;
  }
}

void correct_seen(CarriedExpenses& carried, const Step& was, const Step& is) {
  for (const policy::ExpenseType type : policy::expense_types()) {
    const auto added = [&](const Step& step) {
      return at_or_zero(step.out.incurred, type) - at_or_zero(step.in.incurred, type);
    };
    const Decimal change = added(is) - added(was);
    if (!change.is_zero()) carried.incurred[type] += change;
  }
  for (const auto& [asset, ignored] : is.out.rewards) carried.rewards.try_emplace(asset);
  for (auto& [asset, seen] : carried.rewards) {
    const auto added = [&, &asset = asset](const Step& step) {
      const RewardTotals out = at_or_zero(step.out.rewards, asset);
      const RewardTotals in = at_or_zero(step.in.rewards, asset);
      return RewardTotals{out.gross - in.gross, out.received - in.received};
    };
    seen.gross += added(is).gross - added(was).gross;
    seen.received += added(is).received - added(was).received;
  }
}

auto recoupable_key(const RecoupableAmount& one) {
  return std::tuple(one.borne, one.fiscal_year, one.cap_rate, one.window_months);
}

Decimal amount_in(const CapPosition& position, const RecoupableAmount& wanted) {
  for (const RecoupableAmount& one : position.recoupable) {
    if (recoupable_key(one) == recoupable_key(wanted)) return one.amount;
  }
  return {};
}

/// Amount by amount; one that would fall below zero has been given back or recouped since: what it lacks goes
/// off the youngest others of its year.
void correct_recoupable(CapPosition& position, const Step& was, const Step& is) {
  std::vector<RecoupableAmount> all = position.recoupable;
  for (const CapPosition* from : {&is.out.limit, &is.in.limit, &was.out.limit, &was.in.limit}) {
    for (RecoupableAmount one : from->recoupable) {
      one.amount = {};
      const bool is_there = std::any_of(all.begin(), all.end(), [&](const RecoupableAmount& other) {
        return recoupable_key(other) == recoupable_key(one);
      });
      if (!is_there) all.push_back(one);
    }
  }
  std::sort(all.begin(), all.end(), [](const RecoupableAmount& a, const RecoupableAmount& b) {
    return recoupable_key(a) < recoupable_key(b);
  });
  for (RecoupableAmount& one : all)
    one.amount += amount_in(is.out.limit, one) - amount_in(is.in.limit, one) - amount_in(was.out.limit, one) +
                  amount_in(was.in.limit, one);
  for (RecoupableAmount& one : all) {
    if (!one.amount.is_negative()) continue;
    Decimal lacking = -one.amount;
    one.amount = {};
    for (auto other = all.rbegin(); other != all.rend(); ++other) {
      if (other->fiscal_year != one.fiscal_year || !other->amount.is_positive()) continue;
      const Decimal part = std::min(other->amount, lacking);
      other->amount -= part;
      lacking -= part;
    }
  }
  std::erase_if(all, [](const RecoupableAmount& one) { return one.amount.is_zero(); });
  position.recoupable = std::move(all);
}

void correct_limit(CapPosition& position, const Step& was, const Step& is) {
  if (!position.last) return;
  correct_recoupable(position, was, is);
  if (is.out.limit.fiscal_year != position.fiscal_year || !is.out.limit.last) return;
  const auto change = [&](auto CapPosition::*sum) {
    const auto added = [&](const Step& step) {
      const bool is_new = step.in.limit.fiscal_year != step.out.limit.fiscal_year;
      return is_new ? step.out.limit.*sum : step.out.limit.*sum - step.in.limit.*sum;
    };
    const auto difference = added(is) - added(was);
    position.*sum = position.*sum + difference;
    return difference;
  };
  change(&CapPosition::net_asset_years);
  const money::Rational allowed = change(&CapPosition::allowed);
  change(&CapPosition::expenses);
  change(&CapPosition::reimbursed);
  change(&CapPosition::recouped);
  if (!position.borne_rate) position.borne_rate = is.out.limit.borne_rate;
  position.allowed_as_borne += allowed;
  if (position.reimbursed.is_positive()) return;
  position.borne_rate.reset();
  position.allowed_as_borne = position.allowed;
}

}  // namespace

CarriedExpenses corrected(const FundPolicies& policies, CarriedExpenses carried,
                          std::span<const FurtherVersion> further) {
  for (const FurtherVersion& version : further) {
    const Step was{version.was.carried_before, version.was.carried};
    const Step is{version.is.carried_before, version.is.carried};
    correct_fees(policies, carried, was, is);
    correct_seen(carried, was, is);
    correct_limit(carried.limit, was, is);
  }
  return carried;
}

}  // namespace navkeeper::nav
