#include "common/money/split.h"

#include "common/base/ensure.h"

namespace navkeeper::money {

std::vector<Decimal> split(const Decimal& total, std::span<const Decimal> weights, int decimals,
                           std::size_t remainder_owner) {
  ENSURE(remainder_owner < weights.size());
  Decimal weight_sum;
  for (const Decimal& weight : weights) {
    ENSURE(!weight.is_negative());
    weight_sum += weight;
  }
  ENSURE(weight_sum.is_positive());
  std::vector<Decimal> parts;
  parts.reserve(weights.size());
  Decimal given;
  for (const Decimal& weight : weights) {
    parts.push_back(mul_div(total, weight, weight_sum, decimals, Rounding::kDown));
    given += parts.back();
  }
  parts[remainder_owner] += total - given;
  return parts;
}

}  // namespace navkeeper::money
