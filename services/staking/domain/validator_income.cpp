#include "services/staking/domain/validator_income.h"

#include "common/base/ensure.h"

namespace navkeeper::staking {

using money::Decimal;

std::string_view describe(FlowKind kind) {
  switch (kind) {
    case FlowKind::kDeposit:
      return "deposit";
    case FlowKind::kWithdrawal:
      return "withdrawal";
    case FlowKind::kConsolidationIn:
      return "consolidation_in";
    case FlowKind::kConsolidationOut:
      return "consolidation_out";
    case FlowKind::kMovedToPending:
      return "moved_to_pending";
  }
  ENSURE(false);
}

std::optional<FlowKind> parse_flow_kind(std::string_view word) {
  for (const FlowKind kind : kFlowKinds) {
    if (describe(kind) == word) return kind;
  }
  return std::nullopt;
}

namespace {

/// Whether the flow made the closing balance larger without being earned.
bool raises_balance(FlowKind kind) {
  return kind == FlowKind::kDeposit || kind == FlowKind::kConsolidationIn;
}

}  // namespace

ValidatorIncome validator_income(const ValidatorBalances& validator, std::uint64_t from_slot,
                                 std::uint64_t to_slot) {
  ENSURE(from_slot <= to_slot);
  ValidatorIncome income;
  income.gwei = validator.closing_gwei - validator.opening_gwei;
  for (const Flow& flow : validator.flows) {
    if (flow.slot <= from_slot || flow.slot > to_slot) {
      income.outside.push_back(flow);
      continue;
    }
    auto& sum = income.by_kind[static_cast<std::size_t>(flow.kind)];
    sum = sum.value_or(Decimal{}) + flow.gwei;
    income.gwei += raises_balance(flow.kind) ? -flow.gwei : flow.gwei;
  }
  return income;
}

}  // namespace navkeeper::staking
