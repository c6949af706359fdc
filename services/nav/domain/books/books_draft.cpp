// Entries that others worded, and coins that move without a disposal.
#include <algorithm>
#include <map>

#include "common/base/ensure.h"
#include "services/nav/domain/books/booking.h"
#include "services/nav/domain/books/books.h"

namespace navkeeper::nav::books {
namespace {

constexpr std::string_view kFeesPayable = "Liabilities:Fees payable:";
constexpr std::string_view kAssets = "Assets:";

}  // namespace

void Books::on(const CoinMove& transfer) {
  const Coins coins = coins_of(transfer.asset, transfer.quantity, money::Decimal{});
  require(transfer.from != transfer.to, BooksRefusal::kSamePlace);
  require(std::max(transfer.from.account.size(), transfer.to.account.size()) <= kPlaceLengthMax,
          BooksRefusal::kPlaceTooLong);
  const LineIndex from = position_line(*coins.holding, transfer.from);
  take_from(from, coins.quantity);
  post(from, -coins.quantity);
  post(position_line(*coins.holding, transfer.to), coins.quantity);
  applied_->transfers.push_back({coins.holding->commodity, coins.quantity, transfer.from, transfer.to});
}

void Books::on(const Draft& draft) {
  for (const AssetDefinition& asset : draft.new_assets) {
    const auto known = holding_index_.find(asset.asset);
    if (known == holding_index_.end())
      open_asset(asset);
    else
      require(chart_.commodities()[holdings_[known->second].commodity].decimals == asset.decimals,
              BooksRefusal::kRepeatedAsset);
  }
  std::map<std::string_view, money::Decimal> sums;
  for (const Draft::Line& line : draft.lines) sums[line.commodity] += line.amount;
  for (const auto& [commodity, sum] : sums) require(sum.is_zero(), BooksRefusal::kDraftUnbalanced);

  for (const Draft::Receipt& receipt : draft.receipts) receive(receipt);
  for (const Draft::Line& line : draft.lines) post_draft_line(line);
  for (const Draft::Delivery& delivery : draft.deliveries) deliver(delivery);
  for (const Draft::Adjustment& adjustment : draft.adjustments) adjust(adjustment);
  check_draft_lots();
  for (const Posting& posting : applied_->entry.postings) {
    const bool is_asset = chart_.lines()[posting.line].account.starts_with(kAssets);
    if (!is_asset || posting.amount >= Units{} || posting.line == cash_line_) continue;
    require(balances_[posting.line] >= Units{}, BooksRefusal::kAccountBelowZero);
  }
  require(draft.shares_change.scale() == 0, BooksRefusal::kSharesNotWhole);
  shares_ += units_of(draft.shares_change, 0);
  require(shares_ >= Units{}, BooksRefusal::kMoreSharesThanExist);
}

void Books::post_draft_line(const Draft::Line& line) {
  require(is_account(line.account), BooksRefusal::kNotAnAccount);
  if (line.commodity == chart_.commodities()[kDollars].symbol) {
    const Units amount = signed_dollars(line.amount);
    if (line.account.starts_with(kFeesPayable)) {
      const std::string part = line.account.substr(kFeesPayable.size());
      Fee& fee = fee_of_part(name_of_part(part), part);
      fee.payable -= amount;
      require(fee.payable >= Units{}, BooksRefusal::kMoreThanPayable);
    }
    const LineIndex at = line_of(line.account, kDollars);
    if (at == cash_line_)
      post_cash(amount);
    else
      post(at, amount);
    return;
  }
  const Holding& holding = holding_of(line.commodity);
  const Units amount = units_of(line.amount, chart_.commodities()[holding.commodity].decimals);
  const LineIndex at = line_of(line.account, holding.commodity);
  const bool is_owed = line.account.starts_with(kOwedCoins);
  if (amount < Units{} && is_position_account(line.account) && !is_owed) take_from(at, -amount);
  // What is owed is made by redemptions alone; an entry can only deliver it.
  if (is_owed) require(amount > Units{} && balances_[at] + amount <= Units{}, BooksRefusal::kMoreThanPayable);
  post(at, amount);
}

void Books::receive(const Draft::Receipt& receipt) {
  const Coins coins = coins_of(receipt.asset, receipt.quantity, receipt.cost);
  Holding& holding = *coins.holding;
  movements_.clear();
  holding.lots.add(coins.quantity, coins.value, &movements_, receipt.acquired);
  note_movements(holding, receipt.acquired);
  ENSURE(is_addition(receipt.cause));
  applied_->flows.push_back({holding.commodity, receipt.cause, coins.quantity, coins.value, coins.value,
                             receipt.place, receipt.acquired});
}

void Books::deliver(const Draft::Delivery& delivery) {
  require(is_account(delivery.against), BooksRefusal::kNotAnAccount);
  const Coins coins = coins_of(delivery.asset, delivery.quantity, delivery.value);
  place_ = delivery.place;
  dispose(coins, delivery.cause == FlowCause::kSwap ? rules_.sale : rules_.in_kind, delivery.cause);
  post_draft_line({delivery.against, chart_.commodities()[kDollars].symbol, delivery.value});
}

void Books::adjust(const Draft::Adjustment& adjustment) {
  Holding& holding = holding_of(adjustment.asset);
  const Units quantity = units_of(adjustment.quantity, chart_.commodities()[holding.commodity].decimals);
  const Units cost = signed_dollars(adjustment.cost);
  const time::Date acquired = adjustment.acquired.value_or(date_);
  if (adjustment.book == Book::kTax) {
    applied_->tax_adjustments.push_back(
        {holding.commodity, adjustment.lot, adjustment.place, quantity, cost, acquired});
    return;
  }
  movements_.clear();
  if (adjustment.lot) {
    const auto found = holding.lots.lots().find(*adjustment.lot);
    require(found != holding.lots.lots().end(), BooksRefusal::kNoSuchLot);
    const Lot after{found->second.quantity + quantity, found->second.cost + cost};
    const bool is_gone = after.quantity.is_zero() && after.cost.is_zero();
    require(is_gone || (after.quantity > Units{} && after.cost >= Units{}), BooksRefusal::kNoSuchLot);
    holding.lots.adjust(*adjustment.lot, quantity, cost, &movements_);
  } else {
    require(quantity > Units{} && cost >= Units{}, BooksRefusal::kNotPositive);
    holding.lots.add(quantity, cost, &movements_, acquired);
  }
  note_movements(holding, acquired);
  applied_->flows.push_back(
      {holding.commodity, FlowCause::kRestatement, quantity, cost, cost, {adjustment.place, {}}, acquired});
}

/// Coins in position accounts are the lots' coins, dollars in Conversion:COIN the lots' cost.
void Books::check_draft_lots() const {
  for (const Holding& holding : holdings_) {
    Units quantity;
    Units cost;
    for (const Posting& posting : applied_->entry.postings) {
      const Line& line = chart_.lines()[posting.line];
      if (line.commodity == holding.commodity && is_position_account(line.account))
        quantity += posting.amount;
      if (posting.line == holding.conversion_dollars) cost += posting.amount;
    }
    for (const LotChange& change : applied_->lots) {
      if (change.asset != holding.commodity) continue;
      quantity -= change.movement.quantity;
      cost -= change.movement.cost;
    }
    require(quantity.is_zero() && cost.is_zero(), BooksRefusal::kDraftWithoutLots);
  }
}

}  // namespace navkeeper::nav::books
