#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <unordered_set>

#include "common/model/actor.h"
#include "common/model/as_of.h"
#include "common/model/id.h"
#include "common/model/uuid.h"

namespace navkeeper::model {
namespace {

TEST(Name, ReadsLettersDigitsAndMarks) {
  for (const char* text : {"X", "NK_BTCUSD_NY", "coinbase-pro", "0x", "a.b", "3iQ"}) {
    ASSERT_TRUE(FundId::parse(text).has_value()) << text;
    EXPECT_EQ(FundId::parse(text)->value(), text);
  }
  EXPECT_TRUE(AssetId::parse("LP+2:a").has_value());
  EXPECT_TRUE(ActorId::parse("ops@desk").has_value());
  EXPECT_TRUE(VenueId::parse(std::string(64, 'v')).has_value());
}

TEST(Name, RefusesWithTheKindAndTheRule) {
  EXPECT_EQ(FundId::parse("").error().rule, "fund is empty");
  EXPECT_EQ(VenueId::parse(std::string(65, 'v')).error().rule, "venue is longer than 64 characters");
  EXPECT_EQ(IndexId::parse("_x").error().rule, "index must begin with a letter or a digit");
  EXPECT_EQ(AssetId::parse("a b").error().rule, "asset may hold only letters, digits and . _ - +:");
  for (const char* text : {"a/b", "a b", "a\n", "\"", "a'", "é", "a;b", "../x", "a@b", "a+b"}) {
    EXPECT_TRUE(FundId::parse(text).has_error()) << text;
  }
  EXPECT_TRUE(FundId::parse(std::string_view("a\0b", 3)).has_error());
}

TEST(Name, OfOneKindIsComparedByValueAndHashed) {
  EXPECT_EQ(FundId::literal("A"), FundId::literal("A"));
  EXPECT_LT(FundId::literal("A"), FundId::literal("B"));
  const std::unordered_set<AssetId> assets = {AssetId::literal("BTC"), AssetId::literal("BTC")};
  EXPECT_EQ(assets.size(), 1U);
  static_assert(!std::is_convertible_v<FundId, AssetId>);
  static_assert(!std::is_constructible_v<AssetId, std::string>);
}

TEST(PairId, IsTwoDifferentAssetsAroundASlash) {
  const PairId pair = PairId::literal("BTC/USD");
  EXPECT_EQ(pair.base(), AssetId::literal("BTC"));
  EXPECT_EQ(pair.quote(), AssetId::literal("USD"));
  EXPECT_EQ(pair.value(), "BTC/USD");
  EXPECT_EQ(PairId::of(AssetId::literal("BTC"), AssetId::literal("USD")), pair);
  for (const char* text : {"", "BTC", "BTC/", "/USD", "BTC/USD/X", "BTC/BTC", "BTC-USD", "BTC /USD"}) {
    EXPECT_TRUE(PairId::parse(text).has_error()) << text;
  }
}

TEST(IdempotencyKey, HasOneTo255VisibleCharacters) {
  EXPECT_TRUE(IdempotencyKey::parse("a").has_value());
  EXPECT_TRUE(IdempotencyKey::parse(std::string(255, '~')).has_value());
  EXPECT_TRUE(IdempotencyKey::parse("!\"{}/").has_value());
  for (const std::string& text :
       {std::string(), std::string(256, 'a'), std::string("a b"), std::string("a\x7F"), std::string("a\n"),
        std::string("\xC3\xA9"), std::string("a\0", 2)}) {
    EXPECT_TRUE(IdempotencyKey::parse(text).has_error());
  }
}

TEST(Role, WordsAreReadBack) {
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kMaker, Role::kApprover, Role::kAuditor,
                          Role::kAdministrator, Role::kService}) {
    EXPECT_EQ(parse_role(describe(role)), role);
  }
  EXPECT_FALSE(parse_role("root").has_value());
  const Actor actor{ActorId::literal("ann"), {Role::kMaker}};
  EXPECT_TRUE(actor.has(Role::kMaker));
  EXPECT_FALSE(actor.has(Role::kApprover));
}

RandomSource all(std::uint8_t value) {
  return [value](std::span<std::uint8_t> bytes) { std::fill(bytes.begin(), bytes.end(), value); };
}

TEST(Uuid, OfVersionSevenIsTheStandardsExample) {
  // RFC 9562 appendix A.6: 2022-02-22T19:22:22Z, unix_ts_ms 0x017F22E279B0; its random bits are chosen there.
  const auto now = time::Instant::literal("2022-02-22T19:22:22Z");
  EXPECT_EQ(new_uuid_v7(now, all(0)).to_string(), "017f22e2-79b0-7000-8000-000000000000");
  EXPECT_EQ(new_uuid_v7(now, all(0xFF)).to_string(), "017f22e2-79b0-7000-bfff-ffffffffffff");
  EXPECT_EQ(new_uuid_v7(now + time::Duration::from_ns(500'000), all(0)).to_string(),
            "017f22e2-79b0-7800-8000-000000000000");
  EXPECT_EQ(new_uuid_v7(now + time::Duration::from_ns(999'999), all(0)).to_string(),
            "017f22e2-79b0-7fff-8000-000000000000");
}

TEST(Uuid, MadeLaterIsGreater) {
  EXPECT_TRUE(rc::check("ordered by time", [] {
    const auto first = *rc::gen::inRange<std::int64_t>(0, INT64_MAX - 10'000'000);
    const auto later = first + *rc::gen::inRange<std::int64_t>(245, 5'000'000);
    const Uuid a = new_uuid_v7(time::Instant::from_ns(first), all(0xFF));
    const Uuid b = new_uuid_v7(time::Instant::from_ns(later), all(0));
    RC_ASSERT(a < b);
    RC_ASSERT(a.to_string() < b.to_string());
    RC_ASSERT(Uuid::parse(a.to_string()) == a);
    RC_ASSERT(a.bytes()[6] >> 4 == 7);
    RC_ASSERT(a.bytes()[8] >> 6 == 2);
  }));
}

TEST(Uuid, ReadsBothCasesAndRefusesTheRest) {
  EXPECT_EQ(Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")->to_string(),
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  EXPECT_TRUE(Uuid::parse("00000000-0000-0000-0000-000000000000")->is_nil());
  for (const char* text : {"", "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398}",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2_79b0-7cc3-98c4-dc0c0c07398f"}) {
    EXPECT_FALSE(Uuid::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace navkeeper::model
