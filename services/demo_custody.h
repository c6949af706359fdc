#pragma once
// The custodian of the demonstration: a simulated exchange account on loopback, empty but for what the story
// sends there, that custody's own adapter reads and stores. Its clock is handed over here, in this process,
// as the market's is (demo_market.h).
#include <filesystem>
#include <memory>
#include <string>

#include "common/time/instant.h"

namespace navkeeper::db {
class Pool;
}

namespace navkeeper {

class DemoCustodian {
 public:
  /// `folder`: where its credentials file is written.
  DemoCustodian(db::Pool& custody, const std::filesystem::path& folder, std::uint64_t seed,
                time::Instant start);
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

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper
