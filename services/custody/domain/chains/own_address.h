#pragma once
// The addresses that are a fund's own, chain by chain: what lies there is the fund's.
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/id.h"
#include "services/custody/domain/attestation.h"
#include "services/custody/domain/chains/chain_reading.h"

namespace navkeeper::custody {

struct OwnAddress {
  model::FundId fund = model::FundId::literal("UNSET");
  Chain chain{};
  std::string address;  ///< in the one spelling of canonical_address
  AddressUse use = AddressUse::kNotStated;
  std::string custodian =
      {};                    ///< the source whose account it belongs to; empty: nobody's, the fund's own keys
  std::string account = {};  ///< that source's word for the account or wallet; empty: not stated
  std::string path = {};     ///< of one that was derived: the key's name and "/0/7"; empty: named itself
  /// Derived and so near the end of what is watched that a use of it asks for more to be watched.
  bool is_edge = false;
};

/// Addresses derived from an account's extended public key (BIP-84), watch-only.
struct OwnKey {
  std::string name;   ///< stands in the paths
  std::string zpub;   ///< of the account: m/84'/0'/n'
  int count = 0;      ///< so many addresses of each branch, receiving (0) and change (1), are watched
  int gap_limit = 0;  ///< so many unused ones must lie behind the last used one: 1 to count
};
/// `like` with each derived address, receiving ones first. Refused: what is no zpub of mainnet's, a private
/// key, counts that cannot be.
base::Checked<std::vector<OwnAddress>> derived_addresses(const OwnKey& key, const OwnAddress& like);

/// The one spelling under which an address is stored and compared: lower case for bech32, EIP-55 for
/// Ethereum and Cronos EVM. Refused: no address of that chain; of Bitcoin another network's; of Cronos POS a
/// validator's.
struct CanonicalAddress {
  std::string text;
};
base::Checked<CanonicalAddress> canonical_address(Chain chain, std::string_view text);

/// The name under which what a chain says is stored: "chain:bitcoin".
std::string chain_source(Chain chain);
/// Whether the chain's list of transfers is whole although coins are staked: on Cronos POS events tell
/// payments and rewards from staking.
bool lists_stakes(Chain chain);
/// The chain of such a name; nothing: the source is no chain.
std::optional<Chain> chain_of_source(std::string_view source);

}  // namespace navkeeper::custody
