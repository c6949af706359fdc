// Transfers of native coins by walking blocks: an execution client keeps no list of transactions by address.
// Of the tokens that are read, by their Transfer events in the same blocks.
#include <algorithm>
#include <map>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/chains/execution_reader.h"
#include "services/custody/adapters/chains/transfers_wire.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

constexpr int kWeiDecimals = 18;
constexpr money::Int128 kWeiAGwei = 1'000'000'000;
/// The next walk begins with the blocks of this one's last second, so that none of that second is left out;
/// what is no transaction is dated before them, else that walk would seem to contradict it.
constexpr auto kAMoment = time::Duration::from_ns(1);

/// What moved at one address in the walk, by transaction.
struct Walked {
  std::string address;
  EthereumAddress parsed;
  money::Int128 net_wei = 0;
  std::vector<ChainMovement> movements{};
};

ChainMovement movement_of(const Walked& walked, std::string id, std::uint64_t height, time::Instant at,
                          money::Int128 received, money::Int128 spent) {
  ChainMovement movement;
  movement.address = walked.address;
  movement.transaction_id = std::move(id);
  movement.height = height;
  movement.at = at;
  movement.received = money::Decimal::of(received, kWeiDecimals);
  movement.spent = money::Decimal::of(spent, kWeiDecimals);
  return movement;
}

}  // namespace

/// The lowest block made at or after `since`, at most `to`.
std::uint64_t ExecutionReader::first_since(time::Instant since, std::uint64_t to) {
  std::uint64_t not_before = to;  // made at or after it
  std::uint64_t before = to;
  for (std::uint64_t step = 64;; step *= 2) {
    if (before == 0) return 0;
    before = before > step ? before - step : 0;
    if (time_of(before) < since) break;
    not_before = before;
  }
  while (not_before - before > 1) {
    const std::uint64_t middle = before + (not_before - before) / 2;
    (time_of(middle) < since ? before : not_before) = middle;
    node_.take_raw();
  }
  return not_before;
}

money::Int128 ExecutionReader::wei_at(const EthereumAddress& address, std::uint64_t height) {
  const std::string where = name() + ": eth_getBalance";
  const json::Value answer = node_.call("eth_getBalance", balance_parameters(address, height_text(height)));
  return bounded_wei(where, parse_hex_amount(where, answer));
}

money::Int128 ExecutionReader::tokens_at(const TokenRule& token, const EthereumAddress& address,
                                         std::uint64_t height) {
  return parse_word(
      name() + ": " + token.asset + ": balanceOf",
      node_.call("eth_call", balance_of_parameters(token.contract, address, height_text(height))));
}

/// One token at one address in the walk's blocks: what each transaction moved, and what no event tells.
void ExecutionReader::walk_token(ChainWalk& walk, const TokenRule& token, const std::string& text,
                                 const EthereumAddress& address, const std::vector<WalkedBlock>& blocks) {
  struct Moved {
    std::uint64_t height = 0;
    money::Int128 received = 0;
    money::Int128 spent = 0;
  };
  std::map<std::string, Moved> moved;  // by transaction
  money::Int128 net = 0;
  for (const bool is_out : {false, true}) {
    for (const TokenTransfer& one : token_transfers(token, address, is_out, walk.first, walk.last)) {
      if (one.block_hash != blocks[one.block - walk.first].hash)
        throw base::Unavailable(name() + ": a transfer of " + token.asset + " is of another block " +
                                std::to_string(one.block) + " than was walked");
      Moved& in = moved[hash_text(one.transaction)];
      in.height = one.block;
      (is_out ? in.spent : in.received) += one.value;
      net += is_out ? -one.value : one.value;
    }
  }
  const auto add = [&](std::string id, std::uint64_t height, time::Instant at, const money::Int128& received,
                       const money::Int128& spent) {
    ChainMovement movement;
    movement.address = text;
    movement.asset = token.asset;
    movement.transaction_id = std::move(id);
    movement.height = height;
    movement.at = at;
    movement.received = money::Decimal::of(received, token.decimals);
    movement.spent = money::Decimal::of(spent, token.decimals);
    walk.movements.push_back(std::move(movement));
  };
  for (const auto& [id, one] : moved) {
    if (one.received != one.spent)
      add(id, one.height, blocks[one.height - walk.first].at, one.received, one.spent);
  }
  // A token may change balances without an event (one that shares out what it earns).
  const money::Int128 unlisted =
      tokens_at(token, address, walk.last) - tokens_at(token, address, walk.first - 1) - net;
  if (unlisted == 0) return;
  add("unlisted " + std::to_string(walk.first) + "-" + std::to_string(walk.last), walk.last,
      walk.to - kAMoment, unlisted > 0 ? unlisted : 0, unlisted < 0 ? -unlisted : 0);
  walk.movements.back().is_unlisted = true;
  walk.movements.back().since = walk.from;
  walk.from = std::min(walk.from, walk.to - kAMoment);
}

std::optional<ChainWalk> ExecutionReader::walk(const std::vector<std::string>& addresses,
                                               const ChainWalkTerms& terms) {
  if (!rules_.lists_transfers) return std::nullopt;
  ChainWalk walk;
  walk.first = terms.to > terms.first_blocks ? terms.to - terms.first_blocks + 1 : 1;
  if (terms.since) {
    if (time_of(terms.to) <= *terms.since) return std::nullopt;
    walk.first = std::max<std::uint64_t>(first_since(*terms.since, terms.to), 1);
  }
  walk.last = std::min(terms.to, walk.first + terms.blocks_max - 1);
  std::vector<Walked> all;
  std::map<std::string, std::size_t> numbers;
  for (const std::string& text : addresses) {
    const auto parsed = EthereumAddress::parse(text);
    if (parsed.has_error()) throw base::Refused(parsed.error().within("address"));
    numbers.emplace(address_text(*parsed), all.size());
    all.push_back({text, *parsed, 0, {}});
  }
  const auto of = [&](const EthereumAddress& address) -> Walked* {
    const auto found = numbers.find(address_text(address));
    return found == numbers.end() ? nullptr : &all[found->second];
  };
  std::optional<crypto::Digest256> before;
  std::vector<WalkedBlock> blocks;
  for (std::uint64_t height = walk.first; height <= walk.last; ++height) {
    const std::string where = name() + ": block " + std::to_string(height);
    const json::Value answer = node_.call("eth_getBlockByNumber", "[\"" + height_text(height) + "\",true]");
    const auto block = parse_execution_block(name(), answer, rules_.proofs);
    if (!block) throw base::Unavailable(where + " is not known there");
    if (block->header.number != height)
      base::refuse(where, "block " + std::to_string(block->header.number) + " was answered for it");
    if (before && block->header.parent_hash != *before)
      throw base::Unavailable(where + " does not follow the one before: the chain was reorganised meanwhile");
    before = block->hash;
    if (height == terms.to && hash_text(block->hash) != terms.to_hash)
      throw base::Unavailable(where + " is another one than the balances were read at");
    walk.to = instant_of(*block);
    blocks.push_back({block->hash, walk.to});
    if (height == walk.first) walk.from = walk.to;
    const BlockTransfers transfers = parse_block_transfers(where, answer);
    for (const BlockTransaction& one : transfers.transactions) {
      Walked* const sender = of(one.from);
      Walked* const receiver = one.to ? of(*one.to) : nullptr;
      if (sender == nullptr && receiver == nullptr) continue;
      const std::string id = hash_text(one.hash);
      const TransactionReceipt receipt = parse_receipt(
          where, node_.call("eth_getTransactionReceipt", "[\"" + id + "\"]"), one.hash, block->hash);
      const money::Int128 value = receipt.is_done ? one.value_wei : 0;
      for (Walked* const walked : {sender, receiver == sender ? nullptr : receiver}) {
        if (walked == nullptr) continue;
        const money::Int128 received = walked == receiver ? value : 0;
        const money::Int128 spent = walked == sender ? value + receipt.fee_wei : 0;
        walked->net_wei += received - spent;
        if (received != spent)
          walked->movements.push_back(movement_of(*walked, id, height, walk.to, received, spent));
      }
    }
    for (const BlockWithdrawal& one : transfers.withdrawals) {
      Walked* const walked = of(one.address);
      if (walked == nullptr || one.amount_gwei == 0) continue;
      const money::Int128 received = one.amount_gwei * kWeiAGwei;
      walked->net_wei += received;
      walked->movements.push_back(
          movement_of(*walked, "withdrawal " + std::to_string(one.index), height, walk.to, received, 0));
    }
    node_.take_raw();
  }
  // Transfers that contracts make stand in no list of transactions: the balances tell of them.
  for (Walked& walked : all) {
    const money::Int128 unlisted =
        wei_at(walked.parsed, walk.last) - wei_at(walked.parsed, walk.first - 1) - walked.net_wei;
    if (unlisted != 0) {
      ChainMovement movement = movement_of(
          walked, "unlisted " + std::to_string(walk.first) + "-" + std::to_string(walk.last), walk.last,
          walk.to - kAMoment, unlisted > 0 ? unlisted : 0, unlisted < 0 ? -unlisted : 0);
      movement.is_unlisted = true;
      movement.since = walk.from;
      walk.from = std::min(walk.from, movement.at);
      walked.movements.push_back(std::move(movement));
    }
    for (ChainMovement& movement : walked.movements) walk.movements.push_back(std::move(movement));
  }
  for (const TokenRule& token : rules_.tokens) {
    for (const Walked& walked : all) walk_token(walk, token, walked.address, walked.parsed, blocks);
    walk.tokens.push_back(token.asset);
  }
  node_.take_raw();
  return walk;
}

}  // namespace navkeeper::custody
