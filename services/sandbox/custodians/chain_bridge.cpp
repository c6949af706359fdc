#include "services/sandbox/custodians/chain_bridge.h"

#include <algorithm>
#include <cctype>

#include "services/sandbox/chains/bitcoin_ledger.h"
#include "services/sandbox/chains/cronos_ledger.h"
#include "services/sandbox/chains/evm_ledger.h"

namespace navkeeper::sandbox {
namespace {

/// Cronos EVM counts CRO with 18 decimals, custodian and Cronos POS with 8.
constexpr money::Int128 kWeiABasecro = 10'000'000'000;

std::string id_of(const ChainWorld& world, SimulatedChain chain, std::uint64_t number) {
  if (chain == SimulatedChain::kBitcoin) return bitcoin_payment_id(world.seed(), number);
  if (chain != SimulatedChain::kCronosPos) return evm_payment_id(world.seed(), chain, number);
  return cronos_payment_id(world.seed(), number);
}

money::Int128 amount_on(SimulatedChain chain, money::Int128 units) {
  return chain == SimulatedChain::kCronosEvm ? units * kWeiABasecro : units;
}

/// One spelling, without the checksum.
std::string spelled(std::string address) {
  if (address.starts_with("0x"))
    std::transform(address.begin(), address.end(), address.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return address;
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
  payment.to = spelled(address);
  payment.amount = amount_on(*chain, units);
  return id_of(world_, *chain, world_.pay(*chain, std::move(payment)));
}

std::optional<std::string> ChainBridge::withdraw(const CustodianAccount& account, const Move& move) {
  if (!account.lies_on_chains()) return pay(move.coin, move.units, move.address);
  const auto chain = chain_of(move.coin, move.address);
  const auto home = chain_of(move.coin, account.address(move.coin));
  if (chain != home) {  // over a bridge between the chains, or where nobody sees it
    leave(account, move.coin, move.units + move.fee);
    return pay(move.coin, move.units, move.address);
  }
  ChainPayment payment;
  payment.from = account.address(move.coin);
  payment.to = spelled(move.address);
  payment.amount = amount_on(*chain, move.units);
  const std::string id = id_of(world_, *chain, world_.pay(*chain, std::move(payment)));
  // The miners' part of it is taken by the transactions themselves.
  leave(account, move.coin, *chain == SimulatedChain::kBitcoin ? move.fee - kBitcoinFee : move.fee);
  return id;
}

/// To the custodian's own purse.
void ChainBridge::leave(const CustodianAccount& account, Coin coin, money::Int128 units) {
  const auto chain = chain_of(coin, account.address(coin));
  ChainPayment payment;
  payment.from = account.address(coin);
  payment.amount = *chain == SimulatedChain::kBitcoin ? units - kBitcoinFee : amount_on(*chain, units);
  if (payment.amount > 0) world_.pay(*chain, std::move(payment));
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
