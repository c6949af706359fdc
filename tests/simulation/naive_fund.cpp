#include "tests/simulation/naive_fund.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::simulation {
namespace {

using books::LotRule;

std::size_t coin_of(const std::string& symbol) {
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin)
    if (symbol == kCoins[coin].symbol) return coin;
  ENSURE(false);
}

template <class Names>
std::size_t index_in(const Names& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  ENSURE(found != names.end());
  return static_cast<std::size_t>(found - names.begin());
}

Int128 whole(const money::Decimal& amount, int decimals) { return amount.to_units(decimals).value(); }
Int128 cents(const money::Decimal& amount) { return whole(amount, 2); }

/// a / b to the nearest, a half to the even neighbour.
Int128 half_even(Int128 a, Int128 b) {
  const Int128 quotient = a / b;
  const Int128 twice = 2 * (a - quotient * b);
  return twice > b || (twice == b && quotient % 2 != 0) ? quotient + 1 : quotient;
}

bool goes_before(const NaiveLot& a, const NaiveLot& b, LotRule rule) {
  const Int128 left = a.cost * b.quantity;
  const Int128 right = b.cost * a.quantity;
  const bool is_older = std::pair(a.acquired, a.number) < std::pair(b.acquired, b.number);
  switch (rule) {
    case LotRule::kLifo:
      return !is_older;
    case LotRule::kHighestCost:
      return left != right ? left > right : is_older;
    case LotRule::kLowestCost:
      return left != right ? left < right : is_older;
    case LotRule::kFifo:
    case LotRule::kAverage:
      return is_older;
  }
  ENSURE(false);
}

Int128 common_divisor(Int128 a, Int128 b) {
  while (b != 0) a = std::exchange(b, a % b);
  return a < 0 ? -a : a;
}

bool changes_shares(const NaiveFact& fact) { return fact.change[kShares] != 0 || fact.is_split; }
/// Orders of a split's own day, booked on the next, are in new shares whenever they were posted.
bool is_in_new_shares(const NaiveFact& fact, time::Date split) {
  return !fact.is_split && fact.trade_date == split && fact.book_date > split;
}
bool stands(const NaiveFact& fact) { return !fact.is_reversed && !fact.is_reversal; }

}  // namespace

/// One fact tried out on copies.
struct Trial {
  const NaiveFund& fund;
  NaiveFact fact;
  std::array<std::vector<NaiveLot>, kCoins.size()> lots;
  std::array<std::uint64_t, kCoins.size()> next_lot;
  NaiveFund::TaxLots tax_lots;
  std::array<std::uint64_t, kCoins.size()> next_tax_lot;
  books::Place place;
  const std::vector<books::Identification>& picks;
  std::size_t used = 0;
  bool is_possible = true;

  const books::Identification* picked(std::size_t coin, books::Book book) {
    for (const auto& one : picks) {
      if (one.book != book || one.asset != kCoins[coin].symbol) continue;
      ++used;
      return &one;
    }
    return nullptr;
  }

  void tax_move(std::size_t coin, const std::string& account, std::uint64_t lot, Int128 quantity, Int128 cost,
                time::Date acquired) {
    fact.tax_movements.push_back({coin, account, lot, quantity, cost});
    auto& all = tax_lots[coin];
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const auto& l) { return l.number == lot && l.account == account; });
    if (at == all.end()) at = all.insert(at, {lot, account, 0, 0, acquired});
    at->quantity += quantity;
    at->cost += cost;
    if (at->quantity == 0) all.erase(at);
  }

  /// Parts of lots that leave an account, in the tax book: (lot, quantity, cost, acquired).
  std::vector<NaiveTaxLot> tax_parts(std::size_t coin, const std::string& account, Int128 left,
                                     LotRule rule) {
    std::vector<NaiveTaxLot> there, parts;
    for (const NaiveTaxLot& lot : tax_lots[coin])
      if (lot.account == account && lot.acquired <= fact.trade_date) there.push_back(lot);
    std::sort(there.begin(), there.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    const auto take = [&](NaiveTaxLot& lot, Int128 part) {
      const Int128 cost = part == lot.quantity ? lot.cost : half_even(lot.cost * part, lot.quantity);
      parts.push_back({lot.number, account, part, cost, lot.acquired});
      tax_move(coin, account, lot.number, -part, -cost, lot.acquired);
      lot.quantity -= part;
      lot.cost -= cost;
    };
    if (const auto* named = picked(coin, books::Book::kTax)) {
      for (const auto& pick : named->picks) {
        const auto lot =
            std::find_if(there.begin(), there.end(), [&](const auto& l) { return l.number == pick.lot; });
        const Int128 part = pick.quantity.count();
        if (part <= 0 || lot == there.end() || lot->quantity < part) {
          is_possible = false;
          return parts;
        }
        take(*lot, part);
        left -= part;
        lot->quantity = 0;  // named once
      }
      if (left != 0) is_possible = false;
      return parts;
    }
    while (left > 0) {
      NaiveTaxLot* first = nullptr;
      for (NaiveTaxLot& lot : there) {
        if (lot.quantity == 0) continue;
        const auto plain = [](const NaiveTaxLot& l) {
          return NaiveLot{l.number, l.quantity, l.cost, l.acquired};
        };
        if (first == nullptr || goes_before(plain(lot), plain(*first), rule)) first = &lot;
      }
      if (first == nullptr) {
        is_possible = false;
        return parts;
      }
      const Int128 part = std::min(left, first->quantity);
      take(*first, part);
      left -= part;
    }
    return parts;
  }

  void put(std::size_t coin, const books::Place& where, Int128 quantity) {
    fact.moves.push_back({coin, where, quantity});
  }

  void move(std::size_t coin, std::uint64_t lot, Int128 quantity, Int128 cost) {
    fact.movements.push_back({coin, lot, quantity, cost});
    fact.change[kCoinsHeld + coin] += quantity;
    fact.change[kCost + coin] += cost;
  }

  void receive(const std::string& symbol, const money::Decimal& quantity, Int128 cost) {
    const std::size_t coin = coin_of(symbol);
    const Int128 units = whole(quantity, kCoins[coin].decimals);
    auto& held = lots[coin];
    put(coin, place, units);
    tax_move(coin, place.account, next_tax_lot[coin]++, units, cost, fact.trade_date);
    const bool joins = fund.rules_.sale == LotRule::kAverage && fund.rules_.in_kind == LotRule::kAverage;
    if (joins && !held.empty() && held.front().acquired <= fact.trade_date) {
      held.front().quantity += units;
      held.front().cost += cost;
      move(coin, held.front().number, units, cost);
    } else {
      held.push_back({next_lot[coin], units, cost, fact.trade_date});
      move(coin, next_lot[coin]++, units, cost);
    }
  }

  void deliver(const std::string& symbol, const money::Decimal& quantity, Int128 value, LotRule rule,
               books::Disposal cause) {
    const std::size_t coin = coin_of(symbol);
    Int128 left = whole(quantity, kCoins[coin].decimals);
    auto& held = lots[coin];
    Int128 held_then = 0;
    for (const NaiveLot& lot : held)
      if (lot.acquired <= fact.trade_date) held_then += lot.quantity;
    if (left > held_then || left > fund.at_place(coin, place) ||
        left > fund.lowest_since(coin, place, fact.trade_date)) {
      is_possible = false;
      return;
    }
    put(coin, place, -left);
    const bool is_in_kind = cause == books::Disposal::kRedemption || cause == books::Disposal::kExpense;
    const LotRule tax_rule = is_in_kind ? fund.tax_rules_.lots.in_kind : fund.tax_rules_.lots.sale;
    Int128 tax_cost = 0;
    for (const NaiveTaxLot& part : tax_parts(coin, place.account, left, tax_rule)) tax_cost += part.cost;
    if (!is_possible) return;
    if (cause != books::Disposal::kRedemption || fund.tax_rules_.recognises_in_kind)
      fact.taxed_gain += value - tax_cost;
    const auto is_there = [&](const NaiveLot& lot) { return lot.acquired <= fact.trade_date; };
    const auto first_by = [&](LotRule by) {
      auto first = held.end();
      for (auto at = held.begin(); at != held.end(); ++at)
        if (is_there(*at) && (first == held.end() || goes_before(*at, *first, by))) first = at;
      return first;
    };
    Int128 relieved = 0;
    const auto take = [&](NaiveLot& lot, Int128 part) {
      const Int128 cost = part == lot.quantity ? lot.cost : half_even(lot.cost * part, lot.quantity);
      move(coin, lot.number, -part, -cost);
      relieved += cost;
      lot.quantity -= part;
      lot.cost -= cost;
    };
    if (const auto* named = picked(coin, books::Book::kGaap)) {
      std::vector<std::uint64_t> seen;
      for (const auto& pick : named->picks) {
        const auto lot =
            std::find_if(held.begin(), held.end(), [&](const auto& l) { return l.number == pick.lot; });
        const Int128 part = pick.quantity.count();
        const bool again = std::find(seen.begin(), seen.end(), pick.lot) != seen.end();
        if (part <= 0 || again || lot == held.end() || !is_there(*lot) || lot->quantity < part) {
          is_possible = false;
          return;
        }
        seen.push_back(pick.lot);
        take(*lot, part);
        left -= part;
      }
      if (left != 0) is_possible = false;
      std::erase_if(held, [](const NaiveLot& lot) { return lot.quantity == 0; });
    } else if (rule == LotRule::kAverage) {
      const std::uint64_t pool = first_by(LotRule::kFifo)->number;
      for (std::size_t i = 0; i < held.size();) {
        const NaiveLot joined = held[i];
        if (joined.number == pool || !is_there(joined)) {
          ++i;
          continue;
        }
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(i));
        auto& into = *std::find_if(held.begin(), held.end(), [&](const auto& l) { return l.number == pool; });
        into.quantity += joined.quantity;
        into.cost += joined.cost;
        move(coin, joined.number, -joined.quantity, -joined.cost);
        move(coin, pool, joined.quantity, joined.cost);
      }
    }
    while (is_possible && left > 0) {
      const auto first = first_by(rule);
      const Int128 part = std::min(left, first->quantity);
      take(*first, part);
      left -= part;
      if (first->quantity == 0) held.erase(first);
    }
    fact.change[kGain + static_cast<std::size_t>(cause)] += value - relieved;
  }

  void operator()(const books::Open& e) { fact.change[kShares] = whole(e.shares, 0); }
  void operator()(const books::OpeningLot& e) {
    receive(e.asset, e.quantity, cents(e.cost));
    fact.change[kCapitalOpening] += cents(e.cost);
  }
  void operator()(const books::Creation& e) {
    for (const auto& c : e.components) {
      receive(c.asset, c.quantity, cents(c.value));
      fact.change[kCapitalCreations] += cents(c.value);
    }
    fact.change[kCash] += cents(e.cash);
    fact.change[kCapitalCreations] += cents(e.cash);
    fact.change[kShares] += whole(e.shares, 0);
  }
  void operator()(const books::Redemption& e) {
    for (const auto& c : e.components) {
      deliver(c.asset, c.quantity, cents(c.value), fund.rules_.in_kind, books::Disposal::kRedemption);
      fact.change[kCapitalRedemptions] -= cents(c.value);
    }
    fact.change[kCash] -= cents(e.cash);
    fact.change[kCapitalRedemptions] -= cents(e.cash);
    fact.change[kShares] -= whole(e.shares, 0);
  }
  void operator()(const books::Purchase& e) {
    receive(e.asset, e.quantity, cents(e.cash));
    fact.change[kCash] -= cents(e.cash);
  }
  void operator()(const books::Sale& e) {
    deliver(e.asset, e.quantity, cents(e.cash), fund.rules_.sale, books::Disposal::kSale);
    fact.change[kCash] += cents(e.cash);
  }
  void operator()(const books::FeeAccrued& e) {
    fact.change[kPayable + index_in(kFees, e.name)] += cents(e.amount);
    fact.change[kFeeExpense + index_in(kFees, e.name)] += cents(e.amount);
  }
  void operator()(const books::FeePaid& e) {
    fact.change[kPayable + index_in(kFees, e.name)] -= cents(e.amount);
    fact.change[kCash] -= cents(e.amount);
  }
  void operator()(const books::FeePaidInKind& e) {
    std::optional<std::size_t> fee;
    if (e.name) {
      fee = index_in(kFees, *e.name);
    } else {
      for (std::size_t i = 0; i < kFees.size(); ++i) {
        if (fund.totals_[kPayable + i] == 0) continue;
        if (fee) is_possible = false;
        fee = i;
      }
      if (!fee) is_possible = false;
    }
    if (!is_possible) return;
    deliver(e.paid.asset, e.paid.quantity, cents(e.paid.value), fund.rules_.in_kind,
            books::Disposal::kExpense);
    fact.change[kPayable + *fee] -= cents(e.paid.value);
  }
  void operator()(const books::Reward& e) {
    receive(e.received.asset, e.received.quantity, cents(e.received.value));
    fact.change[kIncome + index_in(kSources, e.source)] += cents(e.received.value);
  }
  void operator()(const books::Penalty& e) {
    deliver(e.lost.asset, e.lost.quantity, 0, fund.rules_.sale, books::Disposal::kPenalty);
  }
  void operator()(const books::Split& e) {
    // The simulation's ratios have at most two decimals.
    fact.split_new = whole(e.ratio, 2);
    fact.split_old = Int128{100} * e.for_shares;
    Int128 before = fund.totals_[kShares];
    for (const NaiveFact& other : fund.facts_)
      if (is_in_new_shares(other, fact.trade_date)) before -= other.change[kShares];
    const Int128 parts = before * fact.split_new;
    if (parts % fact.split_old != 0) is_possible = false;
    fact.change[kShares] = parts / fact.split_old - before;
    fact.is_split = true;
  }
  void operator()(const books::Distribution& e) {
    fact.change[kCash] -= cents(e.cash);
    fact.change[kCapitalDistributions] -= cents(e.cash);
  }
  void operator()(const books::Price&) { ENSURE(false); }
  void operator()(const books::Strike&) { ENSURE(false); }
  void operator()(const books::CoinMove& e) {
    const std::size_t coin = coin_of(e.asset);
    const Int128 units = whole(e.quantity, kCoins[coin].decimals);
    if (e.from == e.to || units > fund.at_place(coin, e.from) ||
        units > fund.lowest_since(coin, e.from, fact.trade_date)) {
      is_possible = false;
      return;
    }
    put(coin, e.from, -units);
    put(coin, e.to, units);
    if (e.from.account == e.to.account) return;
    for (const NaiveTaxLot& part : tax_parts(coin, e.from.account, units, LotRule::kFifo))
      tax_move(coin, e.to.account, part.number, part.quantity, part.cost, part.acquired);
  }
  void operator()(const books::Draft&) { ENSURE(false); }
};

Int128 NaiveFund::at_place(std::size_t coin, const books::Place& place) const {
  const auto found = places_.find({coin, place});
  return found == places_.end() ? 0 : found->second;
}

Int128 NaiveFund::lowest_since(std::size_t coin, const books::Place& place, time::Date date) const {
  std::map<time::Date, Int128> later;
  for (const NaiveFact& fact : facts_) {
    if (fact.trade_date <= date) continue;
    for (const NaiveMove& move : fact.moves)
      if (move.coin == coin && move.place == place) later[fact.trade_date] += move.quantity;
  }
  Int128 held = at_place(coin, place);
  for (const auto& [day, change] : later) held -= change;
  Int128 lowest = held;
  for (const auto& [day, change] : later) {
    held += change;
    lowest = std::min(lowest, held);
  }
  return lowest;
}

/// Whether a place has, now and on every day since, what a fact takes from it.
bool NaiveFund::fits(const NaiveFact& fact, std::size_t coin, const books::Place& place) const {
  Int128 change = 0;
  for (const NaiveMove& move : fact.moves)
    if (move.coin == coin && move.place == place) change += move.quantity;
  return change >= 0 ||
         (at_place(coin, place) + change >= 0 && lowest_since(coin, place, fact.trade_date) + change >= 0);
}

NaiveFund::Outcome NaiveFund::post(const Fact& fact, const std::vector<books::Identification>& picks) {
  const std::string content = content_of(fact);
  if (const auto known = by_id_.find(fact.source.id); known != by_id_.end())
    return facts_[known->second].content == content ? Outcome::kUnchanged : Outcome::kRefused;
  Trial trial{.fund = *this,
              .fact = {},
              .lots = lots_,
              .next_lot = next_lot_,
              .tax_lots = tax_lots_,
              .next_tax_lot = next_tax_lot_,
              .place = fact.event.place,
              .picks = picks};
  trial.fact.trade_date = fact.event.date;
  trial.fact.book_date = fact.book_date;
  trial.fact.settlement_date = fact.settlement_date;
  trial.fact.known_at = fact.known_at;
  trial.fact.source_id = fact.source.id;
  trial.fact.content = content;
  std::visit([&](const auto& happening) { trial(happening); }, fact.event.happening);
  if (!trial.is_possible || trial.used != picks.size()) return Outcome::kRefused;
  // Around a split the register goes in the order of dates, for the split multiplied what was there.
  for (const NaiveFact& other : facts_) {
    if (!stands(other) || !changes_shares(other) || !changes_shares(trial.fact)) continue;
    if (other.is_split && trial.fact.trade_date < other.trade_date) return Outcome::kRefused;
    const bool is_new = !other.is_split && other.trade_date == trial.fact.trade_date;
    if (trial.fact.is_split && trial.fact.trade_date < other.book_date && !is_new) return Outcome::kRefused;
  }
  for (const NaiveTaxMovement& movement : trial.fact.tax_movements)
    tax_days_.try_emplace({movement.coin, movement.lot}, trial.fact.trade_date);
  const auto next_lot = trial.next_lot;
  const auto next_tax_lot = trial.next_tax_lot;
  const Outcome outcome = admit(std::move(trial.fact), std::move(trial.lots), std::move(trial.tax_lots));
  if (outcome == Outcome::kPosted) {
    next_lot_ = next_lot;
    next_tax_lot_ = next_tax_lot;
  }
  return outcome;
}

NaiveFund::Outcome NaiveFund::reverse(const std::string& wrong_id, const books::Source& source,
                                      time::Instant known_at) {
  const auto found = by_id_.find(wrong_id);
  if (found == by_id_.end()) return Outcome::kRefused;
  NaiveFact reversal = facts_[found->second];
  const std::string content = "reverses " + wrong_id;
  if (const auto known = by_id_.find(source.id); known != by_id_.end())
    return facts_[known->second].content == content ? Outcome::kUnchanged : Outcome::kRefused;
  if (reversal.is_reversed || reversal.is_reversal) return Outcome::kRefused;
  for (std::size_t i = found->second + 1; i < facts_.size(); ++i) {
    if (!stands(facts_[i]) || !changes_shares(facts_[i]) || !changes_shares(reversal)) continue;
    if (facts_[i].is_split || reversal.is_split) return Outcome::kRefused;
  }
  reversal.known_at = known_at;
  reversal.source_id = source.id;
  reversal.content = content;
  reversal.is_reversal = true;
  for (Int128& amount : reversal.change) amount = -amount;
  for (NaiveMove& move : reversal.moves) move.quantity = -move.quantity;
  reversal.taxed_gain = -reversal.taxed_gain;
  for (const NaiveMove& move : reversal.moves)
    if (!fits(reversal, move.coin, move.place)) return Outcome::kRefused;
  auto tax_lots = tax_lots_;
  for (NaiveTaxMovement& movement : reversal.tax_movements) {
    movement.quantity = -movement.quantity;
    movement.cost = -movement.cost;
    auto& all = tax_lots[movement.coin];
    auto lot = std::find_if(all.begin(), all.end(), [&](const auto& l) {
      return l.number == movement.lot && l.account == movement.account;
    });
    if (lot == all.end())
      lot = all.insert(lot,
                       {movement.lot, movement.account, 0, 0, tax_days_.at({movement.coin, movement.lot})});
    lot->quantity += movement.quantity;
    lot->cost += movement.cost;
  }
  for (auto& all : tax_lots) {
    for (const NaiveTaxLot& lot : all)
      if (lot.quantity < 0 || lot.cost < 0 || (lot.quantity == 0 && lot.cost != 0)) return Outcome::kRefused;
    std::erase_if(all, [](const NaiveTaxLot& lot) { return lot.quantity == 0; });
  }
  auto lots = lots_;
  for (NaiveMovement& movement : reversal.movements) {
    movement.quantity = -movement.quantity;
    movement.cost = -movement.cost;
    auto& held = lots[movement.coin];
    auto lot =
        std::find_if(held.begin(), held.end(), [&](const auto& l) { return l.number >= movement.lot; });
    if (lot == held.end() || lot->number != movement.lot)
      lot = held.insert(lot, {movement.lot, 0, 0, days_.at({movement.coin, movement.lot})});
    lot->quantity += movement.quantity;
    lot->cost += movement.cost;
  }
  for (auto& held : lots) {
    for (const NaiveLot& lot : held)
      if (lot.quantity < 0 || lot.cost < 0 || (lot.quantity == 0 && lot.cost != 0)) return Outcome::kRefused;
    std::erase_if(held, [](const NaiveLot& lot) { return lot.quantity == 0; });
  }
  const std::size_t wrong = found->second;
  const Outcome outcome = admit(std::move(reversal), std::move(lots), std::move(tax_lots));
  if (outcome == Outcome::kPosted) facts_[wrong].is_reversed = true;
  return outcome;
}

NaiveFund::Outcome NaiveFund::admit(NaiveFact fact, Lots lots, TaxLots tax_lots) {
  Amounts after = totals_;
  for (std::size_t slot = 0; slot < kSlots; ++slot) after[slot] += fact.change[slot];
  if (after[kCash] < 0 || after[kShares] < 0) return Outcome::kRefused;
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin)
    if (after[kCoinsHeld + coin] < 0) return Outcome::kRefused;
  for (std::size_t fee = 0; fee < kFees.size(); ++fee)
    if (after[kPayable + fee] < 0) return Outcome::kRefused;
  // Nor on any day since.
  const auto falls_below = [&](std::size_t slot, time::Date NaiveFact::*date) {
    if (fact.change[slot] >= 0) return false;
    for (const NaiveFact& day : facts_) {
      if (day.*date < fact.*date) continue;
      Int128 then = fact.change[slot];
      for (const NaiveFact& other : facts_)
        if (other.*date <= day.*date) then += other.change[slot];
      if (then < 0) return true;
    }
    Int128 then = fact.change[slot];
    for (const NaiveFact& other : facts_)
      if (other.*date <= fact.*date) then += other.change[slot];
    return then < 0;
  };
  if (falls_below(kCash, &NaiveFact::trade_date)) return Outcome::kRefused;
  for (std::size_t fee = 0; fee < kFees.size(); ++fee)
    if (falls_below(kPayable + fee, &NaiveFact::trade_date)) return Outcome::kRefused;
  if (!fact.is_split &&
      (falls_below(kShares, &NaiveFact::trade_date) || falls_below(kShares, &NaiveFact::book_date)))
    return Outcome::kRefused;
  totals_ = after;
  lots_ = std::move(lots);
  tax_lots_ = std::move(tax_lots);
  for (const NaiveMove& move : fact.moves) places_[{move.coin, move.place}] += move.quantity;
  for (const NaiveMovement& movement : fact.movements)
    days_.try_emplace({movement.coin, movement.lot}, fact.trade_date);
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin) {
    const Int128 change = fact.change[kCoinsHeld + coin];
    (change > 0 ? received_ : delivered_)[coin] += change > 0 ? change : -change;
  }
  by_id_.emplace(fact.source_id, facts_.size());
  facts_.push_back(std::move(fact));
  return Outcome::kPosted;
}

Amounts NaiveFund::at(books::Basis basis, time::Date as_of, std::optional<time::Instant> known_at) const {
  Amounts sum{};
  std::vector<const NaiveFact*> since;  // the last split
  Int128 numerator = 0;                 // of the shares: a split multiplies what came before it
  Int128 denominator = 1;
  for (const NaiveFact& fact : facts_) {
    const time::Date date = basis == books::Basis::kNav         ? fact.book_date
                            : basis == books::Basis::kTradeDate ? fact.trade_date
                                                                : fact.settlement_date;
    if (date > as_of || (known_at && fact.known_at > *known_at)) continue;
    for (std::size_t slot = 0; slot < kSlots; ++slot) sum[slot] += fact.change[slot];
    if (!fact.is_split) {
      since.push_back(&fact);
      continue;
    }
    std::erase_if(since, [&](const NaiveFact* one) {
      if (is_in_new_shares(*one, fact.trade_date)) return false;
      numerator += one->change[kShares] * denominator;
      return true;
    });
    numerator *= fact.is_reversal ? fact.split_old : fact.split_new;
    denominator *= fact.is_reversal ? fact.split_new : fact.split_old;
    const Int128 common = common_divisor(numerator, denominator);
    numerator /= common;
    denominator /= common;
  }
  for (const NaiveFact* one : since) numerator += one->change[kShares] * denominator;
  sum[kShares] = numerator / denominator;
  return sum;
}

}  // namespace navkeeper::simulation
