#pragma once
// Whether what a custodian says about where coins go is where they were sent: an address has several
// spellings, a network several names, and half of an address 0x... is the network that it is on.
#include <optional>
#include <string>
#include <string_view>

#include "services/custody/domain/chains/chain_reading.h"

namespace navkeeper::custody {

/// Where coins go. `address`: with "?tag" where it has one; of a conversion what it gives. `network`: the
/// custodian's word; empty: its default for the coin.
struct Whereto {
  std::string address = {};
  std::string network = {};
};

/// The chain that a word for one of a coin's networks names: Crypto.com's network_id ("ETH", "CRONOS"),
/// Prime's network id ("ethereum", "ethereum-mainnet"), in either case. Nothing: no network of that coin that
/// is known here.
std::optional<Chain> chain_of_network(std::string_view asset, std::string_view word);
/// The chain to which coins of the asset go; without a network the coin's own, and none for CRO to 0x....
std::optional<Chain> chain_of_whereto(std::string_view asset, const Whereto& whereto);

/// Whether both are one address: EIP-55 and bech32 in either case are, tags and what is no address at all are
/// compared letter by letter.
bool is_same_address(std::string_view a, std::string_view b);
/// Whether the network that is told may be the one that was asked for. Told nothing: yes (a coin of a single
/// network is told without). A word that is not known here is the same only where it was asked for.
bool is_same_network(std::string_view asset, const Whereto& asked, std::string_view told);

}  // namespace navkeeper::custody
