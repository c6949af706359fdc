#include "services/custody/domain/coin_network.h"

#include <algorithm>
#include <array>

#include "services/custody/domain/account_address.h"
#include "services/custody/domain/bitcoin_address.h"

namespace navkeeper::custody {
namespace {

struct CoinNetwork {
  std::string_view asset;
  std::string_view word;
  Chain chain;
};
constexpr std::array<CoinNetwork, 9> kCoinNetworks{{{"BTC", "btc", Chain::kBitcoin},
                                                    {"BTC", "bitcoin", Chain::kBitcoin},
                                                    {"ETH", "eth", Chain::kEthereum},
                                                    {"ETH", "ethereum", Chain::kEthereum},
                                                    {"CRO", "cro", Chain::kCronosPos},
                                                    {"CRO", "cronos_pos", Chain::kCronosPos},
                                                    {"CRO", "cronos", Chain::kCronosEvm},
                                                    {"CRO", "eth", Chain::kEthereum},
                                                    {"CRO", "ethereum", Chain::kEthereum}}};
constexpr std::string_view kMainnetEnding = "-mainnet";

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string one_spelling(std::string_view address) {
  if (const auto ethereum = EthereumAddress::parse(address); ethereum.has_value())
    return ethereum->to_string();
  if (const auto cosmos = CosmosAddress::parse(address); cosmos.has_value()) return cosmos->to_string();
  if (const auto bitcoin = BitcoinAddress::parse(address); bitcoin.has_value()) return bitcoin->to_string();
  return std::string(address);
}

}  // namespace

std::optional<Chain> chain_of_network(std::string_view asset, std::string_view word) {
  std::string bare = in_lower_case(word);
  if (bare.ends_with(kMainnetEnding)) bare.erase(bare.size() - kMainnetEnding.size());
  const auto found = std::find_if(kCoinNetworks.begin(), kCoinNetworks.end(), [&](const CoinNetwork& one) {
    return one.asset == asset && one.word == bare;
  });
  if (found == kCoinNetworks.end()) return std::nullopt;
  return found->chain;
}

std::optional<Chain> chain_of_whereto(std::string_view asset, const Whereto& whereto) {
  if (!whereto.network.empty()) return chain_of_network(asset, whereto.network);
  if (asset == "CRO" && !in_lower_case(whereto.address).starts_with("cro")) return std::nullopt;
  return chain_of_network(asset, asset);  // every coin's own network bears its name
}

bool is_same_address(std::string_view a, std::string_view b) {
  const std::size_t tag_a = std::min(a.find('?'), a.size());
  const std::size_t tag_b = std::min(b.find('?'), b.size());
  return one_spelling(a.substr(0, tag_a)) == one_spelling(b.substr(0, tag_b)) &&
         a.substr(tag_a) == b.substr(tag_b);
}

bool is_same_network(std::string_view asset, const Whereto& asked, std::string_view told) {
  if (told.empty() || in_lower_case(told) == in_lower_case(asked.network)) return true;
  const auto chain = chain_of_network(asset, told);
  return chain && chain == chain_of_whereto(asset, asked);
}

}  // namespace navkeeper::custody
