#include "services/staking/domain/ether/fork.h"

#include <array>
#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::staking::ether {
namespace {

constexpr std::array<std::pair<Fork, std::string_view>, 7> kNames{{{Fork::kAltair, "altair"},
                                                                   {Fork::kBellatrix, "bellatrix"},
                                                                   {Fork::kCapella, "capella"},
                                                                   {Fork::kDeneb, "deneb"},
                                                                   {Fork::kElectra, "electra"},
                                                                   {Fork::kFulu, "fulu"},
                                                                   {Fork::kGloas, "gloas"}}};

constexpr std::uint64_t kTwoTo24 = std::uint64_t{1} << 24;

}  // namespace

std::string_view describe(Fork fork) {
  for (const auto& [one, name] : kNames) {
    if (one == fork) return name;
  }
  ENSURE(false);
}

std::optional<Fork> parse_fork(std::string_view word) {
  for (const auto& [one, name] : kNames) {
    if (name == word) return one;
  }
  return std::nullopt;
}

ForkRules rules_of(Fork fork) {
  ForkRules rules;
  rules.fork = fork;
  rules.inactivity_penalty_quotient = fork == Fork::kAltair ? 3 * kTwoTo24 : kTwoTo24;
  rules.min_slashing_penalty_quotient = fork == Fork::kAltair ? 64 : 32;
  rules.whistleblower_quotient = 512;
  rules.slashing_multiplier = fork == Fork::kAltair ? 2 : 3;
  if (fork >= Fork::kElectra) {
    rules.min_slashing_penalty_quotient = 4'096;
    rules.whistleblower_quotient = 4'096;
    rules.correlation_per_increment = true;
    rules.compounding = true;
  }
  if (fork >= Fork::kGloas) {  // EIP-8061
    rules.churn_quotient = 32'768;
    rules.exit_churn_max = std::nullopt;
    rules.consolidation_quotient = 65'536;
  }
  return rules;
}

const std::vector<ForkEpoch>& mainnet_schedule() {
  static const std::vector<ForkEpoch> kSchedule{
      {Fork::kAltair, 74'240}, {Fork::kBellatrix, 144'896}, {Fork::kCapella, 194'048},
      {Fork::kDeneb, 269'568}, {Fork::kElectra, 364'032},   {Fork::kFulu, 411'392},
  };
  return kSchedule;
}

std::optional<Fork> fork_at(const std::vector<ForkEpoch>& schedule, Epoch epoch) {
  std::optional<Fork> found;
  for (const ForkEpoch& one : schedule) {
    if (one.epoch <= epoch) found = one.fork;
  }
  return found;
}

}  // namespace navkeeper::staking::ether
