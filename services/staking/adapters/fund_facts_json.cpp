#include "services/staking/adapters/fund_facts_json.h"

#include <set>

#include "services/staking/domain/liquidity/liquidity.h"

namespace navkeeper::staking {
namespace {

constexpr int kVersionMax = 1'000'000;

}  // namespace

money::Decimal read_amount(json::ObjectReader& reader, std::string_view key) {
  money::Decimal amount = reader.decimal(key);
  if (amount.is_negative()) base::refuse(reader.path_of(key), "is negative");
  return amount;
}

FundFacts read_facts(json::ObjectReader reader) {
  FundFacts facts;
  facts.act = reader.string("act");
  if (!liquidity::parse_regime(facts.act))
    base::refuse(reader.path_of("act"), "must be ICA_1940 or ETP_1933: the act has the liquidity rule");
  facts.date = reader.date("date");
  facts.version = static_cast<int>(reader.integer("version", 1, kVersionMax));
  facts.state = reader.string("state");
  facts.inputs_hash = reader.string("inputs_hash");
  facts.valued_at = reader.instant("valued_at");
  facts.net_assets = reader.decimal("net_assets");
  if (!facts.net_assets.is_positive()) base::refuse(reader.path_of("net_assets"), "is not positive");
  facts.cash = read_amount(reader, "cash");
  facts.other_assets = read_amount(reader, "other_assets");
  std::set<model::AssetId> seen;
  for (const json::Place& place : reader.array("holdings")) {
    json::ObjectReader row(place);
    FundHolding held;
    held.asset = read_name<model::AssetId>(row, "asset");
    if (!seen.insert(held.asset).second) base::refuse(row.path_of("asset"), "comes twice");
    held.quantity = read_amount(row, "quantity");
    held.price = read_amount(row, "price");
    held.value = read_amount(row, "value");
    row.finish();
    facts.holdings.push_back(std::move(held));
  }
  reader.finish();
  return facts;
}

void write_facts(json::Writer& writer, const FundFacts& facts) {
  writer.begin_object()
      .member("act", facts.act)
      .member("date", facts.date.to_string())
      .member("version", facts.version)
      .member("state", facts.state)
      .member("inputs_hash", facts.inputs_hash)
      .member("valued_at", facts.valued_at.to_string())
      .member("net_assets", facts.net_assets)
      .member("cash", facts.cash)
      .member("other_assets", facts.other_assets)
      .key("holdings")
      .begin_array();
  for (const FundHolding& held : facts.holdings)
    writer.begin_object()
        .member("asset", held.asset.value())
        .member("quantity", held.quantity)
        .member("price", held.price)
        .member("value", held.value)
        .end_object();
  writer.end_array().end_object();
}

}  // namespace navkeeper::staking
