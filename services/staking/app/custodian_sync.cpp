#include "services/staking/app/custodian_sync.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

constexpr int kCoinDecimals = 18;  ///< finest unit of a coin behind a token
constexpr std::string_view kConversion = "CONVERT:";
constexpr std::string_view kStakeSide = "STAKE:";
constexpr std::string_view kUnstakeSide = "UNSTAKE:";
constexpr std::string_view kRate = "conversion_rate:";
/// Parameters of ours: when the first reading was taken, and which requests were under way then.
constexpr const char* kRecordBegan = "record_began";
constexpr const char* kOpenThen = "open_then.";
/// Of a token's conversion that was seen under way: whether the custodian counts its units until it is done;
/// and of one that failed, that they came back.
constexpr const char* kUnderWay = "conversion.";
constexpr const char* kBack = "conversion_back.";
constexpr const char* kCounted = "counted";
constexpr const char* kGone = "gone";
constexpr std::string_view kDone = "done";
constexpr std::string_view kFailed = "failed";

class CustodianSync {
 public:
  CustodianSync(const CustodianWord& word, const CustodianQuestion& question)
      : word_(word), question_(question) {}

  SyncResult run() {
    for (const CustodianBalance& balance : word_.balances) mark_.at = std::max(mark_.at, balance.as_of);
    find_beginning();
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
    begin_record();
    rewards();
    stakes();
    conversions(staked);
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
    for (const ParameterReading& reading : question_.known_parameters) {
      if (reading.source == question_.source && reading.name == "rate." + policy.asset.value())
        found = Decimal::literal(reading.value);
    }
    return found;
  }

  /// How the custodian counts a token's conversion that was seen under way; "": it was not.
  std::string counted_as(const CustodianRecord& record) const {
    const auto seen = under_way_.find(record.key);
    if (seen != under_way_.end()) return seen->second;
    const ParameterReading* const known = parameter(kUnderWay + record.key);
    return known == nullptr ? "" : known->value;
  }

  /// Units that a conversion which was seen under way took from the free ones since the last reading, or gave
  /// back; nothing: it was not seen so.
  std::optional<Decimal> taken(const CustodianRecord& record) const {
    if (under_way_.contains(record.key)) return record.amount.abs();
    if (parameter(kUnderWay + record.key) == nullptr) return std::nullopt;
    const bool came_back = record.progress == kFailed && parameter(kBack + record.key) == nullptr;
    return came_back ? -record.amount.abs() : Decimal{};
  }

  /// Of a token's conversions, which are no longer among its free units once they are under way: no document
  /// says whether the custodian's balance has them until they are done. What the balance did when they were
  /// first seen says it; before a first reading nothing does, and they count nowhere, as a coin's.
  void find_under_way(const TokenPolicy& policy, const PositionKey& key, const Decimal& units) {
    std::vector<const CustodianRecord*> fresh;
    Decimal asked, counted;
    for (const CustodianRecord& record : word_.stakes) {
      if (!record.key.starts_with(kConversion) || record.asset != policy.asset.value() ||
          record.at > mark_.at)
        continue;
      const std::string known = counted_as(record);
      if (record.progress == kFailed && !known.empty() && parameter(kBack + record.key) == nullptr)
        result_.parameters.push_back({Chain::kLiquid, question_.source, kBack + record.key, "failed", mark_});
      if (is_over(record)) continue;
      if (known == kCounted) counted += record.amount.abs();
      if (!known.empty()) continue;
      fresh.push_back(&record);
      asked += record.amount.abs();
    }
    if (fresh.empty()) return;
    const PositionReading* const past = last(Chain::kLiquid);
    bool is_gone = true;
    if (past != nullptr) {
      const TokenChange change = moved(policy, past->mark.at, Decimal::of(1));
      const Decimal more =
          units - last_amount(key, PositionState::kActive) - counted - change.bought + change.sold;
      is_gone = (more + asked).abs() < more.abs();
    }
    for (const CustodianRecord* const record : fresh) {
      const char* const word = is_gone ? kGone : kCounted;
      result_.parameters.push_back({Chain::kLiquid, question_.source, kUnderWay + record->key, word, mark_});
      under_way_.emplace(record->key, word);
    }
  }

  /// Of what the balance has, what is under way.
  Decimal still_counted(const TokenPolicy& policy) const {
    Decimal sum;
    for (const CustodianRecord& record : word_.stakes)
      if (record.key.starts_with(kConversion) && record.asset == policy.asset.value() &&
          record.at <= mark_.at && !is_over(record) && counted_as(record) == kCounted)
        sum += record.amount.abs();
    return sum;
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
      if (!record.key.starts_with(kConversion)) continue;
      if (const auto units = record.asset == policy.asset.value() ? taken(record) : std::nullopt) {
        (units->is_negative() ? change.bought : change.sold) += units->abs();
        (units->is_negative() ? change.bought_coins : change.sold_coins) += units->abs() * rate;
        continue;
      }
      if (!record.received) count(record, -record.amount);  // when it was done is not known
      if (!is_newly_converted(record)) continue;
      if (record.asset == policy.asset.value()) {
        change.sold += record.amount.abs();
        change.sold_coins += record.amount.abs() * rate;
      }
      if (record.into == policy.asset.value()) {
        change.bought += *record.received;
        change.bought_coins += *record.received * rate;
      }
    }
    return change;
  }

  void token(const CustodianBalance& balance, const TokenPolicy& policy, PositionReading& reading) {
    const PositionKey key = key_of(Chain::kLiquid, balance);
    const Decimal all = balance.owned.value_or(Decimal{});
    find_under_way(policy, key, all);
    const Decimal units = all - still_counted(policy);
    const auto rate = rate_of(policy);
    std::string detail = std::string(describe(policy.kind));
    if (!rate) {
      detail += worth_text(policy.coin.value(), {}, {});
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
    detail += worth_text(policy.coin.value(), rate,
                         money::multiply(units, *rate, kCoinDecimals, money::Rounding::kDown));
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

  /// Without its id. No chain says it: it has no height.
  static StakingEvent of(const PositionKey& key, EventKind kind, const Decimal& amount, time::Instant at,
                         std::string detail) {
    StakingEvent event;
    event.key = key;
    event.kind = kind;
    event.amount = amount;
    event.mark.at = at;
    event.type_detail = std::move(detail);
    return event;
  }

  /// A rebase down is a loss of the stake.
  void rebase(const PositionKey& key, const Decimal& units) {
    const EventKind kind = units.is_negative() ? EventKind::kSlashing : EventKind::kRewardRebase;
    StakingEvent event = of(key, kind, units.abs(), mark_.at, "units by rebase");
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
              " " + policy.coin.value() + (counted_as(record) == kGone ? std::string(kCountedNowhere) : ""),
          record.key, redemption.due_at);
    }
  }

  const ParameterReading* parameter(const std::string& name) const {
    for (const ParameterReading& reading : question_.known_parameters) {
      if (reading.source == question_.source && reading.name == name) return &reading;
    }
    return nullptr;
  }

  static bool is_request(const CustodianRecord& record) {
    return record.key.starts_with(kStakeSide) || record.key.starts_with(kUnstakeSide);
  }

  /// The first reading is what the record opens with: requests that were done are in its positions, those
  /// under way are remembered, for they end later.
  void find_beginning() {
    const ParameterReading* const began = parameter(kRecordBegan);
    const PositionReading* const past = last(Chain::kCustodian);
    began_ = began != nullptr ? began->mark.at : past == nullptr ? mark_.at : past->mark.at;
  }
  void begin_record() {
    if (parameter(kRecordBegan) != nullptr) return;
    result_.parameters.push_back(
        {Chain::kCustodian, question_.source, kRecordBegan, began_.to_string(), mark_});
    for (const CustodianRecord& record : word_.stakes) {
      if ((is_request(record) || record.key.starts_with(kConversion)) && record.at <= began_ &&
          !is_over(record))
        open_then_.insert(record.key);
    }
    for (const std::string& key : open_then_)
      result_.parameters.push_back(
          {Chain::kCustodian, question_.source, kOpenThen + key, "under_way", mark_});
  }

  /// Each step of each request once; failed ones take back what was told of them.
  void stakes() {
    for (const CustodianRecord& record : word_.stakes) {
      const CustodianBalance* const account = account_of(record);
      if (!is_request(record) || account == nullptr || record.at > mark_.at) continue;
      const bool is_stake = record.key.starts_with(kStakeSide);
      const EventKind asked = is_stake ? EventKind::kDepositSubmitted : EventKind::kRedeemRequested;
      const EventKind ended = record.progress != kFailed
                                  ? is_stake ? EventKind::kDepositApplied : EventKind::kRedeemed
                              : is_stake ? EventKind::kStakeReturned
                                         : EventKind::kUnbondingCanceled;
      const PositionKey key{Chain::kCustodian, question_.source, account->account, account->asset};
      bool was_asked = question_.known_events.contains(event_id(key, asked, 0, record.key));
      if (record.at <= began_) {
        was_asked = was_asked || open_then_.contains(record.key) || parameter(kOpenThen + record.key);
        if (!was_asked) continue;  // done when the record began
      } else if (!was_asked && record.progress != kFailed) {
        add_step(key, asked, record, told_since(record.at) ? record.at : mark_.at);
        was_asked = true;
      }
      if (is_over(record) && was_asked) add_step(key, ended, record, mark_.at);
    }
  }

  static bool is_over(const CustodianRecord& record) {
    return record.progress == kDone || record.progress == kFailed;
  }

  /// The balance of an asset by its own name; staked coins are of the coin's.
  const CustodianBalance* balance_of(const std::string& asset) const {
    const std::string coin = asset.substr(0, asset.find('.'));
    for (const CustodianBalance& balance : word_.balances)
      if (balance.asset.value() == coin) return &balance;
    return nullptr;
  }
  PositionKey key_of(const CustodianBalance& balance) const {
    const bool is_token =
        std::any_of(question_.tokens.begin(), question_.tokens.end(),
                    [&](const TokenPolicy& policy) { return policy.asset == balance.asset; });
    return key_of(is_token ? Chain::kLiquid : Chain::kCustodian, balance);
  }

  /// What each conversion did, each step once; staked coins that are under way are positions in flight.
  void conversions(PositionReading& staked) {
    for (const CustodianRecord& record : word_.stakes) {
      if (!record.key.starts_with(kConversion) || record.at > mark_.at) continue;
      const CustodianBalance* const given = balance_of(record.asset);
      if (given == nullptr) continue;
      const PositionKey key = key_of(*given);
      const bool is_coin = key.chain == Chain::kCustodian;
      if (is_coin && !is_over(record))
        add(staked, key, PositionState::kInFlight, record.amount.abs(),
            "conversion under way, by the custodian's word alone", record.key);
      if (record.at <= began_ && !open_then_.contains(record.key) && !parameter(kOpenThen + record.key))
        continue;  // done when the record began
      const bool is_known = record.at <= began_ || question_.known_events.contains(event_id(
                                                       key, EventKind::kConvertRequested, 0, record.key));
      if (is_coin && !is_known && record.progress != kFailed)
        add_step(key, EventKind::kConvertRequested, record, told_since(record.at) ? record.at : mark_.at);
      if (record.progress == kFailed && is_coin && is_known)
        add_step(key, EventKind::kConvertReturned, record, mark_.at);
      if (record.progress == kDone) converted(key, record);
    }
  }

  /// Done, and no reading before told so.
  bool is_newly_converted(const CustodianRecord& record) const {
    if (record.progress != kDone || !record.received || record.at > mark_.at) return false;
    if (record.at <= began_ && !parameter(kOpenThen + record.key)) return false;
    const CustodianBalance* const given = balance_of(record.asset);
    return given != nullptr &&
           !question_.known_events.contains(event_id(key_of(*given), EventKind::kConverted, 0, record.key));
  }

  void converted(const PositionKey& key, const CustodianRecord& record) {
    const CustodianBalance* const taken = record.received ? balance_of(record.into) : nullptr;
    if (taken == nullptr) {
      result_.alerts.push_back({question_.source, "conversion_untold", record.key,
                                "done, and custody does not tell what came of it: it is in no books"});
      return;
    }
    StakingEvent gave = of(key, EventKind::kConverted, record.amount.abs(), mark_.at,
                           taken->asset.value() + " " + record.received->to_string());
    gave.id = event_id(key, gave.kind, 0, record.key);
    const PositionKey to = key_of(*taken);
    StakingEvent came = of(to, EventKind::kConvertedInto, *record.received, mark_.at, record.key);
    came.id = event_id(to, came.kind, 0, record.key);
    for (StakingEvent* const event : {&gave, &came})
      if (!question_.known_events.contains(event->id)) result_.events.push_back(std::move(*event));
  }

  bool told_since(time::Instant at) const {
    const PositionReading* const past = last(Chain::kCustodian);
    return past == nullptr || at > past->mark.at;
  }

  void add_step(const PositionKey& key, EventKind kind, const CustodianRecord& record, time::Instant at) {
    StakingEvent event = of(key, kind, record.amount.abs(), at, record.key);
    event.id = event_id(key, kind, 0, record.key);
    if (!question_.known_events.contains(event.id)) result_.events.push_back(std::move(event));
  }

  /// Rewards in staked coins raise the stake; paid out in free ones they do not, and are income all the same.
  void rewards() {
    for (const CustodianRecord& record : word_.rewards) {
      const CustodianBalance* const account = account_of(record);
      if (!account || !record.amount.is_positive()) continue;
      const PositionKey key{Chain::kCustodian, question_.source, account->account, account->asset};
      StakingEvent event = of(key, EventKind::kRewardCustodian, record.amount * Decimal::of(record.count),
                              record.at, "paid in " + record.asset);
      event.id = event_id(key, event.kind, 0, record.key);
      result_.events.push_back(std::move(event));
    }
  }

  /// Whose stake a record of "CRO.staked" or "CRO" belongs to: the account that it names, else the first that
  /// stakes the coin.
  const CustodianBalance* account_of(const CustodianRecord& record) const {
    const std::string coin = record.asset.substr(0, record.asset.find('.'));
    const CustodianBalance* first = nullptr;
    for (const CustodianBalance& balance : word_.balances) {
      if (balance.asset.value() != coin || !balance.staked) continue;
      if (!record.account.empty() && balance.account == record.account) return &balance;
      if (first == nullptr) first = &balance;
    }
    return first;
  }

  void roll_forwards(const PositionReading& reading) {
    const PositionReading* const past = last(reading.chain);
    if (past == nullptr) return;
    std::map<std::pair<PositionKey, Account>, std::pair<Decimal, Decimal>> amounts;
    const auto sum = [&](const PositionReading& of, Decimal std::pair<Decimal, Decimal>::*side) {
      for (const Position& position : of.positions) {
        const auto account = staking::account_of(reading.chain, position.state);
        // What asks for its way out of a token is shown, and no longer among its free units.
        const bool counts =
            account && (reading.chain == Chain::kCustodian ? *account != Account::kClaimable
                                                           : position.state == PositionState::kActive);
        if (counts) amounts[{position.key, *account}].*side += position.amount;
      }
    };
    sum(*past, &std::pair<Decimal, Decimal>::first);
    sum(reading, &std::pair<Decimal, Decimal>::second);
    if (reading.chain == Chain::kCustodian) {
      for (const StakingEvent& event : result_.events) {
        if (event.key.chain != Chain::kCustodian) continue;
        for (const Account account : {Account::kStake, Account::kPending, Account::kUnbonding}) {
          if (moves(event, account)) amounts.try_emplace({event.key, account});
        }
      }
    }
    for (const auto& [place, sides] : amounts) {
      const auto& [key, account] = place;
      result_.roll_forwards.push_back(
          {key, account, past->mark, reading.mark, sides.first,
           key.chain == Chain::kCustodian ? steps(key, account) : lines(key, past->mark.at), sides.second});
    }
  }

  /// A reward paid out is income and raises no stake.
  static bool moves(const StakingEvent& event, Account account) {
    return effect(event.kind, account) != 0 && event.type_detail != "paid in " + event.key.asset.value();
  }

  /// Of a custodian's stake: what this reading is the first to tell.
  std::vector<RollForwardLine> steps(const PositionKey& key, Account account) const {
    std::map<EventKind, Decimal> sums;
    for (const StakingEvent& event : result_.events) {
      if (event.key == key && moves(event, account) && !question_.known_events.contains(event.id) &&
          event.mark.at <= mark_.at && (event.kind != EventKind::kRewardCustodian || event.mark.at > began_))
        sums[event.kind] += event.amount;
    }
    return listed(sums);
  }

  static std::vector<RollForwardLine> listed(const std::map<EventKind, Decimal>& sums) {
    std::vector<RollForwardLine> all;
    all.reserve(sums.size());
    for (const auto& [kind, amount] : sums) all.push_back({kind, amount});
    return all;
  }

  /// Of a token: by what happened since the last reading.
  std::vector<RollForwardLine> lines(const PositionKey& key, time::Instant from) const {
    std::map<EventKind, Decimal> sums;
    for (const StakingEvent& event : result_.events) {
      if (event.key == key && event.mark.at > from && event.mark.at <= mark_.at &&
          effect(event.kind, Account::kStake) != 0)
        sums[event.kind] += event.amount;
    }
    const auto count = [&](const CustodianRecord& record, EventKind kind) {
      if (record.asset == key.asset.value() && record.progress == kDone && record.at > from &&
          record.at <= mark_.at)
        sums[kind] += record.amount.abs();
    };
    for (const CustodianRecord& record : word_.stakes) {
      if (!record.key.starts_with(kConversion)) continue;
      if (const auto units = record.asset == key.asset.value() ? taken(record) : std::nullopt) {
        if (!units->is_zero())
          sums[units->is_negative() ? EventKind::kStakeIn : EventKind::kStakeOut] += units->abs();
      } else if (!record.received)
        count(record, EventKind::kStakeOut);
      else if (record.asset == key.asset.value() && is_newly_converted(record))
        sums[EventKind::kStakeOut] += record.amount.abs();
    }
    for (const CustodianRecord& record : word_.transfers)
      count(record, record.amount.is_negative() ? EventKind::kStakeOut : EventKind::kStakeIn);
    return listed(sums);
  }

  const CustodianWord& word_;
  const CustodianQuestion& question_;
  StateMark mark_;
  time::Instant began_;              ///< when the first reading was taken
  std::set<std::string> open_then_;  ///< requests that were under way at the first reading, this one
  std::map<std::string, std::string> under_way_;  ///< tokens' conversions first seen so by this reading
  SyncResult result_;
};

/// Custody's word for a coin that the custodian told before and leaves out now.
bool is_left_out(const CustodianBalance& balance) {
  return !balance.owned && !balance.staked && !balance.activating && !balance.unbonding;
}

/// What nobody knows is not gone.
void require_no_position(const PositionReading& last, const CustodianBalance& left_out,
                         const std::string& custody_source) {
  for (const Position& position : last.positions) {
    if (position.key.place == left_out.account && position.key.asset == left_out.asset)
      base::refuse(custody_source, "the custodian told " + left_out.asset.value() + " of " +
                                       left_out.account + " before and leaves it out since " +
                                       left_out.as_of.to_string() + ": nobody knows what is staked");
  }
}

}  // namespace

SyncResult sync_custodian_staking(const CustodianWord& word, const CustodianQuestion& question) {
  CustodianWord told = word;
  std::erase_if(told.balances, is_left_out);
  for (const StoredReading& stored : question.last) {
    for (const CustodianBalance& balance : word.balances) {
      if (is_left_out(balance)) require_no_position(stored.reading, balance, question.custody_source);
      if (balance.as_of < stored.reading.mark.at && balance.staked)
        base::refuse(question.custody_source,
                     "custody's newest balance of " + balance.account + " is older than the last reading");
    }
  }
  return CustodianSync(told, question).run();
}

}  // namespace navkeeper::staking
