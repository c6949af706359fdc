// Movements: their states, their limits, what a look into the custodian's history means; and any sequence of
// answers, lost answers, late arrivals and crashes sends nothing twice and calls nothing by a wrong name.
#include "services/custody/domain/movement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/app/advance_movements.h"
#include "services/custody/domain/bitcoin_address.h"
#include "services/custody/domain/movement_policy.h"

namespace navkeeper::custody {
namespace {

using S = MovementState;
using model::Role;
using money::Decimal;
using time::Duration;
using time::Instant;

const model::FundId kFund = model::FundId::literal("BTCETH");
const Instant kStart = Instant::literal("2026-03-05T10:00:00Z");

Movement stake_of(const std::string& id, const std::string& amount) {
  Movement movement;
  movement.id = id;
  movement.kind = MovementKind::kStake;
  movement.custodian = "cc";
  movement.asset = model::AssetId::literal("ETH");
  movement.amount = Decimal::literal(amount);
  movement.reason = "plan";
  return movement;
}

std::string rule_of(const base::Checked<void>& checked) {
  return checked.has_error() ? checked.error().message() : "";
}

TEST(Movement, IsRefusedWithTheFieldAndTheRule) {
  EXPECT_EQ(rule_of(check_movement(stake_of("s-1", "32"))), "");
  Movement wrong = stake_of("s 1", "32");
  EXPECT_EQ(check_movement(wrong).error().where, "id");
  wrong = stake_of("s", "0");
  EXPECT_EQ(rule_of(check_movement(wrong)), "amount: is not positive");
  wrong = stake_of("s", "1.0000000000000000001");
  EXPECT_EQ(check_movement(wrong).error().where, "amount");
  wrong = stake_of("s", "1");
  wrong.destination = "x";
  EXPECT_EQ(check_movement(wrong).error().where, "destination");
  wrong.kind = MovementKind::kWithdrawal;
  EXPECT_EQ(rule_of(check_movement(wrong)), "");
  wrong.destination.clear();
  EXPECT_EQ(check_movement(wrong).error().where, "destination");
  wrong = stake_of("s", "1");
  wrong.asset = model::AssetId::literal("SOL");
  EXPECT_EQ(check_movement(wrong).error().where, "asset");
  wrong = stake_of("s", "1");
  wrong.reason = "two\nlines";
  EXPECT_EQ(check_movement(wrong).error().where, "reason");
}

TEST(Movement, AConversionNamesWhatItGivesAndItsRate) {
  Movement one = stake_of("c", "2");
  one.kind = MovementKind::kConvert;
  EXPECT_EQ(check_movement(one).error().where, "into");
  one.conversion = Conversion{"CDCETH", Decimal::literal("1.02"), 5};
  EXPECT_EQ(rule_of(check_movement(one)), "");
  one.conversion->into = "ETH.staked";
  EXPECT_EQ(rule_of(check_movement(one)), "into: ETH is converted into CDCETH");
  one.asset = model::AssetId::literal("CDCETH");
  EXPECT_EQ(rule_of(check_movement(one)), "");
  one.conversion->expected_rate = Decimal();
  EXPECT_EQ(check_movement(one).error().where, "expected_rate");
  one.conversion = Conversion{"ETH.staked", Decimal::literal("1.02"), 501};
  EXPECT_EQ(check_movement(one).error().where, "slippage_bps");
  one.asset = model::AssetId::literal("CRO");
  EXPECT_NE(rule_of(check_movement(one)).find("CRO cannot be converted"), std::string::npos);
  Movement stake = stake_of("s", "2");
  stake.conversion = Conversion{"CDCETH", Decimal::literal("1.02"), 5};
  EXPECT_EQ(check_movement(stake).error().where, "into");
}

TEST(MovementClientId, IsAUuidOfItsFundAndIdAndOfNothingElse) {
  const std::string id = movement_client_id(kFund, "w-1");
  ASSERT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '8');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  EXPECT_EQ(id, movement_client_id(kFund, "w-1"));
  EXPECT_NE(id, movement_client_id(kFund, "w-2"));
  EXPECT_NE(id, movement_client_id(model::FundId::literal("CRONOS"), "w-1"));
}

TEST(MovementStates, NothingIsSentWithoutTwoApprovalsAndWhatEndedStaysSo) {
  std::vector<S> all;
  for (int i = 0; i < 11 && parse_movement_state(describe(static_cast<S>(i))); ++i)
    all.push_back(static_cast<S>(i));
  ASSERT_EQ(all.size(), 11U);
  for (const S from : all) {
    EXPECT_EQ(parse_movement_state(describe(from)), from);
    for (const S to : all) {
      if (to == S::kSending) {
        EXPECT_EQ(may_follow(from, to), from == S::kApprovedTwice);
      }
      if (is_ended(from)) {
        EXPECT_FALSE(may_follow(from, to));
      }
      if (to == S::kWithdrawn && may_follow(from, to)) {  // nothing that may have left is withdrawn
        EXPECT_TRUE(from == S::kProposed || from == S::kApprovedOnce || from == S::kApprovedTwice ||
                    from == S::kNotFound);
      }
    }
    EXPECT_EQ(may_follow(std::nullopt, from), from == S::kProposed);
  }
}

MovementPolicy policy() {
  const auto eth = model::AssetId::literal("ETH");
  MovementPolicy made;
  made.id = "p";
  made.cooling_off = Duration::hours(24);
  made.lapses_after = Duration::hours(48);
  made.limits = {
      {eth, MovementKind::kStake, Role::kMaker, Decimal::literal("100"), Decimal::literal("150")},
      {eth, MovementKind::kStake, Role::kService, Decimal::literal("64"), Decimal::literal("1000")},
      {eth, MovementKind::kStake, Role::kApprover, Decimal::literal("100"), Decimal::literal("100")}};
  return made;
}

TEST(MovementLimits, AreByRoleOneMovementAndDay) {
  EXPECT_EQ(rule_of(check_policy(policy())), "");
  const auto limit = [](const char* amount, std::set<Role> roles, const char* used) {
    LimitUse use;
    for (const Role role : roles) use.of_role[role] = Decimal::literal(used);
    return limit_for(policy(), stake_of("s", amount), roles, use);
  };
  EXPECT_EQ(limit("100", {Role::kMaker}, "50")->role, Role::kMaker);
  EXPECT_NE(limit("100.000001", {Role::kMaker}, "0")
                .error()
                .rule.find("above the limit of one stake of ETH for maker, 100"),
            std::string::npos);
  EXPECT_EQ(limit("100", {Role::kMaker}, "50.1").error().rule,
            "with 50.1 of that day by all in the role it is above the limit of a day for maker, 150");
  EXPECT_TRUE(limit("1", {Role::kOperator}, "0").has_error());
  EXPECT_TRUE(limit("64", {Role::kService}, "936").has_value());
  // Of two roles the one that lets it through.
  EXPECT_EQ(limit("64", {Role::kMaker, Role::kService}, "150")->role, Role::kService);
  Movement other = stake_of("s", "1");
  other.kind = MovementKind::kUnstake;
  EXPECT_NE(limit_for(policy(), other, {Role::kMaker}, {}).error().rule.find("no limit for a unstake"),
            std::string::npos);
}

TEST(MovementLimits, OfOnePersonAreWithinThoseOfTheRole) {
  MovementPolicy both = policy();
  both.limits[0].per_person_day = Decimal::literal("120");
  EXPECT_EQ(rule_of(check_policy(both)), "");
  const auto limit = [&](const char* by_person, const char* of_role) {
    LimitUse use;
    use.by_person = Decimal::literal(by_person);
    use.of_role[Role::kMaker] = Decimal::literal(of_role);
    return limit_for(both, stake_of("s", "30"), {Role::kMaker}, use);
  };
  EXPECT_TRUE(limit("90", "120").has_value());
  EXPECT_EQ(
      limit("90.1", "90.1").error().rule,
      "with 90.1 of the same person on that day it is above the limit of one person's day for maker, 120");
  EXPECT_NE(limit("0", "120.1").error().rule.find("by all in the role"), std::string::npos);
  both.limits[0].per_person_day = Decimal::literal("99");
  EXPECT_EQ(rule_of(check_policy(both)), "limits[0].per_person_day: is below per_movement");
  both.limits[0].per_person_day = Decimal::literal("151");
  EXPECT_EQ(rule_of(check_policy(both)), "limits[0].per_person_day: is above per_day");
}

RC_GTEST_PROP(MovementLimits, ADayNeverHoldsMoreThanTheLimit, ()) {
  // Three people in one role.
  LimitUse people[3];
  Decimal used;
  for (int i = *rc::gen::inRange(0, 30); i > 0; --i) {
    Movement one = stake_of("s", "1");
    one.amount = Decimal::of(*rc::gen::inRange<std::int64_t>(1, 140), *rc::gen::inRange(0, 2));
    LimitUse& who = people[*rc::gen::inRange(0, 3)];
    who.of_role[Role::kMaker] = used;
    if (limit_for(policy(), one, {Role::kMaker}, who).has_error()) continue;
    RC_ASSERT(one.amount <= Decimal::of(100));
    who.by_person += one.amount;
    used += one.amount;
  }
  RC_ASSERT(used <= Decimal::of(150));
}

TEST(MovementPolicies, ThatCannotBeAreRefused) {
  MovementPolicy wrong = policy();
  wrong.cooling_off = Duration();
  EXPECT_EQ(check_policy(wrong).error().where, "cooling_off_seconds");
  wrong = policy();
  wrong.limits.push_back(wrong.limits.front());
  EXPECT_EQ(check_policy(wrong).error().where, "limits[3]");
  wrong = policy();
  wrong.limits[1].per_day = Decimal::literal("1");
  EXPECT_EQ(check_policy(wrong).error().where, "limits[1].per_day");
  wrong = policy();
  wrong.limits[0].role = Role::kViewer;
  EXPECT_EQ(check_policy(wrong).error().where, "limits[0].role");
  wrong.limits.clear();
  EXPECT_EQ(check_policy(wrong).error().where, "limits");
}

TEST(Destinations, TakeAnAddressOfTheirCoinsChainAlone) {
  const auto checked = [](const char* asset, const char* address, const char* network = "") {
    Destination destination{"d", "an AP", model::AssetId::literal(asset), network, address, ""};
    return rule_of(check_destination(destination));
  };
  // BIP-173, ERC-55, and the account of a Cronos POS key in tests of that file.
  const char* const evm = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
  const char* const segwit = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
  EXPECT_EQ(checked("BTC", segwit), "");
  EXPECT_EQ(checked("BTC", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"), "");
  EXPECT_EQ(checked("ETH", evm), "");
  EXPECT_EQ(checked("CRO", evm, "CRONOS"), "");
  for (const auto& [asset, address] :
       {std::pair{"BTC", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"},  // checksum
        {"BTC", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"},           // test network
        {"BTC", evm},
        {"ETH", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"},  // EIP-55
        {"ETH", "0x0000000000000000000000000000000000000000"},
        {"ETH", segwit},
        {"CRO", "cro1there"},
        {"SOL", evm}})
    EXPECT_NE(checked(asset, address), "") << asset << " " << address;
  // Of BIP-350's valid addresses those whose version or length has no rules yet.
  for (const char* const unknown :
       {"bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y", "BC1SW50QGDZ25J",
        "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs"})
    EXPECT_NE(checked("BTC", unknown).find("has no rules yet"), std::string::npos) << unknown;
  BitcoinOutput keyless{OutputKind::kP2tr, 1, base::Bytes(32, 0xff)};
  EXPECT_EQ(checked("BTC", BitcoinAddress{BitcoinNetwork::kMainnet, keyless}.to_string().c_str()),
            "address: holds no key: nobody could spend from it");
  // Where a network is named it is one of the coin's, and the address is of it.
  EXPECT_EQ(checked("BTC", segwit, "BTC"), "");
  EXPECT_EQ(checked("BTC", segwit, "bitcoin"), "");
  EXPECT_EQ(checked("ETH", evm, "ethereum"), "");
  EXPECT_EQ(checked("ETH", evm, "ARB"), "network: ARB is no network of ETH here");
  EXPECT_EQ(checked("ETH", evm, "CRONOS"), "network: CRONOS is no network of ETH here");
  EXPECT_EQ(checked("CRO", evm, "CRO"), "address: is not one of the network CRO");
  EXPECT_NE(checked("CRO", evm).find("network: must be named"), std::string::npos);
}

InstructionSeen seen_of(const std::string& id, const std::string& amount, Instant at) {
  InstructionSeen seen;
  seen.id = id;
  seen.kind = MovementKind::kStake;
  seen.asset = "ETH";
  seen.amount = Decimal::literal(amount);
  seen.progress = Progress::kUnderWay;
  seen.created_at = at;
  return seen;
}

TEST(FindMovement, WithoutIdsOfOursOneRecordAlikeIsItTwoAreAPersonsToChoose) {
  MovementStanding standing;
  standing.state = S::kInDoubt;
  standing.first_sending_at = standing.last_sending_at = kStart;
  InstructionHistory history;
  history.as_of = kStart + Duration::minutes(1);
  history.seen = {seen_of("STAKE:1", "32", kStart - Duration::hours(1)), seen_of("STAKE:2", "33", kStart)};
  const auto find = [&](const std::set<std::string>& taken) {
    return find_movement(stake_of("s", "32"), "our-id", {}, standing, history, taken).what;
  };
  EXPECT_EQ(find({}), Finding::What::kNotThere);  // one before, one of another amount
  history.seen.push_back(seen_of("STAKE:3", "32", kStart + Duration::seconds(2)));
  EXPECT_EQ(find({}), Finding::What::kFound);
  EXPECT_EQ(find({"STAKE:3"}), Finding::What::kNotThere);  // another movement's
  history.seen.push_back(seen_of("STAKE:4", "32", kStart + Duration::seconds(3)));
  EXPECT_EQ(find({}), Finding::What::kAmbiguous);
  EXPECT_EQ(find({"STAKE:3"}), Finding::What::kFound);
  standing.custodian_id = "STAKE:3";
  EXPECT_EQ(find({}), Finding::What::kFound);
  standing.custodian_id = "STAKE:2";
  EXPECT_EQ(find({}), Finding::What::kDiffers);
  // With ids of ours nothing else counts.
  history.is_keyed = true;
  EXPECT_EQ(find({}), Finding::What::kNotThere);
  history.seen[1].client_id = "our-id";
  EXPECT_EQ(find({}), Finding::What::kDiffers);
}

/// The custodian, the network and this machine, all of whose moods come from a script.
struct Fate {
  std::vector<int> script;
  std::size_t at = 0;
  int next(int below) {
    const int value = at < script.size() ? script[at] % below : 0;
    ++at;
    return value;
  }
  bool is_over() const { return at >= script.size(); }
};
struct Crash {};

class MemoryMovements final : public MovementStore {
 public:
  explicit MemoryMovements(Fate& fate) : fate_(fate) {}
  std::vector<StoredMovement> open(const model::FundId&) override {
    std::vector<StoredMovement> found;
    for (const StoredMovement& one : all) {
      if (!is_ended(standing_of(one.events).state)) found.push_back(one);
    }
    return found;
  }
  Added add(const model::FundId&, const StoredMovement& seen, const std::vector<MovementChange>& changes,
            const std::vector<RawAnswer>&, const std::vector<Alarm>&, const std::string& actor,
            Instant now) override {
    if (fate_.next(6) == 1) throw Crash();  // before it is stored
    for (StoredMovement& one : all) {
      if (one.movement.id != seen.movement.id) continue;
      if (one.events.size() != seen.events.size()) return Added::kOvertaken;
      for (const MovementChange& change : changes) {
        const auto owner = owners.find(change.custodian_id);
        if (!change.custodian_id.empty() && owner != owners.end() && owner->second != one.movement.id)
          return Added::kTaken;
      }
      for (const MovementChange& change : changes) {
        EXPECT_TRUE(may_follow(one.events.back().change.state, change.state))
            << describe(one.events.back().change.state) << " > " << describe(change.state);
        if (!change.custodian_id.empty()) owners[change.custodian_id] = one.movement.id;
        one.events.push_back({change, actor, now});
      }
    }
    if (fate_.next(6) == 1) throw Crash();  // after
    return Added::kAdded;
  }
  std::set<std::string> taken(const model::FundId&, const std::string&,
                              const std::string& other_than) override {
    std::set<std::string> ids;
    for (const auto& [id, owner] : owners) {
      if (owner != other_than) ids.insert(id);
    }
    return ids;
  }
  std::vector<StoredMovement> all;
  std::map<std::string, std::string> owners;

 private:
  Fate& fate_;
};

class MoodyCustodian final : public CustodianInstructions {
 public:
  MoodyCustodian(Fate& fate, const time::ManualClock& clock, bool keyed)
      : fate_(fate), clock_(clock), keyed_(keyed) {}
  void check(const Instruction&) const override {}
  bool keeps_our_ids(MovementKind) const override { return keyed_; }
  Receipt tell(const Instruction& instruction) override {
    if (fate_.next(8) == 1) throw Crash();
    switch (fate_.next(7)) {
      case 1:
        throw base::Unavailable("no connection");
      case 2:
        throw base::InDoubt("cut off before it arrived");
      case 3:
        throw base::Refused({"", "no"});
      case 4:  // on its way for a minute, then taken; nobody gets the answer
        accept(instruction, clock_.now() + Duration::seconds(60));
        throw base::InDoubt("time-out");
      case 5:
        accept(instruction, clock_.now());
        throw base::InDoubt("garbage");
      default:
        break;
    }
    const std::string id = accept(instruction, clock_.now());
    if (fate_.next(8) == 1) throw Crash();
    return {id, "NEW", "{}"};
  }
  InstructionHistory history(MovementKind, Instant) override {
    if (fate_.next(4) == 1) throw base::Unavailable("503");
    InstructionHistory history;
    history.is_keyed = keyed_;
    history.as_of = fate_.next(4) == 1 ? clock_.now() - Duration::minutes(45) : clock_.now();
    for (const InstructionSeen& one : accepted) {
      if (one.created_at > history.as_of) continue;
      history.seen.push_back(one);
      if (history.as_of - one.created_at > Duration::minutes(30))
        history.seen.back().progress = Progress::kDone;
    }
    return history;
  }
  CollectedEvidence take_evidence() override { return {}; }
  std::vector<InstructionSeen> accepted;

 private:
  std::string accept(const Instruction& instruction, Instant at) {
    for (const InstructionSeen& one : accepted) {
      if (keyed_ && one.client_id == instruction.client_id)
        throw base::Refused({"", "the key was used before"});
    }
    InstructionSeen seen = seen_of("R" + std::to_string(accepted.size()), instruction.amount.to_string(), at);
    seen.client_id = keyed_ ? instruction.client_id : "";
    accepted.push_back(seen);
    return seen.id;
  }
  Fate& fate_;
  const time::ManualClock& clock_;
  bool keyed_;
};

StoredMovement approved(const std::string& id, const std::string& amount) {
  StoredMovement stored;
  stored.movement = stake_of(id, amount);
  stored.client_id = movement_client_id(kFund, id);
  stored.proposed_by = "mia";
  stored.lapses_at = kStart + Duration::hours(48);
  for (const S state : {S::kProposed, S::kApprovedOnce, S::kApprovedTwice})
    stored.events.push_back({{state, ""}, "somebody", kStart});
  return stored;
}

TEST(Movement, WhatTheLimitsInForceDoNotAllowAnyMoreIsNotSent) {
  Fate fate;
  time::ManualClock clock(kStart);
  MemoryMovements store(fate);
  MoodyCustodian custodian(fate, clock, true);
  store.all = {approved("a", "32")};
  store.all[0].over_limits_of = "tighter";
  const auto lines = advance_movements(
      {store, [&](const std::string&) -> CustodianInstructions& { return custodian; }, clock}, kFund,
      "navkeeper");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].state, S::kWithdrawn);
  EXPECT_NE(lines[0].what.find("limits of policy tighter"), std::string::npos) << lines[0].what;
  EXPECT_TRUE(custodian.accepted.empty());
}

TEST(Movement, WhatMayNotGoToItsAddressAnyMoreIsNotSent) {
  Fate fate;
  time::ManualClock clock(kStart);
  MemoryMovements store(fate);
  MoodyCustodian custodian(fate, clock, true);
  store.all = {approved("a", "32")};
  store.all[0].destination_trouble = "cools off until tomorrow by policy p2";
  const auto lines = advance_movements(
      {store, [&](const std::string&) -> CustodianInstructions& { return custodian; }, clock}, kFund,
      "navkeeper");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].state, S::kWithdrawn);
  EXPECT_NE(lines[0].what.find("cools off until tomorrow"), std::string::npos) << lines[0].what;
  EXPECT_TRUE(custodian.accepted.empty());
}

/// Two movements, alike or not, under any fate; then a while in which all goes well.
void live(Fate fate, bool keyed, bool alike, bool retried) {
  time::ManualClock clock(kStart);
  MemoryMovements store(fate);
  MoodyCustodian custodian(fate, clock, keyed);
  store.all = {approved("a", "32"), approved("b", alike ? "32" : "33")};
  const MovementPorts ports{store, [&](const std::string&) -> CustodianInstructions& { return custodian; },
                            clock};
  for (int pass = 0; pass < 400; ++pass) {
    try {
      advance_movements(ports, kFund, "navkeeper");
    } catch (const Crash&) {
    }
    clock.advance(Duration::seconds(fate.is_over() ? 60 : 1 + fate.next(120)));
    for (StoredMovement& one : store.all) {  // a person's word
      if (retried && standing_of(one.events).state == S::kNotFound && fate.next(3) == 1)
        one.events.push_back({{S::kApprovedTwice, "again"}, "olga", clock.now()});
    }
  }
  std::map<std::string, int> by_id;
  for (const InstructionSeen& one : custodian.accepted)
    ++by_id[keyed ? one.client_id : one.amount.to_string()];
  std::map<std::string, int> confirmed;
  for (const StoredMovement& one : store.all) {
    const S state = standing_of(one.events).state;
    const std::string key = keyed ? one.client_id : one.movement.amount.to_string();
    RC_ASSERT(by_id[key] <= (alike && !keyed ? 2 : 1));  // each once
    if (state == S::kConfirmed) ++confirmed[key];
    if (!alike || keyed) {
      // Everything comes to its end, by the right name.
      RC_ASSERT(state == S::kConfirmed || state == S::kFailed || state == S::kNotFound);
      RC_ASSERT((state == S::kConfirmed) == (by_id[key] == 1));
    }
  }
  for (const auto& [key, count] : confirmed) RC_ASSERT(count <= by_id[key]);
}

RC_GTEST_PROP(Movements, UnderAnyFateAreSentOnceAndCalledByTheRightName, ()) {
  const Fate fate{*rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 840)), 0};
  live(fate, *rc::gen::arbitrary<bool>(), false, *rc::gen::arbitrary<bool>());
}

RC_GTEST_PROP(Movements, ThatAreAlikeAreNeverConfirmedMoreOftenThanTheyWereTaken, ()) {
  const Fate fate{*rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 840)), 0};
  live(fate, *rc::gen::arbitrary<bool>(), true, *rc::gen::arbitrary<bool>());
}

}  // namespace
}  // namespace navkeeper::custody
