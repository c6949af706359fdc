#include "services/nav/adapters/strike_posting.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/adapters/books_plain.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/nav_store.h"
#include "services/nav/adapters/posting_rules.h"
#include "services/nav/domain/policy/unrealised_gain.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr std::string_view kDollar = "USD";
constexpr std::string_view kAssets = "Assets:";
constexpr std::string_view kLiabilities = "Liabilities:";
constexpr std::string_view kCapital = "Capital:";
constexpr std::string_view kIncome = "Income:";
constexpr std::string_view kExpenses = "Expenses:";
constexpr std::string_view kRealised = "Income:Realised gain:";
constexpr std::string_view kUnrealised = "Income:Unrealised gain:";
constexpr std::string_view kCoinPayables = "Income:Unrealised gain:Coin payables";
constexpr std::string_view kTaxes = "Expenses:Taxes:";
constexpr const char* kSource = "strike";

bool begins(const std::string& account, std::string_view part) { return account.rfind(part, 0) == 0; }

/// Dollars in the accounts that begin with `part`, without those that begin with `except`; positive: debit.
Decimal dollars_in(const StoredBooks& stored, std::string_view part, std::string_view except = "\n") {
  Decimal sum;
  for (const StoredBalance& balance : stored.balances) {
    if (balance.commodity == kDollar && begins(balance.account, part) && !begins(balance.account, except))
      sum += balance.balance.to_decimal(balance.decimals);
  }
  return sum;
}

Decimal dollars_of(const StoredBooks& stored, std::string_view account) {
  return stored.balance(account, kDollar).to_decimal(books::kDollarDecimals);
}

std::vector<NamedAmount> dollar_lines(const StoredBooks& stored, std::string_view part, bool owed) {
  std::vector<NamedAmount> lines;
  for (const StoredBalance& balance : stored.balances) {
    if (balance.commodity != kDollar || !begins(balance.account, part) || balance.balance.is_zero()) continue;
    const Decimal amount = balance.balance.to_decimal(balance.decimals);
    lines.push_back({balance.account.substr(part.size()), owed ? -amount : amount});
  }
  std::sort(lines.begin(), lines.end(),
            [](const NamedAmount& a, const NamedAmount& b) { return a.name < b.name; });
  return lines;
}

/// Taxable income from the books' beginning to the view: income and realised gains less expenses other than
/// tax.
Decimal taxable_in(const StoredBooks& stored) {
  return -dollars_in(stored, kIncome, kUnrealised) - dollars_in(stored, kExpenses, kTaxes);
}

time::Date tax_year_start(const FundDefinition& fund, time::Date date) {
  const int month = fund.tax.year_start_month;
  const int year = date.month() >= month ? date.year() : date.year() - 1;
  const auto start = time::Date::of(year, month, 1);
  ENSURE(start.has_value());
  return *start;
}

policy::EntryDraft tax_entry(time::Date date, const char* kind, const Decimal& amount, const char* expense,
                             const char* liability) {
  policy::EntryDraft entry = policy::entry_on(date, date.to_string() + " " + kind, kind);
  entry.book_date = date + 1;
  entry.settlement_date = date + 1;
  return entry.debit(expense, kDollar, amount).credit(liability, kDollar, amount);
}

/// Of each coin what the books have marked, by the amount that `of` gives of a balance.
template <class Of>
std::vector<NamedAmount> marks_in(const StoredBooks& stored, const Of& of) {
  std::vector<NamedAmount> marks;
  for (const StoredBalance& balance : stored.balances) {
    if (balance.commodity != kDollar || !begins(balance.account, kUnrealised)) continue;
    if (begins(balance.account, kCoinPayables)) continue;
    const std::string_view part = std::string_view(balance.account).substr(kUnrealised.size());
    marks.push_back({books::name_of_part(part), -of(balance).to_decimal(balance.decimals)});
  }
  return marks;
}

/// Each coin as the NAV values it beside what the books have marked; a coin that is gone too.
std::vector<policy::MarkedPosition> marked_positions(const NewNav& nav,
                                                     const std::vector<NamedAmount>& marks) {
  std::map<std::string, policy::MarkedPosition> positions;
  const auto of = [&](const std::string& asset) -> policy::MarkedPosition& {
    return positions.try_emplace(asset, policy::MarkedPosition{asset, {}, {}, {}}).first->second;
  };
  for (const NamedAmount& mark : marks) of(mark.name).marked = mark.amount;
  for (const ValuedPosition& position : nav.figures.nav.positions)
    of(position.input.asset).value = position.value;
  for (const ResolvedPosition& position : nav.resolved.positions)
    of(position.asset.value()).cost = position.cost;
  std::vector<policy::MarkedPosition> found;
  for (auto& [asset, position] : positions) found.push_back(std::move(position));
  return found;
}

/// Coins in the account and the accounts below it; positive: debit.
Decimal coins_in(const StoredBooks& stored, const std::string& coin, const std::string& account) {
  Decimal sum;
  for (const StoredBalance& balance : stored.balances) {
    if (balance.commodity == coin && (balance.account == account || begins(balance.account, account + ":")))
      sum += balance.balance.to_decimal(balance.decimals);
  }
  return sum;
}

/// What the fund owes in coins, per fee: the coins from its payables, their dollars from its conversion.
std::vector<policy::CoinPayable> coin_payables_in(const FundDefinition& fund, const StoredBooks& stored) {
  std::map<std::string, policy::CoinPayable> payables;  // a fee's versions share their currency
  for (const policy::ExpenseRule& fee : fund.policies.fees) {
    if (!fee.paid_in) continue;
    const std::string& coin = fee.paid_in->value();
    policy::CoinPayable payable{fee.name, policy::payable_account(fee.name), coin, {}, {}, {}};
    payable.quantity = -coins_in(stored, coin, payable.account);
    payable.carrying = -dollars_of(stored, policy::payable_conversion(coin, fee.name));
    payable.accrued = payable.carrying - dollars_of(stored, policy::payable_unrealised(fee.name));
    if (!payable.quantity.is_zero()) payables.emplace(fee.name, payable);
  }
  std::vector<policy::CoinPayable> found;
  for (const auto& [fee, payable] : payables) found.push_back(payable);
  return found;
}

/// What the fund's rules need of the journal; the facts beside it are the policy store's.
ResolvedExpenses expenses_in(const FundDefinition& fund, const StoredBooks& stored) {
  ResolvedExpenses expenses;
  for (const FundAsset& asset : fund.assets) {
    const Decimal staked =
        coins_in(stored, asset.asset.value(), "Assets:Staked:" + books::account_part(asset.asset.value()));
    if (!staked.is_zero()) expenses.staked.emplace(asset.asset, staked);
  }
  for (const policy::OfferingCost& cost : base::value_or_refuse(offering_costs(fund.policies))) {
    const Decimal expensed = dollars_of(stored, policy::expense_account(cost.name()));
    const bool is_deferred = !expensed.is_zero() || !dollars_of(stored, cost.deferred_account()).is_zero();
    expenses.offering.emplace(cost.name(), OfferingStanding{is_deferred, expensed});
  }
  expenses.coin_payables = coin_payables_in(fund, stored);
  return expenses;
}

}  // namespace

Holdings holdings_of(const StoredBooks& stored, const StoredBooks& year_start) {
  Holdings holdings;
  for (const books::AssetDefinition& asset : stored.assets) {
    Decimal quantity;
    for (const StoredBalance& balance : stored.balances) {
      if (balance.commodity == asset.asset && begins(balance.account, kAssets))
        quantity += balance.balance.to_decimal(balance.decimals);
    }
    if (quantity.is_zero()) continue;
    // Coins held, and rewards that are income already and not yet received: at what they were booked at.
    const Decimal cost = dollars_of(stored, policy::coin_conversion(asset.asset)) +
                         dollars_of(stored, policy::receivable_conversion(asset.asset));
    holdings.positions.push_back(
        {model::AssetId::literal(asset.asset), quantity, cost, std::nullopt, std::nullopt});
  }
  ResolvedBooks& resolved = holdings.books;
  for (const StoredBalance& balance : stored.balances) {
    if (!begins(balance.account, books::kOwedCoins) || balance.balance.is_zero()) continue;
    resolved.owed_coins.push_back(
        {balance.account.substr(books::kOwedCoins.size()), -balance.balance.to_decimal(balance.decimals)});
  }
  std::sort(resolved.owed_coins.begin(), resolved.owed_coins.end(),
            [](const NamedAmount& a, const NamedAmount& b) { return a.name < b.name; });
  resolved.other_assets = dollar_lines(stored, kAssets, false);
  resolved.liabilities = dollar_lines(stored, kLiabilities, true);
  resolved.shares = stored.shares.to_decimal(0);
  resolved.tax.taxable_to_date = taxable_in(stored) - taxable_in(year_start);
  resolved.tax.current_provided =
      dollars_of(stored, kCurrentTaxExpense) - dollars_of(year_start, kCurrentTaxExpense);
  resolved.tax.deferred_booked = -dollars_of(stored, kDeferredTax);
  resolved.capital_total = -dollars_in(stored, kCapital);
  resolved.income_total = -dollars_in(stored, kIncome, kRealised) + dollars_in(stored, kUnrealised);
  resolved.expenses_total = dollars_in(stored, kExpenses);
  return holdings;
}

namespace {

using ManyBooks = std::map<std::string, StoredBooks>;

/// Orders of the day count with their coins and shares: what the trade-date view has beyond the nav view, and
/// those that are accepted and not yet priced.
void add_pending(const FundDefinition& fund, const Holdings& with_orders, const PendingOrders& accepted,
                 Holdings& holdings) {
  holdings.books.pending_shares = with_orders.books.shares - holdings.books.shares + accepted.shares;
  const auto quantity_in = [](const Holdings& some, const model::AssetId& asset) {
    for (const ResolvedPosition& position : some.positions) {
      if (position.asset == asset) return position.quantity;
    }
    return Decimal{};
  };
  const auto accepted_of = [](const std::map<std::string, Decimal>& coins, const model::AssetId& asset) {
    const auto found = coins.find(asset.value());
    return found == coins.end() ? Decimal{} : found->second;
  };
  for (const FundAsset& asset : fund.assets) {
    const Decimal change = quantity_in(with_orders, asset.asset) - quantity_in(holdings, asset.asset) +
                           accepted_of(accepted.creations, asset.asset) -
                           accepted_of(accepted.redemptions, asset.asset);
    if (change.is_positive()) holdings.books.pending.push_back({asset.asset, change, {}});
    if (change.is_negative()) holdings.books.pending.push_back({asset.asset, {}, -change});
  }
}

}  // namespace

std::vector<Holdings> BooksStrikeJournal::holdings_of_many(db::Transaction& transaction,
                                                           const std::vector<const FundDefinition*>& funds,
                                                           time::Date date) {
  std::vector<std::string> names;
  std::vector<std::string> trusts;
  std::map<time::Date, std::vector<std::string>> by_year_start;
  for (const FundDefinition* fund : funds) {
    names.push_back(fund->id.value());
    if (fund->act == Act::kEtp1933) trusts.push_back(fund->id.value());
    by_year_start[tax_year_start(*fund, date)].push_back(fund->id.value());
  }
  refuse_unpriced_orders(transaction, names, trusts, date);
  const auto load = [&](const std::vector<std::string>& some, books::Basis basis, time::Date as_of) {
    return some.empty() ? ManyBooks{} : load_books_of(transaction, some, {basis, as_of, std::nullopt});
  };
  const ManyBooks stored = load(names, books::Basis::kNav, date);
  ManyBooks year_starts;
  for (const auto& [month, some] : by_year_start)
    year_starts.merge(load_results_before(transaction, some, month));
  const ManyBooks traded = load(trusts, books::Basis::kTradeDate, date);
  auto totals = load_fact_totals(transaction, names, date);
  std::vector<Holdings> all;
  for (const FundDefinition* fund : funds) {
    const std::string& name = fund->id.value();
    const auto own = stored.find(name);
    if (own == stored.end()) {
      all.emplace_back();  // Books that were never opened hold nothing and have no shares.
      continue;
    }
    const StoredBooks& year_start = year_starts[name];
    Holdings holdings = holdings_of(own->second, year_start);
    holdings.marked = marks_in(own->second, [](const StoredBalance& balance) { return balance.standing; });
    holdings.books.expenses = expenses_in(*fund, own->second);
    holdings.books.expenses.incurred = std::move(totals[name].incurred);
    holdings.books.expenses.rewards = std::move(totals[name].rewards);
    if (fund->act == Act::kEtp1933)
      add_pending(*fund, holdings_of(traded.at(name), year_start),
                  load_pending_orders(transaction, *fund, date, own->second), holdings);
    all.push_back(std::move(holdings));
  }
  return all;
}

namespace {

/// What a strike of these figures leaves in the books.
std::vector<DraftToPost> drafts_of(time::Date date, const StrikeFigures& figures) {
  std::vector<DraftToPost> drafts;
  const auto add = [&](policy::EntryDraft entry, const char* kind) {
    DraftToPost draft;
    draft.entry = std::move(entry);
    draft.kind = kind;
    drafts.push_back(std::move(draft));
  };
  for (const policy::EntryDraft& entry : figures.expenses.entries) add(entry, "expense_accrued");
  const TaxProvision& tax = figures.tax;
  if (!tax.current_change.is_zero())
    add(tax_entry(date, "current_tax", tax.current_change, kCurrentTaxExpense, kCurrentTaxPayable),
        "tax_provision");
  if (!tax.deferred_change.is_zero())
    add(tax_entry(date, "deferred_tax", tax.deferred_change, kDeferredTaxExpense, kDeferredTax),
        "tax_provision");
  return drafts;
}

/// The difference of two strikes of one day as one entry; without postings where there is none.
DraftToPost correction_of(const NewNav& nav) {
  const time::Date date = nav.resolved.plan.valuation_date;
  std::map<std::pair<std::string, std::string>, Decimal> sums;  // by account and commodity
  for (const DraftToPost& draft : drafts_of(date, nav.figures))
    for (const policy::DraftPosting& one : draft.entry.postings)
      sums[{one.account, one.commodity}] += one.amount;
  for (const DraftToPost& draft : drafts_of(date, *nav.replaced))
    for (const policy::DraftPosting& one : draft.entry.postings)
      sums[{one.account, one.commodity}] -= one.amount;
  const std::string version = std::to_string(nav.mark.version + 1);
  DraftToPost draft;
  draft.entry = policy::entry_on(date, date.to_string() + " version " + version,
                                 "what version " + version + " of the NAV accrues more or less");
  draft.entry.book_date = date + 1;
  draft.entry.settlement_date = date + 1;
  draft.kind = "strike_corrected";
  for (const auto& [key, amount] : sums) draft.entry.debit(key.first, key.second, amount);
  return draft;
}

DraftToPost mark_draft(policy::EntryDraft entry) {
  DraftToPost draft;
  draft.entry = std::move(entry);
  draft.kind = "unrealised_gain";
  return draft;
}

/// Brings the marks to the NAV's values. A further version marks its own day: where later days were struck
/// already, their marks stand, so the change is taken back on the next of them.
void add_marks(db::Transaction& transaction, const NewNav& nav, std::vector<DraftToPost>& drafts) {
  const model::FundId& fund = nav.resolved.definition.id;
  const time::Date date = nav.resolved.plan.valuation_date;
  if (nav.replaced == nullptr) {
    policy::EntryDraft marks = policy::mark_positions(date, marked_positions(nav, nav.marked));
    if (!marks.postings.empty()) drafts.push_back(mark_draft(std::move(marks)));
    return;
  }
  const auto stored = load_books(transaction, fund, {books::Basis::kNav, date + 1, std::nullopt});
  ENSURE(stored.has_value());
  const auto seen = marks_in(*stored, [](const StoredBalance& balance) { return balance.balance; });
  policy::EntryDraft marks = policy::mark_positions(date, marked_positions(nav, seen));
  if (marks.postings.empty()) return;
  const std::string version = " version " + std::to_string(nav.mark.version + 1) + " unrealised";
  marks.source_id = date.to_string() + version;
  if (const auto next = first_struck_after(transaction, fund, date)) {
    policy::EntryDraft back =
        policy::entry_on(*next, date.to_string() + version + " until " + next->to_string(),
                         "the marks of " + next->to_string() + " stand");
    back.book_date = *next + 1;
    back.settlement_date = *next + 1;
    for (const policy::DraftPosting& one : marks.postings)
      back.credit(one.account, one.commodity, one.amount);
    drafts.push_back(mark_draft(std::move(marks)));
    drafts.push_back(mark_draft(std::move(back)));
    return;
  }
  drafts.push_back(mark_draft(std::move(marks)));
}

void settle_with_adviser(db::Transaction& transaction, const model::FundId& fund,
                         std::vector<DraftToPost>& drafts) {
  std::optional<policy::AdviserStanding> standing;
  for (DraftToPost& draft : drafts) {
    const bool is_advisers = std::any_of(
        draft.entry.postings.begin(), draft.entry.postings.end(),
        [](const policy::DraftPosting& one) { return one.account == policy::kAdviserReceivable; });
    if (!is_advisers) continue;
    if (!standing) standing = load_adviser(transaction, fund);
    policy::settle_with_adviser(draft.entry, *standing);
  }
}

/// Where a fee is taken back, or one that was paid too much of is still due, as of the NAV's own books or by
/// a further version.
void settle_fees(db::Transaction& transaction, const NewNav& nav, std::vector<DraftToPost>& drafts) {
  const std::string owed = policy::payable_account("");
  const std::string due = policy::fee_receivable_account("").substr(kAssets.size());
  const auto& assets = nav.resolved.books.other_assets;
  bool has_some = nav.replaced != nullptr ||
                  std::any_of(assets.begin(), assets.end(),
                              [&](const NamedAmount& asset) { return asset.name.starts_with(due); });
  for (const DraftToPost& draft : drafts)
    for (const policy::DraftPosting& one : draft.entry.postings)
      has_some |= one.commodity == kDollar && one.amount.is_positive() && one.account.starts_with(owed);
  if (!has_some) return;
  auto standings = load_fee_standings(transaction, nav.resolved.definition.id);
  for (DraftToPost& draft : drafts) policy::settle_fees(draft.entry, standings);
}

}  // namespace

std::optional<db::AuditRecord> BooksStrikeJournal::post_strike(db::Transaction& transaction,
                                                               db::WriteBatch& batch, const NewNav& nav) {
  const FundDefinition& fund = nav.resolved.definition;
  PostRequest request(fund.id, nav.struck_by, known_time(transaction, fund.id, nav.struck_at));
  request.source = kSource;
  if (nav.replaced == nullptr) {
    request.drafts = drafts_of(nav.resolved.plan.valuation_date, nav.figures);
  } else if (DraftToPost correction = correction_of(nav); !correction.entry.postings.empty()) {
    request.drafts.push_back(std::move(correction));
  }
  settle_with_adviser(transaction, fund.id, request.drafts);
  settle_fees(transaction, nav, request.drafts);
  add_marks(transaction, nav, request.drafts);
  if (request.drafts.empty()) return std::nullopt;
  if (are_plain(request.drafts)) {
    std::vector<books::AssetDefinition> assets;
    for (const FundAsset& asset : fund.assets) assets.push_back({asset.asset.value(), asset.decimals});
    return add_plain(batch, request, nav.mark.entries, assets);
  }
  post_drafts(transaction, FundPostingRules(fund).rules(), request);
  return std::nullopt;
}

}  // namespace navkeeper::nav
