#pragma once
// A year of the beacon chain with a fund's validators, from a seed: rewards and misses, sync committees,
// proposals, sweeps, deposits good and bad, partial withdrawals, exits, consolidations, switches to
// compounding, slashings, a leak, and the forks from Deneb to Gloas, some in the middle of a day. The chain
// keeps what it did to every validator by kind; the books are kept from two states and what a node tells
// between them, and must say the same to the Gwei.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/staking/domain/ether/ether_books.h"
#include "services/staking/domain/ether/registry.h"
#include "tests/simulation/random.h"

namespace navkeeper::simulation {

struct EtherYearSettings {
  std::uint64_t seed = 1;
  std::size_t validators = 10'000;
  int days = 365;
  std::uint64_t read_every = 225;  ///< epochs between two states, of which a day has 225
};

struct EtherYearResult {
  std::uint64_t states = 0;
  std::uint64_t validators = 0;  ///< at the end
  std::uint64_t roll_forwards = 0;
  std::uint64_t events = 0;
  std::map<staking::EventKind, std::uint64_t> kinds;  ///< how many events of each
  std::map<staking::EventKind, std::int64_t> gwei;    ///< and what they sum to
  std::uint64_t forks = 0;                            ///< seen inside an interval
  std::uint64_t slashed_before_a_fork = 0;            ///< in the interval of the fork
  std::vector<staking::ether::Interval> whole;        ///< of each validator, all intervals as one
  std::int64_t opening_gwei = 0, closing_gwei = 0;    ///< of the fund, pending deposits among them
  std::vector<std::string> faults;                    ///< the first of them, empty when all holds
};

class EtherYear {
 public:
  explicit EtherYear(const EtherYearSettings& settings);
  EtherYearResult run();

 private:
  using Gwei = staking::ether::Gwei;
  using Epoch = staking::ether::Epoch;
  using Interval = staking::ether::Interval;

  void begin();
  void epoch(Epoch now);
  void credit(Epoch now);
  void enter_fork(Epoch now);
  void finish_slashings(Epoch now);
  void act(Epoch now);
  void deposit(Epoch now);
  void slash(std::size_t index, Epoch now);
  void block(Epoch now);
  void propose(Epoch now);
  staking::ether::EtherReading read(Epoch now) const;
  void check(const staking::ether::EtherReading& from, const staking::ether::EtherReading& to);
  void check_fund(const staking::ether::EtherReading& to, const staking::ether::EtherBooks& books);
  void fault(const std::string& what);
  std::size_t any() { return random_.below(registry_.validators.size()); }
  bool electra() const { return registry_.rules.compounding; }

  EtherYearSettings settings_;
  Random random_;
  staking::ether::Registry registry_;
  std::vector<Interval> truth_;  ///< of the running interval, by validator
  staking::ether::EtherFlows flows_;
  std::vector<bool> offline_;
  std::vector<std::size_t> committee_;
  std::vector<std::size_t> slashed_;
  std::uint64_t withdrawals_ = 0;
  std::uint64_t deposits_ = 0;
  std::uint64_t keys_ = 0;
  std::size_t lost_ = 0;           ///< deposits lost in the running interval
  std::size_t newly_slashed_ = 0;  ///< likewise
  Gwei submitted_ = 0, lost_gwei_ = 0;
  bool leaks_ = false;
  EtherYearResult result_;
};

}  // namespace navkeeper::simulation
