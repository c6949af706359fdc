#pragma once
// The simulated outside world, running: a clock, the venues on loopback, a control endpoint, and the truth
// (what the venues printed) to compare with what arrived; beside the venues the nodes of the chains.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/sandbox/chains/chain_nodes.h"
#include "services/sandbox/fault.h"
#include "services/sandbox/simulated_trades.h"

namespace navkeeper::sandbox {

class CustodianServers;

constexpr std::uint64_t kDefaultSeed = 20260213;

struct SandboxOptions {
  std::uint64_t seed = kDefaultSeed;
  time::Instant start;                                ///< of the world; the world's clock should show it
  time::Instant until = time::Instant::latest();      ///< nothing happens in the world from here on
  time::Duration history = time::Duration::hours(1);  ///< so much further back the venues' tapes reach
  std::string address = "127.0.0.1";                  ///< loopback only
  std::uint16_t port = 0;       ///< of the control endpoint; the venues take the next ones; 0: any free ones
  std::string tls_folder = {};  ///< not empty: TLS, with an authority made here and written there as ca.pem
  std::vector<FaultSpan> faults = {};
  std::string truth_file = {};  ///< not empty: every trade printed, as a canonical trade file
  std::int64_t activity = 1;    ///< so many times the usual number of trades
  bool custodians = false;      ///< the custodians too, on the ports behind the others
  bool empty_accounts = false;  ///< their accounts hold what arrives there from now on, and nothing else
  bool chains = false;          ///< the nodes of the chains too, on the ports behind the venues'
};

struct VenueEndpoint {
  std::string venue;   ///< "coinbase"; "coinbase_advanced" is Coinbase's second interface, for books
  std::string socket;  ///< "ws://127.0.0.1:4321", without the venue's path
  std::string rest;    ///< "http://127.0.0.1:4322"
};

class Sandbox {
 public:
  /// Starts everything. `world_clock` is what the world's time follows; `connection_clock` measures
  /// heartbeats, time-outs and rate limits. Throws base::Refused for options that cannot be,
  /// base::Unavailable when a port is taken.
  Sandbox(SandboxOptions options, const time::Clock& world_clock, const time::Clock& connection_clock);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  std::vector<VenueEndpoint> endpoints() const;
  const VenueEndpoint& endpoint(const std::string& venue) const;
  std::string control_url() const;
  std::string ca_file() const;  ///< empty without TLS
  FaultBoard& faults();
  /// The custodians; nullptr when they were not asked for.
  CustodianServers* custodians();
  /// The nodes of the chains; nullptr when they were not asked for.
  ChainNodes* chains();
  /// What the venues printed in [from, until), in order of time, as far as they remember (a day).
  std::vector<SimulatedTrade> truth(time::Instant from, time::Instant until) const;
  std::uint64_t messages_sent() const;
  /// Everything up to `until` has happened.
  bool finished() const;
  /// {"control":…,"seed":…,"start":…,"venues":[{"venue":…,"socket":…,"rest":…}]…}
  std::string to_json() const;
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::sandbox
