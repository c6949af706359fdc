#pragma once
// The custodian of a fund of the demonstration: a simulated exchange account on loopback, empty but for what
// the story sends there, that custody's own adapter reads and stores. Its clock is handed over here, in this
// process, as the market's is (demo_market.h).
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "common/time/instant.h"

namespace navkeeper::db {
class Pool;
}

namespace navkeeper::custody {
struct Settings;
}
namespace navkeeper::sandbox {
class ChainWorld;
}
namespace navkeeper::time {
class Clock;
}

namespace navkeeper {

struct DemoCustodianOptions {
  std::string fund;
  std::filesystem::path folder;  ///< where its credentials file is written
  std::uint64_t seed = 0;
  time::Instant start;
  /// What is paid there to the account's addresses arrives in it; null: no chain. It must outlive this.
  sandbox::ChainWorld* chains = nullptr;
};

class DemoCustodian {
 public:
  DemoCustodian(db::Pool& custody, const DemoCustodianOptions& options);
  ~DemoCustodian();
  DemoCustodian(const DemoCustodian&) = delete;
  DemoCustodian& operator=(const DemoCustodian&) = delete;

  /// Sent at `sent`, at the custodian 25 minutes later. `coins` is whole coins.
  void send(const std::string& coin, const std::string& coins, const std::string& transaction,
            time::Instant sent);
  /// Of the free coins; staked 40 minutes later.
  void stake(const std::string& coin, const std::string& coins, time::Instant asked);
  /// What that many staked coins earn, in free ones.
  void reward(const std::string& coin, const std::string& coins, const std::string& staked,
              time::Instant paid);
  /// From here on a thousandth of every balance is missing; or no longer.
  void misstate(bool is_short);
  /// Reads everything as of that instant, never earlier than before. Throws base::Unavailable when the
  /// reading was not whole.
  void read(time::Instant instant);
  /// Where the account takes a coin on its chain.
  std::string address(const std::string& coin) const;
  /// The account as a table of custody's configuration.
  std::string settings_toml() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Reads the fund's addresses on the chains of the configuration at the last block made at or before `at`, as
/// `custody sync --at` does, and stores what they say. Throws base::Unavailable when it is not sure.
void read_demo_chains(db::Pool& custody, const custody::Settings& settings, const time::Clock& clock,
                      time::Instant at);

}  // namespace navkeeper
