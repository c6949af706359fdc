#pragma once
// Where the coins of the demonstration lie and what becomes of them each day: BTCETH's with a simulated
// exchange; CROYIELD's in an account of its own there, whose address lies on a simulated Cronos chain, and in
// the fund's own wallet on that chain, which delegates. Custody and staking read all of it before each
// strike.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/http/router.h"
#include "common/runtime/command.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "services/composition.h"
#include "services/demo_custody.h"
#include "services/demo_staking.h"

namespace navkeeper {

/// 16:00 in New York, when both funds are valued.
time::Instant demo_strike(time::Date day);

class DemoCoins {
 public:
  /// Runs a command of the story; `is_told`: and shows it.
  using Run = std::function<void(const std::vector<std::string>& words, bool is_told)>;

  struct Days {
    time::Date funded;   ///< the bitcoin arrives with BTCETH's custodian
    time::Date arrived;  ///< the ether does, and a part of it is staked there
    time::Date first;    ///< the coins of CROYIELD arrive, and two fifteenths are delegated
    time::Date slashed;  ///< one of CROYIELD's validators is
  };

  /// Files are written to `folder`.
  DemoCoins(const runtime::CommandContext& context, Composition& composition, std::filesystem::path folder,
            std::uint64_t seed, Days days, Run run, std::ostream& story);
  ~DemoCoins();
  DemoCoins(const DemoCoins&) = delete;
  DemoCoins& operator=(const DemoCoins&) = delete;

  /// What happens until the valuation of a day, read by custody and staking; what was earned goes into both
  /// funds' books. Days come in order.
  void live(time::Date day);
  /// From here on both accounts state a thousandth too little; or no longer.
  void misstate(bool is_short);
  void read_custodians(time::Instant instant);

  /// The transaction that brings the ether.
  static std::string ether_sent();
  /// Custody's configuration of CROYIELD: its account, both addresses, the chain's nodes.
  const std::string& config_file() const { return config_file_; }

 private:
  void begin();
  void earn_with_custodian(time::Date day);
  void earn_on_chain(time::Date day);

  Composition& composition_;
  std::filesystem::path folder_;
  std::uint64_t seed_;
  Days days_;
  Run run_;
  std::ostream& story_;
  std::string config_file_;
  runtime::CommandContext with_config_;
  std::unique_ptr<DemoCustodian> btceth_;
  http::Router custody_routes_;
  std::unique_ptr<DemoStaking> chain_;
  std::unique_ptr<DemoCustodian> croyield_;
  std::unique_ptr<Composition> configured_;  ///< by config_file_
  time::Date rewarded_;                      ///< the last day whose reward of BTCETH's custodian was paid
};

}  // namespace navkeeper
