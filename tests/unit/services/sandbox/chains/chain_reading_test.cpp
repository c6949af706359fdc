// A deposit's way into a balance, reorganisations, heights, tokens, positions.
#include <map>

#include "common/base/outside.h"
#include "services/custody/adapters/chains/bitcoin_sources.h"
#include "services/custody/adapters/chains/cosmos_source.h"
#include "services/custody/adapters/chains/evm_source.h"
#include "services/custody/adapters/chains/execution_reader.h"
#include "services/custody/adapters/record_json.h"
#include "services/sandbox/chains/cronos_ledger.h"
#include "services/sandbox/chains/evm_ledger.h"
#include "tests/unit/services/sandbox/chains/chain_rig.h"

namespace navkeeper::sandbox {
namespace {

using custody::Certainty;
using custody::ChainAnswer;
using money::Decimal;

const custody::ChainReading& reading(const ChainAnswer& answer) {
  return *answer.outcomes[answer.agreement.shown.value()].reading;
}

TEST(BitcoinReading, ADepositCountsOnceItsBlockIsFinal) {
  ChainRig rig;
  const auto sources = rig.pair(SimulatedChain::kBitcoin);
  const auto ask = [&] { return rig.ask(sources, SimulatedChain::kBitcoin); };
  const Decimal before = *shown(ask()).total;
  rig.clock.advance(time::Duration::seconds(5));
  rig.world.pay(SimulatedChain::kBitcoin, {"", rig.address(SimulatedChain::kBitcoin), 150'000});
  ChainAnswer answer = ask();
  EXPECT_EQ(answer.agreement.certainty, Certainty::kAgreed) << reasons(answer);
  EXPECT_EQ(*shown(answer).total, before);
  EXPECT_EQ(reading(answer).unconfirmed_in, Decimal::literal("0.0015"));
  for (int blocks = 1; blocks <= 8; ++blocks) {
    rig.clock.advance(time::Duration::minutes(10));
    if (blocks == 2) {
      rig.world.reorganise(SimulatedChain::kBitcoin, 2);  // The deposit's block is taken back.
      answer = ask();
      EXPECT_EQ(reading(answer).unconfirmed_in, Decimal::literal("0.0015"));
    }
    answer = ask();
    ASSERT_EQ(answer.agreement.certainty, Certainty::kAgreed) << blocks << " " << reasons(answer);
    EXPECT_EQ(*shown(answer).total, rig.truth(SimulatedChain::kBitcoin, *answer.height).total) << blocks;
    EXPECT_EQ(*shown(answer).total, blocks >= 8 ? before + Decimal::literal("0.0015") : before) << blocks;
  }
}

TEST(BitcoinReading, AnyPastHeightIsTheLedgersOwn) {
  ChainRig rig;
  const auto sources = rig.pair(SimulatedChain::kBitcoin);
  const std::uint64_t tip = rig.world.tip(SimulatedChain::kBitcoin);
  rig.world.pay(SimulatedChain::kBitcoin, {rig.address(SimulatedChain::kBitcoin), "", 250'000});
  for (const std::uint64_t back : {6ULL, 40ULL, 140ULL}) {
    for (std::size_t address = 0; address < 3; ++address) {
      const ChainAnswer answer = custody::read_chain(
          sources, {custody::Chain::kBitcoin, rig.address(SimulatedChain::kBitcoin, address), tip - back},
          custody::default_limits(custody::Chain::kBitcoin), rig.clock.now());
      EXPECT_EQ(answer.agreement.certainty, Certainty::kAgreed) << back << " " << reasons(answer);
      EXPECT_EQ(*shown(answer).total, rig.truth(SimulatedChain::kBitcoin, tip - back, address).total);
      EXPECT_EQ(shown(answer).block->height, tip - back);
    }
  }
  // 2,000 blocks back the index pages through the whole history; Bitcoin Core is not asked that far.
  const auto index = rig.single(SimulatedChain::kBitcoin);
  const ChainAnswer old = custody::read_chain(
      index, {custody::Chain::kBitcoin, rig.address(SimulatedChain::kBitcoin), tip - 2'000},
      custody::default_limits(custody::Chain::kBitcoin), rig.clock.now());
  ASSERT_TRUE(old.agreement.shown) << reasons(old);
  EXPECT_EQ(*shown(old).total, rig.truth(SimulatedChain::kBitcoin, tip - 2'000).total);
}

TEST(BitcoinReading, OneScanAnswersForSeveralAddresses) {
  ChainRig rig;
  custody::BitcoindSource source("bitcoind",
                                 http::http_carrier({.name = "bitcoind", .url = rig.nodes.url("bitcoind")}),
                                 {rig.nodes.bitcoin_genesis(), 6});
  const std::uint64_t height = source.head().final_height;
  const auto readings = source.read_all(rig.world.addresses(SimulatedChain::kBitcoin), height);
  ASSERT_EQ(readings.size(), 3U);
  for (std::size_t i = 0; i < readings.size(); ++i)
    EXPECT_EQ(*readings[i].balances[0].total, rig.truth(SimulatedChain::kBitcoin, height, i).total);
}

TEST(EthereumReading, BalanceTokensAndValidatorsAtOneFinalBlock) {
  ChainRig rig;
  const ChainAnswer answer = rig.ask(rig.pair(SimulatedChain::kEthereum), SimulatedChain::kEthereum);
  ASSERT_EQ(answer.agreement.certainty, Certainty::kAgreed) << reasons(answer);
  const Truth truth = rig.truth(SimulatedChain::kEthereum, *answer.height);
  const custody::Balance& ether = shown(answer);
  EXPECT_EQ(*ether.total, truth.total);
  EXPECT_EQ(*ether.staked, truth.staked);
  EXPECT_EQ(*ether.unbonding, truth.unbonding);
  EXPECT_EQ(*ether.activating, Decimal::literal("65.5"));
  EXPECT_EQ(*ether.available + *ether.staked + *ether.activating + *ether.unbonding, *ether.total);
  ASSERT_EQ(reading(answer).balances.size(), 2U);
  const custody::Balance& token = reading(answer).balances[1];
  EXPECT_EQ(token.asset.value(), "CRO");
  EXPECT_EQ(token.scale, 8) << "the token's own decimals, not ether's";
  EXPECT_TRUE(token.total->is_positive());
  EXPECT_FALSE(ether.block->hash.empty());
}

TEST(EthereumReading, ADepositArrivesWithFinality) {
  ChainRig rig;
  const auto sources = rig.pair(SimulatedChain::kEthereum);
  const auto ask = [&] { return rig.ask(sources, SimulatedChain::kEthereum, 1); };
  const auto before = *shown(ask()).available;
  rig.world.pay(SimulatedChain::kEthereum,
                {"", rig.address(SimulatedChain::kEthereum, 1), 1'000'000'000'000'000'000});
  rig.clock.advance(time::Duration::seconds(60));
  EXPECT_EQ(*shown(ask()).available, before) << "in a block, not final";
  rig.world.reorganise(SimulatedChain::kEthereum, 8);
  rig.clock.advance(time::Duration::minutes(25));
  const ChainAnswer after = ask();
  ASSERT_EQ(after.agreement.certainty, Certainty::kAgreed) << reasons(after);
  EXPECT_EQ(*shown(after).available, before + Decimal::of(1));
}

TEST(EthereumReading, IncomingTokensAreListedOnce) {
  ChainRig rig;
  const custody::TokenRule token{"CRO", *custody::EthereumAddress::parse(rig.nodes.token_contract()), 8, {}};
  custody::ExecutionReader reader(
      "execution", http::http_carrier({.name = "execution", .url = rig.nodes.url("execution")}),
      custody::ethereum_rules());
  const std::uint64_t last = reader.head().final_height;
  const auto holder = *custody::EthereumAddress::parse(rig.address(SimulatedChain::kEthereum));
  const auto transfers =
      reader.token_transfers(token, holder, false, rig.world.rhythm(SimulatedChain::kEthereum).first, last);
  std::size_t expected = 0;
  for (const ChainPayment& payment : rig.world.payments(SimulatedChain::kEthereum))
    expected +=
        static_cast<std::size_t>(payment.token && payment.to == rig.address(SimulatedChain::kEthereum));
  EXPECT_GT(expected, 0U);
  EXPECT_EQ(transfers.size(), expected);
}

TEST(CronosReading, PositionsAtOtherAddressesCount) {
  ChainRig rig;
  const ChainAnswer answer = rig.ask(rig.pair(SimulatedChain::kCronosPos), SimulatedChain::kCronosPos);
  ASSERT_EQ(answer.agreement.certainty, Certainty::kAgreed) << reasons(answer);
  const Truth truth = rig.truth(SimulatedChain::kCronosPos, *answer.height);
  EXPECT_EQ(*shown(answer).total, truth.total);
  EXPECT_EQ(*shown(answer).staked, truth.staked);
  EXPECT_EQ(shown(answer).unbonding_entries.size(), 2U);
  EXPECT_TRUE(shown(answer).claimable->is_positive());
  EXPECT_LE(shown(answer).claimable->scale(), 8) << "whole basecro";
  EXPECT_EQ(*shown(answer).rewards_pending, Decimal::literal("0.01234666")) << "contingent, beside the total";
  bool derived = false;
  bool stated = false;
  for (const custody::ReadingPart& part : reading(answer).parts) {
    derived |= part.remark.find("derived from its number") != std::string::npos;
    stated |= part.remark.find("as the node states it") != std::string::npos;
  }
  EXPECT_TRUE(derived && stated);
}

TEST(CronosReading, BothSidesOfCronosKeepTheirOwnDecimals) {
  ChainRig rig;
  const ChainAnswer evm = rig.ask(rig.pair(SimulatedChain::kCronosEvm), SimulatedChain::kCronosEvm);
  ASSERT_EQ(evm.agreement.certainty, Certainty::kAgreed) << reasons(evm);
  EXPECT_EQ(shown(evm).scale, 18);
  EXPECT_EQ(*shown(evm).total, rig.truth(SimulatedChain::kCronosEvm, *evm.height).total);
  const ChainAnswer pos = rig.ask(rig.pair(SimulatedChain::kCronosPos), SimulatedChain::kCronosPos, 1);
  EXPECT_EQ(shown(pos).scale, 8);
}

constexpr money::Int128 kWholeCoin = 1'000'000'000'000'000'000;

/// On from `since`, up to what is final now.
custody::ChainWalk walked(custody::ChainSource& source, const std::vector<std::string>& addresses,
                          std::optional<time::Instant> since, std::uint64_t blocks_max = 2'000) {
  custody::ChainWalkTerms terms;
  terms.since = since;
  terms.to = source.head().final_height;
  terms.to_hash = source.read(addresses.front(), terms.to).block.hash;
  terms.blocks_max = blocks_max;
  auto walk = source.walk(addresses, terms);
  EXPECT_TRUE(walk);
  return walk.value_or(custody::ChainWalk{});
}

/// By transaction; what moved in and out.
std::map<std::string, Decimal> by_id(const custody::ChainWalk& walk, const std::string& address) {
  std::map<std::string, Decimal> found;
  for (const custody::ChainMovement& one : walk.movements) {
    if (one.address == address) found[one.transaction_id] = one.received - one.spent;
  }
  return found;
}

TEST(EvmTransfers, AWalkFindsWhatMovedAndTheNextGoesOnWhereItEnded) {
  for (const SimulatedChain chain : {SimulatedChain::kCronosEvm, SimulatedChain::kEthereum}) {
    ChainRig rig;
    const auto sources = rig.single(chain, chain == SimulatedChain::kEthereum);
    custody::ChainSource& source = *sources.front();
    const std::string mine = rig.address(chain, 2);  // an empty one
    const std::vector<std::string> both{rig.address(chain, 0), mine};
    const auto id = [&](std::uint64_t number) { return evm_payment_id(rig.world.seed(), chain, number); };
    const std::uint64_t in = rig.world.pay(chain, {"", mine, 5 * kWholeCoin});
    rig.clock.advance(time::Duration::seconds(40));
    const std::uint64_t out = rig.world.pay(chain, {mine, "", 2 * kWholeCoin});
    const std::uint64_t too_much = rig.world.pay(chain, {mine, "", 50 * kWholeCoin});
    const std::uint64_t across = rig.world.pay(chain, {mine, both[0], kWholeCoin});
    rig.clock.advance(time::Duration::seconds(chain == SimulatedChain::kEthereum ? 1'300 : 30));
    const custody::ChainWalk first = walked(source, both, std::nullopt);
    EXPECT_EQ(first.last - first.first, 63U);
    EXPECT_EQ(by_id(first, mine), (std::map<std::string, Decimal>{{id(in), Decimal::literal("5")},
                                                                  {id(out), Decimal::literal("-2")},
                                                                  {id(across), Decimal::literal("-1")}}))
        << "one that failed moved nothing: " << too_much;
    EXPECT_EQ(by_id(first, both[0]).at(id(across)), Decimal::literal("1"));

    // A bounded walk ends before the newest block, and the one after it goes on there.
    rig.clock.advance(time::Duration::seconds(30));
    const std::uint64_t later = rig.world.pay(chain, {"", mine, 7 * kWholeCoin});
    rig.clock.advance(time::Duration::seconds(chain == SimulatedChain::kEthereum ? 2'000 : 200));
    std::map<std::string, Decimal> found;
    custody::ChainWalk walk = first;
    int walks = 0;
    for (const std::uint64_t to = source.head().final_height; walk.last < to && walks < 40; ++walks) {
      walk = walked(source, both, walk.to, 10);
      EXPECT_LE(walk.last - walk.first, 9U);
      for (const auto& [key, amount] : by_id(walk, mine)) found[key] = amount;
    }
    EXPECT_GT(walks, 2);
    EXPECT_EQ(found, (std::map<std::string, Decimal>{{id(later), Decimal::literal("7")}}));
    custody::ChainWalkTerms none;
    none.since = walk.to;
    none.to = walk.last;
    EXPECT_FALSE(source.walk(both, none)) << "nothing new";
  }
}

TEST(EvmTransfers, WhatAContractMovesIsSaidToBeUnlistedAndNeverGuessed) {
  ChainRig rig;
  const SimulatedChain chain = SimulatedChain::kCronosEvm;
  const auto sources = rig.single(chain);
  const std::string mine = rig.address(chain, 2);
  rig.world.pay(chain, {"", mine, 5 * kWholeCoin});
  ChainPayment internal{"", mine, 3 * kWholeCoin};
  internal.internal = true;
  rig.world.pay(chain, internal);
  rig.clock.advance(time::Duration::seconds(60));
  const custody::ChainWalk walk = walked(*sources.front(), {mine}, std::nullopt);
  int unlisted = 0;
  for (const custody::ChainMovement& one : walk.movements) {
    unlisted += one.is_unlisted ? 1 : 0;
    EXPECT_EQ(one.received, Decimal::literal(one.is_unlisted ? "3" : "5"));
    EXPECT_EQ(custody::movement_record(custody::Chain::kCronosEvm, one).progress,
              one.is_unlisted ? custody::Progress::kUnknown : custody::Progress::kDone);
  }
  EXPECT_EQ(unlisted, 1);
  EXPECT_EQ(walk.movements.size(), 2U);
}

TEST(EvmTransfers, TokensAreListedByTheirEventsAndTheirBalancesTellWhatNoEventDoes) {
  const auto walk_of = [](ChainRig& rig) {
    const auto sources = rig.single(SimulatedChain::kEthereum, true);
    return walked(*sources.front(), {rig.address(SimulatedChain::kEthereum, 2)}, std::nullopt);
  };
  const auto pay = [](ChainRig& rig, bool is_in, money::Int128 units, bool internal = false) {
    const std::string mine = rig.address(SimulatedChain::kEthereum, 2);
    ChainPayment payment{is_in ? "" : mine, is_in ? mine : "", units};
    payment.token = true;
    payment.internal = internal;
    return rig.world.pay(SimulatedChain::kEthereum, payment);
  };
  const auto tokens = [](const custody::ChainWalk& walk) {
    std::map<std::string, Decimal> found;
    for (const custody::ChainMovement& one : walk.movements) {
      EXPECT_EQ(one.asset, "CRO");
      const custody::Record record = custody::movement_record(custody::Chain::kEthereum, one);
      EXPECT_EQ(record.asset, "CRO");
      EXPECT_EQ(record.key, one.address + ":" + one.transaction_id + ":CRO");
      EXPECT_EQ(record.progress, one.is_unlisted ? custody::Progress::kUnknown : custody::Progress::kDone);
      found[one.is_unlisted ? "unlisted" : one.transaction_id] = one.received - one.spent;
    }
    return found;
  };
  const auto id = [](std::uint64_t number) {
    return "0x" + base::to_hex(crypto::keccak256("payment " + std::to_string(number)));
  };
  ChainRig rig;
  const std::uint64_t in = pay(rig, true, 70'000'000'000);
  const std::uint64_t out = pay(rig, false, 20'000'000'000);
  pay(rig, false, 900'000'000'000);  // more than there is: no event
  rig.clock.advance(time::Duration::seconds(1'300));
  custody::ChainWalk walk = walk_of(rig);
  EXPECT_EQ(walk.tokens, std::vector<std::string>{"CRO"});
  EXPECT_EQ(tokens(walk), (std::map<std::string, Decimal>{{id(in), Decimal::literal("700")},
                                                          {id(out), Decimal::literal("-200")}}));
  // One without an event, and a node that leaves events out: the balances tell.
  pay(rig, true, 3'000'000'000, true);
  rig.clock.advance(time::Duration::seconds(1'300));
  EXPECT_EQ(tokens(walk_of(rig)).at("unlisted"), Decimal::literal("30"));
  ChainRig cut;
  pay(cut, true, 70'000'000'000);
  pay(cut, true, 60'000'000'000);
  cut.clock.advance(time::Duration::seconds(1'300));
  const auto sources = cut.single(SimulatedChain::kEthereum, true);
  const std::string mine = cut.address(SimulatedChain::kEthereum, 2);
  custody::ChainWalkTerms terms;
  terms.to = sources.front()->head().final_height;
  terms.to_hash = sources.front()->read(mine, terms.to).block.hash;
  cut.fault("execution", ChainFault::kTruncated);
  Decimal sum;
  for (const auto& [key, amount] : tokens(*sources.front()->walk({mine}, terms))) sum = sum + amount;
  EXPECT_EQ(sum, Decimal::literal("1300"));
}

TEST(EvmTransfers, ANodeThatCutsItsListsIsContradictedByItsOwnBalances) {
  for (const ChainFault fault : {ChainFault::kTruncated, ChainFault::kLie, ChainFault::kZeros}) {
    ChainRig rig;
    const SimulatedChain chain = SimulatedChain::kCronosEvm;
    const auto sources = rig.single(chain);
    const std::string mine = rig.address(chain, 2);
    rig.world.pay(chain, {"", mine, 5 * kWholeCoin});
    rig.world.pay(chain, {"", mine, 6 * kWholeCoin});
    rig.clock.advance(time::Duration::seconds(60));
    rig.fault("cronos_evm", fault);
    const custody::ChainWalk walk = walked(*sources.front(), {mine}, std::nullopt);
    Decimal sum;
    bool is_unlisted = false;
    for (const custody::ChainMovement& one : walk.movements) {
      sum = sum + one.received - one.spent;
      is_unlisted = is_unlisted || one.is_unlisted;
    }
    EXPECT_TRUE(is_unlisted || sum == Decimal::literal("11") || sum.is_zero()) << name_of(fault);
  }
}

TEST(CronosTransfers, PaymentsAndRewardsAreListedStakingIsNeitherAndASlashIsUnlisted) {
  constexpr SimulatedChain kChain = SimulatedChain::kCronosPos;
  for (const char* const node : {"cronos", "cronos_2"}) {  // the second one writes events in base64
    SCOPED_TRACE(node);
    ChainRig rig;
    const auto carrier = [&] { return http::http_carrier({.name = node, .url = rig.nodes.url(node)}); };
    EXPECT_FALSE(custody::cosmos_source(node, carrier(), {})->walk({rig.address(kChain, 2)}, {}));
    const auto source = custody::cosmos_source(node, carrier(), {}, carrier());
    const std::string staker = rig.address(kChain, 0);
    const std::string empty = rig.address(kChain, 2);
    const auto pay = [&](const std::string& from, const std::string& to, std::int64_t coins) {
      return cronos_payment_id(rig.world.seed(), rig.world.pay(kChain, {from, to, coins * kBasecroPerCro}));
    };
    const std::string in = pay("", empty, 500);
    rig.clock.advance(time::Duration::seconds(30));
    const std::string out = pay(empty, "", 200);
    const std::string across = pay(empty, staker, 7);
    rig.nodes.cronos().act({"claim", staker, 1});
    rig.nodes.cronos().act({"delegate", staker, 2, 0, 1'000 * kBasecroPerCro});
    rig.clock.advance(time::Duration::seconds(60));
    const custody::ChainWalk walk = walked(*source, {staker, empty}, std::nullopt);
    EXPECT_EQ(by_id(walk, empty), (std::map<std::string, Decimal>{{in, Decimal::literal("500")},
                                                                  {out, Decimal::literal("-200")},
                                                                  {across, Decimal::literal("-7")}}));
    EXPECT_EQ(by_id(walk, staker).at(across), Decimal::literal("7"));
    int rewards = 0;
    for (const custody::ChainMovement& one : walk.movements) {
      EXPECT_FALSE(one.is_unlisted) << one.transaction_id << " " << (one.received - one.spent).to_string();
      const custody::Record record = custody::movement_record(custody::Chain::kCronosPos, one);
      EXPECT_EQ(record.kind, one.is_reward ? custody::RecordKind::kReward : custody::RecordKind::kTransfer);
      if (!one.is_reward) continue;
      ++rewards;
      EXPECT_EQ(one.address, staker);
      EXPECT_TRUE(one.received.is_positive());
    }
    EXPECT_GE(rewards, 1);
    // A slash takes coins without any payment; the next walk goes on where this one ended.
    CronosAct slash;
    slash.kind = "slash";
    slash.validator = 2;
    slash.fraction = Decimal::literal("0.05");
    rig.nodes.cronos().act(slash);
    rig.clock.advance(time::Duration::seconds(30));
    const custody::ChainWalk next = walked(*source, {staker, empty}, walk.to);
    EXPECT_EQ(next.first, walk.last);
    int unlisted = 0;
    for (const custody::ChainMovement& one : next.movements) {
      if (!one.is_unlisted) continue;
      ++unlisted;
      EXPECT_EQ(one.address, staker);
      EXPECT_TRUE(one.spent.is_positive());
    }
    EXPECT_EQ(unlisted, 1);
  }
}

TEST(EvmTransfers, AnotherBlockThanTheBalancesWereReadAtIsRefused) {
  ChainRig rig;
  const auto sources = rig.single(SimulatedChain::kCronosEvm);
  custody::ChainWalkTerms terms;
  terms.to = sources.front()->head().final_height;
  terms.to_hash = "0x" + std::string(64, '1');
  EXPECT_THROW(sources.front()->walk({rig.address(SimulatedChain::kCronosEvm, 2)}, terms), base::Unavailable);
}

}  // namespace
}  // namespace navkeeper::sandbox
