#include "services/pricing/app/strike_job.h"

#include <algorithm>
#include <array>

#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::pricing {
namespace {

std::string subject_of(const std::string& id, time::Date date) { return id + " " + date.to_string(); }

/// No zone's day begins earlier before that of UTC (Pacific/Kiritimati).
constexpr time::Duration kAheadOfUtcMax = time::Duration::hours(14);

/// When everything that the rate of that day is made from has had its time to arrive. Throws NeverStruck.
time::Instant due_at(RateStore& rates, const std::string& index, time::Date date) {
  const auto definition = rates.definition_on(index, date);
  if (!definition) base::refuse(index, "has no definition on " + date.to_string());
  const auto window = checked_window(definition->index, date);
  if (window.has_error()) throw NeverStruck(window.error().within(index));
  return window->end() + time::Duration::seconds(definition->index.retrieval_delay_seconds);
}

class Pass {
 public:
  Pass(const JobPorts& ports, const std::string& actor, const JobReport& report)
      : ports_(ports),
        actor_(actor),
        report_(report),
        now_(ports.pricing.clock.now()),
        definitions_(ports.pricing.rates.definitions()) {}

  void strike_indices() {
    for (const StoredDefinition& newest : definitions_) {
      guarded(newest.index.id, [&] {
        advance(JobSubject::kIndex, newest.index.id, days_of_index(newest.index.id).begun,
                [&](time::Date date) { return strike_index(newest.index.id, date); });
      });
    }
  }

  void price_assets() {
    for (const StoredPolicy& policy : policies()) {
      const std::string id = policy.policy.asset.value();
      guarded(id, [&] {
        advance(JobSubject::kAsset, id, days_of_asset(policy).begun,
                [&](time::Date date) { return price(policy.policy.asset, date); });
      });
    }
  }

  /// Late trades: the rates of days that are not over, and then the prices made from them.
  void sweep() {
    for (const StoredDefinition& newest : definitions_)
      guarded(newest.index.id, [&] {
        for (const time::Date day : days_of_index(newest.index.id).going_on)
          restate_index(newest.index.id, day);
      });
    for (const StoredPolicy& policy : policies()) {
      guarded(policy.policy.asset.value(), [&] {
        const auto place = ports_.places.place(JobSubject::kAsset, policy.policy.asset.value());
        for (const time::Date day : days_of_asset(policy).going_on)
          if (place && place->until && *place->until >= day) reprice(policy.policy.asset, day);
      });
    }
  }

 private:
  /// Days by the zone of what holds on each of them: a definition of another zone may hold from tomorrow on.
  struct OwnDays {
    time::Date begun;                  ///< the last one that has begun
    std::vector<time::Date> going_on;  ///< those that have begun and are not over
  };
  /// A day on which nothing holds is one of UTC.
  template <class ZoneOn>
  OwnDays own_days(const ZoneOn& zone_on) {
    OwnDays days;
    const time::Date utc = time::utc_date(now_);
    for (const time::Date date : {utc + -1, utc, utc + 1}) {
      if (date > time::utc_date(now_ + kAheadOfUtcMax)) continue;  // It has begun nowhere.
      const std::optional<time::Zone> zone = zone_on(date);
      const time::Date local = zone ? zone->to_local(now_).date : utc;
      if (local >= date) days.begun = date;
      if (local == date) days.going_on.push_back(date);
    }
    return days;
  }
  OwnDays days_of_index(const std::string& id) {
    return own_days([&](time::Date date) { return zone_on(id, date); });
  }
  /// `today`: of the day by UTC.
  OwnDays days_of_asset(const StoredPolicy& today) {
    return own_days([&](time::Date date) -> std::optional<time::Zone> {
      const bool holds = today.policy.effective_from <= date && date <= time::utc_date(now_);
      auto policy = holds ? std::optional(today) : ports_.pricing.prices.policy_on(today.policy.asset, date);
      if (policy && policy->policy.token)
        policy = ports_.pricing.prices.policy_on(policy->policy.token->coin, date);
      if (!policy || !policy->policy.official_index) return std::nullopt;
      return zone_on(policy->policy.official_index->value(), date);
    });
  }
  std::optional<time::Zone> zone_on(const std::string& index, time::Date date) {
    const auto newest =
        std::ranges::find(definitions_, index, [](const StoredDefinition& one) { return one.index.id; });
    if (newest == definitions_.end()) return std::nullopt;
    // It replaced what was to hold from its first day on; only other days have to be looked up.
    const bool holds = first_day_of(newest->index) <= date &&
                       (!newest->index.effective_to || date <= *newest->index.effective_to);
    const auto definition = holds ? std::optional(*newest) : ports_.pricing.rates.definition_on(index, date);
    if (!definition) return std::nullopt;
    const auto zone = time::Zone::find(definition->index.time_zone);
    if (zone.has_error()) base::refuse(index, "has an unknown time zone");
    return *zone;
  }

  /// Coins before the tokens that stand for them.
  std::vector<StoredPolicy> policies() {
    std::vector<StoredPolicy> found;
    for (const model::AssetId& asset : ports_.pricing.prices.assets()) {
      // The job's own day by UTC is at most a day off; which policy values a date is asked again for it.
      if (auto policy = ports_.pricing.prices.policy_on(asset, time::utc_date(now_)))
        found.push_back(*std::move(policy));
    }
    std::stable_partition(found.begin(), found.end(),
                          [](const StoredPolicy& policy) { return !policy.policy.token; });
    return found;
  }

  template <class Strike>
  void advance(JobSubject subject, const std::string& id, time::Date today, const Strike& strike) {
    auto place = ports_.places.place(subject, id);
    if (!place) {
      place = JobPlace{today, std::nullopt};
      ports_.places.set_place(subject, id, *place);
    }
    // A clock that was ahead had it go past days that were still to come: what is done there stays done.
    if (place->from > today || (place->until && *place->until > today)) {
      report_({"days looked at again", id,
               "its place was " + place->until.value_or(place->from).to_string() + ", today is " +
                   today.to_string() + ": the clock was ahead"});
      place->from = std::min(place->from, today);
      place->until = std::max(place->from, today - ports_.catch_up_days) + -1;
      ports_.places.set_place(subject, id, *place);
    }
    time::Date next = place->until ? *place->until + 1 : place->from;
    if (const time::Date first = today - ports_.catch_up_days; next < first) {
      place->until = first - 1;
      ports_.places.set_place(subject, id, *place);
      report_passed_over(subject, id, next, *place->until);
      next = first;
    }
    int left = kDaysAPass;
    for (time::Date date = next; date <= today && left > 0; ++date, --left) {
      try {
        if (!strike(date)) return;
      } catch (const NeverStruck& never) {
        report_({"days passed over", id, date.to_string() + ": " + never.what()});
      }
      place->until = date;
      ports_.places.set_place(subject, id, *place);
    }
  }

  void report_passed_over(JobSubject subject, const std::string& id, time::Date first, time::Date last) {
    const std::string_view by_hand = subject == JobSubject::kIndex ? "rates strike " : "prices strike ";
    report_({"days passed over", id,
             first.to_string() + " to " + last.to_string() + ", more than " +
                 std::to_string(ports_.catch_up_days) + " days ago; by hand: " + std::string(by_hand) + id +
                 " --date D"});
  }

  /// False while it is too early.
  bool strike_index(const std::string& id, time::Date date) {
    if (!ports_.pricing.rates.definition_on(id, date)) return true;  // nothing holds on that day
    if (now_ < due_at(ports_.pricing.rates, id, date)) return false;
    RateQuery query;
    query.index = id;
    query.from = query.to = date;
    if (!ports_.pricing.rates.find(query).empty()) return true;
    if (waits_for_feeds(id, date)) return false;
    const auto saved = base::value_or_refuse(
        strike_rate(ports_.pricing.rates, ports_.pricing.clock, id, date, actor_, RestatementRule{}));
    ports_.feeds.since.erase(subject_of(id, date));
    ports_.feeds.said.erase(subject_of(id, date));
    if (saved.is_new)
      report_(
          {"rate struck", subject_of(id, date), saved.rate.status + " " + saved.rate.value.value_or("-")});
    return true;
  }

  /// True while the feeds of the index's venues are not whole over the window and may still become so. A
  /// venue whose trades come by file has no feed that would be waited for.
  bool waits_for_feeds(const std::string& id, time::Date date) {
    const auto definition = ports_.pricing.rates.definition_on(id, date);
    const IndexDefinition& index = definition->index;
    const Window window = base::value_or_refuse(checked_window(index, date));
    const FeedsOfWindow feeds =
        feeds_of_window(ports_.pricing.rates.feed_states(index.pair, window, now_), index.venues, window,
                        [&](const std::string& venue) {
                          return ports_.feeds.configured.contains({venue, index.pair});
                        });
    const std::string subject = subject_of(id, date);
    if (feeds.unwhole.empty()) {
      ports_.feeds.since.erase(subject);
      return false;
    }
    const bool is_hopeless = std::ranges::none_of(feeds.unwhole, &UnwholeFeed::may_become_whole);
    if (is_hopeless) {
      report_struck_without(subject, feeds);
      return false;
    }
    const auto [since, is_new] = ports_.feeds.since.try_emplace(subject, now_);
    if (now_ < since->second) since->second = now_;
    if (is_new && ports_.feeds.most > time::Duration())
      report_({"waits for feeds", subject,
               "until " + (now_ + ports_.feeds.most).to_string() + " at most: " + describe(feeds.unwhole)});
    if (now_ - since->second < ports_.feeds.most) {
      waiting_.insert(subject);
      return true;
    }
    report_struck_without(subject, feeds);
    return false;
  }

  /// Once, however often the strike itself has to be tried again.
  void report_struck_without(const std::string& subject, const FeedsOfWindow& feeds) {
    if (ports_.feeds.said.insert(subject).second)
      report_({"struck without whole feeds", subject, describe(feeds.unwhole)});
  }

  /// A price must not strike the rate that the job itself still waits with.
  bool rates_wait(const ValuationPolicy& policy, time::Date date) {
    if (policy.token) {
      const auto coin = ports_.pricing.prices.policy_on(policy.token->coin, date);
      return coin && !coin->policy.token && rates_wait(coin->policy, date);
    }
    return std::ranges::any_of(
        std::array{policy.official_index, policy.second_index},
        [&](const auto& index) { return index && waiting_.contains(subject_of(index->value(), date)); });
  }

  bool price(const model::AssetId& asset, time::Date date) {
    const auto policy = ports_.pricing.prices.policy_on(asset, date);
    if (!policy) return true;
    if (now_ < due(policy->policy, date) || rates_wait(policy->policy, date)) return false;
    reprice(asset, date);
    return true;
  }

  time::Instant due(const ValuationPolicy& policy, time::Date date) {
    if (policy.token) {
      const auto coin = ports_.pricing.prices.policy_on(policy.token->coin, date);
      if (!coin || coin->policy.token)
        base::refuse(policy.token->coin.value(), "has no valuation policy on " + date.to_string());
      return due(coin->policy, date);
    }
    const time::Instant first = due_at(ports_.pricing.rates, policy.official_index->value(), date);
    if (!policy.second_index) return first;
    try {
      return std::max(first, due_at(ports_.pricing.rates, policy.second_index->value(), date));
    } catch (const NeverStruck&) {
      return first;  // The price's document says that it has no second source.
    }
  }

  void reprice(const model::AssetId& asset, time::Date date) {
    for (const auto& saved : base::value_or_refuse(price_asset(ports_.pricing, asset, date, actor_))) {
      if (!saved.is_new) continue;
      const auto value = saved.price.value;
      report_({"price struck", saved.price.key.to_string(),
               saved.price.rung + " " + (value ? value->to_string() : "-") +
                   (saved.price.determination ? ", waits for a fair-value determination" : "")});
    }
  }

  void restate_index(const std::string& id, time::Date today) {
    RateQuery query;
    query.index = id;
    query.from = query.to = today;
    const auto standing = ports_.pricing.rates.find(query);
    if (standing.empty()) return;
    const auto saved = base::value_or_refuse(
        strike_rate(ports_.pricing.rates, ports_.pricing.clock, id, today, actor_, RestatementRule{}));
    if (saved.is_new)
      report_({"rate restated", subject_of(id, today),
               standing.front().value.value_or("-") + " before, " + saved.rate.value.value_or("-") + " now"});
  }

  /// One subject's trouble is its own; without the lease every write is refused.
  template <class Work>
  void guarded(const std::string& id, const Work& work) {
    try {
      work();
    } catch (const base::Refused& refused) {
      report_({"refused", id, refused.what()});
    } catch (const base::Conflict& conflict) {
      report_({"failed", id, conflict.what()});
    } catch (const base::Unavailable& unavailable) {
      report_({"failed", id, unavailable.what()});
    } catch (const base::InDoubt& in_doubt) {
      report_({"failed", id, in_doubt.what()});
    }
  }

  const JobPorts& ports_;
  const std::string& actor_;
  const JobReport& report_;
  time::Instant now_;
  std::vector<StoredDefinition> definitions_;  ///< the newest of each index
  std::set<std::string> waiting_;              ///< indices with their dates
};

}  // namespace

void run_strikes(const JobPorts& ports, const std::string& actor, bool sweep, const JobReport& report) {
  Pass pass(ports, actor, report);
  pass.strike_indices();
  pass.price_assets();
  if (sweep) pass.sweep();
}

}  // namespace navkeeper::pricing
