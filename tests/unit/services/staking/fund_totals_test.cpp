// A fund's coins by where they are: what is in flight, and that the parts are what custody keeps and the
// books say.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "common/base/refuse.h"
#include "common/json/value.h"
#include "services/staking/adapters/custody_days.h"
#include "services/staking/domain/liquid_token.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using Kind = SentInstruction::Kind;

Decimal d(std::string_view text) { return Decimal::literal(text); }
time::Instant at(std::string_view text) { return time::Instant::literal(text); }
const model::AssetId kCro = model::AssetId::literal("CRO");
const model::AssetId kEth = model::AssetId::literal("ETH");
const model::AssetId kToken = model::AssetId::literal("CDCETH");

StakingEvent event(Chain chain, EventKind kind, const char* amount, const char* when,
                   const std::string& detail = "", const model::AssetId& asset = kCro) {
  StakingEvent one;
  one.key = {chain, "source", "place", asset};
  one.kind = kind;
  one.amount = d(amount);
  one.mark.at = at(when);
  one.type_detail = detail;
  one.id = event_id(one.key, kind, 0, detail + when);
  return one;
}

Position position(Chain chain, PositionState state, const char* amount, const model::AssetId& asset = kCro,
                  const std::string& part = "") {
  Position one;
  one.key = {chain, "source", "place", asset};
  one.state = state;
  one.amount = d(amount);
  one.part = part;
  return one;
}

KeptCoins kept(const model::AssetId& asset, const char* books, const char* all, const char* staked = "0",
               const char* activating = "0", const char* unbonding = "0") {
  return {asset, d(books), d(all), d(staked), d(activating), d(unbonding)};
}

/// A custodian with 1,000 of which 600 are staked, 50 pending and 30 unbonding; read at 20:00, valued at
/// 21:00.
FundTotalsInputs custodian() {
  FundTotalsInputs inputs;
  inputs.at = at("2026-03-05T21:00:00Z");
  StakesAtState stakes{
      Chain::kCustodian, "foris", "crypto_com", {0, "", at("2026-03-05T20:00:00Z")}, {}, {}, {}};
  stakes.positions = {position(Chain::kCustodian, PositionState::kActive, "600"),
                      position(Chain::kCustodian, PositionState::kPending, "50"),
                      position(Chain::kCustodian, PositionState::kUnbonding, "30"),
                      position(Chain::kCustodian, PositionState::kClaimable, "2"),
                      position(Chain::kCustodian, PositionState::kContingent, "7")};
  inputs.stakes.push_back(std::move(stakes));
  inputs.kept = {kept(kCro, "1000", "1000", "600", "50", "30")};
  inputs.readings = {{"crypto_com", kCro, at("2026-03-05T20:00:00Z")}};
  return inputs;
}

SentInstruction sent(Kind kind, const char* amount, const char* when, const char* custodian_id = "") {
  SentInstruction one;
  one.id = "m-1";
  one.kind = kind;
  one.custodian = "crypto_com";
  one.asset = kCro;
  one.amount = d(amount);
  one.sent_at = at(when);
  one.custodian_id = custodian_id;
  one.state = "sent";
  return one;
}

FundTotal only(const FundTotalsInputs& inputs, const model::AssetId& asset = kCro) {
  const FundTotals found = total_of(inputs);
  for (const FundTotal& total : found.totals)
    if (total.asset == asset) return total;
  throw std::logic_error("no such asset");
}

TEST(FundTotals, PartsAreWhatCustodyKeepsAndTheBooksSay) {
  const FundTotal total = only(custodian());
  EXPECT_EQ(total.staked, d("600"));
  EXPECT_EQ(total.pending, d("50"));
  EXPECT_EQ(total.unbonding, d("30"));
  EXPECT_EQ(total.claimable, d("2"));
  EXPECT_EQ(total.in_flight, d("0"));
  EXPECT_EQ(total.liquid, d("320"));
  EXPECT_EQ(total.total, d("1000"));
  EXPECT_TRUE(total.is_tied());
}

TEST(FundTotals, AStakeThatCustodySentAndTheCustodianDoesNotHaveIsInFlight) {
  FundTotalsInputs inputs = custodian();
  inputs.sent = {sent(Kind::kStake, "40", "2026-03-05T20:59:00Z")};
  const FundTotal total = only(inputs);
  EXPECT_EQ(total.in_flight, d("40"));
  EXPECT_EQ(total.liquid, d("280"));
  EXPECT_TRUE(total.is_tied());
  const FundTotals found = total_of(inputs);
  ASSERT_EQ(found.in_flight.size(), 1U);
  EXPECT_TRUE(found.in_flight[0].is_to_stake);
  EXPECT_EQ(found.in_flight[0].id, "movement m-1");
  inputs.sent[0].sent_at = at("2026-03-05T21:00:00.000000001Z");
  EXPECT_EQ(only(inputs).in_flight, d("0")) << "it left after the valuation point";
}

TEST(FundTotals, ARequestThatTheCustodianToldIsNoLongerInFlight) {
  FundTotalsInputs inputs = custodian();
  inputs.sent = {sent(Kind::kStake, "50", "2026-03-05T19:00:00Z", "STAKE:7")};
  inputs.stakes[0].asked = {
      event(Chain::kCustodian, EventKind::kDepositSubmitted, "50", "2026-03-05T19:00:01Z", "STAKE:7")};
  EXPECT_EQ(only(inputs).in_flight, d("0")) << "it is among the pending";
  inputs.sent[0].custodian_id = "7";
  EXPECT_EQ(only(inputs).in_flight, d("0")) << "as Prime names it";
  inputs.sent[0].custodian_id = "";
  EXPECT_EQ(only(inputs).in_flight, d("0")) << "nobody has its id, and the request alike is nobody else's";
  inputs.sent[0].custodian_id = "STAKE:8";
  EXPECT_EQ(only(inputs).in_flight, d("50"));
  EXPECT_TRUE(only(inputs).is_tied());
  inputs.sent[0].confirmed_at = at("2026-03-05T19:30:00Z");
  EXPECT_EQ(only(inputs).in_flight, d("0")) << "confirmed before the state was read: it is in it";
  // Two alike, one known: the other one is in flight.
  inputs.sent = {sent(Kind::kStake, "50", "2026-03-05T19:00:00Z", "STAKE:7"),
                 sent(Kind::kStake, "50", "2026-03-05T19:00:00Z")};
  EXPECT_EQ(only(inputs).in_flight, d("50"));
}

TEST(FundTotals, WhatTheCustodianToldAfterItsStateIsInFlightOnceWhicheverBalanceWasCompared) {
  FundTotalsInputs inputs = custodian();
  inputs.stakes[0].later = {
      event(Chain::kCustodian, EventKind::kDepositSubmitted, "20", "2026-03-05T20:30:00Z", "STAKE:9"),
      event(Chain::kCustodian, EventKind::kRedeemRequested, "10", "2026-03-05T20:31:00Z", "UNSTAKE:3")};
  inputs.stakes[0].asked = inputs.stakes[0].later;
  inputs.sent = {sent(Kind::kStake, "20", "2026-03-05T20:29:59Z", "STAKE:9")};
  FundTotal total = only(inputs);
  EXPECT_EQ(total.in_flight, d("30"));
  EXPECT_EQ(total.staked, d("590"));
  EXPECT_EQ(total.liquid, d("300")) << "the balance of 20:00 still calls the 20 free";
  EXPECT_TRUE(total.is_tied());
  // A balance from after it does not.
  inputs.readings[0].as_of = at("2026-03-05T20:45:00Z");
  inputs.kept = {kept(kCro, "1000", "1000", "590", "70", "40")};
  total = only(inputs);
  EXPECT_EQ(total.in_flight, d("30"));
  EXPECT_EQ(total.liquid, d("300"));
  EXPECT_TRUE(total.is_tied());
}

TEST(FundTotals, AnUnstakingThatCustodySentIsOnItsWayBack) {
  FundTotalsInputs inputs = custodian();
  inputs.sent = {sent(Kind::kUnstake, "25", "2026-03-05T20:59:00Z")};
  const FundTotal total = only(inputs);
  EXPECT_EQ(total.staked, d("575"));
  EXPECT_EQ(total.in_flight, d("25"));
  EXPECT_EQ(total.liquid, d("320"));
  EXPECT_TRUE(total.is_tied());
  EXPECT_FALSE(total_of(inputs).in_flight[0].is_to_stake);
}

TEST(FundTotals, AConversionIsInFlightUntilItIsDoneOrShownAsRedeeming) {
  FundTotalsInputs inputs = custodian();
  StakesAtState tokens{Chain::kLiquid, "foris", "crypto_com", inputs.stakes[0].mark, {}, {}, {}};
  tokens.positions = {position(Chain::kLiquid, PositionState::kActive, "100", kToken)};
  inputs.stakes.push_back(tokens);
  inputs.kept.push_back(kept(kToken, "100", "100"));
  inputs.sent = {sent(Kind::kConvert, "12", "2026-03-05T19:59:00Z", "CONVERT:4")};
  EXPECT_EQ(only(inputs).in_flight, d("12"));
  EXPECT_EQ(only(inputs).staked, d("588")) << "a coin's name stands for its staked ones";
  EXPECT_TRUE(only(inputs).is_tied());
  inputs.sent[0].asset = kToken;
  EXPECT_EQ(only(inputs, kToken).in_flight, d("12"));
  EXPECT_EQ(only(inputs, kToken).liquid, d("88"));
  EXPECT_TRUE(only(inputs, kToken).is_tied());
  inputs.stakes[1].positions.push_back(
      position(Chain::kLiquid, PositionState::kRedeeming, "12", kToken, "CONVERT:4"));
  EXPECT_EQ(only(inputs, kToken).in_flight, d("0"));
  EXPECT_EQ(only(inputs, kToken).unbonding, d("12"));
  EXPECT_TRUE(only(inputs, kToken).is_tied());
  // A custodian that counts its units nowhere until it is done: the books have them.
  inputs.stakes[1].positions[0].amount = d("88");
  inputs.stakes[1].positions[1].detail = "rate not fixed" + std::string(kCountedNowhere);
  inputs.kept.back() = kept(kToken, "100", "88");
  FundTotal total = only(inputs, kToken);
  EXPECT_EQ(total.unbonding, d("12"));
  EXPECT_EQ(total.uncounted, d("12"));
  EXPECT_EQ(total.liquid, d("88"));
  EXPECT_EQ(total.total, d("100"));
  EXPECT_TRUE(total.is_tied());
  // Done after the state and before the valuation point.
  inputs.sent.clear();
  StakingEvent done =
      event(Chain::kLiquid, EventKind::kConverted, "12", "2026-03-05T20:30:00Z", "ETH 12.4", kToken);
  done.id = "liquid/source/place/converted/CONVERT:4";
  inputs.stakes[1].later = {done};
  inputs.kept.back() = kept(kToken, "88", "88");
  total = only(inputs, kToken);
  EXPECT_EQ(total.unbonding, d("0"));
  EXPECT_EQ(total.uncounted, d("0"));
  EXPECT_TRUE(total.is_tied());
}

TEST(FundTotals, OnAChainDepositsAndDelegationsAfterTheStateAreInFlight) {
  FundTotalsInputs inputs;
  inputs.at = at("2026-03-05T21:00:00Z");
  StakesAtState ether{Chain::kEthereum, "ether", "", {900, "0x1", at("2026-03-05T20:40:00Z")}, {}, {}, {}};
  ether.positions = {position(Chain::kEthereum, PositionState::kActive, "64.5", kEth),
                     position(Chain::kEthereum, PositionState::kPending, "1", kEth)};
  ether.later = {
      event(Chain::kEthereum, EventKind::kDepositSubmitted, "32", "2026-03-05T20:50:00Z", "", kEth),
      event(Chain::kEthereum, EventKind::kRewardAttestation, "0.001", "2026-03-05T20:51:00Z", "", kEth),
      event(Chain::kEthereum, EventKind::kWithdrawalSweep, "0.5", "2026-03-05T20:52:00Z", "", kEth),
      event(Chain::kEthereum, EventKind::kDepositApplied, "1", "2026-03-05T20:53:00Z", "", kEth)};
  inputs.stakes.push_back(ether);
  // Custody reads its own addresses at the valuation point's block: 10 were free, 32 left, 0.5 came.
  inputs.kept = {kept(kEth, "107.501", "97.501", "65.001", "32", "0")};
  inputs.kept[0].kept = d("107.501");
  inputs.readings = {{"chain:ethereum", kEth, at("2026-03-05T20:59:59Z")}};
  const FundTotal total = only(inputs, kEth);
  EXPECT_EQ(total.staked, d("65.001"));
  EXPECT_EQ(total.pending, d("0"));
  EXPECT_EQ(total.in_flight, d("32"));
  EXPECT_EQ(total.liquid, d("10.5"));
  EXPECT_TRUE(total.is_tied());
}

TEST(FundTotals, WhatDoesNotTieIsShownAndWhatIsNotKnownIsNotGuessed) {
  FundTotalsInputs inputs = custodian();
  inputs.kept[0].books = d("1000.00000001");
  FundTotal total = only(inputs);
  EXPECT_EQ(total.less_books, d("-0.00000001"));
  EXPECT_EQ(total.less_custody, d("0"));
  EXPECT_FALSE(total.is_tied());
  inputs = custodian();
  inputs.stakes[0].positions[0].amount = d("599");
  EXPECT_EQ(only(inputs).less_custody, d("-1"));
  inputs.kept[0].kept.reset();
  total = only(inputs);
  EXPECT_FALSE(total.total);
  EXPECT_FALSE(total.liquid);
  EXPECT_FALSE(total.is_tied());
}

TEST(FundTotals, PartsSumToCustodyWhateverIsInFlightAndTheOrderChangesNothing) {
  std::mt19937 dice(7);
  for (int turn = 0; turn < 300; ++turn) {
    FundTotalsInputs inputs = custodian();
    for (int i = 0; i < 6; ++i) {
      const auto kind = static_cast<Kind>(dice() % 3);
      SentInstruction one = sent(kind, "1", "2026-03-05T20:30:00Z", dice() % 2 == 0 ? "" : "STAKE:1");
      one.id = "m" + std::to_string(i);
      one.amount = Decimal::of(static_cast<std::int64_t>(1 + dice() % 9));
      inputs.sent.push_back(one);
    }
    for (const EventKind kind : {EventKind::kDepositSubmitted, EventKind::kDepositApplied,
                                 EventKind::kRedeemRequested, EventKind::kStakeReturned})
      if (dice() % 2 == 0)
        inputs.stakes[0].later.push_back(event(Chain::kCustodian, kind, "3", "2026-03-05T20:30:00Z"));
    const FundTotals once = total_of(inputs);
    EXPECT_EQ(once.totals[0].less_custody, d("0"));
    Decimal listed;
    for (const InFlight& one : once.in_flight) listed += one.amount;
    EXPECT_EQ(listed, once.totals[0].in_flight);
    std::shuffle(inputs.sent.begin(), inputs.sent.end(), dice);
    std::shuffle(inputs.stakes[0].later.begin(), inputs.stakes[0].later.end(), dice);
    const FundTotals again = total_of(inputs);
    EXPECT_EQ(again.totals[0].in_flight, once.totals[0].in_flight);
    EXPECT_EQ(again.totals[0].liquid, once.totals[0].liquid);
    EXPECT_EQ(again.in_flight, once.in_flight);
  }
}

json::Value parsed(const std::string& text) { return base::value_or_refuse(json::parse(text)); }

TEST(CustodyDays, MovementsCountAsTheyStoodAtTheValuationPoint) {
  const json::Value all = parsed(R"({"movements":[
    {"id":"w","kind":"withdrawal"},
    {"id":"a","kind":"stake","custodian":"cc","asset":"CRO","amount":"5","custodian_id":"STAKE:1","events":[
      {"state":"approved_twice","at":"2026-03-05T20:00:00Z"},{"state":"sending","at":"2026-03-05T20:00:01Z"},
      {"state":"sent","at":"2026-03-05T20:00:02Z"},{"state":"confirmed","at":"2026-03-05T22:00:00Z"}]},
    {"id":"b","kind":"unstake","custodian":"cc","asset":"CRO","amount":"6","custodian_id":"","events":[
      {"state":"approved_twice","at":"2026-03-05T20:00:00Z"}]},
    {"id":"c","kind":"stake","custodian":"cc","asset":"CRO","amount":"7","custodian_id":"","events":[
      {"state":"sending","at":"2026-03-05T20:00:01Z"},{"state":"refused","at":"2026-03-05T20:00:02Z"}]},
    {"id":"d","kind":"convert","custodian":"cc","asset":"CDCETH","amount":"8","custodian_id":"","events":[
      {"state":"sending","at":"2026-03-05T20:00:01Z"},{"state":"in_doubt","at":"2026-03-05T20:00:02Z"}]}]})");
  const auto sent_by = [&](const char* when) { return read_sent(all, at(when)); };
  const auto found = sent_by("2026-03-05T21:00:00Z");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, "a");
  EXPECT_EQ(found[0].state, "sent");
  EXPECT_FALSE(found[0].confirmed_at);
  EXPECT_EQ(found[1].state, "in_doubt");
  EXPECT_EQ(sent_by("2026-03-05T23:00:00Z")[0].confirmed_at, at("2026-03-05T22:00:00Z"));
  EXPECT_EQ(sent_by("2026-03-05T20:00:01Z").size(), 3U) << "the refusal came later";
  EXPECT_TRUE(sent_by("2026-03-05T20:00:00Z").empty());
  EXPECT_THROW(read_sent(parsed(R"({"movements":[{"id":"a","kind":"stake","custodian":"cc","asset":"CRO",
    "amount":"-5","custodian_id":"","events":[]}]})"),
                         at("2026-03-05T21:00:00Z")),
               base::Refused);
}

TEST(CustodyDays, LinesOfAnAssetAreAddedUpAndOneThatIsUnsureMakesItUnknown) {
  CustodyDay day;
  const char* states =
      R"("states":{"staked":{"books":"1","kept":"600"},"activating":{"books":"0","kept":null},
    "unbonding":{"books":"0","kept":"30"}})";
  const auto line = [&](const char* place, const char* difference) {
    return std::string(R"({"asset":"CRO","place":")") + place + R"(","books":"10","difference":)" +
           difference + "," + states + "}";
  };
  EXPECT_EQ(add_kept(day, parsed(R"({"lines":[)" + line("", "\"-1\"") + R"(],"next_cursor":"1.1"})")), "1.1");
  EXPECT_EQ(add_kept(day, parsed(R"({"lines":[)" + line("cold", "\"0\"") + R"(],"next_cursor":null})")), "");
  ASSERT_EQ(day.kept.size(), 1U);
  EXPECT_EQ(day.kept[0].books, d("20"));
  EXPECT_EQ(day.kept[0].kept, d("19"));
  EXPECT_EQ(day.kept[0].staked, d("1200"));
  EXPECT_EQ(day.kept[0].activating, d("0"));
  add_kept(day, parsed(R"({"lines":[)" + line("hot", "null") + R"(],"next_cursor":null})"));
  EXPECT_FALSE(day.kept[0].kept);
  add_kept(day, parsed(R"({"lines":[)" + line("other", "\"0\"") + R"(],"next_cursor":null})"));
  EXPECT_FALSE(day.kept[0].kept) << "and it stays so";
}

}  // namespace
}  // namespace navkeeper::staking
