#include "services/nav/adapters/repricing_json.h"

#include <algorithm>
#include <array>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/grouped.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr std::array kSides{OrderSide::kCreation, OrderSide::kRedemption};
constexpr std::array kTreatments{OrderTreatment::kNetted, OrderTreatment::kReprocessed};

template <class Words>
auto word_in(json::ObjectReader& reader, const char* key, const Words& words) {
  const std::string text = reader.string(key);
  const auto found =
      std::find_if(words.begin(), words.end(), [&](const auto& word) { return describe(word) == text; });
  if (found == words.end()) base::refuse(reader.path_of(key), "is not a word that is known here");
  return *found;
}

void write_repricing(json::Writer& writer, const Repricing& repricing) {
  writer.member("compensated", repricing.compensated).member("from", repricing.from.to_string());
  writer.member("net", repricing.net).key("orders").begin_array();
  for (const RepricedOrder& one : repricing.orders)
    writer.begin_object()
        .member("date", one.date.to_string())
        .member("effect_on_fund", one.effect)
        .member("is_own", one.is_own)
        .member("order", one.order)
        .member("participant", one.participant)
        .member("side", describe(one.side))
        .member("treatment", describe(one.treatment))
        .member("version", one.version)
        .end_object();
  writer.end_array().member("reason", repricing.reason).member("responsible", repricing.responsible);
  writer.member("through", repricing.through.to_string());
}

void write_name(json::Writer& writer, const char* key, const std::optional<model::ActorId>& actor) {
  writer.key(key);
  if (actor)
    writer.string(actor->value());
  else
    writer.null();
}

std::string decided(const StoredRepricing& stored) {
  if (stored.approved_by)
    return ", approved by " + stored.approved_by->value() + ", booked on " + stored.booked_on->to_string();
  return stored.withdrawn_by ? ", withdrawn by " + stored.withdrawn_by->value() : ", waits for an approver";
}

}  // namespace

std::string repricing_content(const Repricing& repricing) {
  json::Writer writer;
  writer.begin_object();
  write_repricing(writer, repricing);
  return json::to_canonical(base::value_or_refuse(json::parse(writer.end_object().take())));
}

Repricing read_repricing(const std::string& content) {
  const json::Value value = base::value_or_refuse(json::parse(content));
  json::ObjectReader reader(value);
  Repricing repricing;
  repricing.compensated = reader.decimal("compensated");
  repricing.from = reader.date("from");
  repricing.net = reader.decimal("net");
  for (const json::Place& place : reader.array("orders")) {
    json::ObjectReader order(place);
    RepricedOrder one;
    one.date = order.date("date");
    one.effect = order.decimal("effect_on_fund");
    one.is_own = order.boolean("is_own");
    one.order = order.string("order");
    one.participant = order.string("participant");
    one.side = word_in(order, "side", kSides);
    one.treatment = word_in(order, "treatment", kTreatments);
    one.version = static_cast<int>(order.integer("version", 1, 1'000'000));
    order.finish();
    repricing.orders.push_back(std::move(one));
  }
  repricing.reason = reader.string("reason");
  repricing.responsible = reader.string("responsible");
  repricing.through = reader.date("through");
  reader.finish();
  return repricing;
}

std::string repricing_fact(const model::FundId& fund, int number, std::string_view state) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).member("number", number).member("state", state);
  return writer.end_object().take();
}

std::string repricings_json(const model::FundId& fund, const std::vector<StoredRepricing>& repricings) {
  json::Writer writer;
  writer.begin_object().member("fund", fund.value()).key("repricings").begin_array();
  for (const StoredRepricing& stored : repricings) {
    writer.begin_object().member("number", stored.number).member("state", stored.state());
    writer.member("proposed_by", stored.proposed_by.value());
    writer.member("proposed_at", stored.proposed_at.to_string());
    write_name(writer, "approved_by", stored.approved_by);
    write_name(writer, "withdrawn_by", stored.withdrawn_by);
    writer.key("booked_on");
    if (stored.booked_on)
      writer.string(stored.booked_on->to_string());
    else
      writer.null();
    write_repricing(writer, stored.repricing);
    writer.end_object();
  }
  return writer.end_array().end_object().take();
}

std::string repricings_text(const model::FundId& fund, const std::vector<StoredRepricing>& repricings) {
  using Align = runtime::Align;
  std::string text;
  for (const StoredRepricing& stored : repricings) {
    const Repricing& repricing = stored.repricing;
    text += (text.empty() ? "" : "\n") + fund.value() + " repricing " + std::to_string(stored.number) +
            " of " + repricing.from.to_string() + " to " + repricing.through.to_string() + " (" +
            repricing.reason + "): proposed by " + stored.proposed_by.value() + decided(stored) + "\n";
    runtime::Table table({{"date"},
                          {"order"},
                          {"participant"},
                          {"side"},
                          {"at version", Align::kRight},
                          {"treatment"},
                          {"fund pays", Align::kRight},
                          {"fund receives", Align::kRight}});
    for (const RepricedOrder& one : repricing.orders) {
      const bool is_moved = one.treatment == OrderTreatment::kReprocessed;
      const std::string amount = grouped(one.effect.abs().to_fixed(dealing::kCents));
      table.row({one.date.to_string(), one.order, one.participant, std::string(describe(one.side)),
                 std::to_string(one.version), std::string(describe(one.treatment)),
                 is_moved && one.effect.is_positive() ? amount : "",
                 is_moved && one.effect.is_negative() ? amount : ""});
    }
    text += table.to_string() + "Netted orders: " + grouped(repricing.net.to_fixed(dealing::kCents)) +
            " dollars of " + (repricing.net.is_negative() ? "loss" : "gain") + " to the fund";
    text += repricing.compensated.is_positive()
                ? ", paid by " + repricing.responsible + ".\n"
                : std::string(repricing.net.is_zero() ? ".\n" : ", which it keeps.\n");
  }
  return text.empty() ? fund.value() + ": no order was repriced.\n" : text;
}

}  // namespace navkeeper::nav
