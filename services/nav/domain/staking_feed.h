#pragma once
// What the staking service tells, as nav reads it: events of a fund's stakes, the states of chains up to
// which they are final, and what each kind of event does to the books. A kind that is not in the table is
// refused: what nobody understands must not be skipped.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/nav/domain/books/place.h"
#include "services/nav/domain/policy/income_recognition.h"

namespace navkeeper::nav {

/// The final state of a source up to which a NAV's day has its events.
struct StakingCutOff {
  std::string chain;
  std::string source;
  std::uint64_t height = 0;
  std::string root;
  time::Instant at;
  bool operator==(const StakingCutOff&) const = default;
};

struct StakingEvent {
  std::string id;  ///< staking's own: the same whenever it is told
  std::string chain;
  std::string source;
  std::string place;
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::string kind;
  money::Decimal amount;  ///< whole coins, not negative, perhaps with parts of a smallest unit
  std::uint64_t height = 0;
  time::Instant at;  ///< of the state that has it
  std::string detail;
  time::Instant told_at;  ///< when staking learned it; no part of what it says
};

/// Whether two tellings of one id agree.
bool says_the_same(const StakingEvent& a, const StakingEvent& b);

/// The place of coins at staking: its rewards are collected together.
struct StakingPlace {
  std::string source;
  std::string place;
  model::AssetId asset = model::AssetId::literal("UNSET");
  auto operator<=>(const StakingPlace&) const = default;
};
StakingPlace place_of(const StakingEvent& event);

enum class StakingEffect {
  kNothing,    ///< moves within one account of the books, or is contingent
  kReward,     ///< income by the fund's policy, at a stage
  kCollected,  ///< a claim: all rewards of the place that were not received come in
  kPaidAway,   ///< a claim that somebody else was paid: they come in, and are lost
  kWithdrawn,  ///< out of a validator: its rewards first, oldest first and whole, the rest is stake
  kMoved,      ///< from one state to another
  kLost,       ///< for good
  kGas,        ///< a transaction's fee, out of the fund's wallet
  kSwapped,    ///< given for what its detail names: a disposal, and the cost of what came
};

struct StakingRule {
  StakingEffect effect = StakingEffect::kNothing;
  std::string_view type = {};  ///< of a reward, as the fund's policy names it
  policy::RewardStage stage = policy::RewardStage::kReceived;
  books::CoinState from = books::CoinState::kAvailable;  ///< of a move; of a loss: where it was lost
  books::CoinState to = books::CoinState::kAvailable;    ///< of a move, a receipt
  int rank = 0;                                          ///< within one state: what comes in goes first
};

/// Throws base::Refused for a kind that nav does not know.
StakingRule rule_of(const StakingEvent& event);

/// What came for coins or tokens that were converted: its detail, "CDCETH 9.8". Throws base::Refused for
/// anything else.
struct Swapped {
  std::string asset;
  money::Decimal quantity;
};
Swapped swapped_into(const StakingEvent& event);

/// By time, height, rank and id: the order in which they are booked.
void sort_for_booking(std::vector<StakingEvent>& events);

}  // namespace navkeeper::nav
