#include "services/custody/adapters/chains/chain_settings.h"

#include <set>

#include "common/base/refuse.h"

namespace navkeeper::custody {
namespace {

using runtime::TomlReader;

constexpr std::int64_t kConfirmationsMax = 144;
constexpr std::int64_t kBehindMax = 86'400;
constexpr std::int64_t kChainIdMax = std::int64_t{1} << 53;
constexpr int kDecimalsMax = 38;
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kPubkeyDigits = 96;

bool is_hex(std::string_view text, std::string_view prefix, std::size_t digits) {
  return text.starts_with(prefix) && text.size() == prefix.size() + digits &&
         text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

ChainNodeSettings read_node(TomlReader table, Chain chain, const std::string& folder) {
  ChainNodeSettings settings;
  settings.node = http::read_node_settings(table, folder);
  if (chain == Chain::kBitcoin) {
    const auto kind = table.value("kind");
    settings.kind = kind.string();
    if (settings.kind != "esplora" && settings.kind != "bitcoind") kind.refuse("must be esplora or bitcoind");
  }
  if (chain == Chain::kEthereum && table.has("beacon_url"))
    settings.beacon_url = http::read_node_url(table, "beacon_url");
  if (chain == Chain::kCronosPos && table.has("rpc_url"))
    settings.rpc_url = http::read_node_url(table, "rpc_url");
  table.finish();
  return settings;
}

std::vector<TokenRule> read_tokens(TomlReader& table) {
  std::vector<TokenRule> tokens;
  for (TomlReader& row : table.optional_tables("tokens")) {
    TokenRule token;
    const auto asset = row.value("asset");
    token.asset = asset.string();
    if (const auto id = model::AssetId::parse(token.asset); id.has_error()) asset.refuse(id.error().rule);
    const auto contract = row.value("contract");
    const auto address = EthereumAddress::parse(contract.string());
    if (address.has_error()) contract.refuse(address.error().message());
    token.contract = *address;
    token.decimals = static_cast<int>(row.integer("decimals", 0, kDecimalsMax));
    if (const auto position = row.optional_integer("balances_position", 0))
      token.balances_position = static_cast<std::uint64_t>(*position);
    row.finish();
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::vector<std::string> read_validators(TomlReader& table) {
  std::vector<std::string> validators;
  std::set<std::string> seen;
  for (const runtime::TomlPlace& place : table.optional_array("validators")) {
    std::string id = place.string();
    const bool index = !id.empty() && id.size() <= 19 &&
                       id.find_first_not_of("0123456789") == std::string::npos && (id == "0" || id[0] != '0');
    if (!index && !is_hex(id, "0x", kPubkeyDigits))
      place.refuse("must be a validator's index, or 0x and 96 digits in lower case");
    if (!seen.insert(id).second) place.refuse("comes twice");
    validators.push_back(std::move(id));
  }
  return validators;
}

void read_rules(TomlReader& table, Chain chain, ChainSettings& settings) {
  switch (chain) {
    case Chain::kBitcoin:
      if (const auto genesis = table.optional_value("genesis")) {
        settings.bitcoin.genesis = genesis->string();
        if (!is_hex(settings.bitcoin.genesis, "", kHashDigits))
          genesis->refuse("must have 64 hexadecimal digits in lower case");
      }
      if (const auto confirmations = table.optional_integer("confirmations", 1, kConfirmationsMax))
        settings.bitcoin.confirmations = static_cast<std::uint64_t>(*confirmations);
      return;
    case Chain::kEthereum:
      if (const auto id = table.optional_integer("chain_id", 1, kChainIdMax))
        settings.ethereum.chain_id = static_cast<std::uint64_t>(*id);
      settings.ethereum.tokens = read_tokens(table);
      settings.ethereum.lists_transfers = table.optional_boolean("list_transfers").value_or(true);
      settings.beacon.validators = read_validators(table);
      if (const auto root = table.optional_value("genesis_validators_root")) {
        settings.beacon.genesis_validators_root = root->string();
        if (!is_hex(settings.beacon.genesis_validators_root, "0x", kHashDigits))
          root->refuse("must be 0x and 64 digits in lower case");
      }
      return;
    case Chain::kCronosPos:
      if (const auto id = table.optional_string("chain_id")) settings.cronos_pos.chain_id = *id;
      return;
    case Chain::kCronosEvm:
      if (const auto id = table.optional_integer("chain_id", 1, kChainIdMax))
        settings.cronos_evm.chain_id = static_cast<std::uint64_t>(*id);
      settings.cronos_evm.tokens = read_tokens(table);
      settings.cronos_evm.lists_transfers = table.optional_boolean("list_transfers").value_or(true);
      return;
  }
}

std::unique_ptr<ChainSource> open_source(const ChainSettings& settings, Chain chain,
                                         const ChainNodeSettings& one) {
  std::shared_ptr<http::NodeCarrier> carrier = http::http_carrier(one.node);
  switch (chain) {
    case Chain::kBitcoin:
      if (one.kind == "esplora") return esplora_source(one.node.name, std::move(carrier), settings.bitcoin);
      return std::make_unique<BitcoindSource>(one.node.name, std::move(carrier), settings.bitcoin);
    case Chain::kEthereum: {
      if (one.beacon_url.empty()) return evm_source(one.node.name, std::move(carrier), settings.ethereum);
      http::NodeSettings beacon = one.node;
      beacon.name += "/beacon";
      beacon.url = one.beacon_url;
      return ethereum_source(one.node.name, std::move(carrier), settings.ethereum, beacon.name,
                             http::http_carrier(beacon), settings.beacon);
    }
    case Chain::kCronosPos: {
      if (one.rpc_url.empty()) return cosmos_source(one.node.name, std::move(carrier), settings.cronos_pos);
      http::NodeSettings rpc = one.node;
      rpc.name += "/rpc";
      rpc.url = one.rpc_url;
      return cosmos_source(one.node.name, std::move(carrier), settings.cronos_pos, http::http_carrier(rpc));
    }
    case Chain::kCronosEvm:
      return evm_source(one.node.name, std::move(carrier), settings.cronos_evm);
  }
  return nullptr;
}

}  // namespace

ChainSettings read_chain_settings(TomlReader table, const std::string& folder) {
  ChainSettings settings;
  for (const Chain chain : {Chain::kBitcoin, Chain::kEthereum, Chain::kCronosPos, Chain::kCronosEvm}) {
    auto own = table.optional_table(describe(chain));
    if (!own) continue;
    read_rules(*own, chain, settings);
    if (const auto behind = own->optional_integer("behind_max_s", 1, kBehindMax)) {
      settings.limits[chain] = default_limits(chain);
      settings.limits[chain].behind_max = time::Duration::seconds(*behind);
    }
    std::set<std::string> names;
    for (TomlReader& row : own->optional_tables("nodes")) {
      const std::string where = row.where("name");
      settings.nodes[chain].push_back(read_node(row, chain, folder));
      if (!names.insert(settings.nodes[chain].back().node.name).second) base::refuse(where, "comes twice");
    }
    own->finish();
  }
  table.finish();
  return settings;
}

std::vector<std::unique_ptr<ChainSource>> open_sources(const ChainSettings& settings, Chain chain) {
  std::vector<std::unique_ptr<ChainSource>> sources;
  const auto found = settings.nodes.find(chain);
  if (found == settings.nodes.end()) return sources;
  for (const ChainNodeSettings& one : found->second) sources.push_back(open_source(settings, chain, one));
  return sources;
}

ChainLimits limits_of(const ChainSettings& settings, Chain chain) {
  const auto found = settings.limits.find(chain);
  return found == settings.limits.end() ? default_limits(chain) : found->second;
}

}  // namespace navkeeper::custody
