#pragma once
// Terms, orders and participants of a fund with bitcoin and ether.
#include "services/nav/domain/dealing/order.h"

namespace navkeeper::nav::dealing {

inline money::Decimal dec(std::string_view text) { return money::Decimal::literal(text); }
inline time::Date day(std::string_view text) { return time::Date::literal(text); }
inline model::AssetId coin(std::string_view text) { return model::AssetId::literal(text); }

inline DealingTerms some_terms() {
  DealingTerms terms;
  terms.from = day("2026-01-02");
  terms.cut_off_in_kind = time::TimeOfDay::literal("16:00");
  terms.cut_off_cash = time::TimeOfDay::literal("14:00");
  terms.cut_off_same_day = time::TimeOfDay::literal("13:30");
  terms.units_max = 50;
  terms.in_kind = {dec("250"), {}};
  terms.cash = {dec("250"), dec("0.0005")};
  terms.fixed_fee_payee = "custodian";
  terms.transfer = {{coin("BTC"), 8, std::nullopt}, {coin("ETH"), 8, 5}};
  terms.collateral = dec("1.05");
  terms.funding = {FundingSource::kCash, FundingSource::kSale, FundingSource::kCreditLine,
                   FundingSource::kUnstaking, FundingSource::kCashInLieu};
  terms.credit_line = dec("1000000");
  terms.custom = CustomBasketPolicy{dec("0.1")};
  return terms;
}

inline time::ValuationTime new_york() {
  return {time::Zone::literal("America/New_York"), time::TimeOfDay::literal("16:00"),
          time::HalfDayRule::kExchangeClose};
}

/// Received on Monday 2026-03-09 at 11:30 in New York.
inline Order some_order() {
  return {OrderId::literal("A-1"),
          ParticipantId::literal("ALPHA"),
          OrderSide::kCreation,
          OrderForm::kInKind,
          dec("2"),
          day("2026-03-09"),
          SettlementCycle::kNextDay,
          time::Instant::literal("2026-03-09T15:30:00Z"),
          std::nullopt};
}

inline AuthorizedParticipant some_participant() {
  return {ParticipantId::literal("ALPHA"), "Alpha Securities LLC", day("2026-01-02"), {}};
}

}  // namespace navkeeper::nav::dealing
