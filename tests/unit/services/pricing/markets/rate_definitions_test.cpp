#include "services/pricing/domain/markets/rate_definitions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/pricing/domain/markets/restatement.h"

namespace navkeeper::pricing {
namespace {

TEST(LicensedPart, AnotherAdministratorsNameIsFoundInsideOneOfOurs) {
  EXPECT_EQ(licensed_part("NK_BRRNY"), "BRRNY");
  EXPECT_EQ(licensed_part("NK_CROUSD_RR"), "RR");
  EXPECT_EQ(licensed_part("NK_BTCUSD_NYBRR"), "NYBRR");
  EXPECT_EQ(licensed_part("NK_CMECF_NY"), "CMECF");
  EXPECT_EQ(licensed_part("NK_CRRUSD_NY"), "");
  EXPECT_EQ(licensed_part("NK_BTCUSD_NY_VWAP"), "");
  EXPECT_EQ(licensed_part("NK_BTCUSD_RT"), "");
}

using money::Decimal;
using time::Date;
using time::Instant;

IndexDefinition definition(std::string id, std::int64_t window_minutes = 60) {
  IndexDefinition index;
  index.id = std::move(id);
  index.pair = "BTC/USD";
  index.strike_time = time::TimeOfDay::literal("16:00");
  index.time_zone = "America/New_York";
  index.window_minutes = window_minutes;
  index.partitions = 12;
  index.venues = {"coinbase", "kraken"};
  index.venue_deviation_max = Decimal::literal("0.05");
  index.minimum_venues = 1;
  index.decimals = 2;
  return index;
}

Period<IndexDefinition> version(const char* first, const char* last, IndexDefinition index) {
  return {Date::literal(first), last[0] == '\0' ? std::nullopt : std::optional(Date::literal(last)),
          std::move(index)};
}

const auto kId = model::IndexId::literal("NK_BTCUSD_NY");

TEST(RateDefinitions, PastDayHasThatDaysDefinition) {
  const auto definitions =
      RateDefinitions::of({version("2026-01-01", "", definition("NK_BTCUSD_NY", 60)),
                           version("2024-01-01", "2025-12-31", definition("NK_BTCUSD_NY", 36))});
  ASSERT_TRUE(definitions.has_value());
  EXPECT_EQ(definitions->on(kId, Date::literal("2025-12-31"))->window_minutes, 36);
  EXPECT_EQ(definitions->on(kId, Date::literal("2026-01-01"))->window_minutes, 60);
  EXPECT_EQ(definitions->on(kId, Date::literal("2099-01-01"))->window_minutes, 60);
  EXPECT_EQ(definitions->on(kId, Date::literal("2023-12-31")).error().message(),
            "NK_BTCUSD_NY: has no definition on 2023-12-31");
  EXPECT_EQ(definitions->on(model::IndexId::literal("NK_X"), Date::literal("2026-01-01")).error().rule,
            "no such index");
}

TEST(RateDefinitions, OverlapsAndGapsAreRefused) {
  const auto rule = [](std::vector<Period<IndexDefinition>> versions) {
    return RateDefinitions::of(versions).error().message();
  };
  const auto index = definition("NK_BTCUSD_NY");
  EXPECT_EQ(rule({version("2024-01-01", "2025-12-31", index), version("2025-12-31", "", index)}),
            "NK_BTCUSD_NY: version of 2025-12-31: overlaps the version of 2024-01-01");
  EXPECT_EQ(rule({version("2024-01-01", "", index), version("2025-12-31", "", index)}),
            "NK_BTCUSD_NY: version of 2025-12-31: overlaps the version of 2024-01-01");
  EXPECT_EQ(rule({version("2024-01-01", "2025-12-31", index), version("2026-01-02", "", index)}),
            "NK_BTCUSD_NY: version of 2026-01-02: leaves a gap after 2025-12-31");
  EXPECT_EQ(rule({version("2024-01-02", "2024-01-01", index)}),
            "NK_BTCUSD_NY: version of 2024-01-02: ends before it begins");
}

TEST(RateDefinitions, LicensedNamesChangedPairsAndBadDefinitionsAreRefused) {
  EXPECT_EQ(RateDefinitions::of({version("2024-01-01", "", definition("BRRNY"))}).error().message(),
            "BRRNY from 2024-01-01: an index of ours is named NK_..., never by a licensed name");
  auto ether = definition("NK_BTCUSD_NY");
  ether.pair = "ETH/USD";
  EXPECT_EQ(RateDefinitions::of({version("2024-01-01", "2024-12-31", definition("NK_BTCUSD_NY")),
                                 version("2025-01-01", "", ether)})
                .error()
                .rule,
            "the pair of an index does not change");
  EXPECT_TRUE(RateDefinitions::of({version("2024-01-01", "", definition("NK_BTCUSD_NY", 0))}).has_error());
}

TEST(AssetIndices, IndexCannotCheckItself) {
  const AssetIndices same{kId, kId};
  EXPECT_EQ(asset_indices({{Date::literal("2026-01-01"), std::nullopt, same}}).error().rule,
            "an index cannot check itself");
  const AssetIndices two{kId, model::IndexId::literal("NK_BTCUSD_NY2")};
  const auto history = asset_indices({{Date::literal("2026-01-01"), std::nullopt, two}});
  ASSERT_TRUE(history.has_value());
  EXPECT_EQ(*history->on(Date::literal("2026-05-05")), two);
  EXPECT_EQ(history->on(Date::literal("2025-05-05")), nullptr);
}

RC_GTEST_PROP(DatedProperty, EveryDayBelongsToTheVersionThatCoversIt, ()) {
  const auto lengths = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 20)));
  std::vector<Period<int>> periods;
  Date first = Date::literal("2026-01-01");
  std::vector<int> owner;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    periods.push_back({first, first + (lengths[i] - 1), static_cast<int>(i)});
    owner.insert(owner.end(), static_cast<std::size_t>(lengths[i]), static_cast<int>(i));
    first = first + lengths[i];
  }
  auto shuffled = periods;
  std::rotate(shuffled.begin(), shuffled.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(shuffled)),
              shuffled.end());
  const auto dated = Dated<int>::of(shuffled);
  RC_ASSERT(dated.has_value());
  for (std::size_t day = 0; day < owner.size(); ++day)
    RC_ASSERT(*dated->on(Date::literal("2026-01-01") + static_cast<std::int64_t>(day)) == owner[day]);
  RC_ASSERT(dated->on(Date::literal("2025-12-31")) == nullptr);
  RC_ASSERT(dated->on(first) == nullptr);
}

TEST(Restatement, NeedsMoreThanTenBasisPointsBeforeTheDayEnds) {
  const RateVersion published{1, Decimal::literal("84000.00"), Instant::literal("2026-03-02T21:01:00Z")};
  const auto zone = time::Zone::literal("America/New_York");
  const Date date = Date::literal("2026-03-02");
  const auto at = [&](const char* value, const char* now) {
    return restate({}, published, Decimal::literal(value), date, zone, Instant::literal(now));
  };
  const auto next = at("84084.01", "2026-03-03T04:59:58Z");
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(*next, (RateVersion{2, Decimal::literal("84084.01"), Instant::literal("2026-03-03T04:59:58Z")}));
  EXPECT_EQ(at("84084.00", "2026-03-02T22:00:00Z").error(), RestatementRefusal::kNotAboveThreshold)
      << "10 bp exactly is not more than 10 bp";
  EXPECT_TRUE(at("83915.99", "2026-03-02T22:00:00Z").has_value());
  EXPECT_EQ(at("90000.00", "2026-03-03T04:59:59Z").error(), RestatementRefusal::kTooLate);
  EXPECT_EQ(at("90000.00", "2026-03-03T15:00:00Z").error(), RestatementRefusal::kTooLate);
  EXPECT_EQ(at("0", "2026-03-02T22:00:00Z").error(), RestatementRefusal::kValueNotPositive);
}

}  // namespace
}  // namespace navkeeper::pricing
