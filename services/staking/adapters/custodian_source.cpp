#include "services/staking/adapters/custodian_source.h"

#include <set>

#include "common/base/refuse.h"
#include "services/staking/adapters/custody_client.h"

namespace navkeeper::staking {
namespace {

using runtime::TomlReader;

constexpr std::int64_t kRedemptionDaysMax = 3'650;

class CustodianStakingSource final : public StakingSource {
 public:
  CustodianStakingSource(CustodianSettings settings, std::shared_ptr<http::NodeCarrier> carrier)
      : settings_(std::move(settings)), node_(settings_.name, std::move(carrier)) {}

  const std::string& name() const override { return settings_.name; }
  const model::FundId& fund() const override { return settings_.fund; }

  SyncResult read(StakingStore& store) override {
    node_.take_raw();
    StakingQuery query;
    query.source = settings_.name;
    CustodianQuestion question{settings_.name, settings_.custody_source, settings_.tokens,
                               store.readings(settings_.fund, query),
                               store.parameters(settings_.fund, query)};
    for (const StoredEvent& stored : store.events(settings_.fund, query))
      question.known_events.insert(stored.event.id);
    const CustodianWord word = read_custody(node_, settings_.fund, settings_.custody_source);
    if (word.balances.empty())
      base::refuse(settings_.name, "custody has no balances of " + settings_.custody_source);
    SyncResult result = sync_custodian_staking(word, question);
    result.raw = take_raw();
    for (PositionReading& reading : result.readings) reading.raw_sha256 = raw_sha256(result.raw);
    return result;
  }

  std::vector<model::NodeAnswer> take_raw() override { return node_.take_raw(); }

 private:
  CustodianSettings settings_;
  http::Node node_;
};

model::AssetId read_asset(TomlReader& table, std::string_view key) {
  const auto place = table.value(key);
  const auto asset = model::AssetId::parse(place.string());
  if (asset.has_error()) place.refuse(asset.error().rule);
  return *asset;
}

TokenPolicy read_token(TomlReader& row) {
  TokenPolicy token;
  token.asset = read_asset(row, "asset");
  token.coin = read_asset(row, "coin");
  const auto kind = row.value("kind");
  const auto parsed = parse_token_kind(kind.string());
  if (!parsed) kind.refuse("must be rebasing or value_accruing");
  token.kind = *parsed;
  if (const auto least = row.optional_decimal("least_rate")) token.bounds.least = *least;
  if (const auto most = row.optional_decimal("most_rate")) token.bounds.most = *most;
  if (token.bounds.least > token.bounds.most) row.refuse("most_rate", "is less than least_rate");
  token.redemption_rate_fixed = row.optional_boolean("redemption_rate_fixed").value_or(false);
  token.redemption_slashable = row.optional_boolean("redemption_slashable").value_or(true);
  if (const auto days = row.optional_integer("redemption_days", 0, kRedemptionDaysMax))
    token.redemption_days = static_cast<int>(*days);
  row.finish();
  return token;
}

}  // namespace

CustodianSettings read_custodian_settings(TomlReader& table, const std::string& folder) {
  CustodianSettings settings;
  const auto fund = table.value("fund");
  const auto id = model::FundId::parse(fund.string());
  if (id.has_error()) fund.refuse(id.error().rule);
  settings.fund = *id;
  settings.custody_source = table.string("custody_source");
  std::set<model::AssetId> assets;
  for (TomlReader& row : table.optional_tables("tokens")) {
    settings.tokens.push_back(read_token(row));
    if (!assets.insert(settings.tokens.back().asset).second) table.refuse("tokens", "names a token twice");
  }
  settings.custody = http::read_node_settings(table, folder);
  settings.name = settings.custody.name;
  table.finish();
  return settings;
}

std::unique_ptr<StakingSource> custodian_source(const CustodianSettings& settings,
                                                std::shared_ptr<http::NodeCarrier> carrier) {
  return std::make_unique<CustodianStakingSource>(settings, std::move(carrier));
}

}  // namespace navkeeper::staking
