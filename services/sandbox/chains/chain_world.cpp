#include "services/sandbox/chains/chain_world.h"

#include <algorithm>
#include <array>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/crypto/bech32.h"
#include "common/crypto/hash.h"
#include "services/sandbox/dice.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::array<std::string_view, kSimulatedChains> kNames{"bitcoin", "ethereum", "cronos_pos",
                                                                "cronos_evm"};
constexpr std::size_t kAddressesEach = 3;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
/// Mainnet's beacon chain: slot times follow from it (consensus-specs, configs/mainnet.yaml, plus delay).
constexpr std::int64_t kBeaconGenesisSecond = 1'606'824'023;
constexpr std::int64_t kSlotSeconds = 12;

std::size_t index_of(SimulatedChain chain) { return static_cast<std::size_t>(chain); }

std::string bech32_address(std::string prefix, int version, const std::string& account) {
  base::Bytes words;
  if (version >= 0) words.push_back(static_cast<std::uint8_t>(version));
  const base::Bytes program = crypto::to_words(*base::from_hex(account));
  words.insert(words.end(), program.begin(), program.end());
  return *crypto::write_bech32({crypto::Bech32Kind::kBech32, std::move(prefix), words});
}

std::string address_on(SimulatedChain chain, const std::string& account) {
  switch (chain) {
    case SimulatedChain::kBitcoin:
      return bech32_address("bc", 0, account);
    case SimulatedChain::kCronosPos:
      return bech32_address("cro", -1, account);
    case SimulatedChain::kEthereum:
    case SimulatedChain::kCronosEvm:
      return "0x" + account;
  }
  return {};
}

/// The start of the beacon slot at or before `at`, `slots` earlier.
time::Instant slot_before(time::Instant at, std::int64_t slots) {
  const std::int64_t second = at.ns() / kNsPerSecond - kBeaconGenesisSecond;
  return time::Instant::from_ns((kBeaconGenesisSecond + (second / kSlotSeconds - slots) * kSlotSeconds) *
                                kNsPerSecond);
}

/// What a payment of the seeded past is worth: between a tenth of a coin and ten.
money::Int128 some_amount(Dice& dice, int decimals) {
  money::Int128 unit = 1;
  for (int i = 0; i < decimals - 6; ++i) unit *= 10;
  return dice.between(100'000, 10'000'000) * unit + dice.between(0, 999);
}

}  // namespace

std::string_view name_of(SimulatedChain chain) { return kNames[index_of(chain)]; }

SimulatedChain chain_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end())
    base::refuse("chain " + std::string(name), "must be bitcoin, ethereum, cronos_pos or cronos_evm");
  return static_cast<SimulatedChain>(found - kNames.begin());
}

std::string account_hex(std::uint64_t seed, std::string_view name) {
  const auto digest = crypto::sha256(std::to_string(seed) + "/" + std::string(name));
  return base::to_hex(std::span(digest).first(20));
}

ChainWorld::ChainWorld(std::uint64_t seed, time::Instant start, const time::Clock& clock)
    : seed_(seed), clock_(clock), payments_(kSimulatedChains), reorganisations_(kSimulatedChains) {
  rhythms_ = {{900'000, start - time::Duration::hours(480), time::Duration::seconds(600), 4},
              {24'000'000, slot_before(start, 3'600), time::Duration::seconds(kSlotSeconds), 8},
              {30'000'000, start - time::Duration::hours(6), time::Duration::seconds(6), 0},
              {60'000'000, start - time::Duration::hours(6), time::Duration::seconds(6), 0}};
  constexpr std::array kDecimals{8, 18, 8, 18};
  constexpr std::array<std::int64_t, kSimulatedChains> kPast{70, 12, 12, 12};
  for (std::size_t chain = 0; chain < kSimulatedChains; ++chain) {
    auto& addresses = addresses_.emplace_back();
    for (std::size_t i = 0; i < kAddressesEach; ++i)
      addresses.push_back(
          address_on(static_cast<SimulatedChain>(chain),
                     account_hex(seed, std::string(kNames[chain]) + "/" + std::to_string(i))));
    // Payments of the past to the first two addresses, every fourth one out again; the third stays empty.
    Dice dice = Dice::at({seed, 77, chain});
    const std::int64_t span_s = (start - rhythms_[chain].first_at).ns() / kNsPerSecond;
    for (std::int64_t i = 0; i < kPast[chain]; ++i) {
      const std::string& address = addresses[static_cast<std::size_t>(i) % 2];
      ChainPayment payment{
          "",
          address,
          some_amount(dice, kDecimals[chain]),
          rhythms_[chain].first_at + time::Duration::seconds(span_s * (i + 1) / (kPast[chain] + 4)),
          false,
          false,
          static_cast<std::uint64_t>(i)};
      if (i % 4 == 3) {
        std::swap(payment.from, payment.to);
        payment.amount = payment.amount / 40;
      }
      payment.token = chain == index_of(SimulatedChain::kEthereum) && i % 3 == 2;
      if (payment.token) payment.amount = payment.from.empty() ? dice.between(1, 1'000'000) * 100'000'000 : 5;
      payments_[chain].push_back(payment);
    }
  }
}

std::uint64_t ChainWorld::tip(SimulatedChain chain) const {
  const BlockRhythm& rhythm = rhythms_[index_of(chain)];
  const std::int64_t since = (now() - rhythm.first_at).ns() / rhythm.interval.ns();
  return rhythm.first + static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0));
}

time::Instant ChainWorld::time_of(SimulatedChain chain, std::uint64_t height) const {
  const BlockRhythm& rhythm = rhythms_[index_of(chain)];
  return rhythm.first_at + rhythm.interval * static_cast<std::int64_t>(height - rhythm.first);
}

std::vector<ChainPayment> ChainWorld::payments(SimulatedChain chain) const {
  const std::lock_guard lock(mutex_);
  return payments_[index_of(chain)];
}

std::optional<std::uint64_t> ChainWorld::first_block_after(SimulatedChain chain, time::Instant at) const {
  const BlockRhythm& rhythm = rhythms_[index_of(chain)];
  const std::int64_t since = std::max<std::int64_t>((at - rhythm.first_at).ns(), 0);
  const std::uint64_t height =
      rhythm.first + static_cast<std::uint64_t>((since + rhythm.interval.ns() - 1) / rhythm.interval.ns());
  return height <= tip(chain) ? std::optional(height) : std::nullopt;
}

std::optional<std::uint64_t> ChainWorld::height_of(SimulatedChain chain, const ChainPayment& payment) const {
  auto height = first_block_after(chain, payment.at);
  const std::lock_guard lock(mutex_);
  for (const Reorganisation& back : reorganisations_[index_of(chain)]) {
    if (height && *height >= back.first && *height <= back.last) height = back.last + 1;
  }
  if (height && *height > tip(chain)) return std::nullopt;
  return height;
}

std::uint64_t ChainWorld::pay(SimulatedChain chain, ChainPayment payment) {
  {
    const std::lock_guard lock(mutex_);
    auto& payments = payments_[index_of(chain)];
    payment.number = payments.size();
    payment.at = now();
    payments.push_back(payment);
  }
  if (told_) told_(chain, payment);
  return payment.number;
}

void ChainWorld::reorganise(SimulatedChain chain, std::uint64_t depth) {
  const std::uint64_t most = rhythms_[index_of(chain)].reorganised_max;
  if (depth == 0 || depth > most)
    base::refuse("depth", std::string(name_of(chain)) + " takes back from 1 to " + std::to_string(most) +
                              " blocks (none: 0)");
  const std::uint64_t last = tip(chain);
  const std::lock_guard lock(mutex_);
  reorganisations_[index_of(chain)].push_back({last + 1 - depth, last, now()});
}

std::uint64_t ChainWorld::next_slot() const {
  const std::int64_t second =
      time_of(SimulatedChain::kEthereum, tip(SimulatedChain::kEthereum)).ns() / kNsPerSecond;
  return static_cast<std::uint64_t>((second - kBeaconGenesisSecond) / kSlotSeconds) + 1;
}

std::uint64_t ChainWorld::keep_away(std::uint64_t validator, std::uint64_t slots) {
  const std::uint64_t slot = next_slot();
  const std::lock_guard lock(mutex_);
  outages_.push_back({validator, slot, slot + slots});
  return slot;
}

std::vector<BeaconOutage> ChainWorld::beacon_outages() const {
  const std::lock_guard lock(mutex_);
  return outages_;
}

std::uint64_t ChainWorld::slash(std::uint64_t validator) {
  const std::uint64_t slot = next_slot();
  const std::lock_guard lock(mutex_);
  slashings_.push_back({validator, slot});
  return slot;
}

std::vector<BeaconSlashing> ChainWorld::beacon_slashings() const {
  const std::lock_guard lock(mutex_);
  return slashings_;
}

std::uint64_t ChainWorld::variant(SimulatedChain chain, std::uint64_t height) const {
  const std::lock_guard lock(mutex_);
  const auto& all = reorganisations_[index_of(chain)];
  return static_cast<std::uint64_t>(std::count_if(
      all.begin(), all.end(),
      [height](const Reorganisation& back) { return height >= back.first && height <= back.last; }));
}

std::size_t ChainWorld::generation(SimulatedChain chain) const {
  const std::lock_guard lock(mutex_);
  return reorganisations_[index_of(chain)].size();
}

}  // namespace navkeeper::sandbox
