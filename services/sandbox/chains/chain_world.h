#pragma once
// The chains of the simulated world: which transfers happen on each, when its blocks are made, and which of
// them were taken back. Blocks come at fixed intervals, so that any moment can be asked for; a transfer lies
// in the first block made at or after it. Deposits may be added while the world runs: the custodian's
// withdrawals and a test's payments go through pay().
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/money/decimal.h"
#include "common/time/clock.h"

namespace navkeeper::sandbox {

enum class SimulatedChain : std::uint8_t { kBitcoin, kEthereum, kCronosPos, kCronosEvm };
constexpr std::size_t kSimulatedChains = 4;
std::string_view name_of(SimulatedChain chain);  ///< "bitcoin", "ethereum", "cronos_pos", "cronos_evm"
/// Refuses (base::Refused) a name that is none.
SimulatedChain chain_named(std::string_view name);

struct BlockRhythm {
  std::uint64_t first = 0;  ///< height of the oldest block that can be asked for
  time::Instant first_at;
  time::Duration interval;
  std::uint64_t reorganised_max = 0;  ///< blocks that can be taken back at most
};

struct ChainPayment {
  std::string from;          ///< an address of the world, or empty: from outside
  std::string to;            ///< or empty: to outside
  money::Int128 amount = 0;  ///< in the chain's smallest unit: satoshi, wei, basecro (8 decimals), wei (18)
  time::Instant at = {};
  bool token = false;        ///< on Ethereum: CRO as ERC-20, 8 decimals
  bool internal = false;     ///< on an EVM: by a contract, so that no transaction of a block shows it
  std::uint64_t number = 0;  ///< of the payment on its chain, from 0
};

/// A chain took back blocks [first, last]; what lay in them comes again after `last`.
struct Reorganisation {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  time::Instant at;
};

/// A validator of the beacon chain that is slashed in the block of a slot.
struct BeaconSlashing {
  std::uint64_t validator = 0;
  std::uint64_t slot = 0;
};

/// A validator of the fleet does none of its duties from a slot on: it attests nothing, proposes nothing, is
/// silent on the sync committee.
struct BeaconOutage {
  std::uint64_t validator = 0;  ///< 0: all of the fleet
  std::uint64_t from = 0;
  std::uint64_t until = 0;  ///< not included
};

class ChainWorld {
 public:
  /// `clock` shows the world's time and must outlive this; `start` is where the world begins, some days of
  /// history lie before it.
  ChainWorld(std::uint64_t seed, time::Instant start, const time::Clock& clock);

  std::uint64_t seed() const { return seed_; }
  time::Instant now() const { return clock_.now(); }
  const BlockRhythm& rhythm(SimulatedChain chain) const { return rhythms_[static_cast<std::size_t>(chain)]; }
  std::uint64_t tip(SimulatedChain chain) const;
  time::Instant time_of(SimulatedChain chain, std::uint64_t height) const;

  /// The fund's own addresses on a chain.
  const std::vector<std::string>& addresses(SimulatedChain chain) const {
    return addresses_[static_cast<std::size_t>(chain)];
  }
  /// All payments until now, oldest first.
  std::vector<ChainPayment> payments(SimulatedChain chain) const;
  /// In which block a payment lies for who looks now; nothing: it waits.
  std::optional<std::uint64_t> height_of(SimulatedChain chain, const ChainPayment& payment) const;

  /// Happens now, and its number.
  std::uint64_t pay(SimulatedChain chain, ChainPayment payment);
  /// Told of every payment made from now on, after it stands. Before any is made.
  void on_payment(std::function<void(SimulatedChain, const ChainPayment&)> told) { told_ = std::move(told); }
  /// Takes back the newest `depth` blocks, now. Refuses (base::Refused) more than the chain ever takes back.
  void reorganise(SimulatedChain chain, std::uint64_t depth);
  /// Which of several blocks at one height is the chain's: a number that goes into its hash.
  std::uint64_t variant(SimulatedChain chain, std::uint64_t height) const;
  /// Slashes a validator in the next slot's block, and gives that slot.
  std::uint64_t slash(std::uint64_t validator);
  std::vector<BeaconSlashing> beacon_slashings() const;
  /// From the next slot on for so many slots; gives that slot.
  std::uint64_t keep_away(std::uint64_t validator, std::uint64_t slots);
  std::vector<BeaconOutage> beacon_outages() const;
  /// Changes whenever blocks were taken back.
  std::size_t generation(SimulatedChain chain) const;

 private:
  std::uint64_t next_slot() const;
  std::optional<std::uint64_t> first_block_after(SimulatedChain chain, time::Instant at) const;

  std::uint64_t seed_;
  const time::Clock& clock_;
  std::vector<BlockRhythm> rhythms_;
  std::vector<std::vector<std::string>> addresses_;
  mutable std::mutex mutex_;
  std::vector<std::vector<ChainPayment>> payments_;
  std::vector<std::vector<Reorganisation>> reorganisations_;
  std::function<void(SimulatedChain, const ChainPayment&)> told_;
  std::vector<BeaconSlashing> slashings_;
  std::vector<BeaconOutage> outages_;
};

/// 20 bytes that stand for `name` in this world, as hexadecimal.
std::string account_hex(std::uint64_t seed, std::string_view name);

}  // namespace navkeeper::sandbox
