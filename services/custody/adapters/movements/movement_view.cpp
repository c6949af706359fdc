// Movements as they are shown: JSON for routes and --json, tables for people.
#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/custody/adapters/movements/movement_store.h"

namespace navkeeper::custody {
namespace {

void write_event(json::Writer& out, const MovementEvent& event) {
  out.begin_object()
      .member("state", describe(event.change.state))
      .member("at", event.at.to_string())
      .member("actor", event.actor)
      .member("detail", event.change.detail)
      .member("custodian_id", event.change.custodian_id)
      .member("transaction_id", event.change.transaction_id)
      .member("status", event.change.status)
      .end_object();
}

std::string amount_of(const Movement& movement) {
  return movement.amount.to_string() + " " + movement.asset.value();
}

/// Where to: the address by its name, or what a conversion gives and at which rate.
std::string goal_of(const StoredMovement& stored) {
  if (stored.destination) return stored.destination->id;
  if (!stored.movement.conversion) return "";
  const Conversion& conversion = *stored.movement.conversion;
  return conversion.into + " at " + conversion.expected_rate.to_string() + " (" +
         std::to_string(conversion.slippage_bps) + " bps)";
}

}  // namespace

std::string movements_json(const model::FundId& fund, const std::vector<StoredMovement>& movements) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).key("movements").begin_array();
  for (const StoredMovement& stored : movements) {
    const Movement& movement = stored.movement;
    const MovementStanding standing = standing_of(stored.events);
    out.begin_object()
        .member("id", movement.id)
        .member("kind", describe(movement.kind))
        .member("state", describe(standing.state))
        .member("custodian", movement.custodian)
        .member("account", movement.account)
        .member("asset", movement.asset.value())
        .member("amount", movement.amount)
        .member("reason", movement.reason)
        .member("client_id", stored.client_id)
        .member("custodian_id", standing.custodian_id)
        .member("transaction_id", standing.transaction_id)
        .member("status", standing.status)
        .member("attempts", standing.attempts)
        .member("proposed_by", stored.proposed_by)
        .key("destination");
    if (stored.destination)
      out.begin_object()
          .member("id", stored.destination->id)
          .member("address", stored.destination->address)
          .member("address_tag", stored.destination->address_tag)
          .member("network", stored.destination->network)
          .end_object();
    else
      out.null();
    out.key("stake_test");
    if (stored.stake_test)
      out.begin_object()
          .member("outcome", describe(stored.stake_test->outcome))
          .member("detail", stored.stake_test->detail)
          .end_object();
    else
      out.null();
    out.key("worth");
    if (stored.worth)
      out.begin_object()
          .member("dollars", stored.worth->dollars)
          .member("price", stored.worth->price)
          .member("price_date", stored.worth->price_date.to_string())
          .end_object();
    else
      out.null();
    out.key("conversion");
    if (movement.conversion)
      out.begin_object()
          .member("into", movement.conversion->into)
          .member("expected_rate", movement.conversion->expected_rate)
          .member("slippage_bps", movement.conversion->slippage_bps)
          .end_object();
    else
      out.null();
    out.key("lapses_at");
    stored.lapses_at ? out.string(stored.lapses_at->to_string()) : out.null();
    out.key("events").begin_array();
    for (const MovementEvent& event : stored.events) write_event(out, event);
    out.end_array().end_object();
  }
  return out.end_array().end_object().take();
}

std::string movements_table(const std::vector<StoredMovement>& movements) {
  runtime::Table table({{"id"},
                        {"kind"},
                        {"amount", runtime::Align::kRight},
                        {"custodian"},
                        {"to"},
                        {"state"},
                        {"liquidity test"},
                        {"since"},
                        {"custodian's id"},
                        {"detail"}});
  for (const StoredMovement& stored : movements) {
    const MovementStanding standing = standing_of(stored.events);
    table.row({stored.movement.id, std::string(describe(stored.movement.kind)), amount_of(stored.movement),
               stored.movement.custodian, goal_of(stored), std::string(describe(standing.state)),
               stored.stake_test ? std::string(describe(stored.stake_test->outcome)) : "",
               standing.since.to_string(), standing.custodian_id, stored.events.back().change.detail});
  }
  return table.to_string();
}

std::string movement_history_table(const StoredMovement& movement) {
  runtime::Table table(
      {{"at"}, {"state"}, {"by"}, {"status"}, {"custodian's id"}, {"transaction"}, {"detail"}});
  for (const MovementEvent& event : movement.events)
    table.row({event.at.to_string(), std::string(describe(event.change.state)), event.actor,
               event.change.status, event.change.custodian_id, event.change.transaction_id,
               event.change.detail});
  std::string test;
  if (movement.stake_test)
    test = "liquidity test: " + std::string(describe(movement.stake_test->outcome)) + ": " +
           movement.stake_test->detail + "\n\n";
  const std::string worth = worth_text(movement);
  return movements_table({movement}) + "\n" + test + (worth.empty() ? "" : worth + "\n") + table.to_string();
}

std::string worth_text(const StoredMovement& movement) {
  if (!movement.worth) return {};
  return "worth: " + movement.worth->dollars.to_string() + " dollars by the official price of " +
         movement.worth->price_date.to_string() + ", " + movement.worth->price.to_string() + "\n";
}

}  // namespace navkeeper::custody
