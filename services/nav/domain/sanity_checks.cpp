#include "services/nav/domain/sanity_checks.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "services/nav/domain/policy/share_split.h"

namespace navkeeper::nav {

using money::Decimal;
using money::Rational;

namespace {

constexpr int kPercentDecimals = 4;
constexpr int kShownDecimals = 6;
constexpr std::array<std::string_view, 2> kTaxes{"Deferred tax", "Taxes payable"};  // owed back at times

std::string percent(const Rational& part) {
  return (part * Rational(Decimal::of(100))).to_fixed(kPercentDecimals, money::Rounding::kHalfEven) + "%";
}
std::string shown(const Rational& value) {
  return value.to_fixed(kShownDecimals, money::Rounding::kHalfEven);
}

CheckStatus status_of(bool passed) { return passed ? CheckStatus::kPassed : CheckStatus::kFailed; }

Decimal limit_of(const ResolvedStrike& resolved, std::string_view check) {
  return threshold_on(resolved.definition.checks, check, resolved.plan.valuation_date);
}

const PeerStatement* statement_of(const ResolvedStrike& resolved, PeerKind kind) {
  for (const PeerStatement& peer : resolved.peers) {
    if (peer.kind == kind) return &peer;
  }
  return nullptr;
}

/// New shares for one share of the NAV before.
Rational factor_of(const NavSummary& now, const NavSummary& before) {
  return policy::share_factor(now.splits, before.valuation_date, now.valuation_date);
}

std::string named(const PeerStatement& statement) {
  return statement.source + ", as of " + statement.as_of.to_string();
}

}  // namespace

Check check_nothing_below_zero(const ResolvedStrike& resolved, const StrikeFigures& figures) {
  std::vector<std::string> found;
  for (const ResolvedPosition& position : resolved.positions) {
    const std::string asset = position.asset.value();
    if (position.quantity.is_negative())
      found.push_back(asset + " quantity " + position.quantity.to_string());
    if (position.price && !position.price->value.is_positive())
      found.push_back(asset + " price " + position.price->value.to_string());
  }
  for (const NamedAmount& asset : resolved.books.other_assets) {
    if (asset.amount.is_negative()) found.push_back(asset.name + " " + asset.amount.to_string());
  }
  for (const NamedAmount& owed : resolved.books.liabilities) {
    const bool is_tax = std::any_of(kTaxes.begin(), kTaxes.end(), [&](std::string_view tax) {
      return owed.name.find(tax) != std::string::npos;
    });
    if (owed.amount.is_negative() && !is_tax)
      found.push_back("owed: " + owed.name + " " + owed.amount.to_string());
  }
  if (!figures.shares.is_positive()) found.push_back("shares " + figures.shares.to_string());
  if (!figures.nav.nav_per_share.is_positive())
    found.push_back("NAV per share " + figures.nav.nav_per_share.to_string());
  std::string detail;
  for (const std::string& one : found) detail += (detail.empty() ? "" : "; ") + one;
  return {"nothing_below_zero", status_of(found.empty()),
          found.empty() ? "quantities, prices, balances and shares are where they may be" : detail,
          std::to_string(found.size()), "0"};
}

Check check_against_rate(const ResolvedStrike& resolved, const NavSummary& now, const NavSummary& before,
                         const DistributedSince& distributed) {
  const std::string name(check_name::kNavAgainstRate);
  const Rational limit(limit_of(resolved, check_name::kNavAgainstRate));
  if (!before.net_assets.is_positive() || !before.shares.is_positive())
    return {name, CheckStatus::kFailed, "the NAV before is not above 0", "", percent(limit)};
  Rational rate_move;
  for (const NavPosition& earlier : before.positions) {
    const Rational value = Rational(earlier.value) + Rational(earlier.pending) * Rational(earlier.price);
    if (value.is_zero()) continue;
    const auto today = std::find_if(
        resolved.positions.begin(), resolved.positions.end(),
        [&](const ResolvedPosition& position) { return position.asset.value() == earlier.asset; });
    const auto rate = today == resolved.positions.end() ? std::optional<Decimal>{} : index_rate_of(*today);
    if (!rate || !earlier.index_rate || !earlier.index_rate->is_positive())
      return {name, CheckStatus::kUnavailable,
              "there is no reference rate of " + earlier.asset + " on both days", "", percent(limit)};
    rate_move += value / Rational(before.net_assets) *
                 (Rational(*rate) / Rational(*earlier.index_rate) - Rational(Decimal::of(1)));
  }
  const Rational earlier = Rational(before.net_assets) / Rational(before.shares);
  const Rational later =
      Rational(now.net_assets + now.tax_change) / Rational(now.shares) * factor_of(now, before) +
      Rational(distributed.per_share);
  const Rational nav_move = later / earlier - Rational(Decimal::of(1));
  const Rational apart = (nav_move - rate_move).abs();
  return {name, status_of(apart <= limit),
          "NAV per share before tax " + percent(nav_move) + ", reference rates " + percent(rate_move) +
              " by the weights of " + before.valuation_date.to_string(),
          percent(apart), percent(limit)};
}

Check check_expected_nav(const ResolvedStrike& resolved, const NavSummary& now, const NavSummary& before,
                         const DistributedSince& distributed) {
  const std::string name(check_name::kExpectedNav);
  const Rational limit(limit_of(resolved, check_name::kExpectedNav));
  if (!before.shares.is_positive())
    return {name, CheckStatus::kFailed, "the NAV before has no shares", "", percent(limit)};
  Rational expected(before.net_assets - now.tax_change - distributed.total);
  for (const NavPosition& earlier : before.positions) {
    const auto today = std::find_if(
        resolved.positions.begin(), resolved.positions.end(),
        [&](const ResolvedPosition& position) { return position.asset.value() == earlier.asset; });
    if (today == resolved.positions.end() || !today->price) {
      if (earlier.quantity.is_zero() && earlier.pending.is_zero()) continue;
      return {name, CheckStatus::kUnavailable, "there is no price of " + earlier.asset + " today", "",
              percent(limit)};
    }
    const Rational price(today->price->value);
    expected += Rational(earlier.quantity) * price - Rational(earlier.value) +
                Rational(earlier.pending) * (price - Rational(earlier.price));
  }
  const Rational per_share = expected / (Rational(before.shares) * factor_of(now, before));
  const Rational struck = Rational(now.net_assets) / Rational(now.shares);
  if (per_share <= Rational{})
    return {name, CheckStatus::kFailed, "expected " + shown(per_share), shown(per_share), percent(limit)};
  const Rational apart = (struck - per_share).abs() / per_share;
  return {name, status_of(apart <= limit),
          "holdings of " + before.valuation_date.to_string() + " at today's prices give " + shown(per_share) +
              " a share, struck " + shown(struck),
          percent(apart), percent(limit)};
}

Check check_share_register(const ResolvedStrike& resolved, const NavSummary& now, const NavSummary& before,
                           const DistributedSince& distributed) {
  const std::string name(check_name::kShareRegister);
  const Rational limit(limit_of(resolved, check_name::kShareRegister));
  if (!before.shares.is_positive())
    return {name, CheckStatus::kFailed, "the NAV before has no shares", "", percent(limit)};
  const Rational price = Rational(before.net_assets) / (Rational(before.shares) * factor_of(now, before));
  const Rational came =
      Rational(now.register_shares) - Rational(before.register_shares) * factor_of(now, before);
  const Rational stands_for = came * price;
  const Rational capital(now.capital_total - before.capital_total + distributed.total);
  const Rational one_unit = Rational(resolved.definition.creation_unit_shares) * price.abs();
  const Rational base = std::max(stands_for.abs(), one_unit);
  const Rational apart = base.is_zero() ? Rational{} : (capital - stands_for).abs() / base;
  return {name, status_of(apart <= limit),
          shown(came) + " shares came since " + before.valuation_date.to_string() + " at its NAV, " +
              shown(stands_for) + " dollars; capital took in " + shown(capital),
          percent(apart), percent(limit)};
}

Check check_fee_rate(const ResolvedStrike& resolved, const StrikeFigures& figures) {
  const std::string name(check_name::kFeeRate);
  const Rational limit(limit_of(resolved, check_name::kFeeRate));
  const auto days = resolved.plan.accrual_days.last - resolved.plan.accrual_days.first + 1;
  if (!figures.nav.fee_base.is_positive() || days <= 0)
    return {name, CheckStatus::kFailed, "the fee base is " + figures.nav.fee_base.to_string(), "",
            percent(limit)};
  constexpr int kYearDays = 365;
  const Rational rate = Rational(figures.expenses.total) * Rational(Decimal::of(kYearDays)) /
                        (Rational(figures.nav.fee_base) * Rational(Decimal::of(days)));
  return {name, status_of(!rate.is_negative() && rate <= limit),
          figures.expenses.total.to_string() + " dollars for " + std::to_string(days) + " days on " +
              figures.nav.fee_base.to_string(),
          percent(rate), "0 to " + percent(limit)};
}

namespace {

bool is_stale(const ResolvedStrike& resolved, const PeerStatement& statement) {
  const time::Date date = resolved.plan.valuation_date;
  const time::Calendar calendar = resolved.definition.calendar();
  return statement.as_of > date || statement.as_of < calendar.previous_business_day(date);
}

Check check_reconciliation(const PeerStatement& statement) {
  constexpr const char* kThreshold = "0 unexplained breaks over tolerance";
  int unexplained = 0;
  std::string of_other_books;
  std::string detail = named(statement);
  for (const PeerLine& line : statement.lines) {
    detail += "; " + line.asset.value() + " " + line.closing.to_string() + " kept, " +
              line.booked.to_string() + " in the books";
    if (line.reconciled.value_or(Decimal{}) != line.booked)
      of_other_books += (of_other_books.empty() ? "" : ", ") + line.asset.value() + " " +
                        line.reconciled.value_or(Decimal{}).to_string() + " then, " +
                        line.booked.to_string() + " now";
  }
  for (const PeerBreak& one : statement.breaks) {
    if (!one.is_explained) ++unexplained;
    detail += "; break " + one.id + ": " + one.type + " of " + one.amount.to_string() + " " +
              one.asset.value() + (one.is_explained ? ", explained: " : ", not explained: ") + one.detail;
  }
  for (const std::string& unsure : statement.unsure) detail += "; unsure: " + unsure;
  Check check{std::string(check_name::kCustody), CheckStatus::kPassed, detail, std::to_string(unexplained),
              kThreshold};
  if (!statement.unsure.empty()) check.status = CheckStatus::kUnavailable;
  if (unexplained > 0) check.status = CheckStatus::kFailed;
  if (!of_other_books.empty()) {
    check.status = CheckStatus::kFailed;
    check.detail = "made from other books (" + of_other_books + "): reconcile again; " + detail;
  }
  return check;
}

}  // namespace

Check check_custody(const ResolvedStrike& resolved) {
  const std::string name(check_name::kCustody);
  const Decimal limit = limit_of(resolved, check_name::kCustody);
  const PeerStatement* statement = statement_of(resolved, PeerKind::kCustody);
  if (statement == nullptr)
    return {
        name, CheckStatus::kUnavailable,
        "no reconciliation of the day (navkeeper custody reconcile) and no custodian's statement (navkeeper "
        "nav evidence)",
        "", limit.to_string()};
  if (statement->is_reconciliation) return check_reconciliation(*statement);
  if (is_stale(resolved, *statement))
    return {name, CheckStatus::kFailed, named(*statement) + ": not of this day or the business day before",
            statement->as_of.to_string(), limit.to_string()};
  std::string detail = named(*statement);
  Decimal worst;
  for (const PeerLine& line : statement->lines) {
    const Decimal apart = (line.closing - line.booked).abs();
    worst = std::max(worst, apart);
    detail += "; " + line.asset.value() + " " + line.closing.to_string() + " held, " +
              line.booked.to_string() + " in the books";
  }
  return {name, status_of(worst <= limit), detail, worst.to_string(), limit.to_string()};
}

namespace {

/// Staking's own roll-forwards: nothing may differ, neither they in themselves nor the books from them, and
/// nothing may have been told in two ways.
Check check_roll_forward(const PeerStatement& statement, const Decimal& limit) {
  std::string detail = named(statement);
  Decimal worst;
  for (const PeerLine& line : statement.lines) {
    const Decimal apart = (line.closing - line.booked).abs();
    worst = std::max(worst, apart);
    detail += "; " + line.asset.value() + " " + line.opening.value_or(Decimal{}).to_string() + " + " +
              line.added.to_string() + " staked + " + line.rewards.to_string() + " rewards - " +
              line.withdrawn.to_string() + " withdrawn - " + line.penalties.to_string() +
              " lost = " + line.closing.to_string() + ", in the books " + line.booked.to_string();
  }
  for (const PeerBreak& one : statement.breaks) {
    worst = std::max(worst, one.amount.abs());
    detail += "; " + one.id + " " + one.asset.value() + ": " + one.detail;
  }
  for (const std::string& told : statement.contradictions) detail += "; " + told;
  for (const std::string& unsure : statement.unsure) detail += "; unsure: " + unsure;
  Check check{std::string(check_name::kStaking), CheckStatus::kPassed, detail, worst.to_string(),
              limit.to_string()};
  if (!statement.unsure.empty()) check.status = CheckStatus::kUnavailable;
  if (worst > limit || !statement.breaks.empty() || !statement.contradictions.empty())
    check.status = CheckStatus::kFailed;
  return check;
}

}  // namespace

Check check_staking(const ResolvedStrike& resolved) {
  const std::string name(check_name::kStaking);
  const Decimal limit = limit_of(resolved, check_name::kStaking);
  const PeerStatement* statement = statement_of(resolved, PeerKind::kStaking);
  if (statement == nullptr) {
    const auto& staked = resolved.books.expenses.staked;
    if (staked.empty())
      return {name, CheckStatus::kPassed, "the books have nothing staked", "0", limit.to_string()};
    return {name, CheckStatus::kUnavailable,
            "the staking service's events were not taken on that day, or it does not answer, and no "
            "provider's statement was recorded (navkeeper nav evidence)",
            "", limit.to_string()};
  }
  if (statement->is_reconciliation) return check_roll_forward(*statement, limit);
  if (is_stale(resolved, *statement))
    return {name, CheckStatus::kFailed, named(*statement) + ": not of this day or the business day before",
            statement->as_of.to_string(), limit.to_string()};
  std::string detail = named(*statement);
  Decimal worst;
  for (const PeerLine& line : statement->lines) {
    const Decimal rolled =
        line.opening.value_or(Decimal{}) + line.added + line.rewards - line.withdrawn - line.penalties;
    worst = std::max({worst, (rolled - line.closing).abs(), (line.closing - line.booked).abs()});
    detail += "; " + line.asset.value() + " rolls forward to " + rolled.to_string() + ", stated " +
              line.closing.to_string() + ", in the books " + line.booked.to_string();
  }
  return {name, status_of(worst <= limit), detail, worst.to_string(), limit.to_string()};
}

Check check_illiquid_share(const ResolvedStrike& resolved, const StrikeFigures& figures) {
  const std::string name(check_name::kLiquidity);
  const Decimal limit = limit_of(resolved, check_name::kLiquidity);
  const std::string allowed = percent(Rational(limit));
  const PeerStatement* const statement = statement_of(resolved, PeerKind::kStaking);
  const bool is_told = statement != nullptr && statement->illiquid.has_value();
  const auto& coins = is_told ? statement->illiquid->coins : resolved.books.expenses.staked;
  Decimal dollars;
  std::string detail;
  for (const ResolvedPosition& position : resolved.positions) {
    const auto found = coins.find(position.asset);
    if (found == coins.end() || found->second.is_zero() || !position.price) continue;
    dollars += found->second * position.price->value;
    detail += (detail.empty() ? "" : ", ") + found->second.to_string() + " " + position.asset.value();
  }
  if (detail.empty()) return {name, CheckStatus::kPassed, "nothing illiquid is staked", "0%", allowed};
  if (!figures.nav.net_assets.is_positive())
    return {name, CheckStatus::kFailed, detail + " are illiquid, and there are no net assets", "", allowed};
  const Rational share = Rational(dollars) / Rational(figures.nav.net_assets);
  detail += is_told ? " are not free within the days of rule 22e-4"
                    : " are staked in the books; staking does not say when they are free";
  Check check{name, CheckStatus::kPassed, detail, percent(share), allowed};
  if (share <= Rational(limit)) return check;
  if (!is_told) {
    check.status = CheckStatus::kUnavailable;
    return check;
  }
  const StakedIlliquid& told = *statement->illiquid;
  if (told.is_breach_open && told.missing.empty()) {
    check.detail +=
        ": a passive breach, with its notice and its plan on record; nothing is sold because of it";
    return check;
  }
  check.status = CheckStatus::kFailed;
  if (told.is_breach_open) {
    check.detail += ": of the breach is not on record:";
    for (const std::string& missing : told.missing) check.detail += " " + missing;
    check.detail += " (navkeeper staking breach)";
  } else {
    check.detail += ": no breach is on record (navkeeper staking liquidity FUND --take)";
  }
  return check;
}

}  // namespace navkeeper::nav
