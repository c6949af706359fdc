#include "tests/simulation/memory_ledger.h"

#include <algorithm>
#include <tuple>

#include "common/base/ensure.h"

namespace navkeeper::simulation {
namespace {

using books::Units;

constexpr std::string_view kPayable = "Liabilities:Fees payable:";

}  // namespace

books::Units MemoryLedger::balance(const std::string& account, books::CommodityIndex commodity) {
  const books::LineIndex line = chart_.line(account, commodity);
  balances_.resize(chart_.lines().size());
  return balances_[line];
}

books::PosterStanding MemoryLedger::standing(std::optional<time::Date> last_date, time::Date first) {
  books::PosterStanding standing;
  for (std::size_t i = 1; i < chart_.commodities().size(); ++i) {
    const books::Commodity& commodity = chart_.commodities()[i];
    books::Standing::Asset asset;
    asset.definition = {commodity.symbol, commodity.decimals};
    asset.lots.assign(lots_[i - 1].begin(), lots_[i - 1].end());
    asset.next_lot = next_lot_[i - 1];
    standing.gaap.assets.push_back(std::move(asset));
    standing.next_tax_lot.emplace_back(commodity.symbol, next_tax_lot_[i - 1]);
    for (const auto& [key, lot] : tax_lots_[i - 1])
      standing.tax_lots.push_back({commodity.symbol, key.first, key.second, lot});
  }
  for (std::size_t i = 0; i < chart_.lines().size(); ++i) {
    const books::Line& line = chart_.lines()[i];
    if (line.account.starts_with("Assets:") || line.account.starts_with(kPayable))
      standing.gaap.balances.push_back(
          {line.account, chart_.commodities()[line.commodity].symbol, balances_[i]});
  }
  for (const Posted& posted : posted_) {
    if (posted.entry.trade_date <= first) continue;
    for (const books::Posting& posting : posted.entry.postings) {
      const books::Line& line = chart_.lines()[posting.line];
      if (line.account.starts_with("Assets:") || line.account.starts_with(kPayable))
        standing.gaap.later.push_back({line.account, chart_.commodities()[line.commodity].symbol,
                                       posted.entry.trade_date, posting.amount});
    }
  }
  std::stable_sort(standing.gaap.later.begin(), standing.gaap.later.end(),
                   [](const auto& a, const auto& b) { return a.trade_date < b.trade_date; });
  standing.gaap.shares = shares_;
  standing.gaap.last_date = last_date;
  standing.journal = state();
  for (const Posted& posted : posted_)
    if (posted.effect != books::RegisterEffect::kNone && posted.entry.book_date > first)
      standing.journal.later_shares.push_back({posted.entry.trade_date, posted.entry.book_date,
                                               posted.shares_change,
                                               !posted.is_reversed && !posted.entry.reverses});
  return standing;
}

books::Poster MemoryLedger::resume(std::optional<time::Date> last_date, time::Date first) {
  return posted_.empty() ? books::Poster(rules_) : books::Poster(rules_, standing(last_date, first));
}

books::Units MemoryLedger::shares_at(books::Basis basis, time::Date as_of,
                                     std::optional<time::Instant> known_at) const {
  std::vector<books::RegisterLine> lines;
  for (const Posted& posted : posted_) {
    if (date_on(posted.entry, basis) > as_of || (known_at && posted.entry.known_at > *known_at)) continue;
    if (posted.effect != books::RegisterEffect::kNone)
      lines.push_back({posted.shares_change, posted.split, posted.entry.reverses.has_value(),
                       posted.entry.trade_date, posted.entry.book_date});
  }
  return books::shares_of(lines);
}

books::LineIndex MemoryLedger::line_of(const books::Chart& from, books::LineIndex line) {
  const books::Line& source = from.lines()[line];
  const books::LineIndex own = chart_.line(source.account, source.commodity);
  balances_.resize(chart_.lines().size());
  return own;
}

books::JournalState MemoryLedger::state() const {
  books::JournalState state;
  state.closed_through = closed_through_;
  for (const Posted& posted : posted_) {
    if (posted.is_reversed || posted.entry.reverses || posted.effect == books::RegisterEffect::kNone)
      continue;
    const auto later = [](std::optional<time::Date>& latest, time::Date date) {
      if (!latest || date > *latest) latest = date;
    };
    if (posted.effect == books::RegisterEffect::kSplit) later(state.last_split, posted.entry.trade_date);
  }
  return state;
}

void MemoryLedger::keep(Posted posted) {
  for (const books::LotChange& change : posted.lots)
    lot_days_.try_emplace({change.asset, change.movement.lot}, change.acquired);
  for (const books::TaxLotChange& change : posted.tax_lots)
    tax_lot_days_.try_emplace({change.asset, change.movement.lot}, change.acquired);
  for (const books::Posting& posting : posted.entry.postings) balances_[posting.line] += posting.amount;
  for (const books::LotChange& change : posted.lots) {
    auto& lots = lots_[change.asset - 1];
    books::Lot& lot =
        lots.try_emplace(change.movement.lot, books::Lot{{}, {}, change.acquired}).first->second;
    lot.quantity += change.movement.quantity;
    lot.cost += change.movement.cost;
    if (lot.quantity.is_zero()) {
      ENSURE(lot.cost.is_zero());
      lots.erase(change.movement.lot);
    }
    books::LotNumber& next = next_lot_[change.asset - 1];
    next = std::max(next, change.movement.lot + 1);
  }
  for (const books::TaxLotChange& change : posted.tax_lots) {
    auto& lots = tax_lots_[change.asset - 1];
    const auto key = std::pair(change.account, change.movement.lot);
    books::Lot& lot = lots.try_emplace(key, books::Lot{{}, {}, change.acquired}).first->second;
    lot.quantity += change.movement.quantity;
    lot.cost += change.movement.cost;
    if (lot.quantity.is_zero()) {
      ENSURE(lot.cost.is_zero());
      lots.erase(key);
    }
    books::LotNumber& next = next_tax_lot_[change.asset - 1];
    next = std::max(next, change.movement.lot + 1);
  }
  shares_ += posted.shares_change;
  by_source_.emplace(posted.entry.source, posted_.size());
  entries_.push_back(posted.entry);
  posted_.push_back(std::move(posted));
}

MemoryLedger::Answer MemoryLedger::post(const Fact& fact, std::span<const books::Identification> picks) {
  const std::string content = content_of(fact);
  if (const auto known = by_source_.find(fact.source); known != by_source_.end()) {
    if (posted_[known->second].content == content) return {Outcome::kUnchanged, ""};
    return {Outcome::kRefused, "posted before with other content"};
  }
  const bool is_late = last_date_ && fact.event.date < *last_date_;
  std::optional<books::Poster> aside;
  if (is_late)
    aside = resume(std::nullopt, fact.event.date);
  else if (!live_)
    live_ = resume(last_date_, fact.event.date);
  books::Poster& books = is_late ? *aside : *live_;

  books::PostedEvent made;
  const auto decided = books.post(fact.event, {fact.book_date, fact.settlement_date}, picks, made);
  if (decided.has_error()) {
    live_.reset();
    return {Outcome::kRefused, std::string(describe(decided.error()))};
  }
  Posted posted;
  posted.entry = made.applied.entry;
  posted.entry.known_at = fact.known_at;
  posted.entry.source = fact.source;
  posted.lots = made.applied.lots;
  posted.tax_lots = made.tax.lots;
  posted.flows = made.applied.flows;
  posted.tax_flows = made.tax.flows;
  posted.shares_change = made.applied.shares_change;
  posted.effect = made.effect;
  posted.split = made.split;
  posted.content = content;
  if (posted_.empty()) {
    for (std::size_t i = 1; i < books.chart().commodities().size(); ++i)
      chart_.add_commodity(books.chart().commodities()[i].symbol, books.chart().commodities()[i].decimals);
    lots_.resize(chart_.commodities().size() - 1);
    next_lot_.assign(chart_.commodities().size() - 1, 1);
    tax_lots_.resize(chart_.commodities().size() - 1);
    next_tax_lot_.assign(chart_.commodities().size() - 1, 1);
  }
  for (books::Posting& posting : posted.entry.postings) posting.line = line_of(books.chart(), posting.line);
  keep(std::move(posted));
  if (is_late)
    live_.reset();
  else
    last_date_ = fact.event.date;
  return {Outcome::kPosted, ""};
}

void MemoryLedger::turn_round(books::CoinFlow& flow) {
  flow.quantity = -flow.quantity;
  flow.cost = -flow.cost;
  flow.value = -flow.value;
}

/// The tax lots' side of a reversal; false where a lot has too little left for it.
bool MemoryLedger::turn_tax_round(const Posted& taken_back, Posted& reversed) const {
  reversed.tax_flows = taken_back.tax_flows;
  for (books::TaxFlow& taxed : reversed.tax_flows) turn_round(taxed.flow);
  std::map<std::tuple<books::CommodityIndex, std::string, books::LotNumber>, books::Lot> changes;
  for (const books::TaxLotChange& change : taken_back.tax_lots) {
    const auto born = tax_lot_days_.find({change.asset, change.movement.lot});
    books::Lot& sum = changes[{change.asset, change.account, change.movement.lot}];
    sum.quantity -= change.movement.quantity;
    sum.cost -= change.movement.cost;
    sum.acquired = born->second;
  }
  for (const auto& [key, change] : changes) {
    const auto& [asset, account, number] = key;
    const auto held = tax_lots_[asset - 1].find({account, number});
    const books::Lot before = held == tax_lots_[asset - 1].end() ? books::Lot{} : held->second;
    const books::Lot after{before.quantity + change.quantity, before.cost + change.cost};
    if (after.quantity < Units{} || after.cost < Units{} ||
        (after.quantity.is_zero() && !after.cost.is_zero()))
      return false;
    reversed.tax_lots.push_back({asset, account, {number, change.quantity, change.cost}, change.acquired});
  }
  return true;
}

MemoryLedger::Answer MemoryLedger::reverse(const books::Source& wrong, const books::Source& source,
                                           time::Instant known_at) {
  const std::string content = "reverses " + wrong.name + ":" + wrong.id;
  if (const auto known = by_source_.find(source); known != by_source_.end()) {
    if (posted_[known->second].content == content) return {Outcome::kUnchanged, ""};
    return {Outcome::kRefused, "posted before with other content"};
  }
  const auto found = by_source_.find(wrong);
  if (found == by_source_.end()) return {Outcome::kRefused, "no such entry"};
  const Posted& taken_back = posted_[found->second];
  books::WrongEntry facts;
  facts.book_date = taken_back.entry.book_date;
  facts.effect = taken_back.effect;
  facts.is_reversal = taken_back.entry.reverses.has_value();
  facts.is_reversed = taken_back.is_reversed;
  for (std::size_t i = found->second + 1; i < posted_.size(); ++i) {
    if (posted_[i].is_reversed || posted_[i].entry.reverses) continue;
    facts.has_split_since |= posted_[i].effect == books::RegisterEffect::kSplit;
    facts.has_shares_since |= posted_[i].effect != books::RegisterEffect::kNone;
  }
  const auto admitted = books::admit_reversal(facts, state());
  if (admitted.has_error()) return {Outcome::kRefused, std::string(describe(admitted.error()))};

  Posted reversed;
  reversed.entry = books::reversal(taken_back.entry, source, known_at);
  reversed.content = content;
  reversed.effect = taken_back.effect;
  reversed.shares_change = -taken_back.shares_change;
  reversed.split = taken_back.split;
  const books::PosterStanding standing_before = standing(std::nullopt, taken_back.entry.trade_date);
  if (books::would_fall_below_zero(standing_before.gaap, chart_, reversed.entry))
    return {Outcome::kRefused, "what it brought has gone since (position)"};
  if (books::below_zero_since(standing_before.gaap, chart_, reversed.entry))
    return {Outcome::kRefused, "what it brought has gone since (on a day before)"};
  if (!reversed.split && reversed.shares_change < Units{} &&
      books::day_without_shares(shares_ + reversed.shares_change, reversed.entry, standing_before.journal))
    return {Outcome::kRefused, "what it brought has gone since (shares on a day before)"};
  if (!turn_tax_round(taken_back, reversed))
    return {Outcome::kRefused, "what it brought has gone since (tax lot)"};
  reversed.flows = taken_back.flows;
  for (books::CoinFlow& flow : reversed.flows) turn_round(flow);
  reversed.lots = taken_back.lots;
  // What it brought must still be there: as the database's checks on lot and account_balance say it.
  std::map<std::pair<books::CommodityIndex, books::LotNumber>, books::Lot> after;
  std::map<std::pair<books::CommodityIndex, books::LotNumber>, time::Date> acquired;
  for (books::LotChange& change : reversed.lots) {
    change.movement.quantity = -change.movement.quantity;
    change.movement.cost = -change.movement.cost;
    const auto key = std::pair(change.asset, change.movement.lot);
    const auto born = lot_days_.find(key);
    acquired[key] = born == lot_days_.end() ? change.acquired : born->second;
    const auto& lots = lots_[change.asset - 1];
    const auto held = lots.find(change.movement.lot);
    books::Lot& lot = after.try_emplace(key, held == lots.end() ? books::Lot{} : held->second).first->second;
    lot.quantity += change.movement.quantity;
    lot.cost += change.movement.cost;
  }
  for (const auto& [key, lot] : after) {
    if (lot.quantity < Units{} || lot.cost < Units{} || (lot.quantity.is_zero() && !lot.cost.is_zero()))
      return {Outcome::kRefused, "what it brought has gone since (lot)"};
  }
  if (shares_ + reversed.shares_change < Units{})
    return {Outcome::kRefused, "what it brought has gone since (shares)"};
  std::vector<Units> balances = balances_;
  for (const books::Posting& posting : reversed.entry.postings) balances[posting.line] += posting.amount;
  for (std::size_t line = 0; line < balances.size(); ++line) {
    const std::string& account = chart_.lines()[line].account;
    if ((account.starts_with("Assets:") && balances[line] < Units{}) ||
        (account.starts_with(kPayable) && balances[line] > Units{}))
      return {Outcome::kRefused, "what it brought has gone since (" + account + ")"};
  }
  // The sums per lot, not the steps: in between a lot may be short of what comes back a line later.
  reversed.lots.clear();
  for (const auto& [key, lot] : after) {
    const auto& lots = lots_[key.first - 1];
    const auto held = lots.find(key.second);
    const books::Lot before = held == lots.end() ? books::Lot{} : held->second;
    reversed.lots.push_back(
        {key.first, {key.second, lot.quantity - before.quantity, lot.cost - before.cost}, acquired.at(key)});
  }
  std::erase_if(reversed.lots, [](const books::LotChange& change) {
    return change.movement.quantity.is_zero() && change.movement.cost.is_zero();
  });
  posted_[found->second].is_reversed = true;
  keep(std::move(reversed));
  live_.reset();
  return {Outcome::kPosted, ""};
}

MemoryLedger::Answer MemoryLedger::close_through(time::Date day) {
  if (closed_through_ && day < *closed_through_) return {Outcome::kRefused, "closed further already"};
  closed_through_ = day;
  return {Outcome::kPosted, ""};
}

books::Decided<books::StruckNav> MemoryLedger::strike(time::Date date,
                                                      const std::vector<money::Decimal>& prices) {
  if (!live_) live_ = resume(last_date_, date);
  books::Applied applied;
  for (std::size_t i = 0; i < prices.size(); ++i) {
    const auto priced =
        live_->books().apply({date, books::Price{chart_.commodities()[i + 1].symbol, prices[i]}}, applied);
    ENSURE(priced.has_value());
  }
  const auto struck = live_->books().apply({date, books::Strike{}}, applied);
  if (struck.has_error()) {
    live_.reset();
    return struck.error();
  }
  last_date_ = date;
  return *applied.strike;
}

}  // namespace navkeeper::simulation
