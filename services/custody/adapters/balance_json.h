#pragma once
// Balances and records as JSON, for the routes, the commands and the store.
#include <string>
#include <string_view>
#include <vector>

#include "common/json/write.h"
#include "services/custody/app/custody_store.h"

namespace navkeeper::custody {

/// [{"amount":"1.5","completes_at":"2026-03-29T10:00:00Z"}]; without completes_at where the source does not
/// say.
std::string unbonding_json(const std::vector<UnbondingEntry>& entries);
/// What unbonding_json wrote (base::Refused otherwise).
std::vector<UnbondingEntry> read_unbonding(std::string_view text);

/// ["why it is not sure"], as the store keeps it; and back (base::Refused for anything else).
std::string doubts_json(const std::vector<std::string>& doubts);
std::vector<std::string> read_doubts(std::string_view text);

/// One object. A state that the source does not speak of is left out; `owned` is null where it is unsure.
void write_balance(json::Writer& writer, const StoredBalance& stored);
/// One object: what stands of the record, how sure it is, and its document.
void write_record(json::Writer& writer, const RecordState& state);
void write_run(json::Writer& writer, const SyncRun& run);
void write_alarm(json::Writer& writer, const StoredAlarm& stored);

}  // namespace navkeeper::custody
