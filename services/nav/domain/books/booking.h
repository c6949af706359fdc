#pragma once
// How a posting rule refuses from deep inside, and the amounts it reads; for the .cpp files of this folder.
#include "common/money/decimal.h"
#include "common/money/units.h"
#include "services/nav/domain/books/chart.h"
#include "services/nav/domain/books/refusal.h"

namespace navkeeper::nav::books {

/// Thrown inside; what is called from outside turns it into a result.
struct Refuse {
  BooksRefusal refusal;
};

inline void require(bool holds, BooksRefusal refusal) {
  if (!holds) throw Refuse{refusal};
}

inline money::Units units_of(const money::Decimal& amount, int decimals) {
  require(amount.scale() <= decimals, BooksRefusal::kTooManyDecimals);
  const auto units = money::Units::from(amount, decimals);
  require(units.has_value(), BooksRefusal::kOverflow);
  return *units;
}

inline money::Units signed_dollars(const money::Decimal& amount) { return units_of(amount, kDollarDecimals); }

inline money::Units dollars(const money::Decimal& amount) {
  require(!amount.is_negative(), BooksRefusal::kNegative);
  return signed_dollars(amount);
}

}  // namespace navkeeper::nav::books
