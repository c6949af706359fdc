#pragma once
// A fund's accounts and roll-forwards as one JSON document each, for routes and commands.
#include <string>
#include <vector>

#include "services/custody/adapters/attestation_store.h"
#include "services/custody/adapters/roll_forward_json.h"
#include "services/custody/adapters/settings.h"
#include "services/custody/adapters/statement_store.h"
#include "services/custody/adapters/transfer_view.h"
#include "services/custody/app/custody_store.h"

namespace navkeeper::custody {

/// Places that hold something or are configured: what each holds, whose account an address belongs to, and
/// its newest attestation.
struct AccountRow {
  std::string source;
  std::string account;
  std::vector<StoredBalance> balances;
  const OwnAddress* own = nullptr;                 ///< of a configured address
  const StoredAttestation* attestation = nullptr;  ///< the newest of that address
};
/// By source and account. The parts must outlive the rows.
std::vector<AccountRow> account_rows(const std::vector<StoredBalance>& balances,
                                     const std::vector<OwnAddress>& addresses,
                                     const std::vector<StoredAttestation>& attestations,
                                     const model::FundId& fund);
std::string accounts_json(const model::FundId& fund, const std::vector<AccountRow>& rows);

/// Of every account of every source (or of one source): refused when `from` is not before `to`.
std::vector<AssetRoll> load_rolls(CustodyStore& store, const model::FundId& fund, const std::string& source,
                                  const TransferPeriod& period);
std::string rolls_json(const model::FundId& fund, const TransferPeriod& period,
                       const std::vector<AssetRoll>& rolls);

std::string transfers_json(const model::FundId& fund, const TransferPeriod& period, const TransferView& view,
                           const std::vector<OwnAddress>& addresses);
std::string statements_json(const model::FundId& fund, const std::vector<StoredStatement>& statements);

}  // namespace navkeeper::custody
