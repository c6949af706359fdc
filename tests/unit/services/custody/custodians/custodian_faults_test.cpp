// The adapters against the simulated custodians, under every fault: whatever was stored is true, no coin is
// counted twice, none lost, and once a fault is over the state is the one that never saw it.
#include <gtest/gtest.h>

#include <map>

#include "services/custody/adapters/custodians/instructions.h"
#include "services/custody/adapters/record_json.h"
#include "services/sandbox/chains/bitcoin_ledger.h"
#include "tests/unit/services/custody/custodians/custodian_rig.h"

namespace navkeeper::custody {
namespace {

using sandbox::CustodianFault;
using time::Duration;
using time::Instant;

money::Decimal coins(money::Int128 units, sandbox::Coin coin) {
  return money::Decimal::of(units, sandbox::decimals_of(coin));
}

sandbox::AccountView truth_at(Rig& rig, Instant at) {
  return {at, rig.faults.began("", CustodianFault::kRestated, at)};
}

/// Every balance that was ever stored was true at its instant.
void expect_true_balances(Rig& rig) {
  ASSERT_FALSE(rig.store.all_balances().empty());
  for (const StoredBalance& stored : rig.store.all_balances()) {
    const Balance& b = stored.balance;
    const auto coin = sandbox::coin_named(b.asset.value());
    ASSERT_TRUE(coin) << b.asset.value();
    const auto holding = rig.custodian->account().holding(*coin, truth_at(rig, b.as_of));
    const auto whole = holding.total + holding.staked + holding.activating + holding.unbonding;
    ASSERT_TRUE(owned(b)) << b.asset.value();
    EXPECT_EQ(*owned(b), coins(whole, *coin)) << b.asset.value() << " " << b.as_of.to_string();
    if (b.staked) {
      EXPECT_EQ(*b.staked, coins(holding.staked, *coin));
    }
  }
}

using Sums = std::map<std::string, money::Decimal>;

/// What the account says came and went, as far as it is done, by coin and kind.
Sums true_sums(Rig& rig) {
  Sums sums;
  const Instant now = rig.clock.now();
  for (const sandbox::Move& move : rig.custodian->account().moves(truth_at(rig, now))) {
    if (!move.is_done(now)) continue;
    const std::string coin(sandbox::symbol_of(move.coin));
    if (move.kind == sandbox::MoveKind::kDeposit) sums["transfer " + coin] += coins(move.units, move.coin);
    if (move.kind == sandbox::MoveKind::kWithdrawal)
      sums["transfer " + coin] += coins(-move.units, move.coin);
    if (move.kind == sandbox::MoveKind::kReward) sums["reward " + coin] += coins(move.units, move.coin);
  }
  return sums;
}

/// The same of what stands as sure in the store.
Sums sure_sums(Rig& rig) {
  Sums sums;
  for (const RecordKind kind : {RecordKind::kTransfer, RecordKind::kReward}) {
    for (const RecordState& state : rig.store.of_kind(kind)) {
      if (state.standing != Standing::kSure || state.record.progress != Progress::kDone) continue;
      for (int i = 0; i < state.count; ++i)
        sums[std::string(describe(kind)) + " " + state.record.asset] += *state.record.amount;
    }
  }
  return sums;
}

/// No sum of sure records is above what is true: nothing counted twice, nothing foreign.
void expect_nothing_twice(Rig& rig) {
  std::map<std::pair<std::string, std::string>, int> told;
  for (const RecordState& state : rig.store.of_kind(RecordKind::kReward)) {
    if (state.standing == Standing::kSure)
      told[{state.record.asset, state.record.amount->to_string() + state.record.at.to_string()}] +=
          state.count;
  }
  std::map<std::pair<std::string, std::string>, int> happened;
  for (const sandbox::Move& move : rig.custodian->account().moves(truth_at(rig, rig.clock.now()))) {
    if (move.kind == sandbox::MoveKind::kReward)
      ++happened[{std::string(sandbox::symbol_of(move.coin)),
                  coins(move.units, move.coin).to_string() + move.created.to_string()}];
  }
  for (const auto& [key, count] : told) EXPECT_LE(count, happened[key]) << key.first << " " << key.second;
}

std::string told_runs(Rig& rig) {
  std::string text;
  for (const SyncRun& run : rig.store.runs(kFund, {}, 100))
    text += std::string(describe(run.outcome)) + " " + run.detail + "\n";
  return text;
}

class CustodianFaults : public ::testing::TestWithParam<CustodianProtocol> {};

TEST_P(CustodianFaults, AWholeReadingIsTrueAndASecondOneChangesNothing) {
  Rig rig(GetParam());
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone) << told_runs(rig);
  expect_true_balances(rig);
  EXPECT_EQ(sure_sums(rig), true_sums(rig));
  EXPECT_GE(sure_sums(rig).size(), 5U);
  const auto transfers = rig.store.of_kind(RecordKind::kTransfer);
  const auto rewards = rig.store.of_kind(RecordKind::kReward);
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone) << told_runs(rig);
  EXPECT_EQ(rig.store.of_kind(RecordKind::kTransfer), transfers);
  EXPECT_EQ(rig.store.of_kind(RecordKind::kReward), rewards);
  EXPECT_FALSE(transfers.empty());
  EXPECT_TRUE(transfer_of(transfers.front().record));
  if (!rig.prime()) {  // Rewards without ids: two alike at one instant are two.
    EXPECT_TRUE(
        std::any_of(rewards.begin(), rewards.end(), [](const auto& state) { return state.count == 2; }));
  }
}

TEST_P(CustodianFaults, WhateverGoesWrongNothingFalseIsStoredAndAfterwardsAllIsThere) {
  for (std::size_t i = 0; i < sandbox::kCustodianFaults; ++i) {
    const auto kind = static_cast<CustodianFault>(i);
    if (kind == CustodianFault::kShortBalance) continue;  // no answer tells; reconciliation does
    SCOPED_TRACE(std::string(sandbox::name_of(kind)));
    Rig rig(GetParam());
    EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone) << told_runs(rig);
    sandbox::Move move;
    rig.custodian->account().ask(sandbox::MoveKind::kWithdrawal, sandbox::Coin::kCro, 5'000'000'000'000,
                                 "cro1there", "w-1", rig.clock.now(), move);
    rig.custodian->account().ask(sandbox::MoveKind::kStake, sandbox::Coin::kEth,
                                 money::Int128{64'000'000'000} * 1'000'000'000, "", "", rig.clock.now(),
                                 move);
    rig.clock.advance(Duration::minutes(5));
    rig.fault(kind, Duration::hours(2));
    rig.clock.advance(Duration::seconds(2));
    for (int again = 0; again < 3; ++again) {
      rig.sync(Duration::minutes(1));
      expect_true_balances(rig);
      expect_nothing_twice(rig);
      rig.clock.advance(Duration::minutes(20));
    }
    rig.clock.advance(Duration::hours(4));
    const SyncReport last = rig.sync(Duration::minutes(1));
    EXPECT_EQ(last.run.outcome, SyncOutcome::kDone) << told_runs(rig);
    expect_true_balances(rig);
    EXPECT_EQ(sure_sums(rig), true_sums(rig)) << told_runs(rig);
    // What never saw the fault ends in the same place.
    if (kind != CustodianFault::kRestated) {
      Rig calm(GetParam());
      sandbox::Move same;
      calm.custodian->account().ask(sandbox::MoveKind::kWithdrawal, sandbox::Coin::kCro, 5'000'000'000'000,
                                    "cro1there", "w-1", calm.clock.now(), same);
      calm.clock.set(rig.clock.now());
      calm.sync();
      EXPECT_EQ(sure_sums(calm), sure_sums(rig));
    }
  }
}

TEST_P(CustodianFaults, EachFaultIsSaid) {
  const auto after = [](CustodianFault kind) {
    auto rig = std::make_unique<Rig>(GetParam());
    rig->sync();
    rig->clock.advance(Duration::minutes(30));
    rig->fault(kind, Duration::hours(1));
    rig->clock.advance(Duration::seconds(2));
    rig->sync(Duration::minutes(1));
    return rig;
  };
  const auto last_outcome = [](Rig& rig) { return rig.store.runs(kFund, {}, 100).back().outcome; };
  for (const CustodianFault kind :
       {CustodianFault::kSilence, CustodianFault::kErrors, CustodianFault::kRateLimit,
        CustodianFault::kWrongAccount, CustodianFault::kWrongScale}) {
    const auto rig = after(kind);
    EXPECT_EQ(last_outcome(*rig), SyncOutcome::kFailed) << sandbox::name_of(kind) << told_runs(*rig);
  }
  EXPECT_TRUE(after(CustodianFault::kWrongAccount)->store.has_alarm("wrong_account"));
  EXPECT_TRUE(after(CustodianFault::kWrongScale)->store.has_alarm("wrong_amount"));
  EXPECT_TRUE(after(CustodianFault::kNewStatus)->store.has_alarm("unknown_status"));
  if (GetParam() == CustodianProtocol::kCryptoCom) {
    EXPECT_TRUE(after(CustodianFault::kSkewedClock)->store.has_alarm("clock_skew"));
  }
}

TEST_P(CustodianFaults, ACorrectedHistoryIsTakenOverAndStaysVisible) {
  Rig rig(GetParam());
  rig.sync();
  rig.clock.advance(Duration::hours(1));
  rig.fault(CustodianFault::kRestated, Duration::minutes(1));
  rig.clock.advance(Duration::hours(1));
  EXPECT_EQ(rig.sync(Duration::minutes(1)).run.outcome, SyncOutcome::kDone) << told_runs(rig);
  EXPECT_EQ(sure_sums(rig), true_sums(rig));
  int restated = 0;
  for (const RecordState& state : rig.store.of_kind(RecordKind::kTransfer))
    restated += state.amount_restated ? 1 : 0;
  EXPECT_GT(restated, 3);
}

/// The balances as they are told, but for one row.
void without_cro(const std::string& path, std::string& body) {
  const auto row = body.find(R"({"instrument_name":"CRO","quantity")");
  if (!path.ends_with("private/user-balance") || row == std::string::npos) return;
  const auto end = body.find('}', row) + 1;
  body.erase(row, body[end] == ',' ? end + 1 - row : end - row);
  if (body[row] == ']' && body[row - 1] == ',') body.erase(row - 1, 1);
}

/// The newest of each coin.
std::map<std::string, Balance> newest_of(Rig& rig) {
  std::map<std::string, Balance> newest;
  for (const StoredBalance& one : rig.store.balances(kFund, {}))
    newest.emplace(one.balance.asset.value(), one.balance);
  return newest;
}

TEST(CryptoComAnswers, ATotalThatIsNotToldThoughItsStakeIsIsUnsureAndAlarmsAndTheOtherCoinsAreStored) {
  Rig rig(CustodianProtocol::kCryptoCom);
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone);
  const auto before = newest_of(rig);
  rig.falsify = without_cro;
  for (int i = 0; i < 2; ++i) {  // again and again, as long as it is left out
    rig.clock.advance(Duration::minutes(10));
    const SyncReport report = rig.sync();
    EXPECT_EQ(report.run.outcome, SyncOutcome::kPartly) << report.run.detail;
    EXPECT_EQ(report.run.detail, "balances: CRO of " + before.at("CRO").place.account + " is missing");
    const auto after = newest_of(rig);
    ASSERT_EQ(after.size(), before.size());
    for (const auto& [coin, balance] : after) {
      EXPECT_GT(balance.as_of, before.at(coin).as_of) << coin;
      EXPECT_EQ(is_told(balance), coin != "CRO") << coin;
      EXPECT_EQ(owned(balance).has_value(), coin != "CRO") << coin;
    }
  }
  rig.falsify = [](const auto&, auto&) {};
  rig.clock.advance(Duration::minutes(10));
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone);
  EXPECT_TRUE(is_told(newest_of(rig).at("CRO")));
  const auto alarms = rig.store.alarms(kFund, {}, 100);
  EXPECT_TRUE(std::any_of(alarms.begin(), alarms.end(),
                          [](const StoredAlarm& one) { return one.alarm.kind == "missing"; }));
}

/// An account that has nothing any more: another one, or a permission that is lost.
void without_anything(const std::string& path, std::string& body) {
  for (const auto& [ending, list] : {std::pair{"private/user-balance", R"("position_balances":[)"},
                                     std::pair{"private/staking/get-staking-position", R"("data":[)"}}) {
    const auto begin = path.ends_with(ending) ? body.find(list) : std::string::npos;
    if (begin == std::string::npos) continue;
    const auto from = begin + std::string_view(list).size();
    int depth = 1;
    auto to = from;
    for (; depth > 0; ++to) depth += body[to] == '[' ? 1 : body[to] == ']' ? -1 : 0;
    body.erase(from, to - 1 - from);
  }
}

TEST(CryptoComAnswers, AnAccountThatSaysItHoldsNothingIsUnsureOfAllAndAlarms) {
  Rig rig(CustodianProtocol::kCryptoCom);
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone);
  ASSERT_GT(rig.store.all_balances().size(), 0U);
  rig.falsify = without_anything;
  rig.clock.advance(Duration::minutes(10));
  const SyncReport report = rig.sync();
  EXPECT_EQ(report.run.outcome, SyncOutcome::kPartly) << report.run.detail;
  EXPECT_NE(report.run.detail.find(" is missing"), std::string::npos) << report.run.detail;
  for (const auto& [coin, balance] : newest_of(rig)) EXPECT_FALSE(is_told(balance)) << coin;
}

TEST(CryptoComAnswers, ACoinWhoseNameCannotBeReadIsNamedAndHoldsUpNoOther) {
  Rig rig(CustodianProtocol::kCryptoCom);
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone);
  const auto before = newest_of(rig);
  rig.falsify = [](const std::string& path, std::string& body) {
    const std::string list = R"("position_balances":[)";
    const auto at = body.find(list);
    if (path.ends_with("private/user-balance") && at != std::string::npos)
      body.insert(at + list.size(), R"({"instrument_name":"$TRUMP","quantity":"3"},)");
  };
  rig.clock.advance(Duration::minutes(10));
  const SyncReport report = rig.sync();
  EXPECT_EQ(report.run.outcome, SyncOutcome::kPartly);
  EXPECT_NE(report.run.detail.find("balances: '$TRUMP' of "), std::string::npos) << report.run.detail;
  EXPECT_TRUE(rig.store.has_alarm(std::string(kUnreadCoin)));
  const auto after = newest_of(rig);
  ASSERT_EQ(after.size(), before.size());
  for (const auto& [coin, balance] : after) EXPECT_GT(balance.as_of, before.at(coin).as_of) << coin;
}

TEST(CryptoComAnswers, AStakeThatIsToldFirstWithoutATotalIsNotAllThereIs) {
  for (const bool is_zero : {false, true}) {
    Rig rig(CustodianProtocol::kCryptoCom, is_zero);
    rig.falsify = without_cro;
    EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone);
    const auto all = rig.store.all_balances();
    const auto cro = std::find_if(
        all.begin(), all.end(), [](const StoredBalance& one) { return one.balance.asset.value() == "CRO"; });
    ASSERT_NE(cro, all.end());
    EXPECT_TRUE(cro->balance.staked->is_positive());
    EXPECT_EQ(cro->balance.total.has_value(), is_zero);
    EXPECT_EQ(owned(cro->balance), is_zero ? cro->balance.staked : std::nullopt);
  }
}

TEST(CryptoComAnswers, AWithdrawalWithAnotherAmountCoinOrAddressIsInDoubt) {
  const std::pair<const char*, const char*> lies[] = {
      {R"("amount":"12.5")", R"("amount":"1250")"},
      {R"("symbol":"CRO")", R"("symbol":"BTC")"},
      {R"("address":"cro1there")", R"("address":"cro1elsewhere")"}};
  for (const auto& [truth, lie] : lies) {
    Rig rig(CustodianProtocol::kCryptoCom);
    int changed = 0;
    rig.falsify = [&](const std::string& path, std::string& body) {
      const auto at = body.find(truth);
      if (!path.ends_with("private/create-withdrawal") || at == std::string::npos) return;
      body.replace(at, std::string_view(truth).size(), lie);
      ++changed;
    };
    EXPECT_THROW(rig.connection().withdraw({MovementKind::kWithdrawal, "w-1", "", "CRO",
                                            money::Decimal::literal("12.5"), "cro1there"}),
                 base::InDoubt)
        << lie;
    EXPECT_EQ(changed, 1) << lie;
  }
}

TEST_P(CustodianFaults, AnInstructionIsSentOnceIsInDoubtWhenItsAnswerIsLostAndIsFoundByItsId) {
  Rig rig(GetParam());
  rig.sync();
  std::string wallet;
  for (const StoredBalance& stored : rig.store.all_balances()) {
    if (stored.balance.asset.value() == "CRO") wallet = stored.balance.place.account;
  }
  Instruction out{MovementKind::kWithdrawal,       "w-7",      wallet, "CRO",
                  money::Decimal::literal("12.5"), "cro1there"};
  const Receipt receipt = rig.connection().withdraw(out);
  EXPECT_FALSE(receipt.id.empty());
  // Said again with the same key it moves nothing more: Crypto.com refuses the key, Prime answers as before.
  if (rig.prime())
    EXPECT_EQ(rig.connection().withdraw(out).id, receipt.id);
  else
    EXPECT_THROW(rig.connection().withdraw(out), base::InDoubt);
  // The answer is lost: nobody knows, and nothing is sent again.
  rig.fault(CustodianFault::kLostAnswer, Duration::seconds(30));
  out.client_id = "w-8";
  EXPECT_THROW(rig.connection().withdraw(out), base::InDoubt);
  rig.clock.advance(Duration::minutes(1));
  // An answer that cannot be read is none.
  rig.fault(CustodianFault::kGarbage, Duration::seconds(30));
  int in_doubt = 0;  // of every two answers one is garbage
  for (int i = 0; i < 2; ++i) {
    out.client_id = "w-" + std::to_string(20 + i);
    try {
      rig.connection().withdraw(out);
    } catch (const base::InDoubt&) {
      ++in_doubt;
    }
  }
  EXPECT_EQ(in_doubt, 1);
  rig.clock.advance(Duration::minutes(1));
  // Too late to leave, and more than there is: nothing moves.
  out.client_id = "w-9";
  out.not_after = rig.clock.now() - Duration::seconds(1);
  EXPECT_THROW(rig.connection().withdraw(out), base::Unavailable);
  out.not_after = Instant::latest();
  out.amount = money::Decimal::literal("999999999999");
  out.client_id = "w-10";
  EXPECT_THROW(rig.connection().withdraw(out), base::Refused);
  rig.clock.advance(Duration::hours(1));
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone) << told_runs(rig);
  std::map<std::string, int> by_client_id;
  for (const RecordState& state : rig.store.of_kind(RecordKind::kTransfer)) {
    const auto transfer = transfer_of(state.record);
    if (transfer && transfer->client_id.starts_with("w-")) ++by_client_id[transfer->client_id];
    if (transfer && transfer->client_id == "w-7") {
      EXPECT_EQ(state.record.key, receipt.id);
      const auto seen = instruction_seen(state.record);
      ASSERT_TRUE(seen);
      EXPECT_EQ(seen->kind, MovementKind::kWithdrawal);
      EXPECT_EQ(seen->amount, money::Decimal::literal("12.5"));
      EXPECT_EQ(seen->address, "cro1there");
      EXPECT_EQ(seen->client_id, "w-7");
    }
  }
  const std::map<std::string, int> expected{{"w-20", 1}, {"w-21", 1}, {"w-7", 1}, {"w-8", 1}};
  EXPECT_EQ(by_client_id, expected);  // found by our own ids, whatever was answered
  EXPECT_EQ(sure_sums(rig), true_sums(rig));
}

TEST_P(CustodianFaults, StakesAreTheirReceiptsRecordsAndEachCustodiansRulesHold) {
  Rig rig(GetParam());
  rig.sync();
  std::string wallet;
  for (const StoredBalance& stored : rig.store.all_balances()) {
    if (rig.prime() && stored.balance.asset.value() == "ETH") wallet = stored.balance.place.account;
  }
  const Instruction in{MovementKind::kStake, "s-1", wallet, "ETH", money::Decimal::literal("64.5")};
  Instruction back{MovementKind::kUnstake, "u-1", wallet, "ETH", money::Decimal::literal("33")};
  const CustodianProtocol protocol = GetParam();
  refuse_what_is_never_taken(protocol, in);
  refuse_what_is_never_taken(protocol, back);
  const Receipt staked = rig.connection().stake(in);
  const Receipt unstaked = rig.connection().unstake(back);
  EXPECT_NE(staked.id, unstaked.id);
  back.amount = money::Decimal::literal("99999999");
  back.client_id = "u-2";
  EXPECT_THROW(rig.connection().unstake(back), base::Refused);
  rig.clock.advance(Duration::hours(1));
  rig.sync();
  int found = 0;
  for (const RecordState& state : rig.store.of_kind(RecordKind::kStake)) {
    const auto seen = instruction_seen(state.record);
    if (!seen || (state.record.key != staked.id && state.record.key != unstaked.id)) continue;
    ++found;
    EXPECT_EQ(seen->kind, state.record.key == staked.id ? MovementKind::kStake : MovementKind::kUnstake);
    EXPECT_EQ(seen->client_id.empty(), !rig.prime());  // Crypto.com keeps none of a stake
    EXPECT_EQ(seen->progress, Progress::kDone);
  }
  EXPECT_EQ(found, 2);
  // What a custodian never takes is refused before anything is written down.
  const auto refused = [&](MovementKind kind, const char* account, const char* asset, const char* amount) {
    return base::checked([&] {
             refuse_what_is_never_taken(protocol,
                                        {kind, "", account, asset, money::Decimal::literal(amount)});
             return true;
           })
        .has_error();
  };
  EXPECT_TRUE(refused(MovementKind::kWithdrawal, rig.prime() ? "" : "wallet", "BTC", "1"));
  EXPECT_FALSE(refused(MovementKind::kWithdrawal, rig.prime() ? "wallet" : "", "BTC", "1"));
  if (!rig.prime()) {
    EXPECT_TRUE(refused(MovementKind::kStake, "", "BTC", "1"));
    return;
  }
  EXPECT_TRUE(refused(MovementKind::kStake, "wallet", "CRO", "40"));  // it would stake all there is
  EXPECT_TRUE(refused(MovementKind::kStake, "wallet", "ETH", "31.9"));
  EXPECT_TRUE(refused(MovementKind::kStake, "wallet", "ETH", "32.0000001"));
  EXPECT_TRUE(refused(MovementKind::kUnstake, "wallet", "ETH", "1"));
}

/// The simulated chains under the custodian: what it pays out confirms there, what is paid there arrives.
TEST_P(CustodianFaults, ACustodianAndTheChainsAgreeAboutWithdrawalsAndDeposits) {
  Rig rig(GetParam());
  sandbox::ChainWorld chains(7, kStart, rig.clock);
  sandbox::ChainBridge bridge(chains);
  rig.custodian->join(bridge);
  rig.sync();
  std::string wallet;
  for (const StoredBalance& stored : rig.store.all_balances()) {
    if (stored.balance.asset.value() == "BTC") wallet = stored.balance.place.account;
  }
  const std::string there = chains.addresses(sandbox::SimulatedChain::kBitcoin)[2];
  rig.connection().withdraw(
      {MovementKind::kWithdrawal, "w-1", wallet, "BTC", money::Decimal::literal("1.5"), there});
  const std::string ours = rig.custodian->account().address(sandbox::Coin::kBtc);
  bridge.pay(sandbox::Coin::kBtc, 25'000'000, ours);
  rig.clock.advance(Duration::hours(1));
  EXPECT_EQ(rig.sync().run.outcome, SyncOutcome::kDone) << told_runs(rig);
  int both = 0;
  const auto tip = chains.tip(sandbox::SimulatedChain::kBitcoin);
  for (const sandbox::LedgerTransaction& transaction : sandbox::bitcoin_transactions(chains, tip)) {
    for (const sandbox::LedgerOutput& output : transaction.outputs) {
      if (output.address != there && output.address != ours) continue;
      EXPECT_TRUE(transaction.height);
      for (const RecordState& state : rig.store.of_kind(RecordKind::kTransfer)) {
        const auto transfer = transfer_of(state.record);
        if (!transfer || transfer->amount != money::Decimal::of(output.satoshi, 8)) continue;
        ++both;
        EXPECT_EQ(state.record.progress, Progress::kDone);
        EXPECT_EQ(transfer->direction, output.address == there ? Direction::kOut : Direction::kIn);
        if (transfer->direction == Direction::kOut || rig.prime()) {  // Crypto.com tells none of a deposit
          EXPECT_EQ(transfer->transaction_id, transaction.id);
        }
      }
    }
  }
  EXPECT_EQ(both, 2);
  EXPECT_EQ(sure_sums(rig), true_sums(rig));
}

INSTANTIATE_TEST_SUITE_P(Both, CustodianFaults,
                         ::testing::Values(CustodianProtocol::kCryptoCom, CustodianProtocol::kCoinbasePrime),
                         [](const auto& value) { return std::string(describe(value.param)); });

}  // namespace
}  // namespace navkeeper::custody
