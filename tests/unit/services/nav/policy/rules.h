#pragma once
// Rules of the kinds that funds publish (facts 1.4 and 2.2), for the tests to vary.
#include <string>

#include "services/nav/domain/policy/expense_rule.h"
#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {

inline ExpenseRule management_fee(std::string_view rate = "0.0095", std::string_view from = "2026-01-01") {
  ExpenseRule rule;
  rule.name = "management fee";
  rule.from = day(from);
  rule.tiers = {{dec("0"), dec(rate)}};
  rule.payees = {{"Adviser", dec("1")}};
  rule.remainder_owner = "Adviser";
  return rule;
}

inline Waiver waiver_of(std::vector<Tier> tiers, std::string_view from, std::string_view to) {
  return {"management fee", day(from), day(to), std::move(tiers), "Adviser"};
}

inline ExpenseRule staking_fee() {
  ExpenseRule rule;
  rule.name = "staking fee";
  rule.type = ExpenseType::kStakingService;
  rule.from = day("2026-01-01");
  rule.base = BaseKind::kGrossRewards;
  rule.asset = model::AssetId::literal("ETH");
  rule.paid_in = rule.asset;
  rule.decimals = 18;
  rule.tiers = {{dec("0"), dec("0.18")}};
  rule.payees = {{"Sponsor", dec("0.4")}, {"Prime agent", dec("0.35")}, {"Validator", dec("0.25")}};
  rule.remainder_owner = "Prime agent";
  return rule;
}

}  // namespace navkeeper::nav::policy
