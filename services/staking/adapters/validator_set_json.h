#pragma once
// A chain's validators as JSON and as a table.
#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/staking/domain/validator_set.h"

namespace navkeeper::staking {

/// {"source","asset","state":{"height","root","at"},"bonded","annual_provisions" or null,"community_tax",
///  "history":{"height","at"},"validators":[...],"slashes":[...]}; read_validator_set() gives it back.
void write_validator_set(json::Writer& writer, const ValidatorSet& set);
ValidatorSet read_validator_set(const json::Place& place);

/// {"sets":[...]}: the same with what follows from it: gross_rate, and of each validator uptime, slashes and
/// observed_days.
std::string validator_sets_json(const std::vector<ValidatorSet>& sets);
std::string validator_sets_table(const std::vector<ValidatorSet>& sets);

}  // namespace navkeeper::staking
