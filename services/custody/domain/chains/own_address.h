#pragma once
// The addresses that are a fund's own, chain by chain: what lies there is the fund's.
#include <string>
#include <string_view>

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
};

/// The one spelling under which an address is stored and compared: lower case for bech32, EIP-55 for
/// Ethereum and Cronos EVM. Refused: no address of that chain; of Bitcoin another network's; of Cronos POS a
/// validator's.
struct CanonicalAddress {
  std::string text;
};
base::Checked<CanonicalAddress> canonical_address(Chain chain, std::string_view text);

/// The name under which what a chain says is stored: "chain:bitcoin".
std::string chain_source(Chain chain);
/// The chain of such a name; nothing: the source is no chain.
std::optional<Chain> chain_of_source(std::string_view source);

}  // namespace navkeeper::custody
