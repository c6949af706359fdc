#include "tests/simulation/naive_fund.h"

#include <algorithm>

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
  switch (rule) {
    case LotRule::kLifo:
      return a.number > b.number;
    case LotRule::kHighestCost:
      return left != right ? left > right : a.number < b.number;
    case LotRule::kLowestCost:
      return left != right ? left < right : a.number < b.number;
    case LotRule::kFifo:
    case LotRule::kAverage:
      return a.number < b.number;
  }
  ENSURE(false);
}

bool changes_shares(const NaiveFact& fact) { return fact.change[kShares] != 0 || fact.is_split; }
bool stands(const NaiveFact& fact) { return !fact.is_reversed && !fact.is_reversal; }

}  // namespace

/// One fact tried out on copies.
struct Trial {
  const NaiveFund& fund;
  NaiveFact fact;
  std::array<std::vector<NaiveLot>, kCoins.size()> lots;
  std::array<std::uint64_t, kCoins.size()> next_lot;
  bool is_possible = true;

  void move(std::size_t coin, std::uint64_t lot, Int128 quantity, Int128 cost) {
    fact.movements.push_back({coin, lot, quantity, cost});
    fact.change[kCoinsHeld + coin] += quantity;
    fact.change[kCost + coin] += cost;
  }

  void receive(const std::string& symbol, const money::Decimal& quantity, Int128 cost) {
    const std::size_t coin = coin_of(symbol);
    const Int128 units = whole(quantity, kCoins[coin].decimals);
    auto& held = lots[coin];
    const bool joins = fund.rules_.sale == LotRule::kAverage && fund.rules_.in_kind == LotRule::kAverage;
    if (joins && !held.empty()) {
      held.front().quantity += units;
      held.front().cost += cost;
      move(coin, held.front().number, units, cost);
    } else {
      held.push_back({next_lot[coin], units, cost});
      move(coin, next_lot[coin]++, units, cost);
    }
  }

  void deliver(const std::string& symbol, const money::Decimal& quantity, Int128 value, LotRule rule,
               books::Disposal cause) {
    const std::size_t coin = coin_of(symbol);
    Int128 left = whole(quantity, kCoins[coin].decimals);
    auto& held = lots[coin];
    Int128 total = 0;
    for (const NaiveLot& lot : held) total += lot.quantity;
    if (left > total) {
      is_possible = false;
      return;
    }
    if (rule == LotRule::kAverage) {
      while (held.size() > 1) {
        const NaiveLot joined = held[1];
        held.erase(held.begin() + 1);
        held[0].quantity += joined.quantity;
        held[0].cost += joined.cost;
        move(coin, joined.number, -joined.quantity, -joined.cost);
        move(coin, held[0].number, joined.quantity, joined.cost);
      }
    }
    Int128 relieved = 0;
    while (left > 0) {
      const auto first = std::min_element(
          held.begin(), held.end(), [&](const auto& a, const auto& b) { return goes_before(a, b, rule); });
      const Int128 part = std::min(left, first->quantity);
      const Int128 cost =
          part == first->quantity ? first->cost : half_even(first->cost * part, first->quantity);
      move(coin, first->number, -part, -cost);
      relieved += cost;
      left -= part;
      first->quantity -= part;
      first->cost -= cost;
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
    const Int128 hundredths = fund.totals_[kShares] * whole(e.ratio, 2);
    if (hundredths % 100 != 0) is_possible = false;
    fact.change[kShares] = hundredths / 100 - fund.totals_[kShares];
    fact.is_split = true;
  }
  void operator()(const books::Distribution& e) {
    fact.change[kCash] -= cents(e.cash);
    fact.change[kCapitalDistributions] -= cents(e.cash);
  }
  void operator()(const books::Price&) { ENSURE(false); }
  void operator()(const books::Strike&) { ENSURE(false); }
};

NaiveFund::Outcome NaiveFund::post(const Fact& fact) {
  const std::string content = content_of(fact);
  if (const auto known = by_id_.find(fact.source.id); known != by_id_.end())
    return facts_[known->second].content == content ? Outcome::kUnchanged : Outcome::kRefused;
  Trial trial{.fund = *this, .fact = {}, .lots = lots_, .next_lot = next_lot_};
  trial.fact.trade_date = fact.event.date;
  trial.fact.book_date = fact.book_date;
  trial.fact.settlement_date = fact.settlement_date;
  trial.fact.known_at = fact.known_at;
  trial.fact.source_id = fact.source.id;
  trial.fact.content = content;
  std::visit(trial, fact.event.happening);
  if (!trial.is_possible) return Outcome::kRefused;
  // Around a split the register goes in the order of dates, for the split multiplied what was there.
  for (const NaiveFact& other : facts_) {
    if (!stands(other) || !changes_shares(other) || !changes_shares(trial.fact)) continue;
    if (other.is_split && trial.fact.trade_date < other.trade_date) return Outcome::kRefused;
    if (trial.fact.is_split && trial.fact.trade_date < other.book_date) return Outcome::kRefused;
  }
  const auto next_lot = trial.next_lot;
  const Outcome outcome = admit(std::move(trial.fact), std::move(trial.lots));
  if (outcome == Outcome::kPosted) next_lot_ = next_lot;
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
  auto lots = lots_;
  for (NaiveMovement& movement : reversal.movements) {
    movement.quantity = -movement.quantity;
    movement.cost = -movement.cost;
    auto& held = lots[movement.coin];
    auto lot =
        std::find_if(held.begin(), held.end(), [&](const auto& l) { return l.number >= movement.lot; });
    if (lot == held.end() || lot->number != movement.lot) lot = held.insert(lot, {movement.lot, 0, 0});
    lot->quantity += movement.quantity;
    lot->cost += movement.cost;
  }
  for (auto& held : lots) {
    for (const NaiveLot& lot : held)
      if (lot.quantity < 0 || lot.cost < 0 || (lot.quantity == 0 && lot.cost != 0)) return Outcome::kRefused;
    std::erase_if(held, [](const NaiveLot& lot) { return lot.quantity == 0; });
  }
  const std::size_t wrong = found->second;
  const Outcome outcome = admit(std::move(reversal), std::move(lots));
  if (outcome == Outcome::kPosted) facts_[wrong].is_reversed = true;
  return outcome;
}

NaiveFund::Outcome NaiveFund::admit(NaiveFact fact, std::array<std::vector<NaiveLot>, kCoins.size()> lots) {
  Amounts after = totals_;
  for (std::size_t slot = 0; slot < kSlots; ++slot) after[slot] += fact.change[slot];
  if (after[kCash] < 0 || after[kShares] < 0) return Outcome::kRefused;
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin)
    if (after[kCoinsHeld + coin] < 0) return Outcome::kRefused;
  for (std::size_t fee = 0; fee < kFees.size(); ++fee)
    if (after[kPayable + fee] < 0) return Outcome::kRefused;
  totals_ = after;
  lots_ = std::move(lots);
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
  for (const NaiveFact& fact : facts_) {
    const time::Date date = basis == books::Basis::kNav         ? fact.book_date
                            : basis == books::Basis::kTradeDate ? fact.trade_date
                                                                : fact.settlement_date;
    if (date > as_of || (known_at && fact.known_at > *known_at)) continue;
    for (std::size_t slot = 0; slot < kSlots; ++slot) sum[slot] += fact.change[slot];
  }
  return sum;
}

}  // namespace navkeeper::simulation
