#include "services/nav/domain/books/tax_book.h"

#include <algorithm>
#include <set>

#include "common/base/ensure.h"
#include "common/money/overflow.h"
#include "services/nav/domain/books/booking.h"

namespace navkeeper::nav::books {

std::optional<BooksRefusal> broken_pick_rule(const LotBook& lots, std::span<const LotPick> picks,
                                             Units quantity, time::Date on) {
  Units sum;
  std::set<LotNumber> seen;
  for (const LotPick& pick : picks) {
    const auto found = lots.lots().find(pick.lot);
    if (pick.quantity <= Units{}) return BooksRefusal::kNotPositive;
    if (found == lots.lots().end() || pick.quantity > found->second.quantity || !seen.insert(pick.lot).second)
      return BooksRefusal::kNoSuchLot;
    if (found->second.acquired > on) return BooksRefusal::kNotYetHeld;
    sum += pick.quantity;
  }
  if (sum != quantity) return BooksRefusal::kPicksDoNotAddUp;
  return std::nullopt;
}

LotBook& TaxBook::at(CommodityIndex asset, const std::string& account) {
  return lots_.try_emplace({asset, account}, rules_.lots).first->second;
}

LotNumber& TaxBook::next(CommodityIndex asset) { return next_.try_emplace(asset, 1).first->second; }

const LotBook* TaxBook::lots(CommodityIndex asset, const std::string& account) const {
  const auto found = lots_.find({asset, account});
  return found == lots_.end() ? nullptr : &found->second;
}

void TaxBook::restore(CommodityIndex asset, const std::string& account, LotNumber number, const Lot& lot) {
  at(asset, account).restore(number, lot);
  skip_to(asset, number + 1);
}

void TaxBook::skip_to(CommodityIndex asset, LotNumber number) {
  LotNumber& known = next(asset);
  known = std::max(known, number);
}

Decided<void> TaxBook::apply(const Applied& applied, time::Date date, const Chart& chart,
                             std::span<const Identification> picks, const AccountCoins& coins,
                             TaxApplied& out) {
  out.lots.clear();
  out.flows.clear();
  out_ = &out;
  date_ = date;
  picks_ = picks;
  coins_ = &coins;
  picks_used_ = 0;
  try {
    for (const CoinFlow& flow : applied.flows) {
      if (flow.cause != FlowCause::kRestatement) follow(flow, chart);
    }
    for (const CoinTransfer& transfer : applied.transfers) follow(transfer, chart);
    for (const TaxAdjustment& adjustment : applied.tax_adjustments) follow(adjustment);
    const auto named = std::count_if(picks.begin(), picks.end(),
                                     [](const Identification& one) { return one.book == Book::kTax; });
    require(picks_used_ == static_cast<std::size_t>(named), BooksRefusal::kPicksUnused);
  } catch (const Refuse& refused) {
    return refused.refusal;
  } catch (const money::OverflowError&) {
    return BooksRefusal::kOverflow;
  }
  return {};
}

const Identification* TaxBook::identified(const std::string& asset) {
  for (const Identification& one : picks_) {
    if (one.book != Book::kTax || one.asset != asset) continue;
    ++picks_used_;
    return &one;
  }
  return nullptr;
}

void TaxBook::note(CommodityIndex asset, const std::string& account, time::Date acquired) {
  for (const LotMovement& movement : movements_) out_->lots.push_back({asset, account, movement, acquired});
}

/// Takes of `left` what the account has, acquired by `on` where given; the cost of it.
Units TaxBook::take_there(CommodityIndex asset, const std::string& account, LotRule rule,
                          std::optional<time::Date> on, Units& left) {
  LotBook& lots = at(asset, account);
  const Units part = std::min(left, on ? lots.held_by(*on) : lots.quantity());
  if (part.is_zero()) return {};
  movements_.clear();
  const Units cost = lots.relieve(part, rule, &movements_, on);
  note(asset, account, date_);
  left -= part;
  return cost;
}

std::vector<std::string> TaxBook::others(CommodityIndex asset, const std::string& account) const {
  std::vector<std::string> names;
  for (auto each = lots_.lower_bound({asset, ""}); each != lots_.end() && each->first.first == asset; ++each)
    if (each->first.second != account) names.push_back(each->first.second);
  return names;
}

/// The cost of what leaves: of lots of its account by that day; then of the other accounts by that day; then
/// of what came since, as the GAAP book had coins by that day and both have the same.
Units TaxBook::take(const CoinFlow& flow, LotRule rule, const std::string& asset) {
  const std::string& account = flow.place.account;
  LotBook& lots = at(flow.asset, account);
  Units left = -flow.quantity;
  if (const Identification* const named = identified(asset)) {
    if (const auto broken = broken_pick_rule(lots, named->picks, left, date_)) throw Refuse{*broken};
    movements_.clear();
    const Units cost = lots.relieve(named->picks, &movements_);
    note(flow.asset, account, date_);
    return cost;
  }
  require(!rules_.stays_in_account || left <= lots.held_by(date_), BooksRefusal::kLotsTakenSince);
  Units cost = take_there(flow.asset, account, rule, date_, left);
  if (left.is_zero()) return cost;
  const std::vector<std::string> elsewhere = others(flow.asset, account);
  for (const std::string& other : elsewhere) cost += take_there(flow.asset, other, rule, date_, left);
  cost += take_there(flow.asset, account, rule, std::nullopt, left);
  for (const std::string& other : elsewhere) cost += take_there(flow.asset, other, rule, std::nullopt, left);
  require(left.is_zero(), BooksRefusal::kMoreThanHeld);
  return cost;
}

void TaxBook::follow(const CoinFlow& flow, const Chart& chart) {
  TaxFlow taxed{flow, true};
  if (is_addition(flow.cause)) {
    const LotNumber number = next(flow.asset)++;
    at(flow.asset, flow.place.account).restore(number, {flow.quantity, flow.value, flow.acquired});
    movements_ = {{number, flow.quantity, flow.value}};
    note(flow.asset, flow.place.account, flow.acquired);
    taxed.flow.cost = flow.value;
  } else {
    const bool is_sale = flow.cause == FlowCause::kSale || flow.cause == FlowCause::kRebalancingSale ||
                         flow.cause == FlowCause::kPenalty || flow.cause == FlowCause::kSwap;
    taxed.flow.cost =
        -take(flow, is_sale ? rules_.lots.sale : rules_.lots.in_kind, chart.commodities()[flow.asset].symbol);
    taxed.is_recognised = flow.cause != FlowCause::kRedemption || rules_.recognises_in_kind;
  }
  out_->flows.push_back(taxed);
}

void TaxBook::follow(const CoinTransfer& transfer, const Chart& chart) {
  const std::string& from = transfer.from.account;
  const std::string& to = transfer.to.account;
  if (from == to) return;
  LotBook& lots = at(transfer.asset, from);
  std::map<LotNumber, time::Date> acquired;
  for (const auto& [number, lot] : lots.lots()) acquired.emplace(number, lot.acquired);
  movements_.clear();
  if (const Identification* const named = identified(chart.commodities()[transfer.asset].symbol)) {
    if (const auto broken = broken_pick_rule(lots, named->picks, transfer.quantity, date_))
      throw Refuse{*broken};
    lots.relieve(named->picks, &movements_);
  } else {
    // Coins whose lots have left already go first: what stays keeps its lots.
    const Units without = (*coins_)(transfer.asset, from) + transfer.quantity - lots.quantity();
    Units carried = transfer.quantity - std::clamp(without, Units{}, transfer.quantity);
    carried = std::min(carried, lots.quantity());
    const Units by_then = std::min(carried, lots.held_by(date_));
    require(!rules_.stays_in_account || by_then == carried, BooksRefusal::kLotsTakenSince);
    if (!by_then.is_zero()) lots.relieve(by_then, LotRule::kFifo, &movements_, date_);
    if (carried != by_then) lots.relieve(carried - by_then, LotRule::kFifo, &movements_);
  }
  const std::vector<LotMovement> moved = movements_;
  for (const LotMovement& out : moved) {
    const time::Date day = acquired.at(out.lot);
    at(transfer.asset, to).restore(out.lot, {-out.quantity, -out.cost, day});
    movements_ = {out};
    note(transfer.asset, from, day);
    movements_ = {{out.lot, -out.quantity, -out.cost}};
    note(transfer.asset, to, day);
  }
}

void TaxBook::follow(const TaxAdjustment& adjustment) {
  LotBook& lots = at(adjustment.asset, adjustment.account);
  movements_.clear();
  if (adjustment.lot) {
    const auto found = lots.lots().find(*adjustment.lot);
    require(found != lots.lots().end(), BooksRefusal::kNoSuchLot);
    const Lot after{found->second.quantity + adjustment.quantity, found->second.cost + adjustment.cost};
    const bool is_gone = after.quantity.is_zero() && after.cost.is_zero();
    require(is_gone || (after.quantity > Units{} && after.cost >= Units{}), BooksRefusal::kNoSuchLot);
    lots.adjust(*adjustment.lot, adjustment.quantity, adjustment.cost, &movements_);
  } else {
    require(adjustment.quantity > Units{} && adjustment.cost >= Units{}, BooksRefusal::kNotPositive);
    const LotNumber number = next(adjustment.asset)++;
    lots.restore(number, {adjustment.quantity, adjustment.cost, adjustment.acquired});
    movements_ = {{number, adjustment.quantity, adjustment.cost}};
  }
  note(adjustment.asset, adjustment.account, adjustment.acquired);
  TaxFlow flow;
  flow.flow = {adjustment.asset, FlowCause::kRestatement,  adjustment.quantity, adjustment.cost,
               adjustment.cost,  {adjustment.account, {}}, adjustment.acquired};
  out_->flows.push_back(flow);
}

}  // namespace navkeeper::nav::books
