#include "services/staking/adapters/ether/ether_settings.h"

#include <algorithm>
#include <set>

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

using runtime::TomlReader;

constexpr std::size_t kIndexDigitsMax = 19;
constexpr std::size_t kPubkeyDigits = 96;
constexpr std::size_t kAddressDigits = 40;
constexpr std::size_t kHashDigits = 64;
constexpr std::int64_t kEpochMax = 1 << 24;  // some two thousand years
constexpr std::int64_t kEveryEpochsMax = 225;
constexpr std::int64_t kEtherMax = 1'000'000'000;

bool is_hex(std::string_view text, std::size_t digits) {
  return text.starts_with("0x") && text.size() == 2 + digits &&
         text.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}

bool is_index(std::string_view text) {
  return !text.empty() && text.size() <= kIndexDigitsMax &&
         text.find_first_not_of("0123456789") == std::string_view::npos && (text == "0" || text[0] != '0');
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

template <class IsRight>
std::vector<std::string> read_list(TomlReader& table, std::string_view key, IsRight&& is_right,
                                   const char* rule) {
  std::vector<std::string> found;
  std::set<std::string> seen;
  for (const runtime::TomlPlace& place : table.optional_array(key)) {
    std::string one = lower(place.string());
    if (!is_right(one)) place.refuse(rule);
    if (!seen.insert(one).second) place.refuse("comes twice");
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace

EtherSettings read_ether_settings(TomlReader& table, const std::string& folder) {
  EtherSettings settings;
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
  if (const auto root = table.optional_value("genesis_validators_root")) {
    settings.genesis_validators_root = lower(root->string());
    if (!is_hex(settings.genesis_validators_root, kHashDigits)) root->refuse("must be 0x and 64 digits");
  }
  settings.validators = read_list(
      table, "validators", [](const std::string& one) { return is_index(one) || is_hex(one, kPubkeyDigits); },
      "must be a validator's index, or 0x and 96 digits");
  if (settings.validators.empty()) table.refuse("validators", "names no validator");
  const auto is_address = [](const std::string& one) { return is_hex(one, kAddressDigits); };
  settings.withdrawal_addresses =
      read_list(table, "withdrawal_addresses", is_address, "must be 0x and 40 digits");
  settings.fee_recipients = read_list(table, "fee_recipients", is_address, "must be 0x and 40 digits");
  if (const auto every = table.optional_integer("every_epochs", 1, kEveryEpochsMax))
    settings.every_epochs = *every;
  if (const auto first = table.optional_integer("from_epoch", 0, kEpochMax))
    settings.from_epoch = static_cast<std::uint64_t>(*first);
  if (const auto total = table.optional_value("total_active_ether")) {
    const auto whole = total->decimal().to_units(0);
    if (!whole || *whole < 1 || *whole > kEtherMax) total->refuse("must be a whole number of ether");
    settings.total_active_ether = static_cast<std::uint64_t>(*whole);
  }
  std::set<std::string> names;
  for (TomlReader& row : table.optional_tables("nodes")) {
    settings.nodes.push_back(http::read_node_settings(row, folder));
    if (!names.insert(settings.nodes.back().name).second) row.refuse("name", "comes twice");
    row.finish();
  }
  if (settings.nodes.empty()) table.refuse("nodes", "names no node: [[staking.ethereum.nodes]]");
  for (TomlReader& row : table.optional_tables("execution")) {
    settings.execution.push_back(http::read_node_settings(row, folder));
    if (!names.insert(settings.execution.back().name).second) row.refuse("name", "comes twice");
    row.finish();
  }
  if (!settings.execution.empty() && settings.fee_recipients.empty())
    table.refuse("fee_recipients", "must name the fund's addresses where execution nodes are asked for tips");
  table.finish();
  return settings;
}

}  // namespace navkeeper::staking
