#include "services/staking/domain/measures/power.h"

#include "common/base/ensure.h"
#include "common/money/wide.h"

namespace navkeeper::staking::measures {
namespace {

using money::wide::Wide;

constexpr int kWorkingDecimals = 100;
constexpr int kDecimalsMax = 30;
constexpr std::int64_t kExponentMax = 1'000'000;
constexpr int kResultDigitsMax = 40;

const Wide& one() {
  static const Wide value = money::wide::power_of_ten<Wide>(kWorkingDecimals);
  return value;
}

Wide times(const Wide& a, const Wide& b) { return a * b / one(); }

/// ln a = 2 artanh((a - 1) / (a + 1)); `a` between 1 and 2.
Wide logarithm_near_one(const Wide& a) {
  const Wide z = (a - one()) * one() / (a + one());
  const Wide square = times(z, z);
  Wide term = z;
  Wide sum = 0;
  for (unsigned n = 1; term != 0; n += 2) {
    sum += term / n;
    term = times(term, square);
  }
  return sum * 2;
}

/// The natural logarithm: a = m 2^k with m between 1 and 2.
Wide logarithm(Wide a) {
  static const Wide kLogarithmOfTwo = logarithm_near_one(one() * 2);
  int twos = 0;
  for (; a >= one() * 2; a /= 2) ++twos;
  for (; a < one(); a *= 2) --twos;
  return logarithm_near_one(a) + kLogarithmOfTwo * twos;
}

/// exp(x) by its series at x / 2^k, squared k times.
Wide exponential(const Wide& x) {
  Wide reduced = x < 0 ? Wide(-x) : x;
  unsigned halvings = 0;
  for (; reduced > one() / 8; reduced /= 2) ++halvings;
  Wide term = one();
  Wide sum = 0;
  for (unsigned n = 1; term != 0; ++n) {
    sum += term;
    term = times(term, reduced) / n;
  }
  for (; halvings > 0; --halvings) sum = times(sum, sum);
  return x < 0 ? Wide(one() * one() / sum) : sum;
}

}  // namespace

money::Decimal power(const money::Decimal& base, std::int64_t numerator, std::int64_t denominator,
                     int decimals) {
  ENSURE(base.is_positive() && denominator > 0 && decimals >= 0 && decimals <= kDecimalsMax);
  if (numerator / denominator > kExponentMax || numerator / denominator < -kExponentMax)
    throw money::OverflowError("an exponent is above a million");
  const Wide scaled =
      money::wide::coefficient<Wide>(base) * one() / money::wide::power_of_ten<Wide>(base.scale());
  if (scaled == 0) throw money::OverflowError("a base is below 1e-100");
  const Wide exponent = logarithm(scaled) * numerator / denominator;
  // ln 10 is below 2.31.
  if (exponent > one() * kResultDigitsMax * 231 / 100) throw money::OverflowError("a power is above 1e40");
  if (exponent < -one() * kWorkingDecimals) return money::Decimal{};
  const Wide last_place = money::wide::power_of_ten<Wide>(kWorkingDecimals - decimals);
  return money::wide::to_decimal<Wide>(
      money::wide::divide(exponential(exponent), last_place, money::Rounding::kHalfEven), decimals);
}

}  // namespace navkeeper::staking::measures
