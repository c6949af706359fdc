#include "services/nav/domain/policy/unrealised_gain.h"

#include "common/base/ensure.h"
#include "services/nav/domain/books/chart.h"

namespace navkeeper::nav::policy {

EntryDraft mark_positions(time::Date valuation_date, std::span<const MarkedPosition> positions) {
  EntryDraft entry =
      entry_on(valuation_date, valuation_date.to_string() + " unrealised", "change in unrealised gain");
  entry.book_date = valuation_date + 1;
  entry.settlement_date = valuation_date + 1;
  for (const MarkedPosition& position : positions) {
    const money::Decimal gain =
        (position.value - position.cost).rounded(kDollarDecimals, money::Rounding::kHalfEven);
    const money::Decimal change = gain - position.marked;
    entry.debit(unrealised_conversion(position.asset), kDollars, change)
        .credit(unrealised_account(position.asset), kDollars, change);
  }
  ENSURE(balances(entry));
  return entry;
}

std::string unrealised_account(std::string_view asset) {
  return "Income:Unrealised gain:" + books::account_part(asset);
}
std::string unrealised_conversion(std::string_view asset) {
  return "Conversion:" + books::account_part(asset) + " unrealised";
}

bool is_mark_account(std::string_view account) {
  constexpr std::string_view kIncome = "Income:Unrealised gain:";
  constexpr std::string_view kCoinPayables = "Income:Unrealised gain:Coin payables:";
  constexpr std::string_view kConversion = "Conversion:";
  constexpr std::string_view kMark = " unrealised";
  if (account.starts_with(kIncome)) return !account.starts_with(kCoinPayables);
  return account.starts_with(kConversion) && account.ends_with(kMark) &&
         account.find(':', kConversion.size()) == std::string_view::npos;
}

}  // namespace navkeeper::nav::policy
