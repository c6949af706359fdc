// The recorded conversations of ethereum/execution-apis (tests/*/*.io, CC0): our questions are theirs byte by
// byte, their headers hash to their hashes, and their proofs hold.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "common/json/write.h"
#include "services/custody/adapters/chains/execution_wire.h"
#include "services/custody/adapters/chains/wire_fields.h"
#include "tests/support/process.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

struct Pair {
  std::string request;
  json::Value parameters;
  json::Value answer;  ///< whole
  const json::Value& result() const { return tests::member(answer, "result"); }
};

std::optional<Pair> pair_of(const std::string& name) {
  const auto folder = tests::shared_data();
  if (folder.empty()) return std::nullopt;
  std::istringstream lines(tests::read_file(folder / "openapi/execution-apis/tests" / (name + ".io")));
  Pair pair;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(">> ")) {
      pair.request = line.substr(3);
      const auto request = *json::parse(pair.request);
      if (const auto* parameters = request.find("params")) pair.parameters = *parameters;
    }
    if (line.starts_with("<< ")) pair.answer = *json::parse(line.substr(3));
  }
  return pair;
}

EthereumAddress holder() { return *EthereumAddress::parse("0x7dcd17433742f4c0ca53122ab541d0ba67fc27df"); }

ExecutionBlock block_of(const std::string& name) {
  return *parse_execution_block("node", pair_of("eth_getBlockByNumber/" + name)->result(), true);
}

#define NEED_PAIRS() \
  if (tests::shared_data().empty()) GTEST_SKIP() << "no shared data: execution-apis was not checked"

TEST(ExecutionPairs, QuestionsAreWrittenAsTheirs) {
  NEED_PAIRS();
  EXPECT_EQ(rpc_request("eth_getBalance", balance_parameters(holder(), "latest")),
            pair_of("eth_getBalance/get-balance")->request);
  const auto by_hash = pair_of("eth_getBalance/get-balance-blockhash");
  EXPECT_EQ(rpc_request("eth_getBalance",
                        balance_parameters(holder(), by_hash->parameters.as_array()[1].as_string())),
            by_hash->request);
  EXPECT_EQ(rpc_request("eth_getProof", proof_parameters(holder(), {}, "latest")),
            pair_of("eth_getProof/get-account-proof-latest")->request);
  EXPECT_EQ(rpc_request("eth_getBlockByNumber", "[\"" + height_text(42) + "\",false]"),
            pair_of("eth_getBlockByNumber/get-block-cancun-fork")->request);
  EXPECT_EQ(height_text(0), "0x0");
  EXPECT_EQ(height_text(0x1000), "0x1000");
}

TEST(ExecutionPairs, EveryHeaderHashesToItsHash) {
  NEED_PAIRS();
  for (const char* name :
       {"get-genesis", "get-block-london-fork", "get-block-merge-fork", "get-block-shanghai-fork",
        "get-block-cancun-fork", "get-block-prague-fork", "get-finalized", "get-safe", "get-latest"}) {
    SCOPED_TRACE(name);
    const ExecutionBlock block = block_of(name);
    EXPECT_TRUE(block.hash_computed);
    EXPECT_EQ(block.header.hash(), block.hash);
  }
  EXPECT_FALSE(
      parse_execution_block("node", pair_of("eth_getBlockByNumber/get-block-notfound")->result(), true));
}

TEST(ExecutionPairs, AHeaderThatWasTouchedIsRefused) {
  NEED_PAIRS();
  const auto pair = pair_of("eth_getBlockByNumber/get-finalized");
  for (const char* key :
       {"stateRoot", "parentHash", "number", "timestamp", "gasUsed", "requestsHash", "withdrawalsRoot"}) {
    json::Object members = pair->result().as_object();
    for (json::Member& member : members) {
      if (member.key != key) continue;
      std::string text = member.value.as_string();
      text.back() = text.back() == '1' ? '2' : '1';
      member.value = json::Value::string(text);
    }
    EXPECT_THROW(parse_execution_block("node", json::Value::object(members), true), base::Refused) << key;
  }
}

TEST(ExecutionPairs, ProofsHoldAgainstTheHeader) {
  NEED_PAIRS();
  const ExecutionBlock block = block_of("get-finalized");
  EXPECT_EQ(hash_text(block.hash),
            pair_of("eth_getProof/get-account-proof-blockhash")->parameters.as_array()[2].as_string());
  for (const char* name : {"get-account-proof-blockhash", "get-account-proof-default-block",
                           "get-account-proof-latest", "get-account-proof-with-storage"}) {
    SCOPED_TRACE(name);
    const AccountProof proof =
        parse_account_proof("node", pair_of(std::string("eth_getProof/") + name)->result());
    EXPECT_EQ(proof.address, holder());
    const auto account = prove_account(block.header.state_root, holder(), proof.nodes);
    ASSERT_FALSE(account.has_error()) << account.error().message();
    ASSERT_TRUE(account->has_value());
    EXPECT_EQ((*account)->balance_wei, 0x76);  // What eth_getBalance says of the same block.
    EXPECT_EQ((*account)->balance_wei, proof.balance_wei);
    EXPECT_EQ((*account)->storage_root, proof.storage_root);
    for (const StorageProof& storage : proof.storage) {
      const auto value = prove_storage((*account)->storage_root, storage.slot, storage.nodes);
      ASSERT_FALSE(value.has_error()) << value.error().message();
      EXPECT_EQ(*value, storage.value);
    }
  }
  EXPECT_EQ(parse_hex_amount("node", pair_of("eth_getBalance/get-balance")->result()), 0x76);
}

TEST(ExecutionPairs, AProofThatWasTouchedAnywhereIsRefused) {
  NEED_PAIRS();
  const ExecutionBlock block = block_of("get-finalized");
  const AccountProof proof =
      parse_account_proof("node", pair_of("eth_getProof/get-account-proof-latest")->result());
  const auto refused = [&](const std::vector<base::Bytes>& nodes) {
    return prove_account(block.header.state_root, holder(), nodes).has_error();
  };
  for (std::size_t node = 0; node < proof.nodes.size(); ++node) {
    for (std::size_t at = 0; at < proof.nodes[node].size(); ++at) {
      auto nodes = proof.nodes;
      nodes[node][at] ^= 1;
      EXPECT_TRUE(refused(nodes)) << node << " " << at;
    }
  }
  auto cut = proof.nodes;
  cut.pop_back();
  EXPECT_TRUE(refused(cut));
  auto longer = proof.nodes;
  longer.push_back(proof.nodes.back());
  EXPECT_TRUE(refused(longer));
  EXPECT_TRUE(refused({}));
  // Another account's path is no proof that this one has nothing.
  const auto other = *EthereumAddress::parse("0x7435ed30a8b4aeb0877cef0c6e8cffe834eb865f");
  EXPECT_TRUE(prove_account(block.header.state_root, other, proof.nodes).has_error());
}

TEST(ExecutionPairs, LogsOfAnotherContractAreRefused) {
  NEED_PAIRS();
  const auto pair = pair_of("eth_getLogs/contract-addr");
  EXPECT_THROW(parse_token_transfers("node", pair->result(), holder(), 1, 4), base::Refused);
}

TEST(ExecutionWire, TransfersAreReadAndHeldAgainstTheQuestion) {
  const auto token = *EthereumAddress::parse("0xa0b73e1ff0b80914ab6fe0444e65848c4c34450b");
  const auto to = *EthereumAddress::parse("0x7dcd17433742f4c0ca53122ab541d0ba67fc27df");
  const auto log = [](std::string_view block, std::string_view index, std::string_view more = "") {
    return R"({"address":"0xa0b73e1ff0b80914ab6fe0444e65848c4c34450b","topics":["0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",)"
           R"("0x0000000000000000000000007435ed30a8b4aeb0877cef0c6e8cffe834eb865f","0x0000000000000000000000007dcd17433742f4c0ca53122ab541d0ba67fc27df"],)"
           R"("data":"0x00000000000000000000000000000000000000000000000000000002540be400","blockNumber":")" +
           std::string(block) +
           R"(","transactionHash":"0xd48ebacfb769b85602310e2e0cf322e19f8cce25ac69cfd52f2d8622e3bbc3c9",)" +
           R"("blockHash":"0x98f797a6af91ea770ab3a99d89c17a3a46d14c76db6bb711b18156a3493d2c94","logIndex":")" +
           std::string(index) + "\"" + std::string(more) + "}";
  };
  const auto read = [&](const std::string& logs) {
    return parse_token_transfers("node", *json::parse("[" + logs + "]"), token, 10, 20);
  };
  const auto transfers = read(log("0xa", "0x0") + "," + log("0xa", "0x1"));
  ASSERT_EQ(transfers.size(), 2U);
  EXPECT_EQ(transfers[0].to, to);
  EXPECT_EQ(TokenCro::of(transfers[0].value).coins(), money::Decimal::literal("100"));
  EXPECT_THROW(read(log("0x9", "0x0")), base::Refused);
  EXPECT_THROW(read(log("0x15", "0x0")), base::Refused);
  EXPECT_THROW(read(log("0xa", "0x0") + "," + log("0xa", "0x0")), base::Refused);
  EXPECT_THROW(read(log("0xa", "0x0", R"(,"removed":true)")), base::Refused);
}

TEST(StateProof, AnEmptyTrieHoldsNothing) {
  EXPECT_EQ(hash_text(empty_trie_root()),
            "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
  const auto account = prove_account(empty_trie_root(), holder(), {});
  ASSERT_FALSE(account.has_error());
  EXPECT_FALSE(account->has_value());
}

}  // namespace
}  // namespace navkeeper::custody
