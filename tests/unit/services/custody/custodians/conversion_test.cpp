// Conversions at Crypto.com: staked ETH into CDCETH and back, told once, found in the history, refused where
// the rate is worse than the proposer bears.
#include <gtest/gtest.h>

#include "services/custody/adapters/custodians/instructions.h"
#include "services/custody/adapters/record_json.h"
#include "services/sandbox/custodians/crypto_com_conversions.h"
#include "tests/unit/services/custody/custodians/custodian_rig.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;
using time::Duration;

Instruction conversion(const char* asset, const char* amount, const std::string& rate, std::int64_t bps = 3) {
  Instruction instruction{MovementKind::kConvert, "c-1", "", asset, Decimal::literal(amount)};
  instruction.conversion = Conversion{converted_into(asset), *Decimal::parse(rate), bps};
  return instruction;
}

std::vector<InstructionSeen> conversions_of(Rig& rig) {
  std::vector<InstructionSeen> found;
  const WindowAnswer answer = rig.connection().history(RecordKind::kStake, kStart - Duration::hours(1),
                                                       rig.clock.now() + Duration::hours(1));
  for (const CountedRecord& counted : answer.records) {
    if (auto seen = instruction_seen(counted.record); seen && seen->kind == MovementKind::kConvert)
      found.push_back(*std::move(seen));
  }
  return found;
}

TEST(Conversion, IsToldOnceFoundInTheHistoryAndMovesWhatItSays) {
  Rig rig(CustodianProtocol::kCryptoCom);
  const std::string rate = sandbox::conversion_rate_text(sandbox::conversion_rate_e9(rig.clock.now()));
  const auto held = [&] {
    return rig.custodian->account().holding(sandbox::Coin::kEth, {rig.clock.now(), {}});
  };
  const auto before = held();
  const Receipt receipt = rig.connection().convert(conversion("ETH", "10.5", rate));
  auto seen = conversions_of(rig);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].id, receipt.id);
  EXPECT_EQ(seen[0].asset, "ETH");
  EXPECT_EQ(seen[0].address, "CDCETH");
  EXPECT_EQ(seen[0].amount, Decimal::literal("10.5"));
  EXPECT_EQ(seen[0].progress, Progress::kUnderWay);
  rig.clock.advance(Duration::minutes(10));
  seen = conversions_of(rig);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].progress, Progress::kDone);
  // The movement that was asked for is that record, and one into something else is not.
  Movement movement;
  movement.id = "c-1";
  movement.kind = MovementKind::kConvert;
  movement.asset = model::AssetId::literal("ETH");
  movement.amount = Decimal::literal("10.5");
  movement.conversion = conversion("ETH", "10.5", rate).conversion;
  MovementStanding standing;
  standing.state = MovementState::kInDoubt;
  standing.first_sending_at = standing.last_sending_at = kStart;
  const InstructionHistory history{false, rig.clock.now(), seen};
  EXPECT_EQ(find_movement(movement, "", {"CDCETH"}, standing, history, {}).what, Finding::What::kFound);
  EXPECT_EQ(find_movement(movement, "", {"ETH.staked"}, standing, history, {}).what,
            Finding::What::kNotThere);
  // The balances say so: fewer staked, tokens of that rate.
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone);
  std::map<std::string, Balance> balances;
  for (const StoredBalance& stored : rig.store.all_balances())
    balances.insert_or_assign(stored.balance.asset.value(), stored.balance);
  const money::Int128 given = *sandbox::units_of("10.5", sandbox::Coin::kEth);
  EXPECT_EQ(held().staked, before.staked - given);
  EXPECT_EQ(*balances.at("ETH").staked, Decimal::of(before.staked - given, 18));
  EXPECT_EQ(*balances.at("CDCETH").total, Decimal::of(held().liquid, 18));
  EXPECT_GT(held().liquid, 0);
  // Back again.
  rig.connection().convert(conversion("CDCETH", "1", rate, 100));
  rig.clock.advance(Duration::minutes(10));
  seen = conversions_of(rig);
  ASSERT_EQ(seen.size(), 2U);
  const auto back =
      std::find_if(seen.begin(), seen.end(), [](const auto& one) { return one.asset == "CDCETH"; });
  ASSERT_NE(back, seen.end());
  EXPECT_EQ(back->address, "ETH.staked");
}

TEST(Conversion, IsRefusedAtAWorseRateWithoutTheCoinsAndAtACustodianThatHasNone) {
  Rig rig(CustodianProtocol::kCryptoCom);
  const std::string rate = sandbox::conversion_rate_text(sandbox::conversion_rate_e9(rig.clock.now()));
  EXPECT_THROW(rig.connection().convert(conversion("ETH", "1", "0.9", 3)), base::Refused);
  EXPECT_THROW(rig.connection().convert(conversion("ETH", "9000000", rate)), base::Refused);
  EXPECT_THROW(rig.connection().convert(conversion("CDCETH", "1", rate)), base::Refused);
  EXPECT_TRUE(conversions_of(rig).empty());
  rig.falsify = [](const std::string& path, std::string& body) {
    if (const auto at = body.find("CDCETH"); path.ends_with("staking/convert") && at != std::string::npos)
      body.replace(at, 6, "CDCSOL");
  };
  EXPECT_THROW(rig.connection().convert(conversion("ETH", "1", rate)), base::InDoubt);
  const Instruction one = conversion("ETH", "1", rate);
  EXPECT_NO_THROW(refuse_what_is_never_taken(CustodianProtocol::kCryptoCom, one));
  EXPECT_THROW(refuse_what_is_never_taken(CustodianProtocol::kCoinbasePrime, one), base::Refused);
}

}  // namespace
}  // namespace navkeeper::custody
