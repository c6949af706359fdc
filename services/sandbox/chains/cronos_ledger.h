#pragma once
// The staking of the simulated Cronos POS chain: validators, delegations, rewards block by block, and what
// people and faults do. Written from the Cosmos SDK's own modules (x/distribution, x/staking, x/slashing)
// with every reward period kept, as the chain keeps them. Any height can be asked for again.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/json/value.h"
#include "common/money/decimal.h"
#include "services/sandbox/chains/chain_world.h"

namespace navkeeper::sandbox {

inline constexpr money::Int128 kBasecroPerCro = 100'000'000;

struct CronosAct {
  std::string kind;       ///< delegate, undelegate, redelegate, cancel_unbonding, claim, slash, jail, unjail,
                          ///< tombstone, down (it signs no block from here on), up, parameter
  std::string delegator;  ///< of the first five
  int validator = 0;      ///< number, from 1
  int destination = 0;    ///< of a redelegation
  money::Int128 amount = 0;      ///< basecro
  money::Decimal fraction = {};  ///< of a slash
  std::uint64_t infraction_height =
      0;  ///< of a slash; 0: this block. Of a canceled unbonding: where it began
  std::string parameter = {};
  std::string value = {};
  time::Instant at = {};
};

struct CronosDelegation {
  money::Decimal shares;
  std::uint64_t start_period = 0;
  money::Decimal start_stake;
  std::uint64_t start_height = 0;
};

struct CronosSlash {
  std::uint64_t period;
  money::Decimal fraction;
  std::uint64_t height;
};

struct CronosValidator {
  money::Int128 tokens = 0;
  money::Decimal shares;
  money::Decimal commission_rate;
  money::Decimal commission;  ///< accumulated
  bool jailed = false;
  bool tombstoned = false;
  time::Instant jailed_until = {};  ///< of one that missed too many blocks
  /// Blocks that it did not sign since it was last jailed, first to last; the last open while it is down.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> missed = {};
  bool is_down = false;
  /// Of the window's last blocks up to `height`.
  std::uint64_t missed_of(std::uint64_t window, std::uint64_t height) const;
  money::Decimal current;              ///< rewards of the running period
  std::vector<money::Decimal> ratios;  ///< of the periods that ended, from period 0
  std::vector<CronosSlash> slashes;
  std::map<std::string, CronosDelegation> delegations;
  std::uint64_t period() const { return ratios.size(); }  ///< the one that runs
};

struct CronosEntry {
  std::string delegator;
  int validator = 0;
  int destination = 0;  ///< of a redelegation
  std::uint64_t height = 0;
  time::Instant completes_at;
  money::Int128 initial = 0;
  money::Int128 balance = 0;
  money::Decimal shares;  ///< of the destination
};

struct CronosState {
  std::uint64_t height = 0;
  std::map<int, CronosValidator> validators;
  std::vector<CronosEntry> unbondings;
  std::vector<CronosEntry> redelegations;
  std::map<std::string, money::Int128> bank;  ///< what staking added to or took from an address
  std::map<std::string, std::string> parameters;

  money::Int128 delegated(const std::string& delegator, int validator) const;
  money::Decimal rewards(const std::string& delegator, int validator) const;
};

using CronosAttributes = std::vector<std::pair<std::string, std::string>>;
struct CronosEvent {
  std::string type;
  CronosAttributes attributes;
};
struct CronosBlockLog {
  struct Transaction {
    int code = 0;
    std::vector<CronosEvent> events;
    std::string hash = {};  ///< of a payment; empty: of its place
  };
  std::vector<CronosEvent> begin;
  std::vector<Transaction> transactions;
  std::vector<CronosEvent> end;
};

/// The id of the transaction that a payment of the world is.
std::string cronos_payment_id(std::uint64_t seed, std::uint64_t number);

/// Safe to share.
class CronosLedger {
 public:
  explicit CronosLedger(const ChainWorld& world);

  /// Happens in the next block. Refuses (base::Refused) what no chain would take up: an unknown validator,
  /// kind or parameter. What the chain itself refuses becomes a failed transaction.
  void act(CronosAct act);

  CronosState state_at(std::uint64_t height) const;
  CronosBlockLog block(std::uint64_t height) const;
  /// Blocks from `first` to `last` in which more than allocation happened.
  std::vector<std::uint64_t> busy_heights(std::uint64_t first, std::uint64_t last) const;

  std::string validator_address(int number) const;  ///< crocncl1…
  std::string consensus_key(int number) const;      ///< base64 of 32 bytes
  std::string consensus_address(int number) const;  ///< crocnclcons1…
  /// What payments alone leave at an address.
  money::Int128 paid_in(const std::string& address, std::uint64_t height) const;
  /// Payments that lie in blocks `first` to `last` and moved what they say, with their heights.
  std::vector<std::pair<std::uint64_t, ChainPayment>> payments(std::uint64_t first, std::uint64_t last) const;

 private:
  struct Replay;
  CronosState genesis() const;

  const ChainWorld& world_;
  mutable std::mutex mutex_;
  std::vector<CronosAct> acts_;
};

/// What a year of blocks mints, in basecro: each block's rewards are new coins.
money::Decimal cronos_annual_provisions();

/// A module's account, and the tier positions of the fund.
std::string cronos_module(std::string_view name);
struct CronosTierPosition {
  std::uint64_t id;
  int owner;
  money::Int128 amount;
  money::Int128 bonus;
  bool exiting;
};
const std::vector<CronosTierPosition>& cronos_tier_positions();
std::string cronos_tier_address(const CronosTierPosition& position);

}  // namespace navkeeper::sandbox
