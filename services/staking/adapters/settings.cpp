#include "services/staking/adapters/settings.h"

#include <map>
#include <set>

#include "common/base/refuse.h"

namespace navkeeper::staking {

namespace {

void read_dollars(runtime::TomlReader& row, std::vector<DollarTerms>& all) {
  DollarTerms terms;
  const auto fund = row.value("fund");
  const auto id = model::FundId::parse(fund.string());
  if (id.has_error()) fund.refuse(id.error().rule);
  terms.fund = *id;
  for (const DollarTerms& other : all) {
    if (other.fund == terms.fund) fund.refuse("the fund is named twice");
  }
  const auto one_of = [&](const char* key, std::string_view first, std::string_view second) {
    const auto place = row.value(key);
    std::string word = place.string();
    if (word != first && word != second)
      place.refuse("must be " + std::string(first) + " or " + std::string(second));
    return word;
  };
  terms.act = one_of("act", "ICA_1940", "ETP_1933");
  terms.basis = one_of("basis", "fair_value", "index");
  row.finish();
  all.push_back(std::move(terms));
}

}  // namespace

std::string custodian_source(const Settings& settings, const model::FundId& fund,
                             const std::string& custodian) {
  for (const CustodianSettings& one : settings.custodians)
    if (!custodian.empty() && one.fund == fund && one.custody_source == custodian) return one.name;
  return "";
}

Settings read_settings(runtime::TomlReader table, const std::string& folder) {
  Settings settings;
  if (const auto seconds =
          table.optional_integer("sync_seconds", Settings::kSyncSecondsMin, Settings::kSyncSecondsMax))
    settings.sync_every = time::Duration::seconds(*seconds);
  std::set<std::string> named;
  const auto name_once = [&](runtime::TomlReader& row, const std::string& name) {
    if (!named.insert(name).second) row.refuse("name", "the source is named twice");
  };
  // What two sources read of one account would be counted twice; a second node belongs into the same source.
  std::map<std::string, std::string> readers;
  const auto read_once = [&](runtime::TomlReader& row, const char* key, const std::string& account,
                             const std::string& name) {
    const auto [reader, is_new] = readers.try_emplace(account, name);
    if (!is_new && reader->second != name)
      row.refuse(key, account + " is read by source " + reader->second +
                          " already: a second node belongs into the same source");
  };
  for (runtime::TomlReader& row : table.optional_tables("ethereum")) {
    settings.ethereum.push_back(read_ether_settings(row, folder));
    const EtherSettings& ether = settings.ethereum.back();
    name_once(row, ether.name);
    for (const std::string& validator : ether.validators)
      read_once(row, "validators", "validator " + validator, ether.name);
  }
  for (runtime::TomlReader& row : table.optional_tables("cronos")) {
    settings.cronos.push_back(read_cosmos_settings(row, folder));
    const CosmosSettings& cronos = settings.cronos.back();
    name_once(row, cronos.name);
    for (const std::string& delegator : cronos.delegators)
      read_once(row, "delegators", "delegator " + delegator, cronos.name);
  }
  for (runtime::TomlReader& row : table.optional_tables("custodian")) {
    settings.custodians.push_back(read_custodian_settings(row, folder));
    const CustodianSettings& custodian = settings.custodians.back();
    name_once(row, custodian.name);
    read_once(row, "custody_source",
              "custodian " + custodian.custody_source + " of " + custodian.fund.value(), custodian.name);
  }
  for (runtime::TomlReader& row : table.optional_tables("funds")) {
    if (!settings.funds.insert(read_fund_terms(row)).second) row.refuse("fund", "the fund is named twice");
  }
  for (runtime::TomlReader& row : table.optional_tables("dollars")) read_dollars(row, settings.dollars);
  table.finish();
  return settings;
}

}  // namespace navkeeper::staking
