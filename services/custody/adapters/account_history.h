#pragma once
// What one source's accounts did, out of its stored records: as flows of a roll-forward and as facts that can
// be matched.
#include <map>
#include <string>
#include <vector>

#include "services/custody/app/custody_store.h"
#include "services/custody/domain/roll_forward.h"
#include "services/custody/domain/transfer.h"
#include "services/custody/domain/transfer_matching.h"

namespace navkeeper::custody {

struct StoredTransfer {
  Transfer transfer;
  RecordState state;
};
struct StoredReward {
  Reward reward;
  RecordState state;
};

struct AccountHistory {
  std::string source;
  /// Whether the source ever answered completely about its transfers: a chain whose nodes keep no list by
  /// address never does, and what is not in the history may then have happened all the same.
  bool tells_transfers = false;
  std::optional<time::Instant> told_until{};  ///< so far, where it does
  /// Of a chain's tokens: from when on their transfers are listed too.
  std::map<std::string, time::Instant> listed_since = {};
  std::vector<StoredTransfer> transfers;
  std::vector<StoredReward> rewards;
  std::vector<RecordState> others;  ///< stakes and ledger lines
};

/// Records from `from` to query.as_of, as known at query.known_at.
AccountHistory load_history(CustodyStore& store, const model::FundId& fund, const std::string& source,
                            time::Instant from, const CustodyQuery& query);

/// Whether a chain's list tells of the asset from `since` on: of its own coin always, of a token once it is
/// listed.
bool is_listed(const AccountHistory& history, const std::string& asset, time::Instant since);

/// Flows of one account and asset. A record that names no account counts for the source's only account
/// (`is_only`), else for none.
std::vector<Flow> flows_of(const AccountHistory& history, const std::string& account,
                           const std::string& asset, bool is_only);

/// Transfers that did not fail, as facts: of a custodian or of a chain by the source's name. `own`: the
/// addresses that are the fund's; the sender's address that a custodian names for what comes in is none.
std::vector<TransferFact> facts_of(const AccountHistory& history, const std::vector<std::string>& own);

/// Whether the record counts: done, and it stands.
bool is_settled(const RecordState& state);

}  // namespace navkeeper::custody
