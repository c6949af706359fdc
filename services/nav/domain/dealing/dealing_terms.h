#pragma once
// DealingTerms: how authorized participants deal with a fund, as its reviewed file says it ([[dealing]]):
// cut-offs, fees, transfer precision, settlement, collateral, where a shortfall is funded from, custom
// baskets. Each version holds from a day of its own.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/calendar.h"
#include "common/time/valuation.h"

namespace navkeeper::nav::dealing {

enum class OrderSide {
  kCreation,    ///< "creation"
  kRedemption,  ///< "redemption"
};
enum class OrderForm {
  kInKind,  ///< "in_kind": the basket's coins and the balancing amount
  kCash,    ///< "cash"
};
/// When an order settles, in settlement days after its trade date.
enum class SettlementCycle {
  kSameDay,  ///< "T+0"
  kNextDay,  ///< "T+1"
};
/// What a shortfall is made good from; the fund's file gives the order.
enum class FundingSource {
  kCash,        ///< "cash": free dollars of the fund
  kSale,        ///< "sale": of other coins that are free
  kCreditLine,  ///< "credit_line"
  kUnstaking,   ///< "unstaking": where the coins are back by settlement
  kCashInLieu,  ///< "cash_in_lieu": the participant takes dollars for coins
};

std::string_view describe(OrderSide side);
std::string_view describe(OrderForm form);
std::string_view describe(SettlementCycle cycle);
std::string_view describe(FundingSource source);
std::optional<OrderSide> parse_order_side(std::string_view word);
std::optional<OrderForm> parse_order_form(std::string_view word);
std::optional<SettlementCycle> parse_settlement_cycle(std::string_view word);
std::optional<FundingSource> parse_funding_source(std::string_view word);

/// How finely the custodian moves an asset. Coarser than the asset's smallest unit is usual (ether: 8 of 18).
struct TransferPrecision {
  model::AssetId asset;
  int decimals = 8;
  std::optional<int> unbonding_days;  ///< of staked coins; none: it is never staked
};

struct OrderFees {
  money::Decimal fixed;     ///< dollars an order, whatever its size; its payee's, not the fund's
  money::Decimal variable;  ///< part of the order's value; the fund's, in capital
};

/// Rule 6c-11(c)(3): a custom basket needs a policy that says who decides and bounds what they may decide.
struct CustomBasketPolicy {
  /// Sum of |custom - standard| of the components' values at the NAV's prices, as a part of the unit's NAV.
  money::Decimal difference_max;
};

struct DealingTerms {
  time::Date from;
  time::TimeOfDay
      cut_off_in_kind;  ///< local, on an ordinary day; an order that comes at that second is in time
  time::TimeOfDay cut_off_cash;
  std::optional<time::TimeOfDay> cut_off_same_day;  ///< none: no T+0 cycle
  int units_max = 1;                                ///< of one order
  OrderFees in_kind;
  OrderFees cash;
  std::string fixed_fee_payee;
  std::vector<TransferPrecision> transfer;  ///< one an asset
  money::Decimal collateral;  ///< of what a participant owes after a fail, and in the T+0 cycle; 1 or more
  std::vector<FundingSource> funding;              ///< in the order in which they are used
  money::Decimal credit_line;                      ///< dollars
  std::optional<CustomBasketPolicy> custom;        ///< none: standard baskets only
  std::optional<money::Decimal> rebalancing_band;  ///< of a weight; none: the fund has no weights to keep
  /// Of an order's value: what differences recorded by hand may come to at most. None:
  /// kExecutionDifferenceMax.
  std::optional<money::Decimal> execution_difference_max = {};

  const OrderFees& fees(OrderForm form) const { return form == OrderForm::kInKind ? in_kind : cash; }
  const TransferPrecision* precision_of(const model::AssetId& asset) const;
};

/// The latest version that holds on `date`; null where there is none: the fund does not deal.
const DealingTerms* terms_on(const std::vector<DealingTerms>& versions, time::Date date);

/// The last instant at which an order for `date` is in time. The cut-off keeps its distance from the fund's
/// valuation time, so an early close brings it forward. Refused: a day that is no business day of the fund, a
/// same-day order where there is no such cycle.
base::Checked<time::Instant> cut_off_instant(const DealingTerms& terms, const time::Calendar& exchange,
                                             const time::ValuationTime& valuation, OrderForm form,
                                             SettlementCycle cycle, time::Date date);

/// An asset of the fund, as far as dealing asks.
struct DealtAsset {
  model::AssetId asset;
  int decimals = 8;
};

/// The rules of the versions: their dates rise, a cut-off is not after the valuation time (rule 22c-1: an
/// order that comes later is not priced by that NAV), fees are not negative and a variable one is at most 2%,
/// every asset has a transfer precision no finer than its smallest unit, collateral is 1 or more, no funding
/// source twice.
std::optional<base::Refusal> check_dealing(const std::vector<DealingTerms>& versions,
                                           const std::vector<DealtAsset>& assets,
                                           time::TimeOfDay valuation_time);

constexpr std::string_view kExecutionDifferenceMax = "0.05";  ///< where the terms do not say
constexpr int kOrderUnitsMax = 1'000'000;                     ///< what units_max may be at most

}  // namespace navkeeper::nav::dealing
