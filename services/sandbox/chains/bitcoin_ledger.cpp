#include "services/sandbox/chains/bitcoin_ledger.h"

#include <algorithm>
#include <map>

#include "common/crypto/bech32.h"
#include "common/crypto/hash.h"

namespace navkeeper::sandbox {
namespace {

std::string shown(crypto::Digest256 hash) {
  std::reverse(hash.begin(), hash.end());
  return base::to_hex(hash);
}

std::string some_id(std::uint64_t seed, const std::string& what) {
  const std::string text = "simulated bitcoin " + std::to_string(seed) + " " + what;
  return shown(crypto::sha256d(base::Bytes(text.begin(), text.end())));
}

void append(base::Bytes& out, std::uint32_t word) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
}

void append_id(base::Bytes& out, const std::string& id) {
  const base::Bytes bytes = *base::from_hex(id);
  out.insert(out.end(), bytes.rbegin(), bytes.rend());
}

/// Tries nonces until the hash is below half of all.
void mine(LedgerBlock& block) {
  for (;; ++block.nonce) {
    base::Bytes header;
    append(header, 0x20000000);
    append_id(header, block.previous);
    append_id(header, block.merkle_root);
    append(header, block.time_s);
    append(header, kEasyBits);
    append(header, block.nonce);
    const crypto::Digest256 hash = crypto::sha256d(header);
    if (hash[31] < 0x7f) {  // The most significant byte stands last.
      block.id = shown(hash);
      return;
    }
  }
}

std::string script_of(const std::string& address) {
  const auto text = crypto::parse_bech32(address);
  if (!text || text->words.empty()) return "6a";  // Nobody's.
  const auto program = crypto::from_words(std::span(text->words).subspan(1));
  const std::string hex = base::to_hex(program.value_or(base::Bytes()));
  return std::string(text->words[0] == 0 ? "00" : "5" + std::to_string(text->words[0])) +
         (hex.size() == 40 ? "14" : "20") + hex;
}

LedgerOutput output_to(const std::string& address, money::Int128 satoshi) {
  return {address, address.empty() ? "0014" + std::string(40, '1') : script_of(address), satoshi};
}

}  // namespace

std::string simulated_genesis(std::uint64_t seed) { return some_id(seed, "genesis"); }
std::string bitcoin_payment_id(std::uint64_t seed, std::uint64_t number) {
  return some_id(seed, "payment " + std::to_string(number));
}

std::vector<LedgerTransaction> bitcoin_transactions(const ChainWorld& world, std::uint64_t tip) {
  struct Unspent {
    std::string transaction;
    std::uint32_t index;
    LedgerOutput output;
    std::optional<std::uint64_t> height;
  };
  std::map<std::string, std::vector<Unspent>> purses;
  std::vector<LedgerTransaction> all;
  for (const ChainPayment& payment : world.payments(SimulatedChain::kBitcoin)) {
    LedgerTransaction transaction;
    transaction.id = bitcoin_payment_id(world.seed(), payment.number);
    transaction.height = world.height_of(SimulatedChain::kBitcoin, payment);
    if (transaction.height && *transaction.height > tip) transaction.height.reset();
    money::Int128 in = 0;
    auto& purse = purses[payment.from];
    if (payment.from.empty()) {
      in = payment.amount + kBitcoinFee;
      transaction.inputs.push_back({some_id(world.seed(), "outside " + std::to_string(payment.number)), 1,
                                    output_to("", in), world.rhythm(SimulatedChain::kBitcoin).first});
    }
    while (!payment.from.empty() && in < payment.amount + kBitcoinFee && !purse.empty()) {
      const Unspent& coin = purse.front();
      in += coin.output.satoshi;
      transaction.inputs.push_back({coin.transaction, coin.index, coin.output, coin.height.value_or(0)});
      if (!coin.height) transaction.height.reset();  // It waits with what it spends.
      purse.erase(purse.begin());
    }
    if (in < payment.amount +
                 kBitcoinFee) {  // Not enough there: it does not happen, and what was taken comes back.
      for (const LedgerInput& input : transaction.inputs)
        purse.push_back({input.transaction, input.index, input.spent, input.spent_height});
      continue;
    }
    transaction.outputs.push_back(output_to(payment.to, payment.amount));
    if (const money::Int128 change = in - payment.amount - kBitcoinFee; change > 0)
      transaction.outputs.push_back(output_to(payment.from, change));
    for (std::uint32_t i = 0; i < transaction.outputs.size(); ++i)
      purses[transaction.outputs[i].address].push_back(
          {transaction.id, i, transaction.outputs[i], transaction.height});
    all.push_back(std::move(transaction));
  }
  return all;
}

std::vector<LedgerBlock> bitcoin_blocks(const ChainWorld& world, std::uint64_t tip,
                                        const std::function<std::uint64_t(std::uint64_t)>& variant) {
  const BlockRhythm& rhythm = world.rhythm(SimulatedChain::kBitcoin);
  std::vector<LedgerBlock> blocks;
  std::string previous = some_id(world.seed(), "before the first");
  for (std::uint64_t height = rhythm.first; height <= tip; ++height) {
    LedgerBlock block;
    block.height = height;
    block.previous = previous;
    block.merkle_root = some_id(
        world.seed(), "transactions of " + std::to_string(height) + " " + std::to_string(variant(height)));
    block.time_s =
        static_cast<std::uint32_t>(world.time_of(SimulatedChain::kBitcoin, height).ns() / 1'000'000'000);
    mine(block);
    previous = block.id;
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace navkeeper::sandbox
