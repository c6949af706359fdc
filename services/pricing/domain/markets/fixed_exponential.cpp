#include "services/pricing/domain/markets/fixed_exponential.h"

#include "common/base/ensure.h"
#include "common/money/wide.h"

namespace navkeeper::pricing {
namespace {

constexpr unsigned kGuardBits = 192;
using money::wide::Wide;

}  // namespace

std::uint64_t exp_minus(money::Int128 numerator, money::Int128 denominator) {
  ENSURE(numerator >= 0 && denominator > 0);
  if (numerator == 0) return kWeightOne;
  if (numerator / denominator >= 64) return 0;

  unsigned halvings = 0;
  Wide reduced = (Wide(numerator) << kGuardBits) / Wide(denominator);
  const Wide one = Wide(1) << kGuardBits;
  while (reduced * 2 >= one) {
    ++halvings;
    reduced = (Wide(numerator) << kGuardBits) / (Wide(denominator) << halvings);
  }

  Wide sum = one;
  Wide term = one;
  for (int n = 1; term != 0; ++n) {
    term = ((term * reduced) >> kGuardBits) / n;
    if (n % 2 == 1)
      sum -= term;
    else
      sum += term;
  }
  for (unsigned i = 0; i < halvings; ++i) sum = (sum * sum) >> kGuardBits;
  return static_cast<std::uint64_t>(sum >> (kGuardBits - kWeightBits));
}

std::vector<money::Uint128> cumulative_weights(std::uint64_t q, std::size_t count) {
  ENSURE(q <= kWeightOne);
  std::vector<money::Uint128> cumulative(count + 1);
  std::uint64_t power = kWeightOne;
  for (std::size_t j = 1; j <= count; ++j) {
    cumulative[j] = cumulative[j - 1] + power;
    power = static_cast<std::uint64_t>((money::Uint128{power} * q) >> kWeightBits);
  }
  return cumulative;
}

}  // namespace navkeeper::pricing
