#pragma once
// The indicative value of a share (IIV): the last official creation unit, components and total net cash, at
// real-time prices, over the unit's shares; every 15 seconds from 9:30 to 16:00 New York
// (facts/funds.md 1.6).
//
//   value = (sum over components of quantity x price + net cash) / shares of the unit
//
// Pure: no clock and no prices of its own. Without an input that is fresh enough there is no value, and the
// reason says which one is missing.
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/calendar.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "common/time/zone.h"

namespace navkeeper::nav::indicative {

struct UnitComponent {
  std::string asset;
  money::Decimal quantity;  ///< whole coins of one unit, not negative
  int decimals = 8;         ///< to which a transfer is cut
  bool operator==(const UnitComponent&) const = default;
};

/// A creation unit as it was published for `nav_date` (dealing's basket by that NAV), or adjusted since
/// (adjust).
struct CreationUnit {
  time::Date nav_date;
  money::Decimal shares;  ///< of one unit, positive
  std::vector<UnitComponent> components;
  money::Decimal net_cash;  ///< dollars, either sign: NAV of the unit less its components at the NAV's prices
  std::vector<std::string> adjustments;  ///< in words, in their order
  bool operator==(const CreationUnit&) const = default;
};

/// What happened since the NAV that the unit is from.
struct ExDividend {
  std::string id;
  time::Date ex_date;
  money::Decimal per_share;  ///< dollars, as declared on the ex-date
};
struct UnitSplit {
  std::string id;
  time::Date effective;
  int new_shares = 1;  ///< for `old_shares`, both positive
  int old_shares = 1;
};
struct CoinLoss {
  std::string id;
  std::string asset;
  money::Decimal quantity;  ///< whole coins of the whole fund, lost for good (slashing)
  money::Decimal shares;    ///< outstanding when the NAV was struck
};
using UnitEvent = std::variant<ExDividend, UnitSplit, CoinLoss>;

/// The unit after these, in their order. An ex-date takes per share x shares out of the cash; a split makes
/// more shares of the same unit; a loss takes its share of the coins, cut up to the coin's decimals (against
/// the fund). Refused: a loss above what the unit has, a ratio not
/// positive or that leaves a fraction of a share (the next NAV's unit has it).
base::Checked<CreationUnit> adjust(CreationUnit unit, const std::vector<UnitEvent>& events);

struct LivePrice {
  std::string asset;
  std::optional<money::Decimal> value;  ///< dollars a coin
  time::Instant at;                     ///< of the value
  std::string reason;                   ///< why there is none
};

struct IndicativeValue {
  time::Instant at;
  std::optional<money::Decimal> per_share;  ///< rounded half up once, at `decimals`
  std::optional<money::Rational> exact;
  std::string reason;  ///< why there is no value; empty with one
};

/// At `at`. No value: a component without a price, a price not positive, one older than `age_max` or from
/// after `at`. Components of no coins need no price. Throws money::OverflowError.
IndicativeValue indicative_value(const CreationUnit& unit, const std::vector<LivePrice>& prices,
                                 time::Instant at, time::Duration age_max, int decimals);

/// When indicative values are made. The close is the exchange's early one on half days.
struct Session {
  time::TimeOfDay opens = time::TimeOfDay::literal("09:30");
  time::TimeOfDay closes = time::TimeOfDay::literal("16:00");
  int every_seconds = 15;
};

/// The moment of the session that `now` is in or just after: from the opening in steps, the close included.
struct Slot {
  std::optional<time::Instant> at;    ///< nothing outside the session
  std::string reason;                 ///< "before the opening at 09:30", "Thanksgiving Day"
  std::optional<time::Instant> next;  ///< the next slot of that day
  time::Date date;                    ///< local
};
Slot slot_at(const Session& session, const time::Calendar& exchange, const time::Zone& zone,
             time::Instant now);

}  // namespace navkeeper::nav::indicative
