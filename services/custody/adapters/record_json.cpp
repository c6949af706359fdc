#include "services/custody/adapters/record_json.h"

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"

namespace navkeeper::custody {
namespace {

std::string canonical(json::Writer& writer) { return json::to_canonical(*json::parse(writer.take())); }

std::string coin_of_instrument(const std::string& instrument) {
  constexpr std::string_view kStaked = ".staked";
  return instrument.ends_with(kStaked) ? instrument.substr(0, instrument.size() - kStaked.size())
                                       : instrument;
}

}  // namespace

std::string row_document(const json::Value& row) {
  json::Writer writer;
  writer.begin_object().member("row", row).end_object();
  return canonical(writer);
}

std::string transfer_document(const Transfer& transfer, const json::Value& row) {
  json::Writer writer;
  writer.begin_object().member("row", row).key("transfer").begin_object();
  writer.member("id", transfer.id)
      .member("direction", transfer.direction == Direction::kIn ? "in" : "out")
      .member("asset", transfer.asset)
      .member("amount", transfer.amount);
  if (transfer.fee) writer.member("fee", *transfer.fee);
  writer.member("fee_asset", transfer.fee_asset)
      .member("address", transfer.address)
      .member("network", transfer.network)
      .member("transaction_id", transfer.transaction_id)
      .member("client_id", transfer.client_id)
      .member("account", transfer.account)
      .member("created_at", transfer.created_at.to_string());
  if (transfer.completed_at) writer.member("completed_at", transfer.completed_at->to_string());
  writer.end_object().end_object();
  return canonical(writer);
}

std::string reward_document(const Reward& reward, const json::Value& row) {
  json::Writer writer;
  writer.begin_object().key("reward").begin_object();
  writer.member("id", reward.id)
      .member("staked_asset", reward.staked_asset)
      .member("asset", reward.asset)
      .member("amount", reward.amount);
  if (reward.staked_amount) writer.member("staked_amount", *reward.staked_amount);
  writer.member("type", reward.type)
      .member("account", reward.account)
      .member("at", reward.at.to_string())
      .end_object()
      .member("row", row)
      .end_object();
  return canonical(writer);
}

std::string stake_document(std::string_view side, const std::string& account, const json::Value& row) {
  json::Writer writer;
  writer.begin_object().member("row", row).key("stake").begin_object();
  writer.member("account", account).member("side", side).end_object().end_object();
  return canonical(writer);
}

namespace {

Record reward_record(Chain chain, const ChainMovement& movement) {
  Reward reward;
  reward.id = movement.address + ":" + movement.transaction_id + ":reward";
  reward.staked_asset = reward.asset = std::string(native_asset(chain));
  reward.amount = movement.received - movement.spent;
  reward.type = "withdraw_rewards";
  reward.account = movement.address;
  reward.at = movement.at;
  json::Writer row;
  row.begin_object().member("block_height", std::to_string(movement.height)).end_object();
  Record record;
  record.kind = RecordKind::kReward;
  record.key = reward.id;
  record.at = record.updated_at = movement.at;
  record.asset = reward.asset;
  record.amount = reward.amount;
  record.status = "block " + std::to_string(movement.height);
  record.document = reward_document(reward, *json::parse(row.take()));
  return record;
}

}  // namespace

Record movement_record(Chain chain, const ChainMovement& movement) {
  if (movement.is_reward) return reward_record(chain, movement);
  const money::Decimal net = movement.received - movement.spent;
  Transfer transfer;
  transfer.id = movement.address + ":" + movement.transaction_id;
  if (!movement.asset.empty()) transfer.id += ":" + movement.asset;
  transfer.direction = net.is_negative() ? Direction::kOut : Direction::kIn;
  transfer.asset = movement.asset.empty() ? std::string(native_asset(chain)) : movement.asset;
  transfer.amount = net.is_negative() ? -net : net;
  transfer.address = net.is_negative() ? std::string() : movement.address;
  transfer.network = std::string(describe(chain));
  transfer.transaction_id = movement.transaction_id;
  transfer.account = movement.address;
  transfer.created_at = movement.at;
  transfer.completed_at = movement.at;
  if (movement.is_unlisted) {
    transfer.transaction_id.clear();
    if (movement.since) transfer.created_at = *movement.since;
  }
  json::Writer row;
  row.begin_object()
      .member("block_height", std::to_string(movement.height))
      .member("received", movement.received)
      .member("spent", movement.spent)
      .end_object();
  Record record;
  record.kind = RecordKind::kTransfer;
  record.key = transfer.id;
  record.at = record.updated_at = movement.at;
  record.asset = transfer.asset;
  record.amount = net;
  record.status = "block " + std::to_string(movement.height);
  if (movement.is_unlisted) {
    record.status = movement.transaction_id;
    record.progress = Progress::kUnknown;
  }
  record.document = transfer_document(transfer, *json::parse(row.take()));
  return record;
}

std::optional<Transfer> transfer_of(const Record& record) {
  if (record.kind != RecordKind::kTransfer) return std::nullopt;
  const json::Value document = base::value_or_refuse(json::parse(record.document));
  const json::Value* const part = document.find("transfer");
  if (part == nullptr) return std::nullopt;
  json::ObjectReader reader(*part, "transfer");
  Transfer transfer;
  transfer.id = reader.string("id");
  transfer.direction = reader.string("direction") == "in" ? Direction::kIn : Direction::kOut;
  transfer.asset = reader.string("asset");
  transfer.amount = reader.decimal("amount");
  transfer.fee = reader.optional_decimal("fee");
  transfer.fee_asset = reader.string("fee_asset");
  transfer.address = reader.string("address");
  transfer.network = reader.string("network");
  transfer.transaction_id = reader.string("transaction_id");
  transfer.client_id = reader.string("client_id");
  transfer.account = reader.string("account");
  transfer.created_at = reader.instant("created_at");
  transfer.completed_at = reader.optional_instant("completed_at");
  reader.finish();
  return transfer;
}

std::optional<Converted> conversion_of(const Record& record) {
  if (record.kind != RecordKind::kStake || !record.key.starts_with("CONVERT:") || !record.amount)
    return std::nullopt;
  const json::Value document = base::value_or_refuse(json::parse(record.document));
  const json::Value* const row = document.find("row");
  const auto text = [&](std::string_view key) {
    const json::Value* const found =
        row != nullptr && row->kind() == json::Kind::kObject ? row->find(key) : nullptr;
    return found != nullptr && found->kind() == json::Kind::kString ? found->as_string() : std::string();
  };
  Converted converted{coin_of_instrument(record.asset), *record.amount,
                      coin_of_instrument(text("to_instrument_name")), std::nullopt};
  if (const auto received = money::Decimal::parse(text("to_quantity")); received.has_value())
    converted.received = *received;
  return converted;
}

std::optional<Reward> reward_of(const Record& record) {
  if (record.kind != RecordKind::kReward) return std::nullopt;
  const json::Value document = base::value_or_refuse(json::parse(record.document));
  const json::Value* const part = document.find("reward");
  if (part == nullptr) return std::nullopt;
  json::ObjectReader reader(*part, "reward");
  Reward reward;
  reward.id = reader.string("id");
  reward.staked_asset = reader.string("staked_asset");
  reward.asset = reader.string("asset");
  reward.amount = reader.decimal("amount");
  reward.staked_amount = reader.optional_decimal("staked_amount");
  reward.type = reader.string("type");
  reward.account = reader.string("account");
  reward.at = reader.instant("at");
  reader.finish();
  return reward;
}

}  // namespace navkeeper::custody
