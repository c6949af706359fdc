#pragma once
// What staking is told of a fund's NAV, as JSON: in requests, and in what is stored.
//
//   {"act":"ICA_1940","date":"2026-03-11","version":1,"state":"approved","inputs_hash":"2b37...",
//    "valued_at":"2026-03-11T20:00:00Z","net_assets":"56960223.24","cash":"332837.94","other_assets":"0",
//    "holdings":[{"asset":"ETH","quantity":"7000","price":"3670.68","value":"25694760"}]}
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/staking/app/fund_facts.h"

namespace navkeeper::staking {

/// Refused, with the path: a figure below zero, an asset twice, an act without a liquidity rule.
FundFacts read_facts(json::ObjectReader reader);
void write_facts(json::Writer& writer, const FundFacts& facts);

/// A name of model/id.h at a key.
template <class Name>
Name read_name(json::ObjectReader& reader, std::string_view key) {
  auto name = Name::parse(reader.string(key));
  if (name.has_error()) throw base::Refused(base::Refusal{reader.path_of(key), name.error().rule});
  return *std::move(name);
}
/// A decimal that is not below zero.
money::Decimal read_amount(json::ObjectReader& reader, std::string_view key);

}  // namespace navkeeper::staking
