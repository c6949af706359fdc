#pragma once
// The checks of a struck NAV. A failed one keeps it drafted until two people set it aside; one that is
// unavailable says so (the service that would answer is not there) and keeps the NAV from being published,
// not from being approved.
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
  std::string detail;  ///< a sentence with the figures
  bool operator==(const Check&) const = default;
};

/// In a fixed order. `before` is the NAV struck last before this one, when there is one.
std::vector<Check> check_nav(const ResolvedStrike& resolved, const StrikeFigures& figures,
                             const std::optional<NavSummary>& before);

/// The life of a NAV up to approval; publishing and restating come after it.
enum class NavState { kDrafted, kChecked, kApproved };
std::string_view describe(NavState state);

constexpr int kOverridesNeeded = 2;

}  // namespace navkeeper::nav
