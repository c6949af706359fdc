#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking::sdk {

using money::Decimal;
using money::Rounding;

Decimal mul(const Decimal& a, const Decimal& b) {
  return money::multiply(a, b, kDecimals, Rounding::kHalfEven);
}
Decimal mul_truncate(const Decimal& a, const Decimal& b) {
  return money::multiply(a, b, kDecimals, Rounding::kDown);
}
Decimal mul_quo(const Decimal& a, const Decimal& b, const Decimal& c) {
  return money::mul_div(a, b, c, 2 * kDecimals, Rounding::kDown).rounded(kDecimals, Rounding::kHalfEven);
}
Decimal mul_quo_truncate(const Decimal& a, const Decimal& b, const Decimal& c) {
  return money::mul_div(a, b, c, kDecimals, Rounding::kDown);
}
Decimal quo_truncate(const Decimal& a, const Decimal& b) {
  return money::divide(a, b, kDecimals, Rounding::kDown);
}
Decimal quo_round_up(const Decimal& a, const Decimal& b) {
  return money::divide(a, b, kDecimals, Rounding::kUp);
}
Decimal truncate_int(const Decimal& a) { return a.rounded(0, Rounding::kDown); }

}  // namespace navkeeper::staking::sdk
