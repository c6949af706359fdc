#pragma once
// What the funds of the demonstration have staked: CROYIELD on a simulated Cronos POS chain, read by
// staking's own adapter from two nodes on loopback; BTCETH with its simulated custodian, read by staking from
// what custody has of it. The clock is handed over here, in this process, as the market's is (demo_market.h).
#include <memory>
#include <string>

#include "common/time/instant.h"

namespace navkeeper::db {
class Pool;
}
namespace navkeeper::http {
class Router;
}
namespace navkeeper::sandbox {
class ChainWorld;
}
namespace navkeeper::staking {
struct Dependencies;
}
namespace navkeeper::time {
class Clock;
}

namespace navkeeper {

class DemoStaking {
 public:
  /// `custody` answers custody's routes; both must outlive this.
  DemoStaking(db::Pool& staking, http::Router& custody, std::uint64_t seed, time::Instant start);
  ~DemoStaking();
  DemoStaking(const DemoStaking&) = delete;
  DemoStaking& operator=(const DemoStaking&) = delete;

  /// Coins come from outside to an address of the chain, by basecro.
  void pay(const std::string& address, const std::string& basecro, time::Instant instant);
  void delegate(int validator, const std::string& basecro, time::Instant instant);
  /// Of what every validator owes the fund.
  void claim(time::Instant instant);
  void slash(int validator, const std::string& fraction, time::Instant instant);
  /// Reads the chain up to that instant, and the custodian's stakes as custody has them. Throws
  /// base::Unavailable when a reading was not whole.
  void read(time::Instant instant);
  /// Gives the roll-forwards of both funds the official prices of their days. Throws base::Unavailable where
  /// pricing does not answer.
  void price(const staking::Dependencies& with, time::Instant instant);
  /// Some blocks after that instant have come.
  void pass(time::Instant instant);

  const std::string& wallet() const;  ///< the fund's own address
  sandbox::ChainWorld& world();
  const time::Clock& clock() const;
  /// The chain's nodes as a table of custody's configuration.
  std::string chain_toml() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper
