// Staking by a custodian's word, as custody gives it over HTTP.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "common/base/refuse.h"
#include "services/staking/adapters/custody_client.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

Decimal d(std::string_view text) { return Decimal::literal(text); }
time::Instant at(std::string_view text) { return time::Instant::literal(text); }

constexpr const char* kBalances = R"({"balances":[
 {"source":"crypto_com","account":"main","asset":"CRO","scale":8,"owned":"1500","total":"500","staked":"1000",
  "activating":"20","unbonding":"30","unbonding_entries":[{"amount":"10","completes_at":"2026-03-09T00:00:00Z"}],
  "rewards_pending":"0.5","staked_in_total":"apart","activating_in_staked":"apart","as_of":"2026-03-05T20:00:00Z",
  "known_at":"2026-03-05T20:00:01Z","raw_sha256":"00"},
 {"source":"crypto_com","account":"main","asset":"CDCETH","scale":18,"owned":"100","total":"100",
  "as_of":"2026-03-05T20:00:00Z","known_at":"2026-03-05T20:00:01Z","raw_sha256":"00"},
 {"source":"prime","account":"other","asset":"ETH","owned":null,"as_of":"2026-03-05T20:00:00Z"}]})";

CustodianRecord record(std::string key, std::string asset, const char* amount, const char* when,
                       std::string progress = "done") {
  return {std::move(key), at(when), std::move(asset), d(amount), 1, std::move(progress)};
}

CustodianQuestion question() {
  CustodianQuestion asked{"foris", "crypto_com", {}};
  TokenPolicy token;
  token.asset = model::AssetId::literal("CDCETH");
  token.coin = model::AssetId::literal("ETH");
  token.redemption_days = 10;
  asked.tokens.push_back(token);
  return asked;
}

CustodianWord word() {
  CustodianWord given;
  given.balances = parse_custody_balances("custody", kBalances, "crypto_com");
  given.terms.push_back(record("conversion_rate:CDCETH", "", "1.05", "2026-03-05T00:00:00Z"));
  return given;
}

const Position& only(const SyncResult& result, PositionState state, std::string_view asset,
                     std::string_view part = "") {
  const Position* found = nullptr;
  for (const PositionReading& reading : result.readings) {
    for (const Position& position : reading.positions) {
      if (position.state == state && position.key.asset.value() == asset && position.part == part)
        found = &position;
    }
  }
  if (found == nullptr) throw std::logic_error("no such position");
  return *found;
}

TEST(CustodianStaking, PositionsSayThatNoChainShowsThem) {
  const SyncResult result = sync_custodian_staking(word(), question());
  ASSERT_EQ(result.readings.size(), 2U);
  for (const PositionReading& reading : result.readings) {
    for (const Position& position : reading.positions) EXPECT_FALSE(position.verifiable);
  }
  EXPECT_EQ(only(result, PositionState::kActive, "CRO").amount, d("1000"));
  EXPECT_EQ(only(result, PositionState::kPending, "CRO").amount, d("20"));
  EXPECT_EQ(only(result, PositionState::kUnbonding, "CRO", "0").due_at, at("2026-03-09T00:00:00Z"));
  EXPECT_EQ(only(result, PositionState::kUnbonding, "CRO").amount, d("20")) << "what no entry lists";
  EXPECT_EQ(only(result, PositionState::kContingent, "CRO", "rewards_pending").amount, d("0.5"));
  EXPECT_EQ(only(result, PositionState::kActive, "CDCETH").detail,
            "value_accruing, rate 1.05 ETH, worth 105");
  ASSERT_EQ(result.parameters.size(), 2U);
  EXPECT_EQ(result.parameters[0].name, "rate.CDCETH");
  EXPECT_EQ(result.parameters[1].name, "record_began");
}

TEST(CustodianStaking, RollsForwardByRequestsAndRewards) {
  CustodianQuestion asked = question();
  const SyncResult first = sync_custodian_staking(word(), asked);
  for (const PositionReading& reading : first.readings) asked.last.push_back({reading, reading.mark.at});
  asked.known_parameters = first.parameters;
  CustodianWord next = word();
  for (CustodianBalance& balance : next.balances) balance.as_of = at("2026-03-06T20:00:00Z");
  next.balances[0].staked = d("1101.25");
  next.balances[1].owned = d("90");
  next.stakes = {record("STAKE:1", "CRO", "150", "2026-03-06T01:00:00Z"),
                 record("UNSTAKE:2", "CRO", "50", "2026-03-06T02:00:00Z"),
                 record("STAKE:3", "CRO", "7", "2026-03-06T03:00:00Z", "failed"),
                 record("CONVERT:4", "CDCETH", "10", "2026-03-06T04:00:00Z"),
                 record("CONVERT:5", "CDCETH", "4", "2026-03-06T05:00:00Z", "under_way")};
  next.rewards = {record("r1", "CRO.staked", "1.25", "2026-03-06T00:00:00Z"),
                  record("r2", "CRO", "0.75", "2026-03-06T06:00:00Z")};
  next.terms[0].amount = d("1.0521");
  const SyncResult result = sync_custodian_staking(next, asked);
  ASSERT_EQ(result.roll_forwards.size(), 4U) << "stake, activating and unbonding, and the token";
  for (const RollForward& roll : result.roll_forwards)
    EXPECT_TRUE(roll.is_tied()) << roll.key.asset.value() << " " << describe(roll.account) << " "
                                << roll.difference().to_string();
  EXPECT_EQ(result.events.size(), 6U) << "a reward paid out is income too; two requests have two steps each";
  ASSERT_EQ(result.alerts.size(), 1U) << "nobody says what came of the conversion";
  EXPECT_EQ(result.alerts[0].kind, "conversion_untold");
  const Position& redeeming = only(result, PositionState::kRedeeming, "CDCETH", "CONVERT:5");
  EXPECT_EQ(redeeming.due_at, at("2026-03-16T05:00:00Z"));
  EXPECT_EQ(redeeming.detail, "rate not fixed; may be slashed; due 2026-03-16T05:00:00Z; worth 4.2084 ETH");
  // 90 at 1.0521 - 100 at 1.05 + 10 sold at 1.0521: 0.21 of gain that is no income.
  EXPECT_NE(only(result, PositionState::kActive, "CDCETH").detail.find("economic gain 0.21 unrealised"),
            std::string::npos);
  // A stake that fell by no request does not tie; units that came from nowhere are said.
  next.balances[0].staked = d("1100");
  next.balances[1].owned = d("95");
  const SyncResult off = sync_custodian_staking(next, asked);
  EXPECT_EQ(std::count_if(off.roll_forwards.begin(), off.roll_forwards.end(),
                          [](const RollForward& roll) { return !roll.is_tied(); }),
            2);
  ASSERT_EQ(off.alerts.size(), 2U);
  EXPECT_EQ(off.alerts[0].kind, "units_unexplained");
}

/// A custodian's account from reading to reading, an hour apart; what was told is known afterwards.
class Custodian {
 public:
  Custodian() {
    word_ = word();
    word_.balances.resize(1);
    word_.terms.clear();
    balance().unbonding_entries.clear();
  }
  CustodianBalance& balance() { return word_.balances[0]; }
  std::vector<CustodianRecord>& stakes() { return word_.stakes; }

  SyncResult read() {
    balance().as_of = now_;
    now_ = now_ + time::Duration::hours(1);
    SyncResult result = sync_custodian_staking(word_, asked_);
    asked_.last.clear();
    for (const PositionReading& reading : result.readings) asked_.last.push_back({reading, now_});
    for (const ParameterReading& one : result.parameters) asked_.known_parameters.push_back(one);
    for (const StakingEvent& event : result.events) {
      EXPECT_TRUE(asked_.known_events.insert(event.id).second) << "told twice: " << event.id;
      told_.push_back(std::string(describe(event.kind)) + " " + event.amount.to_string() + " at " +
                      event.mark.at.to_string());
    }
    for (const RollForward& roll : result.roll_forwards)
      EXPECT_TRUE(roll.is_tied()) << describe(roll.account) << " " << roll.difference().to_string();
    return result;
  }
  std::vector<std::string> told() { return std::exchange(told_, {}); }

 private:
  CustodianWord word_;
  CustodianQuestion asked_{"foris", "crypto_com", {}};
  time::Instant now_ = at("2026-03-05T20:00:00Z");
  std::vector<std::string> told_;
};

using Told = std::vector<std::string>;

TEST(CustodianStaking, EachStepOfARequestIsToldOnceWhenItIsSeenFirst) {
  Custodian custodian;
  custodian.read();
  EXPECT_EQ(custodian.told(), Told{});
  custodian.stakes() = {record("STAKE:1", "CRO", "150", "2026-03-05T20:10:00Z", "under_way"),
                        record("UNSTAKE:2", "CRO", "40", "2026-03-05T20:20:00Z", "unknown")};
  custodian.balance().activating = d("170");
  custodian.balance().staked = d("960");
  custodian.balance().unbonding = d("70");
  custodian.read();
  EXPECT_EQ(custodian.told(), (Told{"deposit_submitted 150 at 2026-03-05T20:10:00Z",
                                    "redeem_requested 40 at 2026-03-05T20:20:00Z"}));
  custodian.read();
  EXPECT_EQ(custodian.told(), Told{}) << "the same word says nothing new";
  custodian.stakes()[0].progress = "done";
  custodian.stakes()[1].progress = "done";
  custodian.balance().activating = d("20");
  custodian.balance().staked = d("1110");
  custodian.balance().unbonding = d("30");
  custodian.read();
  EXPECT_EQ(custodian.told(),
            (Told{"deposit_applied 150 at 2026-03-05T23:00:00Z", "redeemed 40 at 2026-03-05T23:00:00Z"}));
  // Asked for and done between two readings; told late, when the reading before should have had it.
  custodian.stakes().push_back(record("STAKE:3", "CRO", "5", "2026-03-05T23:30:00Z"));
  custodian.stakes().push_back(record("UNSTAKE:4", "CRO", "1", "2026-03-05T21:30:00Z"));
  custodian.balance().staked = d("1114");
  custodian.read();
  EXPECT_EQ(custodian.told(),
            (Told{"deposit_submitted 5 at 2026-03-05T23:30:00Z", "deposit_applied 5 at 2026-03-06T00:00:00Z",
                  "redeem_requested 1 at 2026-03-06T00:00:00Z", "redeemed 1 at 2026-03-06T00:00:00Z"}));
  // Later than the balance: the next reading has it.
  custodian.stakes().push_back(record("STAKE:5", "CRO", "6", "2026-03-06T01:30:00Z"));
  custodian.read();
  EXPECT_EQ(custodian.told(), Told{});
  custodian.balance().staked = d("1120");
  custodian.read();
  EXPECT_EQ(custodian.told().size(), 2U);
}

TEST(CustodianStaking, AConversionIsInFlightUntilItIsDoneAndTellsWhatCameOfItOnce) {
  CustodianWord word;
  for (const auto& [asset, owned, staked] :
       {std::tuple{"ETH", "120", "100"}, std::tuple{"CDCETH", "5", ""}}) {
    CustodianBalance balance;
    balance.account = "main";
    balance.asset = model::AssetId::literal(asset);
    balance.owned = d(owned);
    if (*staked != 0) balance.staked = d(staked);
    word.balances.push_back(balance);
  }
  word.terms.push_back(record("conversion_rate:CDCETH", "", "1.02", "2026-03-05T00:00:00Z"));
  CustodianQuestion asked = question();
  time::Instant now = at("2026-03-05T20:00:00Z");
  Told told;
  const auto read = [&](const char* staked, const char* tokens) {
    word.balances[0].staked = d(staked);
    word.balances[1].owned = d(tokens);
    for (CustodianBalance& balance : word.balances) balance.as_of = now;
    now = now + time::Duration::hours(1);
    const SyncResult result = sync_custodian_staking(word, asked);
    asked.last.clear();
    for (const PositionReading& reading : result.readings) asked.last.push_back({reading, reading.mark.at});
    for (const ParameterReading& one : result.parameters) asked.known_parameters.push_back(one);
    told.clear();
    for (const StakingEvent& event : result.events) {
      EXPECT_TRUE(asked.known_events.insert(event.id).second) << event.id;
      told.push_back(std::string(describe(event.kind)) + " " + event.amount.to_string() + " " +
                     event.key.asset.value() + " " + event.type_detail);
    }
    for (const RollForward& roll : result.roll_forwards)
      EXPECT_TRUE(roll.is_tied()) << roll.key.asset.value() << " " << describe(roll.account) << " "
                                  << roll.difference().to_string();
    for (const Alert& alert : result.alerts) ADD_FAILURE() << alert.kind << " " << alert.detail;
    return result;
  };
  const auto converts = [](const char* key, const char* from, const char* amount, const char* when,
                           const char* into, const char* received, const char* progress) {
    CustodianRecord one = record(key, from, amount, when, progress);
    one.into = into;
    one.received = d(received);
    return one;
  };
  read("100", "5");
  word.stakes = {
      converts("CONVERT:1", "ETH.staked", "10", "2026-03-05T20:30:00Z", "CDCETH", "9.8", "under_way")};
  SyncResult result = read("90", "5");
  EXPECT_EQ(told, Told{"convert_requested 10 ETH CONVERT:1"});
  EXPECT_EQ(only(result, PositionState::kInFlight, "ETH", "CONVERT:1").amount, d("10"));
  result = read("90", "5");
  EXPECT_EQ(told, Told{}) << "the same word says nothing new";
  word.stakes[0].progress = "done";
  result = read("90", "14.8");
  EXPECT_EQ(told, (Told{"converted 10 ETH CDCETH 9.8", "converted_into 9.8 CDCETH CONVERT:1"}));
  EXPECT_THROW(only(result, PositionState::kInFlight, "ETH", "CONVERT:1"), std::logic_error);
  read("90", "14.8");
  EXPECT_EQ(told, Told{});
  // Back again, asked for and done between two readings.
  word.stakes.push_back(
      converts("CONVERT:2", "CDCETH", "4.8", "2026-03-06T00:30:00Z", "ETH.staked", "4.9", "done"));
  read("94.9", "10");
  EXPECT_EQ(told, (Told{"converted 4.8 CDCETH ETH 4.9", "converted_into 4.9 ETH CONVERT:2"}));
  // One that comes to nothing.
  word.stakes.push_back(
      converts("CONVERT:3", "ETH.staked", "7", "2026-03-06T01:30:00Z", "CDCETH", "6.8", "under_way"));
  read("87.9", "10");
  word.stakes[2].progress = "failed";
  read("94.9", "10");
  EXPECT_EQ(told, Told{"convert_returned 7 ETH CONVERT:3"});
  read("94.9", "10");
  EXPECT_EQ(told, Told{});
}

/// No document says whether a custodian's balance has the units of a token while they are converted: both
/// ways are told apart by what the balance did, and every row ties in both.
TEST(CustodianStaking, ATokensConversionLeavesItsFreeUnitsWhetherTheCustodianCountsThemOrNot) {
  for (const bool is_counted : {false, true}) {
    CustodianQuestion asked = question();
    CustodianWord given = word();
    time::Instant now = at("2026-03-05T20:00:00Z");
    const auto read = [&](const char* owned) {
      given.balances[1].owned = d(owned);
      for (CustodianBalance& balance : given.balances) balance.as_of = now;
      now = now + time::Duration::hours(1);
      const SyncResult result = sync_custodian_staking(given, asked);
      asked.last.clear();
      for (const PositionReading& reading : result.readings) asked.last.push_back({reading, reading.mark.at});
      for (const ParameterReading& one : result.parameters) asked.known_parameters.push_back(one);
      for (const StakingEvent& event : result.events) asked.known_events.insert(event.id);
      for (const RollForward& roll : result.roll_forwards)
        EXPECT_TRUE(roll.is_tied()) << is_counted << " " << roll.key.asset.value() << " "
                                    << roll.difference().to_string();
      for (const Alert& alert : result.alerts) EXPECT_EQ(alert.kind, "conversion_untold") << alert.detail;
      return result;
    };
    read("100");
    given.stakes = {record("CONVERT:5", "CDCETH", "12", "2026-03-05T20:30:00Z", "under_way"),
                    record("CONVERT:6", "CDCETH", "3", "2026-03-05T20:30:00Z", "under_way")};
    for (int times = 0; times < 2; ++times) {
      const SyncResult result = read(is_counted ? "100" : "85");
      EXPECT_EQ(only(result, PositionState::kActive, "CDCETH").amount, d("85"));
      const Position& redeeming = only(result, PositionState::kRedeeming, "CDCETH", "CONVERT:5");
      EXPECT_EQ(redeeming.amount, d("12"));
      EXPECT_EQ(redeeming.detail.ends_with(kCountedNowhere), !is_counted) << redeeming.detail;
    }
    given.stakes[0].progress = "done";
    given.stakes[1].progress = "failed";
    for (int times = 0; times < 2; ++times)
      EXPECT_EQ(only(read("88"), PositionState::kActive, "CDCETH").amount, d("88"));
  }
}

TEST(CustodianStaking, AConversionOfWhichNobodySaysWhatCameIsAlarmedAndGuessedByNobody) {
  const auto records = parse_custody_records("custody",
                                             R"({"sources":[{"source":"crypto_com","records":[
      {"key":"CONVERT:7","at":"2026-03-06T01:30:00Z","asset":"ETH.staked","amount":"10","count":1,
       "progress":"done","standing":"sure","document":{"row":{"to_instrument_name":"CDCETH","to_quantity":"9.8"}}},
      {"key":"CONVERT:8","at":"2026-03-06T01:30:00Z","asset":"ETH.staked","amount":"10","count":1,
       "progress":"done","standing":"sure","document":{"row":{"to_instrument_name":"CDCETH"}}}]}]})",
                                             "crypto_com");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].into, "CDCETH");
  EXPECT_EQ(records[0].received, d("9.8"));
  EXPECT_FALSE(records[1].received);
  CustodianWord given = word();
  CustodianBalance ether;
  ether.account = "main";
  ether.asset = model::AssetId::literal("ETH");
  ether.staked = d("10");
  ether.as_of = at("2026-03-05T20:00:00Z");
  given.balances.push_back(ether);
  CustodianQuestion asked = question();
  const SyncResult first = sync_custodian_staking(given, asked);
  for (const PositionReading& reading : first.readings) asked.last.push_back({reading, reading.mark.at});
  asked.known_parameters = first.parameters;
  for (CustodianBalance& balance : given.balances) balance.as_of = at("2026-03-06T20:00:00Z");
  given.stakes = {records[1]};
  const SyncResult result = sync_custodian_staking(given, asked);
  EXPECT_TRUE(std::any_of(result.alerts.begin(), result.alerts.end(),
                          [](const Alert& alert) { return alert.kind == "conversion_untold"; }));
  EXPECT_TRUE(std::none_of(result.events.begin(), result.events.end(),
                           [](const StakingEvent& event) { return event.kind == EventKind::kConverted; }));
}

/// Custody's answers about two wallets at Coinbase Prime, whose stakes' keys do not say their side and whose
/// balances do not say what activates.
class PrimeInCustody final : public http::NodeCarrier {
 public:
  std::string staked = "0", as_of = "2026-03-05T20:00:00Z", progress = "under_way", activating = "64";
  bool is_asked_for = false;

  http::Response carry(const http::ClientRequest& request) override {
    const auto ends = [&](const char* with) { return request.path.ends_with(with); };
    if (ends("/balances"))
      return json(R"("balances":[)" + balance("w-1", "10") + "," + balance("w-2", staked) + "]");
    const bool empty = !is_asked_for || !(ends("/stake") || ends("/validator"));
    return json(R"("sources":[{"source":"prime","records":[)" +
                (empty            ? std::string()
                 : ends("/stake") ? stake()
                                  : validator()) +
                "]}]");
  }

 private:
  static http::Response json(const std::string& of) { return {.status = 200, .body = "{" + of + "}"}; }
  std::string balance(const std::string& wallet, const std::string& bonded) const {
    return R"({"source":"prime","account":")" + wallet + R"(","asset":"ETH","owned":"100","staked":")" +
           bonded + R"(","as_of":")" + as_of + "\"}";
  }
  std::string stake() const {
    return R"({"key":"t1","at":"2026-03-05T20:30:00Z","asset":"ETH","amount":"64","count":1,"progress":")" +
           progress +
           R"(","standing":"stands","document":{"row":{},"stake":{"account":"w-2","side":"stake"}}})";
  }
  std::string validator() const {
    if (activating.empty()) return {};
    return R"({"key":"activating:w-2:0xaa","at":"1970-01-01T00:00:00Z","asset":"ETH","amount":")" +
           activating + R"(","count":1,"progress":"under_way","standing":"stands","document":{"row":{}}})";
  }
};

TEST(CustodianStaking, ARequestAtCoinbasePrimeIsItsWalletsStepByStep) {
  const auto prime = std::make_shared<PrimeInCustody>();
  http::Node node("custody", prime);
  CustodianQuestion asked{"prime-stakes", "prime", {}};
  std::vector<std::string> told;
  const auto read = [&] {
    const SyncResult result =
        sync_custodian_staking(read_custody(node, model::FundId::literal("BTCETH"), "prime"), asked);
    asked.last.clear();
    for (const PositionReading& reading : result.readings) asked.last.push_back({reading, reading.mark.at});
    for (const ParameterReading& one : result.parameters) asked.known_parameters.push_back(one);
    for (const StakingEvent& event : result.events) {
      asked.known_events.insert(event.id);
      told.push_back(event.key.place + " " + std::string(describe(event.kind)) + " " +
                     event.amount.to_string());
    }
    for (const RollForward& roll : result.roll_forwards)
      EXPECT_TRUE(roll.is_tied()) << roll.key.place << " " << describe(roll.account) << " "
                                  << roll.difference().to_string();
  };
  read();
  prime->is_asked_for = true;
  prime->as_of = "2026-03-05T21:00:00Z";
  read();
  EXPECT_EQ(told, std::vector<std::string>{"w-2 deposit_submitted 64"});
  prime->progress = "done";
  prime->activating.clear();
  prime->staked = "64";
  prime->as_of = "2026-03-06T21:00:00Z";
  read();
  EXPECT_EQ(told, (std::vector<std::string>{"w-2 deposit_submitted 64", "w-2 deposit_applied 64"}));
  prime->as_of = "2026-03-06T22:00:00Z";
  read();
  EXPECT_EQ(told.size(), 2U) << "each step once";
}

TEST(CustodianStaking, WhatComesToNothingGoesBack) {
  Custodian custodian;
  custodian.read();
  custodian.stakes() = {record("STAKE:1", "CRO", "150", "2026-03-05T20:10:00Z", "under_way"),
                        record("UNSTAKE:2", "CRO", "40", "2026-03-05T20:20:00Z", "under_way"),
                        record("STAKE:3", "CRO", "9", "2026-03-05T20:30:00Z", "failed")};
  custodian.balance().activating = d("170");
  custodian.balance().staked = d("960");
  custodian.balance().unbonding = d("70");
  custodian.read();
  EXPECT_EQ(custodian.told().size(), 2U);
  custodian.stakes()[0].progress = "failed";
  custodian.stakes()[1].progress = "failed";
  custodian.balance().activating = d("20");
  custodian.balance().staked = d("1000");
  custodian.balance().unbonding = d("30");
  custodian.read();
  EXPECT_EQ(custodian.told(), (Told{"stake_returned 150 at 2026-03-05T22:00:00Z",
                                    "unbonding_canceled 40 at 2026-03-05T22:00:00Z"}));
}

TEST(CustodianStaking, WhatWasDoneWhenTheRecordBeganIsPartOfItsOpening) {
  Custodian custodian;
  custodian.stakes() = {record("STAKE:1", "CRO", "1000", "2026-02-05T20:10:00Z"),
                        record("STAKE:2", "CRO", "20", "2026-03-05T19:10:00Z", "under_way")};
  custodian.read();
  EXPECT_EQ(custodian.told(), Told{});
  custodian.stakes()[1].progress = "done";
  custodian.balance().activating = d("0");
  custodian.balance().staked = d("1020");
  custodian.read();
  EXPECT_EQ(custodian.told(), Told{"deposit_applied 20 at 2026-03-05T21:00:00Z"});
  custodian.read();
  EXPECT_EQ(custodian.told(), Told{});
}

TEST(CustodianStaking, ARebasingTokensNewUnitsAreIncome) {
  CustodianQuestion asked = question();
  asked.tokens[0].kind = TokenKind::kRebasing;
  CustodianWord given = word();
  given.terms.clear();
  const SyncResult first = sync_custodian_staking(given, asked);
  for (const PositionReading& reading : first.readings) asked.last.push_back({reading, reading.mark.at});
  asked.known_parameters = first.parameters;
  for (CustodianBalance& balance : given.balances) balance.as_of = at("2026-03-06T20:00:00Z");
  given.balances[1].owned = d("111");
  given.transfers = {record("deposit:1", "CDCETH", "10", "2026-03-06T01:00:00Z")};
  const SyncResult result = sync_custodian_staking(given, asked);
  ASSERT_EQ(result.events.size(), 1U);
  EXPECT_EQ(result.events[0].kind, EventKind::kRewardRebase);
  EXPECT_EQ(result.events[0].amount, d("1"));
  for (const RollForward& roll : result.roll_forwards) EXPECT_TRUE(roll.is_tied()) << roll.key.asset.value();
}

TEST(CustodianStaking, WhatTheCustodianLeavesOutIsNotGone) {
  const auto left_out = [](const char* asset) {
    CustodianBalance balance;
    balance.account = "main";
    balance.asset = *model::AssetId::parse(asset);
    balance.as_of = at("2026-03-05T21:00:00Z");
    return balance;
  };
  CustodianQuestion asked = question();
  for (const PositionReading& reading : sync_custodian_staking(word(), asked).readings)
    asked.last.push_back({reading, reading.mark.at});
  for (const std::size_t which : {0U, 1U}) {  // a stake, a token
    CustodianWord given = word();
    given.balances[which] = left_out(which == 0 ? "CRO" : "CDCETH");
    EXPECT_THROW(sync_custodian_staking(given, asked), base::Refused) << which;
  }
  // One that nothing is known to be staked of is nobody's concern here.
  CustodianWord given = word();
  given.balances.push_back(left_out("USD_Stable_Coin"));
  const SyncResult result = sync_custodian_staking(given, asked);
  EXPECT_EQ(only(result, PositionState::kActive, "CRO").amount, d("1000"));
  EXPECT_EQ(result.readings[0].mark.at, at("2026-03-05T20:00:00Z"));
}

TEST(CustodianStaking, RefusesWhatCannotBe) {
  CustodianWord given = word();
  given.terms[0].amount = d("1.6");
  EXPECT_THROW(sync_custodian_staking(given, question()), base::Refused) << "a rate outside its bounds";
  CustodianQuestion asked = question();
  for (const PositionReading& reading : sync_custodian_staking(word(), asked).readings)
    asked.last.push_back({reading, reading.mark.at});
  given = word();
  given.balances[0].as_of = at("2026-03-04T00:00:00Z");
  EXPECT_THROW(sync_custodian_staking(given, asked), base::Refused) << "it goes back in time";
  EXPECT_THROW(
      parse_custody_balances("custody", R"({"balances":[{"source":"crypto_com","account":"a","asset":"CRO",
    "owned":"1","staked":"-1","as_of":"2026-03-05T20:00:00Z"}]})",
                             "crypto_com"),
      base::Refused);
  EXPECT_THROW(parse_custody_balances("custody", R"({"balances":[{"source":"crypto_com"}]})", "crypto_com"),
               base::Refused);
  EXPECT_THROW(parse_custody_balances("custody", "[]", "crypto_com"), base::Refused);
  const auto records = parse_custody_records("custody", R"({"sources":[{"source":"crypto_com","records":[
    {"kind":"reward","key":"k","at":"2026-03-05T20:00:00Z","asset":"CRO","amount":"2","count":3,"progress":"done",
     "standing":"sure"},
    {"kind":"reward","key":"l","at":"2026-03-05T20:00:00Z","asset":"CRO","amount":"2","count":1,"progress":"done",
     "standing":"vanished"}]}]})",
                                             "crypto_com");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].count, 3);
}

}  // namespace
}  // namespace navkeeper::staking
