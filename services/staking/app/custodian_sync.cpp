#include "services/staking/app/custodian_sync.h"

#include <algorithm>
#include <map>

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

constexpr int kCoinDecimals = 18;  ///< finest unit of a coin behind a token
constexpr std::string_view kConversion = "CONVERT:";
constexpr std::string_view kStakeSide = "STAKE:";
constexpr std::string_view kUnstakeSide = "UNSTAKE:";
constexpr std::string_view kRate = "conversion_rate:";

class CustodianSync {
 public:
  CustodianSync(const CustodianWord& word, const CustodianQuestion& question)
      : word_(word), question_(question) {}

  SyncResult run() {
    for (const CustodianBalance& balance : word_.balances) mark_.at = std::max(mark_.at, balance.as_of);
    PositionReading staked{Chain::kCustodian, question_.source, mark_, true, {}, {}};
    PositionReading tokens{Chain::kLiquid, question_.source, mark_, true, {}, {}};
    for (const CustodianBalance& balance : word_.balances) {
      const auto policy = std::find_if(question_.tokens.begin(), question_.tokens.end(),
                                       [&](const TokenPolicy& each) { return each.asset == balance.asset; });
      if (policy == question_.tokens.end())
        custodian(balance, staked);
      else
        token(balance, *policy, tokens);
    }
    rewards();
    for (const PositionReading& reading : {staked, tokens}) {
      if (reading.positions.empty() && last(reading.chain) == nullptr) continue;
      roll_forwards(reading);
      result_.readings.push_back(reading);
    }
    return std::move(result_);
  }

 private:
  const PositionReading* last(Chain chain) const {
    for (const StoredReading& stored : question_.last) {
      if (stored.reading.chain == chain) return &stored.reading;
    }
    return nullptr;
  }

  Decimal last_amount(const PositionKey& key, PositionState state) const {
    Decimal sum;
    const PositionReading* const reading = last(key.chain);
    if (reading == nullptr) return sum;
    for (const Position& position : reading->positions) {
      if (position.key == key && position.state == state) sum += position.amount;
    }
    return sum;
  }

  PositionKey key_of(Chain chain, const CustodianBalance& balance) const {
    return {chain, question_.source, balance.account, balance.asset};
  }

  static void add(PositionReading& reading, const PositionKey& key, PositionState state,
                  const std::optional<Decimal>& amount, std::string detail, std::string part = {},
                  std::optional<time::Instant> due = {}) {
    if (amount && amount->is_positive())
      reading.positions.push_back({key, state, std::move(part), *amount, due, false, std::move(detail)});
  }

  void custodian(const CustodianBalance& balance, PositionReading& reading) {
    const PositionKey key = key_of(Chain::kCustodian, balance);
    const std::string word = "by the custodian's word alone";
    add(reading, key, PositionState::kActive, balance.staked, word);
    add(reading, key, PositionState::kPending, balance.activating, word);
    Decimal listed;
    for (std::size_t i = 0; i < balance.unbonding_entries.size(); ++i) {
      const auto& [amount, due] = balance.unbonding_entries[i];
      add(reading, key, PositionState::kUnbonding, amount, word, std::to_string(i), due);
      listed += amount;
    }
    if (balance.unbonding && *balance.unbonding > listed)
      add(reading, key, PositionState::kUnbonding, *balance.unbonding - listed, word + ", no due date");
    add(reading, key, PositionState::kClaimable, balance.claimable, word);
    add(reading, key, PositionState::kContingent, balance.rewards_pending, "earned and not yet the account's",
        "rewards_pending");
  }

  /// The newest rate that custody has; nothing where there is none.
  std::optional<Decimal> rate_of(const TokenPolicy& policy) const {
    const CustodianRecord* newest = nullptr;
    for (const CustodianRecord& record : word_.terms) {
      if (record.key == std::string(kRate) + policy.asset.value() &&
          (newest == nullptr || record.at >= newest->at))
        newest = &record;
    }
    if (newest != nullptr) return newest->amount;
    return policy.kind == TokenKind::kRebasing ? std::optional(Decimal::of(1)) : std::nullopt;
  }

  std::optional<Decimal> last_rate(const TokenPolicy& policy) const {
    std::optional<Decimal> found;
    for (const ParameterReading& reading : question_.known_rates) {
      if (reading.source == question_.source && reading.name == "rate." + policy.asset.value())
        found = Decimal::literal(reading.value);
    }
    return found;
  }

  /// Units that came or went between the last reading and this one, and the coins behind them then.
  TokenChange moved(const TokenPolicy& policy, time::Instant from, const Decimal& rate) const {
    TokenChange change;
    const auto count = [&](const CustodianRecord& record, const Decimal& units) {
      if (record.asset != policy.asset.value() || record.progress != "done" || record.at <= from ||
          record.at > mark_.at)
        return;
      (units.is_negative() ? change.sold : change.bought) += units.abs();
      (units.is_negative() ? change.sold_coins : change.bought_coins) += units.abs() * rate;
    };
    for (const CustodianRecord& record : word_.transfers) count(record, record.amount);
    for (const CustodianRecord& record : word_.stakes) {
      if (record.key.starts_with(kConversion)) count(record, -record.amount);
    }
    return change;
  }

  void token(const CustodianBalance& balance, const TokenPolicy& policy, PositionReading& reading) {
    const PositionKey key = key_of(Chain::kLiquid, balance);
    const Decimal units = balance.owned.value_or(Decimal{});
    const auto rate = rate_of(policy);
    std::string detail = std::string(describe(policy.kind));
    if (!rate) {
      detail += ", no rate is known";
      result_.alerts.push_back(
          {question_.source, "no_rate", policy.asset.value(), "custody has no conversion rate"});
      add(reading, key, PositionState::kActive, units, detail);
      return;
    }
    if (const auto checked = check_rate(*rate, policy.bounds); checked.has_error())
      throw base::Refused(checked.error().within(policy.asset.value()));
    const auto before = last_rate(policy);
    if (!before || *before != *rate)
      result_.parameters.push_back(
          {Chain::kLiquid, question_.source, "rate." + policy.asset.value(), rate->to_string(), mark_});
    detail += ", rate " + rate->to_string() + " " + policy.coin.value() + ", worth " +
              money::multiply(units, *rate, kCoinDecimals, money::Rounding::kDown).to_string();
    if (const PositionReading* const past = last(Chain::kLiquid)) {
      const TokenYield yield =
          token_yield(policy.kind, {last_amount(key, PositionState::kActive), before.value_or(*rate)},
                      {units, *rate}, moved(policy, past->mark.at, *rate));
      if (policy.kind == TokenKind::kRebasing && !yield.income_coins.is_zero())
        rebase(key, yield.income_coins);
      if (policy.kind == TokenKind::kValueAccruing) {
        detail += ", economic gain " + yield.economic_coins().to_string() + " unrealised since " +
                  past->mark.at.to_string();
        if (!yield.unexplained_units.is_zero())
          result_.alerts.push_back({question_.source, "units_unexplained", policy.asset.value(),
                                    yield.unexplained_units.to_string() +
                                        " units came or went by no transfer or conversion up to " +
                                        mark_.at.to_string()});
      }
    }
    add(reading, key, PositionState::kActive, units, detail);
    redemptions(policy, key, *rate, reading);
  }

  /// A rebase down is a loss of the stake.
  void rebase(const PositionKey& key, const Decimal& units) {
    const EventKind kind = units.is_negative() ? EventKind::kSlashing : EventKind::kRewardRebase;
    StakingEvent event{{}, key, kind, units.abs(), mark_, "units by rebase"};
    event.id = event_id(key, kind, 0, key.asset.value() + "/" + mark_.at.to_string());
    result_.events.push_back(std::move(event));
  }

  void redemptions(const TokenPolicy& policy, const PositionKey& key, const Decimal& rate,
                   PositionReading& reading) {
    for (const CustodianRecord& record : word_.stakes) {
      if (!record.key.starts_with(kConversion) || record.asset != policy.asset.value() ||
          record.progress != "under_way")
        continue;
      Redemption redemption{record.key,
                            record.amount,
                            record.at,
                            {},
                            policy.redemption_slashable,
                            {},
                            RedemptionStage::kRequested,
                            {}};
      if (policy.redemption_rate_fixed) redemption.fixed_rate = rate;
      if (policy.redemption_days)
        redemption.due_at = record.at + time::Duration::hours(std::int64_t{24} * *policy.redemption_days);
      add(reading, key, PositionState::kRedeeming, record.amount,
          terms_of(redemption) + "; worth " + redemption_worth(redemption, rate, kCoinDecimals).to_string() +
              " " + policy.coin.value(),
          record.key, redemption.due_at);
    }
  }

  /// Rewards in staked coins raise the stake; paid out in free ones they do not, and are income all the same.
  void rewards() {
    for (const CustodianRecord& record : word_.rewards) {
      const auto account = account_of(record.asset);
      if (!account || !record.amount.is_positive()) continue;
      const PositionKey key{Chain::kCustodian, question_.source, account->account, account->asset};
      StakingEvent event{{},
                         key,
                         EventKind::kRewardCustodian,
                         record.amount * Decimal::of(record.count),
                         {0, {}, record.at},
                         "paid in " + record.asset};
      event.id = event_id(key, event.kind, 0, record.key);
      result_.events.push_back(std::move(event));
    }
  }

  /// Whose stake a reward of "CRO.staked" or "CRO" belongs to.
  const CustodianBalance* account_of(const std::string& asset) const {
    const std::string coin = asset.substr(0, asset.find('.'));
    for (const CustodianBalance& balance : word_.balances) {
      if (balance.asset.value() == coin && balance.staked) return &balance;
    }
    return nullptr;
  }

  void roll_forwards(const PositionReading& reading) {
    const PositionReading* const past = last(reading.chain);
    if (past == nullptr) return;
    std::map<PositionKey, Decimal> closing;
    for (const PositionReading* each : {past, &reading}) {
      for (const Position& position : each->positions) {
        if (position.state == PositionState::kActive) closing[position.key] = {};
      }
    }
    for (const Position& position : reading.positions) {
      if (position.state == PositionState::kActive) closing[position.key] += position.amount;
    }
    for (const auto& [key, amount] : closing) {
      RollForward roll{key,
                       Account::kStake,
                       past->mark,
                       reading.mark,
                       last_amount(key, PositionState::kActive),
                       lines(key, past->mark.at),
                       amount};
      result_.roll_forwards.push_back(std::move(roll));
    }
  }

  std::vector<RollForwardLine> lines(const PositionKey& key, time::Instant from) const {
    std::map<EventKind, Decimal> sums;
    for (const StakingEvent& event : result_.events) {
      if (event.key == key && event.mark.at > from && event.mark.at <= mark_.at &&
          event.type_detail != "paid in " + key.asset.value())
        sums[event.kind] += event.amount;
    }
    const auto count = [&](const CustodianRecord& record, std::string_view side, EventKind kind) {
      if (record.key.starts_with(side) && record.asset == key.asset.value() && record.progress == "done" &&
          record.at > from && record.at <= mark_.at)
        sums[kind] += record.amount.abs();
    };
    for (const CustodianRecord& record : word_.stakes) {
      count(record, kStakeSide, EventKind::kStakeIn);
      count(record, kUnstakeSide, EventKind::kStakeOut);
      count(record, kConversion, EventKind::kStakeOut);
    }
    if (key.chain == Chain::kLiquid) {
      for (const CustodianRecord& record : word_.transfers)
        count(record, "", record.amount.is_negative() ? EventKind::kStakeOut : EventKind::kStakeIn);
    }
    std::vector<RollForwardLine> all;
    all.reserve(sums.size());
    for (const auto& [kind, amount] : sums) all.push_back({kind, amount});
    return all;
  }

  const CustodianWord& word_;
  const CustodianQuestion& question_;
  StateMark mark_;
  SyncResult result_;
};

}  // namespace

SyncResult sync_custodian_staking(const CustodianWord& word, const CustodianQuestion& question) {
  for (const StoredReading& stored : question.last) {
    for (const CustodianBalance& balance : word.balances) {
      if (balance.as_of < stored.reading.mark.at && balance.staked)
        base::refuse(question.custody_source,
                     "custody's newest balance of " + balance.account + " is older than the last reading");
    }
  }
  return CustodianSync(word, question).run();
}

}  // namespace navkeeper::staking
