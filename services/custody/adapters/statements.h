#pragma once
// Daily statements: what each account held at the ends of a UTC day and what it did in between, written whole
// from the stored facts.
#include <string>
#include <vector>

#include "services/custody/adapters/statement_store.h"
#include "services/custody/app/custody_store.h"
#include "services/custody/domain/balance.h"

namespace navkeeper::custody {

/// One account's ends of a period, by asset.
struct AccountEnds {
  std::string account;
  std::vector<std::string> assets;  ///< that stand at either end
  std::vector<StoredBalance> opening;
  std::vector<StoredBalance> closing;
};
/// Of every account of a source that has a balance at either instant.
std::vector<AccountEnds> account_ends(CustodyStore& store, const model::FundId& fund,
                                      const std::string& source, time::Instant from, time::Instant to,
                                      time::Instant known_at);

/// So long before a period records are read: a transfer may be asked for long before it ends.
constexpr auto kRecordsBefore = time::Duration::hours(720);

/// So many days are written at once at most.
constexpr std::int64_t kStatementDaysMax = 400;

/// The statements of a source for each UTC day of [from, to] on which the source said anything of the
/// account's balances: without a reading of that day there is no statement.
std::vector<StatementDraft> draft_statements(CustodyStore& store, const model::FundId& fund,
                                             const std::string& source, time::Date from, time::Date to);

/// Drafts and stores those of all sources, or of one; days that are not over at `now` are left out.
std::vector<StoredStatement> make_statements(CustodyStore& facts, StatementStore& statements,
                                             const model::FundId& fund, const std::string& source,
                                             time::Date from, time::Date to, time::Instant now,
                                             const std::string& actor);

}  // namespace navkeeper::custody
