#include "services/nav/domain/books/books.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/money/overflow.h"

namespace navkeeper::nav::books {
namespace {

using money::Decimal;

/// How a posting rule refuses from inside; apply() turns it into a result.
struct Refuse {
  BooksRefusal refusal;
};

void require(bool holds, BooksRefusal refusal) {
  if (!holds) throw Refuse{refusal};
}

Units units_of(const Decimal& amount, int decimals) {
  require(amount.scale() <= decimals, BooksRefusal::kTooManyDecimals);
  const auto units = Units::from(amount, decimals);
  require(units.has_value(), BooksRefusal::kOverflow);
  return *units;
}

Units signed_dollars(const Decimal& amount) { return units_of(amount, kDollarDecimals); }

Units dollars(const Decimal& amount) {
  require(!amount.is_negative(), BooksRefusal::kNegative);
  return signed_dollars(amount);
}

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

const char* gain_account(Disposal cause) {
  switch (cause) {
    case Disposal::kSale:
      return "Income:Realised gain:Sale";
    case Disposal::kRedemption:
      return "Income:Realised gain:Redemption";
    case Disposal::kExpense:
      return "Income:Realised gain:Expense";
    case Disposal::kPenalty:
      return "Expenses:Penalties";
  }
  ENSURE(false);
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

std::string_view describe(const Happening& happening) { return std::visit(NameOf{}, happening); }

Books::Books(LotRules rules) : rules_(rules), cash_line_(chart_.line("Assets:Cash", kDollars)) {
  for (const Disposal cause : kDisposals) gain_lines_[at(cause)] = chart_.line(gain_account(cause), kDollars);
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
  books.cash_ = standing.cash;
  books.shares_ = standing.shares;
  books.last_date_ = standing.last_date;
  for (const NamedAmount& fee : standing.fees_payable) books.fee_of(fee.name).payable = fee.amount;
  return books;
}

Decided<void> Books::apply(const Event& event, Applied& applied) {
  applied.entry.trade_date = applied.entry.book_date = applied.entry.settlement_date = event.date;
  applied.entry.description = describe(event.happening);
  applied.entry.postings.clear();
  applied.entry.reverses.reset();
  applied.lots.clear();
  applied.shares_change = {};
  applied.strike.reset();
  applied_ = &applied;
  const Units shares_before = shares_;
  try {
    const bool is_open_event = std::holds_alternative<Open>(event.happening);
    require(is_open_ || is_open_event, BooksRefusal::kNotOpen);
    require(!is_open_ || !is_open_event, BooksRefusal::kAlreadyOpen);
    require(!last_date_ || event.date >= *last_date_, BooksRefusal::kDateGoesBack);
    last_date_ = event.date;
    std::visit([&](const auto& happening) { on(happening); }, event.happening);
    require(cash_ >= Units{}, BooksRefusal::kCashBelowZero);
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
  return {&holding, units_of(quantity, chart_.commodities()[holding.commodity].decimals), dollars(value)};
}

Books::Coins Books::coins_of(const Component& component) {
  return coins_of(component.asset, component.quantity, component.value);
}

Books::Fee& Books::fee_of(const std::string& name) {
  check_name(name);
  const auto [found, is_new] = fee_index_.emplace(name, fees_.size());
  if (is_new) {
    const std::string part = account_part(name);
    fees_.push_back({name,
                     {},
                     chart_.line("Liabilities:Fees payable:" + part, kDollars),
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

void Books::post(const char* account, Units amount) {
  const LineIndex line = chart_.line(account, kDollars);
  balances_.resize(chart_.lines().size());
  post(line, amount);
}

void Books::post_cash(Units amount) {
  cash_ += amount;
  post(cash_line_, amount);
}

/// Debits the coins and their cost; what pays for them is the caller's posting.
void Books::acquire(const Coins& coins, Addition cause) {
  Holding& holding = *coins.holding;
  movements_.clear();
  holding.lots.add(coins.quantity, coins.value, &movements_);
  for (const LotMovement& movement : movements_) applied_->lots.push_back({holding.commodity, movement});
  RollForward::Flow& flow = holding.additions[at(cause)];
  flow.quantity += coins.quantity;
  flow.cost += coins.value;
  flow.value += coins.value;
  post(holding.coins, coins.quantity);
  post(holding.conversion_coins, -coins.quantity);
  post(holding.conversion_dollars, coins.value);
}

/// Credits the coins and the cost of the lots that leave, and books value less cost as gained; what is had
/// for them, at `coins.value`, is the caller's posting.
void Books::dispose(const Coins& coins, LotRule rule, Disposal cause) {
  Holding& holding = *coins.holding;
  require(coins.quantity <= holding.lots.quantity(), BooksRefusal::kMoreThanHeld);
  movements_.clear();
  const Units cost = holding.lots.relieve(coins.quantity, rule, &movements_);
  for (const LotMovement& movement : movements_) applied_->lots.push_back({holding.commodity, movement});
  const Units gain = coins.value - cost;
  RollForward::Flow& flow = holding.disposals[at(cause)];
  flow.quantity += coins.quantity;
  flow.cost += cost;
  flow.value += coins.value;
  gains_[at(cause)] += gain;
  post(holding.coins, -coins.quantity);
  post(holding.conversion_coins, coins.quantity);
  post(holding.conversion_dollars, -cost);
  post(gain_lines_[at(cause)], -gain);
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
    const Coins coins = coins_of(component);
    acquire(coins, Addition::kCreation);
    received += coins.value;
  }
  post_cash(cash);
  post("Capital:Creations", -received);
}

void Books::on(const Redemption& redemption) {
  const Units shares = positive_shares(redemption.shares);
  require(!redemption.is_basket || !redemption.components.empty(), BooksRefusal::kNoComponents);
  const Units cash = redemption.is_basket ? signed_dollars(redemption.cash) : dollars(redemption.cash);
  Units delivered = cash;
  for (const Component& component : redemption.components) {
    const Coins coins = coins_of(component);
    dispose(coins, rules_.in_kind, Disposal::kRedemption);
    delivered += coins.value;
  }
  require(shares <= shares_, BooksRefusal::kMoreSharesThanExist);
  shares_ -= shares;
  post_cash(-cash);
  post("Capital:Redemptions", delivered);
}

void Books::on(const Purchase& purchase) {
  const Coins coins = coins_of(purchase.asset, purchase.quantity, purchase.cash);
  acquire(coins, Addition::kPurchase);
  post_cash(-coins.value);
}

void Books::on(const Sale& sale) {
  const Coins coins = coins_of(sale.asset, sale.quantity, sale.cash);
  dispose(coins, rules_.sale, Disposal::kSale);
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
  dispose(coins, rules_.in_kind, Disposal::kExpense);
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
  dispose(coins, rules_.sale, Disposal::kPenalty);
}

void Books::on(const Split& split) {
  require(split.ratio.is_positive(), BooksRefusal::kNotPositive);
  const Decimal shares = shares_.to_decimal(0) * split.ratio;
  require(shares.scale() == 0, BooksRefusal::kSplitLeavesFraction);
  shares_ = units_of(shares, 0);
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
