#include "services/nav/domain/books/poster.h"

#include <algorithm>
#include <map>

#include "common/base/ensure.h"
#include "common/money/overflow.h"
#include "common/money/rational.h"

namespace navkeeper::nav::books {

std::string_view describe(const PostRefusal& refusal) {
  return std::visit([](auto one) { return describe(one); }, refusal);
}

Poster::Poster(PosterRules rules) : books_(rules.gaap), tax_(rules.tax) {
  ENSURE(rules.tax.lots.sale != LotRule::kAverage && rules.tax.lots.in_kind != LotRule::kAverage);
}

Poster::Poster(PosterRules rules, const PosterStanding& standing)
    : books_(Books::resume(rules.gaap, standing.gaap)), tax_(rules.tax), journal_(standing.journal) {
  ENSURE(rules.tax.lots.sale != LotRule::kAverage && rules.tax.lots.in_kind != LotRule::kAverage);
  const auto asset_of = [&](const std::string& symbol) {
    const auto& commodities = books_.chart().commodities();
    const auto found = std::find_if(commodities.begin(), commodities.end(),
                                    [&](const Commodity& each) { return each.symbol == symbol; });
    ENSURE(found != commodities.end());
    return static_cast<CommodityIndex>(found - commodities.begin());
  };
  for (const StandingTaxLot& lot : standing.tax_lots)
    tax_.restore(asset_of(lot.asset), lot.account, lot.number, lot.lot);
  for (const auto& [asset, next] : standing.next_tax_lot) tax_.skip_to(asset_of(asset), next);
}

base::Result<void, PostRefusal> Poster::post(const Event& event, const EntryDates& dates,
                                             std::span<const Identification> picks, PostedEvent& posted) {
  posted.effect = register_effect(event.happening);
  posted.split.reset();
  if (const auto* split = std::get_if<Split>(&event.happening)) posted.split = *split;
  Entry& entry = posted.applied.entry;
  entry.trade_date = event.date;
  entry.book_date = dates.book_date;
  entry.settlement_date = dates.settlement_date;
  const auto admitted = admit(entry, posted.effect, journal_);
  if (admitted.has_error()) return PostRefusal(admitted.error());
  if (posted.split) books_.set_new_shares(new_shares_of(event.date, journal_));
  const auto decided = books_.apply(event, posted.applied, picks);
  if (decided.has_error()) {
    refused_on_ = books_.refused_on();
    return PostRefusal(decided.error());
  }
  entry.book_date = dates.book_date;
  entry.settlement_date = dates.settlement_date;
  const AccountCoins coins = [&](CommodityIndex asset, const std::string& account) {
    return books_.coins_at(asset, account);
  };
  const auto taxed = tax_.apply(posted.applied, event.date, books_.chart(), picks, coins, posted.tax);
  if (taxed.has_error()) return PostRefusal(taxed.error());
  if (posted.effect == RegisterEffect::kNone) return {};
  const auto later = [](std::optional<time::Date>& latest, time::Date date) {
    if (!latest || date > *latest) latest = date;
  };
  if (posted.effect == RegisterEffect::kChange && posted.applied.shares_change < Units{}) {
    refused_on_ = day_without_shares(books_.shares(), entry, journal_);
    if (refused_on_) return PostRefusal(AdmissionRefusal::kSharesNotThereYet);
  }
  journal_.later_shares.push_back({event.date, dates.book_date, posted.applied.shares_change});
  if (posted.effect == RegisterEffect::kSplit) later(journal_.last_split, event.date);
  return {};
}

bool would_fall_below_zero(const Standing& standing, const Chart& chart, const Entry& entry) {
  std::map<LineIndex, Units> changes;
  for (const Posting& posting : entry.postings) {
    const Line& line = chart.lines()[posting.line];
    if (line.commodity != kDollars && is_position_account(line.account))
      changes[posting.line] += posting.amount;
  }
  for (const auto& [line, change] : changes) {
    if (change >= Units{}) continue;
    const std::string& account = chart.lines()[line].account;
    const std::string& commodity = chart.commodities()[chart.lines()[line].commodity].symbol;
    Units balance;
    for (const Standing::Balance& each : standing.balances)
      if (each.account == account && each.commodity == commodity) balance = each.amount;
    Units lowest = balance;
    std::map<time::Date, Units> days;
    for (const Standing::LaterChange& later : standing.later)
      if (later.account == account && later.commodity == commodity) days[later.trade_date] += later.amount;
    for (auto day = days.rbegin(); day != days.rend(); ++day) {
      balance -= day->second;
      lowest = std::min(lowest, balance);
    }
    if (lowest + change < Units{}) return true;
  }
  return false;
}

std::optional<BelowZero> below_zero_since(const Standing& standing, const Chart& chart, const Entry& entry) {
  constexpr std::string_view kFeesPayable = "Liabilities:Fees payable:";
  std::map<LineIndex, Units> changes;
  for (const Posting& posting : entry.postings) changes[posting.line] += posting.amount;
  for (const auto& [line, change] : changes) {
    const Line& at = chart.lines()[line];
    const std::string& commodity = chart.commodities()[at.commodity].symbol;
    const bool is_owed = at.account.starts_with(kFeesPayable);
    const bool is_held = at.commodity == kDollars && at.account.starts_with("Assets:");
    if (!is_owed && !is_held) continue;
    const auto held = [&](Units amount) { return is_owed ? -amount : amount; };
    if (held(change) >= Units{}) continue;
    Units now = held(change);
    for (const Standing::Balance& each : standing.balances)
      if (each.account == at.account && each.commodity == commodity) now += held(each.amount);
    std::map<time::Date, Units> days;
    for (const Standing::LaterChange& later : standing.later)
      if (later.account == at.account && later.commodity == commodity)
        days[later.trade_date] += held(later.amount);
    if (const auto day = first_day_below_zero(now, days, entry.trade_date))
      return BelowZero{at.account, *day};
  }
  return std::nullopt;
}

Units shares_of(std::span<const RegisterLine> lines) {
  using money::Rational;
  std::vector<RegisterLine> since;  // the last split
  std::optional<Rational> before;
  for (const RegisterLine& line : lines) {
    if (!line.split) {
      since.push_back(line);
      continue;
    }
    Rational total = before.value_or(Rational());
    std::erase_if(since, [&](const RegisterLine& change) {
      if (is_in_new_shares(change.trade_date, change.book_date, line.trade_date)) return false;
      total = total + Rational(change.change.to_decimal(0));
      return true;
    });
    before = line.is_inverse ? total / line.split->factor() : total * line.split->factor();
  }
  Units changes;
  for (const RegisterLine& line : since) changes += line.change;
  if (!before) return changes;
  const Rational total = *before + Rational(changes.to_decimal(0));
  const auto shares = Units::from(total.rounded(0, money::Rounding::kDown), 0);
  if (!shares) throw money::OverflowError("shares need more than 128 bits");
  return *shares;
}

}  // namespace navkeeper::nav::books
