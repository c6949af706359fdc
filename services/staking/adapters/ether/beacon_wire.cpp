#include "services/staking/adapters/ether/beacon_wire.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "services/staking/adapters/node_json.h"

namespace navkeeper::staking::ether {
namespace {

using json::ObjectReader;
using json::Place;

constexpr std::size_t kPubkeyBytes = 48;
constexpr std::uint64_t kIndexMax = std::uint64_t{1} << 40;  ///< VALIDATOR_REGISTRY_LIMIT
constexpr Gwei kRewardMax = std::uint64_t{1} << 44;          ///< no duty is worth 17,000 ether
constexpr std::size_t kWithdrawalsMax = 16;
constexpr std::size_t kDepositsMax = 8'192;  ///< MAX_DEPOSIT_REQUESTS_PER_PAYLOAD
constexpr std::uint64_t kSecondsMax = std::uint64_t{1} << 32;

Standing read_standing(ObjectReader& reader) {
  Standing standing{reader.boolean("execution_optimistic"), reader.boolean("finalized"), std::nullopt};
  if (const auto version = reader.optional_string("version")) {
    standing.fork = parse_fork(*version);
    if (!standing.fork)
      base::refuse(reader.path_of("version"), "is a fork that is not known here: " + version->substr(0, 20));
  }
  return standing;
}

std::uint64_t whole(ObjectReader& reader, std::string_view key) { return read_whole_text(reader.value(key)); }

Gwei gwei(ObjectReader& reader, std::string_view key) {
  const Place place = reader.value(key);
  const std::uint64_t amount = read_whole_text(place);
  if (amount > kGweiMax) base::refuse(place.path, "is more Gwei than there can be");
  return amount;
}

Gwei reward_gwei(ObjectReader& reader, std::string_view key) {
  const Gwei amount = gwei(reader, key);
  if (amount > kRewardMax) base::refuse(reader.path_of(key), "is more than a block can earn");
  return amount;
}

constexpr Epoch kExitEpochMax = Epoch{1} << 24;

std::uint64_t validator_index(ObjectReader& reader, std::string_view key) {
  const Place place = reader.value(key);
  const std::uint64_t index = read_whole_text(place);
  if (index >= kIndexMax) base::refuse(place.path, "is no validator's index");
  return index;
}

std::int64_t signed_gwei(const Place& place) {
  const std::int64_t amount = read_signed_text(place);
  if (amount > static_cast<std::int64_t>(kRewardMax) || amount < -static_cast<std::int64_t>(kRewardMax))
    base::refuse(place.path, "is more than a duty can earn or cost");
  return amount;
}

Credentials credentials_of(std::string_view hex) {
  const std::string_view type = hex.substr(2, 2);
  if (type == "00") return Credentials::kBls;
  if (type == "01") return Credentials::kExecution;
  if (type == "02") return Credentials::kCompounding;
  return Credentials::kOther;
}

std::string address_of(const std::string& credentials) {
  constexpr std::size_t kBefore = 2 + 24;  // 0x, the type and eleven zero bytes
  const Credentials type = credentials_of(credentials);
  if (type != Credentials::kExecution && type != Credentials::kCompounding) return "";
  return "0x" + credentials.substr(kBefore);
}

OwnValidator read_validator(const Place& place, Epoch epoch) {
  ObjectReader reader(place);
  OwnValidator own;
  Validator& v = own.validator;
  v.index = validator_index(reader, "index");
  v.balance = gwei(reader, "balance");
  const std::string status = reader.string("status");
  ObjectReader inner = reader.object("validator");
  own.pubkey = read_hex_text(inner.value("pubkey"), kPubkeyBytes);
  const std::string credentials = read_hex_text(inner.value("withdrawal_credentials"), kHashBytes);
  v.credentials = credentials_of(credentials);
  own.pays_to = address_of(credentials);
  v.effective = gwei(inner, "effective_balance");
  if (v.effective % kIncrement != 0)
    base::refuse(inner.path_of("effective_balance"), "must be whole ether in Gwei");
  v.slashed = inner.boolean("slashed");
  v.eligibility_epoch = whole(inner, "activation_eligibility_epoch");
  v.activation_epoch = whole(inner, "activation_epoch");
  v.exit_epoch = whole(inner, "exit_epoch");
  v.withdrawable_epoch = whole(inner, "withdrawable_epoch");
  const auto known = parse_validator_status(status);
  if (!known)
    base::refuse(reader.path_of("status"), "is a status that is not known here: " + status.substr(0, 40));
  if (status_at(v, epoch) != *known)
    base::refuse(reader.path_of("status"), status + " contradicts the validator's epochs, which make it " +
                                               std::string(describe(status_at(v, epoch))) + " in epoch " +
                                               std::to_string(epoch));
  return own;
}

template <class Read>
auto read_list(const std::string& source, std::string_view body, Standing& standing, Read&& read) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  standing = read_standing(reader);
  std::vector<decltype(read(std::declval<Place>()))> all;
  for (const Place& place : reader.array("data")) all.push_back(read(place));
  return all;
}

void read_withdrawals(ObjectReader& payload, BlockAnswer& block) {
  const auto rows = payload.array("withdrawals");
  if (rows.size() > kWithdrawalsMax)
    base::refuse(payload.path_of("withdrawals"), "has more entries than a block can hold");
  for (const Place& place : rows) {
    ObjectReader row(place);
    SeenWithdrawal seen;
    seen.slot = block.slot;
    seen.number = whole(row, "index");
    seen.validator = validator_index(row, "validator_index");
    seen.amount = gwei(row, "amount");
    if (!block.withdrawals.empty() && seen.number != block.withdrawals.back().number + 1)
      base::refuse(row.path_of("index"), "does not follow the one before");
    block.withdrawals.push_back(seen);
  }
}

void read_deposits(ObjectReader& body, BlockAnswer& block) {
  auto requests = body.optional_object("execution_requests");  // since Electra
  if (!requests) return;
  const auto rows = requests->array("deposits");
  if (rows.size() > kDepositsMax)
    base::refuse(requests->path_of("deposits"), "has more entries than a block can hold");
  for (const Place& place : rows) {
    ObjectReader row(place);
    SeenDeposit seen;
    seen.slot = block.slot;
    seen.number = whole(row, "index");
    seen.pubkey = read_hex_text(row.value("pubkey"), kPubkeyBytes);
    seen.amount = gwei(row, "amount");
    block.deposits.push_back(std::move(seen));
  }
}

}  // namespace

GenesisAnswer parse_genesis(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader data = ObjectReader(document, source).object("data");
  const std::uint64_t seconds = whole(data, "genesis_time");
  if (seconds >= kSecondsMax) base::refuse(data.path_of("genesis_time"), "is no time of this century");
  return {time::Instant() + time::Duration::seconds(static_cast<std::int64_t>(seconds)),
          read_hex_text(data.value("genesis_validators_root"), kHashBytes)};
}

FinalityAnswer parse_finality(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  const Standing standing = read_standing(reader);
  ObjectReader finalized = reader.object("data").object("finalized");
  const Epoch epoch = whole(finalized, "epoch");
  if (epoch > kSecondsMax) base::refuse(finalized.path_of("epoch"), "is no epoch of this century");
  return {standing, epoch};
}

bool parse_syncing(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  return ObjectReader(document, source).object("data").boolean("is_syncing");
}

std::string parse_state_root(const std::string& source, std::string_view body, Standing& standing) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  standing = read_standing(reader);
  return read_hex_text(reader.object("data").value("root"), kHashBytes);
}

ValidatorsAnswer parse_validators(const std::string& source, std::string_view body,
                                  const std::set<std::string>& ids, Epoch epoch) {
  ValidatorsAnswer answer;
  std::set<std::uint64_t> seen;
  answer.validators = read_list(source, body, answer.standing, [&](const Place& place) {
    OwnValidator own = read_validator(place, epoch);
    const std::string index = std::to_string(own.validator.index);
    if (!ids.contains(index) && !ids.contains(own.pubkey))
      base::refuse(place.path, "validator " + index + " was not asked for");
    if (!seen.insert(own.validator.index).second)
      base::refuse(place.path, "validator " + index + " comes twice");
    return own;
  });
  std::sort(
      answer.validators.begin(), answer.validators.end(),
      [](const OwnValidator& a, const OwnValidator& b) { return a.validator.index < b.validator.index; });
  return answer;
}

std::vector<queues::SetExit> parse_exits(const std::string& source, std::string_view body,
                                         Standing& standing) {
  auto all = read_list(source, body, standing, [](const Place& place) {
    ObjectReader reader(place);
    ObjectReader inner = reader.object("validator");
    return queues::SetExit{whole(inner, "exit_epoch"), gwei(inner, "effective_balance")};
  });
  std::erase_if(all, [](const queues::SetExit& one) { return one.exit_epoch == kFarFuture; });
  for (const queues::SetExit& one : all) {
    if (one.exit_epoch > kExitEpochMax) base::refuse(source, "an exit lies beyond this century");
  }
  return all;
}

std::vector<PendingDeposit> parse_pending_deposits(const std::string& source, std::string_view body,
                                                   Standing& standing) {
  Gwei total = 0;
  return read_list(source, body, standing, [&](const Place& place) {
    ObjectReader row(place);
    PendingDeposit deposit;
    deposit.pubkey = read_hex_text(row.value("pubkey"), kPubkeyBytes);
    deposit.credentials = credentials_of(read_hex_text(row.value("withdrawal_credentials"), kHashBytes));
    deposit.amount = gwei(row, "amount");
    total += deposit.amount;
    if (total > kGweiMax) base::refuse(row.path_of("amount"), "makes the queue hold more than all ether");
    deposit.slot = whole(row, "slot");
    return deposit;
  });
}

std::vector<PendingPartial> parse_pending_partials(const std::string& source, std::string_view body,
                                                   Standing& standing) {
  return read_list(source, body, standing, [](const Place& place) {
    ObjectReader row(place);
    return PendingPartial{validator_index(row, "validator_index"), gwei(row, "amount"),
                          whole(row, "withdrawable_epoch")};
  });
}

std::vector<PendingConsolidation> parse_pending_consolidations(const std::string& source,
                                                               std::string_view body, Standing& standing) {
  return read_list(source, body, standing, [](const Place& place) {
    ObjectReader row(place);
    return PendingConsolidation{validator_index(row, "source_index"), validator_index(row, "target_index")};
  });
}

BlockAnswer parse_block(const std::string& source, std::string_view body_text) {
  const json::Value document = parse_node_json(source, body_text);
  ObjectReader reader(document, source);
  BlockAnswer block;
  block.standing = read_standing(reader);
  if (!block.standing.fork) base::refuse(reader.path_of("version"), "is missing");
  block.fork = *block.standing.fork;
  ObjectReader message = reader.object("data").object("message");
  block.slot = whole(message, "slot");
  block.proposer = validator_index(message, "proposer_index");
  block.parent_root = read_hex_text(message.value("parent_root"), kHashBytes);
  block.state_root = read_hex_text(message.value("state_root"), kHashBytes);
  ObjectReader body = message.object("body");
  ObjectReader payload = body.object("execution_payload");
  block.fee_recipient = read_hex_text(payload.value("fee_recipient"), kAddressBytes);
  block.block_number = whole(payload, "block_number");
  block.block_hash = read_hex_text(payload.value("block_hash"), kHashBytes);
  read_withdrawals(payload, block);
  read_deposits(body, block);
  return block;
}

AttestationsAnswer parse_attestation_rewards(const std::string& source, std::string_view body, Epoch epoch,
                                             const std::set<std::uint64_t>& wanted) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  AttestationsAnswer answer;
  answer.standing = read_standing(reader);
  ObjectReader data = reader.object("data");
  for (const Place& place : data.array("ideal_rewards")) {
    ObjectReader row(place);
    std::int64_t ideal = 0;
    for (const char* key : {"head", "target", "source"}) {
      const std::int64_t part = signed_gwei(row.value(key));
      if (part != 0) answer.ideal_is_zero = false;
      ideal += std::max<std::int64_t>(part, 0);
    }
    answer.ideal[gwei(row, "effective_balance")] = ideal;
  }
  std::set<std::uint64_t> seen;
  for (const Place& place : data.array("total_rewards")) {
    ObjectReader row(place);
    SeenAttestation one;
    one.epoch = epoch;
    one.validator = validator_index(row, "validator_index");
    const std::string index = std::to_string(one.validator);
    if (!wanted.contains(one.validator))
      base::refuse(place.path, "validator " + index + " was not asked for");
    if (!seen.insert(one.validator).second) base::refuse(place.path, "validator " + index + " comes twice");
    one.head = signed_gwei(row.value("head"));
    one.target = signed_gwei(row.value("target"));
    one.source = signed_gwei(row.value("source"));
    // Older nodes have inclusion_delay in its place, which is nothing since Altair.
    if (row.has("inactivity")) one.inactivity = signed_gwei(row.value("inactivity"));
    if (one.inactivity > 0) base::refuse(row.path_of("inactivity"), "must not be positive");
    answer.rewards.push_back(one);
  }
  for (const std::uint64_t index : wanted) {
    if (!seen.contains(index))
      base::refuse(source, "leaves validator " + std::to_string(index) + " out of the rewards of epoch " +
                               std::to_string(epoch));
  }
  return answer;
}

std::vector<SeenSync> parse_sync_rewards(const std::string& source, std::string_view body, Slot slot,
                                         const std::set<std::uint64_t>& wanted) {
  Standing standing;
  std::set<std::uint64_t> seen;
  auto all = read_list(source, body, standing, [&](const Place& place) {
    ObjectReader row(place);
    const SeenSync one{slot, validator_index(row, "validator_index"), signed_gwei(row.value("reward"))};
    const std::string index = std::to_string(one.validator);
    if (!wanted.contains(one.validator))
      base::refuse(place.path, "validator " + index + " was not asked for");
    // A validator may sit on the committee more than once: nodes sum its seats.
    if (!seen.insert(one.validator).second) base::refuse(place.path, "validator " + index + " comes twice");
    return one;
  });
  for (const std::uint64_t index : wanted) {
    if (!seen.contains(index))
      base::refuse(source, "leaves validator " + std::to_string(index) + " out of the sync rewards of slot " +
                               std::to_string(slot));
  }
  return all;
}

SeenProposal parse_block_rewards(const std::string& source, std::string_view body, Slot slot,
                                 std::uint64_t proposer) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  static_cast<void>(read_standing(reader));
  ObjectReader data = reader.object("data");
  if (validator_index(data, "proposer_index") != proposer)
    base::refuse(data.path_of("proposer_index"), "is not the block's proposer");
  SeenProposal proposal;
  proposal.slot = slot;
  proposal.validator = proposer;
  proposal.attestations = reward_gwei(data, "attestations");
  proposal.sync_aggregate = reward_gwei(data, "sync_aggregate");
  proposal.slashings = reward_gwei(data, "proposer_slashings") + reward_gwei(data, "attester_slashings");
  if (gwei(data, "total") != proposal.attestations + proposal.sync_aggregate + proposal.slashings)
    base::refuse(data.path_of("total"), "is not the sum of its parts");
  return proposal;
}

std::map<Slot, std::uint64_t> parse_proposer_duties(const std::string& source, std::string_view body,
                                                    Epoch epoch) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  if (reader.boolean("execution_optimistic"))
    base::refuse(source, "were not executed by the node (execution_optimistic)");
  std::map<Slot, std::uint64_t> proposers;
  for (const Place& place : reader.array("data")) {
    ObjectReader row(place);
    const Slot slot = whole(row, "slot");
    if (slot / kSlotsPerEpoch != epoch)
      base::refuse(row.path_of("slot"), "is not of epoch " + std::to_string(epoch));
    if (!proposers.emplace(slot, whole(row, "validator_index")).second)
      base::refuse(row.path_of("slot"), "comes twice");
  }
  if (proposers.size() != kSlotsPerEpoch)
    base::refuse(source, "leave a slot of epoch " + std::to_string(epoch) + " out");
  return proposers;
}

std::set<std::uint64_t> parse_sync_committee(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  static_cast<void>(read_standing(reader));
  ObjectReader data = reader.object("data");
  std::set<std::uint64_t> members;
  for (const Place& place : data.array("validators")) members.insert(read_whole_text(place));
  if (members.empty()) base::refuse(data.path_of("validators"), "is empty");
  return members;
}

}  // namespace navkeeper::staking::ether
