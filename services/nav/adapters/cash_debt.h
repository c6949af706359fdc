#pragma once
// What a wire says that it pays: how much the books owe by that name, and how much of it other wires pay.
// Inside the caller's transaction, under the lock of the fund's cash.
#include <optional>
#include <set>
#include <string>

#include "common/db/transaction.h"
#include "common/model/id.h"
#include "services/nav/domain/cash/wire.h"

namespace navkeeper::nav {

inline constexpr const char* kPaysLiability = "liability";
inline constexpr const char* kPaysDistribution = "distribution";

/// Nothing where the wire pays nothing by name, and where the books know nothing by that name that dollars
/// leave for: no such account, no such entry or one that was reversed, no approved distribution.
std::optional<cash::PaidDebt> load_debt(db::Transaction& transaction, const model::FundId& fund,
                                        const cash::Wire& wire);

/// Of the wires that pay this liability, those whose payment the books show: it is booked under the wire's
/// id, or, of a wire that has left, with its amount on its value date or later; each payment is one wire's.
std::set<std::string> booked_wires(db::Transaction& transaction, const model::FundId& fund,
                                   const std::string& liability);

}  // namespace navkeeper::nav
