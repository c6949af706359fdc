#pragma once
// A day of a fund as staking's events find it: whether it may still take any, and up to which final states
// (sql/nav/0012_staking_feed).
#include <optional>
#include <vector>

#include "common/db/pool.h"
#include "services/nav/app/take_staking.h"

namespace navkeeper::nav {

/// How the day stands: what may be booked for it, and up to where.
struct DayOfStaking {
  bool is_struck = false;
  bool moves = false;  ///< its cut-off may move on: not published, and no later day has any
  bool is_first =
      false;  ///< not struck, no cut-off of its own, and a later day has one: before the first NAV
  std::vector<StakingCutOff> cut_offs;
  std::optional<time::Date> last_struck;
  std::optional<time::Date> closed_through;
  /// Before the first NAV: the last day before it that has cut-offs.
  std::optional<time::Date> taken_before;
};

DayOfStaking day_of_staking(db::Transaction& transaction, const model::FundId& fund, const StakingDay& asked);

/// Throws base::Refused where staking goes back behind what the books have, or falls silent about a source.
void check_cut_offs(db::Transaction& transaction, const model::FundId& fund,
                    const std::vector<StakingCutOff>& cut_offs);

/// A day of before the first NAV that was passed over when a later one was taken (there were no prices) must
/// not be struck without what that one has of it: throws base::Refused.
void check_first(db::Transaction& transaction, const model::FundId& fund, const StakingDay& asked);

/// The first day that the books have, which their opening entries are of; not before the fund's inception.
time::Date books_opening(db::Transaction& transaction, const FundDefinition& fund);

}  // namespace navkeeper::nav
