#include "services/staking/adapters/totals_view.h"

#include "common/http/request_fields.h"
#include "common/http/router.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/staking/adapters/custody_days.h"
#include "services/staking/adapters/peer_slots.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using runtime::Align;

void write_known(json::Writer& writer, std::string_view key, const std::optional<Decimal>& amount) {
  writer.key(key);
  amount ? writer.decimal(*amount) : writer.null();
}

std::string known(const std::optional<Decimal>& amount) { return amount ? amount->to_string() : "not known"; }

}  // namespace

TotalledFund totals_by_custody(const Dependencies& dependencies, const model::FundId& fund,
                               const std::optional<time::Date>& date) {
  std::map<std::string, std::string> kept_by;
  for (const CustodianSettings& one : dependencies.settings->custodians)
    if (one.fund == fund) kept_by[one.name] = one.custody_source;
  PostgresStakingStore store(*dependencies.pool);
  CustodyDaysClient custody(dependencies.custody_url, dependencies.custody_token);
  return total_fund(store, custody, fund, date, kept_by);
}

std::string totals_json(const model::FundId& fund, const TotalledFund& totalled) {
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("date", totalled.day.date.to_string())
      .member("at", totalled.day.at.to_string())
      .member("reconciliation", totalled.day.number)
      .member("tied", totalled.is_tied())
      .key("totals")
      .begin_array();
  for (const FundTotal& one : totalled.found.totals) {
    writer.begin_object()
        .member("asset", one.asset.value())
        .member("staked", one.staked)
        .member("pending", one.pending)
        .member("in_flight", one.in_flight)
        .member("unbonding", one.unbonding)
        .member("uncounted", one.uncounted)
        .member("claimable", one.claimable);
    write_known(writer, "liquid", one.liquid);
    write_known(writer, "total", one.total);
    writer.member("books", one.books);
    write_known(writer, "custody", one.custody);
    write_known(writer, "less_books", one.less_books);
    write_known(writer, "less_custody", one.less_custody);
    writer.member("tied", one.is_tied()).end_object();
  }
  writer.end_array().key("in_flight").begin_array();
  for (const InFlight& one : totalled.found.in_flight)
    writer.begin_object()
        .member("asset", one.asset.value())
        .member("amount", one.amount)
        .member("way", one.is_to_stake ? "to_stake" : "back")
        .member("source", one.source)
        .member("id", one.id)
        .member("since", one.since.to_string())
        .member("what", one.what)
        .end_object();
  return writer.end_array().end_object().take();
}

std::string totals_table(const TotalledFund& totalled) {
  runtime::Table table({{"asset"},
                        {"staked", Align::kRight},
                        {"pending", Align::kRight},
                        {"in flight", Align::kRight},
                        {"unbonding", Align::kRight},
                        {"liquid", Align::kRight},
                        {"total", Align::kRight},
                        {"books", Align::kRight},
                        {"custody", Align::kRight},
                        {"claimable", Align::kRight},
                        {"tied"}});
  for (const FundTotal& one : totalled.found.totals)
    table.row({one.asset.value(), one.staked.to_string(), one.pending.to_string(), one.in_flight.to_string(),
               one.unbonding.to_string(), known(one.liquid), known(one.total), one.books.to_string(),
               known(one.custody), one.claimable.to_string(), one.is_tied() ? "yes" : "no"});
  std::string text = "at " + totalled.day.at.to_string() + ", reconciliation " +
                     std::to_string(totalled.day.number) + " of " + totalled.day.date.to_string() + "\n" +
                     table.to_string();
  if (totalled.found.in_flight.empty()) return text;
  runtime::Table sent({{"in flight"}, {"amount", Align::kRight}, {"way"}, {"since"}, {"what"}, {"id"}});
  for (const InFlight& one : totalled.found.in_flight)
    sent.row({one.asset.value(), one.amount.to_string(), one.is_to_stake ? "to stake" : "back",
              one.since.to_string(), one.what, one.id});
  return text + "\n" + sent.to_string();
}

void register_totals_route(http::Router& router, const Dependencies& dependencies,
                           std::shared_ptr<PeerSlots> slots) {
  router.get("/v1/staking/funds/{fund}/totals",
             [dependencies, slots = std::move(slots)](const http::Request& request) {
               request.refuse_unknown_query({"date"});
               const model::FundId fund = http::path_fund(request);
               const auto date = http::query_date(request, "date");
               const PeerSlots::Held held(*slots, "another service");
               return http::Response::json(totals_json(fund, totals_by_custody(dependencies, fund, date)));
             });
}

}  // namespace navkeeper::staking
