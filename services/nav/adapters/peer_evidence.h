#pragma once
// What a custodian or a staking provider says of a fund's coins, as it is recorded:
//
//   {"kind":"custody","as_of":"2026-03-10","source":"custodian's statement 77",
//    "positions":[{"asset":"BTC","quantity":"600"}]}
//   {"kind":"staking","as_of":"2026-03-10","source":"provider",
//    "positions":[{"asset":"CRO","opening":"10","added":"5","rewards":"0.1","withdrawn":"0","penalties":"0",
//                  "closing":"15.1"}]}
//
// Whole coins, none negative, each asset once.
#include <string>
#include <string_view>

#include "services/nav/domain/peer_statement.h"

namespace navkeeper::nav {

/// Throws base::Refused naming the field. Without what the books say, and without the hash.
PeerStatement read_peer_statement(std::string_view text);

/// The same text as canonical JSON.
std::string canonical_peer_statement(std::string_view text);

}  // namespace navkeeper::nav
