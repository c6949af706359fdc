#pragma once
// What an ether validator earned between two state slots, from its balances at both and what moved in and out
// between them (facts/staking.md 1). Gwei, whole, not negative; income may be negative.
//
// income = closing - opening + withdrawals - deposits - consolidations in + consolidations out + moved to
// pending
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/money/decimal.h"

namespace navkeeper::staking {

enum class FlowKind {
  kDeposit,          ///< applied to the balance
  kWithdrawal,       ///< swept or requested
  kConsolidationIn,  ///< from a validator merged into this one
  kConsolidationOut,
  kMovedToPending,  ///< a switch to compounding: back into the queue of deposits, without a transaction
};
constexpr std::array kFlowKinds{FlowKind::kDeposit, FlowKind::kWithdrawal, FlowKind::kConsolidationIn,
                                FlowKind::kConsolidationOut, FlowKind::kMovedToPending};
std::string_view describe(FlowKind kind);
std::optional<FlowKind> parse_flow_kind(std::string_view word);

struct Flow {
  std::uint64_t slot = 0;
  FlowKind kind = FlowKind::kDeposit;
  money::Decimal gwei;
};

struct ValidatorBalances {
  std::string index;
  money::Decimal opening_gwei;
  money::Decimal closing_gwei;
  std::vector<Flow> flows;
};

struct ValidatorIncome {
  money::Decimal gwei;
  std::array<std::optional<money::Decimal>, kFlowKinds.size()> by_kind;  ///< nothing: no such flow
  std::vector<Flow> outside;                                             ///< flows that do not count
};

/// Flows with from_slot < slot <= to_slot count: a state holds what its own slot brought.
ValidatorIncome validator_income(const ValidatorBalances& validator, std::uint64_t from_slot,
                                 std::uint64_t to_slot);

}  // namespace navkeeper::staking
