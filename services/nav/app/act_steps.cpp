#include "services/nav/app/act_steps.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/money/split.h"
#include "services/nav/domain/books/chart.h"
#include "services/nav/domain/policy/income_recognition.h"

namespace navkeeper::nav {

using money::Decimal;

policy::Fork fork_of(ActStore& acts, const FundDefinition& fund, const FundAct& act, const ForkAct& terms) {
  const BooksSight sight = acts.books_on(fund.id, terms.date, books::Basis::kNav);
  const auto held = sight.coins.find(terms.coin);
  return {act.id,         terms.coin,
          terms.new_coin, terms.new_decimals,
          terms.date,     held == sight.coins.end() ? Decimal{} : held->second,
          terms.ratio};
}

DraftToPost draft_of(policy::EntryDraft entry, const char* kind) {
  DraftToPost draft;
  draft.entry = std::move(entry);
  draft.kind = kind;
  return draft;
}

namespace {

StepToTake distribution_step(ActStore& acts, const FundDefinition& fund,
                             const policy::Declaration& declaration, const std::vector<ActStep>& steps) {
  const policy::Distribution before = distribution_after(fund, declaration, steps);
  const bool is_ex = steps.empty();
  const time::Date date = is_ex ? declaration.dates.ex : declaration.dates.record;
  // The register of the end of that day's bookings: orders of the day itself are booked on the next.
  const Decimal shares = acts.books_on(fund.id, date, books::Basis::kNav).shares;
  auto next = base::value_or_refuse(is_ex ? policy::go_ex(before, shares) : policy::record(before, shares));
  StepToTake step;
  step.step = {is_ex ? "ex" : "recorded", date, shares, "owed " + next.distribution.owed.total().to_string()};
  if (!next.entry.postings.empty())
    step.drafts.push_back(draft_of(std::move(next.entry), is_ex ? "distribution_ex" : "distribution_record"));
  return step;
}

StepToTake split_step(ActStore& acts, const FundDefinition& fund, const FundAct& act,
                      const policy::ShareSplit& split) {
  // The shares of the day's start; orders of the day are in new shares already.
  const Decimal shares = acts.books_on(fund.id, split.effective, books::Basis::kNav).shares;
  const Decimal after = base::value_or_refuse(policy::split_shares(shares, split));
  StepToTake step;
  step.step = {"applied", split.effective, after, shares.to_string() + " shares become " + after.to_string()};
  DraftToPost draft = draft_of(policy::entry_on(split.effective, "split/" + act.id, "share split"), "split");
  draft.split = books::Split{Decimal::of(split.new_shares), split.old_shares};
  step.drafts.push_back(std::move(draft));
  return step;
}

StepToTake fork_step(ActStore& acts, const FundDefinition& fund, const FundAct& act, const ForkAct& terms) {
  auto decision = base::value_or_refuse(
      policy::decide_fork(fund.policies.forks, fork_of(acts, fund, act, terms), terms.rights));
  StepToTake step;
  step.step = {"applied", terms.date, std::nullopt, decision.memo};
  if (decision.distribution) {
    const Decimal shares = acts.books_on(fund.id, decision.distribution->record, books::Basis::kNav).shares;
    const auto rights = base::value_or_refuse(policy::rights_per_share(decision, terms.new_decimals, shares));
    step.step.date = decision.distribution->record;
    step.step.shares = shares;
    step.step.memo += "; " + rights.per_share.to_string() + " a share, " + rights.residue.to_string() +
                      " left over is abandoned";
  }
  if (decision.entry) {
    DraftToPost draft = draft_of(*std::move(decision.entry), "fork");
    draft.receipts.push_back({*decision.receipt, {}, books::FlowCause::kReceipt});
    step.drafts.push_back(std::move(draft));
    step.new_assets.push_back({terms.new_coin, terms.new_decimals});
  }
  return step;
}

std::vector<policy::HeldLot> held_lots(const std::vector<OpenLot>& lots) {
  std::vector<policy::HeldLot> held;
  for (const OpenLot& lot : lots) held.push_back(lot.held);
  return held;
}

/// The lots of `before` become those of `after` (by id; a lot of another asset where `asset` differs).
void adjust(DraftToPost& draft, books::Book book, const std::string& old_asset,
            const std::vector<OpenLot>& before, const std::string& new_asset,
            const std::vector<policy::HeldLot>& after) {
  for (const OpenLot& lot : before)
    draft.adjustments.push_back(
        {book, old_asset, lot.lot, lot.place, -lot.held.quantity, -lot.held.cost, std::nullopt});
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto from = std::find_if(before.begin(), before.end(),
                                   [&](const OpenLot& lot) { return lot.held.id == after[i].id; });
    ENSURE(from != before.end());
    draft.adjustments.push_back(
        {book, new_asset, std::nullopt, from->place, after[i].quantity, after[i].cost, after[i].acquired});
  }
}

/// The lots' coins of each account.
std::map<std::string, Decimal> by_account(const std::vector<OpenLot>& before,
                                          const std::vector<policy::HeldLot>& after) {
  std::map<std::string, Decimal> sums;
  for (const policy::HeldLot& lot : after) {
    const auto from = std::find_if(before.begin(), before.end(),
                                   [&](const OpenLot& each) { return each.held.id == lot.id; });
    ENSURE(from != before.end());
    sums[from->place.account] += lot.quantity;
  }
  return sums;
}

/// `quantity` over the accounts as these coins lie there; what is left over to the account with the most.
std::map<std::string, Decimal> by_coins(const std::vector<PlacedCoins>& places, const Decimal& quantity,
                                        int decimals) {
  std::map<std::string, Decimal> coins;
  for (const PlacedCoins& placed : places) coins[placed.place.account] += placed.quantity;
  std::vector<Decimal> weights;
  for (const auto& [account, held] : coins) weights.push_back(held);
  const auto most =
      static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
  const auto parts = money::split(quantity, weights, decimals, most);
  std::size_t next = 0;
  for (auto& [account, held] : coins) held = parts[next++];
  return coins;
}

/// Whether the lots' coins are those of each account: not while something is owed, or was moved without its
/// lots (domain/books/tax_book.h).
bool foots(const std::vector<OpenLot>& lots, const std::vector<PlacedCoins>& places) {
  std::map<std::string, Decimal> difference;
  for (const OpenLot& lot : lots) difference[lot.place.account] += lot.held.quantity;
  for (const PlacedCoins& placed : places) difference[placed.place.account] -= placed.quantity;
  return std::all_of(difference.begin(), difference.end(),
                     [](const auto& account) { return account.second.is_zero(); });
}

/// The entry says one account for all coins of `asset`; they are at these places.
void spread_over_places(policy::EntryDraft& entry, const std::string& asset,
                        const std::vector<PlacedCoins>& places, bool is_credit) {
  const std::string one = policy::coin_account(asset);
  Decimal left = policy::sum_of(entry, one, asset);
  std::erase_if(entry.postings, [&](const policy::DraftPosting& posting) {
    return posting.account == one && posting.commodity == asset;
  });
  for (const PlacedCoins& placed : places) {
    const Decimal amount = is_credit ? -placed.quantity : placed.quantity;
    entry.debit(books::position_account(books::account_part(asset), placed.place), asset, amount);
    left -= amount;
  }
  ENSURE(left.is_zero());  // the caller spread all of them
}

/// The new coins of each account over its states, as the old ones lay; what is left over to the largest.
std::vector<PlacedCoins> placed_alike(const std::vector<PlacedCoins>& before,
                                      const std::map<std::string, Decimal>& after, int decimals) {
  std::vector<PlacedCoins> placed;
  for (const auto& [account, quantity] : after) {
    std::vector<PlacedCoins> states;
    for (const PlacedCoins& each : before)
      if (each.place.account == account) states.push_back(each);
    ENSURE(!states.empty());
    std::vector<Decimal> weights;
    for (const PlacedCoins& each : states) weights.push_back(each.quantity);
    const auto largest =
        static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
    const auto parts = money::split(quantity, weights, decimals, largest);
    for (std::size_t i = 0; i < states.size(); ++i)
      if (!parts[i].is_zero()) placed.push_back({states[i].place, parts[i]});
  }
  return placed;
}

/// What was held on the day and is there still. Refuses where there is nothing to change.
CoinsThere coins_to_change(ActStore& acts, const FundDefinition& fund, const std::string& id,
                           const std::string& asset, time::Date date) {
  CoinsThere there = acts.coins_at(fund.id, asset, date);
  if (there.places.empty()) base::refuse(id, "the fund holds no " + asset + " on " + date.to_string());
  return there;
}

/// Both books and the places agree on what was held, account by account; where they do not, later entries
/// have taken or moved some of it.
void check_held_alike(const policy::Migration& terms, const CoinsThere& there,
                      const std::vector<OpenLot>& gaap, const std::vector<OpenLot>& tax) {
  std::map<std::string, Decimal> differences;
  Decimal difference;
  for (const PlacedCoins& placed : there.places) {
    differences[placed.place.account] += placed.quantity;
    difference += placed.quantity;
  }
  for (const OpenLot& lot : tax) differences[lot.place.account] -= lot.held.quantity;
  for (const OpenLot& lot : gaap) difference -= lot.held.quantity;
  const bool is_alike =
      difference.is_zero() && std::all_of(differences.begin(), differences.end(),
                                          [](const auto& each) { return each.second.is_zero(); });
  if (is_alike) return;
  std::string entries;
  for (const std::string& entry : there.entries_since) entries += (entries.empty() ? "" : ", ") + entry;
  base::refuse(terms.id, "entries after " + terms.date.to_string() + " have moved " + terms.old_token +
                             " that was held then, and are reversed first: " + entries);
}

StepToTake migration_step(ActStore& acts, const FundDefinition& fund, policy::Migration terms) {
  StepToTake step;
  const CoinsThere there = coins_to_change(acts, fund, terms.id, terms.old_token, terms.date);
  // Else they would be of a token that nobody prices any longer.
  if (!there.receivable.is_zero())
    base::refuse(terms.id, there.receivable.to_string() + " " + terms.old_token +
                               " of rewards are still to be received: they come in first");
  check_held_alike(terms, there, acts.open_lots(fund.id, books::Book::kGaap, terms.old_token, terms.date),
                   acts.open_lots(fund.id, books::Book::kTax, terms.old_token, terms.date));
  for (const books::Book book : {books::Book::kGaap, books::Book::kTax}) {
    const auto lots = acts.open_lots(fund.id, book, terms.old_token, terms.date);
    const auto held = held_lots(lots);
    terms.remainder_owner_lot = held.front().id;
    Decimal quantity;
    for (const policy::HeldLot& lot : held) quantity += lot.quantity;
    terms.received = money::multiply(quantity, terms.ratio, terms.new_decimals, money::Rounding::kDown);
    const auto decision = base::value_or_refuse(policy::migrate(terms, held));
    Decimal placed;
    for (const PlacedCoins& each : there.places) placed += each.quantity;
    if (placed != quantity)
      base::refuse(terms.id, (placed - quantity).to_string() + " " + terms.old_token +
                                 " are owed to redeemed orders: they are delivered or closed out first");
    if (step.drafts.empty()) {
      step.step = {"applied", terms.date, std::nullopt,
                   quantity.to_string() + " " + terms.old_token + " become " + terms.received.to_string() +
                       " " + terms.new_token};
      if (!there.came_since.is_zero())
        step.step.memo += "; " + there.came_since.to_string() + " that came later stay";
      step.drafts.push_back(draft_of(decision.entry, "migration"));
    }
    adjust(step.drafts.front(), book, terms.old_token, lots, terms.new_token, decision.lots);
    if (book == books::Book::kGaap) continue;
    policy::EntryDraft& entry = step.drafts.front().entry;
    spread_over_places(entry, terms.old_token, there.places, true);
    const auto accounts = foots(lots, there.places)
                              ? by_account(lots, decision.lots)
                              : by_coins(there.places, terms.received, terms.new_decimals);
    spread_over_places(entry, terms.new_token, placed_alike(there.places, accounts, terms.new_decimals),
                       false);
  }
  step.new_assets.push_back({terms.new_token, terms.new_decimals});
  return step;
}

StepToTake spin_off_step(ActStore& acts, const FundDefinition& fund, policy::SpinOff terms) {
  StepToTake step;
  coins_to_change(acts, fund, terms.id, terms.parent, terms.date);
  for (const books::Book book : {books::Book::kGaap, books::Book::kTax}) {
    const auto lots = acts.open_lots(fund.id, book, terms.parent, terms.date);
    const auto held = held_lots(lots);
    terms.remainder_owner_lot = held.front().id;
    const auto decision = base::value_or_refuse(policy::spin_off(terms, held));
    if (step.drafts.empty()) {
      step.step = {"applied", terms.date, std::nullopt,
                   terms.received.to_string() + " " + terms.child + " from " + terms.parent};
      step.drafts.push_back(draft_of(decision.entry, "spin_off"));
    }
    DraftToPost& draft = step.drafts.front();
    for (std::size_t i = 0; i < lots.size(); ++i)
      draft.adjustments.push_back({book,
                                   terms.parent,
                                   lots[i].lot,
                                   lots[i].place,
                                   {},
                                   decision.parent_lots[i].cost - lots[i].held.cost,
                                   std::nullopt});
    for (const policy::HeldLot& child : decision.child_lots) {
      const auto from =
          std::find_if(lots.begin(), lots.end(), [&](const OpenLot& lot) { return lot.held.id == child.id; });
      draft.adjustments.push_back(
          {book, terms.child, std::nullopt, from->place, child.quantity, child.cost, child.acquired});
    }
    if (book == books::Book::kGaap) continue;
    // The child is available, whatever the parent's coins do.
    std::vector<PlacedCoins> places;
    for (const auto& [account, quantity] : by_account(lots, decision.child_lots))
      places.push_back({{account, {}}, quantity});
    spread_over_places(draft.entry, terms.child, places, false);
  }
  step.new_assets.push_back({terms.child, terms.child_decimals});
  return step;
}

}  // namespace

std::optional<StepToTake> moved_register(ActStore& acts, const FundDefinition& fund, const StoredAct& stored,
                                         time::Date date) {
  const auto* declaration = std::get_if<policy::Declaration>(&stored.act.terms);
  if (declaration == nullptr || !stored.stands() || date < declaration->dates.record) return std::nullopt;
  const policy::Distribution before = distribution_after(fund, *declaration, stored.steps);
  if (before.stage != policy::DistributionStage::kRecorded) return std::nullopt;
  const Decimal shares = acts.books_on(fund.id, declaration->dates.record, books::Basis::kNav).shares;
  if (shares == before.shares) return std::nullopt;
  auto next = base::value_or_refuse(policy::correct_register(before, shares));
  StepToTake step;
  step.step = {"recorded", date, shares,
               "owed " + next.distribution.owed.total().to_string() + ": the register of " +
                   declaration->dates.record.to_string() + " has " + shares.to_string() +
                   " shares by now, not " + before.shares.to_string()};
  step.step.attempt = stored.steps.back().attempt + 1;
  next.entry.source_id += " " + std::to_string(step.step.attempt);
  next.entry.trade_date = date;
  next.entry.book_date = date;
  next.entry.settlement_date = std::max(date, declaration->dates.pay);
  if (!next.entry.postings.empty())
    step.drafts.push_back(draft_of(std::move(next.entry), "distribution_record"));
  return step;
}

StepToTake next_step(ActStore& acts, const FundDefinition& fund, const StoredAct& stored) {
  const FundAct& act = stored.act;
  if (const auto* declaration = std::get_if<policy::Declaration>(&act.terms))
    return distribution_step(acts, fund, *declaration, stored.steps);
  if (const auto* split = std::get_if<policy::ShareSplit>(&act.terms))
    return split_step(acts, fund, act, *split);
  if (const auto* fork = std::get_if<ForkAct>(&act.terms)) return fork_step(acts, fund, act, *fork);
  if (const auto* migration = std::get_if<policy::Migration>(&act.terms))
    return migration_step(acts, fund, *migration);
  return spin_off_step(acts, fund, std::get<policy::SpinOff>(act.terms));
}

}  // namespace navkeeper::nav
