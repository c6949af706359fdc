#include "services/custody/adapters/account_history.h"

#include <algorithm>

#include "services/custody/adapters/record_json.h"
#include "services/custody/domain/chains/own_address.h"

namespace navkeeper::custody {
namespace {

bool is_of(const std::string& said, const std::string& account, bool is_only) {
  return said.empty() ? is_only : said == account;
}

time::Instant moved_at(const StoredTransfer& stored) {
  const auto& completed_at = stored.transfer.completed_at;
  const auto& done_since = stored.state.done_since;
  if (!done_since) return completed_at.value_or(stored.state.record.at);
  return std::min(completed_at.value_or(*done_since), *done_since);
}

money::Decimal times(const money::Decimal& amount, int count) {
  money::Decimal sum;
  for (int i = 0; i < count; ++i) sum += amount;
  return sum;
}

}  // namespace

bool is_settled(const RecordState& state) {
  return state.standing == Standing::kSure && state.record.progress == Progress::kDone;
}

AccountHistory load_history(CustodyStore& store, const model::FundId& fund, const std::string& source,
                            time::Instant from, const CustodyQuery& query) {
  AccountHistory history;
  history.source = source;
  history.told_until = store.whole_until(fund, source, RecordKind::kTransfer);
  history.tells_transfers = history.told_until.has_value();
  for (RecordState& state : store.records(fund, source, RecordKind::kTransfer, from, query)) {
    auto transfer = transfer_of(state.record);
    if (transfer) history.transfers.push_back({*std::move(transfer), std::move(state)});
  }
  for (RecordState& state : store.records(fund, source, RecordKind::kReward, from, query)) {
    auto reward = reward_of(state.record);
    if (reward) history.rewards.push_back({*std::move(reward), std::move(state)});
  }
  if (chain_of_source(source)) {
    for (const RecordState& state :
         store.records(fund, source, RecordKind::kNetwork, time::Instant::earliest(), query)) {
      if (state.record.key == listed_key(state.record.asset))
        history.listed_since.emplace(state.record.asset, state.record.at);
    }
  }
  for (const RecordKind kind : {RecordKind::kStake, RecordKind::kLedgerLine}) {
    for (RecordState& state : store.records(fund, source, kind, from, query))
      history.others.push_back(std::move(state));
  }
  return history;
}

bool is_listed(const AccountHistory& history, const std::string& asset, time::Instant since) {
  const auto chain = chain_of_source(history.source);
  if (!chain || asset == native_asset(*chain)) return true;
  const auto listed = history.listed_since.find(asset);
  return listed != history.listed_since.end() && listed->second <= since;
}

std::vector<Flow> flows_of(const AccountHistory& history, const std::string& account,
                           const std::string& asset, bool is_only) {
  std::vector<Flow> flows;
  for (const StoredTransfer& stored : history.transfers) {
    const Transfer& transfer = stored.transfer;
    const RecordState& state = stored.state;
    if (state.record.progress == Progress::kFailed || !is_of(transfer.account, account, is_only)) continue;
    const bool out = transfer.direction == Direction::kOut;
    const time::Instant at = moved_at(stored);
    if (transfer.asset == asset)
      flows.push_back({out ? FlowKind::kOut : FlowKind::kIn, state.record.key,
                       times(transfer.amount, state.count), at, is_settled(state)});
    const std::string& fee_asset = transfer.fee_asset.empty() ? transfer.asset : transfer.fee_asset;
    if (out && transfer.fee && !transfer.fee->is_zero() && fee_asset == asset)
      flows.push_back({FlowKind::kFee, state.record.key + " fee", times(*transfer.fee, state.count), at,
                       is_settled(state)});
  }
  for (const StoredReward& stored : history.rewards) {
    const Reward& reward = stored.reward;
    if (reward.asset != asset || stored.state.record.progress == Progress::kFailed ||
        !is_of(reward.account, account, is_only))
      continue;
    flows.push_back({FlowKind::kReward, stored.state.record.key, times(reward.amount, stored.state.count),
                     reward.at, is_settled(stored.state)});
  }
  if (!is_only) return flows;  // their records name no account
  for (const RecordState& state : history.others) {
    const auto converted = conversion_of(state.record);
    if (!converted || state.record.progress == Progress::kFailed) continue;
    const Record& record = state.record;
    if (converted->given_asset == asset)
      flows.push_back({FlowKind::kOut, record.key, converted->given, record.at, is_settled(state)});
    if (converted->received_asset == asset && converted->received)
      flows.push_back({FlowKind::kIn, record.key, *converted->received, record.at, is_settled(state)});
  }
  return flows;
}

std::vector<TransferFact> facts_of(const AccountHistory& history, const std::vector<std::string>& own) {
  std::vector<TransferFact> facts;
  for (const StoredTransfer& stored : history.transfers) {
    const Transfer& transfer = stored.transfer;
    const Record& record = stored.state.record;
    if (record.progress == Progress::kFailed) continue;
    TransferFact fact;
    fact.side = chain_of_source(history.source) ? Side::kChain : Side::kCustodian;
    fact.source = history.source;
    fact.id = record.key;
    fact.account = transfer.account;
    fact.direction = transfer.direction;
    fact.asset = transfer.asset;
    fact.amount = times(transfer.amount, stored.state.count);
    if (transfer.fee && (transfer.fee_asset.empty() || transfer.fee_asset == transfer.asset))
      fact.fee = transfer.fee;
    if (transfer.direction == Direction::kOut ||
        std::find(own.begin(), own.end(), transfer.address) != own.end())
      fact.address = transfer.address;
    fact.transaction_id = transfer.transaction_id;
    fact.at = moved_at(stored);
    fact.progress = record.progress;
    fact.standing = stored.state.standing;
    facts.push_back(std::move(fact));
  }
  return facts;
}

}  // namespace navkeeper::custody
