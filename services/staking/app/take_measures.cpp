#include "services/staking/app/take_measures.h"

#include <algorithm>
#include <map>
#include <set>

#include "services/staking/app/queue_outlook.h"
#include "services/staking/domain/measures/ether_duties.h"

namespace navkeeper::staking {
namespace {

using measures::StakeHistory;
using time::Instant;

constexpr int kShownDecimals = 18;
constexpr std::string_view kRateName = "rate.";
constexpr std::int64_t kYearDays = 365;

/// Stakes by instant: a state's closing is the next one's opening.
std::map<PositionKey, std::map<Instant, money::Decimal>> stakes_of(
    const std::vector<StoredRollForward>& roll_forwards) {
  std::map<PositionKey, std::map<Instant, money::Decimal>> stakes;
  for (const StoredRollForward& stored : roll_forwards) {
    const RollForward& one = stored.roll_forward;
    if (one.account != Account::kStake) continue;
    auto& of_place = stakes[one.key];
    of_place.emplace(one.from.at, one.opening);
    of_place.insert_or_assign(one.to.at, one.closing);
  }
  return stakes;
}

/// By asset: the instant up to which all sources of it were read.
std::map<model::AssetId, Instant> ends_of(const std::vector<StoredRollForward>& roll_forwards) {
  std::map<std::pair<model::AssetId, base::SharedText>, Instant> of_source;
  for (const StoredRollForward& stored : roll_forwards) {
    const RollForward& one = stored.roll_forward;
    if (one.account != Account::kStake) continue;
    const auto [at, is_new] = of_source.emplace(std::pair(one.key.asset, one.key.source), one.to.at);
    if (!is_new) at->second = std::max(at->second, one.to.at);
  }
  std::map<model::AssetId, Instant> ends;
  for (const auto& [key, at] : of_source) {
    const auto [found, is_new] = ends.emplace(key.first, at);
    if (!is_new) found->second = std::min(found->second, at);
  }
  return ends;
}

bool counts(EventKind kind) {
  return (is_reward(kind) && kind != EventKind::kRewardTierBonus) || is_loss(kind);
}

MeasuredYield shown(const measures::Yield& yield) {
  const auto rounded = [](const money::Rational& value) {
    return value.rounded(kShownDecimals, money::Rounding::kHalfEven);
  };
  return {yield.income,          rounded(yield.mean_stake), rounded(yield.period_return),
          rounded(yield.apr[0]), rounded(yield.apr[1]),     yield.apy[0],
          yield.apy[1]};
}

std::string text_of(const StakeHistory& history, Instant to) {
  std::string text;
  for (const measures::StakeChange& change : history.stakes) {
    if (change.at <= to) text += "stake " + change.at.to_string() + " " + change.stake.to_string() + "\n";
  }
  for (const measures::Income& income : history.income) {
    if (income.at <= to) text += "income " + income.at.to_string() + " " + income.amount.to_string() + "\n";
  }
  return text;
}

void add(std::vector<Measure>& found, const model::AssetId& asset, const std::optional<PositionKey>& key,
         const StakeHistory& history, Instant to) {
  auto windows = measures::yields_until(history, to);
  if (!history.stakes.empty() && history.stakes.front().at < to) {
    const Instant from =
        std::max(history.stakes.front().at, to - time::Duration::hours(std::int64_t{24} * kYearDays));
    windows.insert(windows.begin(), {kSinceKnown, from, measures::yield_over(history, from, to)});
  }
  const std::string text = text_of(history, to);
  for (const measures::WindowYield& window : windows) {
    Measure one{asset, key, window.days, window.from, to, {}, {}, text};
    if (window.yield.has_value())
      one.yield = shown(*window.yield);
    else
      one.refusal = describe(window.yield.error());
    found.push_back(std::move(one));
  }
}

/// Whether an asset was read by all of its sources up to a later day than that of its newest measure.
bool has_new_day(const std::vector<StoredReading>& readings,
                 const std::map<model::AssetId, time::Date>& measured) {
  std::map<model::AssetId, Instant> ends;
  for (const StoredReading& stored : readings) {
    for (const Position& position : stored.reading.positions) {
      if (account_of(position.key.chain, position.state) != Account::kStake) continue;
      const auto [at, is_new] = ends.emplace(position.key.asset, stored.reading.mark.at);
      if (!is_new) at->second = std::min(at->second, stored.reading.mark.at);
    }
  }
  return std::any_of(ends.begin(), ends.end(), [&](const auto& end) {
    const auto day = measured.find(end.first);
    return day == measured.end() || time::utc_date(end.second) > day->second;
  });
}

}  // namespace

std::vector<Measure> take_measures(const std::vector<StoredRollForward>& roll_forwards,
                                   const std::vector<StoredEvent>& events) {
  const auto ends = ends_of(roll_forwards);
  std::map<PositionKey, StakeHistory> histories;
  for (const auto& [key, stakes] : stakes_of(roll_forwards))
    for (const auto& [at, stake] : stakes) histories[key].stakes.push_back({at, stake});
  for (const StoredEvent& stored : events) {
    const StakingEvent& event = stored.event;
    if (!counts(event.kind)) continue;
    histories[event.key].income.push_back(
        {event.mark.at, is_loss(event.kind) ? -event.amount : event.amount});
  }
  std::map<model::AssetId, std::vector<std::pair<PositionKey, StakeHistory>>> of_asset;
  for (auto& [key, history] : histories) {
    if (!ends.contains(key.asset)) continue;  // nothing is staked of it: income alone has no rate
    std::stable_sort(history.income.begin(), history.income.end(),
                     [](const measures::Income& a, const measures::Income& b) { return a.at < b.at; });
    of_asset[key.asset].emplace_back(key, std::move(history));
  }
  std::vector<Measure> found;
  for (const auto& [asset, places] : of_asset) {
    const Instant to = ends.at(asset);
    std::vector<StakeHistory> all;
    for (const auto& [key, history] : places) all.push_back(history);
    add(found, asset, std::nullopt, measures::together(all), to);
    for (const auto& [key, history] : places) add(found, asset, key, history, to);
  }
  return found;
}

std::vector<Performance> performance_of(StakingStore& store, const model::FundId& fund, Instant as_of,
                                        Instant known_at) {
  StakingQuery query;
  query.as_of = as_of;
  query.known_at = known_at;
  std::map<std::string, Instant> ends;
  for (const DutyReading& one : store.duties(fund, query))
    ends[one.source] = std::max(ends[one.source], one.to.at);
  const auto queues = store.queues(fund, query);
  std::vector<Performance> found;
  for (const auto& [source, to] : ends) {
    for (const int days : measures::kWindowDays) {
      query.source = source;
      query.from = to - time::Duration::hours(std::int64_t{24} * days);
      Performance one;
      one.source = source;
      one.window_days = days;
      one.from = one.to = to;
      money::Units effective_slots;
      std::set<std::string> without_ideal;
      for (const DutyReading& of_place : store.duties(fund, query)) {
        one.from = std::min(one.from, of_place.from.at);
        one.duties += of_place.duties;
        effective_slots += of_place.effective_slots;
        if (of_place.duties.attestations_without_ideal > 0) without_ideal.insert(of_place.place);
      }
      one.validators_without_ideal = without_ideal.size();
      one.effectiveness = measures::effectiveness(one.duties);
      if (const ether::Gwei total = total_active_of(queues, source); total > 0)
        one.parts = measures::income_parts(one.duties, measures::chances_of(effective_slots, total));
      found.push_back(std::move(one));
    }
  }
  return found;
}

std::vector<TokenRate> token_rates_of(StakingStore& store, const model::FundId& fund, Instant as_of,
                                      Instant known_at) {
  StakingQuery query;
  query.as_of = as_of;
  query.known_at = known_at;
  std::map<std::string, Instant> ends;
  for (const StoredReading& stored : store.readings(fund, query)) {
    if (stored.reading.chain == Chain::kLiquid) ends[stored.reading.source] = stored.reading.mark.at;
  }
  std::map<std::pair<std::string, std::string>, std::map<Instant, money::Decimal>> rates;
  for (const ParameterReading& one : store.parameters(fund, query)) {
    const auto rate = money::Decimal::parse(one.value);
    if (one.chain == Chain::kLiquid && one.name.starts_with(kRateName) && rate.has_value())
      rates[{one.source, one.name.substr(kRateName.size())}][one.mark.at] = *rate;
  }
  std::vector<TokenRate> found;
  for (const auto& of_token : rates) {
    const auto& key = of_token.first;
    const auto& history = of_token.second;  // clang 14 captures no structured bindings
    const auto end = ends.find(key.first);
    if (end == ends.end()) continue;
    const Instant to = end->second;
    const auto add_window = [&](int days, Instant from) {
      auto before = history.upper_bound(from);
      if (before == history.begin() || from >= to) return;
      TokenRate one{
          key.first, key.second, days, from, to, std::prev(before)->second, history.rbegin()->second, {}};
      for (std::size_t i = 0; i < measures::kYearBases.size(); ++i) {
        const auto apr = measures::share_rate_apr({one.rate_from, money::Decimal::of(1)},
                                                  {one.rate_to, money::Decimal::of(1)}, money::Decimal{},
                                                  to - from, measures::kYearBases[i]);
        if (apr.has_error()) return;
        one.apr[i] = *apr;
      }
      found.push_back(std::move(one));
    };
    add_window(kSinceKnown, history.begin()->first);
    for (const int days : measures::kWindowDays)
      add_window(days, to - time::Duration::hours(std::int64_t{24} * days));
  }
  return found;
}

std::size_t measure_fund(StakingStore& facts, MeasureStore& measures, const model::FundId& fund,
                         Measuring when, Instant known_at, const std::string& actor) {
  if (when == Measuring::kOnceADay && !has_new_day(facts.readings(fund, {}), measures.newest_days(fund)))
    return 0;
  const auto taken = take_measures(facts.roll_forwards(fund, {}), facts.events(fund, {}));
  return taken.empty() ? 0 : measures.save(fund, taken, known_at, actor);
}

}  // namespace navkeeper::staking
