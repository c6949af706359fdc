#include "services/staking/app/watch_fund.h"

#include <algorithm>
#include <set>

#include "services/staking/app/queue_outlook.h"
#include "services/staking/domain/measures/alarms.h"

namespace navkeeper::staking {
namespace {

using measures::Alarm;
using money::Units;
using time::Instant;

constexpr int kGweiDecimals = 9;
constexpr std::int64_t kDaySeconds = 86'400;
constexpr int kRebaseDays = 18;
constexpr int kExitDays = 54;

Units gwei_of(const money::Decimal& ether) {
  return Units::from(ether.rounded(kGweiDecimals, money::Rounding::kDown), kGweiDecimals).value_or(Units{});
}

bool is_consensus_income(EventKind kind) {
  return (is_reward(kind) && kind != EventKind::kRewardTips && kind != EventKind::kRewardMev) ||
         is_loss(kind);
}

bool has_exited(const Position& position) {
  return position.state == PositionState::kUnbonding || position.state == PositionState::kWithdrawable;
}

/// A fund's validators of one source of ether, over the day that ends with a reading.
class EtherDay {
 public:
  EtherDay(StakingStore& store, const model::FundId& fund, const PositionReading& reading,
           const std::vector<QueueReading>& queues)
      : store_(store), fund_(fund), reading_(reading), queues_(queues) {}

  std::vector<Alarm> alarms() {
    const auto duties = store_.duties(fund_, since(1));
    std::vector<Alarm> all = missed(duties);
    const auto before = at(1);
    if (!before) return all;  // less than a day is known
    const auto period = period_of(*before, duties);
    const measures::AlarmPolicy policy;
    if (period.stake.count() > 0) add(all, measures::outside_band(period, policy.band));
    add(all, measures::outside_rebase_limit(rebases(), policy.band));
    return all;
  }

 private:
  void add(std::vector<Alarm>& all, const std::vector<measures::BandFinding>& findings) const {
    const auto more = measures::alarms_of(reading_.source, findings);
    all.insert(all.end(), more.begin(), more.end());
  }

  Instant days_ago(int days) const {
    return reading_.mark.at - time::Duration::hours(std::int64_t{24} * days);
  }
  StakingQuery since(int days) const {
    StakingQuery query;
    query.source = reading_.source;
    query.from = days_ago(days);
    query.as_of = reading_.mark.at;
    return query;
  }
  /// The source's reading so many days ago, the newest before.
  std::optional<PositionReading> at(int days) {
    StakingQuery query;
    query.source = reading_.source;
    query.as_of = days_ago(days);
    for (StoredReading& stored : store_.readings(fund_, query)) {
      if (stored.reading.chain == Chain::kEthereum) return std::move(stored.reading);
    }
    return std::nullopt;
  }

  static std::vector<Alarm> missed(const std::vector<DutyReading>& duties) {
    std::vector<Alarm> all;
    for (const DutyReading& one : duties) {
      measures::WatchedValidator watched;
      watched.place = one.place;
      watched.duties = one.duties.attestations_assigned;
      watched.duties_missed = one.duties.attestations_missed;
      watched.proposals = one.duties.proposals_assigned();
      watched.proposals_missed = one.duties.proposals_missed;
      for (Alarm& alarm : measures::alarms_of(watched, {})) all.push_back(std::move(alarm));
    }
    return all;
  }

  measures::PoolPeriod period_of(const PositionReading& before, const std::vector<DutyReading>& duties) {
    measures::PoolPeriod period;
    period.seconds = kDaySeconds;
    period.epochs = ether::kEpochsPerDay;
    std::set<std::string> places;
    for (const Position& position : before.positions) {
      if (account_of(position.key.chain, position.state) != Account::kStake) continue;
      period.stake += gwei_of(position.amount);
      places.insert(position.key.place);
    }
    period.validators = places.size();
    for (const StoredEvent& stored : store_.events(fund_, since(1))) {
      const StakingEvent& event = stored.event;
      if (!is_consensus_income(event.kind)) continue;
      const Units amount = gwei_of(event.amount);
      period.income += is_loss(event.kind) ? -amount : amount;
      period.proposals += event.kind == EventKind::kRewardProposal ? 1U : 0U;
    }
    for (const DutyReading& one : duties) period.sync_seat_slots += one.duties.sync_slots_assigned;
    period.effective_balance = mean_effective(duties);
    period.total_effective_balance =
        Units(static_cast<money::Int128>(total_active_of(queues_, reading_.source)));
    return period;
  }

  /// Of all validators together over the slots that were read: each balance counts for as long as it held, so
  /// that who came, left or was topped up within the day counts for its part. Whole Gwei, cut.
  static Units mean_effective(const std::vector<DutyReading>& duties) {
    if (duties.empty()) return {};
    Units sum;
    std::uint64_t from = duties.front().from.height;
    std::uint64_t to = from;
    for (const DutyReading& one : duties) {
      sum += one.effective_slots;
      from = std::min(from, one.from.height);
      to = std::max(to, one.to.height);
    }
    if (to == from) return {};
    return Units(sum.count() / static_cast<money::Int128>(to - from));
  }

  measures::NegativeRebases rebases() {
    measures::NegativeRebases rebases;
    std::map<std::int64_t, Units> of_day;
    for (const StoredEvent& stored : store_.events(fund_, since(kRebaseDays))) {
      const StakingEvent& event = stored.event;
      if (!is_consensus_income(event.kind)) continue;
      const std::int64_t day = (reading_.mark.at - event.mark.at).ns() / 1'000'000'000 / kDaySeconds;
      of_day[day] += is_loss(event.kind) ? -gwei_of(event.amount) : gwei_of(event.amount);
    }
    for (const auto& [day, income] : of_day)
      if (income.count() < 0) rebases.fallen_in_18_days += -income;
    std::set<std::string> places;
    for (const Position& position : reading_.positions) places.insert(position.key.place);
    rebases.validators = places.size();
    const auto exited = [&](int days) -> std::uint64_t {
      const auto then = at(days);
      if (!then) return 0;
      return static_cast<std::uint64_t>(
          std::count_if(then->positions.begin(), then->positions.end(), has_exited));
    };
    rebases.exited_18_days_ago = exited(kRebaseDays);
    rebases.exited_54_days_ago = exited(kExitDays);
    return rebases;
  }

  StakingStore& store_;
  const model::FundId& fund_;
  const PositionReading& reading_;
  const std::vector<QueueReading>& queues_;
};

}  // namespace

std::vector<Alert> watch_fund(StakingStore& store, const model::FundId& fund) {
  std::vector<Alert> alerts;
  const auto raise = [&](const std::string& source, const std::vector<Alarm>& alarms) {
    for (const Alarm& alarm : alarms)
      alerts.push_back({source, std::string(measures::describe(alarm.kind)), alarm.subject,
                        (alarm.urgent ? "" : "remark: ") + alarm.detail});
  };
  const auto readings = store.readings(fund, {});
  const auto queues = store.queues(fund, {});
  for (const StoredReading& stored : readings) {
    if (stored.reading.chain != Chain::kEthereum) continue;
    raise(stored.reading.source, EtherDay(store, fund, stored.reading, queues).alarms());
  }
  return alerts;
}

}  // namespace navkeeper::staking
