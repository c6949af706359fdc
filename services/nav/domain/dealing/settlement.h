#pragma once
// Settlement of a priced order: whole, in parts, or failed. The books count the order from its book date and
// show it as settled on the contractual date; what did not come or go by then are open items, listed here, by
// which custodian and bank differ from the settled view.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/nav/domain/dealing/order_price.h"

namespace navkeeper::nav::dealing {

/// One thing that changes hands. Positive: to the fund.
struct Leg {
  std::string commodity;  ///< an asset, "USD", or "SHARES"
  money::Decimal amount;
  bool operator==(const Leg&) const = default;
};
inline constexpr std::string_view kShares = "SHARES";
/// With the order behind it: collateral that the fund holds, dollars that it gives back.
inline constexpr std::string_view kCollateralHeld = "Liabilities:Collateral:";

/// Coins, the fund's cash, and the shares (issued: negative).
std::vector<Leg> legs_of(OrderSide side, const OrderPrice& price);

/// What settles with units `before` + 1 to `before` + `units` of `all`: what is due by then, cut toward zero
/// in the leg's own decimals, less what was due before. So the parts add up to the whole, and the last one
/// has what the cuts left.
std::vector<Leg> part_of(const std::vector<Leg>& legs, const money::Decimal& before,
                         const money::Decimal& units, const money::Decimal& all);

/// In the order in which they are tried.
enum class SettlementRefusal {
  kUnitsNotWhole,
  kUnitsNotPositive,
  kMoreThanOpen,
  kBeforeContract,  ///< before the contractual settlement date
  kNotASettlementDay,
};
std::string_view describe(SettlementRefusal refusal);
std::string_view field_of(SettlementRefusal refusal);

/// `settled` of `all` units have settled before.
base::Result<void, SettlementRefusal> check_settlement(const money::Decimal& units,
                                                       const money::Decimal& settled,
                                                       const money::Decimal& all, time::Date date,
                                                       time::Date contractual,
                                                       const time::Calendar& settlement);
/// A fail: nothing or not all came by the contractual date.
base::Result<void, SettlementRefusal> check_fail(time::Date date, time::Date contractual,
                                                 const time::Calendar& settlement);

/// Dollars that the participant puts up for what it still owes: the rate times the value of what is open,
/// rounded up to the cent. Of a creation the coins at the NAV's prices and the cash, of a redemption the
/// shares.
money::Decimal collateral_of(OrderSide side, const OrderPrice& price, const money::Decimal& settled,
                             const money::Decimal& rate);

}  // namespace navkeeper::nav::dealing
