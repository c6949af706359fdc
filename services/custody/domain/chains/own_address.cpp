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

std::string chain_source(Chain chain) { return std::string(kPrefix) + std::string(describe(chain)); }

std::optional<Chain> chain_of_source(std::string_view source) {
  if (!source.starts_with(kPrefix)) return std::nullopt;
  return parse_chain(source.substr(kPrefix.size()));
}

}  // namespace navkeeper::custody
