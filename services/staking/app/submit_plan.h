#pragma once
// Hands a plan's steps to custody's movements, each as one proposal that two people approve there.
#include "common/time/clock.h"
#include "services/staking/app/plan_store.h"

namespace navkeeper::staking {

/// A stake, or a conversion of staked coins, as custody is asked to propose it.
struct StakeProposal {
  PlanStep::Act act = PlanStep::Act::kStake;
  std::string id;  ///< the movement's, and its idempotency key
  Desk desk;
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal amount;
  std::string reason;
  // Of a conversion.
  std::string into = {};
  money::Decimal expected_rate = {};  ///< staked coins a token
  int slippage_bps = 0;
};

/// Coins of one kind with one custodian that are under way to be staked.
struct UnseenStake {
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::string source;  ///< staking's, which reads that custodian; empty: none does
  money::Decimal coins;
};

class MovementDesk {
 public:
  virtual ~MovementDesk() = default;
  /// The movement's state as custody tells it ("proposed"). Throws base::Refused what custody refused,
  /// base::Unavailable when it certainly did not take it, base::InDoubt when it may have.
  virtual std::string propose(const model::FundId& fund, const StakeProposal& proposal) = 0;
  /// The state of the movement with that id; nothing: custody has none. Throws base::Refused where that
  /// movement is about something else, base::Unavailable.
  virtual std::optional<std::string> find(const model::FundId& fund, const StakeProposal& proposal) = 0;
  /// Stakes that custody has and readings of `read_at` cannot show: not sent yet, or sent since; without
  /// those of the movements named. By coin and staking source. Throws base::Unavailable.
  virtual std::vector<UnseenStake> unseen_stakes(const model::FundId& fund, time::Instant read_at,
                                                 const std::set<std::string>& without) = 0;
};

struct SubmitPorts {
  StakingStore& facts;
  PlanStore& plans;
  MovementDesk& desk;
};

/// Goes through the steps in their order: proposes those of which nothing left, looks up those of which it is
/// not known, leaves the others alone. May be killed anywhere and run again, by several at once. Before
/// anything leaves, what remains is checked against the positions of now: throws base::Refused naming the
/// rule where an input is stale, the coins are not free any more or the act's limit would be exceeded; the
/// fund's other stakes in custody that the readings cannot show count with them, of every coin, as custody
/// counts them for a stake by hand. A conversion is handed over once custody says that the stake before it is
/// confirmed. Gives the plan as it stands afterwards.
StoredPlan submit_plan(const SubmitPorts& ports, const model::FundId& fund, const std::string& id,
                       const FundTerms& terms, const time::Clock& clock, const std::string& actor);

}  // namespace navkeeper::staking
