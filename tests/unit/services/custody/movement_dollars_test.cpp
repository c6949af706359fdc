// Limits in dollars, and what a pass does with a movement that is limited so, or whose custodian gives no
// answer.
#include "services/custody/domain/movement_dollars.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/movements/movement_json.h"
#include "services/custody/app/advance_movements.h"

namespace navkeeper::custody {
namespace {

using model::Role;
using money::Decimal;
using time::Date;
using time::Duration;
using time::Instant;

const model::AssetId kEther = model::AssetId::literal("ETH");
const Instant kNoon = Instant::literal("2026-03-05T12:00:00Z");
const Date kToday = *Date::parse("2026-03-05");

MovementPolicy policy_in_dollars() {
  MovementPolicy policy;
  policy.id = "p";
  policy.cooling_off = Duration::hours(24);
  policy.lapses_after = Duration::hours(48);
  for (const Role role : {Role::kMaker, Role::kApprover})
    policy.limits.push_back(
        {kEther, MovementKind::kStake, role, Decimal::literal("1000"), Decimal::literal("5000")});
  policy.dollars = DollarTerms{"ICA_1940", "fair_value", 4, {}};
  for (const Role role : {Role::kMaker, Role::kApprover})
    policy.dollars->limits.push_back(
        {MovementKind::kStake, role, Decimal::literal("100000"), Decimal::literal("250000.5")});
  return policy;
}

CoinPrice price_of(const char* date, const char* dollars) {
  return {OfficialPrice{*Date::parse(date), Decimal::literal(dollars), "abcd"}, "ICA_1940", "fair_value"};
}

std::string trouble_of(const CoinPrice& price) {
  const auto usable = usable_price(*policy_in_dollars().dollars, price, kToday, kEther);
  return usable.has_error() ? usable.error().message() : "";
}

TEST(MovementDollars, APolicyIsReadBackAndWhatCannotBeIsRefusedWithItsField) {
  EXPECT_FALSE(check_policy(policy_in_dollars()).has_error());
  const MovementRule rule{policy_in_dollars()};
  EXPECT_EQ(std::get<MovementPolicy>(
                read_movement_rule(base::value_or_refuse(json::parse(rule_content(rule)))).terms),
            policy_in_dollars());
  const auto field = [](auto&& spoil) {
    MovementPolicy policy = policy_in_dollars();
    spoil(policy);
    const auto checked = check_policy(policy);
    return checked.has_error() ? checked.error().where : "";
  };
  EXPECT_EQ(field([](auto& p) { p.dollars->act = "ICA"; }), "dollars.act");
  EXPECT_EQ(field([](auto& p) { p.dollars->basis = ""; }), "dollars.basis");
  EXPECT_EQ(field([](auto& p) { p.dollars->price_age_days = 0; }), "dollars.price_age_days");
  EXPECT_EQ(field([](auto& p) { p.dollars->limits.clear(); }), "dollars.limits");
  EXPECT_EQ(field([](auto& p) { p.dollars->limits.pop_back(); }), "dollars.limits");  // the approver's
  EXPECT_EQ(field([](auto& p) { p.dollars->limits.push_back(p.dollars->limits[0]); }), "dollars.limits[2]");
  EXPECT_EQ(field([](auto& p) { p.dollars->limits[1].kind = MovementKind::kUnstake; }),
            "dollars.limits[1].role");  // none in coins
  EXPECT_EQ(field([](auto& p) { p.dollars->limits[0].per_movement = Decimal::literal("0.001"); }),
            "dollars.limits[0].per_movement");
  EXPECT_EQ(field([](auto& p) { p.dollars->limits[0].per_day = Decimal::literal("1"); }),
            "dollars.limits[0].per_day");
}

TEST(MovementDollars, ThePriceIsTheNewestOfARecentDay) {
  const auto price = [](const char* date) {
    return OfficialPrice{*Date::parse(date), Decimal::literal("2"), "x"};
  };
  EXPECT_EQ(newest_price({price("2026-03-03"), price("2026-03-04"), price("2026-03-06")}, kToday)->date,
            *Date::parse("2026-03-04"));
  EXPECT_EQ(newest_price({}, kToday), std::nullopt);
  EXPECT_EQ(trouble_of(price_of("2026-03-05", "2000")), "");
  EXPECT_EQ(trouble_of(price_of("2026-03-01", "2000")), "");
  EXPECT_EQ(trouble_of(price_of("2026-02-28", "2000")),
            "amount: is limited in dollars too, and ETH cannot be valued: its last official price is of "
            "2026-02-28, more than 4 days ago");
  EXPECT_NE(trouble_of(price_of("2026-03-06", "2000")).find("is of 2026-03-06"), std::string::npos);
  EXPECT_NE(trouble_of({}).find("nobody was asked"), std::string::npos);
  CoinPrice other = price_of("2026-03-05", "2000");
  other.basis = "index";
  EXPECT_NE(trouble_of(other).find("try it again"), std::string::npos);
  other = price_of("2026-03-05", "2000");
  other.price.reset();
  other.trouble = "pricing: 503";
  EXPECT_NE(trouble_of(other).find("cannot be valued: pricing: 503"), std::string::npos);
}

RC_GTEST_PROP(MovementDollars, AreRoundedUpToTheCentAndNeverBelowWhatItIsWorth, ()) {
  const Decimal amount = Decimal::of(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000), 9);
  const Decimal price = Decimal::of(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000), 4);
  const Decimal dollars = dollars_of(amount, price);
  RC_ASSERT(dollars >= amount * price);
  RC_ASSERT(dollars - amount * price < Decimal::literal("0.01"));
  RC_ASSERT(dollars.scale() <= 2);
  RC_ASSERT(dollars.is_positive());
}

TEST(MovementDollars, ALimitIsOfOneMovementAndOfTheRolesDay) {
  const DollarLimit limit = policy_in_dollars().dollars->limits[0];
  const auto above = [&](const char* dollars, const char* used) {
    const auto refusal = above_dollars(limit, Decimal::literal(dollars), Decimal::literal(used));
    return refusal ? refusal->rule : "";
  };
  EXPECT_EQ(above("100000", "150000.5"), "");
  EXPECT_EQ(above("100000.01", "0"),
            "is worth 100000.01 dollars, above the limit of one stake for maker, 100000.00");
  EXPECT_EQ(above("100000", "150000.51"),
            "is worth 100000.00 dollars, and with 150000.51 of that day by all in the role it is above the "
            "limit of a day of stake for maker, 250000.50");
}

/// Takes everything, or gives no answer.
class SilentCustodian final : public CustodianInstructions {
 public:
  void check(const Instruction&) const override {}
  bool keeps_our_ids(MovementKind) const override { return true; }
  Receipt tell(const Instruction& instruction) override {
    ++told;
    if (is_silent) throw base::InDoubt("no answer within 20 s");
    return {"R" + instruction.client_id, "NEW", "{}"};
  }
  InstructionHistory history(MovementKind, Instant) override {
    ++asked;
    throw base::Unavailable("no answer within 20 s");
  }
  CollectedEvidence take_evidence() override { return {}; }
  bool is_silent = false;
  int told = 0;
  int asked = 0;
};

class ListedMovements final : public MovementStore {
 public:
  std::vector<StoredMovement> open(const model::FundId&) override { return all; }
  Added add(const model::FundId&, const StoredMovement& seen, const std::vector<MovementChange>& changes,
            const std::vector<RawAnswer>&, const std::vector<Alarm>&, const std::string& actor,
            Instant now) override {
    for (StoredMovement& one : all)
      if (one.movement.id == seen.movement.id)
        for (const MovementChange& change : changes) one.events.push_back({change, actor, now});
    return Added::kAdded;
  }
  std::set<std::string> taken(const model::FundId&, const std::string&, const std::string&) override {
    return {};
  }
  std::vector<StoredMovement> all;
};

/// What stands before a pass, and the pass.
struct Pass {
  void add(const std::string& id, const std::string& custodian, std::vector<MovementState> states) {
    StoredMovement stored;
    stored.movement.id = id;
    stored.movement.kind = MovementKind::kStake;
    stored.movement.custodian = custodian;
    stored.movement.asset = kEther;
    stored.movement.amount = Decimal::literal("32");
    stored.client_id = id;
    stored.lapses_at = kNoon + Duration::hours(48);
    states.insert(states.begin(),
                  {MovementState::kProposed, MovementState::kApprovedOnce, MovementState::kApprovedTwice});
    for (const MovementState state : states)
      stored.events.push_back({{state, ""}, "somebody", kNoon - Duration::hours(1)});
    store.all.push_back(std::move(stored));
  }
  std::vector<MovementLine> run() {
    MovementPorts ports{
        store, [&](const std::string& name) -> CustodianInstructions& { return custodians[name]; }, clock};
    if (price)
      ports.price = [&](const StoredMovement&, Date today) {
        EXPECT_EQ(today, kToday);
        return *price;
      };
    return advance_movements(ports, model::FundId::literal("BTCETH"), "navkeeper");
  }
  time::ManualClock clock{kNoon};
  std::map<std::string, SilentCustodian> custodians;
  ListedMovements store;
  std::optional<CoinPrice> price;
};

TEST(MovementPass, ACustodianThatGivesNoAnswerIsAskedOnceAPassAndHoldsUpNobodyElse) {
  Pass pass;
  const std::vector<MovementState> in_doubt{MovementState::kSending, MovementState::kInDoubt};
  for (const char* id : {"a", "b", "c"}) pass.add(id, "slow", in_doubt);
  pass.add("d", "quick", {});
  pass.add("e", "slow", {});
  pass.add("f", "slow", {});
  pass.custodians["slow"].is_silent = true;
  const auto lines = pass.run();
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0].id, "d");  // what is to be sent comes first
  EXPECT_EQ(lines[0].state, MovementState::kSent);
  EXPECT_EQ(lines[1].state, MovementState::kInDoubt);  // e left, and nobody knows
  EXPECT_EQ(lines[2].what, "waits: slow did not answer just now");
  EXPECT_TRUE(lines[2].is_unavailable);
  EXPECT_EQ(lines[2].state, MovementState::kApprovedTwice);
  EXPECT_EQ(pass.custodians["slow"].told, 1);
  EXPECT_EQ(pass.custodians["slow"].asked, 0);
  pass.run();  // the next pass tries again, once
  EXPECT_EQ(pass.custodians["slow"].told, 2);
  EXPECT_EQ(pass.custodians["slow"].asked, 0);
}

TEST(MovementPass, WhatIsLimitedInDollarsIsSentByAPriceOfRecentDateAlone) {
  const DollarCap cap{"p", *policy_in_dollars().dollars, Decimal::literal("64000")};
  const auto sent = [&](std::optional<CoinPrice> price) {
    Pass pass;
    pass.add("a", "cc", {});
    pass.store.all[0].dollar_cap = cap;
    pass.price = std::move(price);
    const MovementLine line = pass.run().at(0);
    EXPECT_EQ(pass.custodians["cc"].told, line.state == MovementState::kSent ? 1 : 0);
    if (line.state == MovementState::kSent) {
      EXPECT_EQ(pass.store.all[0].events[3].change.detail,
                "attempt 1, worth 64000 dollars by the official price of 2026-03-04");
    }
    return line;
  };
  EXPECT_EQ(sent(price_of("2026-03-04", "2000")).state, MovementState::kSent);
  const MovementLine risen = sent(price_of("2026-03-04", "2000.01"));
  EXPECT_EQ(risen.state, MovementState::kWithdrawn);
  EXPECT_EQ(risen.what,
            "it is worth 64000.32 dollars by the official price of 2026-03-04, above the 64000 that policy p "
            "lets move at once: propose it anew");
  const MovementLine old = sent(price_of("2026-02-04", "1"));
  EXPECT_EQ(old.state, MovementState::kApprovedTwice);
  EXPECT_TRUE(old.needs_person);
  CoinPrice silent = price_of("2026-03-04", "1");
  silent.price.reset();
  silent.trouble = "pricing does not answer";
  silent.is_unavailable = true;
  EXPECT_TRUE(sent(silent).is_unavailable);
  EXPECT_NE(sent(std::nullopt).what.find("nobody was asked"), std::string::npos);
}

}  // namespace
}  // namespace navkeeper::custody
