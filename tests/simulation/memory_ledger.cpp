#include "tests/simulation/memory_ledger.h"

#include <algorithm>

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

books::Standing MemoryLedger::standing(std::optional<time::Date> last_date) {
  books::Standing standing;
  for (std::size_t i = 1; i < chart_.commodities().size(); ++i) {
    const books::Commodity& commodity = chart_.commodities()[i];
    books::Standing::Asset asset;
    asset.definition = {commodity.symbol, commodity.decimals};
    asset.lots.assign(lots_[i - 1].begin(), lots_[i - 1].end());
    asset.next_lot = next_lot_[i - 1];
    standing.assets.push_back(std::move(asset));
  }
  standing.cash = balance("Assets:Cash", books::kDollars);
  for (const char* fee : kFees) {
    const Units payable = -balance(std::string(kPayable) + books::account_part(fee), books::kDollars);
    if (!payable.is_zero()) standing.fees_payable.push_back({fee, payable});
  }
  standing.shares = shares_;
  standing.last_date = last_date;
  return standing;
}

books::Books MemoryLedger::resume(std::optional<time::Date> last_date) {
  return posted_.empty() ? books::Books(rules_) : books::Books::resume(rules_, standing(last_date));
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
    later(state.last_share_change, posted.entry.book_date);
    if (posted.effect == books::RegisterEffect::kSplit) later(state.last_split, posted.entry.trade_date);
  }
  return state;
}

void MemoryLedger::keep(Posted posted) {
  for (const books::Posting& posting : posted.entry.postings) balances_[posting.line] += posting.amount;
  for (const books::LotChange& change : posted.lots) {
    auto& lots = lots_[change.asset - 1];
    books::Lot& lot = lots[change.movement.lot];
    lot.quantity += change.movement.quantity;
    lot.cost += change.movement.cost;
    if (lot.quantity.is_zero()) {
      ENSURE(lot.cost.is_zero());
      lots.erase(change.movement.lot);
    }
    books::LotNumber& next = next_lot_[change.asset - 1];
    next = std::max(next, change.movement.lot + 1);
  }
  shares_ += posted.shares_change;
  by_source_.emplace(posted.entry.source, posted_.size());
  entries_.push_back(posted.entry);
  posted_.push_back(std::move(posted));
}

MemoryLedger::Answer MemoryLedger::post(const Fact& fact) {
  const std::string content = content_of(fact);
  if (const auto known = by_source_.find(fact.source); known != by_source_.end()) {
    if (posted_[known->second].content == content) return {Outcome::kUnchanged, ""};
    return {Outcome::kRefused, "posted before with other content"};
  }
  const bool is_late = last_date_ && fact.event.date < *last_date_;
  std::optional<books::Books> aside;
  if (is_late)
    aside = resume(std::nullopt);
  else if (!live_)
    live_ = resume(last_date_);
  books::Books& books = is_late ? *aside : *live_;

  books::Applied applied;
  const auto decided = books.apply(fact.event, applied);
  if (decided.has_error()) {
    if (!is_late) live_.reset();
    return {Outcome::kRefused, std::string(describe(decided.error()))};
  }
  Posted posted;
  posted.entry = applied.entry;
  posted.entry.book_date = fact.book_date;
  posted.entry.settlement_date = fact.settlement_date;
  posted.entry.known_at = fact.known_at;
  posted.entry.source = fact.source;
  posted.lots = applied.lots;
  posted.shares_change = applied.shares_change;
  posted.effect = books::register_effect(fact.event.happening);
  posted.content = content;
  const auto admitted = books::admit(posted.entry, posted.effect, state());
  if (admitted.has_error()) {
    live_.reset();
    return {Outcome::kRefused, std::string(describe(admitted.error()))};
  }
  if (posted_.empty()) {
    for (std::size_t i = 1; i < books.chart().commodities().size(); ++i)
      chart_.add_commodity(books.chart().commodities()[i].symbol, books.chart().commodities()[i].decimals);
    lots_.resize(chart_.commodities().size() - 1);
    next_lot_.assign(chart_.commodities().size() - 1, 1);
  }
  for (books::Posting& posting : posted.entry.postings) posting.line = line_of(books.chart(), posting.line);
  keep(std::move(posted));
  if (is_late)
    live_.reset();
  else
    last_date_ = fact.event.date;
  return {Outcome::kPosted, ""};
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
  reversed.lots = taken_back.lots;
  // What it brought must still be there: as the database's checks on lot and account_balance say it.
  std::map<std::pair<books::CommodityIndex, books::LotNumber>, books::Lot> after;
  for (books::LotChange& change : reversed.lots) {
    change.movement.quantity = -change.movement.quantity;
    change.movement.cost = -change.movement.cost;
    const auto key = std::pair(change.asset, change.movement.lot);
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
        {key.first, {key.second, lot.quantity - before.quantity, lot.cost - before.cost}});
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
  if (!live_) live_ = resume(last_date_);
  books::Applied applied;
  for (std::size_t i = 0; i < prices.size(); ++i) {
    const auto priced =
        live_->apply({date, books::Price{chart_.commodities()[i + 1].symbol, prices[i]}}, applied);
    ENSURE(priced.has_value());
  }
  const auto struck = live_->apply({date, books::Strike{}}, applied);
  if (struck.has_error()) {
    live_.reset();
    return struck.error();
  }
  last_date_ = date;
  return *applied.strike;
}

}  // namespace navkeeper::simulation
