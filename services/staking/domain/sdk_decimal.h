#pragma once
// The Cosmos SDK's LegacyDec arithmetic: decimals of 18 places, each operation rounding as the chain's does
// (cosmossdk.io/math legacy_dec.go). Plus and minus are exact and are Decimal's own. Throws
// money::OverflowError where the chain's own numbers end sooner or later too.
#include "common/money/decimal.h"

namespace navkeeper::staking::sdk {

constexpr int kDecimals = 18;

/// a * b, half-even at 18 decimals.
money::Decimal mul(const money::Decimal& a, const money::Decimal& b);
/// a * b, cut after 18 decimals.
money::Decimal mul_truncate(const money::Decimal& a, const money::Decimal& b);
/// a * b / c: the product exact, the quotient as the chain's Quo: cut after 36 decimals, then half-even at
/// 18.
money::Decimal mul_quo(const money::Decimal& a, const money::Decimal& b, const money::Decimal& c);
/// a * b / c, cut after 18 decimals.
money::Decimal mul_quo_truncate(const money::Decimal& a, const money::Decimal& b, const money::Decimal& c);
/// a / b, cut after 18 decimals.
money::Decimal quo_truncate(const money::Decimal& a, const money::Decimal& b);
/// a / b, away from zero at 18 decimals.
money::Decimal quo_round_up(const money::Decimal& a, const money::Decimal& b);
/// The whole units of a.
money::Decimal truncate_int(const money::Decimal& a);

}  // namespace navkeeper::staking::sdk
