#include "services/nav/adapters/strike_posting.h"

#include <algorithm>
#include <string_view>

#include "common/base/ensure.h"
#include "common/json/write.h"
#include "services/nav/adapters/posting_rules.h"

namespace navkeeper::nav {
namespace {

using books::Units;
using money::Decimal;

constexpr std::string_view kDollar = "USD";
constexpr std::string_view kAssets = "Assets:";
constexpr std::string_view kLiabilities = "Liabilities:";
constexpr std::string_view kCapital = "Capital:";
constexpr std::string_view kIncome = "Income:";
constexpr std::string_view kExpenses = "Expenses:";
constexpr std::string_view kRealised = "Income:Realised gain:";
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
  return -dollars_in(stored, kIncome) - dollars_in(stored, kExpenses, kTaxes);
}

time::Date tax_year_start(const FundDefinition& fund, time::Date date) {
  const int month = fund.tax.year_start_month;
  const int year = date.month() >= month ? date.year() : date.year() - 1;
  const auto start = time::Date::of(year, month, 1);
  ENSURE(start.has_value());
  return *start;
}

Units cents(const Decimal& amount) {
  const auto units = Units::from(amount, books::kDollarDecimals);
  ENSURE(units.has_value());  // a fund's money has at most two decimals (fund_file.cpp)
  return *units;
}

std::string content_of(const char* kind, const std::string& date, const Decimal& amount) {
  json::Writer writer;
  writer.begin_object().member("amount", amount).member("date", date).member("kind", kind).end_object();
  return writer.take();
}

FreeEntry tax_entry(const NewNav& nav, const char* kind, const Decimal& amount, const char* expense,
                    const char* liability) {
  const time::Date date = nav.resolved.plan.valuation_date;
  const time::Date booked = date + 1;
  FreeEntry entry{date,   booked,
                  booked, {kSource, date.to_string() + " " + kind},
                  kind,   content_of(kind, date.to_string(), amount),
                  {}};
  entry.postings.push_back({expense, std::string(kDollar), cents(amount)});
  entry.postings.push_back({liability, std::string(kDollar), -cents(amount)});
  return entry;
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
    holdings.positions.push_back({model::AssetId::literal(asset.asset), quantity,
                                  dollars_of(stored, "Conversion:" + books::account_part(asset.asset)),
                                  std::nullopt, std::nullopt});
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
  resolved.income_total = -dollars_in(stored, kIncome, kRealised);
  resolved.expenses_total = dollars_in(stored, kExpenses);
  return holdings;
}

Holdings BooksStrikeJournal::holdings_at_start(db::Transaction& transaction, const FundDefinition& fund,
                                               time::Date date) {
  const auto view = [&](books::Basis basis, time::Date as_of) {
    return load_books(transaction, fund.id, {basis, as_of, std::nullopt});
  };
  const auto stored = view(books::Basis::kNav, date);
  if (!stored) return {};  // Books that were never opened hold nothing and have no shares.
  const auto year_start = view(books::Basis::kNav, tax_year_start(fund, date) - 1);
  ENSURE(year_start.has_value());
  Holdings holdings = holdings_of(*stored, *year_start);
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
    for (const FundAsset& asset : fund.assets) {
      const Decimal change = quantity_in(with_orders, asset.asset) - quantity_in(holdings, asset.asset);
      if (change.is_positive()) holdings.books.pending.push_back({asset.asset, change, {}});
      if (change.is_negative()) holdings.books.pending.push_back({asset.asset, {}, -change});
    }
  }
  return holdings;
}

void BooksStrikeJournal::post_strike(db::Transaction& transaction, const NewNav& nav) {
  const FundDefinition& fund = nav.resolved.definition;
  const time::Date date = nav.resolved.plan.valuation_date;
  const Stamp stamp{nav.struck_by, nav.struck_at};
  if (!nav.figures.fee.is_zero()) {
    const EventToPost fee{{date, books::FeeAccrued{fund.fee.name, nav.figures.fee}},
                          {kSource, date.to_string() + " fee"},
                          date + 1,
                          date + 1,
                          content_of("fee", date.to_string(), nav.figures.fee),
                          fund.id.value() + " " + date.to_string() + " fee"};
    post_events(transaction, fund.id, FundPostingRules(fund).rules(), {&fee, 1}, stamp);
  }
  std::vector<FreeEntry> taxes;
  const TaxProvision& tax = nav.figures.tax;
  if (!tax.current_change.is_zero())
    taxes.push_back(
        tax_entry(nav, "current_tax", tax.current_change, kCurrentTaxExpense, kCurrentTaxPayable));
  if (!tax.deferred_change.is_zero())
    taxes.push_back(tax_entry(nav, "deferred_tax", tax.deferred_change, kDeferredTaxExpense, kDeferredTax));
  if (!taxes.empty()) post_entries(transaction, fund.id, taxes, stamp);
}

}  // namespace navkeeper::nav
