#include "services/staking/domain/roll_forward.h"

#include <map>

#include "common/base/ensure.h"

namespace navkeeper::staking {

using money::Decimal;

Decimal RollForward::difference() const {
  Decimal expected = opening;
  for (const RollForwardLine& line : lines) {
    const int direction = effect(line.kind, account);
    if (direction > 0) expected += line.amount;
    if (direction < 0) expected -= line.amount;
  }
  return closing - expected;
}

RollForward roll_forward(const PositionKey& key, Account account, const StateMark& from,
                         const Decimal& opening, const StateMark& to, const Decimal& closing,
                         const std::vector<StakingEvent>& events) {
  ENSURE(from.height <= to.height);
  std::map<EventKind, Decimal> sums;
  for (const StakingEvent& event : events) {
    if (event.key != key || effect(event.kind, account) == 0) continue;
    if (event.mark.height <= from.height || event.mark.height > to.height) continue;
    sums[event.kind] += event.amount;
  }
  RollForward result{key, account, from, to, opening, {}, closing};
  for (const auto& [kind, amount] : sums) result.lines.push_back({kind, amount});
  return result;
}

std::optional<RollForward> joined(const RollForward& first, const RollForward& second) {
  if (first.key != second.key || first.account != second.account || first.to != second.from ||
      first.closing != second.opening)
    return std::nullopt;
  std::map<EventKind, Decimal> sums;
  for (const RollForwardLine& line : first.lines) sums[line.kind] += line.amount;
  for (const RollForwardLine& line : second.lines) sums[line.kind] += line.amount;
  RollForward result{first.key, first.account, first.from, second.to, first.opening, {}, second.closing};
  for (const auto& [kind, amount] : sums) result.lines.push_back({kind, amount});
  return result;
}

}  // namespace navkeeper::staking
