#include "services/sandbox/custodians/chain_bridge.h"

#include <algorithm>
#include <cctype>

#include "common/crypto/digest.h"
#include "services/sandbox/chains/bitcoin_ledger.h"

namespace navkeeper::sandbox {
namespace {

/// Cronos EVM counts CRO with 18 decimals, custodian and Cronos POS with 8.
constexpr money::Int128 kWeiABasecro = 10'000'000'000;

std::string id_of(const ChainWorld& world, SimulatedChain chain, std::uint64_t number) {
  if (chain == SimulatedChain::kBitcoin) return bitcoin_payment_id(world.seed(), number);
  const std::string hex =
      crypto::sha256_hex(std::to_string(world.seed()) + " " + std::string(name_of(chain)) + " payment " +
                         std::to_string(number));
  return chain == SimulatedChain::kCronosPos ? hex : "0x" + hex;
}

}  // namespace

std::optional<SimulatedChain> chain_of(Coin coin, std::string_view address) {
  switch (coin) {
    case Coin::kBtc:
      return address.starts_with("bc1") ? std::optional(SimulatedChain::kBitcoin) : std::nullopt;
    case Coin::kEth:
      return address.starts_with("0x") ? std::optional(SimulatedChain::kEthereum) : std::nullopt;
    case Coin::kCro:
      if (address.starts_with("cro1")) return SimulatedChain::kCronosPos;
      return address.starts_with("0x") ? std::optional(SimulatedChain::kCronosEvm) : std::nullopt;
  }
  return std::nullopt;
}

ChainBridge::ChainBridge(ChainWorld& world) : world_(world) {
  world_.on_payment([this](SimulatedChain chain, const ChainPayment& payment) { paid(chain, payment); });
}

void ChainBridge::watch(CustodianAccount& account) { accounts_.push_back(&account); }

std::optional<std::string> ChainBridge::pay(Coin coin, money::Int128 units, const std::string& address) {
  const auto chain = chain_of(coin, address);
  if (!chain) return std::nullopt;
  ChainPayment payment;
  payment.to = address;
  if (address.starts_with("0x"))  // one spelling, without the checksum
    std::transform(address.begin(), address.end(), payment.to.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  payment.amount = *chain == SimulatedChain::kCronosEvm ? units * kWeiABasecro : units;
  return id_of(world_, *chain, world_.pay(*chain, std::move(payment)));
}

void ChainBridge::paid(SimulatedChain chain, const ChainPayment& payment) {
  if (payment.token) return;  // the custodian takes CRO on its own chain alone
  for (CustodianAccount* account : accounts_) {
    for (const Coin coin : kCoins) {
      if (account->address(coin) != payment.to || chain_of(coin, payment.to) != chain) continue;
      account->arrive(coin, payment.amount, id_of(world_, chain, payment.number), world_.now());
    }
  }
}

}  // namespace navkeeper::sandbox
