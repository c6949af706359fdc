#pragma once
// What a check of a NAV may reach, per fund and from a date on: [[checks]] in the fund's file. A check that
// the file does not name has the default of kCheckDefaults, which is what the trade uses, not a rule of law.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::nav {

namespace check_name {
constexpr std::string_view kNavAgainstRate = "nav_against_rate";
constexpr std::string_view kExpectedNav = "expected_nav";
constexpr std::string_view kFeeRate = "fee_rate";
constexpr std::string_view kShareRegister = "share_register";
constexpr std::string_view kCustody = "custody_reconciled";
constexpr std::string_view kStaking = "staking_rolled_forward";
constexpr std::string_view kLiquidity = "liquidity_illiquid_share";
}  // namespace check_name

struct CheckThreshold {
  std::string check;
  time::Date from;           ///< the first valuation date that it holds for
  money::Decimal threshold;  ///< may be reached, not exceeded; its unit is the check's
  bool operator==(const CheckThreshold&) const = default;
};

struct CheckDefault {
  std::string_view check;
  std::string_view threshold;
  std::string_view unit;
};
constexpr std::array<CheckDefault, 7> kCheckDefaults{{
    {check_name::kNavAgainstRate, "0.01", "difference of two relative moves"},
    {check_name::kExpectedNav, "0.005", "relative to the expected value per share"},
    {check_name::kFeeRate, "0.03", "of net assets a year"},
    {check_name::kShareRegister, "0.02", "of the dollars that the shares stand for"},
    {check_name::kCustody, "0", "whole coins"},
    {check_name::kStaking, "0", "whole coins"},
    {check_name::kLiquidity, "0.15", "of net assets"},
}};

/// The newest that holds on `date`, else the default. The name must be one of kCheckDefaults (ENSURE).
money::Decimal threshold_on(const std::vector<CheckThreshold>& thresholds, std::string_view check,
                            time::Date date);

/// Refused: an unknown check, one dated twice, a negative threshold.
std::optional<base::Refusal> check_thresholds(const std::vector<CheckThreshold>& thresholds);

}  // namespace navkeeper::nav
