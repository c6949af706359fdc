#pragma once
// Between the simulated custodians and the simulated chains: a withdrawal is paid on the chain that its
// address is of, and what is paid there to a custodian's address arrives at the custodian. An account that
// began empty has its coins at its own addresses: they leave from there, the custodian's fee too. One with a
// seeded past has them in the custodian's common purse, which is no address of anybody's.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/sandbox/chains/chain_world.h"
#include "services/sandbox/custodians/custodian_account.h"

namespace navkeeper::sandbox {

class ChainBridge {
 public:
  /// The world must outlive this, and be told of payments by one bridge alone.
  explicit ChainBridge(ChainWorld& world);
  ChainBridge(const ChainBridge&) = delete;
  ChainBridge& operator=(const ChainBridge&) = delete;

  /// `account` gets what is paid to its addresses from now on; it must outlive the world's last payment.
  /// Before any payment is made.
  void watch(CustodianAccount& account);
  /// Coins from outside to an address, now; the id that the chain knows it by. Nothing: no simulated chain
  /// has such addresses.
  std::optional<std::string> pay(Coin coin, money::Int128 units, const std::string& address);
  /// Pays out what was asked of the account, and its fee; likewise.
  std::optional<std::string> withdraw(const CustodianAccount& account, const Move& move);

 private:
  void leave(const CustodianAccount& account, Coin coin, money::Int128 units);
  void paid(SimulatedChain chain, const ChainPayment& payment);

  ChainWorld& world_;
  std::vector<CustodianAccount*> accounts_;
};

/// BTC: bitcoin; ETH: ethereum; CRO: cronos_pos for cro1..., cronos_evm for 0x...; nothing for any other
/// text.
std::optional<SimulatedChain> chain_of(Coin coin, std::string_view address);

}  // namespace navkeeper::sandbox
