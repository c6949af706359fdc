#pragma once
// One account of one place between two states: opening + what went in - what went out = closing. A difference
// of zero is the rule; another one is never called tied.
#include <optional>
#include <span>
#include <vector>

#include "services/staking/domain/staking_event.h"

namespace navkeeper::staking {

struct RollForwardLine {
  EventKind kind;
  money::Decimal amount;  ///< sum of the events of that kind, not negative; effect() has the direction
  bool operator==(const RollForwardLine&) const = default;
};

/// Amounts in whole coins of key.asset.
struct RollForward {
  PositionKey key;
  Account account = Account::kStake;
  StateMark from;
  StateMark to;
  money::Decimal opening;
  std::vector<RollForwardLine> lines;  ///< in the order of EventKind; only kinds that occurred
  money::Decimal closing;

  /// closing - (opening + in - out)
  money::Decimal difference() const;
  bool is_tied() const { return difference().is_zero(); }
  bool operator==(const RollForward&) const = default;
};

/// Of `events` those count that are the key's, touch the account, and have from.height < height <= to.height:
/// a state holds what its own height brought. from.height must not exceed to.height (ENSURE).
RollForward roll_forward(const PositionKey& key, Account account, const StateMark& from,
                         const money::Decimal& opening, const StateMark& to, const money::Decimal& closing,
                         std::span<const StakingEvent> events);

/// Whether each interval of the account has a row of its own, at one place: the stake, and what unbonds but
/// of ether. (A first deposit waits at its key and is applied to an index; recipients of tips have rows where
/// they received some.)
bool is_chained(const RollForward& one);
/// Of roll-forwards by key, account and interval, those chained ones that do not follow: from another state
/// or amount than the one before left, or with coins from nowhere after others of their source began. Where
/// there was nothing a stretch may be missing.
std::vector<const RollForward*> not_continuous(const std::vector<RollForward>& all);

/// Two consecutive ones as one; nothing where the second does not begin with the state, account and amount
/// with which the first ends.
std::optional<RollForward> joined(const RollForward& first, const RollForward& second);

}  // namespace navkeeper::staking
