#pragma once
// Stored rates and import reports as JSON: what GET /v1/rates and the commands answer.
#include <string>
#include <vector>

#include "common/json/write.h"
#include "services/pricing/app/import_trades.h"
#include "services/pricing/app/strike_rate.h"

namespace navkeeper::pricing {

/// {"index":…,"date":…,"version":1,"status":"ok","value":"…","unrounded":"…","strike":…,"method":…,"definition_version":1,
///  "trade_hash":…,"input_hash":…,"known_at":…}; with `evidence` also "rejected" and "document".
void write_rate(json::Writer& writer, const StoredRate& rate, bool evidence);
/// {"last_trade":"…"|null,"missing_minutes":["…"],"partitions":[424],"venues":["coinbase"]}
std::string coverage_to_json(const RateCoverage& coverage);
RateCoverage coverage_from_json(const std::string& json);
void write_import(json::Writer& writer, const ImportReport& report);

}  // namespace navkeeper::pricing
