#pragma once
// The simulated custodians on loopback, and what a test or a person asks of them beside reading.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/http/server.h"
#include "services/sandbox/custodians/custodian.h"

namespace navkeeper::sandbox {

struct CustodianEndpoint {
  std::string custodian;  ///< "crypto_com", "coinbase_prime"
  std::string url;
  std::string account;  ///< account id, portfolio id
  SandboxKey key;
};

struct CustodianServersOptions {
  std::uint64_t seed = 0;
  time::Instant start;
  std::string address = "127.0.0.1";
  std::function<std::uint16_t()> next_port;  ///< 0: any free one
  std::optional<http::ServerTls> tls = {};
  std::uint16_t untrusted_port = 0;  ///< with TLS: where another authority's server listens
  bool empty_accounts = false;       ///< they hold what arrives, and nothing else
  ChainWorld* chains = nullptr;  ///< where withdrawals are paid and deposits come from; it must outlive this
};

class CustodianServers {
 public:
  /// Listens and starts. The clocks must outlive this.
  CustodianServers(const CustodianServersOptions& options, const time::Clock& world_clock,
                   const time::Clock& connection_clock);
  ~CustodianServers();
  CustodianServers(const CustodianServers&) = delete;
  CustodianServers& operator=(const CustodianServers&) = delete;

  const std::vector<CustodianEndpoint>& endpoints() const;
  CustodianFaultBoard& faults();
  /// Refuses (base::Refused) one that is none.
  Custodian& custodian(const std::string& name);
  /// POST /sandbox/v1/custodians/faults {"custodian","kind","seconds"}, DELETE ends all;
  /// POST /sandbox/v1/custodians/deposits {"custodian","coin","amount"[,"transaction"]}: paid on its chain
  /// and arrives from now on; with a transaction of the caller's it arrives without being on a chain; POST
  /// /sandbox/v1/custodians/completions {"custodian"}: all that was asked for ends well now.
  void add_controls(http::Router& router);
  /// "custodians": what a client needs to know of each.
  void write(json::Writer& writer) const;
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::sandbox
