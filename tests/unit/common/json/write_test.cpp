#include "common/json/write.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace navkeeper::json {
namespace {

using money::Decimal;

TEST(Writer, WritesCompactlyInTheOrderOfTheCalls) {
  Writer writer;
  writer.begin_object()
      .member("z", "text")
      .member("a", Decimal::literal("1.50"))
      .member("n", 3)
      .member("t", true);
  writer.key("list").begin_array().null().number("1e5").integer(-2).begin_object().end_object().end_array();
  writer.key("fixed").decimal(Decimal::literal("1.5"), 3).key("empty").begin_array().end_array();
  writer.member("tree", *parse(R"({"y":1,"x":[]})")).end_object();
  EXPECT_EQ(
      writer.take(),
      R"({"z":"text","a":"1.5","n":3,"t":true,"list":[null,1e5,-2,{}],"fixed":"1.500","empty":[],"tree":{"y":1,"x":[]}})");
}

TEST(Writer, IsEmptyAfterTake) {
  Writer writer;
  EXPECT_EQ(writer.integer(1).take(), "1");
  EXPECT_EQ(writer.begin_array().end_array().take(), "[]");
}

TEST(Writer, RealsHaveTheirSignificantDigitsAndAreNullWhenNotFinite) {
  Writer writer;
  writer.begin_array().real(0.1).real(0.461466, 5).real(1.0).real(std::nan(""));
  writer.real(std::numeric_limits<double>::infinity()).end_array();
  EXPECT_EQ(writer.take(), "[0.10000000000000001,0.46147,1,null,null]");
}

TEST(Writer, SortsKeysByTheirBytesAtEveryLevelWhereAsked) {
  Writer writer(Keys::kSorted);
  writer.begin_object().member("b", 1).key("a").begin_object();
  writer.member("\xC3\xA9", 1).member("z", 2).member("Z", 3).member("\n", 4).end_object();
  writer.key("aa").begin_array().begin_object().member("y", "1").key("x").null().end_object();
  writer.begin_object().end_object().end_array();
  writer.member("tree", *parse(R"({"q":1,"p":2})")).key("A").written(R"({"k":[]})").end_object();
  EXPECT_EQ(writer.take(),
            "{\"A\":{\"k\":[]},\"a\":{\"\\n\":4,\"Z\":3,\"z\":2,\"\xC3\xA9\":1},\"aa\":[{\"x\":null,"
            "\"y\":\"1\"},{}],\"b\":1,\"tree\":{\"p\":2,\"q\":1}}");
}

TEST(WriterDeathTest, AKeyThatComesTwiceIsABugWhereKeysAreSorted) {
  EXPECT_DEATH(Writer(Keys::kSorted).begin_object().member("k", 1).member("j", 1).member("k", 2).end_object(),
               "");
}

TEST(WriterDeathTest, CallsThatAreNotJsonAreABug) {
  EXPECT_DEATH(Writer().begin_object().string("no key"), "");
  EXPECT_DEATH(Writer().begin_array().key("k"), "");
  EXPECT_DEATH(Writer().begin_array().end_object(), "");
  EXPECT_DEATH(Writer().integer(1).integer(2), "");
  EXPECT_DEATH(Writer().begin_array().take(), "");
  EXPECT_DEATH(Writer().number("01"), "");
}

TEST(Quoted, EscapesWhatJsonDemandsAndNothingElse) {
  EXPECT_EQ(quoted("a\"\\/\b\t\n\f\r\x01\x1f\x7f"), "\"a\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\"");
  EXPECT_EQ(quoted("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\"");
  EXPECT_EQ(quoted(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(Quoted, BytesThatAreNotUtf8AreReplaced) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(quoted("a\xff"
                   "b"),
            "\"a" + mark + "b\"");
  EXPECT_EQ(quoted("\xc0\xaf"), "\"" + mark + mark + "\"");
  EXPECT_EQ(quoted("\xed\xa0\x80"), "\"" + mark + mark + mark + "\"");
  EXPECT_EQ(quoted("\xe2\x82"), "\"" + mark + mark + "\"");
  EXPECT_EQ(quoted("\xf4\x90\x80\x80"), "\"" + mark + mark + mark + mark + "\"");
}

TEST(ToCanonical, SortsKeysByTheirBytesAtEveryLevel) {
  const Value tree = *parse(R"({ "b":1, "a":{"\u00e9":1,"z":2,"Z":3}, "aa":[{"y":1.50,"x":null}] })");
  EXPECT_EQ(to_canonical(tree),
            "{\"a\":{\"Z\":3,\"z\":2,\"\xC3\xA9\":1},\"aa\":[{\"x\":null,\"y\":1.50}],\"b\":1}");
}

TEST(ToCanonical, DoesNotDependOnOrderOrWhiteSpaceOrEscapes) {
  EXPECT_EQ(to_canonical(*parse(R"({"a":"A","b":[1,2]})")),
            to_canonical(*parse("{\n\"b\" : [1 , 2],\"a\":\"\\u0041\"}")));
}

TEST(ToPretty, IndentsByTwoSpaces) {
  EXPECT_EQ(to_pretty(*parse(R"({"a":[1,{"b":[]}],"c":{}})")),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}");
}

}  // namespace
}  // namespace navkeeper::json
