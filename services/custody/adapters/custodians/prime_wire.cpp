#include "services/custody/adapters/custodians/prime_wire.h"

#include <algorithm>
#include <array>

#include "common/base/refuse.h"
#include "services/custody/adapters/record_json.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody::prime {
namespace {

constexpr int kScaleOfOthers = 38;
constexpr std::string_view kStatusStart = "TRANSACTION_";
constexpr std::string_view kRetried = "RETRIED";

struct Status {
  std::string_view word;
  Progress progress;
};

constexpr std::array kTransactionStatuses{
    Status{"CREATED", Progress::kUnderWay},     Status{"REQUESTED", Progress::kUnderWay},
    Status{"APPROVED", Progress::kUnderWay},    Status{"GASSING", Progress::kUnderWay},
    Status{"GASSED", Progress::kUnderWay},      Status{"PROVISIONED", Progress::kUnderWay},
    Status{"PLANNED", Progress::kUnderWay},     Status{"PROCESSING", Progress::kUnderWay},
    Status{"RESTORED", Progress::kUnderWay},    Status{"IMPORT_PENDING", Progress::kUnderWay},
    Status{"DELAYED", Progress::kUnderWay},     Status{"BROADCASTING", Progress::kUnderWay},
    Status{"CONSTRUCTED", Progress::kUnderWay}, Status{"DONE", Progress::kDone},
    Status{"IMPORTED", Progress::kDone},        Status{"CANCELLED", Progress::kFailed},
    Status{"REJECTED", Progress::kFailed},      Status{kRetried, Progress::kFailed},
    Status{"FAILED", Progress::kFailed},        Status{"EXPIRED", Progress::kFailed}};
constexpr std::array kActivityStatuses{Status{"ACTIVITY_STATUS_PROCESSING", Progress::kUnderWay},
                                       Status{"ACTIVITY_STATUS_COMPLETED", Progress::kDone},
                                       Status{"ACTIVITY_STATUS_CANCELLED", Progress::kFailed},
                                       Status{"ACTIVITY_STATUS_EXPIRED", Progress::kFailed},
                                       Status{"ACTIVITY_STATUS_REJECTED", Progress::kFailed},
                                       Status{"ACTIVITY_STATUS_FAILED", Progress::kFailed}};
constexpr std::array kValidatorStatuses{Status{"VALIDATOR_STATUS_PENDING", Progress::kUnderWay},
                                        Status{"VALIDATOR_STATUS_ACTIVE", Progress::kDone},
                                        Status{"VALIDATOR_STATUS_EXITING", Progress::kDone},
                                        Status{"VALIDATOR_STATUS_EXITED", Progress::kDone},
                                        Status{"VALIDATOR_STATUS_WITHDRAWN", Progress::kDone}};

template <std::size_t N>
void set_status(Record& record, const std::array<Status, N>& known, std::string_view start,
                const std::string& word, const std::string& subject, Evidence& evidence) {
  record.status = word;
  std::string_view bare = word;
  if (bare.starts_with(start)) bare.remove_prefix(start.size());
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Status& status) { return status.word == bare; });
  record.progress = found == known.end() ? Progress::kUnknown : found->progress;
  if (found == known.end())
    evidence.raise({"unknown_status", subject, "the status '" + word + "' is not documented"});
}

/// What a type of transaction does to the balance of its wallet; staking moves coins between states only.
enum class Effect { kIn, kOut, kNone, kUnknown };
struct Type {
  std::string_view word;
  Effect effect;
  bool is_transfer = false;
  bool is_reward = false;
  bool is_stake = false;
};
constexpr std::array kTypes{Type{"DEPOSIT", Effect::kIn, true},
                            Type{"WITHDRAWAL", Effect::kOut, true},
                            Type{"INTERNAL_DEPOSIT", Effect::kIn, true},
                            Type{"INTERNAL_WITHDRAWAL", Effect::kOut, true},
                            Type{"SWEEP_DEPOSIT", Effect::kIn},
                            Type{"SWEEP_WITHDRAWAL", Effect::kOut},
                            Type{"PROXY_DEPOSIT", Effect::kIn},
                            Type{"PROXY_WITHDRAWAL", Effect::kOut},
                            Type{"COINBASE_DEPOSIT", Effect::kIn},
                            Type{"COINBASE_REFUND", Effect::kIn},
                            Type{"BILLING_WITHDRAWAL", Effect::kOut},
                            Type{"DEPOSIT_ADJUSTMENT", Effect::kIn},
                            Type{"WITHDRAWAL_ADJUSTMENT", Effect::kOut},
                            Type{"REWARD", Effect::kIn, false, true},
                            Type{"CLAIM_REWARDS", Effect::kNone, false, false, true},
                            Type{"SLASH", Effect::kOut, false, false, true},
                            Type{"DELEGATION", Effect::kNone, false, false, true},
                            Type{"UNDELEGATION", Effect::kNone, false, false, true},
                            Type{"RESTAKE", Effect::kNone, false, false, true},
                            Type{"COMPLETE_UNBONDING", Effect::kNone, false, false, true},
                            Type{"WITHDRAW_UNBONDED", Effect::kNone, false, false, true},
                            Type{"STAKE", Effect::kNone, false, false, true},
                            Type{"UNSTAKE", Effect::kNone, false, false, true},
                            Type{"PORTFOLIO_STAKE", Effect::kNone, false, false, true},
                            Type{"PORTFOLIO_UNSTAKE", Effect::kNone, false, false, true},
                            Type{"STAKE_ACCOUNT_CREATE", Effect::kNone, false, false, true},
                            Type{"CHANGE_VALIDATOR", Effect::kNone, false, false, true},
                            Type{"KEY_REGISTRATION", Effect::kNone},
                            Type{"REMOVE_AUTHORIZED_PARTY", Effect::kNone},
                            Type{"STAKE_AUTHORIZE_WITH_SEED", Effect::kNone},
                            Type{"VOTE_AUTHORIZE", Effect::kNone},
                            Type{"CONVERSION", Effect::kUnknown},
                            Type{"WEB3_TRANSACTION", Effect::kUnknown},
                            Type{"ONCHAIN_TRANSACTION", Effect::kUnknown},
                            Type{"TRANSACTION_TYPE_OTHER", Effect::kUnknown}};

std::string asset_in(const ForeignObject& row, std::string_view key) {
  std::string asset = row.text(key);
  const auto name = model::AssetId::parse(asset);
  if (name.has_error()) throw base::Refused(name.error().within(row.path_of(key)));
  return asset;
}

std::string first_chain_id(const ForeignObject& row) {
  if (!row.has("blockchain_ids")) return {};
  const json::Value& ids = *row.value().find("blockchain_ids");
  if (ids.kind() != json::Kind::kArray) base::refuse(row.path_of("blockchain_ids"), "must be a list");
  for (const json::Value& id : ids.as_array()) {
    if (id.kind() != json::Kind::kString) base::refuse(row.path_of("blockchain_ids"), "must hold texts");
    return id.as_string();
  }
  return {};
}

/// Amounts of what goes out come with a sign or without.
money::Decimal size_of(const ForeignObject& row, const std::string& asset) {
  return row.signed_amount("amount", asset).abs();
}

Record transfer_record(const ForeignObject& row, const Record& line, Direction direction) {
  Transfer transfer;
  transfer.id = line.key;
  transfer.direction = direction;
  transfer.asset = line.asset;
  transfer.amount = size_of(row, line.asset);
  const std::string fee_asset = row.text_or("fee_symbol", line.asset);
  transfer.fee_asset = fee_asset.empty() ? line.asset : fee_asset;
  transfer.fee = row.optional_amount("network_fees", transfer.fee_asset);
  const auto place = row.optional_object(direction == Direction::kIn ? "transfer_from" : "transfer_to");
  if (place) {
    transfer.address = place->text_or("address", "");
    if (transfer.address.empty()) transfer.address = place->text_or("value", "");
    const std::string tag = place->text_or("account_identifier", "");
    if (!tag.empty()) transfer.address += "?" + tag;
  }
  if (const auto network = row.optional_object("network_info")) transfer.network = network->text_or("id", "");
  if (transfer.network.empty()) transfer.network = row.text_or("network", "");
  transfer.transaction_id = first_chain_id(row);
  transfer.client_id = row.text_or("idempotency_key", "");
  transfer.account = row.id("wallet_id");
  transfer.created_at = line.at;
  transfer.completed_at = row.optional_instant("completed_at");
  Record record = line;
  record.kind = RecordKind::kTransfer;
  record.amount = direction == Direction::kIn ? transfer.amount : -transfer.amount;
  record.document = transfer_document(transfer, row.value());
  return record;
}

Record reward_record(const ForeignObject& row, const Record& line) {
  Reward reward;
  reward.id = line.key;
  reward.staked_asset = reward.asset = line.asset;
  reward.amount = size_of(row, line.asset);
  if (const auto metadata = row.optional_object("metadata")) {
    if (const auto about = metadata->optional_object("reward_metadata"))
      reward.type = about->text_or("subtype", "");
  }
  reward.account = row.id("wallet_id");
  reward.at = row.optional_instant("completed_at").value_or(line.at);
  Record record = line;
  record.kind = RecordKind::kReward;
  record.amount = reward.amount;
  record.document = reward_document(reward, row.value());
  return record;
}

/// The side of a type that asks for a stake or for its end; empty: it does neither (rewards that are claimed,
/// a change of validator).
std::string_view stake_side(std::string_view type) {
  if (type == "STAKE" || type == "PORTFOLIO_STAKE" || type == "DELEGATION") return "stake";
  if (type == "UNSTAKE" || type == "PORTFOLIO_UNSTAKE" || type == "UNDELEGATION") return "unstake";
  return {};
}

Transaction transaction_of(const ForeignObject& row, const std::string& portfolio, Evidence& evidence) {
  if (const std::string said = row.text("portfolio_id"); said != portfolio)
    throw NotBelievable("wrong_account", row.path_of("portfolio_id") + " is " + said + ", not " + portfolio);
  Record line;
  line.kind = RecordKind::kLedgerLine;
  line.key = row.id("id");
  line.at = row.instant("created_at");
  line.updated_at = std::max(line.at, row.optional_instant("completed_at").value_or(line.at));
  line.asset = row.id("symbol");  // whatever its name is: it is kept, and no balance is of it
  line.account = row.text_or("wallet_id", "");
  set_status(line, kTransactionStatuses, kStatusStart, row.text("status"), "transaction " + line.key,
             evidence);
  line.document = row_document(row.value());
  const std::string word = row.text("type");
  const auto type =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& known) { return known.word == word; });
  const money::Decimal amount = size_of(row, line.asset);
  if (type == kTypes.end()) {
    evidence.raise({"unknown_type", "transaction " + line.key, "the type '" + word + "' is not documented"});
    return {line, std::nullopt, std::nullopt, std::nullopt};
  }
  if (type->effect == Effect::kIn) line.amount = amount;
  if (type->effect == Effect::kOut) line.amount = -amount;
  if (type->effect == Effect::kNone) line.amount = money::Decimal();
  if (word.ends_with("_ADJUSTMENT"))
    evidence.raise({"adjustment", "transaction " + line.key,
                    line.amount->to_string() + " " + line.asset + " were adjusted by the custodian"});
  Transaction made{line, std::nullopt, std::nullopt, std::nullopt};
  if (type->is_transfer)
    made.transfer =
        transfer_record(row, line, type->effect == Effect::kIn ? Direction::kIn : Direction::kOut);
  if (type->is_reward) made.reward = reward_record(row, line);
  if (type->is_stake) {
    made.stake = line;
    made.stake->kind = RecordKind::kStake;
    made.stake->amount = amount;
    if (const auto side = stake_side(word); !side.empty())
      made.stake->document = stake_document(side, row.id("wallet_id"), row.value());
  }
  return made;
}

}  // namespace

Page read_page(const json::Value& answer) {
  const auto page = ForeignObject(answer, "").optional_object("pagination");
  if (!page) return {};
  Page read{page->text_or("next_cursor", ""), page->has("has_next") && page->boolean("has_next")};
  if (read.next_cursor.size() > ForeignObject::kIdBytesMax)
    base::refuse(page->path_of("next_cursor"), "is longer than any cursor");
  if (read.has_next && read.next_cursor.empty())
    base::refuse(page->path_of("next_cursor"), "is empty though there is a next page");
  return read;
}

std::vector<std::string> read_portfolios(const json::Value& answer) {
  std::vector<std::string> ids;
  for (const ForeignObject& row : ForeignObject(answer, "").list("portfolios")) ids.push_back(row.id("id"));
  return ids;
}

std::vector<Wallet> read_wallets(const json::Value& answer) {
  std::vector<Wallet> wallets;
  for (const ForeignObject& row : ForeignObject(answer, "").list("wallets")) {
    Wallet wallet;
    wallet.id = row.id("id");
    wallet.type = row.text_or("type", "");
    if (row.has("symbol") && !row.text("symbol").empty()) wallet.symbol = row.id("symbol");
    wallet.record.kind = RecordKind::kWallet;
    wallet.record.key = wallet.id;
    wallet.record.asset = wallet.symbol;
    wallet.record.status = wallet.type;
    wallet.record.document = row_document(row.value());
    wallets.push_back(std::move(wallet));
  }
  return wallets;
}

Balance read_balance(const ForeignObject& row, const Balance& pattern) {
  const std::string asset = asset_in(row, "symbol");
  const AssetRule* const rule = asset_rule(asset);
  Balance balance = pattern;
  balance.asset = model::AssetId::literal(asset);
  balance.scale = rule == nullptr ? kScaleOfOthers : rule->decimals_max;
  balance.total = row.amount("amount", asset);
  balance.held = row.optional_amount("holds", asset);
  balance.available = row.optional_amount("withdrawable_amount", asset);
  balance.staked = row.optional_amount("bonded_amount", asset);
  balance.unbonding = row.optional_amount("unbonding_amount", asset);
  balance.reserved = row.optional_amount("reserved_amount", asset);
  balance.rewards_pending = row.optional_amount("pending_rewards_amount", asset);
  balance.claimable = row.optional_amount("claimable_rewards_amount", asset);
  balance.realised = row.optional_amount("past_rewards_amount", asset);
  if (auto broken = broken_balance_rule(balance))
    throw NotBelievable("wrong_amount", broken->within(row.path() + " " + asset).message());
  return balance;
}

Balance read_wallet_balance(const json::Value& answer, const Wallet& wallet, const Balance& pattern) {
  const ForeignObject row = ForeignObject(answer, "").object("balance");
  Balance balance = read_balance(row, pattern);
  if (!wallet.symbol.empty() && balance.asset.value() != wallet.symbol)
    base::refuse(row.path_of("symbol"),
                 "is " + balance.asset.value() + ", the wallet holds " + wallet.symbol);
  return balance;
}

std::vector<std::pair<std::string, money::Decimal>> read_portfolio_totals(const json::Value& answer,
                                                                          Evidence& evidence) {
  std::vector<std::pair<std::string, money::Decimal>> totals;
  for (const ForeignObject& row : ForeignObject(answer, "").list("balances")) {
    if (!is_read_coin(row.text("symbol"), "the portfolio", evidence)) continue;
    const Balance balance = read_balance(row, {});
    if (!balance.total->is_zero()) totals.emplace_back(balance.asset.value(), *balance.total);
  }
  std::sort(totals.begin(), totals.end());
  const auto twice = std::adjacent_find(totals.begin(), totals.end(),
                                        [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice != totals.end()) base::refuse("balances", twice->first + " stands twice in the answer");
  return totals;
}

bool is_replaced(std::string_view status) {
  if (status.starts_with(kStatusStart)) status.remove_prefix(kStatusStart.size());
  return status == kRetried;
}

std::vector<Transaction> read_transactions(const json::Value& answer, const std::string& portfolio,
                                           Evidence& evidence) {
  std::vector<Transaction> transactions;
  for (const ForeignObject& row : ForeignObject(answer, "").list("transactions"))
    transactions.push_back(transaction_of(row, portfolio, evidence));
  return transactions;
}

std::vector<Record> read_activities(const json::Value& answer, Evidence& evidence) {
  std::vector<Record> records;
  for (const ForeignObject& row : ForeignObject(answer, "").list("activities")) {
    Record record;
    record.kind = RecordKind::kActivity;
    record.key = row.id("id");
    record.at = row.instant("created_at");
    record.updated_at = std::max(record.at, row.optional_instant("updated_at").value_or(record.at));
    set_status(record, kActivityStatuses, "", row.text("status"), "activity " + record.key, evidence);
    record.document = row_document(row.value());
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Record> read_staking_status(const json::Value& answer, const std::string& portfolio,
                                        const Wallet& wallet) {
  const ForeignObject status(answer, "");
  if (status.text("portfolio_id") != portfolio)
    throw NotBelievable("wrong_account",
                        "portfolio_id is " + status.text("portfolio_id") + ", not " + portfolio);
  if (status.text("wallet_id") != wallet.id)
    throw NotBelievable("wrong_account", "wallet_id is " + status.text("wallet_id") + ", not " + wallet.id);
  std::vector<Record> records;
  for (const ForeignObject& row : status.list("validators")) {
    Record record;
    record.kind = RecordKind::kValidator;
    record.key = "activating:" + wallet.id + ":" + row.id("validator_address");
    record.asset = wallet.symbol;
    record.progress = Progress::kUnderWay;
    record.status = "ACTIVATING";
    money::Decimal sum;
    for (const ForeignObject& part : row.list("statuses")) sum += part.amount("amount", wallet.symbol);
    record.amount = sum;
    record.document = row_document(row.value());
    records.push_back(std::move(record));
  }
  return records;
}

std::vector<Record> read_transaction_validators(const json::Value& answer, Evidence& evidence) {
  std::vector<Record> records;
  for (const ForeignObject& row : ForeignObject(answer, "").list("transaction_validators")) {
    Record record;
    record.kind = RecordKind::kValidator;
    record.key = row.id("transaction_id") + ":" + row.id("validator_address");
    record.asset = "ETH";
    set_status(record, kValidatorStatuses, "", row.text("validator_status"), "validator " + record.key,
               evidence);
    record.document = row_document(row.value());
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace navkeeper::custody::prime
