#pragma once
// What positions are worth beyond their cost, as the books keep it: each strike brings the mark of every coin
// to the value at which the NAV has it. So the dollars of the books, assets and conversions less liabilities,
// are the net assets that were struck, and unrealised gain is an account like any other.
//
// Between strikes a mark is that of the last one: a coin sold since is realised and, until the next strike,
// still marked. Marks are no taxable income and no income of a fee's base.
#include <span>
#include <string>
#include <string_view>

#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

struct MarkedPosition {
  std::string asset;
  money::Decimal value;   ///< dollars at the strike; of a coin that is gone 0
  money::Decimal cost;    ///< dollars of its lots and of its rewards receivable
  money::Decimal marked;  ///< dollars beyond cost that the books have already; negative: below it
};

/// What brings each mark to value - cost, rounded to the cent, half to even. No postings where nothing moved.
EntryDraft mark_positions(time::Date valuation_date, std::span<const MarkedPosition> positions);

std::string unrealised_account(std::string_view asset);     ///< "Income:Unrealised gain:COIN"
std::string unrealised_conversion(std::string_view asset);  ///< "Conversion:COIN unrealised"
/// Whether the account is one of these two, of any coin. Who values coins from prices leaves both out:
/// together they are nothing.
bool is_mark_account(std::string_view account);

}  // namespace navkeeper::nav::policy
