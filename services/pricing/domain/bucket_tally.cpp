#include "services/pricing/domain/bucket_tally.h"

#include <algorithm>
#include <array>
#include <bit>

#include "common/base/ensure.h"

namespace navkeeper::pricing {
namespace {

/// 512 KiB of buckets: half of a core's second-level cache. A key must fit 16 bits.
constexpr std::size_t kBuckets = 32'768;
constexpr std::size_t kBucketsACellMin = 32;
constexpr std::size_t kCellsMax = kBuckets / kBucketsACellMin;
constexpr std::size_t kTradesMin = 4'096;
/// Trades looked at together; a position in a block fits 16 bits.
constexpr std::size_t kBlock = 4'096;
/// Lists up to this length are sorted, longer ones are cut down first.
constexpr std::ptrdiff_t kSortMax = 64;

/// time offset / width by one multiplication.
struct Divider {
  explicit Divider(std::int64_t divisor)
      : width(static_cast<std::uint64_t>(divisor)), inverse(width == 1 ? 0 : ~std::uint64_t{0} / width + 1) {}
  std::size_t operator()(std::uint64_t offset) const {
    if (inverse == 0) return offset;
    // inverse exceeds 2^64 / width by less than one, so the estimate exceeds the quotient by at most one.
    const auto estimate = static_cast<std::uint64_t>((static_cast<money::Uint128>(offset) * inverse) >> 64);
    return estimate - static_cast<std::size_t>(estimate * width > offset);
  }
  std::uint64_t width;
  std::uint64_t inverse;
};

/// The first price, in order, up to which at least half of `total` lies; `below` is what lies before the
/// list. Reorders the list; expected time is linear in it.
template <class PriceSize>
std::int64_t weighted_median(std::vector<PriceSize>& list, std::uint64_t below, std::uint64_t total) {
  const auto cheaper = [](const PriceSize& a, const PriceSize& b) { return a.price < b.price; };
  auto first = list.begin();
  auto last = list.end();
  while (last - first > kSortMax) {
    const auto middle = first + (last - first) / 2;
    std::nth_element(first, middle, last, cheaper);
    std::uint64_t left = 0;
    for (auto it = first; it != middle; ++it) left += static_cast<std::uint64_t>(it->size);
    if (2 * (below + left) >= total) {
      last = middle;
    } else {
      below += left;
      first = middle;
    }
  }
  std::sort(first, last, cheaper);
  for (auto it = first; it != last; ++it) {
    below += static_cast<std::uint64_t>(it->size);
    if (2 * below >= total) return it->price;
  }
  ENSURE(false);
}

}  // namespace

bool BucketTally::worthwhile(std::size_t trades, std::size_t cells) {
  return trades >= kTradesMin && cells <= kCellsMax;
}

BucketTally::BucketTally(const NarrowTrades& trades, const Window& window, TallyOptions options)
    : trades_(trades),
      window_(window),
      options_(options),
      keys_(std::make_unique_for_overwrite<std::uint16_t[]>(trades.time_ns.size())) {
  const std::size_t cells = static_cast<std::size_t>(window.partitions) * options.venues;
  ENSURE(cells > 0 && cells <= kCellsMax);
  // Few trades are not worth many buckets: there are about as many buckets as trades.
  const std::size_t buckets = std::min(kBuckets, std::max(trades.time_ns.size(), cells * kBucketsACellMin));
  bucket_bits_ = static_cast<unsigned>(std::bit_width(buckets / cells) - 1);
  const auto range = static_cast<std::uint64_t>(trades.price_highest - trades.price_lowest);
  const auto range_bits = static_cast<unsigned>(std::bit_width(range));
  price_shift_ = range_bits > bucket_bits_ ? range_bits - bucket_bits_ : 0;
  buckets_.resize(cells << bucket_bits_);
  notional_.resize(cells);
  if (options.statistic == Statistic::kVwap) {
    fill<true>();
  } else {
    fill<false>();
  }
}

template <bool kNotional>
void BucketTally::fill() {
  const std::size_t count = trades_.time_ns.size();
  const std::int64_t* const time_ns = trades_.time_ns.data();
  const std::int64_t* const price = trades_.price.data();
  const std::int64_t* const size = trades_.size.data();
  const std::uint8_t* const venue = trades_.venue.data();
  Bucket* const buckets = buckets_.data();
  std::uint16_t* const keys = keys_.get();
  const Divider partition_of(window_.width_ns());
  const std::int64_t start_ns = window_.start_ns;
  const std::int64_t lowest = trades_.price_lowest;
  const std::size_t venues = options_.venues;
  const unsigned bits = bucket_bits_;
  const unsigned shift = price_shift_;
  // A tape is nearly in the order of time: most trades lie in the partition of the one before, and need no
  // division.
  std::uint64_t partition_start = 0;
  std::size_t first_cell = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto offset = static_cast<std::uint64_t>(time_ns[i] - start_ns);
    if (offset - partition_start >= partition_of.width) {
      const std::size_t partition = partition_of(offset);
      partition_start = partition * partition_of.width;
      first_cell = partition * venues;
    }
    const std::size_t cell = first_cell + venue[i];
    const std::size_t key = (cell << bits) | (static_cast<std::uint64_t>(price[i] - lowest) >> shift);
    buckets[key].sums += Sums{static_cast<std::uint64_t>(size[i]), 1};
    keys[i] = static_cast<std::uint16_t>(key);
    if constexpr (kNotional) notional_[cell] += static_cast<money::Int128>(price[i]) * size[i];
  }
}

void BucketTally::add_cell(std::vector<Bucket>& sum, GroupType& group, std::size_t cell) const {
  const Bucket* const from = buckets_.data() + (cell << bucket_bits_);
  for (std::size_t bucket = 0; bucket < sum.size(); ++bucket) {
    sum[bucket].sums += from[bucket].sums;
  }
  group.notional += notional_[cell];
}

BucketTally::Target BucketTally::target_of(const std::vector<Bucket>& sum, GroupType group,
                                           bool median) const {
  std::uint64_t volume = 0;
  for (const Bucket& bucket : sum) {
    volume += bucket.volume();
    group.trades += bucket.trades();
  }
  group.volume = volume;
  Target target{group, 0, SIZE_MAX, {}};
  if (group.trades == 0 || !median) return target;
  std::uint64_t cumulative = 0;
  for (target.bucket = 0; 2 * (cumulative + sum[target.bucket].volume()) < volume; ++target.bucket) {
    cumulative += sum[target.bucket].volume();
  }
  target.below = cumulative;
  target.members.reserve(sum[target.bucket].trades());
  return target;
}

std::vector<BucketTally::Target> BucketTally::venue_targets() const {
  std::vector<Target> targets;
  for (std::size_t venue = 0; venue < options_.venues; ++venue) {
    std::vector<Bucket> sum(std::size_t{1} << bucket_bits_);
    GroupType group;
    for (std::size_t partition = 0; partition < static_cast<std::size_t>(window_.partitions); ++partition) {
      add_cell(sum, group, cell(partition, venue));
    }
    targets.push_back(target_of(sum, group, true));
  }
  return targets;
}

std::vector<BucketTally::Target> BucketTally::partition_targets(const std::vector<bool>& excluded) const {
  const bool median = options_.statistic == Statistic::kVolumeWeightedMedian;
  std::vector<Target> targets;
  for (std::size_t partition = 0; partition < static_cast<std::size_t>(window_.partitions); ++partition) {
    std::vector<Bucket> sum(std::size_t{1} << bucket_bits_);
    GroupType group;
    for (std::size_t venue = 0; venue < options_.venues; ++venue) {
      if (!excluded[venue]) add_cell(sum, group, cell(partition, venue));
    }
    targets.push_back(target_of(sum, group, median));
  }
  return targets;
}

/// Picks the trades in the targets' buckets, a few in a hundred.
void BucketTally::collect(std::vector<Target>& venues, std::vector<Target>& partitions,
                          const std::vector<bool>& excluded) const {
  std::vector<std::uint64_t> wanted(std::max<std::size_t>(buckets_.size() / 64, 1) + 1);
  const auto want = [&](std::size_t cell, std::size_t bucket) {
    if (bucket == SIZE_MAX) return;
    const std::size_t key = (cell << bucket_bits_) | bucket;
    wanted[key / 64] |= std::uint64_t{1} << (key % 64);
  };
  for (std::size_t partition = 0; partition < partitions.size(); ++partition) {
    for (std::size_t venue = 0; venue < options_.venues; ++venue) {
      if (!excluded[venue]) want(cell(partition, venue), partitions[partition].bucket);
      if (!venues.empty()) want(cell(partition, venue), venues[venue].bucket);
    }
  }
  const std::size_t bucket_mask = (std::size_t{1} << bucket_bits_) - 1;
  // Which trades are wanted is found for a block at a time, without a branch; then their prices and sizes,
  // which lie far apart, are fetched together instead of one after the other.
  std::array<std::uint16_t, kBlock> found{};
  const std::size_t count = trades_.time_ns.size();
  for (std::size_t block = 0; block < count; block += kBlock) {
    const std::uint16_t* const keys = keys_.get() + block;
    const std::size_t length = std::min(kBlock, count - block);
    std::size_t found_count = 0;
    for (std::size_t i = 0; i < length; ++i) {
      found[found_count] = static_cast<std::uint16_t>(i);
      found_count += (wanted[keys[i] / 64U] >> (keys[i] % 64U)) & 1;
    }
    for (std::size_t i = 0; i < found_count; ++i) {
      __builtin_prefetch(&trades_.price[block + found[i]]);
      __builtin_prefetch(&trades_.size[block + found[i]]);
    }
    for (std::size_t i = 0; i < found_count; ++i) {
      const std::size_t key = keys[found[i]];
      const std::size_t partition = (key >> bucket_bits_) / options_.venues;
      const std::size_t venue = (key >> bucket_bits_) % options_.venues;
      const std::size_t bucket = key & bucket_mask;
      const PriceSize trade{trades_.price[block + found[i]], trades_.size[block + found[i]]};
      if (!excluded[venue] && partitions[partition].bucket == bucket) {
        partitions[partition].members.push_back(trade);
      }
      if (!venues.empty() && venues[venue].bucket == bucket) venues[venue].members.push_back(trade);
    }
  }
}

template <class InGroup>
BucketTally::GroupType BucketTally::finished(Target& target, InGroup in_group) const {
  GroupType& group = target.group;
  if (target.bucket == SIZE_MAX) return group;
  const auto volume = static_cast<std::uint64_t>(group.volume);
  group.lower = group.upper = weighted_median(target.members, target.below, volume);
  if (options_.tie == Tie::kLower) return group;
  // A tie is rare, and its second price may lie in any bucket: look at the whole group once more.
  std::uint64_t up_to = 0;
  for (const PriceSize& member : target.members) {
    if (member.price <= group.lower) up_to += static_cast<std::uint64_t>(member.size);
  }
  if (2 * (target.below + up_to) != volume) return group;
  group.upper = INT64_MAX;
  for (std::size_t i = 0; i < trades_.time_ns.size(); ++i) {
    const std::size_t cell_of_trade = std::size_t{keys_[i]} >> bucket_bits_;
    if (trades_.price[i] > group.lower && trades_.price[i] < group.upper &&
        in_group(cell_of_trade / options_.venues, cell_of_trade % options_.venues)) {
      group.upper = trades_.price[i];
    }
  }
  return group;
}

std::vector<BucketTally::GroupType> BucketTally::by_venue() {
  const std::vector<bool> none(options_.venues, false);
  std::vector<Target> venues = venue_targets();
  partitions_ = partition_targets(none);
  collect(venues, partitions_, none);
  std::vector<GroupType> groups;
  for (std::size_t venue = 0; venue < venues.size(); ++venue) {
    groups.push_back(finished(venues[venue], [venue](std::size_t, std::size_t of) { return of == venue; }));
  }
  return groups;
}

std::vector<BucketTally::GroupType> BucketTally::by_partition(const std::vector<bool>& excluded) {
  if (partitions_.empty() || std::ranges::count(excluded, true) > 0) {
    std::vector<Target> no_venues;
    partitions_ = partition_targets(excluded);
    collect(no_venues, partitions_, excluded);
  }
  std::vector<GroupType> groups;
  for (std::size_t partition = 0; partition < partitions_.size(); ++partition) {
    groups.push_back(finished(partitions_[partition], [&](std::size_t of, std::size_t venue) {
      return of == partition && !excluded[venue];
    }));
  }
  return groups;
}

}  // namespace navkeeper::pricing
