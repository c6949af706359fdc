#include <gtest/gtest.h>

#include "common/json/value.h"
#include "common/json/write.h"

namespace navkeeper::json {
namespace {

std::string refusal(std::string_view text, const Limits& limits = {}) {
  const auto parsed = parse(text, limits);
  return parsed.has_error() ? parsed.error().message() : "accepted";
}

Value value(std::string_view text) {
  auto parsed = parse(text);
  EXPECT_TRUE(parsed.has_value()) << text << ": " << refusal(text);
  return parsed.has_value() ? std::move(*parsed) : Value();
}

TEST(Parse, ReadsEveryKindAndKeepsTheOrder) {
  const Value tree = value(R"( {"b" : [true, false, null], "a": -1.50e+3, "s": "x"} )");
  ASSERT_EQ(tree.kind(), Kind::kObject);
  const Object& members = tree.as_object();
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[0].key, "b");
  EXPECT_EQ(members[0].value.as_array().size(), 3u);
  EXPECT_TRUE(members[0].value.as_array()[0].as_boolean());
  EXPECT_TRUE(members[0].value.as_array()[2].is_null());
  EXPECT_EQ(members[1].value.as_number(), "-1.50e+3");
  EXPECT_EQ(tree.find("s")->as_string(), "x");
  EXPECT_EQ(tree.find("t"), nullptr);
}

TEST(Parse, NumbersOfAnyLengthKeepTheirToken) {
  const std::string digits(400, '7');
  EXPECT_EQ(value(digits).as_number(), digits);
  EXPECT_EQ(value("1e999999").as_number(), "1e999999");
  EXPECT_EQ(value("-0").as_number(), "-0");
  EXPECT_EQ(value("1.10").as_number(), "1.10");
}

TEST(Parse, NumbersOutsideTheGrammarAreRefused) {
  for (const char* bad : {"01", "+1", ".5", "1.", "1.e3", "1e", "1e+", "-", "--1", "0x10", "1.2.3", "NaN",
                          "Infinity", "-01", "1-", "1+1", "00"})
    EXPECT_NE(refusal(bad), "accepted") << bad;
}

TEST(Parse, BrokenDocumentsAreRefusedWithLineAndColumn) {
  EXPECT_EQ(refusal(""), "line 1, column 1: the document ends where a value is expected");
  EXPECT_EQ(refusal("{\n  \"a\": tru\n}"), "line 2, column 8: a value is expected here");
  EXPECT_EQ(refusal("[1,2"), "line 1, column 5: ',' or ']' is expected here");
  EXPECT_EQ(refusal("[1,]"), "line 1, column 4: a value is expected here");
  EXPECT_EQ(refusal("{\"a\":1,}"), "line 1, column 8: a key in quotes is expected here");
  EXPECT_EQ(refusal("{\"a\" 1}"), "line 1, column 6: ':' is expected here");
  EXPECT_EQ(refusal("{} {}"), "line 1, column 4: nothing may follow the document");
  EXPECT_EQ(refusal("\"open"), "line 1, column 1: the string is not closed");
  EXPECT_EQ(refusal("\"a\nb\""), "line 1, column 3: a control character in a string must be escaped");
  for (const char* bad : {"nul", "truex", "'a'", "{a:1}", "[1 2]", "[,1]", "{,}", "// c\n1", "1 // c", "[",
                          "{", "\"\\", "\"\\u12"})
    EXPECT_NE(refusal(bad), "accepted") << bad;
  EXPECT_NE(refusal(std::string_view("1\0", 2)), "accepted");
  EXPECT_NE(refusal(std::string_view("\0", 1)), "accepted");
}

TEST(Parse, ARepeatedKeyIsRefusedByName) {
  EXPECT_EQ(refusal("{\"a\":1,\n \"a\":2}"), "line 2, column 2: key \"a\" is repeated");
  EXPECT_EQ(refusal(R"({"a":1,"\u0061":2})"), "line 1, column 8: key \"a\" is repeated");
  EXPECT_EQ(refusal(R"({"a":{"a":1},"b":{"a":1}})"), "accepted");
}

TEST(Parse, ARepeatedKeyIsFoundAmongMany) {
  for (int repeated : {0, 10, 16, 17, 99}) {
    std::string text = "{";
    for (int i = 0; i < 100; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    text += "\"k" + std::to_string(repeated) + "\":0}";
    EXPECT_NE(refusal(text).find("is repeated"), std::string::npos) << repeated;
  }
}

TEST(Parse, EscapesBecomeUtf8) {
  EXPECT_EQ(value(R"("\"\\\/\b\f\n\r\t")").as_string(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(value(R"("\u0041\u00e9\u20AC")").as_string(), "A\xC3\xA9\xE2\x82\xAC");
  EXPECT_EQ(value(R"("\ud83d\ude00")").as_string(), "\xF0\x9F\x98\x80");
  EXPECT_EQ(value(R"("\u0000")").as_string(), std::string(1, '\0'));
}

TEST(Parse, HalvesOfSurrogatePairsAndUnknownEscapesAreRefused) {
  for (const char* bad : {R"("\ud83d")", R"("\ud83dx")", R"("\ude00")", R"("\ud83d\u0041")",
                          R"("\ud83d\ud83d")", R"("\x41")", R"("\u00g0")", R"("\U0041")"})
    EXPECT_NE(refusal(bad), "accepted") << bad;
}

TEST(Parse, BytesThatAreNotUtf8AreRefusedWithTheirLine) {
  EXPECT_EQ(refusal("{\n\"a\":\"\xff\"}"), "line 2, column 6: not UTF-8");
  EXPECT_EQ(refusal("\"\xed\xa0\x80\""), "line 1, column 2: not UTF-8");
  EXPECT_EQ(refusal("\"\xc0\xaf\""), "line 1, column 2: not UTF-8");
  EXPECT_EQ(refusal("\xEF\xBB\xBF{}"), "line 1, column 1: a byte-order mark is not allowed");
}

TEST(Parse, DepthAndSizeAreBounded) {
  EXPECT_EQ(refusal(std::string(64, '[') + std::string(64, ']')), "accepted");
  EXPECT_NE(refusal(std::string(65, '[') + std::string(65, ']')).find("more than 64"), std::string::npos);
  EXPECT_NE(refusal(std::string(1000000, '[')), "accepted");
  EXPECT_EQ(refusal("[1,2]", {.bytes_max = 4}), "the document is larger than 4 bytes");
}

TEST(IsNumberToken, IsTheGrammarOfRfc8259) {
  for (const char* good : {"0", "-0", "10", "1.5", "1e5", "1E-5", "-12.340e+05"})
    EXPECT_TRUE(is_number_token(good));
  for (const char* bad : {"", "-", "01", "1.", ".1", "1e", " 1", "1 ", "1a"})
    EXPECT_FALSE(is_number_token(bad));
}

}  // namespace
}  // namespace navkeeper::json
