#include "services/nav/domain/checks.h"

#include "common/base/ensure.h"
#include "services/nav/domain/sanity_checks.h"

namespace navkeeper::nav {

using money::Decimal;
using money::Rational;

std::string_view describe(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPassed:
      return "passed";
    case CheckStatus::kFailed:
      return "failed";
    case CheckStatus::kUnavailable:
      return "unavailable";
  }
  ENSURE(false);
}

std::optional<CheckStatus> parse_check_status(std::string_view word) {
  for (const CheckStatus status : {CheckStatus::kPassed, CheckStatus::kFailed, CheckStatus::kUnavailable}) {
    if (word == describe(status)) return status;
  }
  return std::nullopt;
}

std::string_view describe(NavState state) {
  switch (state) {
    case NavState::kDrafted:
      return "drafted";
    case NavState::kChecked:
      return "checked";
    case NavState::kApproved:
      return "approved";
    case NavState::kPublished:
      return "published";
  }
  ENSURE(false);
}

namespace {

constexpr int kPercentDecimals = 4;

/// |after - before| / before as "2.1034%".
std::string percent(const Rational& part) {
  return (part * Rational(Decimal::of(100))).to_fixed(kPercentDecimals, money::Rounding::kHalfEven) + "%";
}

Check relative(std::string name, const Decimal& before, const Decimal& after, const Decimal& limit,
               const std::string& what) {
  if (before.is_zero()) return {std::move(name), CheckStatus::kFailed, what + " was 0 before"};
  const Rational moved = (Rational(after) - Rational(before)).abs() / Rational(before).abs();
  const bool passed = moved <= Rational(limit);
  return {std::move(name), passed ? CheckStatus::kPassed : CheckStatus::kFailed,
          what + " " + before.to_string() + " to " + after.to_string() + ": " + percent(moved) +
              (passed ? " within " : " exceeds ") + percent(Rational(limit)),
          percent(moved), percent(Rational(limit))};
}

void check_prices(std::vector<Check>& checks, const ResolvedStrike& resolved, const NavSummary& now,
                  const NavSummary& before) {
  for (const NavPosition& position : now.positions) {
    for (const NavPosition& earlier : before.positions) {
      if (earlier.asset == position.asset)
        checks.push_back(relative("price_change " + position.asset, earlier.price, position.price,
                                  resolved.definition.tolerances.price_change, "price"));
    }
  }
}

void check_bases(std::vector<Check>& checks, const ResolvedStrike& resolved) {
  for (const ResolvedPosition& position : resolved.positions) {
    for (const FundAsset& asset : resolved.definition.assets) {
      if (asset.asset == position.asset && asset.second_index && !position.second_price)
        checks.push_back({"basis_deviation " + position.asset.value(), CheckStatus::kUnavailable,
                          "there is no price of the other basis"});
    }
    if (!position.price || !position.second_price) continue;
    const auto named = [](const ResolvedPrice& price) {
      return price.basis == "index" ? "index " + price.index.value() : price.basis;
    };
    checks.push_back(relative("basis_deviation " + position.asset.value(), position.price->value,
                              position.second_price->value, resolved.definition.tolerances.basis_deviation,
                              named(*position.price) + " against " + named(*position.second_price)));
  }
}

/// What pricing found wrong with a price, or could not measure, the NAV does not pass over.
void check_pricing(std::vector<Check>& checks, const ResolvedStrike& resolved) {
  for (const ResolvedPosition& position : resolved.positions) {
    for (const PriceCheck& check : position.price_checks) {
      const CheckStatus status = check.result == "passed"   ? CheckStatus::kPassed
                                 : check.result == "failed" ? CheckStatus::kFailed
                                                            : CheckStatus::kUnavailable;
      checks.push_back({"pricing: " + position.asset.value() + " " + check.name, status, check.detail});
    }
  }
}

/// Says what orders are owed that are in this NAV; only where something is. It is no fault of the NAV.
void check_owed(std::vector<Check>& checks, const ResolvedStrike& resolved) {
  constexpr std::string_view kPayable = "Orders payable:";
  std::string detail;
  int count = 0;
  const auto add = [&](const std::string& name, const Decimal& amount, const char* unit) {
    detail += (detail.empty() ? "" : "; ") + name + " " + amount.to_string() + unit;
    ++count;
  };
  for (const NamedAmount& owed : resolved.books.owed_coins) add(owed.name, owed.amount, "");
  for (const NamedAmount& owed : resolved.books.liabilities) {
    if (owed.name.starts_with(kPayable)) add(owed.name.substr(kPayable.size()), owed.amount, " dollars");
  }
  if (count == 0) return;
  checks.push_back({"orders_owed", CheckStatus::kPassed, "counted as gone and not delivered yet: " + detail,
                    std::to_string(count), ""});
}

Check check_explained(const ResolvedStrike& resolved, const StrikeFigures& figures, const NavChange& change) {
  // A NAV error is a difference of so much a share (facts/funds.md 1.7): a smaller remainder cannot hide one.
  const Rational limit =
      Rational(resolved.definition.tolerances.nav_error_per_share) * Rational(figures.shares);
  const bool passed = Rational(change.remainder).abs() < limit;
  return {"change_explained", passed ? CheckStatus::kPassed : CheckStatus::kFailed,
          "remainder of " + change.remainder.to_string() + " dollars" +
              (passed ? " is below " : " is not below ") + limit.to_fixed(2, money::Rounding::kDown),
          change.remainder.abs().to_string(), "below " + limit.to_fixed(2, money::Rounding::kDown)};
}

}  // namespace

std::vector<Check> check_nav(const ResolvedStrike& resolved, const StrikeFigures& figures,
                             const std::optional<NavSummary>& before, const DistributedSince& distributed) {
  std::vector<Check> checks;
  checks.push_back({"net_assets_positive",
                    figures.nav.net_assets.is_positive() ? CheckStatus::kPassed : CheckStatus::kFailed,
                    "net assets are " + figures.nav.net_assets.to_string(),
                    figures.nav.net_assets.to_string(), "above 0"});
  checks.push_back(check_nothing_below_zero(resolved, figures));
  if (before) {
    const NavSummary now = summary_of(resolved, figures);
    check_prices(checks, resolved, now, *before);
    checks.push_back(relative("nav_change", restated_per_share(*before, now, resolved.definition.terms),
                              now.nav_per_share, resolved.definition.tolerances.nav_change, "NAV per share"));
    checks.push_back(
        check_explained(resolved, figures, explain_change(*before, now, resolved.definition.terms)));
    checks.push_back(check_against_rate(resolved, now, *before, distributed));
    checks.push_back(check_expected_nav(resolved, now, *before, distributed));
    checks.push_back(check_share_register(resolved, now, *before, distributed));
  }
  checks.push_back(check_fee_rate(resolved, figures));
  check_bases(checks, resolved);
  check_pricing(checks, resolved);
  checks.push_back(check_custody(resolved));
  checks.push_back(check_staking(resolved));
  if (resolved.definition.act == Act::kIca1940) checks.push_back(check_illiquid_share(resolved, figures));
  check_owed(checks, resolved);
  return checks;
}

}  // namespace navkeeper::nav
