#include "common/http/request_fields.h"

#include <gtest/gtest.h>

namespace navkeeper::http {
namespace {

Request asking(Parameters parameters, Parameters query, std::string body = "") {
  Request request;
  request.parameters = std::move(parameters);
  request.query = std::move(query);
  request.body = std::move(body);
  return request;
}

template <class Read>
std::string refusal(Read&& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "";
}

TEST(RequestFields, OfThePathAreReadByTheirKindOrRefusedByName) {
  const Request good = asking({{"fund", "BTCETH"}, {"date", "2026-03-11"}, {"number", "7"}}, {});
  EXPECT_EQ(path_fund(good), model::FundId::literal("BTCETH"));
  EXPECT_EQ(path_date(good), *time::Date::parse("2026-03-11"));
  EXPECT_EQ(path_integer(good, "number", 1, 9), 7);
  const Request bad = asking({{"fund", "a b"}, {"date", "2026-02-30"}, {"number", "7x"}}, {});
  EXPECT_EQ(refusal([&] { path_fund(bad); }).substr(0, 6), "fund: ");
  EXPECT_EQ(refusal([&] { path_date(bad); }), "date: must be a date YYYY-MM-DD that exists");
  EXPECT_EQ(refusal([&] { path_integer(bad, "number", 1, 9); }),
            "number: must be a whole number from 1 to 9");
}

TEST(RequestFields, OfTheQueryAreNothingWhenAbsent) {
  const Request none = asking({}, {});
  EXPECT_EQ(query_date(none, "from"), std::nullopt);
  EXPECT_EQ(query_instant(none, "known_at"), std::nullopt);
  EXPECT_EQ(query_boolean(none, "adjusted"), std::nullopt);
  EXPECT_EQ(query_integer(none, "cursor", 0, 9), std::nullopt);
  EXPECT_EQ(query_instant_or_latest(none, "as_of"), time::Instant::latest());
  EXPECT_EQ(query_page_limit(none), kPageDefault);
  EXPECT_EQ(refusal([&] { required_query_date(none, "from"); }), "from: is missing");
  EXPECT_EQ(refusal([&] { required_query(none, "act"); }), "act: is missing");
}

TEST(RequestFields, OfTheQueryAreReadByTheirKindOrRefusedByName) {
  const Request good = asking({}, {{"from", "2026-03-11"},
                                   {"known_at", "2026-03-11T16:00:00-04:00"},
                                   {"adjusted", "false"},
                                   {"limit", "1000"}});
  EXPECT_EQ(query_date(good, "from"), time::Date::parse("2026-03-11"));
  EXPECT_EQ(query_instant_or_latest(good, "known_at"), *time::parse_rfc3339("2026-03-11T20:00:00Z"));
  EXPECT_EQ(query_boolean(good, "adjusted"), false);
  EXPECT_EQ(query_page_limit(good), 1000);
  const Request bad = asking({}, {{"from", "11.3."}, {"known_at", "now"}, {"adjusted", "1"}});
  EXPECT_EQ(refusal([&] { query_date(bad, "from"); }), "from: must be a date YYYY-MM-DD that exists");
  EXPECT_EQ(refusal([&] { query_instant(bad, "known_at"); }),
            "known_at: must be a time as RFC 3339 writes it");
  EXPECT_EQ(refusal([&] { query_boolean(bad, "adjusted"); }), "adjusted: must be true or false");
  for (const char* limit : {"0", "1001", "-1", "1.0", "", "99999999999999999999", "+1"}) {
    const Request page = asking({}, {{"limit", limit}});
    EXPECT_EQ(refusal([&] { query_page_limit(page); }), "limit: must be a whole number from 1 to 1000")
        << limit;
  }
}

TEST(RequestFields, AnEmptyBodyIsAnEmptyObject) {
  EXPECT_TRUE(json_body(asking({}, {})).as_object().empty());
  EXPECT_EQ(json_body(asking({}, {}, R"({"a":"1"})")).as_object().size(), 1u);
  EXPECT_NE(refusal([] { json_body(asking({}, {}, "{")); }), "");
  require_empty_body(asking({}, {}));
  require_empty_body(asking({}, {}, " { } "));
  for (const char* body : {"[]", "null", R"({"a":1})"})
    EXPECT_EQ(refusal([&] { require_empty_body(asking({}, {}, body)); }), "body: must be empty or {}");
}

}  // namespace
}  // namespace navkeeper::http
