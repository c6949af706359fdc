#include "services/pricing/domain/markets/pricing_checks.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "services/pricing/domain/markets/deviation.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kSecondNs = 1'000'000'000;

PricingCheck not_measured(PricingCheckKind kind, std::string threshold, std::string evidence) {
  return {kind, CheckResult::kNotMeasured, std::move(threshold), "", std::move(evidence)};
}

PricingCheck measured(PricingCheckKind kind, bool passed, std::string threshold, std::string value,
                      std::string evidence) {
  return {kind, passed ? CheckResult::kPassed : CheckResult::kFailed, std::move(threshold), std::move(value),
          std::move(evidence)};
}

PricingCheck check_stale(const PricingCheckRule& rule, const PricingEvidence& evidence) {
  const std::string threshold = "at most " + std::to_string(rule.age_max_seconds) + " s";
  if (!evidence.price) return not_measured(PricingCheckKind::kStale, threshold, "there is no price");
  const money::Int128 age_ns = money::Int128{evidence.valuation.ns()} - evidence.price->at.ns();
  // A price from after the valuation time is no price of that time.
  const bool passed = age_ns >= 0 && age_ns <= money::Int128{rule.age_max_seconds} * kSecondNs;
  return measured(
      PricingCheckKind::kStale, passed, threshold, money::Decimal::of(age_ns, 9).to_string() + " s",
      "observed at " + evidence.price->at.to_string() + ", valued at " + evidence.valuation.to_string());
}

PricingCheck check_unchanged(const PricingCheckRule& rule, const PricingEvidence& evidence) {
  ENSURE(rule.unchanged_strikes_max >= 1);
  const std::string threshold = "at most " + std::to_string(rule.unchanged_strikes_max) + " strikes";
  const UnchangedRun run = unchanged_run(evidence.strikes);
  if (run.strikes == 0) return not_measured(PricingCheckKind::kUnchanged, threshold, "there is no strike");
  return measured(PricingCheckKind::kUnchanged, run.strikes <= rule.unchanged_strikes_max, threshold,
                  std::to_string(run.strikes),
                  evidence.strikes.back().value.to_string() + " since " + run.since->to_string());
}

PricingCheck check_second_source(const PricingCheckRule& rule, const PricingEvidence& evidence) {
  const std::string threshold = "at most " + ppm_text(rule.second_source_deviation_max_ppm);
  if (!evidence.price) return not_measured(PricingCheckKind::kSecondSource, threshold, "there is no price");
  if (!evidence.second_source)
    return not_measured(PricingCheckKind::kSecondSource, threshold, "there is no second source");
  const auto gap = deviation(evidence.price->value, evidence.second_source->value);
  return measured(PricingCheckKind::kSecondSource, !exceeds(gap, rule.second_source_deviation_max_ppm),
                  threshold, gap.to_quotient_string(),
                  evidence.price->value.to_string() + " against " +
                      evidence.second_source->value.to_string() + " of " + evidence.second_source->source);
}

PricingCheck check_yesterday(const PricingCheckRule& rule, const PricingEvidence& evidence) {
  const std::string threshold = "at most " + ppm_text(rule.yesterday_deviation_max_ppm);
  if (!evidence.value) return not_measured(PricingCheckKind::kYesterday, threshold, "there is no price");
  if (!evidence.official_before)
    return not_measured(PricingCheckKind::kYesterday, threshold, "no earlier day has an official price");
  const StruckValue& before = *evidence.official_before;
  const auto move = deviation(*evidence.value, before.value);
  return measured(PricingCheckKind::kYesterday, !exceeds(move, rule.yesterday_deviation_max_ppm), threshold,
                  move.to_quotient_string(),
                  evidence.value->to_string() + " against " + before.value.to_string() + " of " +
                      before.date.to_string());
}

PricingCheck check_partitions(const PricingCheckRule& rule, const PricingEvidence& evidence) {
  const std::string threshold = "at most " + std::to_string(rule.thin_partitions_max) + " with fewer than " +
                                std::to_string(rule.partition_trades_min) + " trades";
  if (!evidence.coverage)
    return not_measured(PricingCheckKind::kThinPartitions, threshold, "the price has no partitions");
  std::size_t thin = 0;
  std::string which;
  const auto& trades = evidence.coverage->partition_trades;
  for (std::size_t i = 0; i < trades.size(); ++i) {
    if (trades[i] >= rule.partition_trades_min) continue;
    ++thin;
    which += (which.empty() ? "" : ", ") + std::to_string(i + 1) + " with " + std::to_string(trades[i]);
  }
  return measured(PricingCheckKind::kThinPartitions, thin <= rule.thin_partitions_max, threshold,
                  std::to_string(thin),
                  which.empty() ? "of " + std::to_string(trades.size()) + " none" : "partitions " + which);
}

PricingCheck check_venues(const PricingCheckRule& rule, const PricingEvidence& evidence) {
  const std::string threshold = "at least " + std::to_string(rule.venues_min);
  if (!evidence.coverage)
    return not_measured(PricingCheckKind::kVenueCount, threshold, "the price has no venues");
  const auto& venues = evidence.coverage->venues_counted;
  std::string names;
  for (const std::string& venue : venues) names += (names.empty() ? "" : ", ") + venue;
  return measured(PricingCheckKind::kVenueCount, venues.size() >= rule.venues_min, threshold,
                  std::to_string(venues.size()), names.empty() ? "none" : names);
}

PricingCheck check_minutes(const PricingCheckRule& rule, const PricingEvidence& evidence) {
  constexpr std::size_t kShown = 10;
  const std::string threshold = "at most " + std::to_string(rule.missing_minutes_max);
  if (!evidence.coverage)
    return not_measured(PricingCheckKind::kMissingMinutes, threshold, "the price has no window");
  const auto& missing = evidence.coverage->missing_minutes;
  std::string which;
  for (std::size_t i = 0; i < std::min(kShown, missing.size()); ++i)
    which += (which.empty() ? "" : ", ") + missing[i].to_string();
  if (missing.size() > kShown) which += " and " + std::to_string(missing.size() - kShown) + " more";
  return measured(PricingCheckKind::kMissingMinutes, missing.size() <= rule.missing_minutes_max, threshold,
                  std::to_string(missing.size()), which.empty() ? "none" : which);
}

PricingCheck check_feeds(const PricingEvidence& evidence) {
  const std::string threshold = "at most 0 that are not whole";
  if (!evidence.coverage)
    return not_measured(PricingCheckKind::kFeedsWhole, threshold, "the price has no window");
  if (!evidence.coverage->feeds)
    return not_measured(PricingCheckKind::kFeedsWhole, threshold, "the rate does not say");
  const FeedsOfWindow& feeds = *evidence.coverage->feeds;
  std::string text = describe(feeds.unwhole);
  if (feeds.unwhole.empty()) {
    for (const std::string& venue : feeds.whole) text += (text.empty() ? "" : ", ") + venue;
    if (text.empty()) text = "no feed then: the trades came by file";
  }
  return measured(PricingCheckKind::kFeedsWhole, feeds.unwhole.empty(), threshold,
                  std::to_string(feeds.unwhole.size()), text);
}

}  // namespace

std::string_view describe(PricingCheckKind kind) {
  switch (kind) {
    case PricingCheckKind::kStale:
      return "stale";
    case PricingCheckKind::kUnchanged:
      return "unchanged";
    case PricingCheckKind::kSecondSource:
      return "second_source";
    case PricingCheckKind::kYesterday:
      return "yesterday";
    case PricingCheckKind::kThinPartitions:
      return "thin_partitions";
    case PricingCheckKind::kVenueCount:
      return "venue_count";
    case PricingCheckKind::kMissingMinutes:
      return "missing_minutes";
    case PricingCheckKind::kFeedsWhole:
      return "feeds_whole";
  }
  ENSURE(false);
}

std::string_view describe(CheckResult result) {
  switch (result) {
    case CheckResult::kPassed:
      return "passed";
    case CheckResult::kFailed:
      return "failed";
    case CheckResult::kNotMeasured:
      return "not_measured";
  }
  ENSURE(false);
}

std::vector<time::Instant> missing_minutes(const Window& window, std::span<const std::int64_t> time_ns) {
  const std::int64_t minutes = (window.end_ns - window.start_ns + kMinuteNs - 1) / kMinuteNs;
  std::vector<bool> seen(static_cast<std::size_t>(minutes), false);
  for (const std::int64_t at : time_ns) {
    if (window.contains(at)) seen[static_cast<std::size_t>((at - window.start_ns) / kMinuteNs)] = true;
  }
  std::vector<time::Instant> missing;
  for (std::int64_t i = 0; i < minutes; ++i) {
    if (!seen[static_cast<std::size_t>(i)])
      missing.push_back(time::Instant::from_ns(window.start_ns + i * kMinuteNs));
  }
  return missing;
}

Coverage coverage_of(const Rate& rate, const std::vector<std::string>& venues, const Window& window,
                     std::span<const std::int64_t> time_ns) {
  ENSURE(rate.venues.size() == venues.size());
  Coverage coverage;
  for (const PartitionResult& partition : rate.partitions)
    coverage.partition_trades.push_back(partition.trades);
  for (std::size_t i = 0; i < venues.size(); ++i) {
    if (rate.venues[i].trades > 0 && !rate.venues[i].excluded) coverage.venues_counted.push_back(venues[i]);
  }
  coverage.missing_minutes = missing_minutes(window, time_ns);
  return coverage;
}

std::vector<PricingCheck> check_price(const PricingCheckRule& rule, const PricingEvidence& evidence) {
  return {check_stale(rule, evidence),         check_unchanged(rule, evidence),
          check_second_source(rule, evidence), check_yesterday(rule, evidence),
          check_partitions(rule, evidence),    check_venues(rule, evidence),
          check_minutes(rule, evidence),       check_feeds(evidence)};
}

bool all_passed(std::span<const PricingCheck> checks) {
  return std::all_of(checks.begin(), checks.end(),
                     [](const PricingCheck& check) { return check.result == CheckResult::kPassed; });
}

}  // namespace navkeeper::pricing
