#include "services/pricing/app/strike_job.h"

#include <algorithm>
#include <array>

#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::pricing {
namespace {

std::string subject_of(const std::string& id, time::Date date) { return id + " " + date.to_string(); }

/// When everything that the rate of that day is made from has had its time to arrive.
base::Checked<time::Instant> due_at(RateStore& rates, const std::string& index, time::Date date) {
  const auto definition = rates.definition_on(index, date);
  if (!definition) return base::Refusal{index, "has no definition on " + date.to_string()};
  const auto window = checked_window(definition->index, date);
  if (window.has_error()) return window.error().within(index);
  return window->end() + time::Duration::seconds(definition->index.retrieval_delay_seconds);
}

class Pass {
 public:
  Pass(const JobPorts& ports, const std::string& actor, const JobReport& report)
      : ports_(ports), actor_(actor), report_(report), now_(ports.pricing.clock.now()) {}

  void strike_indices() {
    for (const StoredDefinition& newest : ports_.pricing.rates.definitions()) {
      guarded(newest.index.id, [&] {
        advance(JobSubject::kIndex, newest.index.id, zone_of(newest.index),
                [&](time::Date date) { return strike_index(newest.index.id, date); });
      });
    }
  }

  void price_assets() {
    for (const StoredPolicy& policy : policies()) {
      const std::string id = policy.policy.asset.value();
      guarded(id, [&] {
        advance(JobSubject::kAsset, id, zone_of(policy.policy),
                [&](time::Date date) { return price(policy.policy.asset, date); });
      });
    }
  }

  /// Late trades: the rates of days that are not over, and then the prices made from them.
  void sweep() {
    for (const StoredDefinition& newest : ports_.pricing.rates.definitions())
      guarded(newest.index.id,
              [&] { restate_index(newest.index.id, zone_of(newest.index).to_local(now_).date); });
    for (const StoredPolicy& policy : policies()) {
      guarded(policy.policy.asset.value(), [&] {
        const time::Date today = zone_of(policy.policy).to_local(now_).date;
        const auto place = ports_.places.place(JobSubject::kAsset, policy.policy.asset.value());
        if (place && place->until && *place->until >= today) reprice(policy.policy.asset, today);
      });
    }
  }

 private:
  static time::Zone zone_of(const IndexDefinition& index) {
    const auto zone = time::Zone::find(index.time_zone);
    if (zone.has_error()) base::refuse(index.id, "has an unknown time zone");
    return *zone;
  }
  time::Zone zone_of(const ValuationPolicy& policy) {
    const ValuationPolicy* of = &policy;
    std::optional<StoredPolicy> coin;
    if (policy.token) {
      coin = ports_.pricing.prices.policy_on(policy.token->coin, time::utc_date(now_));
      if (!coin || !coin->policy.official_index)
        base::refuse(policy.token->coin.value(), "is no coin with a valuation policy");
      of = &coin->policy;
    }
    const auto index = ports_.pricing.rates.definition(of->official_index->value());
    if (!index) base::refuse(of->official_index->value(), "is not known");
    return zone_of(index->index);
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
  void advance(JobSubject subject, const std::string& id, const time::Zone& zone, const Strike& strike) {
    const time::Date today = zone.to_local(now_).date;
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
      if (!strike(date)) return;
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
    if (now_ < base::value_or_refuse(due_at(ports_.pricing.rates, id, date))) return false;
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
    time::Instant latest =
        base::value_or_refuse(due_at(ports_.pricing.rates, policy.official_index->value(), date));
    if (policy.second_index)
      latest = std::max(
          latest, base::value_or_refuse(due_at(ports_.pricing.rates, policy.second_index->value(), date)));
    return latest;
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
  std::set<std::string> waiting_;  ///< indices with their dates
};

}  // namespace

void run_strikes(const JobPorts& ports, const std::string& actor, bool sweep, const JobReport& report) {
  Pass pass(ports, actor, report);
  pass.strike_indices();
  pass.price_assets();
  if (sweep) pass.sweep();
}

}  // namespace navkeeper::pricing
