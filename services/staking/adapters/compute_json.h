#pragma once
// The file of `navkeeper staking compute` and its answer (contracts: "staking compute").
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "services/staking/domain/reward_distribution.h"
#include "services/staking/domain/validator_income.h"

namespace navkeeper::staking {

struct EtherAnswer {
  std::vector<ValidatorBalances> validators;
  std::vector<ValidatorIncome> incomes;  ///< in step with the validators
};

struct CosmosAnswer {
  money::Decimal commission;
  money::Decimal tokens;
  std::vector<RewardDistribution::DelegatorLine> delegators;
};

using ComputeAnswer = std::variant<EtherAnswer, CosmosAnswer>;

/// Throws base::Refused that names the place in the text and the rule.
ComputeAnswer compute(std::string_view text);

/// One compact JSON object, keys in the order of the contract.
std::string to_json(const ComputeAnswer& answer);
/// For people.
std::string to_table(const ComputeAnswer& answer);

}  // namespace navkeeper::staking
