#include "services/staking/adapters/settings.h"

#include <set>

#include "common/base/refuse.h"

namespace navkeeper::staking {

Settings read_settings(runtime::TomlReader table, const std::string& folder) {
  Settings settings;
  if (const auto seconds =
          table.optional_integer("sync_seconds", Settings::kSyncSecondsMin, Settings::kSyncSecondsMax))
    settings.sync_every = time::Duration::seconds(*seconds);
  std::set<std::string> named;
  const auto name_once = [&](runtime::TomlReader& row, const std::string& name) {
    if (!named.insert(name).second) row.refuse("name", "the source is named twice");
  };
  for (runtime::TomlReader& row : table.optional_tables("ethereum")) {
    settings.ethereum.push_back(read_ether_settings(row, folder));
    name_once(row, settings.ethereum.back().name);
  }
  for (runtime::TomlReader& row : table.optional_tables("cronos")) {
    settings.cronos.push_back(read_cosmos_settings(row, folder));
    name_once(row, settings.cronos.back().name);
  }
  for (runtime::TomlReader& row : table.optional_tables("custodian")) {
    settings.custodians.push_back(read_custodian_settings(row, folder));
    name_once(row, settings.custodians.back().name);
  }
  for (runtime::TomlReader& row : table.optional_tables("funds")) {
    if (!settings.funds.insert(read_fund_terms(row)).second) row.refuse("fund", "the fund is named twice");
  }
  table.finish();
  return settings;
}

}  // namespace navkeeper::staking
