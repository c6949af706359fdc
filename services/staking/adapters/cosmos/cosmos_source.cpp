#include "services/staking/adapters/cosmos/cosmos_source.h"

#include <set>

#include "common/base/refuse.h"
#include "services/staking/adapters/cosmos/wire_fields.h"
#include "services/staking/app/cosmos_sync.h"

namespace navkeeper::staking {
namespace {

using runtime::TomlReader;

constexpr int kBasecroDecimals = 8;
constexpr std::int64_t kHistoryDaysMax = 3'660;

class CosmosStakingSource final : public StakingSource {
 public:
  CosmosStakingSource(CosmosSettings settings, std::vector<std::unique_ptr<CosmosChain>> chains)
      : settings_(std::move(settings)), chains_(std::move(chains)) {}

  const std::string& name() const override { return settings_.name; }
  const model::FundId& fund() const override { return settings_.fund; }

  SyncResult read(StakingStore& store) override {
    take_raw();
    CosmosSyncQuestion question{settings_.name, settings_.delegators, settings_.asset, kBasecroDecimals};
    StakingQuery query;
    query.source = settings_.name;
    for (StoredReading& reading : store.readings(settings_.fund, query)) {
      if (reading.reading.chain == Chain::kCronosPos) question.last = std::move(reading);
    }
    question.known_parameters = store.parameters(settings_.fund, query);
    question.history_days = settings_.history_days;
    question.payees = settings_.payees;
    question.set_aside = store.set_aside(settings_.fund, settings_.name);
    for (ValidatorSet& set : store.validator_sets(settings_.fund, query)) question.last_set = std::move(set);
    SyncResult result = sync_cosmos(chains_, question);
    result.raw = take_raw();
    for (PositionReading& reading : result.readings) reading.raw_sha256 = raw_sha256(result.raw);
    return result;
  }

  std::vector<model::NodeAnswer> take_raw() override {
    std::vector<model::NodeAnswer> all;
    for (const auto& chain : chains_) {
      for (model::NodeAnswer& answer : chain->take_raw()) all.push_back(std::move(answer));
    }
    return all;
  }

 private:
  CosmosSettings settings_;
  std::vector<std::unique_ptr<CosmosChain>> chains_;
};

}  // namespace

CosmosSettings read_cosmos_settings(TomlReader& table, const std::string& folder) {
  CosmosSettings settings;
  const auto name = table.value("name");
  settings.name = name.string();
  if (model::VenueId::parse(settings.name).has_error())
    name.refuse("must be 1 to 64 letters, digits, points, dashes or underscores");
  const auto fund = table.value("fund");
  const auto id = model::FundId::parse(fund.string());
  if (id.has_error()) fund.refuse(id.error().rule);
  settings.fund = *id;
  if (const auto asset = table.optional_value("asset")) {
    const auto asset_id = model::AssetId::parse(asset->string());
    if (asset_id.has_error()) asset->refuse(asset_id.error().rule);
    settings.asset = *asset_id;
  }
  if (const auto chain_id = table.optional_value("chain_id")) settings.rules.chain_id = chain_id->string();
  std::set<std::string> seen;
  const auto read_addresses = [&](const char* key, std::vector<std::string>& addresses) {
    for (const runtime::TomlPlace& place : table.optional_array(key)) {
      const std::string address = place.string();
      try {
        static_cast<void>(address_bytes("", address, settings.rules.prefix));
      } catch (const base::Refused& refused) {
        place.refuse(refused.refusal().rule);
      }
      if (!seen.insert(address).second) place.refuse("comes twice");
      addresses.push_back(address);
    }
  };
  read_addresses("delegators", settings.delegators);
  read_addresses("payees", settings.payees);
  if (settings.delegators.empty()) table.refuse("delegators", "names no account");
  if (const auto days = table.optional_integer("history_days", 0, kHistoryDaysMax))
    settings.history_days = static_cast<int>(*days);
  std::set<std::string> names;
  for (TomlReader& row : table.optional_tables("nodes")) {
    CosmosNodeSettings node;
    node.rpc_url = row.value("rpc_url").string();
    node.node = http::read_node_settings(row, folder);
    if (!names.insert(node.node.name).second) row.refuse("name", "comes twice");
    row.finish();
    settings.nodes.push_back(std::move(node));
  }
  if (settings.nodes.empty()) table.refuse("nodes", "names no node: [[staking.cronos.nodes]]");
  table.finish();
  return settings;
}

std::unique_ptr<StakingSource> cosmos_source(const CosmosSettings& settings) {
  std::vector<std::unique_ptr<CosmosChain>> chains;
  for (const CosmosNodeSettings& node : settings.nodes) {
    http::NodeSettings rpc = node.node;
    rpc.url = node.rpc_url;
    chains.push_back(
        cosmos_node(node.node.name, http::http_carrier(node.node), http::http_carrier(rpc), settings.rules));
  }
  return cosmos_source(settings, std::move(chains));
}

std::unique_ptr<StakingSource> cosmos_source(const CosmosSettings& settings,
                                             std::vector<std::unique_ptr<CosmosChain>> chains) {
  return std::make_unique<CosmosStakingSource>(settings, std::move(chains));
}

}  // namespace navkeeper::staking
