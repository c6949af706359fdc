#include "services/staking/domain/roll_forward.h"

#include <algorithm>
#include <map>

#include "common/base/ensure.h"

namespace navkeeper::staking {
namespace {

void add_line(std::vector<RollForwardLine>& lines, const RollForwardLine& line) {
  const auto at =
      std::lower_bound(lines.begin(), lines.end(), line.kind,
                       [](const RollForwardLine& one, EventKind kind) { return one.kind < kind; });
  if (at != lines.end() && at->kind == line.kind)
    at->amount += line.amount;
  else
    lines.insert(at, line);
}

}  // namespace

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
                         std::span<const StakingEvent> events) {
  ENSURE(from.height <= to.height);
  RollForward result{key, account, from, to, opening, {}, closing};
  for (const StakingEvent& event : events) {
    if (effect(event.kind, account) == 0 || event.mark.height <= from.height ||
        event.mark.height > to.height || event.key != key)
      continue;
    add_line(result.lines, {event.kind, event.amount});
  }
  return result;
}

bool is_chained(const RollForward& one) {
  return one.account == Account::kStake ||
         (one.account == Account::kUnbonding && one.key.chain != Chain::kEthereum);
}

std::vector<const RollForward*> not_continuous(const std::vector<RollForward>& all) {
  std::map<std::pair<Chain, base::SharedText>, time::Instant> begins;
  for (const RollForward& one : all) {
    const auto [at, is_new] = begins.try_emplace({one.key.chain, one.key.source}, one.from.at);
    at->second = std::min(at->second, one.from.at);
  }
  std::vector<const RollForward*> found;
  const RollForward* before = nullptr;
  for (const RollForward& one : all) {
    if (!is_chained(one)) continue;
    const bool is_first = before == nullptr || before->key != one.key || before->account != one.account;
    const bool follows =
        is_first ? one.opening.is_zero() || one.from.at == begins.at({one.key.chain, one.key.source})
                 : before->closing == one.opening && (before->to == one.from || one.opening.is_zero());
    if (!follows) found.push_back(&one);
    before = &one;
  }
  return found;
}

std::optional<RollForward> joined(const RollForward& first, const RollForward& second) {
  if (first.key != second.key || first.account != second.account || first.to != second.from ||
      first.closing != second.opening)
    return std::nullopt;
  RollForward result{first.key,     first.account, first.from,    second.to,
                     first.opening, first.lines,   second.closing};
  for (const RollForwardLine& line : second.lines) add_line(result.lines, line);
  return result;
}

}  // namespace navkeeper::staking
