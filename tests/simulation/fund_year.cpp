#include "tests/simulation/fund_year.h"

#include <algorithm>

#include <utility>
#include "common/base/ensure.h"

namespace navkeeper::simulation {
namespace {

using books::Basis;
using books::Units;
using money::Decimal;

constexpr books::LotRule kRules[] = {books::LotRule::kFifo, books::LotRule::kLifo,
                                     books::LotRule::kHighestCost, books::LotRule::kLowestCost,
                                     books::LotRule::kAverage};

Decimal dollars(Int128 cents) { return Decimal::of(cents, 2); }
Decimal coins(std::size_t coin, Int128 units) { return Decimal::of(units, kCoins[coin].decimals); }

/// a * b / c to the nearest, a half to the even neighbour; none negative; a * b fits.
Int128 half_even(Int128 a, Int128 b, Int128 c) {
  const Int128 quotient = a * b / c;
  const Int128 twice = 2 * (a * b - quotient * c);
  return twice > c || (twice == c && quotient % 2 != 0) ? quotient + 1 : quotient;
}

struct AccountOf {
  std::string account;
  books::CommodityIndex commodity;
  Int128 sign;  ///< of the naive amount as a debit
};

/// Where the chart keeps what the tally counts.
AccountOf account_of(std::size_t slot) {
  if (slot < kCost) {
    const auto coin = slot - kCoinsHeld;
    return {"Assets:Coins:" + std::string(kCoins[coin].symbol), static_cast<books::CommodityIndex>(coin + 1),
            1};
  }
  if (slot < kCash) return {"Conversion:" + std::string(kCoins[slot - kCost].symbol), books::kDollars, 1};
  if (slot == kCash) return {"Assets:Cash", books::kDollars, 1};
  if (slot < kFeeExpense)
    return {"Liabilities:Fees payable:" + books::account_part(kFees[slot - kPayable]), books::kDollars, -1};
  if (slot < kCapitalOpening)
    return {"Expenses:Fees:" + books::account_part(kFees[slot - kFeeExpense]), books::kDollars, 1};
  if (slot == kCapitalOpening) return {"Capital:Opening", books::kDollars, -1};
  if (slot == kCapitalCreations) return {"Capital:Creations", books::kDollars, -1};
  if (slot == kCapitalRedemptions) return {"Capital:Redemptions", books::kDollars, -1};
  if (slot == kCapitalDistributions) return {"Capital:Distributions", books::kDollars, -1};
  if (slot < kIncome) {
    constexpr const char* kGains[] = {"Income:Realised gain:Sale", "Income:Realised gain:Redemption",
                                      "Income:Realised gain:Expense", "Expenses:Penalties"};
    return {kGains[slot - kGain], books::kDollars, -1};
  }
  ENSURE(slot < kShares);
  return {"Income:Rewards:" + books::account_part(kSources[slot - kIncome]), books::kDollars, -1};
}

const std::vector<AccountOf>& accounts() {
  static const std::vector<AccountOf> kAccounts = [] {
    std::vector<AccountOf> all;
    for (std::size_t slot = 0; slot < kShares; ++slot) all.push_back(account_of(slot));
    return all;
  }();
  return kAccounts;
}

}  // namespace

void YearCounts::add(const YearCounts& other) {
  steps += other.steps;
  posted += other.posted;
  refused += other.refused;
  unchanged += other.unchanged;
  contradicted += other.contradicted;
  late += other.late;
  reversed += other.reversed;
  closed += other.closed;
  strikes += other.strikes;
  recomputed += other.recomputed;
  identified += other.identified;
  footed += other.footed;
  for (const auto& [kind, count] : other.kinds) kinds[kind] += count;
}

FundYear::FundYear(std::uint64_t seed, Mirror* mirror, int days)
    : seed_(seed),
      mirror_(mirror),
      days_(days),
      random_(seed),
      rules_{{kRules[random_.below(std::size(kRules))], kRules[random_.below(std::size(kRules))]},
             {{kRules[random_.below(4)], kRules[random_.below(4)]}, random_.chance(500)}},
      ledger_(rules_),
      naive_(rules_),
      today_(time::Date::literal("2026-01-01")) {
  price_cents_ = {9'000'000, 300'000, 12};
}

void FundYear::broken(const std::string& what) const {
  throw BrokenBooks("seed " + std::to_string(seed_) + ", " + today_.to_string() + ", step " +
                    std::to_string(counts_.steps) + " (" + doing_ + "), lots " +
                    std::string(describe(rules_.gaap.sale)) + "/" +
                    std::string(describe(rules_.gaap.in_kind)) + ": " + what);
}

time::Instant FundYear::now() {
  return today_.utc_midnight() + time::Duration::hours(9) + time::Duration::seconds(++second_);
}

time::Date FundYear::business_day_after(time::Date date, int days) const {
  while (days > 0) {
    ++date;
    if (!date.is_weekend()) --days;
  }
  return date;
}

Int128 FundYear::worth(std::size_t coin, Int128 units) const {
  return half_even(units, price_cents_[coin], unit_of(coin));
}

books::Component FundYear::component(std::size_t coin, Int128 units) {
  return {kCoins[coin].symbol, coins(coin, units), dollars(worth(coin, units))};
}

Int128 FundYear::some_of(Int128 total) {
  if (total <= 0) return 1;
  if (random_.chance(30)) return total;
  if (random_.chance(30)) return total + random_.units(total);
  return random_.units(total / static_cast<Int128>(random_.between(1, 20)) + 1);
}

YearCounts FundYear::run() {
  open();
  for (int day = 0; day < days_; ++day) {
    begin_day();
    if (random_.chance(600)) earn();
    if (random_.chance(250)) move_coins();
    if (random_.chance(10)) split();
    if (random_.chance(70)) tell_late();
    if (random_.chance(60)) correct();
    if (!today_.is_weekend()) {
      owe();
      strike();
      for (auto deals = random_.below(4); deals > 0; --deals) deal();
      if (random_.chance(15)) distribute();
    }
    if (random_.chance(200)) resend();
    if (random_.chance(50)) ledger_.pull_the_plug();
  }
  for (const PastNav& past : past_) check_past(past);
  check_bases(today_, std::nullopt);
  return counts_;
}

void FundYear::open() {
  books::Open open{"X", {}, Decimal::of(random_.between(0, 5) * 10'000)};
  for (const Coin& coin : kCoins) open.assets.push_back({coin.symbol, coin.decimals});
  tell_today(open);
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin) {
    if (!random_.chance(700)) continue;
    const Int128 units = random_.units(1000 * unit_of(coin));
    tell_today(books::OpeningLot{kCoins[coin].symbol, coins(coin, units), dollars(worth(coin, units))});
  }
  tell_today(books::Creation{Decimal::of(50'000), {}, dollars(25'000'000'00), false});
}

void FundYear::begin_day() {
  ++today_;
  second_ = 0;
  for (Int128& price : price_cents_) {
    price = price * static_cast<Int128>(10'000 + random_.between(-400, 420)) / 10'000;
    price = std::max<Int128>(price, 1);
  }
  // The month before last is closed: what is dated there comes too late.
  if (today_.day() == 5) {
    const time::Date through = today_.start_of_month() - 1;
    closed_through_ = through.start_of_month() - 1;
    expect(ledger_.close_through(*closed_through_).outcome == MemoryLedger::Outcome::kPosted,
           "close refused");
    if (mirror_ != nullptr) mirror_->close_through(*closed_through_, now());
    for (int i = 0; i < 4; ++i) check_rollforward();
    // Every NAV so far, once a month; a random one after each step.
    for (const PastNav& past : past_) check_past(past);
    for (int i = 0; i < 3; ++i) {
      const time::Date as_of = today_ - static_cast<std::int64_t>(random_.below(60));
      check_bases(as_of, std::nullopt);
      if (!past_.empty()) check_bases(as_of, past_[random_.below(past_.size())].known_at);
    }
  }
}

void FundYear::earn() {
  const std::size_t coin = 1 + static_cast<std::size_t>(random_.below(2));
  if (random_.chance(25)) {
    tell_today(books::Penalty{component(coin, some_of(held(coin) / 50))});
    return;
  }
  const Int128 units = random_.units(unit_of(coin) * 3);
  const time::Date claimable = today_ + static_cast<std::int64_t>(random_.below(9));
  tell(books::Reward{component(coin, units), kSources[random_.below(kSources.size())]}, today_, today_,
       claimable);
}

void FundYear::owe() {
  const std::string fee = kFees[random_.below(kFees.size())];
  if (random_.chance(700)) tell_today(books::FeeAccrued{fee, dollars(random_.between(0, 500'000))});
  if (random_.chance(60)) {
    const std::size_t paid = static_cast<std::size_t>(random_.below(kFees.size()));
    tell_today(books::FeePaid{kFees[paid], dollars(some_of(naive_.totals()[kPayable + paid]))});
  }
  if (random_.chance(40)) {
    const std::size_t coin = any_coin();
    const std::size_t paid = static_cast<std::size_t>(random_.below(kFees.size()));
    const Int128 cents = some_of(naive_.totals()[kPayable + paid]);
    const Int128 units = std::max<Int128>(1, cents * unit_of(coin) / price_cents_[coin]);
    books::FeePaidInKind payment{kFees[paid], {kCoins[coin].symbol, coins(coin, units), dollars(cents)}};
    if (random_.chance(300)) payment.name.reset();
    tell_today(payment);
  }
}

void FundYear::distribute() {
  const Int128 cash = naive_.totals()[kCash];
  tell_today(books::Distribution{dollars(random_.chance(100) ? cash + 1 : cash / 50)});
}

books::Place FundYear::some_place() {
  if (!random_.chance(350)) return {};
  return {kAccounts[random_.below(kAccounts.size())], books::kCoinStates[random_.below(2)]};
}

/// Between wallets and states; now and then more than is there, or to where it is.
void FundYear::move_coins() {
  const std::size_t coin = any_coin();
  const books::Place from = some_place();
  const books::Place to{kAccounts[random_.below(kAccounts.size())],
                        books::kCoinStates[random_.below(books::kCoinStates.size())]};
  const Int128 units = some_of(naive_.at_place(coin, from) / 2);
  const time::Date date = today_ - static_cast<std::int64_t>(random_.chance(80) ? random_.below(12) : 0);
  tell(books::CoinMove{kCoins[coin].symbol, coins(coin, units), from, to}, date, date, date);
}

void FundYear::split() {
  constexpr const char* kRatios[] = {"2", "4", "0.5", "0.25", "1.5", "0.1", "1:3", "3:7"};
  tell_today(*books::Split::parse(kRatios[random_.below(std::size(kRatios))]));
}

void FundYear::deal() {
  const time::Date booked = business_day_after(today_, 1);
  const time::Date settled = business_day_after(today_, static_cast<int>(random_.between(1, 2)));
  const std::size_t coin = any_coin();
  const Int128 shares = static_cast<Int128>(random_.between(1, 4)) * 10'000;
  const Int128 cash = naive_.totals()[kCash];
  const auto held_shares = naive_.totals()[kShares];
  switch (random_.below(6)) {
    case 0: {
      books::Creation creation{Decimal::of(shares), {}, {}, false};
      if (random_.chance(400)) {
        creation.cash = dollars(random_.between(0, 2'000'000'00));
      } else if (random_.chance(500)) {
        creation.components = {component(coin, random_.units(20 * unit_of(coin)))};
      } else {
        creation.is_basket = true;
        for (std::size_t i = 0; i < kCoins.size(); ++i)
          creation.components.push_back(component(i, random_.units(5 * unit_of(i))));
        creation.cash = dollars(random_.between(-5000, 5000));
      }
      return tell(creation, today_, booked, settled);
    }
    case 1: {
      books::Redemption redemption{Decimal::of(random_.chance(50) ? held_shares + 1 : shares), {}, {}, false};
      if (random_.chance(300)) {
        redemption.cash = dollars(some_of(cash / 10));
      } else if (random_.chance(500)) {
        redemption.components = {component(coin, some_of(held(coin) / 4))};
      } else {
        redemption.is_basket = true;
        for (std::size_t i = 0; i < kCoins.size(); ++i)
          redemption.components.push_back(component(i, some_of(held(i) / 8)));
        redemption.cash = dollars(random_.between(-5000, 5000));
      }
      return tell(redemption, today_, booked, settled);
    }
    case 2:
    case 3: {
      const Int128 cents = some_of(cash / 8);
      const Int128 units = std::max<Int128>(1, cents * unit_of(coin) / price_cents_[coin]);
      return tell(books::Purchase{kCoins[coin].symbol, coins(coin, units), dollars(cents)}, today_, booked,
                  settled);
    }
    default: {
      const Int128 units = some_of(held(coin) / 3);
      return tell(books::Sale{kCoins[coin].symbol, coins(coin, units), dollars(worth(coin, units))}, today_,
                  booked, settled);
    }
  }
}

/// A fact of some days ago that nobody had told us.
void FundYear::tell_late() {
  const time::Date date = today_ - random_.between(1, random_.chance(100) ? 90 : 20);
  if (date < time::Date::literal("2026-01-01")) return;
  const std::size_t coin = 1 + static_cast<std::size_t>(random_.below(2));
  ++counts_.late;
  const time::Date booked = business_day_after(date, 1);
  switch (random_.below(5)) {
    case 0:
      return tell(books::Reward{component(coin, random_.units(unit_of(coin))), kSources[0]}, date, date,
                  date);
    case 1:
      return tell(books::FeeAccrued{kFees[1], dollars(random_.between(1, 90'000))}, date, date, date);
    case 2:
      return tell(books::Penalty{component(coin, some_of(held(coin) / 100))}, date, date, date);
    case 3:
      return tell(
          books::Creation{Decimal::of(10'000), {component(coin, random_.units(unit_of(coin)))}, {}, false},
          date, booked, booked);
    default: {
      const Int128 units = some_of(held(coin) / 10);
      return tell(books::Sale{kCoins[coin].symbol, coins(coin, units), dollars(worth(coin, units))}, date,
                  booked, booked);
    }
  }
}

/// An entry that was wrong: its reversal, and most times the right one on the same dates.
void FundYear::correct() {
  if (told_.empty()) return;
  // Most corrections follow soon.
  const std::size_t back = static_cast<std::size_t>(random_.below(random_.chance(700) ? 8 : told_.size()));
  const Fact wrong = told_[told_.size() - 1 - std::min(back, told_.size() - 1)];
  if (std::holds_alternative<books::Open>(wrong.event.happening)) return;
  const std::size_t posted = ledger_.posted().size();
  take_back(wrong.source.id);
  if (random_.chance(300)) take_back(wrong.source.id);
  if (ledger_.posted().size() == posted || random_.chance(250)) return;
  Fact right = wrong;
  right.source.id = new_id();
  right.known_at = now();
  if (auto* sale = std::get_if<books::Sale>(&right.event.happening)) sale->cash += dollars(1);
  if (auto* reward = std::get_if<books::Reward>(&right.event.happening)) reward->received.value += dollars(7);
  if (auto* purchase = std::get_if<books::Purchase>(&right.event.happening)) purchase->cash += dollars(3);
  send(right);
}

/// The same fact again, sometimes as somebody else remembers it.
void FundYear::resend() {
  if (told_.empty()) return;
  Fact again = told_[random_.below(told_.size())];
  again.known_at = now();
  if (random_.chance(400)) {
    if (random_.chance(500)) {
      ++again.book_date;
      ++again.settlement_date;
    } else {
      again.event.happening = books::FeeAccrued{kFees[0], dollars(1)};
      again.event.date = today_;
    }
    ++counts_.contradicted;
  }
  send(again, true);
}

void FundYear::tell(books::Happening happening, time::Date date, time::Date book_date,
                    time::Date settlement_date) {
  books::Place place = some_place();
  // Most of what leaves is asked where it is.
  if (random_.chance(700)) place = {};
  const Fact fact{
      {date, std::move(happening), place}, {"simulation", new_id()}, book_date, settlement_date, now()};
  send(fact, false, some_picks(fact));
}

/// Lots named for a sale, most times as they must be.
std::vector<books::Identification> FundYear::some_picks(const Fact& fact) {
  const auto* sale = std::get_if<books::Sale>(&fact.event.happening);
  if (sale == nullptr || !random_.chance(250)) return {};
  std::size_t coin = 0;
  while (sale->asset != kCoins[coin].symbol) ++coin;
  const Int128 quantity = sale->quantity.to_units(kCoins[coin].decimals).value();
  std::vector<books::Identification> picks;
  const auto pick = [&](books::Book book, std::vector<std::pair<std::uint64_t, Int128>> lots) {
    books::Identification one{book, sale->asset, {}};
    Int128 left = quantity;
    while (left > 0 && !lots.empty()) {
      const auto at = lots.begin() + static_cast<std::ptrdiff_t>(random_.below(lots.size()));
      const Int128 part = std::min(left, at->second);
      one.picks.push_back({at->first, Units(random_.chance(20) ? part + 1 : part)});
      left -= part;
      lots.erase(at);
    }
    if (!one.picks.empty()) picks.push_back(std::move(one));
  };
  std::vector<std::pair<std::uint64_t, Int128>> lots;
  for (const NaiveTaxLot& lot : naive_.tax_lots(coin))
    if (lot.account == fact.event.place.account) lots.emplace_back(lot.number, lot.quantity);
  pick(books::Book::kTax, std::move(lots));
  if (random_.chance(400)) {
    lots.clear();
    for (const NaiveLot& lot : naive_.lots(coin)) lots.emplace_back(lot.number, lot.quantity);
    pick(books::Book::kGaap, std::move(lots));
  }
  return picks;
}

void FundYear::send(const Fact& fact, bool is_again, const std::vector<books::Identification>& picks) {
  doing_ = content_of(fact);
  ++counts_.steps;
  const bool is_closed = closed_through_ && fact.book_date <= *closed_through_;
  const std::size_t before = ledger_.posted().size();
  const auto answer = ledger_.post(fact, picks);
  if (mirror_ != nullptr) {
    const auto mirrored = mirror_->post(fact, picks);
    expect(mirrored == answer.outcome, "the mirror answers " + std::to_string(static_cast<int>(mirrored)) +
                                           ", the books " + std::to_string(static_cast<int>(answer.outcome)) +
                                           " " + answer.rule);
  }
  if (is_closed && !is_again) {
    expect(answer.outcome == MemoryLedger::Outcome::kRefused, "posted into a closed period");
    ++counts_.closed;
  } else {
    const auto naive = naive_.post(fact, picks);
    expect(static_cast<int>(naive) == static_cast<int>(answer.outcome),
           "the tally says " + std::to_string(static_cast<int>(naive)) + ", the books " +
               std::to_string(static_cast<int>(answer.outcome)) + " " + answer.rule);
  }
  switch (answer.outcome) {
    case MemoryLedger::Outcome::kPosted:
      expect(ledger_.posted().size() == before + 1, "not one entry more");
      ++counts_.posted;
      if (!picks.empty()) ++counts_.identified;
      ++counts_.kinds[std::string(describe(fact.event.happening))];
      told_.push_back(fact);
      break;
    case MemoryLedger::Outcome::kUnchanged:
      expect(ledger_.posted().size() == before, "posted again");
      ++counts_.unchanged;
      break;
    case MemoryLedger::Outcome::kRefused:
      expect(ledger_.posted().size() == before, "refused and posted");
      expect(!answer.rule.empty(), "refused without a rule");
      ++counts_.refused;
      break;
  }
  check_step();
}

void FundYear::take_back(const std::string& id, bool) {
  doing_ = "reverse " + id;
  ++counts_.steps;
  const books::Source source{"simulation", new_id()};
  const auto known_at = now();
  const auto& wrong = *std::find_if(naive_.facts().begin(), naive_.facts().end(),
                                    [&](const NaiveFact& fact) { return fact.source_id == id; });
  const bool is_closed = closed_through_ && wrong.book_date <= *closed_through_;
  const auto answer = ledger_.reverse({"simulation", id}, source, known_at);
  if (mirror_ != nullptr)
    expect(mirror_->reverse({"simulation", id}, source, known_at) == answer.outcome,
           "the mirror reverses otherwise: " + answer.rule);
  if (is_closed) {
    expect(answer.outcome == MemoryLedger::Outcome::kRefused, "reversed in a closed period");
    ++counts_.closed;
  } else {
    const auto naive = naive_.reverse(id, source, known_at);
    expect(static_cast<int>(naive) == static_cast<int>(answer.outcome),
           "the tally says " + std::to_string(static_cast<int>(naive)) + ", the books " +
               std::to_string(static_cast<int>(answer.outcome)) + " " + answer.rule);
  }
  if (answer.outcome == MemoryLedger::Outcome::kPosted)
    ++counts_.reversed;
  else
    ++counts_.refused;
  check_step();
}

/// Which amount of the tally a line of the chart is; once a line, since every step asks for all.
std::optional<std::size_t> FundYear::slot_of(std::size_t line) {
  const books::Chart& chart = ledger_.chart();
  while (slots_.size() <= line) {
    const books::Line& at = chart.lines()[slots_.size()];
    std::optional<std::size_t> found;
    for (std::size_t slot = 0; slot < kShares && !found; ++slot) {
      const AccountOf& account = accounts()[slot];
      const bool is_position = slot < kCost && books::is_position_account(at.account);
      if (at.commodity == account.commodity && (is_position || at.account == account.account)) found = slot;
    }
    // Beside these there are only the conversion accounts' coins: minus the coins held.
    expect(found || (at.commodity != books::kDollars && at.account.starts_with("Conversion:")),
           "an account that nobody knows: " + at.account);
    slots_.push_back(found);
  }
  return slots_[line];
}

void FundYear::check_totals(const std::vector<Units>& balances, const Amounts& naive,
                            const std::string& view) {
  const books::Chart& chart = ledger_.chart();
  std::vector<Units> sums(chart.commodities().size());
  std::array<Int128, kShares> found{};
  for (std::size_t line = 0; line < balances.size(); ++line) {
    const books::CommodityIndex commodity = chart.lines()[line].commodity;
    sums[commodity] += balances[line];
    if (const auto slot = slot_of(line))
      found[*slot] += balances[line].count();
    else if (balances[line].count() != -naive[kCoinsHeld + commodity - 1])
      broken(view + ": " + chart.lines()[line].account + " is not minus the coins");
  }
  for (const Units sum : sums)
    if (!sum.is_zero()) broken(view + ": a commodity does not balance");
  for (std::size_t slot = 0; slot < kShares; ++slot) {
    const AccountOf& account = accounts()[slot];
    if (found[slot] != account.sign * naive[slot])
      broken(view + ": " + account.account + " is " + money::to_string(found[slot]) + ", the tally has " +
             money::to_string(account.sign * naive[slot]));
  }
}

void FundYear::check_lots() {
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin) {
    const auto& kept = ledger_.lots(static_cast<books::CommodityIndex>(coin + 1));
    const auto& naive = naive_.lots(coin);
    expect(kept.size() == naive.size(), "other lots than the tally");
    Int128 quantity = 0, cost = 0;
    auto at = naive.begin();
    for (const auto& [number, lot] : kept) {
      expect(number == at->number && lot.quantity.count() == at->quantity && lot.cost.count() == at->cost,
             "lot " + std::to_string(number) + " of " + kCoins[coin].symbol + " differs");
      quantity += lot.quantity.count();
      cost += lot.cost.count();
      ++at;
    }
    expect(quantity == held(coin), "lots do not foot to the position");
    expect(cost == naive_.totals()[kCost + coin], "lots do not foot to the cost");
    expect(quantity == naive_.received(coin) - naive_.delivered(coin), "coins appeared or vanished");
    check_tax_lots(coin);
    if (const books::Poster* live = ledger_.live())
      expect(live->books().lots(static_cast<books::CommodityIndex>(coin + 1)).lots() == kept,
             "live lots differ from kept ones");
  }
}

/// The tax book's lots are the tally's, and foot to the coins at each account.
void FundYear::check_tax_lots(std::size_t coin) {
  const auto& kept = ledger_.tax_lots(static_cast<books::CommodityIndex>(coin + 1));
  const auto& naive = naive_.tax_lots(coin);
  expect(kept.size() == naive.size(), "other tax lots than the tally");
  std::map<std::string, Int128> by_account;
  for (const NaiveTaxLot& lot : naive) {
    const auto found = kept.find({lot.account, lot.number});
    expect(found != kept.end() && found->second.quantity.count() == lot.quantity &&
               found->second.cost.count() == lot.cost && found->second.acquired == lot.acquired,
           "tax lot " + std::to_string(lot.number) + " of " + kCoins[coin].symbol + " differs");
    by_account[lot.account] += lot.quantity;
  }
  for (const char* account : kAccounts) {
    Int128 there = 0;
    for (const books::CoinState state : books::kCoinStates) {
      const books::Place place{account, state};
      const Int128 naive_there = naive_.at_place(coin, place);
      expect(ledger_.balance(books::position_account(kCoins[coin].symbol, place),
                             static_cast<books::CommodityIndex>(coin + 1))
                     .count() == naive_there,
             std::string("the coins at ") + account + " " + std::string(describe(state)) + " differ");
      there += naive_there;
    }
    expect(by_account[account] == there, "tax lots do not foot to the coins of an account");
  }
}

void FundYear::check_step() {
  check_totals(ledger_.balances(), naive_.totals(), "now");
  check_lots();
  expect(ledger_.shares().count() == naive_.totals()[kShares], "the share register differs");
  if (const books::Poster* poster = ledger_.live()) {
    const books::Books* live = &poster->books();
    expect(live->shares() == ledger_.shares(), "live shares differ from kept ones");
    expect(live->cash().count() == naive_.totals()[kCash], "live cash differs");
  }
  expect(ledger_.posted().size() == naive_.facts().size(), "not every fact posted once");
  if (!past_.empty()) check_past(past_[random_.below(past_.size())]);
}

/// Positions, costs and shares on the three bases, and the lots that make them up.
void FundYear::check_bases(time::Date as_of, std::optional<time::Instant> known_at) {
  check_mirror(as_of, known_at);
  doing_ = "bases as of " + as_of.to_string();
  for (const Basis basis : {Basis::kNav, Basis::kTradeDate, Basis::kSettled}) {
    const auto balances = balances_at(ledger_.chart(), ledger_.entries(), basis, as_of, known_at);
    const Amounts naive = naive_.at(basis, as_of, known_at);
    const std::string view(describe(basis));
    check_totals(balances, naive, view);
    std::array<Units, kCoins.size()> quantity, cost, taxed;
    const Units shares = ledger_.shares_at(basis, as_of, known_at);
    for (const auto& posted : ledger_.posted()) {
      if (date_on(posted.entry, basis) > as_of || (known_at && posted.entry.known_at > *known_at)) continue;
      for (const books::LotChange& change : posted.lots) {
        quantity[change.asset - 1] += change.movement.quantity;
        cost[change.asset - 1] += change.movement.cost;
      }
      for (const books::TaxLotChange& change : posted.tax_lots)
        taxed[change.asset - 1] += change.movement.quantity;
    }
    for (std::size_t coin = 0; coin < kCoins.size(); ++coin) {
      expect(quantity[coin].count() == naive[kCoinsHeld + coin], view + ": lots do not foot to the position");
      expect(cost[coin].count() == naive[kCost + coin], view + ": lots do not foot to the cost");
      expect(taxed[coin] == quantity[coin], view + ": the tax book's lots do not foot to the position");
    }
    expect(shares.count() == naive[kShares], view + ": the share register differs");
  }
}

/// The NAV that the journal gives for a day, as known at a time.
std::string FundYear::nav_text(time::Date date, std::optional<time::Instant> known_at,
                               const std::vector<Decimal>& prices) const {
  const auto balances = balances_at(ledger_.chart(), ledger_.entries(), Basis::kNav, date, known_at);
  Units net;
  std::array<Units, kCoins.size()> held;
  std::string text = date.to_string();
  for (std::size_t line = 0; line < balances.size(); ++line) {
    const books::Line& at = ledger_.chart().lines()[line];
    if (at.account == "Assets:Cash" || at.account.starts_with("Liabilities:")) net += balances[line];
    if (!books::is_position_account(at.account)) continue;
    held[at.commodity - 1] += balances[line];
  }
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin) {
    if (held[coin].is_zero()) continue;
    const Decimal value = money::multiply(held[coin].to_decimal(kCoins[coin].decimals), prices[coin], 2,
                                          money::Rounding::kHalfEven);
    net += *Units::from(value, 2);
    text += std::string("|") + kCoins[coin].symbol + " " + money::to_string(held[coin].count());
  }
  const Units shares = ledger_.shares_at(Basis::kNav, date, known_at);
  return text + "|" + money::to_string(net.count()) + "|" + money::to_string(shares.count());
}

void FundYear::strike() {
  doing_ = "strike";
  ++counts_.steps;
  PastNav nav;
  nav.date = today_;
  nav.known_at = now();
  for (const Int128 price : price_cents_) nav.prices.push_back(dollars(price));
  const auto struck = ledger_.strike(today_, nav.prices);
  if (naive_.totals()[kShares] == 0) {
    expect(struck.has_error() && struck.error() == books::BooksRefusal::kNoShares, "struck without shares");
    return;
  }
  expect(struck.has_value(), "the strike was refused");
  nav.text = nav_text(today_, nav.known_at, nav.prices);
  // All dealing of earlier days is booked by now and none of today's: so the books as they stand, the journal
  // on basis nav, and the tally say the same.
  const Amounts& naive = naive_.totals();
  Int128 net = naive[kCash];
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin) net += worth(coin, held(coin));
  for (std::size_t fee = 0; fee < kFees.size(); ++fee) net -= naive[kPayable + fee];
  expect(struck->net_assets.count() == net, "the strike's net assets differ from the tally's");
  expect(struck->shares.count() == naive[kShares], "the strike's shares differ from the tally's");
  expect(nav.text.ends_with("|" + money::to_string(net) + "|" + money::to_string(naive[kShares])),
         "the journal's NAV differs from the books': " + nav.text);
  past_.push_back(std::move(nav));
  ++counts_.strikes;
}

void FundYear::check_past(const PastNav& past) {
  ++counts_.recomputed;
  expect(nav_text(past.date, past.known_at, past.prices) == past.text,
         "the NAV of " + past.date.to_string() + " cannot be recomputed");
}

}  // namespace navkeeper::simulation
