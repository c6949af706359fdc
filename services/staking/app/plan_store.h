#pragma once
// Where plans and what became of their steps are kept. Only ever added to.
#include "services/staking/app/make_plan.h"

namespace navkeeper::staking {

enum class StepState {
  kSending,   ///< written before the request leaves
  kProposed,  ///< custody has it; people approve it there
  kRefused,   ///< by custody: another plan is needed
  kNotSent,   ///< it certainly did not arrive; sent again by the next submission
  kInDoubt,   ///< it may have arrived; looked up, never sent again blindly
  kNotFound,  ///< custody does not have it; sent again by a person's next submission
};
std::string_view describe(
    StepState state);  ///< "sending", "proposed", "refused", "not_sent", "in_doubt", "not_found"
std::optional<StepState> parse_step_state(std::string_view word);

struct StepEvent {
  StepState state{};
  std::string detail;
  std::string actor;
  time::Instant known_at;
};

struct StoredStep {
  PlanStep step;  ///< of its placement kind, place and amount
  std::vector<StepEvent> events;
  std::optional<StepState> state() const;
};

struct StoredPlan {
  LiquidityInputs inputs;
  std::optional<ValidatorSet> validators;
  PlanRequest request;
  std::string
      inputs_hash;  ///< SHA-256 of inputs, validators and request as they are stored, 64 hexadecimal digits
  std::string answer;  ///< what make_plan said, as JSON
  std::string proposed_by;
  time::Instant known_at;
  std::vector<StoredStep> steps;
};

class PlanStore {
 public:
  virtual ~PlanStore() = default;
  /// Throws base::Conflict where the fund has another plan of that id.
  virtual void save(const model::FundId& fund, const LiquidityInputs& inputs,
                    const std::optional<ValidatorSet>& validators, const PlanRequest& request,
                    const MadePlan& made, const std::string& actor) = 0;
  virtual std::optional<StoredPlan> find(const model::FundId& fund, const std::string& id) = 0;
  /// The newest first.
  virtual std::vector<StoredPlan> plans(const model::FundId& fund, time::Instant known_at) = 0;
  /// The step's next state; false where somebody else wrote it first: then it is theirs to go on with.
  virtual bool add(const model::FundId& fund, const std::string& plan, const StoredStep& step,
                   const StepEvent& event) = 0;
};

}  // namespace navkeeper::staking
