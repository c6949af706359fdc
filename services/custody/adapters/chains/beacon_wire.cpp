#include "services/custody/adapters/chains/beacon_wire.h"

#include <algorithm>
#include <limits>
#include <set>

#include "common/json/write.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

using json::ObjectReader;
using Field = json::Place;

constexpr std::size_t kPubkeyBytes = 48;
constexpr std::int64_t kSecondsPerSlotMax = 3'600;
constexpr std::int64_t kSlotsPerEpochMax = 4'096;

StateStanding read_standing(ObjectReader& reader) {
  return {reader.boolean("execution_optimistic"), reader.boolean("finalized")};
}

std::string read_pubkey(const Field& place) {
  const base::Bytes bytes = read_hex_bytes(place, kPubkeyBytes);
  if (bytes.size() != kPubkeyBytes) base::refuse(place.path, "must have 48 bytes");
  return "0x" + base::to_hex(bytes);
}

time::Instant read_seconds(const Field& place) {
  const std::uint64_t seconds = read_whole_text(place);
  if (seconds > std::numeric_limits<std::uint32_t>::max())
    base::refuse(place.path, "is no time of this century");
  return time::Instant() + time::Duration::seconds(static_cast<std::int64_t>(seconds));
}

std::int64_t read_small(ObjectReader& reader, std::string_view key, std::int64_t maximum) {
  const std::uint64_t value = read_whole_text(reader.value(key));
  if (value == 0 || value > static_cast<std::uint64_t>(maximum))
    base::refuse(reader.path_of(key), "is out of its range");
  return static_cast<std::int64_t>(value);
}

Validator read_validator(const Field& place) {
  ObjectReader reader(place);
  Validator validator;
  validator.index = read_whole_text(reader.value("index"));
  validator.balance = read_quantity<GweiUnit>(reader.value("balance"));
  const std::string status = reader.string("status");
  const auto known = parse_validator_status(status);
  if (!known)
    base::refuse(reader.path_of("status"), "is a status that is not known here: " + status.substr(0, 40));
  validator.status = *known;
  ObjectReader inner = reader.object("validator");
  validator.pubkey = read_pubkey(inner.value("pubkey"));
  validator.credentials = read_hash(inner.value("withdrawal_credentials"));
  validator.effective_balance = read_quantity<GweiUnit>(inner.value("effective_balance"));
  validator.slashed = inner.boolean("slashed");
  validator.activation_epoch = read_whole_text(inner.value("activation_epoch"));
  validator.exit_epoch = read_whole_text(inner.value("exit_epoch"));
  validator.withdrawable_epoch = read_whole_text(inner.value("withdrawable_epoch"));
  return validator;
}

}  // namespace

BeaconGenesis parse_genesis(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader data = ObjectReader(document, source).object("data");
  return {read_seconds(data.value("genesis_time")), read_hash(data.value("genesis_validators_root"))};
}

BeaconSpec parse_spec(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader data = ObjectReader(document, source).object("data");
  return {read_small(data, "SECONDS_PER_SLOT", kSecondsPerSlotMax),
          read_small(data, "SLOTS_PER_EPOCH", kSlotsPerEpochMax)};
}

BeaconSyncing parse_beacon_syncing(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader data = ObjectReader(document, source).object("data");
  return {read_whole_text(data.value("head_slot")), read_whole_text(data.value("sync_distance")),
          data.boolean("is_syncing"), data.optional_boolean("is_optimistic").value_or(false),
          data.optional_boolean("el_offline").value_or(false)};
}

FinalityCheckpoint parse_finality(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  const StateStanding standing = read_standing(reader);
  ObjectReader checkpoint = reader.object("data").object("finalized");
  return {standing, read_whole_text(checkpoint.value("epoch")), read_hash(checkpoint.value("root"))};
}

BeaconPayload parse_blinded_block(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  BeaconPayload payload;
  payload.standing = read_standing(reader);
  ObjectReader message = reader.object("data").object("message");
  payload.slot = read_whole_text(message.value("slot"));
  payload.state_root = read_hash(message.value("state_root"));
  ObjectReader execution = message.object("body").object("execution_payload_header");
  payload.block_number = read_whole_text(execution.value("block_number"));
  payload.block_hash = read_hash(execution.value("block_hash"));
  return payload;
}

ValidatorsAnswer parse_validators(const std::string& source, std::string_view body,
                                  const std::vector<std::string>& ids) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  ValidatorsAnswer answer;
  answer.standing = read_standing(reader);
  const std::set<std::string> wanted(ids.begin(), ids.end());
  std::set<std::uint64_t> seen;
  for (const Field& place : reader.array("data")) {
    Validator validator = read_validator(place);
    if (!wanted.contains(std::to_string(validator.index)) && !wanted.contains(validator.pubkey))
      base::refuse(place.path, "validator " + std::to_string(validator.index) + " was not asked for");
    if (!seen.insert(validator.index).second)
      base::refuse(place.path, "validator " + std::to_string(validator.index) + " comes twice");
    answer.validators.push_back(std::move(validator));
  }
  std::sort(answer.validators.begin(), answer.validators.end(),
            [](const Validator& a, const Validator& b) { return a.index < b.index; });
  return answer;
}

DepositsAnswer parse_pending_deposits(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  DepositsAnswer answer;
  answer.standing = read_standing(reader);
  for (const Field& place : reader.array("data")) {
    ObjectReader deposit(place);
    answer.deposits.push_back(
        {read_pubkey(deposit.value("pubkey")), read_hash(deposit.value("withdrawal_credentials")),
         read_quantity<GweiUnit>(deposit.value("amount")), read_whole_text(deposit.value("slot"))});
  }
  return answer;
}

PartialsAnswer parse_pending_partials(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  PartialsAnswer answer;
  answer.standing = read_standing(reader);
  for (const Field& place : reader.array("data")) {
    ObjectReader partial(place);
    answer.withdrawals.push_back({read_whole_text(partial.value("validator_index")),
                                  read_quantity<GweiUnit>(partial.value("amount")),
                                  read_whole_text(partial.value("withdrawable_epoch"))});
  }
  return answer;
}

std::string validators_request(const std::vector<std::string>& ids) {
  json::Writer writer;
  writer.begin_object().key("ids").begin_array();
  for (const std::string& id : ids) writer.string(id);
  return writer.end_array().end_object().take();
}

}  // namespace navkeeper::custody
