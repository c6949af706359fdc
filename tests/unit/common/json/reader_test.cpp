#include "common/json/reader.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"

namespace navkeeper::json {
namespace {

template <class Read>
std::string refusal(Read&& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "accepted";
}

TEST(ObjectReader, EveryKindOfValueIsRead) {
  const Value tree =
      *parse(R"({"s":"x","d":"3.844E-5","i":-7,"b":true,"on":"2024-02-29","at":"2024-01-01T00:00:00+01:00",
    "list":[{"a":"1"},{"a":"2"}],"inner":{"k":"v"},"nothing":null})");
  ObjectReader reader(tree);
  EXPECT_EQ(reader.string("s"), "x");
  EXPECT_EQ(reader.decimal("d").to_string(), "0.00003844");
  EXPECT_EQ(reader.integer("i"), -7);
  EXPECT_TRUE(reader.boolean("b"));
  EXPECT_EQ(reader.date("on").to_string(), "2024-02-29");
  EXPECT_EQ(reader.instant("at").to_string(), "2023-12-31T23:00:00Z");
  const auto list = reader.array("list");
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1].path, "list[1]");
  EXPECT_EQ(ObjectReader(list[1]).decimal("a").to_string(), "2");
  EXPECT_EQ(reader.object("inner").string("k"), "v");
  EXPECT_TRUE(reader.is_null("nothing"));
  EXPECT_EQ(refusal([&] { reader.finish(); }), "nothing: unknown key");
  reader.ignore("nothing");
  reader.finish();
}

TEST(ObjectReader, ANumberWhereADecimalStringIsDueIsRefused) {
  const Value tree = *parse(R"({"positions":[{"price":1.5}]})");
  ObjectReader reader(tree);
  ObjectReader position(reader.array("positions")[0]);
  EXPECT_EQ(refusal([&] { position.decimal("price"); }),
            "positions[0].price: must be a decimal in quotes, not a JSON number");
}

TEST(ObjectReader, ANulCharacterIsRefusedByItsKey) {
  const Value value = parse(R"({"name":"a\u0000b"})").value();
  ObjectReader reader(value, "facts[0]");
  try {
    reader.string("name");
    FAIL() << "was read";
  } catch (const base::Refused& refused) {
    EXPECT_EQ(refused.refusal().where, "facts[0].name");
    EXPECT_EQ(refused.refusal().rule, "has a NUL character (\\u0000)");
  }
}

TEST(ObjectReader, AbsentKeysAreRefusedOrNothing) {
  const Value tree = *parse(R"({"inner":{}})");
  ObjectReader reader(tree);
  EXPECT_EQ(refusal([&] { reader.string("fund"); }), "fund: key is missing");
  EXPECT_EQ(refusal([&] { reader.object("inner").decimal("fee"); }), "inner.fee: key is missing");
  EXPECT_EQ(reader.optional_string("fund"), std::nullopt);
  EXPECT_EQ(reader.optional_decimal("fund"), std::nullopt);
  EXPECT_EQ(reader.optional_integer("fund"), std::nullopt);
  EXPECT_EQ(reader.optional_boolean("fund"), std::nullopt);
  EXPECT_EQ(reader.optional_date("fund"), std::nullopt);
  EXPECT_FALSE(reader.optional_object("fund").has_value());
  EXPECT_TRUE(reader.optional_array("fund").empty());
}

TEST(ObjectReader, AnExplicitNullIsNotAnAbsentKey) {
  const Value tree = *parse(R"({"a":null})");
  ObjectReader reader(tree);
  EXPECT_EQ(refusal([&] { reader.optional_string("a"); }), "a: must be a string, not null");
}

TEST(ObjectReader, WrongKindsAreRefusedByName) {
  const Value tree =
      *parse(R"({"s":"x","n":1,"d":"12a","day":"2023-02-29","long":")" + std::string(400, '9') + R"("})");
  ObjectReader reader(tree);
  EXPECT_EQ(refusal([&] { reader.integer("s"); }), "s: must be a number, not a string");
  EXPECT_EQ(refusal([&] { reader.string("n"); }), "n: must be a string, not a number");
  EXPECT_EQ(refusal([&] { reader.array("n"); }), "n: must be an array, not a number");
  EXPECT_EQ(refusal([&] { reader.object("n"); }), "n: must be an object, not a number");
  EXPECT_EQ(refusal([&] { reader.boolean("n"); }), "n: must be a boolean, not a number");
  EXPECT_TRUE(refusal([&] { reader.decimal("d"); }).starts_with("d: "));
  EXPECT_TRUE(refusal([&] { reader.decimal("long"); }).starts_with("long: "));
  EXPECT_TRUE(refusal([&] { reader.date("day"); }).starts_with("day: "));
  EXPECT_TRUE(refusal([&] { reader.instant("day"); }).starts_with("day: "));
  const Value list = *parse("[]");
  EXPECT_EQ(refusal([&] { ObjectReader whole(list); }), "the document: must be an object, not an array");
}

TEST(ObjectReader, IntegersAreWholeAndInRange) {
  const Value tree = *parse(R"({"a":1.0,"b":1e3,"c":9223372036854775807,"d":9223372036854775808,"e":5})");
  ObjectReader reader(tree);
  EXPECT_EQ(refusal([&] { reader.integer("a"); }), "a: must be a whole number without point or exponent");
  EXPECT_EQ(refusal([&] { reader.integer("b"); }), "b: must be a whole number without point or exponent");
  EXPECT_EQ(reader.integer("c"), INT64_MAX);
  EXPECT_TRUE(refusal([&] { reader.integer("d"); }).starts_with("d: must be between"));
  EXPECT_EQ(refusal([&] { reader.integer("e", 6, 9); }), "e: must be between 6 and 9");
  EXPECT_EQ(refusal([&] { reader.integer("e", 0, 4); }), "e: must be between 0 and 4");
  EXPECT_EQ(reader.integer("e", 5, 5), 5);
}

}  // namespace
}  // namespace navkeeper::json
