#pragma once
// Measures and queues as JSON and as tables, for the routes and the commands.
#include <string>

#include "services/staking/app/measure_store.h"
#include "services/staking/app/queue_outlook.h"
#include "services/staking/app/take_measures.h"

namespace navkeeper::staking {

/// {"measures":[{"asset","chain"?,"source"?,"place"?,"day","window_days","from","to","income",...}],
///  "performance":[{"source","window_days","attestations_missed","effectiveness","luck",...}],
///  "tokens":[{"token","window_days","rate_from","rate_to","apr"}]}
struct ShownMeasures {
  std::vector<StoredMeasure> measures;
  std::vector<Performance> performance;
  std::vector<TokenRate> tokens;
};
std::string measures_json(const ShownMeasures& shown);
std::string measures_table(const ShownMeasures& shown);

/// {"queues":[...],"positions":[...],"ladder":[...]}
std::string queues_json(const FundQueues& queues);
std::string queues_table(const FundQueues& queues);

}  // namespace navkeeper::staking
