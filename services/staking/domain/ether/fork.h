#pragma once
// What of the beacon chain's rules changed from fork to fork. Source: ethereum/consensus-specs, presets and
// configs of mainnet, specs/<fork>/beacon-chain.md. Everything that a rule needs stands here, so that a
// period is computed with the rules of its time.
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace navkeeper::staking::ether {

using Gwei = std::uint64_t;
using Epoch = std::uint64_t;
using Slot = std::uint64_t;
using Wide = unsigned __int128;  ///< products of two 64-bit amounts

inline constexpr Epoch kFarFuture = ~std::uint64_t{0};
inline constexpr Gwei kIncrement = 1'000'000'000;            ///< EFFECTIVE_BALANCE_INCREMENT
inline constexpr Gwei kMinActivation = 32 * kIncrement;      ///< MIN_ACTIVATION_BALANCE
inline constexpr Gwei kMaxCompounding = 2'048 * kIncrement;  ///< MAX_EFFECTIVE_BALANCE_ELECTRA
inline constexpr std::uint64_t kSlotsPerEpoch = 32;
inline constexpr std::uint64_t kEpochsPerDay = 225;

/// Altair and later: before it rewards followed another formula.
enum class Fork { kAltair, kBellatrix, kCapella, kDeneb, kElectra, kFulu, kGloas };
std::string_view describe(Fork fork);  ///< "altair", ..., as beacon nodes write it in `version`
std::optional<Fork> parse_fork(std::string_view word);

struct ForkRules {
  Fork fork = Fork::kElectra;
  std::uint64_t inactivity_penalty_quotient = 0;
  std::uint64_t min_slashing_penalty_quotient = 0;  ///< initial penalty = effective // this
  std::uint64_t whistleblower_quotient = 0;
  std::uint64_t slashing_multiplier = 0;   ///< of the correlation penalty
  bool correlation_per_increment = false;  ///< Electra divides before it multiplies
  bool compounding = false;                ///< 0x02 credentials, queues by balance, requests from the EL
  std::uint64_t churn_quotient = 65'536;   ///< of activations and exits
  Gwei churn_min = 128 * kIncrement;
  Gwei activation_churn_max = 256 * kIncrement;
  std::optional<Gwei> exit_churn_max = 256 * kIncrement;  ///< nothing: not capped (Gloas)
  /// 0: consolidations take what activations and exits leave of the churn; else total // this.
  std::uint64_t consolidation_quotient = 0;
};
ForkRules rules_of(Fork fork);

struct ForkEpoch {
  Fork fork;
  Epoch epoch;
};
/// Mainnet's, of configs/mainnet.yaml; Gloas has no date there.
const std::vector<ForkEpoch>& mainnet_schedule();
/// Nothing before Altair.
std::optional<Fork> fork_at(const std::vector<ForkEpoch>& schedule, Epoch epoch);

}  // namespace navkeeper::staking::ether
