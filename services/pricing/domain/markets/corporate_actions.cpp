#include "services/pricing/domain/markets/corporate_actions.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

namespace navkeeper::pricing {
namespace {

/// A ticker during the time in which it was the security's: from `first` (or ever) to before `end` (or now).
struct Tenure {
  model::AssetId symbol;
  std::optional<time::Date> first;
  std::optional<time::Date> end;
  bool holds(time::Date date) const { return (!first || *first <= date) && (!end || date < *end); }
};

/// Contradictions among the actions of these tickers; those of others are no business of this history.
std::optional<base::Refusal> problem_with(std::span<const CorporateAction> actions,
                                          const std::vector<Tenure>& tenures) {
  std::set<std::tuple<std::size_t, model::AssetId, time::Date>> seen;
  for (const CorporateAction& action : actions) {
    const auto* split = std::get_if<ShareSplit>(&action);
    const auto* change = std::get_if<TickerChange>(&action);
    const model::AssetId& symbol = split != nullptr    ? split->symbol
                                   : change != nullptr ? change->to
                                                       : std::get<Relisting>(action).symbol;
    const time::Date date = split != nullptr    ? split->date
                            : change != nullptr ? change->date
                                                : std::get<Relisting>(action).date;
    if (std::none_of(tenures.begin(), tenures.end(),
                     [&](const Tenure& each) { return each.symbol == symbol; }))
      continue;
    const std::string where = symbol.value() + " on " + date.to_string();
    if (split != nullptr && (split->new_shares <= 0 || split->old_shares <= 0))
      return base::Refusal{where, "a split's ratio must be positive"};
    if (!seen.emplace(action.index(), symbol, date).second)
      return base::Refusal{where, "two actions of one kind for one ticker and date"};
  }
  return std::nullopt;
}

/// When a security gave up this ticker last, before the end of the time in which it is followed.
std::optional<time::Date> last_left(const Tenure& tenure, std::span<const CorporateAction> actions) {
  std::optional<time::Date> left;
  for (const CorporateAction& action : actions) {
    const auto* change = std::get_if<TickerChange>(&action);
    if (change == nullptr || change->from != tenure.symbol) continue;
    if (tenure.end && change->date >= *tenure.end) continue;
    if (!left || *left < change->date) left = change->date;
  }
  return left;
}

/// The tickers of the security, the newest first. Each step goes back in time, so a name may come back.
std::vector<Tenure> tenures_of(const model::AssetId& symbol, std::span<const CorporateAction> actions) {
  std::vector<Tenure> tenures{{symbol, std::nullopt, std::nullopt}};
  while (true) {
    // The last change to this ticker before the time in which it was followed.
    const TickerChange* latest = nullptr;
    Tenure& current = tenures.back();
    for (const CorporateAction& action : actions) {
      const auto* change = std::get_if<TickerChange>(&action);
      if (change == nullptr || change->to != current.symbol) continue;
      if (current.end && change->date >= *current.end) continue;
      if (latest == nullptr || latest->date < change->date) latest = change;
    }
    // Where the ticker was given up later than it was taken, it has been another company's since then.
    if (const auto left = last_left(current, actions); left && (latest == nullptr || latest->date < *left)) {
      current.first = *left;
      return tenures;
    }
    if (latest == nullptr) return tenures;
    current.first = latest->date;
    tenures.push_back({latest->from, std::nullopt, latest->date});
  }
}

/// The series of a ticker, or nothing when there is none.
base::Checked<const CloseSeries*> series_of(const model::AssetId& symbol,
                                            std::span<const CloseSeries> series) {
  const CloseSeries* found = nullptr;
  for (const CloseSeries& each : series) {
    if (each.symbol != symbol) continue;
    if (found != nullptr) return base::Refusal{symbol.value(), "appears twice"};
    found = &each;
  }
  return found;
}

bool is_action_on(const Tenure& tenure, const model::AssetId& symbol, time::Date date) {
  return tenure.symbol == symbol && tenure.holds(date);
}

/// The stretch's prices before each split, on the share count after it.
void apply_splits(Stretch& stretch, const std::vector<Tenure>& tenures,
                  std::span<const CorporateAction> actions) {
  if (stretch.empty()) return;
  for (const CorporateAction& action : actions) {
    const auto* split = std::get_if<ShareSplit>(&action);
    if (split == nullptr || split->date > stretch.back().date) continue;
    const bool own = std::any_of(tenures.begin(), tenures.end(), [&](const Tenure& tenure) {
      // Also by the ticker that is given up that day.
      return is_action_on(tenure, split->symbol, split->date) ||
             (tenure.symbol == split->symbol && tenure.end == split->date);
    });
    if (!own) continue;
    for (ComparableClose& close : stretch) {
      if (close.date < split->date)
        close.value = close.value * money::Rational::of(split->old_shares, split->new_shares);
    }
  }
}

}  // namespace

base::Checked<std::vector<Stretch>> follow_security(const model::AssetId& symbol,
                                                    std::span<const CloseSeries> series,
                                                    std::span<const CorporateAction> actions) {
  const std::vector<Tenure> tenures = tenures_of(symbol, actions);
  if (auto problem = problem_with(actions, tenures)) return std::move(*problem);

  std::vector<CloseSeries> used;
  Stretch all;
  for (auto tenure = tenures.rbegin(); tenure != tenures.rend(); ++tenure) {
    const auto own = series_of(tenure->symbol, series);
    if (own.has_error()) return own.error();
    if (*own == nullptr) continue;
    const CloseSeries& closes = **own;
    if (!used.empty() &&
        (used.front().clock != closes.clock || used.front().adjustment != closes.adjustment)) {
      return base::Refusal{used.front().symbol.value() + " and " + closes.symbol.value(),
                           "series of one security must have one clock and one adjustment"};
    }
    used.push_back(CloseSeries{closes.symbol, closes.clock, closes.adjustment, {}, {}});
    for (const ClosePrice& close : closes.closes) {
      if (tenure->holds(close.date))
        all.push_back({close.date, tenure->symbol, money::Rational(close.value), close.snapped_at});
    }
  }
  if (used.empty()) return base::Refusal{symbol.value(), "there is no series of this security"};
  if (const auto left = last_left({symbol, std::nullopt, std::nullopt}, actions); all.empty() && left)
    return base::Refusal{symbol.value(),
                         "stands for another security since " + left->to_string() +
                             ", of which there are no closes: ask for the ticker that it became"};

  std::set<time::Date> breaks;
  for (const CorporateAction& action : actions) {
    const auto* relisting = std::get_if<Relisting>(&action);
    if (relisting == nullptr) continue;
    for (const Tenure& tenure : tenures) {
      if (is_action_on(tenure, relisting->symbol, relisting->date)) breaks.insert(relisting->date);
    }
  }
  std::vector<Stretch> stretches(1);
  for (ComparableClose& close : all) {
    const auto next =
        stretches.back().empty() ? breaks.end() : breaks.upper_bound(stretches.back().back().date);
    if (next != breaks.end() && *next <= close.date) stretches.emplace_back();
    stretches.back().push_back(std::move(close));
  }
  std::erase_if(stretches, [](const Stretch& stretch) { return stretch.empty(); });
  if (used.front().adjustment == Adjustment::kNone) {
    for (Stretch& stretch : stretches) apply_splits(stretch, tenures, actions);
  }
  return stretches;
}

}  // namespace navkeeper::pricing
