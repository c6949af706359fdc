#pragma once
// The groups of tally.h without sorting: one pass over the columns adds each trade's size to a bucket of its
// price, apart for every venue in every partition; a second pass over two bytes a trade picks the few trades
// in the bucket of each median. Exact: only which trades are looked at closely is decided by buckets. (The
// idea: facts on weighted medians of ticks; a histogram reads each trade once where a sort moves it log N
// times.)
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/money/decimal.h"
#include "services/pricing/domain/tally.h"
#include "services/pricing/domain/trades.h"

namespace navkeeper::pricing {

class BucketTally {
 public:
  using GroupType = Group<std::int64_t, money::Int128>;

  /// Below so many trades, or above so many (venue, partition) cells, sorting is as good.
  static bool worthwhile(std::size_t trades, std::size_t cells);

  /// `trades` and `window` must outlive the tally; all trades lie inside the window.
  BucketTally(const NarrowTrades& trades, const Window& window, TallyOptions options);
  std::vector<GroupType> by_venue();
  std::vector<GroupType> by_partition(const std::vector<bool>& excluded);

 private:
  /// Two sums in one register of 16 bytes (GNU vector): one addition a trade.
  using Sums = std::uint64_t __attribute__((vector_size(16)));
  struct Bucket {
    Sums sums{0, 0};  ///< volume, trades
    std::uint64_t volume() const { return sums[0]; }
    std::uint64_t trades() const { return sums[1]; }
  };
  struct PriceSize {
    std::int64_t price;
    std::int64_t size;
  };
  /// A group's sums and the bucket in which its median lies.
  struct Target {
    GroupType group;
    std::uint64_t below = 0;        ///< volume in the buckets before it
    std::size_t bucket = SIZE_MAX;  ///< SIZE_MAX: none wanted
    std::vector<PriceSize> members;
  };

  template <bool kNotional>
  void fill();
  std::size_t cell(std::size_t partition, std::size_t venue) const {
    return partition * options_.venues + venue;
  }
  void add_cell(std::vector<Bucket>& sum, GroupType& group, std::size_t cell) const;
  Target target_of(const std::vector<Bucket>& sum, GroupType group, bool median) const;
  std::vector<Target> venue_targets() const;
  std::vector<Target> partition_targets(const std::vector<bool>& excluded) const;
  void collect(std::vector<Target>& venues, std::vector<Target>& partitions,
               const std::vector<bool>& excluded) const;
  template <class InGroup>
  GroupType finished(Target& target, InGroup in_group) const;

  const NarrowTrades& trades_;
  const Window& window_;
  TallyOptions options_;
  unsigned bucket_bits_ = 0;
  unsigned price_shift_ = 0;
  std::vector<Bucket> buckets_;
  std::vector<money::Int128> notional_;    ///< a cell
  std::unique_ptr<std::uint16_t[]> keys_;  ///< of each trade: cell and bucket
  std::vector<Target> partitions_;         ///< as they are when no venue is excluded
};

}  // namespace navkeeper::pricing
