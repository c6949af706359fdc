#pragma once
// Orders and participants as JSON: read from a file or a request, kept canonically, shown. One order:
//
//   {"id":"A-1","participant":"ALPHA","side":"creation","form":"in_kind","units":"2","trade_date":"2026-03-09",
//    "cycle":"T+1","received_at":"2026-03-09T17:30:00Z",
//    "custom":{"components":[{"asset":"BTC","quantity":"1.8"}],"reason":"...","finding":"..."}}
//
// `cycle` is T+1 where absent, `received_at` the moment at which it comes in; `custom` only where a basket
// other than the standard one was agreed. A participant: {"id","name","agreement_from"}.
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "services/nav/app/dealing.h"

namespace navkeeper::nav {

/// Throws base::Refused that names the key.
NewOrder read_order(const json::Value& value, time::Instant now, const std::string& place = "");
/// One a line.
std::vector<NewOrder> read_orders_file(const std::string& path, time::Instant now);
/// A single order, or {"orders":[...]}.
std::vector<NewOrder> read_orders_body(const json::Value& body, time::Instant now);
/// As it was stored; the participant, units and so on of its content.
dealing::Order read_stored_order(const std::string& content, time::Instant received_at);
dealing::AuthorizedParticipant read_participant(const json::Value& value);

/// Creation units as they are written: "200", not "+200", "2e2", "200.0" or "0200". What is no whole or
/// positive number is left to the order's own rules.
money::Decimal read_units(const std::string& text, const std::string& where);

dealing::OrderId order_id_of(const std::string& text);
dealing::ParticipantId participant_id_of(const std::string& text);

/// Canonical, and back.
std::string price_json(const dealing::OrderPrice& price, const dealing::OrderDates& dates);
struct StoredPrice {
  dealing::OrderPrice price;
  dealing::OrderDates dates;
};
StoredPrice read_price(const std::string& text);
std::string plans_json(const std::vector<dealing::FundingPlan>& plans);

/// What others hear of an order's step, and the answer to who took it.
std::string order_fact(const model::FundId& fund, const dealing::OrderId& id, const std::string& event,
                       dealing::OrderState state);
}  // namespace navkeeper::nav
