#include "services/pricing/domain/markets/order_size_cap.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "common/base/ensure.h"
#include "common/money/wide.h"
#include "services/pricing/domain/markets/order_book.h"

namespace navkeeper::pricing {

std::int64_t order_size_cap(std::span<const std::int64_t> lots, const SizeCapRule& rule) {
  using money::wide::Wide;
  ENSURE(!lots.empty());
  ENSURE(rule.winsorised_ppm >= 0 && rule.winsorised_ppm < 500'000 && rule.deviations_ppm >= 0);
  std::vector<std::int64_t> sample(lots.begin(), lots.end());
  std::sort(sample.begin(), sample.end());
  ENSURE(sample.front() > 0 && sample.back() < kLotsEnd);

  const auto count = static_cast<std::int64_t>(sample.size());
  const auto replaced = static_cast<std::size_t>(count * rule.winsorised_ppm / 1'000'000);
  std::fill(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(replaced), sample[replaced]);
  std::fill(sample.end() - static_cast<std::ptrdiff_t>(replaced), sample.end(),
            sample[sample.size() - 1 - replaced]);

  Wide sum = 0;
  Wide squares = 0;
  for (const std::int64_t size : sample) {
    sum += size;
    squares += Wide(size) * size;
  }
  Wide root = 0;
  if (count > 1) {
    // n * k * sd = sqrt(k^2 * n * (n * sum of squares - sum^2) / (n - 1)).
    const Wide spread = squares * count - sum * sum;
    const Wide radicand = Wide(rule.deviations_ppm) * rule.deviations_ppm * count * spread /
                          (Wide(1'000'000) * 1'000'000 * (count - 1));
    root = money::wide::mp::sqrt(radicand);
  }
  const Wide cap = (sum + root) / count;
  // Above any level: the same as no cap.
  if (cap > std::numeric_limits<std::int64_t>::max()) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(cap);
}

}  // namespace navkeeper::pricing
