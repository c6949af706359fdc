#pragma once
// Corporate actions that change what lots are made of without realising anything: a token is replaced by
// another, or a second one is spun off from it. Cost and age go on; nothing is a disposal.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

struct Migration {
  std::string id;
  time::Date date;
  std::string old_token;
  std::string new_token;
  money::Decimal ratio;  ///< new for one old, positive
  int new_decimals = 18;
  money::Decimal received;          ///< of the new token, as chain and custodian show it
  std::string remainder_owner_lot;  ///< the lot that gets what the conversion of each leaves over
};

struct MigrationDecision {
  /// Of the new token, in the order given; same ids, costs and dates. None of a lot without cost that becomes
  /// nothing.
  std::vector<HeldLot> lots;
  EntryDraft entry;
};
/// All lots of the old token become lots of the new one. Each lot's quantity x ratio is cut to the new
/// decimals; the sum is what was received, the rest being the owner's. Refused: no lots, a ratio not
/// positive, tokens that are one, a remainder owner that is no lot, a received quantity that is not all lots
/// x ratio cut to the new decimals, a lot with a cost that would become nothing (it would hang in the air).
base::Checked<MigrationDecision> migrate(const Migration& migration, std::span<const HeldLot> lots);

enum class SpinOffSide { kParent, kChild };

struct SpinOff {
  std::string id;
  time::Date date;
  std::string parent;
  std::string child;
  int child_decimals = 18;
  money::Decimal received;           ///< of the child, positive
  money::Decimal parent_fair_value;  ///< dollars of the whole holding right after, not negative
  money::Decimal child_fair_value;   ///< dollars of all that was received, not negative
  SpinOffSide remainder_owner = SpinOffSide::kParent;  ///< of each lot's cost in cents
  std::string remainder_owner_lot;                     ///< of the child's units over the lots
};

struct SpinOffDecision {
  std::vector<HeldLot> parent_lots;  ///< same ids, quantities and dates; cost less what went to the child
  std::vector<HeldLot>
      child_lots;  ///< id of the parent's lot, its date; none where a lot gets no unit and no cost
  EntryDraft entry;
};
/// Each lot's cost is split by relative fair value to the cent (parts cut toward zero), its part of the child
/// by the parent's quantities. Refused: no lots, a received quantity not positive or with too many decimals,
/// a fair value that is negative, both zero, a child that is the parent, an owner that is no lot, a lot whose
/// cost would go to a child lot of no units.
base::Checked<SpinOffDecision> spin_off(const SpinOff& action, std::span<const HeldLot> lots);

}  // namespace navkeeper::nav::policy
