#include "services/nav/domain/books/books.h"

#include <algorithm>
#include <map>

#include "common/base/ensure.h"
#include "common/money/overflow.h"
#include "services/nav/domain/books/booking.h"
#include "services/nav/domain/books/tax_book.h"

namespace navkeeper::nav::books {
namespace {

using money::Decimal;
using money::Int128;

constexpr std::string_view kFeesPayable = "Liabilities:Fees payable:";
constexpr std::string_view kDollarSymbol = "USD";

Units whole_shares(const Decimal& shares) {
  require(shares.scale() == 0, BooksRefusal::kSharesNotWhole);
  return units_of(shares, 0);
}

Units positive_shares(const Decimal& shares) {
  require(shares.is_positive(), BooksRefusal::kNotPositive);
  return whole_shares(shares);
}

void check_name(const std::string& name) {
  require(!name.empty(), BooksRefusal::kEmptyName);
  require(name.size() <= kNameLengthMax, BooksRefusal::kNameTooLong);
}

constexpr std::size_t at(Addition cause) { return static_cast<std::size_t>(cause); }
constexpr std::size_t at(Disposal cause) { return static_cast<std::size_t>(cause); }

FlowCause flow_cause(Addition cause) {
  switch (cause) {
    case Addition::kOpening:
      return FlowCause::kOpening;
    case Addition::kCreation:
      return FlowCause::kCreation;
    case Addition::kPurchase:
      return FlowCause::kPurchase;
    case Addition::kReward:
      return FlowCause::kReward;
  }
  ENSURE(false);
}

/// Where the contract's answer counts it; swaps and distributions in kind it does not know.
std::optional<Disposal> counted_as(FlowCause cause) {
  switch (cause) {
    case FlowCause::kSale:
    case FlowCause::kRebalancingSale:
      return Disposal::kSale;
    case FlowCause::kRedemption:
      return Disposal::kRedemption;
    case FlowCause::kExpense:
      return Disposal::kExpense;
    case FlowCause::kPenalty:
      return Disposal::kPenalty;
    case FlowCause::kSwap:
    case FlowCause::kDistribution:
      return std::nullopt;
    case FlowCause::kOpening:
    case FlowCause::kCreation:
    case FlowCause::kPurchase:
    case FlowCause::kRebalancingPurchase:
    case FlowCause::kReward:
    case FlowCause::kReceipt:
    case FlowCause::kRestatement:
      ENSURE(false);
  }
  ENSURE(false);
}

const char* gain_account(FlowCause cause) {
  switch (cause) {
    case FlowCause::kSale:
    case FlowCause::kRebalancingSale:
      return "Income:Realised gain:Sale";
    case FlowCause::kRedemption:
      return "Income:Realised gain:Redemption";
    case FlowCause::kExpense:
      return "Income:Realised gain:Expense";
    case FlowCause::kPenalty:
      return "Expenses:Penalties";
    case FlowCause::kSwap:
      return "Income:Realised gain:Swap";
    case FlowCause::kDistribution:
      return "Income:Realised gain:Distribution";
    case FlowCause::kOpening:
    case FlowCause::kCreation:
    case FlowCause::kPurchase:
    case FlowCause::kRebalancingPurchase:
    case FlowCause::kReward:
    case FlowCause::kReceipt:
    case FlowCause::kRestatement:
      ENSURE(false);
  }
  ENSURE(false);
}

void check_place(const Place& place) {
  require(place.account.size() <= kPlaceLengthMax, BooksRefusal::kPlaceTooLong);
}

struct NameOf {
  std::string_view operator()(const Open&) const { return "open"; }
  std::string_view operator()(const OpeningLot&) const { return "opening_lot"; }
  std::string_view operator()(const Creation&) const { return "creation"; }
  std::string_view operator()(const Redemption&) const { return "redemption"; }
  std::string_view operator()(const Purchase&) const { return "purchase"; }
  std::string_view operator()(const Sale&) const { return "sale"; }
  std::string_view operator()(const FeeAccrued&) const { return "fee_accrued"; }
  std::string_view operator()(const FeePaid&) const { return "fee_paid"; }
  std::string_view operator()(const FeePaidInKind&) const { return "fee_paid_in_kind"; }
  std::string_view operator()(const Reward&) const { return "reward"; }
  std::string_view operator()(const Penalty&) const { return "penalty"; }
  std::string_view operator()(const Split&) const { return "split"; }
  std::string_view operator()(const Distribution&) const { return "distribution"; }
  std::string_view operator()(const Price&) const { return "price"; }
  std::string_view operator()(const Strike&) const { return "strike"; }
  std::string_view operator()(const CoinMove&) const { return "transfer"; }
  std::string_view operator()(const Draft&) const { return "draft"; }
};

}  // namespace

std::string_view describe(Addition cause) {
  switch (cause) {
    case Addition::kOpening:
      return "opening_lot";
    case Addition::kCreation:
      return "creation";
    case Addition::kPurchase:
      return "purchase";
    case Addition::kReward:
      return "reward";
  }
  ENSURE(false);
}

std::string_view describe(Disposal cause) {
  switch (cause) {
    case Disposal::kSale:
      return "sale";
    case Disposal::kRedemption:
      return "redemption";
    case Disposal::kExpense:
      return "expense";
    case Disposal::kPenalty:
      return "penalty";
  }
  ENSURE(false);
}

money::Rational Split::factor() const { return money::Rational(ratio) / money::Rational::of(for_shares); }

std::string Split::text() const {
  return for_shares == 1 ? ratio.to_string() : ratio.to_string() + ":" + std::to_string(for_shares);
}

std::optional<Split> Split::parse(std::string_view text) {
  constexpr std::size_t kDigitsMax = 9;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    const auto ratio = Decimal::parse(text);
    return ratio ? std::optional(Split{*ratio}) : std::nullopt;
  }
  const auto whole = [](std::string_view digits) -> std::optional<std::int64_t> {
    const bool is_whole =
        !digits.empty() && digits.size() <= kDigitsMax &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_whole) return std::nullopt;
    return std::stoll(std::string(digits));
  };
  const auto new_shares = whole(text.substr(0, colon));
  const auto old_shares = whole(text.substr(colon + 1));
  if (!new_shares || !old_shares) return std::nullopt;
  return Split{Decimal::of(*new_shares), *old_shares};
}

std::string_view describe(const Happening& happening) { return std::visit(NameOf{}, happening); }

Books::Books(LotRules rules) : rules_(rules), cash_line_(chart_.line("Assets:Cash", kDollars)) {
  for (const FlowCause cause :
       {FlowCause::kSale, FlowCause::kRedemption, FlowCause::kExpense, FlowCause::kPenalty})
    gain_lines_[at(*counted_as(cause))] = chart_.line(gain_account(cause), kDollars);
  balances_.resize(chart_.lines().size());
}

Books Books::resume(LotRules rules, const Standing& standing) {
  Books books(rules);
  books.is_open_ = true;
  for (const Standing::Asset& asset : standing.assets) {
    books.open_asset(asset.definition);
    Holding& holding = books.holdings_.back();
    for (const auto& [number, lot] : asset.lots) holding.lots.restore(number, lot);
    holding.lots.skip_to(asset.next_lot);
  }
  const auto commodity_of = [&](const std::string& symbol) {
    const auto found = books.holding_index_.find(symbol);
    return found == books.holding_index_.end() ? kDollars : books.holdings_[found->second].commodity;
  };
  for (const Standing::Balance& balance : standing.balances) {
    const LineIndex line = books.line_of(balance.account, commodity_of(balance.commodity));
    books.balances_[line] = balance.amount;
    if (line == books.cash_line_) books.cash_ = balance.amount;
    if (!balance.account.starts_with(kFeesPayable) || balance.commodity != kDollarSymbol) continue;
    const std::string part = balance.account.substr(kFeesPayable.size());
    books.fee_of_part(name_of_part(part), part).payable = -balance.amount;
  }
  for (const Standing::LaterChange& change : standing.later)
    books.later_[books.line_of(change.account, commodity_of(change.commodity))].emplace_back(
        change.trade_date, change.amount);
  books.shares_ = standing.shares;
  books.last_date_ = standing.last_date;
  return books;
}

Decided<void> Books::apply(const Event& event, Applied& applied, std::span<const Identification> picks) {
  applied.entry.trade_date = applied.entry.book_date = applied.entry.settlement_date = event.date;
  applied.entry.description = describe(event.happening);
  applied.entry.postings.clear();
  applied.entry.reverses.reset();
  applied.lots.clear();
  applied.flows.clear();
  applied.transfers.clear();
  applied.tax_adjustments.clear();
  applied.shares_change = {};
  applied.strike.reset();
  applied_ = &applied;
  date_ = event.date;
  place_ = event.place;
  picks_ = picks;
  picks_used_ = 0;
  const Units shares_before = shares_;
  try {
    const bool is_open_event = std::holds_alternative<Open>(event.happening);
    require(is_open_ || is_open_event, BooksRefusal::kNotOpen);
    require(!is_open_ || !is_open_event, BooksRefusal::kAlreadyOpen);
    require(!last_date_ || event.date >= *last_date_, BooksRefusal::kDateGoesBack);
    last_date_ = event.date;
    check_place(place_);
    std::visit([&](const auto& happening) { on(happening); }, event.happening);
    require(cash_ >= Units{}, BooksRefusal::kCashBelowZero);
    if (!later_.empty()) check_days_since();
    require(picks_used_ == static_cast<std::size_t>(std::count_if(
                               picks.begin(), picks.end(),
                               [](const Identification& one) { return one.book == Book::kGaap; })),
            BooksRefusal::kPicksUnused);
    applied.shares_change = shares_ - shares_before;
  } catch (const Refuse& refused) {
    return refused.refusal;
  } catch (const money::OverflowError&) {
    return BooksRefusal::kOverflow;
  }
  ENSURE(books::balances(chart_, applied.entry.postings));
  return {};
}

void Books::open_asset(const AssetDefinition& definition) {
  require(definition.asset != chart_.commodities()[kDollars].symbol, BooksRefusal::kDollarsAreNotAnAsset);
  require(!holding_index_.contains(definition.asset), BooksRefusal::kRepeatedAsset);
  const CommodityIndex commodity = chart_.add_commodity(definition.asset, definition.decimals);
  const std::string part = account_part(definition.asset);
  holding_index_.emplace(definition.asset, holdings_.size());
  holdings_.push_back({.commodity = commodity,
                       .part = part,
                       .lots = LotBook(rules_),
                       .price = std::nullopt,
                       .coins = chart_.line("Assets:Coins:" + part, commodity),
                       .conversion_coins = chart_.line("Conversion:" + part, commodity),
                       .conversion_dollars = chart_.line("Conversion:" + part, kDollars)});
  balances_.resize(chart_.lines().size());
}

Books::Holding& Books::holding_of(const std::string& asset) {
  const auto found = holding_index_.find(asset);
  require(found != holding_index_.end(), BooksRefusal::kUnknownAsset);
  return holdings_[found->second];
}

Books::Coins Books::coins_of(const std::string& asset, const Decimal& quantity, const Decimal& value) {
  Holding& holding = holding_of(asset);
  require(quantity.is_positive(), BooksRefusal::kNotPositive);
  return {
      &holding, units_of(quantity, chart_.commodities()[holding.commodity].decimals), dollars(value), {}, {}};
}

Books::Coins Books::coins_of(const Component& component, const Owing& owing) {
  Coins coins = coins_of(component.asset, component.quantity, component.value);
  if (component.owed.is_zero()) return coins;
  check_name(owing.to);
  coins.owed = units_of(component.owed, chart_.commodities()[coins.holding->commodity].decimals);
  require(coins.owed > Units{} && coins.owed <= coins.quantity, BooksRefusal::kNegative);
  coins.owed_to = owing.to;
  return coins;
}

/// At the position, and what of them is owed beside it.
void Books::post_coins(const Coins& coins, LineIndex position, bool they_come) {
  const auto signed_units = [&](Units units) { return they_come ? units : -units; };
  if (const Units there = coins.quantity - coins.owed; !there.is_zero()) post(position, signed_units(there));
  if (!coins.owed.is_zero())
    post(line_of(owed_account(coins.holding->part, coins.owed_to), coins.holding->commodity),
         signed_units(coins.owed));
}

void Books::post_cash(Units received, const Owing& owing) {
  if (owing.cash.is_zero()) return post_cash(received);
  check_name(owing.to);
  const Units owed = signed_dollars(owing.cash);
  if (const Units now = received + owed; !now.is_zero()) post_cash(now);
  post(std::string(kOrdersPayable) + account_part(owing.to), -owed);
}

Books::Fee& Books::fee_of(const std::string& name) {
  check_name(name);
  return fee_of_part(name, account_part(name));
}

Books::Fee& Books::fee_of_part(const std::string& name, const std::string& part) {
  const auto [found, is_new] = fee_index_.emplace(part, fees_.size());
  if (is_new) {
    fees_.push_back({name,
                     {},
                     chart_.line(std::string(kFeesPayable) + part, kDollars),
                     chart_.line("Expenses:Fees:" + part, kDollars)});
    balances_.resize(chart_.lines().size());
  }
  return fees_[found->second];
}

Books::Fee& Books::only_fee_payable() {
  Fee* only = nullptr;
  for (Fee& fee : fees_) {
    if (fee.payable.is_zero()) continue;
    require(only == nullptr, BooksRefusal::kSeveralFeesPayable);
    only = &fee;
  }
  require(only != nullptr, BooksRefusal::kNoFeePayable);
  return *only;
}

void Books::pay(Fee& fee, Units amount) {
  require(amount <= fee.payable, BooksRefusal::kMoreThanPayable);
  fee.payable -= amount;
  post(fee.payable_line, amount);
}

void Books::post(LineIndex line, Units amount) {
  balances_[line] += amount;
  applied_->entry.postings.push_back({line, amount});
}

LineIndex Books::line_of(const std::string& account, CommodityIndex commodity) {
  const LineIndex line = chart_.line(account, commodity);
  balances_.resize(chart_.lines().size());
  return line;
}

LineIndex Books::position_line(const Holding& holding, const Place& place) {
  if (place == Place{}) return holding.coins;
  return line_of(position_account(holding.part, place), holding.commodity);
}

Units Books::coins_at(CommodityIndex asset, const std::string& account) const {
  Units sum;
  for (LineIndex line = 0; line < chart_.lines().size(); ++line) {
    if (chart_.lines()[line].commodity != asset) continue;
    const auto place = place_of_account(chart_.lines()[line].account);
    if (place && place->second.account == account) sum += balances_[line];
  }
  return sum;
}

void Books::post(const std::string& account, Units amount) { post(line_of(account, kDollars), amount); }

void Books::post_cash(Units amount) {
  cash_ += amount;
  post(cash_line_, amount);
}

/// The least that the account held at the end of `date` or of any day since, as far as is posted.
Units Books::lowest_since(LineIndex line, time::Date date) const {
  Units balance = balances_[line];
  const auto found = later_.find(line);
  if (found == later_.end()) return balance;
  Units lowest = balance;
  const auto& changes = found->second;
  for (auto change = changes.rbegin(); change != changes.rend() && change->first > date; ++change) {
    balance -= change->second;
    const auto before = std::next(change);
    const bool is_first_of_day = before == changes.rend() || before->first != change->first;
    if (is_first_of_day) lowest = std::min(lowest, balance);  // at the end of the day before
  }
  return lowest;
}

/// What is paid was there, and was owed, on its day and since: dollars held and fees owed are at no day less
/// than nothing. A correction of what accrued (a further version of a NAV) pays nothing: an earlier payment
/// may turn out to have been too much.
void Books::check_days_since() {
  bool is_payment = false;
  std::map<LineIndex, Units> changes;
  for (const Posting& posting : applied_->entry.postings) {
    changes[posting.line] += posting.amount;
    is_payment |= posting.line == cash_line_ || is_position_account(chart_.lines()[posting.line].account);
  }
  if (!is_payment) return;
  for (const auto& [line, change] : changes) {
    const Line& at = chart_.lines()[line];
    const bool is_owed = at.account.starts_with(kFeesPayable);
    const bool is_held = at.commodity == kDollars && at.account.starts_with("Assets:");
    const Units sign_of_less = is_owed ? -change : change;
    const auto found = later_.find(line);
    if ((!is_owed && !is_held) || sign_of_less >= Units{} || found == later_.end()) continue;
    std::map<time::Date, Units> days;
    for (const auto& [day, amount] : found->second) days[day] += is_owed ? -amount : amount;
    refused_on_ = first_day_below_zero(is_owed ? -balances_[line] : balances_[line], days, date_);
    if (refused_on_)
      throw Refuse{is_owed ? BooksRefusal::kPaidBeforeOwed : BooksRefusal::kDollarsNotThereYet};
  }
}

/// Refuses what is not there, now or on that day.
void Books::take_from(LineIndex line, Units quantity) const {
  require(quantity <= balances_[line], BooksRefusal::kMoreThanThere);
  require(quantity <= lowest_since(line, date_), BooksRefusal::kNotYetHeld);
}

const Identification* Books::identified(const Holding& holding) {
  const std::string& asset = chart_.commodities()[holding.commodity].symbol;
  for (const Identification& one : picks_) {
    if (one.book != Book::kGaap || one.asset != asset) continue;
    ++picks_used_;
    return &one;
  }
  return nullptr;
}

void Books::check_picks(const Holding& holding, const Identification& identification, Units quantity) const {
  const auto refusal = broken_pick_rule(holding.lots, identification.picks, quantity, date_);
  if (refusal) throw Refuse{*refusal};
}

/// Debits the coins and their cost; what pays for them is the caller's posting.
void Books::acquire(const Coins& coins, Addition cause) {
  Holding& holding = *coins.holding;
  movements_.clear();
  holding.lots.add(coins.quantity, coins.value, &movements_, date_);
  note_movements(holding, date_);
  RollForward::Flow& flow = holding.additions[at(cause)];
  flow.quantity += coins.quantity;
  flow.cost += coins.value;
  flow.value += coins.value;
  applied_->flows.push_back(
      {holding.commodity, flow_cause(cause), coins.quantity, coins.value, coins.value, place_, date_});
  post_coins(coins, position_line(holding, place_), true);
  post(holding.conversion_coins, -coins.quantity);
  post(holding.conversion_dollars, coins.value);
}

/// Credits the coins and the cost of the lots that leave, and books value less cost as gained; what is had
/// for them, at `coins.value`, is the caller's posting.
void Books::dispose(const Coins& coins, LotRule rule, FlowCause cause) {
  Holding& holding = *coins.holding;
  require(coins.quantity <= holding.lots.quantity(), BooksRefusal::kMoreThanHeld);
  const LineIndex position = position_line(holding, place_);
  take_from(position, coins.quantity - coins.owed);
  movements_.clear();
  Units cost;
  if (const Identification* const named = picks_.empty() ? nullptr : identified(holding)) {
    check_picks(holding, *named, coins.quantity);
    cost = holding.lots.relieve(named->picks, &movements_);
  } else {
    require(coins.quantity <= holding.lots.held_by(date_), BooksRefusal::kLotsTakenSince);
    cost = holding.lots.relieve(coins.quantity, rule, &movements_, date_);
  }
  note_movements(holding, date_);
  const Units gain = coins.value - cost;
  if (const auto counted = counted_as(cause)) {
    RollForward::Flow& flow = holding.disposals[at(*counted)];
    flow.quantity += coins.quantity;
    flow.cost += cost;
    flow.value += coins.value;
    gains_[at(*counted)] += gain;
  }
  applied_->flows.push_back({holding.commodity, cause, -coins.quantity, -cost, -coins.value, place_, date_});
  post_coins(coins, position, false);
  post(holding.conversion_coins, coins.quantity);
  post(holding.conversion_dollars, -cost);
  if (const auto counted = counted_as(cause))
    post(gain_lines_[at(*counted)], -gain);
  else
    post(gain_account(cause), -gain);
}

void Books::note_movements(const Holding& holding, time::Date acquired) {
  for (const LotMovement& movement : movements_)
    applied_->lots.push_back({holding.commodity, movement, acquired});
}

void Books::on(const Open& open) {
  require(!open.shares.is_negative(), BooksRefusal::kNegative);
  shares_ = whole_shares(open.shares);
  fund_ = open.fund;
  for (const AssetDefinition& definition : open.assets) open_asset(definition);
  is_open_ = true;
}

void Books::on(const OpeningLot& lot) {
  const Coins coins = coins_of(lot.asset, lot.quantity, lot.cost);
  acquire(coins, Addition::kOpening);
  post("Capital:Opening", -coins.value);
}

void Books::on(const Creation& creation) {
  shares_ += positive_shares(creation.shares);
  require(!creation.is_basket || !creation.components.empty(), BooksRefusal::kNoComponents);
  const Units cash = creation.is_basket ? signed_dollars(creation.cash) : dollars(creation.cash);
  Units received = cash;
  for (const Component& component : creation.components) {
    const Coins coins = coins_of(component, creation.owing);
    acquire(coins, Addition::kCreation);
    received += coins.value;
  }
  post_cash(cash, creation.owing);
  post("Capital:Creations", -received);
}

void Books::on(const Redemption& redemption) {
  const Units shares = positive_shares(redemption.shares);
  require(!redemption.is_basket || !redemption.components.empty(), BooksRefusal::kNoComponents);
  const Units cash = redemption.is_basket ? signed_dollars(redemption.cash) : dollars(redemption.cash);
  Units delivered = cash;
  for (const Component& component : redemption.components) {
    const Coins coins = coins_of(component, redemption.owing);
    dispose(coins, rules_.in_kind, FlowCause::kRedemption);
    delivered += coins.value;
  }
  require(shares <= shares_, BooksRefusal::kMoreSharesThanExist);
  shares_ -= shares;
  post_cash(-cash, redemption.owing);
  post("Capital:Redemptions", delivered);
}

void Books::on(const Purchase& purchase) {
  const Coins coins = coins_of(purchase.asset, purchase.quantity, purchase.cash);
  acquire(coins, Addition::kPurchase);
  if (purchase.is_rebalancing) applied_->flows.back().cause = FlowCause::kRebalancingPurchase;
  post_cash(-coins.value);
}

void Books::on(const Sale& sale) {
  const Coins coins = coins_of(sale.asset, sale.quantity, sale.cash);
  dispose(coins, rules_.sale, sale.is_rebalancing ? FlowCause::kRebalancingSale : FlowCause::kSale);
  post_cash(coins.value);
}

void Books::on(const FeeAccrued& fee) {
  Fee& accrued = fee_of(fee.name);
  const Units amount = dollars(fee.amount);
  accrued.payable += amount;
  post(accrued.expense_line, amount);
  post(accrued.payable_line, -amount);
}

void Books::on(const FeePaid& fee) {
  Fee& paid = fee_of(fee.name);
  const Units amount = dollars(fee.amount);
  pay(paid, amount);
  post_cash(-amount);
}

void Books::on(const FeePaidInKind& fee) {
  const Coins coins = coins_of(fee.paid);
  Fee& paid = fee.name ? fee_of(*fee.name) : only_fee_payable();
  dispose(coins, rules_.in_kind, FlowCause::kExpense);
  pay(paid, coins.value);
}

void Books::on(const Reward& reward) {
  check_name(reward.source);
  const Coins coins = coins_of(reward.received);
  const auto [found, is_new] = income_index_.emplace(reward.source, income_.size());
  if (is_new) {
    income_.push_back(
        {reward.source, {}, chart_.line("Income:Rewards:" + account_part(reward.source), kDollars)});
    balances_.resize(chart_.lines().size());
  }
  Income& income = income_[found->second];
  acquire(coins, Addition::kReward);
  income.amount += coins.value;
  post(income.line, -coins.value);
}

void Books::on(const Penalty& penalty) {
  Coins coins = coins_of(penalty.lost);
  coins.value = {};  // nothing comes for them: the whole cost is lost
  dispose(coins, rules_.sale, FlowCause::kPenalty);
}

void Books::on(const Split& split) {
  require(split.ratio.is_positive() && split.for_shares > 0, BooksRefusal::kNotPositive);
  const Decimal shares = (shares_ - new_shares_).to_decimal(0) * split.ratio;
  require(shares.scale() == 0, BooksRefusal::kSplitLeavesFraction);
  const Int128 count = units_of(shares, 0).count();
  require(count % split.for_shares == 0, BooksRefusal::kSplitLeavesFraction);
  shares_ = Units(count / split.for_shares) + new_shares_;
}

void Books::on(const Distribution& distribution) {
  const Units amount = dollars(distribution.cash);
  post_cash(-amount);
  post("Capital:Distributions", amount);
}

void Books::on(const Price& price) {
  Holding& holding = holding_of(price.asset);
  require(price.price.is_positive(), BooksRefusal::kNotPositive);
  holding.price = price.price;
}

void Books::on(const Strike&) {
  const std::optional<Units> net = net_assets();
  require(net.has_value(), BooksRefusal::kUnpricedHolding);
  require(shares_ > Units{}, BooksRefusal::kNoShares);
  applied_->strike = StruckNav{applied_->entry.trade_date, *net, shares_};
}

}  // namespace navkeeper::nav::books
