#pragma once
// One simulated node: its view of its chain, and what goes wrong with it.
#include <memory>
#include <string>

#include "common/base/bytes.h"
#include "common/crypto/digest.h"
#include "common/http/router.h"
#include "common/json/value.h"
#include "common/money/units.h"
#include "services/sandbox/chains/chain_fault.h"
#include "services/sandbox/chains/chain_world.h"

namespace navkeeper::sandbox {

class ChainNode {
 public:
  ChainNode(std::string name, SimulatedChain chain, const ChainWorld& world, const ChainFaultBoard& faults)
      : name_(std::move(name)), chain_(chain), world_(world), faults_(faults) {}
  virtual ~ChainNode() = default;
  ChainNode(const ChainNode&) = delete;
  ChainNode& operator=(const ChainNode&) = delete;

  const std::string& name() const { return name_; }
  SimulatedChain chain() const { return chain_; }
  virtual void add_routes(http::Router& router) = 0;
  bool has(ChainFault fault) const { return faults_.active(name_, fault, world_.now()); }

 protected:
  const ChainWorld& world() const { return world_; }
  /// The newest block that this node has.
  std::uint64_t tip() const;
  /// What goes into a block's hash besides its place: other numbers make another chain.
  std::uint64_t variant(std::uint64_t height) const;
  /// An amount as this node shows it.
  money::Int128 shown(money::Int128 amount) const;
  /// How many of a list's entries this node shows.
  std::size_t shown_count(std::size_t count) const;

 private:
  std::string name_;
  SimulatedChain chain_;
  const ChainWorld& world_;
  const ChainFaultBoard& faults_;
};

constexpr std::uint64_t kForkBlocks = 300;

/// A JSON-RPC request's parts; an answer around a result or an error.
struct RpcCall {
  std::string id = "null";  ///< as a token
  std::string method;
  std::vector<json::Value> parameters;
};
/// Nothing when it is no request.
std::optional<RpcCall> parse_rpc(std::string_view body);
http::Response rpc_result(const RpcCall& call, const std::string& result);
http::Response rpc_error(const RpcCall& call, int code, std::string_view message, int status = 200);
/// The text of parameter `index`; "" when there is none.
std::string text_parameter(const RpcCall& call, std::size_t index);

/// The first bytes of a digest.
base::Bytes first_bytes(const crypto::Digest256& digest, std::size_t count);
std::string hex_quantity(unsigned __int128 value);  ///< "0x1b4"

std::unique_ptr<ChainNode> make_esplora(std::string name, const ChainWorld& world,
                                        const ChainFaultBoard& faults);
std::unique_ptr<ChainNode> make_bitcoind(std::string name, const ChainWorld& world,
                                         const ChainFaultBoard& faults);
std::unique_ptr<ChainNode> make_execution(std::string name, SimulatedChain chain, const ChainWorld& world,
                                          const ChainFaultBoard& faults);
std::unique_ptr<ChainNode> make_beacon(std::string name, const ChainWorld& world,
                                       const ChainFaultBoard& faults);
class CronosLedger;
std::unique_ptr<ChainNode> make_cronos(std::string name, const ChainWorld& world,
                                       const ChainFaultBoard& faults, const CronosLedger& ledger);

}  // namespace navkeeper::sandbox
