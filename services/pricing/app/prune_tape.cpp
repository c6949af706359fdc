#include "services/pricing/app/prune_tape.h"

#include <algorithm>

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
/// A strike of a local date, and the longest window before it, lie so many UTC days around the date.
constexpr int kDaysAround = 2;

time::Date utc_day(time::Instant at) { return time::Date::from_days(at.ns() / kDayNs); }

bool reaches_into(const Window& window, time::Date day) {
  const std::int64_t start = day.days() * kDayNs;
  return window.start_ns < start + kDayNs && window.end_ns > start;
}

/// Every rate of every index of the pair whose window reaches into the day.
std::vector<RateOfDay> rates_of(RateStore& rates, const std::vector<StoredDefinition>& definitions,
                                const HeldDay& held, time::Instant now) {
  std::vector<RateOfDay> found;
  for (const StoredDefinition& newest : definitions) {
    if (newest.index.pair != held.pair) continue;
    const auto window_days = static_cast<int>(newest.index.window_minutes / (24 * 60)) + kDaysAround;
    for (int offset = -kDaysAround; offset <= window_days; ++offset) {
      const time::Date date = held.day + offset;
      const auto definition = rates.definition_on(newest.index.id, date);
      if (!definition) continue;
      const auto window = checked_window(definition->index, date);
      if (window.has_error() || !reaches_into(*window, held.day)) continue;
      RateOfDay rate{newest.index.id, date, 0, false};
      RateQuery query;
      query.index = rate.index;
      query.from = query.to = date;
      if (const auto struck = rates.find(query); !struck.empty()) rate.version = struck.front().version;
      const auto zone = time::Zone::find(definition->index.time_zone);
      rate.restatement_open = !zone || restatement_is_open({}, date, *zone, now);
      found.push_back(rate);
    }
  }
  return found;
}

std::string rate_that_keeps(const std::vector<RateOfDay>& rates, DropRefusal why) {
  const auto guilty = std::ranges::find_if(rates, [why](const RateOfDay& rate) {
    return why == DropRefusal::kNotStruck ? rate.version == 0 : rate.restatement_open;
  });
  return guilty == rates.end() ? "" : guilty->index + " " + guilty->date.to_string();
}

}  // namespace

PruneReport prune_tape(TapeKeeper& keeper, RateStore& rates, const time::Clock& clock,
                       const RetentionPolicy& policy, bool dry_run, const std::string& actor) {
  PruneReport report;
  const time::Instant now = clock.now();
  const time::Date today = utc_day(now);
  const auto definitions = rates.definitions();
  for (const HeldDay& held : keeper.held_before(today + -RetentionPolicy::kKeepDaysMin)) {
    const int keep_days = policy.days_of(held.pair);
    if (today.days() - held.day.days() <= keep_days) continue;
    const auto resting = rates_of(rates, definitions, held, now);
    const auto why = why_kept(held.day, today, keep_days, resting);
    if (why) {
      report.kept.push_back({held, *why, rate_that_keeps(resting, *why)});
    } else if (dry_run) {
      report.dropped.push_back({held, ""});
    } else if (auto dropped = keeper.drop(held, keep_days, resting, now, actor)) {
      report.dropped.push_back(*std::move(dropped));
    }
  }
  return report;
}

}  // namespace navkeeper::pricing
