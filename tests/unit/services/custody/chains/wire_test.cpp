// Recorded bodies are read; bodies that are wrong are refused and name the field.
#include <gtest/gtest.h>

#include "common/json/write.h"
#include "services/custody/adapters/chains/beacon_wire.h"
#include "services/custody/adapters/chains/bitcoind_wire.h"
#include "services/custody/adapters/chains/cosmos_transfers_wire.h"
#include "services/custody/adapters/chains/cosmos_wire.h"
#include "services/custody/adapters/chains/esplora_wire.h"
#include "services/custody/adapters/chains/transfers_wire.h"
#include "services/custody/adapters/chains/wire_fields.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

std::string refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "";
}

std::optional<std::string> recorded(const char* name) {
  static const auto kFile = tests::shared_vectors("generated/onchain_example_bodies.json");
  if (!kFile) return std::nullopt;
  return json::to_compact(tests::member(*kFile, name));
}

TEST(EsploraWire, RecordedAddress) {
  const auto body = recorded("esplora_address (test in a public Swift client, mainnet data)");
  SKIP_WITHOUT(body, "generated/onchain_example_bodies.json");
  const auto read = parse_esplora_address("esplora", *body, "bc1qq7gm20tgeauggamlh7m54fu9e54vkdyzxzy5rh");
  EXPECT_EQ(read.confirmed.received, Satoshi::of(94'641));
  EXPECT_EQ(read.confirmed.transactions, 1U);
  EXPECT_EQ(read.waiting.spent, Satoshi::of(94'641));
  EXPECT_NE(
      refusal([&] { parse_esplora_address("esplora", *body, "bc1qother"); }).find("not the one asked for"),
      std::string::npos);
}

TEST(EsploraWire, AmountsAreWholeAndPossible) {
  const auto coin = [](std::string_view value,
                       std::string_view status = R"({"confirmed":true,"block_height":5})") {
    return R"([{"txid":")" + std::string(64, 'a') + R"(","vout":0,"value":)" + std::string(value) +
           R"(,"status":)" + std::string(status) + "}]";
  };
  EXPECT_EQ(parse_esplora_coins("e", coin("94641"))[0].value, Satoshi::of(94'641));
  EXPECT_FALSE(parse_esplora_coins("e", coin("1", R"({"confirmed":false})"))[0].height);
  for (const char* bad :
       {"-1", "1.5", "1e3", "\"5\"", "null", "2100000000000001", "99999999999999999999999999999999999999999"})
    EXPECT_NE(refusal([&] { parse_esplora_coins("e", coin(bad)); }).find("e[0].value"), std::string::npos)
        << bad;
  EXPECT_NE(refusal([&] { parse_esplora_coins("e", "<html>"); }).find("not JSON"), std::string::npos);
  EXPECT_NE(refusal([&] { parse_esplora_coins("e", coin("1", R"({"confirmed":true})")); }), "");
}

TEST(EsploraWire, TheFirstBlockAndOneThatWasTouched) {
  const auto block = [](std::string_view nonce) {
    return std::string(
               R"({"id":"000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f","height":0,"version":1,)") +
           R"("timestamp":1231006505,"bits":486604799,"nonce":)" + std::string(nonce) +
           R"(,"merkle_root":"4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b","previousblockhash":null})";
  };
  EXPECT_EQ(parse_esplora_block("e", block("2083236893")).height, 0U);
  EXPECT_NE(
      refusal([&] { parse_esplora_block("e", block("2083236894")); }).find("not the hash of the header"),
      std::string::npos);
}

TEST(BitcoindWire, AmountsGoThroughNoDouble) {
  const base::Bytes script = tests::hex("0014751e76e8199196d454941c45d1b3a323f1433bd6");
  const auto scan = [&](std::string_view amount, std::string_view total) {
    return *json::parse(
        R"({"success":true,"txouts":9,"height":100,"bestblock":")" + std::string(64, 'b') +
        R"(","unspents":[{"txid":")" + std::string(64, 'a') +
        R"(","vout":1,"scriptPubKey":"0014751e76e8199196d454941c45d1b3a323f1433bd6","desc":"x","amount":)" +
        std::string(amount) + R"(,"height":99}],"total_amount":)" + std::string(total) + "}");
  };
  EXPECT_EQ(parse_scan("b", scan("20999999.97690001", "20999999.97690001"), {script}).coins[0][0].value,
            Satoshi::of(2'099'999'997'690'001));
  EXPECT_EQ(parse_scan("b", scan("1e-8", "0.00000001"), {script}).coins[0][0].value, Satoshi::of(1));
  EXPECT_NE(refusal([&] { parse_scan("b", scan("0.1", "0.2"), {script}); }).find("not the sum"),
            std::string::npos);
  for (const char* bad : {"0.000000001", "-0.1", "21000000.00000001", "\"1\""})
    EXPECT_NE(refusal([&] { parse_scan("b", scan(bad, "0"), {script}); }), "") << bad;
  EXPECT_NE(refusal([&] { parse_scan("b", scan("1", "1"), {tests::hex("00")}); }).find("none of the scripts"),
            std::string::npos);
  EXPECT_EQ(scan_parameters({"addr(x)", "addr(y)"}),
            R"x(["start",[{"desc":"addr(x)"},{"desc":"addr(y)"}]])x");
}

std::string state_answer(const std::string& data, bool optimistic = false, bool finalized = true) {
  return std::string(R"({"execution_optimistic":)") + (optimistic ? "true" : "false") + R"(,"finalized":)" +
         (finalized ? "true" : "false") + R"(,"data":)" + data + "}";
}

TEST(BeaconWire, RecordedValidatorAndDeposit) {
  const auto entry = recorded("beacon validators entry (quoted in a public oracle adapter README)");
  SKIP_WITHOUT(entry, "generated/onchain_example_bodies.json");
  const auto answer = parse_validators("beacon", state_answer("[" + *entry + "]"), {"416512"});
  ASSERT_EQ(answer.validators.size(), 1U);
  const Validator& one = answer.validators[0];
  EXPECT_EQ(one.balance.coins(), money::Decimal::literal("32.081209325"));
  EXPECT_EQ(one.status, ValidatorStatus::kActiveOngoing);
  EXPECT_EQ(one.exit_epoch, kFarFutureEpoch);
  ASSERT_TRUE(payout_address(one.credentials));
  EXPECT_EQ(base::to_hex(payout_address(one.credentials)->bytes), "e0c8df4270f4342132ec333f6048cb703e7a9c77");
  EXPECT_TRUE(parse_validators("beacon", state_answer("[]", true, false), {"1"}).standing.optimistic);
  EXPECT_NE(refusal([&] {
              parse_validators("beacon", state_answer("[" + *entry + "]"), {"5"});
            }).find("not asked for"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              parse_validators("beacon", state_answer("[" + *entry + "," + *entry + "]"), {"416512"});
            }).find("twice"),
            std::string::npos);
  const auto deposit = parse_pending_deposits(
      "beacon",
      state_answer("[" + *recorded("beacon pending_deposits entry (test in a public indexer)") + "]"));
  EXPECT_EQ(deposit.deposits[0].amount.coins(), money::Decimal::literal("32"));
  EXPECT_EQ(deposit.deposits[0].slot, 12'405'634U);
}

TEST(BeaconWire, WhatIsWrongIsRefusedByItsField) {
  const auto partial = [](std::string_view amount) {
    return state_answer(R"([{"validator_index":"5","amount":)" + std::string(amount) +
                        R"(,"withdrawable_epoch":"9"}])");
  };
  EXPECT_EQ(parse_pending_partials("b", partial("\"100\"")).withdrawals[0].amount, Gwei::of(100));
  for (const char* bad : {"100", "\"-1\"", "\"0x64\"", "\"1.5\"", "\"\""})
    EXPECT_NE(refusal([&] { parse_pending_partials("b", partial(bad)); }).find("amount"), std::string::npos)
        << bad;
  EXPECT_NE(refusal([&] { parse_pending_partials("b", R"({"data":[]})"); }).find("execution_optimistic"),
            std::string::npos);
  EXPECT_EQ(validators_request({"5", "0xab"}), R"({"ids":["5","0xab"]})");
}

TEST(CosmosWire, TransfersArePlainOrInBase64AndOfOneCoin) {
  const auto read = [](const std::string& result) {
    return parse_cosmos_transfers("n", R"({"jsonrpc":"2.0","id":-1,"result":)" + result + "}", "basecro");
  };
  // Recipient, sender and amount as CometBFT 0.37 and before write them, and as later ones do.
  const std::string encoded =
      R"({"type":"transfer","attributes":[{"key":"cmVjaXBpZW50","value":"Y3JvMWI=","index":true},)"
      R"({"key":"c2VuZGVy","value":"Y3JvMWE=","index":true},{"key":"YW1vdW50","value":"NWJhc2Vjcm8=","index":true}]})";
  const std::string plain =
      R"({"type":"transfer","attributes":[{"key":"recipient","value":"cro1b"},{"key":"sender","value":"cro1a"},)"
      R"({"key":"amount","value":"7ibc/27A,5basecro"},{"key":"mode","value":"EndBlock"}]})";
  for (const std::string& event : {encoded, plain}) {
    const auto block =
        read(R"({"height":"9","txs_results":[{"code":0,"events":[]},{"code":0,"events":[)" + event +
             R"(,{"type":"coin_spent","attributes":[]}]}],"finalize_block_events":[)" + event + "]}");
    EXPECT_EQ(block.height, 9U);
    ASSERT_EQ(block.transactions.size(), 2U);
    EXPECT_TRUE(block.transactions[0].empty());
    for (const auto& list : {block.transactions[1], block.block}) {
      ASSERT_EQ(list.size(), 1U);
      EXPECT_EQ(list[0].sender + " " + list[0].recipient, "cro1a cro1b");
      EXPECT_EQ(list[0].amount, Basecro::of(5));
    }
  }
  const auto refused = [&](const std::string& amount) {
    return base::checked([&] {
      return read(
          R"({"height":"9","txs_results":null,"finalize_block_events":[{"type":"transfer","attributes":[)"
          R"({"key":"recipient","value":"a"},{"key":"amount","value":")" +
          amount + R"("}]}]})");
    });
  };
  EXPECT_TRUE(refused("").has_value()) << "a payment of nothing";
  for (const char* wrong : {"basecro", "5", "-5basecro", "5basecro,", "10000000000000000001basecro"})
    EXPECT_TRUE(refused(wrong).has_error()) << wrong;
  const auto page = parse_transaction_search(
      "n", R"({"result":{"txs":[{"hash":"AB","height":"7","index":2,"tx_result":{}}],"total_count":"1"}})");
  ASSERT_EQ(page.found.size(), 1U);
  EXPECT_EQ(page.found[0].index, 2U);
  EXPECT_EQ(parse_block_search(
                "n", R"({"result":{"blocks":[{"block":{"header":{"height":"7"}}}],"total_count":"3"}})")
                .total,
            3U);
  EXPECT_TRUE(
      base::checked([] { return parse_block_search("n", R"({"error":{"code":-32603}})"); }).has_error());
}

TEST(CosmosWire, PagesRewardsAndUnbonding) {
  const auto bank = parse_bank_page(
      "c",
      R"({"balances":[{"denom":"basecro","amount":"1000000000"},{"denom":"ibc/AB","amount":"5"}],"pagination":{"next_key":"QUI=","total":"0"}})");
  EXPECT_EQ(bank.items.size(), 2U);
  EXPECT_EQ(bank.next, "QUI=");
  EXPECT_TRUE(
      parse_bank_page("c", R"({"balances":[],"pagination":{"next_key":null,"total":"0"}})").next.empty());
  const std::string rewards =
      R"({"rewards":[{"validator_address":"v","reward":[{"denom":"basecro","amount":"12.345678901234567891"}]},{"validator_address":"w","reward":null}],"total":[{"denom":"basecro","amount":"12.345678901234567891"}]})";
  EXPECT_EQ(parse_rewards("c", rewards, "basecro"), money::Decimal::literal("12.345678901234567891"));
  EXPECT_TRUE(parse_rewards("c", R"({"rewards":[],"total":[]})", "basecro").is_zero());
  EXPECT_NE(refusal([&] {
              parse_rewards("c", R"({"rewards":[],"total":[{"denom":"basecro","amount":"1.0"}]})", "basecro");
            }).find("not the sum"),
            std::string::npos);
  const std::string twice =
      R"({"rewards":[{"validator_address":"v","reward":[{"denom":"basecro","amount":"1.0"}]},{"validator_address":"v","reward":[{"denom":"basecro","amount":"1.0"}]}],"total":[{"denom":"basecro","amount":"2.0"}]})";
  EXPECT_NE(refusal([&] { parse_rewards("c", twice, "basecro"); }).find("v comes twice"), std::string::npos);
  const std::string unbonding =
      R"({"unbonding_responses":[{"delegator_address":"cro1a","validator_address":"v","entries":[{"creation_height":"5","completion_time":"2026-04-02T00:00:00.5Z","initial_balance":"100","balance":"95","unbonding_id":"1"}]}],"pagination":{"next_key":null,"total":"1"}})";
  const auto page = parse_unbondings_page("c", unbonding, "cro1a");
  ASSERT_EQ(page.items.size(), 1U);
  ASSERT_EQ(page.items[0].entries.size(), 1U);
  EXPECT_EQ(page.items[0].entries[0].amount, Basecro::of(95)) << "what will be paid, not what was asked for";
  EXPECT_EQ(page.items[0].entries[0].id, "1");
  EXPECT_NE(refusal([&] { parse_unbondings_page("c", unbonding, "cro1b"); }).find("not the one asked for"),
            std::string::npos);
  const std::string delegation =
      R"({"delegation_responses":[{"delegation":{"delegator_address":"cro1a","validator_address":"v","shares":"100.000000000000000000"},"balance":{"denom":"basecro","amount":"100"}}],"pagination":{"next_key":null,"total":"1"}})";
  EXPECT_EQ(parse_delegations_page("c", delegation, "cro1a", "basecro").items[0].amount, Basecro::of(100));
  EXPECT_NE(refusal([&] { parse_delegations_page("c", delegation, "cro1a", "stake"); }).find("is not stake"),
            std::string::npos);
}

TEST(CosmosWire, PositionsOldAndNew) {
  const auto page = parse_positions_page(
      "c",
      R"({"positions":[{"id":"7","owner":"cro1a","tier_id":1,"amount":"5","validator":"v","delegated_shares":"5.0","exit_triggered_at":null,"delegator_address":"cro1grywutkmn7604q2hkhpymkcnrpwr8snyfq0zqu"},
          {"id":"8","owner":"cro1a","amount":"6","exit_triggered_at":"2026-01-01T00:00:00Z"}],"pagination":{"next_key":null}})",
      "cro1a");
  ASSERT_EQ(page.items.size(), 2U);
  EXPECT_EQ(page.items[0].delegator, tier_position_address(7));
  EXPECT_EQ(page.items[0].state, "earning");
  EXPECT_FALSE(page.items[1].delegator);
  EXPECT_EQ(page.items[1].state, "exiting");
}

const std::string kBlockOfTwo = R"({"hash":"0x)" + std::string(64, 'a') + R"(","transactions":[
  {"hash":"0x)" + std::string(64, '1') +
                                R"(","blockHash":"0x)" + std::string(64, 'a') + R"(","from":"0x)" +
                                std::string(40, '5') + R"(","to":"0x)" + std::string(40, '6') +
                                R"(","value":"0xde0b6b3a7640000"},
  {"hash":"0x)" + std::string(64, '2') +
                                R"(","from":"0x)" + std::string(40, '6') +
                                R"(","to":null,"value":"0x0"}],
  "withdrawals":[{"index":"0x5","validatorIndex":"0x7","address":"0x)" +
                                std::string(40, '6') + R"(","amount":"0x3b9aca00"}]})";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(TransfersWire, ABlocksTransactionsAndWithdrawals) {
  const BlockTransfers read = parse_block_transfers("node", *json::parse(kBlockOfTwo));
  ASSERT_EQ(read.transactions.size(), 2U);
  EXPECT_EQ(money::to_string(read.transactions[0].value_wei), "1000000000000000000");
  EXPECT_TRUE(read.transactions[0].to);
  EXPECT_FALSE(read.transactions[1].to) << "it makes a contract";
  ASSERT_EQ(read.withdrawals.size(), 1U);
  EXPECT_EQ(money::to_string(read.withdrawals[0].amount_gwei), "1000000000");
  const auto refused = [](const std::string& body) {
    return refusal([&] { parse_block_transfers("node", *json::parse(body)); });
  };
  const std::string first = "\"0x" + std::string(64, '1') + "\"";
  EXPECT_NE(refused(with(kBlockOfTwo, "0x" + std::string(64, '2'), "0x" + std::string(64, '1')))
                .find("comes twice"),
            std::string::npos);
  EXPECT_NE(refused(with(kBlockOfTwo, "\"blockHash\":\"0xaa", "\"blockHash\":\"0xab")).find("another block"),
            std::string::npos);
  EXPECT_NE(refused(R"({"hash":"0x)" + std::string(64, 'a') + R"(","transactions":[)" + first + "]}"), "")
      << "only named";
  EXPECT_NE(refused(with(kBlockOfTwo, "0xde0b6b3a7640000", "0xzz")), "");
  EXPECT_NE(refused(with(kBlockOfTwo, "0xde0b6b3a7640000", "0x7" + std::string(24, 'f'))).find("any coin"),
            std::string::npos);
}

TEST(TransfersWire, AReceiptsFeeCountsGasAndBlobsAndAFailedTransactionMovesNothing) {
  const std::string receipt = R"({"transactionHash":"0x)" + std::string(64, '1') + R"(","blockHash":"0x)" +
                              std::string(64, 'a') +
                              R"(","status":"0x1","gasUsed":"0x5208","effectiveGasPrice":"0x3b9aca00"})";
  const auto hash_of = [](char digit) {
    const auto text = json::parse("\"0x" + std::string(64, digit) + "\"");
    return read_hash({*text, ""});
  };
  const crypto::Digest256 transaction = hash_of('1');
  const crypto::Digest256 block = hash_of('a');
  const auto read = [&](const std::string& body) {
    return parse_receipt("node", *json::parse(body), transaction, block);
  };
  EXPECT_TRUE(read(receipt).is_done);
  EXPECT_EQ(money::to_string(read(receipt).fee_wei), "21000000000000");
  EXPECT_FALSE(read(with(receipt, "\"0x1\"", "\"0x0\"")).is_done);
  EXPECT_EQ(
      money::to_string(read(with(receipt, "}", R"(,"blobGasUsed":"0x20000","blobGasPrice":"0x2"})")).fee_wei),
      "21000000262144");
  // What the fuzzer found: a product of two numbers that each fit.
  const std::string most = "0x" + std::string(16, 'f');
  EXPECT_NE(refusal([&] { read(with(with(receipt, "0x5208", most), "0x3b9aca00", most)); }).find("any coin"),
            std::string::npos);
  EXPECT_NE(refusal([&] { read(with(receipt, "0x11", "0x12")); }).find("another transaction"),
            std::string::npos);
  EXPECT_NE(refusal([&] { read(with(receipt, "0xaa", "0xab")); }).find("another block"), std::string::npos);
  EXPECT_NE(refusal([&] { read(with(receipt, "\"0x1\"", "\"0x2\"")); }).find("0x0 or 0x1"),
            std::string::npos);
}

}  // namespace
}  // namespace navkeeper::custody
