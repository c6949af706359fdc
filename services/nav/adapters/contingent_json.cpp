#include "services/nav/adapters/contingent_json.h"

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"

namespace navkeeper::nav {

std::string contingent_json(const model::FundId& fund, const ContingentNav& nav) {
  json::Writer writer;
  writer.begin_object()
      .member("document", "navkeeper.contingent_nav.v1")
      .member("contingent", true)
      .member("fund", fund.value())
      .member("valuation_date", nav.date.to_string())
      .member("based_on", nav.based_on.to_string())
      .member("based_on_version", nav.based_on_version)
      .key("positions")
      .begin_array();
  for (const ContingentPosition& position : nav.positions)
    writer.begin_object()
        .member("asset", position.asset)
        .member("basis", position.basis)
        .member("price", position.price)
        .member("quantity", position.quantity)
        .member("value", position.value)
        .end_object();
  writer.end_array()
      .member("other_net_assets", nav.other_net_assets)
      .member("net_assets", nav.net_assets)
      .member("shares", nav.shares)
      .member("nav_per_share", nav.nav_per_share)
      .member("why", nav.why)
      .end_object();
  return json::to_canonical(base::value_or_refuse(json::parse(writer.take())));
}

ContingentNav read_contingent(const std::string& text) {
  const json::Value value = base::value_or_refuse(json::parse(text));
  json::ObjectReader reader(value);
  ContingentNav nav;
  nav.date = reader.date("valuation_date");
  nav.based_on = reader.date("based_on");
  constexpr std::int64_t kVersionMax = 1'000'000;
  nav.based_on_version = static_cast<int>(reader.integer("based_on_version", 1, kVersionMax));
  for (const json::Place& place : reader.array("positions")) {
    json::ObjectReader position(place);
    ContingentPosition read;
    read.asset = position.string("asset");
    read.basis = position.string("basis");
    read.price = position.decimal("price");
    read.quantity = position.decimal("quantity");
    read.value = position.decimal("value");
    nav.positions.push_back(std::move(read));
  }
  nav.other_net_assets = reader.decimal("other_net_assets");
  nav.net_assets = reader.decimal("net_assets");
  nav.shares = reader.decimal("shares");
  nav.nav_per_share = reader.decimal("nav_per_share");
  nav.why = reader.string("why");
  return nav;
}

}  // namespace navkeeper::nav
