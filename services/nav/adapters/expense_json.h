#pragma once
// The expenses of a strike in the resolved inputs and in the NAV document, and what is read back of them.
#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/nav/domain/strike_expenses.h"

namespace navkeeper::nav {

/// Member "expenses" of the inputs.
void write_resolved_expenses(json::Writer& writer, const ResolvedExpenses& resolved);
ResolvedExpenses read_resolved_expenses(json::ObjectReader& inputs);

/// Members "expenses" and "carried" of the document.
void write_expenses(json::Writer& writer, const FundDefinition& fund, const ExpenseFigures& figures);
/// The total of the document's member "expenses".
money::Decimal read_expenses_total(json::ObjectReader& document);
money::Decimal read_payables_change(json::ObjectReader& document);
CarriedExpenses read_carried(json::ObjectReader& holder);

}  // namespace navkeeper::nav
