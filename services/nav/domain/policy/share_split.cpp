#include "services/nav/domain/policy/share_split.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/base/refuse.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rational;

std::string where_of(const ShareSplit& split) { return "share split of " + split.effective.to_string(); }

void check(const ShareSplit& split) {
  if (split.new_shares <= 0 || split.old_shares <= 0) base::refuse(where_of(split), "ratio is not positive");
  if (split.new_shares == split.old_shares) base::refuse(where_of(split), "ratio is one for one");
}

template <class Restate>
std::vector<RestatedFigure> restated(std::span<const DailyFigure> figures, std::span<const ShareSplit> splits,
                                     time::Date as_of, Restate&& restate) {
  std::vector<RestatedFigure> result;
  result.reserve(figures.size());
  for (const DailyFigure& figure : figures) {
    const Rational factor = share_factor(splits, figure.date, as_of);
    const bool is_restated = factor != Rational::of(1);
    result.push_back({figure, is_restated ? restate(figure.value, factor) : figure.value, is_restated});
  }
  return result;
}

}  // namespace

base::Checked<std::vector<ShareSplit>> checked_splits(std::vector<ShareSplit> splits) {
  return base::checked([&] {
    std::sort(splits.begin(), splits.end(),
              [](const ShareSplit& a, const ShareSplit& b) { return a.effective < b.effective; });
    for (std::size_t i = 0; i < splits.size(); ++i) {
      check(splits[i]);
      if (i > 0 && splits[i].effective == splits[i - 1].effective)
        base::refuse(where_of(splits[i]), "there is another split on that day");
    }
    return std::move(splits);
  });
}

base::Checked<Decimal> split_shares(const Decimal& shares, const ShareSplit& split) {
  return base::checked([&] {
    check(split);
    if (shares.is_negative()) base::refuse(where_of(split), "shares are negative");
    if (shares.scale() != 0) base::refuse(where_of(split), "shares are not whole");
    const Decimal product = shares * Decimal::of(split.new_shares);
    const Decimal after = money::divide(product, Decimal::of(split.old_shares), 0, money::Rounding::kDown);
    if (after * Decimal::of(split.old_shares) != product) {
      // The least that has to be redeemed before, so that the rest comes out whole.
      const Decimal step = Decimal::of(split.old_shares / std::gcd(split.new_shares, split.old_shares));
      const Decimal over = shares - money::divide(shares, step, 0, money::Rounding::kDown) * step;
      base::refuse(where_of(split), shares.to_string() + " shares leave a fraction: redeem " +
                                        over.to_string() + " of them for cash in lieu before");
    }
    return after;
  });
}

Rational share_factor(std::span<const ShareSplit> splits, time::Date date, time::Date as_of) {
  Rational factor = Rational::of(1);
  for (const ShareSplit& split : splits) {
    if (date < split.effective && split.effective <= as_of)
      factor = factor * Rational::of(split.new_shares, split.old_shares);
  }
  return factor;
}

std::vector<RestatedFigure> restate_per_share(std::span<const DailyFigure> figures,
                                              std::span<const ShareSplit> splits, time::Date as_of,
                                              int decimals, money::Rounding rounding) {
  return restated(figures, splits, as_of, [&](const Decimal& value, const Rational& factor) {
    return (Rational(value) / factor).rounded(decimals, rounding);
  });
}

std::vector<RestatedFigure> restate_shares(std::span<const DailyFigure> figures,
                                           std::span<const ShareSplit> splits, time::Date as_of, int decimals,
                                           money::Rounding rounding) {
  return restated(figures, splits, as_of, [&](const Decimal& value, const Rational& factor) {
    return (Rational(value) * factor).rounded(decimals, rounding);
  });
}

}  // namespace navkeeper::nav::policy
