#include "services/nav/domain/dealing/dealing_terms.h"

#include <algorithm>
#include <array>

#include "common/base/ensure.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;
using Broken = std::optional<base::Refusal>;

template <class Word, std::size_t kCount>
std::optional<Word> parse(std::string_view text, const std::array<Word, kCount>& words) {
  for (const Word word : words) {
    if (describe(word) == text) return word;
  }
  return std::nullopt;
}

constexpr std::array kFundingSources{FundingSource::kCash, FundingSource::kSale, FundingSource::kCreditLine,
                                     FundingSource::kUnstaking, FundingSource::kCashInLieu};

time::TimeOfDay time_of_seconds(std::int32_t seconds) {
  const auto time = time::TimeOfDay::of(seconds / 3600, seconds / 60 % 60, seconds % 60);
  ENSURE(time.has_value());
  return *time;
}

Broken check_fees(const OrderFees& fees, const std::string& where) {
  const Decimal two_percent = Decimal::of(2, 2);
  if (fees.fixed.is_negative() || fees.fixed.scale() > 2)
    return base::Refusal{"dealing", where + ".fixed is not an amount in whole cents of 0 or more"};
  if (fees.variable.is_negative() || fees.variable > two_percent)
    return base::Refusal{"dealing", where + ".variable is not from 0 to 0.02"};
  return std::nullopt;
}

Broken check_transfer(const DealingTerms& terms, const std::vector<DealtAsset>& assets,
                      const std::string& version) {
  for (const TransferPrecision& one : terms.transfer) {
    const auto same = [&](const TransferPrecision& other) { return other.asset == one.asset; };
    if (std::count_if(terms.transfer.begin(), terms.transfer.end(), same) > 1)
      return base::Refusal{"dealing", version + ": transfer names " + one.asset.value() + " twice"};
    const auto own = std::find_if(assets.begin(), assets.end(),
                                  [&](const DealtAsset& asset) { return asset.asset == one.asset; });
    if (own == assets.end())
      return base::Refusal{"dealing", version + ": the fund has no asset " + one.asset.value()};
    if (one.decimals > own->decimals)
      return base::Refusal{"dealing",
                           version + ": " + one.asset.value() + " has " + std::to_string(own->decimals) +
                               " decimals, a transfer cannot have " + std::to_string(one.decimals)};
  }
  for (const DealtAsset& asset : assets) {
    if (terms.precision_of(asset.asset) == nullptr)
      return base::Refusal{"dealing", version + ": transfer does not name " + asset.asset.value()};
  }
  return std::nullopt;
}

Broken check_version(const DealingTerms& terms, const std::vector<DealtAsset>& assets,
                     time::TimeOfDay valuation_time) {
  const std::string version = "version of " + terms.from.to_string();
  for (const auto& cut_off :
       {std::optional(terms.cut_off_in_kind), std::optional(terms.cut_off_cash), terms.cut_off_same_day}) {
    if (cut_off && *cut_off > valuation_time)
      return base::Refusal{"dealing", version + ": a cut-off is after the valuation time (rule 22c-1)"};
  }
  if (terms.units_max < 1 || terms.units_max > kOrderUnitsMax)
    return base::Refusal{"dealing", version + ": units_max is not from 1 to 1000000"};
  if (auto broken = check_fees(terms.in_kind, version + ": in_kind")) return broken;
  if (auto broken = check_fees(terms.cash, version + ": cash")) return broken;
  if (terms.fixed_fee_payee.empty()) return base::Refusal{"dealing", version + ": fixed_fee_payee is empty"};
  if (auto broken = check_transfer(terms, assets, version)) return broken;
  if (terms.collateral < Decimal::of(1) || terms.collateral > Decimal::of(10))
    return base::Refusal{"dealing", version + ": collateral is not from 1 to 10"};
  if (terms.credit_line.is_negative() || terms.credit_line.scale() > 2)
    return base::Refusal{"dealing", version + ": credit_line is not an amount in whole cents of 0 or more"};
  for (const FundingSource source : terms.funding) {
    if (std::count(terms.funding.begin(), terms.funding.end(), source) > 1)
      return base::Refusal{"dealing",
                           version + ": funding names " + std::string(describe(source)) + " twice"};
  }
  if (terms.custom &&
      (!terms.custom->difference_max.is_positive() || terms.custom->difference_max > Decimal::of(2)))
    return base::Refusal{"dealing", version + ": custom.difference_max is not above 0 and at most 2"};
  if (terms.rebalancing_band &&
      (terms.rebalancing_band->is_negative() || *terms.rebalancing_band > Decimal::of(1)))
    return base::Refusal{"dealing", version + ": rebalancing_band is not from 0 to 1"};
  if (terms.execution_difference_max &&
      (terms.execution_difference_max->is_negative() || *terms.execution_difference_max > Decimal::of(1)))
    return base::Refusal{"dealing", version + ": execution_difference_max is not from 0 to 1"};
  return std::nullopt;
}

}  // namespace

std::string_view describe(OrderSide side) {
  switch (side) {
    case OrderSide::kCreation:
      return "creation";
    case OrderSide::kRedemption:
      return "redemption";
  }
  ENSURE(false);
}

std::string_view describe(OrderForm form) {
  switch (form) {
    case OrderForm::kInKind:
      return "in_kind";
    case OrderForm::kCash:
      return "cash";
  }
  ENSURE(false);
}

std::string_view describe(SettlementCycle cycle) {
  switch (cycle) {
    case SettlementCycle::kSameDay:
      return "T+0";
    case SettlementCycle::kNextDay:
      return "T+1";
  }
  ENSURE(false);
}

std::string_view describe(FundingSource source) {
  switch (source) {
    case FundingSource::kCash:
      return "cash";
    case FundingSource::kSale:
      return "sale";
    case FundingSource::kCreditLine:
      return "credit_line";
    case FundingSource::kUnstaking:
      return "unstaking";
    case FundingSource::kCashInLieu:
      return "cash_in_lieu";
  }
  ENSURE(false);
}

std::optional<OrderSide> parse_order_side(std::string_view word) {
  return parse(word, std::array{OrderSide::kCreation, OrderSide::kRedemption});
}
std::optional<OrderForm> parse_order_form(std::string_view word) {
  return parse(word, std::array{OrderForm::kInKind, OrderForm::kCash});
}
std::optional<SettlementCycle> parse_settlement_cycle(std::string_view word) {
  return parse(word, std::array{SettlementCycle::kSameDay, SettlementCycle::kNextDay});
}
std::optional<FundingSource> parse_funding_source(std::string_view word) {
  return parse(word, kFundingSources);
}

const TransferPrecision* DealingTerms::precision_of(const model::AssetId& asset) const {
  const auto found = std::find_if(transfer.begin(), transfer.end(),
                                  [&](const TransferPrecision& one) { return one.asset == asset; });
  return found == transfer.end() ? nullptr : &*found;
}

const DealingTerms* terms_on(const std::vector<DealingTerms>& versions, time::Date date) {
  const DealingTerms* latest = nullptr;
  for (const DealingTerms& version : versions) {
    if (version.from <= date) latest = &version;
  }
  return latest;
}

base::Checked<time::Instant> cut_off_instant(const DealingTerms& terms, const time::Calendar& exchange,
                                             const time::ValuationTime& valuation, OrderForm form,
                                             SettlementCycle cycle, time::Date date) {
  time::TimeOfDay cut_off = form == OrderForm::kInKind ? terms.cut_off_in_kind : terms.cut_off_cash;
  if (cycle == SettlementCycle::kSameDay) {
    if (!terms.cut_off_same_day) return base::Refusal{"cycle", "the fund has no same-day cycle"};
    cut_off = std::min(cut_off, *terms.cut_off_same_day);
  }
  const auto valued = time::valuation_time_of(exchange, valuation, date);
  if (valued.has_error()) return valued.error();
  const std::int32_t lead = valuation.time.seconds() - cut_off.seconds();
  const std::int32_t seconds = std::max(0, valued->seconds() - lead);
  const auto instant = valuation.zone.to_instant(date, time_of_seconds(seconds));
  if (instant.has_error()) return base::Refusal{"trade_date", std::string(time::describe(instant.error()))};
  return *instant;
}

std::optional<base::Refusal> check_dealing(const std::vector<DealingTerms>& versions,
                                           const std::vector<DealtAsset>& assets,
                                           time::TimeOfDay valuation_time) {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (i > 0 && versions[i].from <= versions[i - 1].from)
      return base::Refusal{"dealing", "the versions' dates do not rise: " + versions[i].from.to_string()};
    if (auto broken = check_version(versions[i], assets, valuation_time)) return broken;
  }
  return std::nullopt;
}

}  // namespace navkeeper::nav::dealing
