#pragma once
// All simulated nodes on loopback: two of each chain, as different programs where there are two.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/sandbox/chains/chain_fault.h"
#include "services/sandbox/chains/chain_world.h"

namespace navkeeper::sandbox {

struct ChainNodeEndpoint {
  std::string node;  ///< "esplora", "bitcoind", "execution", "execution_2", "beacon", "beacon_2", "cronos",
                     ///< "cronos_2", "cronos_evm", "cronos_evm_2"
  SimulatedChain chain{};
  std::string url;
};

class CronosLedger;

class ChainNodes {
 public:
  /// Listens and starts. `next_port` gives each node's port (0: any free one). The world must outlive this.
  ChainNodes(ChainWorld& world, const std::string& address, const std::function<std::uint16_t()>& next_port);
  ~ChainNodes();
  ChainNodes(const ChainNodes&) = delete;
  ChainNodes& operator=(const ChainNodes&) = delete;

  const std::vector<ChainNodeEndpoint>& endpoints() const;
  /// Refuses (base::Refused) a node that is none.
  const std::string& url(const std::string& node) const;
  ChainFaultBoard& faults();
  ChainWorld& world() const;
  CronosLedger& cronos() const;  ///< the staking that both Cronos POS nodes show
  std::string bitcoin_genesis() const;
  std::string token_contract() const;  ///< on Ethereum, with 0x
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::sandbox
