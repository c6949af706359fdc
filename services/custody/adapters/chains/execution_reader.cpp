#include "services/custody/adapters/chains/execution_reader.h"

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/chains/readings.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

time::Instant at_second(std::uint64_t seconds) {
  constexpr std::uint64_t kSecondsMax = 1ULL << 32;
  if (seconds > kSecondsMax) base::refuse("timestamp", "is no time of this century");
  return time::Instant() + time::Duration::seconds(static_cast<std::int64_t>(seconds));
}

}  // namespace

time::Instant ExecutionReader::instant_of(const ExecutionBlock& block) {
  return at_second(block.header.timestamp_s);
}

ExecutionBlock ExecutionReader::block(std::uint64_t height) {
  auto block = tagged_block(height_text(height));
  if (!block) throw base::Unavailable(name() + ": does not know block " + std::to_string(height));
  if (block->header.number != height)
    base::refuse(name() + ": eth_getBlockByNumber", "block " + std::to_string(block->header.number) +
                                                        " was answered for block " + std::to_string(height));
  return *std::move(block);
}

std::optional<ExecutionBlock> ExecutionReader::tagged_block(std::string_view tag) {
  return parse_execution_block(
      name(), node_.call("eth_getBlockByNumber", "[\"" + std::string(tag) + "\",false]"), rules_.proofs);
}

ChainHead ExecutionReader::head() {
  const std::uint64_t chain_id = parse_hex_whole(name() + ": eth_chainId", node_.call("eth_chainId", "[]"));
  if (chain_id != rules_.chain_id)
    base::refuse(name(), "is a node of another network: its chain id is " + std::to_string(chain_id) +
                             ", not " + std::to_string(rules_.chain_id));
  ChainHead head;
  const json::Value syncing = node_.call("eth_syncing", "[]");
  if (syncing.kind() != json::Kind::kBoolean || syncing.as_boolean())
    head.doubts.emplace_back("it is still syncing");
  const auto newest = tagged_block("latest");
  if (!newest) throw base::Unavailable(name() + ": has no block yet");
  head.newest_at = at_second(newest->header.timestamp_s);
  // What CometBFT has committed is final.
  const auto settled = rules_.chain == Chain::kEthereum ? tagged_block("finalized") : newest;
  if (!settled) throw base::Unavailable(name() + ": knows no finalized block");
  head.final_height = settled->header.number;
  if (head.final_height > newest->header.number)
    base::refuse(name(), "its finalized block lies above its newest");
  node_.take_raw();
  return head;
}

time::Instant ExecutionReader::time_of(std::uint64_t height) { return instant_of(block(height)); }

ExecutionBlock ExecutionReader::read(ChainReading& reading, const EthereumAddress& address,
                                     std::uint64_t height) {
  node_.take_raw();
  ExecutionBlock found = block(height);
  reading.block = {height, hash_text(found.hash)};
  reading.block_time = at_second(found.header.timestamp_s);
  reading.shown = rules_.proofs ? Shown::kProof : Shown::kStated;
  const money::Int128 balance = native(reading, address, found);
  std::vector<Balance> tokens;
  for (const TokenRule& token : rules_.tokens)
    tokens.push_back(token_balance(reading, token, address, found));
  // Tokens, and everything on Cronos EVM, were asked for by height: it must still be the same block.
  if (block(height).hash != found.hash)
    throw base::Unavailable(name() + ": the chain was reorganised while it was read");
  reading.raw = node_.take_raw();
  Balance row = native_balance(reading);
  row.total = money::Decimal::of(balance, row.scale);
  row.available = row.total;
  add_balance(reading, std::move(row));
  for (Balance& token : tokens) {
    token.raw_sha256 = raw_sha256(reading.raw);
    add_balance(reading, std::move(token));
  }
  return found;
}

money::Int128 ExecutionReader::native(ChainReading& reading, const EthereumAddress& address,
                                      const ExecutionBlock& block) {
  const std::string height = height_text(block.header.number);
  const money::Int128 stated = parse_hex_amount(
      name() + ": eth_getBalance", node_.call("eth_getBalance", balance_parameters(address, height)));
  if (!rules_.proofs) return stated;
  const AccountProof proof = parse_account_proof(
      name() + ": eth_getProof", node_.call("eth_getProof", proof_parameters(address, {}, height)));
  const auto account = prove_account(block.header.state_root, address, proof.nodes);
  if (account.has_error()) throw base::Refused(account.error().within(name() + ": eth_getProof"));
  const money::Int128 proven = *account ? (*account)->balance_wei : 0;
  if (stated != proven || proof.balance_wei != proven)
    base::refuse(name(), "says " + money::to_string(stated) + " wei (with its proof " +
                             money::to_string(proof.balance_wei) + ") where the proof shows " +
                             money::to_string(proven));
  reading.shown = Shown::kProof;
  return proven;
}

Balance ExecutionReader::token_balance(const ChainReading& reading, const TokenRule& token,
                                       const EthereumAddress& address, const ExecutionBlock& block) {
  const std::string height = height_text(block.header.number);
  const std::string where = name() + ": " + token.asset + " at " + token.contract.to_string();
  const money::Int128 decimals =
      parse_word(where + ": decimals", node_.call("eth_call", decimals_parameters(token.contract, height)));
  if (decimals != token.decimals)
    base::refuse(where, "counts in " + money::to_string(decimals) + " decimals, not " +
                            std::to_string(token.decimals));
  const money::Int128 stated = parse_word(
      where + ": balanceOf", node_.call("eth_call", balance_of_parameters(token.contract, address, height)));
  if (token.balances_position && rules_.proofs) {
    const auto slot = mapping_slot(address, *token.balances_position);
    const AccountProof proof = parse_account_proof(
        where, node_.call("eth_getProof", proof_parameters(token.contract, {slot}, height)));
    const auto contract = prove_account(block.header.state_root, token.contract, proof.nodes);
    if (contract.has_error()) throw base::Refused(contract.error().within(where));
    if (!*contract) base::refuse(where, "there is no such contract at this block");
    if (proof.storage.size() != 1 || proof.storage[0].slot != slot)
      base::refuse(where, "the proof is of another storage slot");
    const auto proven = prove_storage((*contract)->storage_root, slot, proof.storage[0].nodes);
    if (proven.has_error()) throw base::Refused(proven.error().within(where));
    if (*proven != stated || proof.storage[0].value != *proven)
      base::refuse(where, "balanceOf says " + money::to_string(stated) + " where the proof shows " +
                              money::to_string(*proven));
  }
  Balance row = native_balance(reading);
  row.asset = model::AssetId::literal(token.asset);
  row.scale = token.decimals;
  row.total = money::Decimal::of(stated, token.decimals);
  row.available = row.total;
  return row;
}

std::vector<TokenTransfer> ExecutionReader::token_transfers(const TokenRule& token,
                                                            const EthereumAddress& address, bool is_out,
                                                            std::uint64_t from_block,
                                                            std::uint64_t to_block) {
  std::vector<TokenTransfer> transfers;
  while (from_block <= to_block) {
    const std::uint64_t last = std::min(to_block, from_block + kLogBlocksMax - 1);
    auto piece = parse_token_transfers(
        name() + ": eth_getLogs",
        node_.call("eth_getLogs",
                   token_transfer_parameters(token.contract, address, is_out, from_block, last)),
        token.contract, from_block, last);
    for (TokenTransfer& transfer : piece) {
      if ((is_out ? transfer.from : transfer.to) != address)
        base::refuse(name() + ": eth_getLogs",
                     std::string("a transfer ") + (is_out ? "came from" : "went to") + " another address");
      transfers.push_back(transfer);
    }
    from_block = last + 1;
  }
  return transfers;
}

}  // namespace navkeeper::custody
