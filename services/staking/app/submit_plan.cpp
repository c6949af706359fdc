#include "services/staking/app/submit_plan.h"

#include <array>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

/// Custody's word for a movement that ended well.
constexpr const char* kConfirmed = "confirmed";
constexpr std::array kStepStates{StepState::kSending, StepState::kProposed, StepState::kRefused,
                                 StepState::kNotSent, StepState::kInDoubt,  StepState::kNotFound};

StoredPlan known_plan(PlanStore& plans, const model::FundId& fund, const std::string& id) {
  auto plan = plans.find(fund, id);
  if (!plan) base::refuse("plan " + id, "is not known of fund " + fund.value());
  return *std::move(plan);
}

bool is_to_be_sent(const StoredStep& step) {
  const auto state = step.state();
  return !state || *state == StepState::kNotSent || *state == StepState::kNotFound;
}
bool is_not_known(const StoredStep& step) {
  const auto state = step.state();
  return state == StepState::kSending || state == StepState::kInDoubt;
}

class Submission {
 public:
  Submission(const SubmitPorts& ports, const model::FundId& fund, const StoredPlan& plan,
             const time::Clock& clock, const std::string& actor)
      : ports_(ports), fund_(fund), plan_(plan), clock_(clock), actor_(actor) {}

  void look_up(const StoredStep& step) {
    const auto found = ports_.desk.find(fund_, proposal_of(step));
    if (found)
      write(step, StepState::kProposed, "found in custody: " + *found);
    else
      write(step, StepState::kNotFound, "custody has no movement of that id: submit again to send it again");
  }

  void send(const StoredStep& step) {
    if (!write(step, StepState::kSending, "")) return;  // somebody else sends it
    StoredStep sending = step;
    sending.events.push_back({StepState::kSending, "", actor_, clock_.now()});
    try {
      const std::string state = ports_.desk.propose(fund_, proposal_of(step));
      write(sending, StepState::kProposed, "custody says " + state);
    } catch (const base::Refused& refused) {
      write(sending, StepState::kRefused, refused.what());
    } catch (const base::Unavailable& unavailable) {
      write(sending, StepState::kNotSent, unavailable.what());
    } catch (const base::InDoubt& in_doubt) {
      write(sending, StepState::kInDoubt, in_doubt.what());
    }
  }

  /// Staked coins alone are converted.
  bool is_staked(const StoredStep& stake) const {
    return stake.state() == StepState::kProposed &&
           ports_.desk.find(fund_, proposal_of(stake)) == std::string(kConfirmed);
  }

 private:
  StakeProposal proposal_of(const StoredStep& step) const {
    StakeProposal proposal{step.step.act,
                           step.step.movement_id,
                           step.step.desk,
                           plan_.request.asset(),
                           step.step.placement.amount,
                           "staking plan " + plan_.request.id + ": " + step.step.placement.place};
    if (step.step.act == PlanStep::Act::kConvert) {
      proposal.into = step.step.placement.place;
      proposal.expected_rate = step.step.expected_rate.value_or(money::Decimal{});
      proposal.slippage_bps = step.step.slippage_bps;
    }
    return proposal;
  }
  bool write(const StoredStep& step, StepState state, std::string detail) {
    return ports_.plans.add(fund_, plan_.request.id, step, {state, std::move(detail), actor_, clock_.now()});
  }

  const SubmitPorts& ports_;
  const model::FundId& fund_;
  const StoredPlan& plan_;
  const time::Clock& clock_;
  const std::string& actor_;
};

/// What remains must be allowed by what is true now.
void check_remaining(const SubmitPorts& ports, const model::FundId& fund, const StoredPlan& plan,
                     const FundTerms& terms, time::Instant now) {
  money::Decimal coins;
  std::set<std::string> own;
  for (const StoredStep& step : plan.steps) {
    if (step.step.movement_id.empty() || !is_to_be_sent(step) || step.step.act != PlanStep::Act::kStake)
      continue;
    coins += step.step.placement.amount;
    own.insert(step.step.movement_id);
  }
  if (coins.is_zero()) return;
  const LiquidityInputs inputs = resolve_liquidity(ports.facts, fund, plan.inputs.facts, terms, now);
  std::vector<StakeUnderWay> others;
  for (const UnseenStake& one : ports.desk.unseen_stakes(fund, inputs.read_at, own)) {
    if (one.asset == plan.request.asset())
      coins += one.coins;
    else
      others.push_back({one.asset, one.coins, stake_free_at(inputs, one.asset, one.source)});
  }
  const auto days =
      plan.request.native_days ? plan.request.native_days : unbonding_days(inputs, plan.request.asset());
  if (!days) base::refuse("native_days", "how long unbonding takes is not known any more");
  const time::Instant free_at = inputs.now + time::Duration::hours(std::int64_t{24} * *days);
  check_stake(inputs, plan.request.asset(), coins, free_at, others);
}

}  // namespace

std::string_view describe(StepState state) {
  switch (state) {
    case StepState::kSending:
      return "sending";
    case StepState::kProposed:
      return "proposed";
    case StepState::kRefused:
      return "refused";
    case StepState::kNotSent:
      return "not_sent";
    case StepState::kInDoubt:
      return "in_doubt";
    case StepState::kNotFound:
      return "not_found";
  }
  ENSURE(false);
}

std::optional<StepState> parse_step_state(std::string_view word) {
  for (const StepState state : kStepStates)
    if (word == describe(state)) return state;
  return std::nullopt;
}

std::optional<StepState> StoredStep::state() const {
  if (events.empty()) return std::nullopt;
  return events.back().state;
}

StoredPlan submit_plan(const SubmitPorts& ports, const model::FundId& fund, const std::string& id,
                       const FundTerms& terms, const time::Clock& clock, const std::string& actor) {
  const StoredPlan plan = known_plan(ports.plans, fund, id);
  check_remaining(ports, fund, plan, terms, clock.now());
  Submission submission(ports, fund, plan, clock, actor);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const StoredStep& step = plan.steps[i];
    if (step.step.movement_id.empty()) continue;  // people place it
    if (step.step.act == PlanStep::Act::kConvert && is_to_be_sent(step) &&
        !submission.is_staked(plan.steps.at(i - 1)))
      continue;  // the next submission looks again
    if (is_not_known(step))
      submission.look_up(step);
    else if (is_to_be_sent(step))
      submission.send(step);
  }
  return known_plan(ports.plans, fund, id);
}

}  // namespace navkeeper::staking
