#include "common/http/url.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace navkeeper::http {
namespace {

TEST(PercentDecode, DecodesWhatIsEncodedRightly) {
  EXPECT_EQ(percent_decode("BTC%2FUSD"), "BTC/USD");
  EXPECT_EQ(percent_decode("%c3%A9"), "\xC3\xA9");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode(""), "");
}

TEST(PercentDecode, RefusesBrokenEscapesControlCharactersAndBadUtf8) {
  for (const char* bad :
       {"%", "%4", "%zz", "%4g", "a%", "%00", "%0a", "%0D%0A", "%7f", "%ff", "%c0%af", "%ed%a0%80"})
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
}

TEST(ParseQuery, ReadsNamesAndValues) {
  const auto query = parse_query("a=1&b=x%20y&c=p+q&d&e=&f=1=2");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(*query, (Parameters{{"a", "1"}, {"b", "x y"}, {"c", "p q"}, {"d", ""}, {"e", ""}, {"f", "1=2"}}));
  EXPECT_TRUE(parse_query("")->empty());
}

TEST(ParseQuery, RefusesByName) {
  EXPECT_EQ(parse_query("a=1&a=2").error().message(), "a: the parameter is repeated");
  EXPECT_EQ(parse_query("a=%zz").error().message(), "a: the value is not encoded rightly");
  EXPECT_TRUE(parse_query("=1").has_error());
  EXPECT_TRUE(parse_query("%ff=1").has_error());
  std::string many;
  for (std::size_t i = 0; i <= kQueryParametersMax; ++i) many += "k" + std::to_string(i) + "=1&";
  EXPECT_TRUE(parse_query(many).has_error());
}

RC_GTEST_PROP(Url, EncodingIsUndoneByDecoding, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7f));
  RC_ASSERT(percent_decode(percent_encode(text)) == text);
  const Parameters parameters{{"name", text}, {"x" + text, "1"}};
  const auto again = parse_query(to_query(parameters));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == parameters);
}

TEST(BaseUrl, ReadsSchemeHostPortAndPath) {
  const auto url = BaseUrl::parse("https://peer.example:8443/base/");
  ASSERT_TRUE(url.has_value());
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "peer.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/base");
  EXPECT_EQ(BaseUrl::parse("http://[::1]")->authority(), "[::1]:80");
  EXPECT_EQ(BaseUrl::parse("https://h")->port, 443);
  EXPECT_EQ(BaseUrl::parse("http://127.0.0.1:1/")->path, "");
}

TEST(BaseUrl, RefusesWhatIsNotOne) {
  for (const char* bad : {"", "peer", "ftp://h", "http://", "http://:80", "http://h:", "http://h:0",
                          "http://h:65536", "http://h:1x", "http://u@h", "http://h?q", "http://h#f",
                          "http://[::1", "http://[::1]x", "http://h h", "http://h\r\n"})
    EXPECT_TRUE(BaseUrl::parse(bad).has_error()) << bad;
}

}  // namespace
}  // namespace navkeeper::http
