#include "services/custody/domain/roll_forward.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::custody {

RollPoint roll_point(const Balance& balance) { return {owned(balance), balance.as_of, is_sure(balance)}; }

std::string_view describe(FlowKind kind) {
  switch (kind) {
    case FlowKind::kIn:
      return "in";
    case FlowKind::kOut:
      return "out";
    case FlowKind::kFee:
      return "fee";
    case FlowKind::kReward:
      return "reward";
  }
  ENSURE(false);
}

RollForward roll_forward(const std::optional<RollPoint>& opening, const std::optional<RollPoint>& closing,
                         const std::vector<Flow>& flows) {
  RollForward roll;
  roll.opening = opening;
  roll.closing = closing;
  for (const Flow& flow : flows) {
    if ((opening && flow.at <= opening->as_of) || (closing && flow.at > closing->as_of)) continue;
    if (!flow.sure) {
      roll.open.push_back(flow.key);
      continue;
    }
    ++roll.flows;
    switch (flow.kind) {
      case FlowKind::kIn:
        roll.in += flow.amount;
        break;
      case FlowKind::kOut:
        roll.out += flow.amount;
        break;
      case FlowKind::kFee:
        roll.fees += flow.amount;
        break;
      case FlowKind::kReward:
        roll.staking += flow.amount;
        break;
    }
  }
  std::sort(roll.open.begin(), roll.open.end());
  if (opening && opening->owned)
    roll.expected = *opening->owned + roll.in - roll.out - roll.fees + roll.staking;
  if (roll.expected && closing && closing->owned) roll.difference = *closing->owned - *roll.expected;
  return roll;
}

std::string_view state_of(const RollForward& roll) {
  if (!roll.difference || !roll.opening->sure || !roll.closing->sure) return "unsure";
  if (!roll.difference->is_zero()) return "differs";
  return roll.open.empty() ? "even" : "unsure";
}

}  // namespace navkeeper::custody
