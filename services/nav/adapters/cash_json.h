#pragma once
// Proposals, executions and confirmations as JSON: what is read from files and requests, what is stored, what
// is shown. Share positions as CSV.
#include <string>
#include <string_view>
#include <vector>

#include "common/json/value.h"
#include "common/json/write.h"
#include "services/nav/domain/cash/bank_matching.h"
#include "services/nav/domain/cash/cash_proposal.h"
#include "services/nav/domain/cash/projected_cash.h"
#include "services/nav/domain/cash/share_position.h"

namespace navkeeper::nav {

/// {"kind":"bank_account","id","number","currency","servicer"}
/// {"kind":"payee","id","name","number","servicer"}
/// {"kind":"limits","id","account","per_wire","per_day"}
/// {"kind":"wire","id","account","payee","amount","value_date","purpose","pays":{"source","id"}}
/// {"kind":"trade","id","side","asset","quantity","limit","date","purpose","counterparty","settlement_days",
///  "fee_bps_max","allocations":[{"order","quantity"}]}
/// Throws base::Refused; checked by cash::check_proposal.
cash::CashProposal read_proposal(const json::Value& value);
/// Canonical: equal proposals give equal bytes.
std::string proposal_content(const cash::CashProposal& proposal);

/// {"trade","execution","date","quantity","price","fee"}
struct ExecutionToRecord {
  std::string trade;
  cash::Execution execution;
};
ExecutionToRecord read_execution(const json::Value& value);
/// {"reference","trade","execution","side","asset","quantity","price","cash","trade_date","settlement_date"}
cash::Confirmation read_confirmation(const json::Value& value);
std::string confirmation_content(const cash::Confirmation& confirmation);

/// Canonical JSON of a statement, for its hash.
std::string statement_content(const cash::BankStatement& statement);

/// CSV with the columns date, fund, holder, shares (transfer agent) or date, fund, shares (depository), all
/// rows of one day and fund. Throws base::Refused with the line.
cash::SharePositions read_share_positions(std::string_view content, const std::string& source,
                                          const std::string& fund);
std::string holders_json(const cash::SharePositions& positions);
cash::SharePositions positions_of(const std::string& source, time::Date date, const std::string& holders);

/// A JSON document of one object from a file; at most 64 KiB.
json::Value read_json_file(const std::string& path);

}  // namespace navkeeper::nav
