#include "services/custody/domain/chains/own_address.h"

#include "common/base/ensure.h"
#include "services/custody/domain/account_address.h"
#include "services/custody/domain/bitcoin_address.h"

namespace navkeeper::custody {
namespace {

constexpr std::string_view kPrefix = "chain:";

}  // namespace

base::Checked<CanonicalAddress> canonical_address(Chain chain, std::string_view text) {
  switch (chain) {
    case Chain::kBitcoin: {
      const auto address = BitcoinAddress::parse(text);
      if (address.has_error()) return address.error();
      return CanonicalAddress{address->to_string()};
    }
    case Chain::kEthereum:
    case Chain::kCronosEvm: {
      const auto address = EthereumAddress::parse(text);
      if (address.has_error()) return address.error();
      return CanonicalAddress{address->to_string()};
    }
    case Chain::kCronosPos: {
      const auto address = CosmosAddress::parse(text);
      if (address.has_error()) return address.error();
      if (address->role != CosmosRole::kAccount)
        return base::Refusal{"", "is a validator's address, not an account's"};
      return CanonicalAddress{address->to_string()};
    }
  }
  ENSURE(false);
}

base::Checked<std::vector<OwnAddress>> derived_addresses(const OwnKey& key, const OwnAddress& like) {
  if (key.gap_limit < 1 || key.gap_limit > key.count)
    return base::Refusal{"gap_limit", "must be from 1 to count"};
  const auto account = crypto::ExtendedPublicKey::parse(key.zpub);
  if (account.has_error()) return account.error().within("zpub");
  if (account->version() != crypto::KeyVersion::kZpub)
    return base::Refusal{"zpub", "must be an account's zpub (BIP-84, mainnet)"};
  constexpr int kAccountDepth = 3;
  if (account->depth() != kAccountDepth)
    return base::Refusal{"zpub", "must be an account's key (m/84'/0'/n', depth 3): its depth is " +
                                     std::to_string(account->depth())};
  std::vector<OwnAddress> found;
  for (const bool change : {false, true}) {
    const auto addresses = bip84_addresses(*account, change, 0, static_cast<std::uint32_t>(key.count));
    if (addresses.has_error()) return addresses.error().within("zpub");
    for (int index = 0; index < key.count; ++index) {
      OwnAddress own = like;
      own.chain = Chain::kBitcoin;
      own.address = (*addresses)[static_cast<std::size_t>(index)].to_string();
      own.path = key.name + (change ? "/1/" : "/0/") + std::to_string(index);
      own.is_edge = index >= key.count - key.gap_limit;
      found.push_back(std::move(own));
    }
  }
  return found;
}

std::string chain_source(Chain chain) { return std::string(kPrefix) + std::string(describe(chain)); }

bool lists_stakes(Chain chain) { return chain == Chain::kCronosPos; }

std::optional<Chain> chain_of_source(std::string_view source) {
  if (!source.starts_with(kPrefix)) return std::nullopt;
  return parse_chain(source.substr(kPrefix.size()));
}

}  // namespace navkeeper::custody
