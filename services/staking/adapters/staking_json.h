#pragma once
// Positions, events and roll-forwards as JSON, for the routes and the commands.
#include "common/json/write.h"
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

/// One object: chain, source, state (height, root, as_of), raw_sha256, known_at, positions.
void write_reading(json::Writer& writer, const StoredReading& stored);
void write_event(json::Writer& writer, const StoredEvent& stored);
/// Sums of rewards and losses by kind and asset, kinds in the order of EventKind:
/// [{"kind","asset","amount"}].
void write_totals(json::Writer& writer, const std::vector<StoredEvent>& events);
void write_roll_forward(json::Writer& writer, const StoredRollForward& stored);
void write_roll_forward_total(json::Writer& writer, const RollForwardTotal& total);
void write_parameter(json::Writer& writer, const ParameterReading& parameter);
void write_alert(json::Writer& writer, const StoredAlert& stored);
void write_run(json::Writer& writer, const SyncRun& run);

}  // namespace navkeeper::staking
