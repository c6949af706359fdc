// Which record of a custodian is a movement: to the same address in any spelling, by the same network, of the
// same wallet; and what it means when the custodian made another record in its place.
#include <gtest/gtest.h>

#include "services/custody/app/advance_movements.h"
#include "services/custody/domain/movement.h"

namespace navkeeper::custody {
namespace {

using S = MovementState;
using money::Decimal;
using time::Instant;

const Instant kSentAt = Instant::literal("2026-03-05T10:00:00Z");
const char* const kEvm = "0x742d35Cc6634C0532925a3b844Bc454e4438f44e";
const char* const kEvmLower = "0x742d35cc6634c0532925a3b844bc454e4438f44e";

Movement withdrawal_of(const char* asset) {
  Movement movement;
  movement.id = "w-1";
  movement.kind = MovementKind::kWithdrawal;
  movement.custodian = "c";
  movement.asset = model::AssetId::literal(asset);
  movement.amount = Decimal::literal("10");
  movement.destination = "there";
  movement.reason = "an order";
  return movement;
}

InstructionSeen record_of(const char* asset, const std::string& address, const std::string& network = "") {
  InstructionSeen seen;
  seen.id = "tx-1";
  seen.client_id = "ours";
  seen.kind = MovementKind::kWithdrawal;
  seen.asset = asset;
  seen.amount = Decimal::literal("10");
  seen.address = address;
  seen.network = network;
  seen.progress = Progress::kDone;
  seen.created_at = kSentAt;
  return seen;
}

Finding find(const Movement& movement, const Whereto& whereto, std::vector<InstructionSeen> seen,
             const std::string& custodian_id = "tx-1") {
  MovementStanding standing;
  standing.state = S::kSent;
  standing.first_sending_at = standing.last_sending_at = kSentAt;
  standing.custodian_id = custodian_id;
  return find_movement(movement, "ours", whereto, standing, {true, kSentAt, std::move(seen)}, {});
}

std::string why_of(const char* asset, const Whereto& whereto, const InstructionSeen& seen) {
  return find(withdrawal_of(asset), whereto, {seen}).why;
}

TEST(FindMovement, OneAddressInAnotherSpellingIsTheSame) {
  EXPECT_EQ(why_of("ETH", {kEvm}, record_of("ETH", kEvmLower)), "");
  const std::string segwit = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
  EXPECT_EQ(why_of("BTC", {segwit}, record_of("BTC", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4")), "");
  EXPECT_EQ(why_of("ETH", {kEvm}, record_of("ETH", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
            "the custodian's record tx-1 is not what was asked for: it goes to "
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
  // A tag is a text of whoever gave it.
  const Whereto tagged{std::string(kEvm) + "?Ab1", "CRONOS"};
  EXPECT_EQ(why_of("CRO", tagged, record_of("CRO", std::string(kEvmLower) + "?Ab1", "CRONOS")), "");
  EXPECT_NE(why_of("CRO", tagged, record_of("CRO", std::string(kEvmLower) + "?ab1", "CRONOS")), "");
  EXPECT_NE(why_of("CRO", tagged, record_of("CRO", kEvmLower, "CRONOS")), "");
}

TEST(FindMovement, AnotherNetworkIsAnotherDestination) {
  const Whereto cronos{kEvm, "CRONOS"};
  EXPECT_EQ(why_of("CRO", cronos, record_of("CRO", kEvm, "cronos")), "");
  EXPECT_EQ(why_of("CRO", cronos, record_of("CRO", kEvm)), "") << "of a single network it is not told";
  EXPECT_EQ(why_of("CRO", cronos, record_of("CRO", kEvm, "ETH")),
            "the custodian's record tx-1 is not what was asked for: it goes by the network ETH");
  EXPECT_EQ(why_of("ETH", {kEvm}, record_of("ETH", kEvm, "ethereum-mainnet")), "");
  EXPECT_EQ(why_of("ETH", {kEvm, "ETH"}, record_of("ETH", kEvm, "ethereum")), "");
  EXPECT_NE(why_of("ETH", {kEvm}, record_of("ETH", kEvm, "ARB")), "") << "the default is the coin's own";
  EXPECT_NE(why_of("ETH", {kEvm, "ethereum"}, record_of("ETH", kEvm, "base-mainnet")), "");
  EXPECT_EQ(why_of("CRO", {"cro1x"}, record_of("CRO", "cro1x", "CRO")), "");
  EXPECT_NE(why_of("CRO", {"cro1x"}, record_of("CRO", "cro1x", "CRONOS")), "");
}

TEST(FindMovement, AnotherWalletIsAnothersMovement) {
  Movement movement = withdrawal_of("ETH");
  movement.account = "wallet-a";
  InstructionSeen seen = record_of("ETH", kEvm);
  seen.account = "wallet-a";
  EXPECT_EQ(find(movement, {kEvm}, {seen}).why, "");
  seen.account = "wallet-b";
  EXPECT_EQ(find(movement, {kEvm}, {seen}).why,
            "the custodian's record tx-1 is not what was asked for: it is of account wallet-b");
}

TEST(FindMovement, ARecordThatWasReplacedIsNotTheEndOfTheMovement) {
  const Movement movement = withdrawal_of("ETH");
  InstructionSeen retried = record_of("ETH", kEvm);
  retried.status = "TRANSACTION_RETRIED";
  retried.progress = Progress::kFailed;
  retried.is_replaced = true;
  const Finding alone = find(movement, {kEvm}, {retried});
  EXPECT_EQ(alone.what, Finding::What::kReplaced);
  EXPECT_EQ(
      alone.why,
      "the custodian's record tx-1 ended as TRANSACTION_RETRIED, another one was made in its place, and "
      "its history does not say which");
  MovementStanding standing;
  standing.state = S::kSent;
  standing.last_sending_at = kSentAt;
  const auto changes = after_look(standing, alone, kSentAt + time::Duration::hours(1), {});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].state, S::kInDoubt);
  standing.state = S::kInDoubt;
  EXPECT_TRUE(after_look(standing, alone, kSentAt + time::Duration::hours(1), {}).empty())
      << "a complete history has it: it is not called missing";
  // The record in its place carries our id.
  InstructionSeen second = record_of("ETH", kEvm);
  second.id = "tx-2";
  const Finding found = find(movement, {kEvm}, {retried, second});
  ASSERT_EQ(found.what, Finding::What::kFound);
  EXPECT_EQ(found.seen->id, "tx-2");
  EXPECT_EQ(after_look(standing, found, kSentAt, {}).back().state, S::kConfirmed);
  // It carries none, and a person named it.
  second.client_id.clear();
  EXPECT_EQ(find(movement, {kEvm}, {retried, second}).what, Finding::What::kReplaced);
  EXPECT_EQ(find(movement, {kEvm}, {retried, second}, "tx-2").what, Finding::What::kFound);
  // Two that carry it and were not replaced stay a person's to choose.
  second.client_id = "ours";
  InstructionSeen third = second;
  third.id = "tx-3";
  EXPECT_EQ(find(movement, {kEvm}, {retried, second, third}).what, Finding::What::kAmbiguous);
}

TEST(FindMovement, WhatIsAlikeIsLookedForBeforeTheNamedRecordIsCalledMissing) {
  Movement stake = withdrawal_of("ETH");
  stake.kind = MovementKind::kStake;
  InstructionSeen seen = record_of("ETH", "");
  seen.kind = MovementKind::kStake;
  seen.id = "STAKE:1001";
  seen.client_id.clear();
  MovementStanding standing;
  standing.state = S::kInDoubt;
  standing.first_sending_at = standing.last_sending_at = kSentAt;
  standing.custodian_id = "STAKE:1010";
  const auto find_it = [&](const std::set<std::string>& taken) {
    return find_movement(stake, "ours", {}, standing, {false, kSentAt, {seen}}, taken);
  };
  EXPECT_EQ(find_it({}).what, Finding::What::kAmbiguous);
  EXPECT_EQ(find_it({}).why,
            "its record STAKE:1010 is not in the custodian's history, and STAKE:1001 could be it");
  EXPECT_EQ(find_it({"STAKE:1001"}).what, Finding::What::kNotThere);
}

TEST(CheckMatch, TakesARecordThatTheHistoryHasAndThatSaysWhatWasAskedFor) {
  const auto refusal = [](InstructionSeen seen, const std::string& named = "tx-1") {
    const auto checked =
        check_match(withdrawal_of("ETH"), "ours", {kEvm}, {true, kSentAt, {std::move(seen)}}, named);
    return checked.has_error() ? checked.error().message() : "";
  };
  InstructionSeen seen = record_of("ETH", kEvm);
  EXPECT_EQ(refusal(seen), "");
  seen.client_id.clear();
  EXPECT_EQ(refusal(seen), "");
  EXPECT_EQ(refusal(seen, "tx-2"),
            "custodian_id: the custodian's history as of 2026-03-05T10:00:00Z has no such withdrawal");
  seen.client_id = "another's";
  EXPECT_EQ(refusal(seen), "custodian_id: carries the id of another order: another's");
  EXPECT_NE(refusal(record_of("BTC", kEvm)).find("it is about 10 BTC"), std::string::npos);
  seen = record_of("ETH", kEvm);
  seen.is_replaced = true;
  EXPECT_NE(refusal(seen).find("another one was made in its place"), std::string::npos);
}

/// A custodian whose history is one record, and a store in which that is another movement's.
struct OneRecord final : CustodianInstructions {
  void check(const Instruction&) const override {}
  bool keeps_our_ids(MovementKind) const override { return true; }
  Receipt tell(const Instruction&) override { return {}; }
  InstructionHistory history(MovementKind, Instant) override {
    return {true, kSentAt, {record_of("ETH", kEvm)}};
  }
  CollectedEvidence take_evidence() override {
    CollectedEvidence evidence;
    evidence.raw = {{"history", "", kSentAt, kSentAt, 200, "{}"}};
    evidence.alarms = {{"clock_skew", "c", "runs off"}};
    return evidence;
  }
};
struct OneMovement final : MovementStore {
  std::vector<StoredMovement> open(const model::FundId&) override { return {stored}; }
  Added add(const model::FundId&, const StoredMovement&, const std::vector<MovementChange>& changes,
            const std::vector<RawAnswer>& answers, const std::vector<Alarm>& raised, const std::string&,
            Instant) override {
    if (is_taken && !changes.empty()) return Added::kTaken;
    raw += answers.size();
    alarms.insert(raised.begin(), raised.end());
    return Added::kAdded;
  }
  std::set<std::string> taken(const model::FundId&, const std::string&, const std::string&) override {
    return {};
  }
  StoredMovement stored;
  bool is_taken = false;
  std::size_t raw = 0;
  std::set<Alarm> alarms;
};

TEST(AdvanceMovements, KeepTheAnswersThatEndThemAndSayWhoseTheirRecordIsTakenFor) {
  OneRecord custodian;
  OneMovement store;
  store.stored.movement = withdrawal_of("ETH");
  store.stored.client_id = "ours";
  store.stored.destination = Destination{"there", "an AP", model::AssetId::literal("ETH"), "", kEvm, ""};
  for (const S state : {S::kProposed, S::kApprovedOnce, S::kApprovedTwice, S::kSending, S::kInDoubt})
    store.stored.events.push_back({{state, ""}, "somebody", kSentAt});
  const time::ManualClock clock(kSentAt);
  const auto advance = [&] {
    return advance_movements(
        {store, [&](const std::string&) -> CustodianInstructions& { return custodian; }, clock},
        model::FundId::literal("BTCETH"), "navkeeper");
  };
  EXPECT_EQ(advance().at(0).state, S::kConfirmed);
  EXPECT_EQ(store.raw, 1U);
  EXPECT_EQ(store.alarms.size(), 1U) << "what was seen on the way";
  store.is_taken = true;
  const MovementLine line = advance().at(0);
  EXPECT_EQ(line.state, S::kInDoubt);
  EXPECT_TRUE(line.needs_person);
  EXPECT_EQ(line.what, "the custodian's record tx-1 is it, and is taken for another movement's");
  EXPECT_TRUE(store.alarms.contains({"movement_ambiguous", "movement w-1", line.what}));
}

}  // namespace
}  // namespace navkeeper::custody
