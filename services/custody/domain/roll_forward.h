#pragma once
// From what an account held to what it holds: opening + in - out - fees + staking = closing, by asset, in
// whole coins. What the identity leaves is the difference; it is shown whatever it is.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/balance.h"

namespace navkeeper::custody {

/// A balance as one end of a roll-forward: all that is the account's, staked coins too (owned()).
struct RollPoint {
  std::optional<money::Decimal> owned;  ///< nothing: the source does not say enough to be sure
  time::Instant as_of;
  bool sure = true;  ///< is_sure()
  bool operator==(const RollPoint&) const = default;
};
RollPoint roll_point(const Balance& balance);

enum class FlowKind {
  kIn,
  kOut,
  kFee,     ///< that a transfer out cost, in the same asset
  kReward,  ///< that staking brought; negative: what it took
};
std::string_view describe(FlowKind kind);  ///< "in", "out", "fee", "reward"

struct Flow {
  FlowKind kind{};
  std::string key;        ///< of the record
  money::Decimal amount;  ///< whole coins; positive but for a reward
  time::Instant at;       ///< from when the balance shows it
  bool sure = true;       ///< done, and the record stands (record_book.h)
};

struct RollForward {
  std::optional<RollPoint> opening;
  std::optional<RollPoint> closing;
  money::Decimal in;
  money::Decimal out;
  money::Decimal fees;
  money::Decimal staking;
  int flows = 0;                  ///< that count
  std::vector<std::string> open;  ///< keys of flows between the ends that are not sure: not counted
  /// opening + in - out - fees + staking; nothing without an opening amount.
  std::optional<money::Decimal> expected;
  /// closing - expected; nothing when one of them is not known.
  std::optional<money::Decimal> difference;
};

/// Flows after the opening's instant up to the closing's count, whatever their order.
RollForward roll_forward(const std::optional<RollPoint>& opening, const std::optional<RollPoint>& closing,
                         const std::vector<Flow>& flows);

/// "even" (no difference, both ends sure, nothing open), "unsure" (an end is missing or not sure), "differs".
std::string_view state_of(const RollForward& roll);

}  // namespace navkeeper::custody
