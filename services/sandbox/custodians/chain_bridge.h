#pragma once
// Between the simulated custodians and the simulated chains: a withdrawal is paid on the chain that its
// address is of, and what is paid there to a custodian's address arrives at the custodian.
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
  /// has such addresses. A custodian pays from its common purse, which is no address of anybody's.
  std::optional<std::string> pay(Coin coin, money::Int128 units, const std::string& address);

 private:
  void paid(SimulatedChain chain, const ChainPayment& payment);

  ChainWorld& world_;
  std::vector<CustodianAccount*> accounts_;
};

/// BTC: bitcoin; ETH: ethereum; CRO: cronos_pos for cro1..., cronos_evm for 0x...; nothing for any other
/// text.
std::optional<SimulatedChain> chain_of(Coin coin, std::string_view address);

}  // namespace navkeeper::sandbox
