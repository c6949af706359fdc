#include "services/nav/adapters/strike_posting.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/fund_fact_store.h"
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

policy::EntryDraft tax_entry(const NewNav& nav, const char* kind, const Decimal& amount, const char* expense,
                             const char* liability) {
  const time::Date date = nav.resolved.plan.valuation_date;
  policy::EntryDraft entry = policy::entry_on(date, date.to_string() + " " + kind, kind);
  entry.book_date = date + 1;
  entry.settlement_date = date + 1;
  return entry.debit(expense, kDollar, amount).credit(liability, kDollar, amount);
}

/// Each coin as the NAV values it beside what the books have marked; a coin that is gone too.
std::vector<policy::MarkedPosition> marked_positions(const NewNav& nav,
                                                     const std::vector<StoredBalance>& marks) {
  std::map<std::string, policy::MarkedPosition> positions;
  const auto of = [&](const std::string& asset) -> policy::MarkedPosition& {
    return positions.try_emplace(asset, policy::MarkedPosition{asset, {}, {}, {}}).first->second;
  };
  for (const StoredBalance& mark : marks) {
    const std::string_view part = std::string_view(mark.account).substr(kUnrealised.size());
    if (begins(mark.account, kCoinPayables)) continue;
    of(books::name_of_part(part)).marked = -mark.balance.to_decimal(mark.decimals);
  }
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

Holdings BooksStrikeJournal::holdings_at_start(db::Transaction& transaction, const FundDefinition& fund,
                                               time::Date date) {
  const auto view = [&](books::Basis basis, time::Date as_of) {
    return load_books(transaction, fund.id, {basis, as_of, std::nullopt});
  };
  refuse_unpriced_orders(transaction, fund, date);
  const auto stored = view(books::Basis::kNav, date);
  if (!stored) return {};  // Books that were never opened hold nothing and have no shares.
  const auto year_start = view(books::Basis::kNav, tax_year_start(fund, date) - 1);
  ENSURE(year_start.has_value());
  Holdings holdings = holdings_of(*stored, *year_start);
  holdings.books.expenses = expenses_in(fund, *stored);
  load_fact_totals(transaction, fund.id, date, holdings.books.expenses);
  if (fund.act == Act::kEtp1933) {
    // Orders of the day count with their coins and shares: what the trade-date view has beyond the nav view.
    const auto traded = view(books::Basis::kTradeDate, date);
    ENSURE(traded.has_value());
    const Holdings with_orders = holdings_of(*traded, *year_start);
    holdings.books.pending_shares = with_orders.books.shares - holdings.books.shares;
    const auto quantity_in = [](const Holdings& some, const model::AssetId& asset) {
      for (const ResolvedPosition& position : some.positions) {
        if (position.asset == asset) return position.quantity;
      }
      return Decimal{};
    };
    const PendingOrders accepted = load_pending_orders(transaction, fund, date, *stored);
    holdings.books.pending_shares += accepted.shares;
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
  return holdings;
}

void BooksStrikeJournal::post_strike(db::Transaction& transaction, const NewNav& nav) {
  const FundDefinition& fund = nav.resolved.definition;
  PostRequest request(fund.id, nav.struck_by, nav.struck_at);
  request.source = kSource;
  const auto add = [&](policy::EntryDraft entry, const char* kind) {
    DraftToPost draft;
    draft.entry = std::move(entry);
    draft.kind = kind;
    request.drafts.push_back(std::move(draft));
  };
  for (const policy::EntryDraft& entry : nav.figures.expenses.entries) add(entry, "expense_accrued");
  const TaxProvision& tax = nav.figures.tax;
  if (!tax.current_change.is_zero())
    add(tax_entry(nav, "current_tax", tax.current_change, kCurrentTaxExpense, kCurrentTaxPayable),
        "tax_provision");
  if (!tax.deferred_change.is_zero())
    add(tax_entry(nav, "deferred_tax", tax.deferred_change, kDeferredTaxExpense, kDeferredTax),
        "tax_provision");
  policy::EntryDraft marks = policy::mark_positions(
      nav.resolved.plan.valuation_date,
      marked_positions(nav, load_standing_balances(transaction, fund.id, kUnrealised, kDollar)));
  if (!marks.postings.empty()) add(std::move(marks), "unrealised_gain");
  if (!request.drafts.empty()) post_drafts(transaction, FundPostingRules(fund).rules(), request);
}

}  // namespace navkeeper::nav
