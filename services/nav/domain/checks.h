#pragma once
// The checks of a struck NAV, each with what it measured, what it may reach, and the evidence. A failed one
// keeps the NAV drafted until two people set it aside; one that is unavailable says so (who would answer is
// not there) and keeps the NAV from being published, not from being approved.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/nav/domain/change.h"

namespace navkeeper::nav {

enum class CheckStatus { kPassed, kFailed, kUnavailable };
std::string_view describe(CheckStatus status);
std::optional<CheckStatus> parse_check_status(std::string_view word);

struct Check {
  std::string name;
  CheckStatus status = CheckStatus::kPassed;
  std::string detail;          ///< the evidence: a sentence with the figures
  std::string measured = {};   ///< as it was compared; empty where nothing was measured
  std::string threshold = {};  ///< that it may reach
  bool operator==(const Check&) const = default;
};

/// Distributions that went ex after the NAV before and up to this one.
struct DistributedSince {
  money::Decimal per_share;  ///< dollars, in the shares of its day
  money::Decimal total;      ///< dollars
};

/// In a fixed order. `before` is the NAV struck last before this one, when there is one.
std::vector<Check> check_nav(const ResolvedStrike& resolved, const StrikeFigures& figures,
                             const std::optional<NavSummary>& before,
                             const DistributedSince& distributed = {});

/// The life of a NAV; a restated one is a further version with a life of its own.
enum class NavState { kDrafted, kChecked, kApproved, kPublished };
std::string_view describe(NavState state);

constexpr int kOverridesNeeded = 2;

}  // namespace navkeeper::nav
