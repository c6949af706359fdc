// What blocks of the fund's own brought on the execution layer, and the books of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "common/base/refuse.h"
#include "services/staking/adapters/ether/execution_wire.h"
#include "services/staking/domain/ether/ether_books.h"

namespace navkeeper::staking::ether {
namespace {

using money::Decimal;

const std::string kFund = "0x" + std::string(40, 'f');
const std::string kBuilder = "0x" + std::string(40, 'b');
const std::string kOther = "0x" + std::string(40, '3');
const std::string kHash = "0x" + std::string(64, '1');
const std::string kParent = "0x" + std::string(64, '0');
constexpr Wei kGwei = 1'000'000'000;

std::string hash(char digit) { return "0x" + std::string(64, digit); }

OwnBlock block_to(const std::string& fee_recipient) { return {3'201, 7, 17'508'810, kHash, fee_recipient}; }

ExecutionPayments payments() {
  ExecutionPayments all;
  all.parent_hash = kParent;
  all.base_fee = 10 * kGwei;
  all.gas = 171'000;
  all.transactions = {{hash('a'), kOther, kBuilder, 5 * kGwei, true, 21'000, 12 * kGwei},
                      {hash('c'), kOther, "", 0, false, 129'000, 11 * kGwei},
                      {hash('d'), kBuilder, kFund, 126'419'309'459'217'215, true, 21'000, 10 * kGwei}};
  return all;
}

TEST(EtherTips, TipsAreThePriceAboveTheBaseFeeWhetherATransactionSucceedsOrNot) {
  const auto seen = received_in(block_to(kFund), payments(), {kFund});
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->recipient, kFund);
  EXPECT_EQ(seen->tips, 21'000 * 2 * kGwei + 129'000 * kGwei);
  EXPECT_EQ(seen->mev, 0);
  EXPECT_EQ(seen->came, 126'419'309'459'217'215);  // who is paid the tips is not paid by a builder as well
}

/// Block 17508810: the relay said 0.126458404824519798, the builder paid 0.126419309459217215.
TEST(EtherTips, ABuildersPaymentIsWhatWasReceivedAndItsTipsAreNot) {
  const auto seen = received_in(block_to(kBuilder), payments(), {kOther, kFund});
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->recipient, kFund);
  EXPECT_EQ(seen->tips, 0);
  EXPECT_EQ(seen->mev, 126'419'309'459'217'215);
  EXPECT_EQ(seen->transaction, hash('d'));
  EXPECT_EQ(seen->came, 0);
}

TEST(EtherTips, NobodyPaysTheFundWhereAPaymentFailedOrAnotherPaid) {
  ExecutionPayments all = payments();
  all.transactions[2].succeeded = false;
  EXPECT_EQ(received_in(block_to(kBuilder), all, {kFund})->recipient, "");
  all = payments();
  all.transactions[2].from = kOther;
  EXPECT_EQ(received_in(block_to(kBuilder), all, {kFund})->recipient, "");
  all = payments();
  all.transactions[0].price = Wei{1} << 126;
  EXPECT_FALSE(received_in(block_to(kFund), all, {kFund}).has_value());
}

class TipsInTheBooks : public ::testing::Test {
 protected:
  TipsInTheBooks() {
    from.mark = {3'200, "a", time::Instant::literal("2026-03-05T20:00:23Z")};
    to.mark = {3'232, "b", from.mark.at + time::Duration::seconds(384)};
    OwnValidator one;
    one.validator.index = 7;
    one.validator.balance = one.validator.effective = kMinActivation;
    one.pays_to = kFund;
    from.validators = to.validators = {one};
    to.validators[0].validator.balance -= 4;
    flows.withdrawals = {{3'201, 1, 7, 4}};
  }
  EtherBooks books() const { return keep_books("ether", model::AssetId::literal("ETH"), from, to, flows); }

  EtherReading from, to;
  EtherFlows flows;
};

TEST_F(TipsInTheBooks, IncomeOfTheirOwnThatMovesNoValidatorAndTiesOverItsBlock) {
  SeenTips tips = *received_in(block_to(kFund), payments(), {kFund});
  tips.balance = AroundBlock{1'000, 1'000 + tips.tips + tips.came + 4 * kGwei};
  flows.tips = {tips};
  const EtherBooks kept = books();
  EXPECT_TRUE(kept.notes.empty());
  ASSERT_EQ(kept.roll_forwards.size(), 2U);
  for (const RollForward& one : kept.roll_forwards) EXPECT_TRUE(one.is_tied()) << one.key.place;
  const RollForward& liquid = kept.roll_forwards.back();
  EXPECT_EQ(liquid.account, Account::kLiquid);
  EXPECT_EQ(liquid.key.place, kFund);
  EXPECT_EQ(liquid.to.root, kHash);
  ASSERT_EQ(liquid.lines.size(), 3U);
  EXPECT_EQ(liquid.lines[0].kind, EventKind::kWithdrawalSweep);
  EXPECT_EQ(liquid.lines[1], (RollForwardLine{EventKind::kRewardTips, Decimal::of(tips.tips, 18)}));
  EXPECT_EQ(liquid.lines[2].kind, EventKind::kTransferIn);
  EXPECT_EQ(kept.intervals[0].second.income(), 0);
  const auto event = std::find_if(kept.events.begin(), kept.events.end(),
                                  [](const StakingEvent& one) { return one.kind == EventKind::kRewardTips; });
  ASSERT_NE(event, kept.events.end());
  EXPECT_EQ(event->key.place, "7");
  EXPECT_EQ(event->id, "ethereum/7/reward_tips/3201");
  EXPECT_EQ(event->type_detail, kFund);
}

TEST_F(TipsInTheBooks, WhatTheRecipientsBalanceDoesNotBearOutIsADifference) {
  SeenTips tips = *received_in(block_to(kBuilder), payments(), {kFund});
  tips.balance = AroundBlock{0, tips.mev + 4 * kGwei - 1};
  flows.tips = {tips};
  EXPECT_EQ(books().roll_forwards.back().difference(), Decimal::literal("-0.000000000000000001"));
}

TEST_F(TipsInTheBooks, WithoutOldStatesItIsSaidAndAWrongRecipientToo) {
  flows.tips = {*received_in(block_to(kFund), payments(), {kFund})};
  ASSERT_EQ(books().notes.size(), 1U);
  EXPECT_EQ(books().notes[0].kind, "not_proven");
  EXPECT_EQ(books().roll_forwards.size(), 1U);
  flows.tips = {*received_in(block_to(kOther), payments(), {kFund})};
  ASSERT_EQ(books().notes.size(), 1U);
  EXPECT_EQ(books().notes[0].kind, "wrong_fee_recipient");
  EXPECT_EQ(books().notes[0].subject, "7");
}

std::string answered(const std::string& result) {
  return R"({"jsonrpc":"2.0","id":1,"result":)" + result + "}";
}

std::string block_json(const std::string& number, const std::string& of_hash) {
  return answered(R"({"number":")" + number + R"(","hash":")" + of_hash + R"(","parentHash":")" + kParent +
                  R"(","baseFeePerGas":"0x7","gasUsed":"0x5208","transactions":[{"hash":")" + hash('a') +
                  R"(","from":")" + kOther + R"(","to":null,"value":"0x10"}]})");
}

std::string refusal_of(const std::function<void()>& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "";
}

TEST(ExecutionWire, ABlockIsTheOneThatTheBeaconChainCarries) {
  const OwnBlock block = block_to(kFund);
  const std::string number = rpc_quantity(block.number);
  EXPECT_EQ(number, "0x10b29ca");
  ExecutionPayments read = parse_execution_block("node", block_json(number, kHash), block);
  ASSERT_EQ(read.transactions.size(), 1U);
  EXPECT_EQ(read.transactions[0].value, 16);
  EXPECT_EQ(read.transactions[0].to, "");
  const auto refused = [&](const std::string& body) {
    return refusal_of([&] { parse_execution_block("node", body, block); });
  };
  EXPECT_NE(refused(block_json("0x1", kHash)).find("another block"), std::string::npos);
  EXPECT_NE(refused(block_json(number, hash('9'))).find("beacon chain carries"), std::string::npos);
  EXPECT_NE(refused(answered("null")).find("does not know"), std::string::npos);
  EXPECT_NE(refused(R"({"id":2,"result":1})").find("another request"), std::string::npos);
  EXPECT_NE(refused(R"({"id":1})").find("neither"), std::string::npos);

  const auto receipt = [&](const std::string& of, const std::string& price, const std::string& gas) {
    return answered(R"([{"transactionHash":")" + of + R"(","blockHash":")" + kHash +
                    R"(","status":"0x1","gasUsed":")" + gas + R"(","effectiveGasPrice":")" + price +
                    R"("}])");
  };
  const auto refused_receipts = [&](const std::string& body) {
    return refusal_of([&] { add_receipts("node", body, block, read); });
  };
  EXPECT_EQ(refused_receipts(receipt(hash('a'), "0x9", "0x5208")), "");
  EXPECT_EQ(read.transactions[0].price, 9);
  EXPECT_NE(refused_receipts(receipt(hash('b'), "0x9", "0x5208")).find("at its place"), std::string::npos);
  EXPECT_NE(refused_receipts(receipt(hash('a'), "0x6", "0x5208")).find("base fee"), std::string::npos);
  EXPECT_NE(refused_receipts(receipt(hash('a'), "0x9", "0x5207")).find("sum"), std::string::npos);
  EXPECT_NE(refused_receipts(receipt(hash('a'), "0x09", "0x5208")).find("leading zeros"), std::string::npos);
  EXPECT_NE(refused_receipts(answered("[]")).find("0 receipts of 1"), std::string::npos);
  EXPECT_EQ(parse_balance("node", answered("\"0x0\"")), Wei{0});
  EXPECT_EQ(parse_balance("node", R"({"id":1,"error":{"code":-32000,"message":"missing trie node"}})"),
            std::nullopt);
}

}  // namespace
}  // namespace navkeeper::staking::ether
