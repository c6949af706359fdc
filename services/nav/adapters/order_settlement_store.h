#pragma once
// What of priced orders has settled, part by part, and what was due and is open (sql/nav, order_settlement):
// bank, transfer agent and custodian show the settled view of the books less what is open. Inside the
// caller's transaction; what it costs does not grow with a fund's life.
#include <cstdint>
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "common/model/id.h"
#include "services/nav/domain/dealing/settlement.h"
#include "services/nav/domain/policy/share_split.h"

namespace navkeeper::nav {

struct OrderPart {
  dealing::OrderId order;
  dealing::OrderSide side = dealing::OrderSide::kCreation;
  std::int64_t settlement = 0;  ///< its number among the fund's; 0: it is open
  std::int64_t entry = 0;       ///< the order's in the journal
  time::Date nav_date;          ///< of the order: its shares are counted as on that day
  time::Date date;              ///< of the settlement; of what is open the contractual day
  std::string reference;        ///< of the settlement; may be empty
  money::Decimal units;
  money::Decimal all_units;        ///< of the order
  std::vector<dealing::Leg> legs;  ///< positive: to the fund
  money::Decimal owed_dollars;     ///< of what is open and goes out: still a liability, not taken off cash
  money::Decimal of(std::string_view commodity) const;  ///< 0 where the part has none
  /// Of what is open: what the settled view of Assets:Cash has of it.
  money::Decimal booked_dollars() const { return of("USD") + owed_dollars; }
};

/// Settlements of these days, by date.
std::vector<OrderPart> load_settled_parts(db::Transaction& transaction, const model::FundId& fund,
                                          time::Date from, time::Date to);
/// Of each order that was due by the day the units that had not settled by then; closed-out ones have none
/// from that day on. By order.
std::vector<OrderPart> load_open_parts(db::Transaction& transaction, const model::FundId& fund,
                                       time::Date as_of);
/// Of one order, in the order in which they settled.
std::vector<OrderPart> load_parts_of(db::Transaction& transaction, const model::FundId& fund,
                                     const std::string& order);

/// The part's shares as they are counted on the day, positive: still to come to the fund (a creation's are
/// negative: still to be issued). Rounded down to a whole share where a split leaves a fraction.
money::Decimal shares_of(const OrderPart& part, std::span<const policy::ShareSplit> splits, time::Date on);

}  // namespace navkeeper::nav
