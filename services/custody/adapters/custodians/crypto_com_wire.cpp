#include "services/custody/adapters/custodians/crypto_com_wire.h"

#include <algorithm>
#include <array>

#include "common/base/refuse.h"
#include "services/custody/adapters/record_json.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody::crypto_com {
namespace {

constexpr std::string_view kStakedEnding = ".staked";
/// Of an asset without a rule of its own: balances with 14 decimals were recorded, so none is assumed.
constexpr int kScaleOfOthers = 38;

struct Status {
  std::string_view word;
  Progress progress;
  std::string_view meaning;
};

// private/get-deposit-history, private/get-withdrawal-history.
constexpr std::array kDepositStatuses{
    Status{"0", Progress::kUnderWay, "not arrived"}, Status{"1", Progress::kDone, "arrived"},
    Status{"2", Progress::kFailed, "failed"}, Status{"3", Progress::kUnderWay, "pending"}};
constexpr std::array kWithdrawalStatuses{
    Status{"0", Progress::kUnderWay, "pending"},      Status{"1", Progress::kUnderWay, "processing"},
    Status{"2", Progress::kFailed, "rejected"},       Status{"3", Progress::kUnderWay, "payment in progress"},
    Status{"4", Progress::kFailed, "payment failed"}, Status{"5", Progress::kDone, "completed"},
    Status{"6", Progress::kFailed, "cancelled"}};
// StakingStatus. The documents' own example of an open stake says UNSTAKING, which they do not list.
constexpr std::array kStakeStatuses{Status{"NEW", Progress::kUnderWay, ""},
                                    Status{"PENDING", Progress::kUnderWay, ""},
                                    Status{"PENDING_WITHDRAWAL", Progress::kUnderWay, ""},
                                    Status{"PENDING_UNSTAKING", Progress::kUnderWay, ""},
                                    Status{"STAKED", Progress::kUnderWay, ""},
                                    Status{"COMPLETED", Progress::kDone, ""},
                                    Status{"REJECTED", Progress::kFailed, ""}};

template <std::size_t N>
void set_status(Record& record, const std::array<Status, N>& known, const std::string& word,
                const std::string& subject, Evidence& evidence) {
  record.status = word;
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Status& status) { return status.word == word; });
  if (found == known.end()) {
    record.progress = Progress::kUnknown;
    evidence.raise({"unknown_status", subject, "the status '" + word + "' is not documented"});
    return;
  }
  record.progress = found->progress;
  if (!found->meaning.empty()) record.status += " (" + std::string(found->meaning) + ")";
}

/// Of every asset name that is stored.
std::string asset_in(const ForeignObject& row, std::string_view key) {
  std::string asset = row.text(key);
  const auto name = model::AssetId::parse(asset);
  if (name.has_error()) throw base::Refused(name.error().within(row.path_of(key)));
  return asset;
}

int scale_of(const std::string& asset) {
  const AssetRule* const rule = asset_rule(asset);
  return rule == nullptr ? kScaleOfOthers : rule->decimals_max;
}

void require_row_account(const ForeignObject& row, std::string_view key, const std::string& account) {
  const auto said = row.optional_text(key);
  if (account.empty() || !said || *said == account) return;
  throw NotBelievable("wrong_account", row.path_of(key) + " is of account " + *said + ", not of " + account);
}

Record new_record(RecordKind kind, std::string key, time::Instant at) {
  Record record;
  record.kind = kind;
  record.key = std::move(key);
  record.at = record.updated_at = at;
  return record;
}

Record transfer_record(const ForeignObject& row, Direction direction) {
  Transfer transfer;
  transfer.direction = direction;
  transfer.id = row.id("id");
  transfer.asset = row.id("currency");  // whatever its name is: it is kept, and no balance is of it
  transfer.amount = row.amount("amount", transfer.asset);
  transfer.fee = row.optional_amount("fee", transfer.asset);
  transfer.fee_asset = transfer.fee ? transfer.asset : "";
  transfer.address = row.text_or("address", "");
  transfer.network = row.text_or("network_id", "");
  transfer.transaction_id = row.text_or("txid", "");
  transfer.client_id = row.text_or("client_wid", "");
  transfer.created_at = row.milliseconds("create_time");
  const time::Instant updated_at =
      row.has("update_time") ? row.milliseconds("update_time") : transfer.created_at;
  Record record = new_record(RecordKind::kTransfer,
                             (direction == Direction::kIn ? "deposit:" : "withdrawal:") + transfer.id,
                             transfer.created_at);
  record.updated_at = updated_at;
  record.asset = transfer.asset;
  record.amount = direction == Direction::kIn ? transfer.amount : -transfer.amount;
  record.document = transfer_document(transfer, row.value());
  return record;
}

bool is_staked_instrument(std::string_view name) { return name.ends_with(kStakedEnding); }

}  // namespace

Envelope read_envelope(const json::Value& answer) {
  const ForeignObject envelope(answer, "");
  return {envelope.text_or("id", ""), envelope.text_or("method", ""), envelope.text("code"),
          envelope.text_or("message", "")};
}

ForeignObject result_of(const json::Value& answer) {
  const ForeignObject envelope(answer, "");
  const std::string code = envelope.text("code");
  if (code != "0") base::refuse("code", code + " " + envelope.text_or("message", "") + " is an error");
  return envelope.object("result");
}

void require_account(const json::Value& answer, const std::string& account) {
  const ForeignObject result = result_of(answer);
  const std::string master = result.object("master_account").text("uuid");
  if (master == account) return;
  for (const ForeignObject& sub : result.optional_list("sub_account_list")) {
    if (sub.text("uuid") == account) return;
  }
  throw NotBelievable("wrong_account", "the key belongs to account " + master + ", not to " + account);
}

std::vector<Balance> read_user_balance(const json::Value& answer, const Place& place, time::Instant as_of,
                                       const crypto::Digest256& sha256, Evidence& evidence) {
  std::vector<Balance> balances;
  for (const ForeignObject& margin : result_of(answer).list("data")) {
    for (const ForeignObject& row : margin.list("position_balances")) {
      const std::string asset = row.text("instrument_name");
      if (!is_read_coin(asset, place.account, evidence) || is_staked_instrument(asset)) continue;
      Balance balance;
      balance.place = place;
      balance.asset = model::AssetId::literal(asset);
      balance.scale = scale_of(asset);
      balance.total = row.amount("quantity", asset);
      balance.held = row.optional_amount("reserved_qty", asset);
      balance.available = row.optional_amount("max_withdrawal_balance", asset);
      balance.as_of = as_of;
      balance.raw_sha256 = sha256;
      if (auto broken = broken_balance_rule(balance))
        throw NotBelievable("wrong_amount", broken->within(row.path() + " " + asset).message());
      const bool twice = std::any_of(balances.begin(), balances.end(),
                                     [&](const Balance& other) { return other.asset == balance.asset; });
      if (twice) base::refuse(row.path(), asset + " stands twice in the answer");
      balances.push_back(std::move(balance));
    }
  }
  return balances;
}

std::vector<StakingPosition> read_staking_positions(const json::Value& answer, const std::string& account,
                                                    Evidence& evidence) {
  std::vector<StakingPosition> positions;
  for (const ForeignObject& row : result_of(answer).list("data")) {
    StakingPosition position;
    position.instrument = row.text("instrument_name");
    position.underlying = row.text("underlying_inst_name");
    if (!is_read_coin(position.instrument, account, evidence) ||
        !is_read_coin(position.underlying, account, evidence))
      continue;
    position.staked = row.amount("staked_quantity", position.underlying);
    position.activating = row.amount("pending_staked_quantity", position.underlying);
    position.unbonding = row.amount("pending_unstaked_quantity", position.underlying);
    const bool twice = std::any_of(positions.begin(), positions.end(), [&](const StakingPosition& other) {
      return other.instrument == position.instrument;
    });
    if (twice) base::refuse(row.path(), position.instrument + " stands twice in the answer");
    positions.push_back(std::move(position));
  }
  return positions;
}

void add_staking(std::vector<Balance>& balances, const std::vector<StakingPosition>& positions,
                 const Balance& pattern) {
  for (const StakingPosition& position : positions) {
    const std::string& asset =
        is_staked_instrument(position.instrument) ? position.underlying : position.instrument;
    auto balance = std::find_if(balances.begin(), balances.end(),
                                [&](const Balance& known) { return known.asset.value() == asset; });
    if (balance == balances.end()) {
      Balance made = pattern;
      made.asset = model::AssetId::literal(asset);
      made.scale = scale_of(asset);
      balances.push_back(std::move(made));
      balance = balances.end() - 1;
    }
    balance->staked = balance->staked.value_or(money::Decimal()) + position.staked;
    balance->activating = balance->activating.value_or(money::Decimal()) + position.activating;
    balance->unbonding = balance->unbonding.value_or(money::Decimal()) + position.unbonding;
    balance->staked_in_total = pattern.staked_in_total;
    balance->activating_in_staked = pattern.activating_in_staked;
    if (auto broken = broken_balance_rule(*balance))
      throw NotBelievable("wrong_amount", broken->within(position.instrument).message());
  }
}

std::vector<Record> read_deposits(const json::Value& answer, Evidence& evidence) {
  std::vector<Record> records;
  for (const ForeignObject& row : result_of(answer).list("deposit_list")) {
    Record record = transfer_record(row, Direction::kIn);
    set_status(record, kDepositStatuses, row.text("status"), record.key, evidence);
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Record> read_withdrawals(const json::Value& answer, Evidence& evidence) {
  std::vector<Record> records;
  for (const ForeignObject& row : result_of(answer).list("withdrawal_list")) {
    Record record = transfer_record(row, Direction::kOut);
    set_status(record, kWithdrawalStatuses, row.text("status"), record.key, evidence);
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Record> read_transactions(const json::Value& answer, const std::string& account,
                                      Evidence& evidence) {
  constexpr std::array<std::string_view, 21> kJournalTypes{"TRADING",
                                                           "TRADE_FEE",
                                                           "ONCHAIN_WITHDRAWAL",
                                                           "ONCHAIN_DEPOSIT",
                                                           "FUNDING",
                                                           "REALIZED_PNL",
                                                           "INSURANCE_FUND",
                                                           "SOCIALIZED_LOSS",
                                                           "LIQUIDATION_FEE",
                                                           "SESSION_RESET",
                                                           "ADJUSTMENT",
                                                           "SESSION_SETTLE",
                                                           "UNCOVERED_LOSS",
                                                           "ADMIN_ADJUSTMENT",
                                                           "DELIST",
                                                           "SETTLEMENT_FEE",
                                                           "AUTO_CONVERSION",
                                                           "MANUAL_CONVERSION",
                                                           "SUBACCOUNT_TX",
                                                           "FIAT_WITHDRAWAL_CANCEL",
                                                           "MARGIN_TRADE_INTEREST"};
  std::vector<Record> records;
  for (const ForeignObject& row : result_of(answer).list("data")) {
    require_row_account(row, "account_id", account);
    const std::string type = row.text("journal_type");
    Record record =
        new_record(RecordKind::kLedgerLine, row.id("journal_id"), row.milliseconds("event_timestamp_ms"));
    record.asset = row.id("instrument_name");
    record.amount = row.signed_amount("transaction_qty", record.asset);
    record.status = type;
    record.document = row_document(row.value());
    if (std::find(kJournalTypes.begin(), kJournalTypes.end(), type) == kJournalTypes.end())
      evidence.raise(
          {"unknown_type", "ledger_line " + record.key, "the journal type '" + type + "' is not documented"});
    if (type == "ADMIN_ADJUSTMENT" || type == "ADJUSTMENT")
      evidence.raise({"adjustment", "ledger_line " + record.key,
                      record.amount->to_string() + " " + record.asset + " were adjusted by the custodian"});
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Record> read_stakes(const json::Value& answer, const std::string& account, Evidence& evidence) {
  std::vector<Record> records;
  for (const ForeignObject& row : result_of(answer).list("data")) {
    require_row_account(row, "account", account);
    const std::string underlying = asset_in(row, "underlying_inst_name");
    Record record = new_record(RecordKind::kStake, row.id("side") + ":" + row.id("staking_id"),
                               row.milliseconds("create_timestamp_ms"));
    record.asset = underlying;
    record.amount = row.amount("quantity", underlying);
    set_status(record, kStakeStatuses, row.text("status"), "stake " + record.key, evidence);
    record.document = row_document(row.value());
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Record> read_conversions(const json::Value& answer, Evidence& evidence) {
  std::vector<Record> records;
  for (const ForeignObject& row : result_of(answer).list("data")) {
    Record record = new_record(RecordKind::kStake, "CONVERT:" + row.id("convert_id"),
                               row.milliseconds("create_timestamp_ms"));
    record.asset = asset_in(row, "from_instrument_name");
    record.amount = row.amount("from_quantity", record.asset);
    set_status(record, kStakeStatuses, row.text("status"), "conversion " + record.key, evidence);
    record.document = row_document(row.value());
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Record> read_rewards(const json::Value& answer) {
  std::vector<Record> records;
  for (const ForeignObject& row : result_of(answer).list("data")) {
    Reward reward;
    reward.staked_asset = asset_in(row, "staking_inst_name");
    reward.asset = asset_in(row, "reward_inst_name");
    reward.amount = row.amount("reward_quantity", reward.asset);
    reward.staked_amount = row.optional_amount("staked_balance", row.text_or("underlying_inst_name", ""));
    reward.at = row.milliseconds("event_timestamp_ms");
    // No id is given: these say which one it is, and what is alike in all of them is counted.
    Record record = new_record(RecordKind::kReward,
                               reward.staked_asset + "|" + reward.asset + "|" + reward.at.to_string() + "|" +
                                   reward.amount.to_string() + "|" +
                                   (reward.staked_amount ? reward.staked_amount->to_string() : ""),
                               reward.at);
    record.asset = reward.asset;
    record.amount = reward.amount;
    record.document = reward_document(reward, row.value());
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Record> read_networks(const json::Value& answer) {
  std::vector<Record> records;
  const ForeignObject map = result_of(answer).object("currency_map");
  for (const json::Member& member : map.value().as_object()) {
    const ForeignObject currency(member.value, map.path_of(member.key));
    if (member.key.empty() || member.key.size() > ForeignObject::kIdBytesMax)
      base::refuse(currency.path(), "is not the name of an asset");
    for (const ForeignObject& network : currency.list("network_list")) {
      static_cast<void>(network.boolean("withdraw_enabled"));
      static_cast<void>(network.boolean("deposit_enabled"));
      Record record =
          new_record(RecordKind::kNetwork, member.key + ":" + network.id("network_id"), time::Instant());
      record.asset = member.key;
      record.amount = network.optional_amount("withdrawal_fee", member.key);
      record.document = row_document(network.value());
      records.push_back(std::move(record));
    }
  }
  return records;
}

std::vector<Record> read_staking_terms(const json::Value& answer) {
  std::vector<Record> records;
  for (const ForeignObject& row : result_of(answer).list("data")) {
    Record record = new_record(RecordKind::kTerms, asset_in(row, "instrument_name"), time::Instant());
    record.asset = asset_in(row, "underlying_inst_name");
    record.amount = row.optional_amount("min_stake_amt", record.asset);
    record.document = row_document(row.value());
    records.push_back(std::move(record));
  }
  return records;
}

Record read_conversion_rate(const json::Value& answer, const std::string& instrument) {
  const ForeignObject row = result_of(answer);
  if (row.text("instrument_name") != instrument)
    base::refuse(row.path_of("instrument_name"), "is not " + instrument);
  Record record = new_record(RecordKind::kTerms, "conversion_rate:" + instrument, time::Instant());
  record.asset = instrument;
  record.amount = row.signed_amount("conversion_rate", "");
  if (!record.amount->is_positive()) base::refuse(row.path_of("conversion_rate"), "must be positive");
  record.document = row_document(row.value());
  return record;
}

}  // namespace navkeeper::custody::crypto_com
