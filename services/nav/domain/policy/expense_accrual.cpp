#include "services/nav/domain/policy/expense_accrual.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/money/overflow.h"
#include "services/nav/domain/books/chart.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;

struct Amounts {
  Rational gross;
  Rational waived;
  Amounts& operator+=(const Amounts& other) {
    gross += other.gross;
    waived += other.waived;
    return *this;
  }
};

Decimal given(const std::optional<Decimal>& value, std::string_view what, const ExpenseRule& rule) {
  if (!value) base::refuse(where_of(rule), "no " + std::string(what) + " given");
  if (value->is_negative()) base::refuse(where_of(rule), std::string(what) + " is negative");
  return *value;
}

const AssetBase& asset_base(const StrikeBases& bases, const model::AssetId& asset, const ExpenseRule& rule) {
  const auto found = bases.assets.find(asset);
  if (found == bases.assets.end()) base::refuse(where_of(rule), "nothing given about " + asset.value());
  return found->second;
}

Decimal price_of(const StrikeBases& bases, const model::AssetId& asset, const ExpenseRule& rule) {
  const Decimal price = given(asset_base(bases, asset, rule).price, "price of " + asset.value(), rule);
  if (price.is_zero()) base::refuse(where_of(rule), "price of " + asset.value() + " is not positive");
  return price;
}

/// The base of today, in its own unit. Not for averages.
Rational base_of(const ExpenseRule& rule, const StrikeBases& bases) {
  const auto of_asset = [&]() -> const AssetBase& { return asset_base(bases, *rule.asset, rule); };
  switch (rule.base) {
    case BaseKind::kNetAssets:
      return given(bases.net_assets, "net assets", rule);
    case BaseKind::kAverageNetAssets:
      break;
    case BaseKind::kCoinsHeld:
      return given(of_asset().coins_held, "coins held of " + rule.asset->value(), rule);
    case BaseKind::kCoinEquivalent:
      return Rational(given(bases.net_assets, "net assets", rule)) /
             Rational(price_of(bases, *rule.asset, rule));
    case BaseKind::kStakedAssets:
      return given(of_asset().staked, "staked " + rule.asset->value(), rule);
    case BaseKind::kGrossRewards:
      return given(of_asset().gross_rewards, "gross rewards of " + rule.asset->value(), rule);
    case BaseKind::kRewardsReceived:
      return given(of_asset().rewards_received, "rewards received of " + rule.asset->value(), rule);
  }
  ENSURE(false);
}

/// One day's part of the year.
Rational day_part(const ExpenseRule& rule, time::Date day) {
  const time::YearPart part = time::year_parts(rule.day_count, day, day).front();
  return Rational::of(100, part.year_days_hundredths);
}

Amounts of_base(const ExpenseSchedule& schedule, const ExpenseRule& rule, time::Date day,
                const Rational& base) {
  const Waiver* waiver = schedule.waiver(rule.name, day);
  return {tiered(base, rule.tiers), waiver == nullptr ? Rational() : tiered(base, waiver->tiers)};
}

Amounts scaled(const Amounts& amounts, const Rational& by) {
  return {amounts.gross * by, amounts.waived * by};
}

Amounts over_days(const ExpenseSchedule& schedule, const ExpenseRule& rule, const time::AccrualDays& days,
                  const Rational& base) {
  Amounts sum;
  for (time::Date day = days.first; day <= days.last; ++day)
    sum += scaled(of_base(schedule, rule, day, base), day_part(rule, day));
  return sum;
}

/// To date: the days of the period in this version up to `last`, a mean for each stretch of days under one
/// waiver. `mean_of_all` becomes that of all of them.
Amounts on_average(const ExpenseSchedule& schedule, const ExpenseRule& rule, time::Date last,
                   const StrikeBases& bases, Rational& mean_of_all) {
  struct Stretch {
    const Waiver* waiver = nullptr;
    time::Date first;
    Rational sum;
    Rational year_parts;
    std::int32_t days = 0;
  };
  Amounts total;
  Rational sum_of_all;
  std::int32_t days_of_all = 0;
  Stretch stretch;
  const auto close = [&] {
    if (stretch.days == 0) return;
    const Rational mean = stretch.sum / Rational::of(stretch.days);
    total += scaled(of_base(schedule, rule, stretch.first, mean), stretch.year_parts);
    stretch = {};
  };
  if (bases.daily_net_assets.empty()) base::refuse(where_of(rule), "no daily net assets given");
  for (time::Date day = std::max(rule.from, bases.daily_net_assets.begin()->first); day <= last; ++day) {
    const auto found = bases.daily_net_assets.find(day);
    if (found == bases.daily_net_assets.end())
      base::refuse(where_of(rule), "no net assets of " + day.to_string() + " given");
    if (found->second.is_negative())
      base::refuse(where_of(rule), "net assets of " + day.to_string() + " are negative");
    const Waiver* waiver = schedule.waiver(rule.name, day);
    if (stretch.days > 0 && waiver != stretch.waiver) close();
    if (stretch.days == 0) {
      stretch.waiver = waiver;
      stretch.first = day;
    }
    stretch.sum += Rational(found->second);
    sum_of_all += Rational(found->second);
    ++days_of_all;
    stretch.year_parts += day_part(rule, day);
    ++stretch.days;
  }
  close();
  if (days_of_all > 0) mean_of_all = sum_of_all / Rational::of(days_of_all);
  return total;
}

/// From the base's unit into the payable's.
Amounts in_currency(const Amounts& amounts, const ExpenseRule& rule, const StrikeBases& bases) {
  if (is_in_coins(rule.base) == rule.paid_in.has_value()) return amounts;
  if (rule.paid_in) return scaled(amounts, Rational::of(1) / Rational(price_of(bases, *rule.paid_in, rule)));
  return scaled(amounts, Rational(price_of(bases, *rule.asset, rule)));
}

/// The net amount over the payees in proportion to what each earned after the waiver; cut toward zero, the
/// rest to the remainder's owner.
std::vector<PayeeAmount> split_payees(const ExpenseRule& rule, const Waiver* waiver, const Amounts& exact,
                                      const Decimal& net) {
  std::vector<Rational> weights;
  Rational sum;
  for (const Payee& payee : rule.payees) {
    Rational weight = exact.gross * Rational(payee.share);
    if (waiver != nullptr && payee.name == waiver->granted_by) weight = weight - exact.waived;
    weights.push_back(weight);
    sum += weight;
  }
  if (sum.is_zero()) {
    weights.clear();
    for (const Payee& payee : rule.payees) weights.emplace_back(payee.share);
    sum = Rational::of(1);
  }
  std::vector<PayeeAmount> parts;
  Decimal paid;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    parts.push_back(
        {rule.payees[i].name, (Rational(net) * weights[i] / sum).rounded(rule.decimals, Rounding::kDown)});
    paid += parts.back().amount;
  }
  for (PayeeAmount& part : parts) {
    if (part.payee == rule.remainder_owner) part.amount += net - paid;
  }
  return parts;
}

/// The waiver that any of the days has, for the question who goes without. Two waivers of one fee in one
/// strike are granted by one payee, or the strike's split would not say whose is whose.
const Waiver* waiver_of(const ExpenseSchedule& schedule, const ExpenseRule& rule, time::Date first,
                        time::Date last) {
  const Waiver* found = nullptr;
  for (time::Date day = first; day <= last; ++day) {
    const Waiver* waiver = schedule.waiver(rule.name, day);
    if (waiver == nullptr || waiver == found) continue;
    if (found != nullptr && waiver->granted_by != found->granted_by)
      base::refuse(where_of(rule), "two waivers by different payees in one strike");
    found = waiver;
  }
  return found;
}

ExpenseLine line_of(const ExpenseSchedule& schedule, const ExpenseRule& rule, const time::AccrualDays& days,
                    const StrikeBases& bases, AccrualState& state) {
  const bool is_average = rule.base == BaseKind::kAverageNetAssets;
  const time::Date first_waived = is_average && !bases.daily_net_assets.empty()
                                      ? std::max(rule.from, bases.daily_net_assets.begin()->first)
                                      : days.first;
  ExpenseLine line;
  line.base_kind = rule.base;
  if (!is_average) line.base = base_of(rule, bases);
  Amounts exact;
  if (is_average) {
    exact = on_average(schedule, rule, days.last, bases, line.base);
  } else if (is_annual(rule.base)) {
    exact = over_days(schedule, rule, days, line.base);
  } else {
    exact = of_base(schedule, rule, bases.strike, line.base);
  }
  exact = in_currency(exact, rule, bases);
  const Waiver* waiver = is_annual(rule.base) ? waiver_of(schedule, rule, first_waived, days.last)
                                              : schedule.waiver(rule.name, bases.strike);

  line.name = rule.name;
  line.type = rule.type;
  line.version_from = rule.from;
  line.strike = bases.strike;
  line.days = days;
  line.commodity = rule.paid_in ? rule.paid_in->value() : std::string(kDollars);
  line.decimals = rule.decimals;
  line.exact_net = exact.gross - exact.waived;
  const auto rounded = [&](const Rational& value) { return value.rounded(rule.decimals, rule.rounding); };
  if (is_average) {
    line.net = rounded(line.exact_net) - state.booked_net;
    line.waived = rounded(exact.waived) - state.booked_waived;
    line.gross = line.net + line.waived;
    line.exact_net = line.exact_net - state.exact_net;
  } else {
    line.net = rule.rounding_scope == RoundingScope::kCumulative
                   ? rounded(state.exact_net + line.exact_net) - state.booked_net
                   : rounded(line.exact_net);
    line.waived = rule.rounding_scope == RoundingScope::kCumulative
                      ? rounded(state.exact_waived + exact.waived) - state.booked_waived
                      : rounded(line.exact_net + exact.waived) - line.net;
    line.gross = line.net + line.waived;
  }
  state.exact_net = is_average ? exact.gross - exact.waived : state.exact_net + line.exact_net;
  state.exact_waived = is_average ? exact.waived : state.exact_waived + exact.waived;
  state.booked_net += line.net;
  state.booked_waived += line.waived;

  line.payees = split_payees(rule, waiver, exact, line.net);
  line.price = rule.paid_in ? price_of(bases, *rule.paid_in, rule) : Decimal::of(1);
  line.net_value = money::multiply(line.net, line.price, kDollarDecimals, Rounding::kHalfEven);
  line.waived_value = money::multiply(line.waived, line.price, kDollarDecimals, Rounding::kHalfEven);
  return line;
}

/// The part of the strike's days that lies in the version.
time::AccrualDays days_in(const ExpenseRule& rule, time::AccrualDays days) {
  days.first = std::max(days.first, rule.from);
  if (rule.to) days.last = std::min(days.last, *rule.to);
  return days;
}

/// The first of the days on which somebody else bears the type than on the first one; the day after the last
/// where nobody does.
time::Date payer_change(const PayerTable& payers, ExpenseType type, const time::AccrualDays& days) {
  const auto payer_on = [&](time::Date day) { return base::value_or_refuse(payers.payer(type, day)); };
  time::Date day = days.first;
  while (day <= days.last && payer_on(day) == payer_on(days.first)) ++day;
  return day;
}

/// A line for each stretch of the days under one payer.
void add_lines(const ExpenseSchedule& schedule, const ExpenseRule& rule, time::AccrualDays days,
               const StrikeBases& bases, const PayerTable* payers, StrikeExpenses& result) {
  AccrualState& state = result.states[{rule.name, rule.from}];
  for (int part = 1;; ++part) {
    time::AccrualDays some = days;
    if (payers != nullptr && days.count() > 0) some.last = payer_change(*payers, rule.type, days) - 1;
    result.lines.push_back(line_of(schedule, rule, some, bases, state));
    ExpenseLine& line = result.lines.back();
    line.part = part;
    const time::Date day = days.count() > 0 ? some.first : bases.strike;
    if (payers != nullptr) line.payer = base::value_or_refuse(payers->payer(rule.type, day));
    if (some.last == days.last) return;
    days.first = some.last + 1;
  }
}

}  // namespace

base::Checked<StrikeExpenses> accrue_expenses(const ExpenseSchedule& schedule, const StrikeBases& bases,
                                              const AccrualStates& states, const time::Calendar& calendar,
                                              std::optional<time::Date> inception, const PayerTable* payers) {
  return base::checked([&] {
    StrikeExpenses result;
    result.states = states;
    for (const ExpenseRule& rule : schedule.rules()) {
      time::AccrualDays days{bases.strike, bases.strike - 1};
      if (is_annual(rule.base)) {
        days = days_in(rule, base::value_or_refuse(
                                 time::accrual_days(calendar, rule.accrual_rule, bases.strike, inception)));
        if (days.count() == 0) continue;
      } else if (bases.strike < rule.from || (rule.to && *rule.to < bases.strike)) {
        continue;
      }
      try {
        add_lines(schedule, rule, days, bases, payers, result);
      } catch (const money::OverflowError&) {
        base::refuse(where_of(rule), "the amount has more digits than fit");
      }
    }
    return result;
  });
}

EntryDraft to_entry(const ExpenseLine& line) {
  const bool is_coin = line.commodity != kDollars;
  const std::string part = line.part == 1 ? "" : " part " + std::to_string(line.part);
  EntryDraft entry = entry_on(
      line.strike, line.name + "/" + line.version_from.to_string() + "/" + line.strike.to_string() + part,
      line.name + " accrued");
  entry.debit(expense_account(line.name), kDollars, line.net_value + line.waived_value)
      .credit(waived_account(line.name), kDollars, line.waived_value);
  for (const PayeeAmount& payee : line.payees)
    entry.credit(payable_account(line, payee), line.commodity, payee.amount);
  if (is_coin) {
    entry.debit(payable_conversion(line.commodity, line.name), line.commodity, line.net)
        .credit(payable_conversion(line.commodity, line.name), kDollars, line.net_value);
  }
  if (line.payer == Payer::kAdviser) {
    entry.debit(kAdviserReceivable, kDollars, line.net_value)
        .credit(reimbursed_account(line.name), kDollars, line.net_value);
  }
  ENSURE(balances(entry));
  return entry;
}

std::string waived_account(std::string_view fee) { return "Expenses:Fees waived:" + std::string(fee); }

std::string payable_account(const ExpenseLine& line, const PayeeAmount& payee) {
  const std::string account = payable_account(line.name);
  return line.payees.size() == 1 ? account : account + ":" + payee.payee;
}

std::string payable_conversion(std::string_view coin, std::string_view fee) {
  return "Conversion:" + books::account_part(coin) + " payable:" + std::string(fee);
}

}  // namespace navkeeper::nav::policy
