// Limits in dollars in a real PostgreSQL: by the code that decides, over HTTP with a pricing service that
// answers, and by constraints that hold against any code.
#include "common/http/router.h"
#include "common/http/server.h"
#include "common/log/log.h"
#include "common/time/clock.h"
#include "tests/db/movement_desk.h"

namespace navkeeper::custody {
namespace {

using S = MovementState;
using model::Role;
using money::Decimal;
using time::Duration;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class MovementDollarsTest : public MovementTest {
 protected:
  /// Stakes and withdrawals: 100,000 dollars at once, 250,000 a day.
  static MovementRule in_dollars(const std::string& id, const std::string& per_movement = "100000",
                                 const std::string& per_day = "250000") {
    MovementRule rule = policy(id, "1000", "100000");
    auto& terms = std::get<MovementPolicy>(rule.terms);
    terms.dollars = DollarTerms{"ICA_1940", "fair_value", 4, {}};
    for (const MovementKind kind : {MovementKind::kStake, MovementKind::kWithdrawal})
      for (const Role role : {Role::kMaker, Role::kApprover, Role::kService})
        terms.dollars->limits.push_back(
            {kind, role, Decimal::literal(per_movement), Decimal::literal(per_day)});
    return rule;
  }
  static CoinPrice at(const std::string& dollars, const std::string& date = "2026-03-04") {
    return {OfficialPrice{*time::Date::parse(date), Decimal::literal(dollars), "abcd"}, "ICA_1940",
            "fair_value"};
  }
  std::string proposed(const Movement& one, const CoinPrice& price, const MovementActor& by = maker()) {
    return refusal([&](auto& t) { propose_movement(t, settings_, kFund, one, by, {}, price); });
  }
  std::string approved(const std::string& id, const CoinPrice& price, const MovementActor& by) {
    return refusal([&](auto& t) { approve_movement(t, kFund, id, by, price); });
  }
  Added send(const StoredMovement& seen) {
    return PostgresMovementStore(pool()).add(kFund, seen, {{S::kSending, "attempt 1"}}, {}, {}, "navkeeper",
                                             kNow);
  }
};

TEST_F(MovementDollarsTest, AreOfOneMovementAndOfARolesDayAllCoinsTogether) {
  enforce(in_dollars("p1"), kNow - Duration::hours(30));
  enforce(destination("ap"), kNow - Duration::hours(25));
  EXPECT_TRUE(has(proposed(stake("a", "51"), at("2000")),
                  "movement a: amount: is worth 102000.00 dollars, above the limit of one stake for maker, "
                  "100000.00"));
  EXPECT_TRUE(has(proposed(stake("a", "50"), {}), "ETH cannot be valued: nobody was asked"));
  EXPECT_TRUE(has(proposed(stake("a", "50"), at("2000", "2026-02-20")), "more than 4 days ago"));
  EXPECT_EQ(in([](auto& t) {
              return db::query(t, "SELECT count(*) FROM movement_proposal WHERE kind = 'movement'")[0][0]
                  .template as<int>();
            }),
            0);
  EXPECT_EQ(proposed(stake("a", "50"), at("2000")), "");
  EXPECT_EQ(proposed(stake("b", "50"), at("2000"), who("max", Role::kMaker)), "");
  EXPECT_TRUE(has(proposed(stake("c", "30"), at("2000")), "with 200000.00 of that day by all in the role"));
  EXPECT_EQ(proposed(stake("c", "25"), at("2000")), "");
  EXPECT_EQ(proposed(withdrawal("w", "1"), at("90000.005")), "");                   // another kind
  EXPECT_EQ(proposed(stake("d", "50"), at("2000"), who("s", Role::kService)), "");  // another role
  EXPECT_EQ(movement("w").worth->dollars, Decimal::literal("90000.01"));            // up to the cent
  EXPECT_EQ(movement("w").dollar_cap->dollars_max, Decimal::of(100'000));
  // Approvers have limits of their own; two of one day are one use, as it was worth for the first.
  EXPECT_TRUE(has(approved("a", {}, ann()), "cannot be valued"));
  EXPECT_EQ(approved("a", at("1999"), ann()), "");
  EXPECT_EQ(approved("a", {}, bob()), "");  // of the day already
  EXPECT_EQ(movement("a").worth->dollars, Decimal::literal("99950"));
  EXPECT_EQ(state("a"), S::kApprovedTwice);
  EXPECT_EQ(approved("b", at("2000"), ann()), "");
  EXPECT_TRUE(has(approved("d", at("2000"), bob()), "with 199950.00 of that day by all in the role"));
  // The next day begins anew, for who approves then.
  EXPECT_EQ(approved("d", at("2000"), bob(kNow + Duration::hours(24))), "");
}

TEST_F(MovementDollarsTest, AreLookedAtAgainWhenItIsSentUnderTheLock) {
  enforce(in_dollars("p1"), kNow - Duration::hours(30));
  for (const char* id : {"a", "b"}) {
    EXPECT_EQ(proposed(stake(id, "30"), at("2000")), "");
    EXPECT_EQ(approved(id, at("2000"), ann()), "");
    EXPECT_EQ(approved(id, at("2000"), bob()), "");
  }
  const StoredMovement a = movement("a");
  EXPECT_EQ(a.over_limits_of, "");
  EXPECT_EQ(send(a), Added::kAdded);
  const StoredMovement b = movement("b");
  // Tighter limits come into force between the look and the sending: nothing leaves.
  enforce(in_dollars("p2", "59999.99"), kNow + Duration::hours(1));
  EXPECT_EQ(send(b), Added::kOvertaken);
  EXPECT_EQ(movement("b").over_limits_of, "p2");
  EXPECT_EQ(movement("b").dollar_cap->dollars_max, Decimal::literal("59999.99"));
  // What was approved without a word of dollars is above limits in dollars that came later.
  enforce(policy("p3", "1000", "100000"), kNow + Duration::hours(2));
  EXPECT_EQ(movement("b").over_limits_of, "");
  EXPECT_EQ(movement("b").dollar_cap, std::nullopt);
  propose(stake("c", "1"));
  approve_twice("c");
  EXPECT_EQ(movement("c").over_limits_of, "");
  enforce(in_dollars("p4"), kNow + Duration::hours(3));
  EXPECT_EQ(movement("c").over_limits_of, "p4");
}

TEST_F(MovementDollarsTest, TheDatabaseItselfCountsDollars) {
  enforce(in_dollars("p1"), kNow - Duration::hours(30));
  EXPECT_EQ(proposed(stake("a", "50"), at("2000")), "");
  const std::string now = std::to_string(kNow.ns());
  EXPECT_EQ(
      constraint("INSERT INTO movement_role_use (fund_id, role, asset, movement, day, position, previous, "
                 "total_before, movement_id, amount, total, policy_id, per_day, known_at_ns) VALUES "
                 "('BTCETH', 'approver', 'ETH', 'stake', '2026-03-05', 1, NULL, 0, 'a', 50, 50, 'p1', "
                 "100000, " +
                 now + ")"),
      "");
  EXPECT_EQ(
      constraint("INSERT INTO movement_limit_use (fund_id, actor, asset, movement, day, role_day, "
                 "position, previous, total_before, movement_id, amount, total, policy_id, role, "
                 "per_movement, per_person_day, known_at_ns) VALUES ('BTCETH', 'ann', 'ETH', 'stake', "
                 "'2026-03-05', '2026-03-05', 1, NULL, 0, 'a', 50, 50, 'p1', 'approver', 1000, 100000, " +
                 now + ")"),
      "counted_in_dollars");
  const auto use = [&](const std::string& amount, const std::string& price, const std::string& date,
                       const std::string& dollars, const std::string& role = "approver") {
    return constraint(
        "INSERT INTO movement_dollar_use (fund_id, role, movement, day, position, previous, total_before, "
        "movement_id, asset, amount, act, basis, price_age_days, price, price_date, price_sha256, dollars, "
        "total, policy_id, per_movement, per_day, known_at_ns) VALUES ('BTCETH', '" +
        role + "', 'stake', '2026-03-05', 1, NULL, 0, 'a', 'ETH', " + amount +
        ", 'ICA_1940', 'fair_value', 4, " + price + ", '" + date + "', 'x', " + dollars + ", " + dollars +
        ", 'p1', 100000, 250000, " + now + ")");
  };
  EXPECT_EQ(use("50", "2001", "2026-03-04", "100050"), "within_the_dollars_of_a_movement");
  EXPECT_NE(use("50", "2001", "2026-03-04", "50"), "");  // not what it is worth
  EXPECT_EQ(use("50", "2000", "2026-02-28", "100000"), "valued_by_a_price_of_recent_date");
  EXPECT_EQ(use("50", "2000", "2026-03-06", "100000"), "valued_by_a_price_of_recent_date");
  EXPECT_EQ(use("5", "2000", "2026-03-04", "10000"), "valued_as_in_the_roles_day");
  EXPECT_NE(use("50", "2000", "2026-03-04", "100000", "maker"), "");  // it is in that day already
  EXPECT_EQ(use("50", "2000", "2026-03-04", "100000"), "");
  for (const char* table : {"movement_dollar_terms", "movement_dollar_limit", "movement_dollar_use"})
    EXPECT_EQ(constraint(std::string("DELETE FROM ") + table), "42501") << table;
}

/// A pricing service that says what it is told to, and custody's routes before it.
class PricedRoutesTest : public MovementDollarsTest {
 protected:
  void SetUp() override {
    MovementDollarsTest::SetUp();
    http::Router pricing;
    pricing.get("/v1/prices/{asset}", [this](const http::Request& request) {
      asked_.push_back(*request.query_value("from") + " " + *request.query_value("to"));
      return http::Response::json(answer_);
    });
    server_ =
        std::make_unique<http::Server>(std::move(pricing), http::ServerOptions{}, log::Logger::silent());
    server_->start();
    Dependencies dependencies;
    dependencies.pool = &pool();
    dependencies.settings = &settings_;
    dependencies.clock = &clock_;
    dependencies.pricing_url = [this] { return url_.empty() ? server_->url() : url_; };
    dependencies.pricing_token = [] { return base::Secret("token"); };
    desk_.open(dependencies);
  }
  static std::string row(time::Date date, const std::string& official,
                         const std::string& basis = "fair_value") {
    return R"({"asset":"ETH","act":"ICA_1940","basis":")" + basis + R"(","date":")" + date.to_string() +
           R"(","official":)" + official + R"(,"official_hash":"abcd"})";
  }

  std::unique_ptr<http::Server> server_;
  MovementDesk desk_;
  time::ManualClock clock_{kNow};
  std::string answer_ = R"({"prices":[]})";
  std::string url_;
  std::vector<std::string> asked_;
};

TEST_F(PricedRoutesTest, AMovementIsValuedByPricingBeforeItIsDecidedOn) {
  const auto now = in([](db::Transaction& t) { return database_time(t); });
  const time::Date today = time::utc_date(now);
  // Not limited in dollars: nobody is asked.
  enforce(policy("p0"), now - Duration::hours(2));
  EXPECT_EQ(desk_.post(maker(), "movements", movement_content(stake("a", "1"))).status, 201);
  EXPECT_TRUE(asked_.empty());
  enforce(in_dollars("p1"), now - Duration::hours(1));
  const auto none = desk_.post(maker(), "movements", movement_content(stake("b", "40")));
  EXPECT_EQ(none.status, 400) << none.body;
  EXPECT_TRUE(has(none.body, "pricing has no official price of it (ICA_1940 fair_value)")) << none.body;
  EXPECT_EQ(asked_.at(0), (today - 4).to_string() + " " + today.to_string());
  answer_ = R"({"prices":[)" + row(today, "null") + "," + row(today - 1, R"("2000")") + "," +
            row(today, R"("1")", "index") + "," + row(today - 2, R"("1")") + "]}";
  const auto made = desk_.post(maker(), "movements", movement_content(stake("b", "40")));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_TRUE(has(made.body, R"("worth":{"dollars":"80000","price":"2000","price_date":")" +
                                 (today - 1).to_string() + R"("})"))
      << made.body;
  const auto large = desk_.post(maker(), "movements", movement_content(stake("c", "51")));
  EXPECT_EQ(large.status, 400) << large.body;
  EXPECT_TRUE(has(large.body, "is worth 102000.00 dollars")) << large.body;
  EXPECT_EQ(desk_.post(ann(), "movements/b/approve").status, 201);
  // Pricing that is away lets nothing be decided, and does not matter where it is not needed.
  url_ = "http://127.0.0.1:1";
  const auto away = desk_.post(maker(), "movements", movement_content(stake("d", "1")));
  EXPECT_EQ(away.status, 503) << away.body;
  EXPECT_EQ(desk_.post(bob(), "movements/b/approve").status, 201);  // in the approvers' day already
  EXPECT_EQ(state("b"), S::kApprovedTwice);
}

}  // namespace
}  // namespace navkeeper::custody
