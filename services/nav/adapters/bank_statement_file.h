#pragma once
// Bank statements as files: ISO 20022 camt.053 (versions 02 to 14) and BAI2. What they say becomes
// cash::BankStatement; whether it foots and may be taken is the domain's.
#include <string>
#include <string_view>
#include <vector>

#include "services/nav/domain/cash/bank_statement.h"

namespace navkeeper::nav {

constexpr std::size_t kStatementBytesMax = std::size_t{32} << 20;
constexpr std::size_t kStatementLinesMax = 200'000;  ///< of one file

/// By what the file begins with: "<" is camt.053, "01," BAI2. Every statement of it, checked
/// (cash::check_statement). Refused, with the line: any other content, what the two readers refuse.
base::Checked<std::vector<cash::BankStatement>> read_bank_statements(std::string_view content);

/// BkToCstmrStmt of any of the versions, with or without a prefix. Only booked entries become lines; the
/// totals of TxsSummry, where they are, must agree. Refused: another message, a page of several,
/// balances other than one opening (OPBD, or PRCD in its place) and one closing (CLBD), amounts in another
/// currency than the account's, a date that is none.
base::Checked<std::vector<cash::BankStatement>> read_camt053(std::string_view content);

/// Records 01, 02, 03, 16, 88, 49, 98, 99 (BAI, Cash Management Balance Reporting Specifications, version 2).
/// Control totals and counts of all three trailers, and totals 100 and 400 where they are, must agree.
/// Refused: a group that is not an update, an interim one, an account without opening and closing ledger
/// balance (010, 015), a detail whose type has no side.
base::Checked<std::vector<cash::BankStatement>> read_bai2(std::string_view content);

}  // namespace navkeeper::nav
