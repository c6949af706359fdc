// What lay at an address at a height, against a naive replay of its life.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "services/custody/domain/chains/bitcoin_coins.h"
#include "services/custody/domain/chains/block_header.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

Satoshi sat(std::int64_t count) { return Satoshi::of(count); }

std::string id(int number) {
  std::string digits = std::to_string(number);
  return std::string(64 - digits.size(), '0') + digits;
}

/// An address' life as a list of transactions, oldest first; those that wait have no height.
struct Life {
  std::vector<AddressTransaction> transactions;

  /// Naive: replays everything up to the height.
  std::int64_t balance_at(std::uint64_t height) const {
    std::int64_t sum = 0;
    for (const auto& transaction : transactions) {
      if (!transaction.height || *transaction.height > height) continue;
      for (const Coin& coin : transaction.pays) sum += static_cast<std::int64_t>(coin.value.count());
      for (const Coin& coin : transaction.spends) sum -= static_cast<std::int64_t>(coin.value.count());
    }
    return sum;
  }
  /// What an index shows of it now.
  AddressView view(std::uint64_t height) const {
    AddressView view;
    std::map<std::pair<std::string, std::uint32_t>, Coin> unspent;
    for (const auto& transaction : transactions) {
      for (const Coin& coin : transaction.pays) unspent[{coin.transaction_id, coin.index}] = coin;
      for (const Coin& coin : transaction.spends) unspent.erase({coin.transaction_id, coin.index});
      if (!transaction.height || *transaction.height > height) view.later.push_back(transaction);
      if (!transaction.height) continue;
      ++view.totals.transactions;
      for (const Coin& coin : transaction.pays) view.totals.received += coin.value;
      for (const Coin& coin : transaction.spends) view.totals.spent += coin.value;
    }
    for (const auto& [name, coin] : unspent) view.unspent.push_back(coin);
    return view;
  }
};

Life random_life() {
  Life life;
  std::vector<Coin> purse;
  std::uint64_t height = 100;
  const int count = *rc::gen::inRange(0, 20);
  const int waiting = *rc::gen::inRange(0, 3);
  for (int i = 0; i < count + waiting; ++i) {
    AddressTransaction transaction{id(i + 1), {}, {}, {}};
    if (i < count) transaction.height = height += *rc::gen::inRange<std::uint64_t>(0, 3);
    while (!purse.empty() && *rc::gen::inRange(0, 3) == 0) {
      const auto which = *rc::gen::inRange<std::size_t>(0, purse.size());
      Coin spent = purse[which];
      spent.height.reset();
      transaction.spends.push_back(spent);
      purse.erase(purse.begin() + static_cast<std::ptrdiff_t>(which));
    }
    const auto outputs = *rc::gen::inRange<std::uint32_t>(transaction.spends.empty() ? 1 : 0, 3);
    for (std::uint32_t out = 0; out < outputs; ++out)
      transaction.pays.push_back({transaction.transaction_id, out,
                                  sat(*rc::gen::inRange<std::int64_t>(1, 1'000'000)), transaction.height});
    purse.insert(purse.end(), transaction.pays.begin(), transaction.pays.end());
    life.transactions.push_back(transaction);
  }
  return life;
}

RC_GTEST_PROP(CoinsAtProperty, EqualANaiveReplayWhateverTheOrder, ()) {
  const Life life = random_life();
  const auto height = *rc::gen::inRange<std::uint64_t>(95, 170);
  AddressView view = life.view(height);
  if (*rc::gen::arbitrary<bool>()) std::reverse(view.unspent.begin(), view.unspent.end());
  if (*rc::gen::arbitrary<bool>()) std::reverse(view.later.begin(), view.later.end());
  const auto coins = coins_at(height, view);
  RC_ASSERT(!coins.has_error());
  RC_ASSERT(coins->balance == sat(life.balance_at(height)));
  // Conservation: what is at the tip, with what waits, is what is unspent.
  Satoshi unspent;
  for (const Coin& coin : view.unspent) unspent += coin.value;
  RC_ASSERT(view.totals.received - view.totals.spent - coins->unconfirmed_out + coins->unconfirmed_in ==
            unspent);
}

RC_GTEST_PROP(CoinsAtProperty, AMissingTransactionIsNeverSilentWhereItLeavesATrace, ()) {
  const Life life = random_life();
  const auto height = *rc::gen::inRange<std::uint64_t>(95, 170);
  AddressView view = life.view(height);
  if (view.later.empty()) return;
  const auto which = *rc::gen::inRange<std::size_t>(0, view.later.size());
  const AddressTransaction dropped = view.later[which];
  view.later.erase(view.later.begin() + static_cast<std::ptrdiff_t>(which));
  // A confirmed one whose outputs were all spent since leaves none here: the history's count and a second
  // node do.
  const bool traced = std::any_of(dropped.pays.begin(), dropped.pays.end(), [&](const Coin& coin) {
    return std::find(view.unspent.begin(), view.unspent.end(), coin) != view.unspent.end();
  });
  if (!traced && (dropped.height || !dropped.pays.empty())) return;
  RC_ASSERT(coins_at(height, view).has_error());
}

RC_GTEST_PROP(CoinsAtProperty, AMissingOrDoubledCoinIsRefused, ()) {
  const Life life = random_life();
  AddressView view = life.view(120);
  if (view.unspent.empty()) return;
  const auto which = *rc::gen::inRange<std::size_t>(0, view.unspent.size());
  const Coin coin = view.unspent[which];
  AddressView doubled = view;
  doubled.unspent.push_back(coin);
  RC_ASSERT(coins_at(120, doubled).has_error());
  view.unspent.erase(view.unspent.begin() + static_cast<std::ptrdiff_t>(which));
  RC_ASSERT(coins_at(120, view).has_error());
}

TEST(CoinsAt, WhatWaitsIsNeverPartOfTheBalance) {
  AddressView view;
  view.unspent = {{id(1), 0, sat(500), 90}, {id(3), 1, sat(70), {}}};
  view.later = {{id(3), {}, {{id(3), 1, sat(70), {}}}, {{id(2), 0, sat(200), {}}}}};
  view.totals = {sat(700), sat(0), 2};
  const auto coins = coins_at(100, view);
  ASSERT_FALSE(coins.has_error());
  EXPECT_EQ(coins->balance, sat(700));
  EXPECT_EQ(coins->unconfirmed_in, sat(70));
  EXPECT_EQ(coins->unconfirmed_out, sat(200));
}

TEST(CoinsAt, ZerosFromAnIndexThatLostItsCoinsContradictItsTotals) {
  AddressView view;
  view.totals = {sat(700), sat(0), 2};
  EXPECT_TRUE(coins_at(100, view).has_error());
}

TEST(BitcoinHeader, TheFirstBlock) {
  // Bitcoin Core, chainparams.cpp: the genesis block of mainnet.
  BitcoinHeader header;
  header.version = 1;
  const auto merkle = tests::hex("3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a");
  std::copy(merkle.begin(), merkle.end(), header.merkle_root.begin());
  header.time_s = 1231006505;
  header.bits = 0x1d00ffff;
  header.nonce = 2083236893;
  auto hash = header.hash();
  std::reverse(hash.begin(), hash.end());
  EXPECT_EQ(base::to_hex(hash), "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
  EXPECT_TRUE(header.has_its_work());
  ++header.nonce;
  EXPECT_FALSE(header.has_its_work());
  for (const std::uint32_t bits : {0x1d80ffffU, 0x00000000U, 0x21000001U, 0x02123456U}) {
    header.bits = bits;
    EXPECT_FALSE(header.has_its_work()) << bits;
  }
}

}  // namespace
}  // namespace navkeeper::custody
