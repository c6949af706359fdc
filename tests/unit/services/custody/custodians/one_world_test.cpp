// The sandbox's one world: what an account that began empty holds lies at its addresses on the chains, after
// every deposit and withdrawal, to the last unit.
#include <gtest/gtest.h>

#include "common/time/clock.h"
#include "services/sandbox/chains/bitcoin_ledger.h"
#include "services/sandbox/chains/evm_ledger.h"
#include "services/sandbox/custodians/chain_bridge.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::uint64_t kWorldSeed = 5;

class OneWorld : public testing::Test {
 protected:
  OneWorld() {
    account_.begin_empty();
    bridge_.watch(account_);
  }

  void pass(time::Duration span) { clock_.advance(span); }
  money::Int128 held(Coin coin) const { return account_.holding(coin, {clock_.now(), {}}).total; }
  money::Int128 reserved(Coin coin) const { return account_.holding(coin, {clock_.now(), {}}).reserved; }
  std::string withdraw(Coin coin, money::Int128 units, const std::string& address) {
    Move move;
    EXPECT_EQ(account_.ask(MoveKind::kWithdrawal, coin, units, address, address, clock_.now(), move),
              CustodianAccount::Refusal::kNothing);
    return bridge_.withdraw(account_, move).value_or("");
  }

  money::Int128 bitcoin_at(const std::string& address) const {
    money::Int128 sum = 0;
    for (const LedgerTransaction& one : bitcoin_transactions(world_, world_.tip(SimulatedChain::kBitcoin))) {
      if (!one.height) continue;
      for (const LedgerOutput& output : one.outputs) sum += output.address == address ? output.satoshi : 0;
      for (const LedgerInput& input : one.inputs)
        sum -= input.spent.address == address ? input.spent.satoshi : 0;
    }
    return sum;
  }
  money::Int128 wei_at(SimulatedChain chain, const std::string& address) const {
    const EvmState state = EvmLedger(chain, world_).state_at(world_.tip(chain));
    const auto found = state.wei.find(address.substr(2));
    return found == state.wei.end() ? 0 : found->second;
  }
  money::Int128 basecro_at(const std::string& address) const {
    money::Int128 sum = 0;
    for (const ChainPayment& one : world_.payments(SimulatedChain::kCronosPos)) {
      if (!world_.height_of(SimulatedChain::kCronosPos, one)) continue;
      if (one.to == address) sum += one.amount;
      if (one.from == address) sum -= one.amount;
    }
    return sum;
  }

  time::ManualClock clock_{time::Instant::literal("2026-03-09T12:00:00Z")};
  ChainWorld world_{kWorldSeed, clock_.now(), clock_};
  CustodianAccount account_{kWorldSeed, "crypto_com", clock_.now()};
  ChainBridge bridge_{world_};
};

TEST_F(OneWorld, ADepositArrivesAfterItLiesOnTheChain) {
  bridge_.pay(Coin::kBtc, 500'000'000, account_.address(Coin::kBtc));
  EXPECT_EQ(held(Coin::kBtc), 0);
  pass(time::Duration::minutes(11));
  EXPECT_EQ(bitcoin_at(account_.address(Coin::kBtc)), 500'000'000);
  EXPECT_EQ(held(Coin::kBtc), 0) << "the custodian still waits";
  pass(time::Duration::minutes(15));
  EXPECT_EQ(held(Coin::kBtc), 500'000'000);
}

TEST_F(OneWorld, WithdrawalsLeaveTheAddressWithTheirFeeOnEveryChain) {
  constexpr money::Int128 kEther = 1'000'000'000'000'000'000;
  bridge_.pay(Coin::kBtc, 500'000'000, account_.address(Coin::kBtc));
  bridge_.pay(Coin::kEth, 40 * kEther, account_.address(Coin::kEth));
  bridge_.pay(Coin::kCro, 90'000'000'000, account_.address(Coin::kCro));
  pass(time::Duration::minutes(30));
  const std::string bitcoin_to = world_.addresses(SimulatedChain::kBitcoin)[2];
  const std::string ether_to = world_.addresses(SimulatedChain::kEthereum)[2];
  const std::string pos_to = world_.addresses(SimulatedChain::kCronosPos)[2];
  const std::string evm_to = world_.addresses(SimulatedChain::kCronosEvm)[2];
  EXPECT_EQ(withdraw(Coin::kBtc, 100'000'000, bitcoin_to).size(), 64U);
  EXPECT_EQ(withdraw(Coin::kEth, 7 * kEther, ether_to).size(), 66U);
  EXPECT_NE(withdraw(Coin::kCro, 20'000'000'000, pos_to), "");
  EXPECT_NE(withdraw(Coin::kCro, 30'000'000'000, evm_to), "");
  EXPECT_GT(reserved(Coin::kBtc), 0);
  pass(time::Duration::minutes(30));
  EXPECT_EQ(reserved(Coin::kBtc), 0);
  EXPECT_EQ(held(Coin::kBtc), 500'000'000 - 100'000'000 - 10'000);
  EXPECT_EQ(bitcoin_at(account_.address(Coin::kBtc)), held(Coin::kBtc));
  EXPECT_EQ(bitcoin_at(bitcoin_to), 100'000'000);
  EXPECT_EQ(wei_at(SimulatedChain::kEthereum, account_.address(Coin::kEth)), held(Coin::kEth));
  EXPECT_EQ(wei_at(SimulatedChain::kEthereum, ether_to), 7 * kEther);
  EXPECT_EQ(basecro_at(account_.address(Coin::kCro)), held(Coin::kCro));
  EXPECT_EQ(basecro_at(pos_to), 20'000'000'000);
  EXPECT_EQ(wei_at(SimulatedChain::kCronosEvm, evm_to), money::Int128(300) * kEther);
}

}  // namespace
}  // namespace navkeeper::sandbox
