#pragma once
// The answers of the Crypto.com Exchange API v1, read: envelope, balances, history, staking. Pure text to
// domain; base::Refused names the field. Source: the published OpenAPI document ("Exchange API v1") and
// recorded answers, which spell id and code as numbers here and as text there; both are taken.
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/adapters/custodians/foreign_json.h"
#include "services/custody/app/custodian_source.h"

namespace navkeeper::custody::crypto_com {

struct Envelope {
  std::string id;
  std::string method;
  std::string code;     ///< "0": done
  std::string message;  ///< of an error
};
Envelope read_envelope(const json::Value& answer);
/// The member `result`; refused when the code is not 0 or there is none.
ForeignObject result_of(const json::Value& answer);

/// private/get-accounts: NotBelievable unless the master account or a sub-account is `account`.
void require_account(const json::Value& answer, const std::string& account);
/// private/user-balance: one balance a position; rows of staked instruments ("ETH.staked") are left out,
/// their coins are the staking position's. `account`, `as_of` and hash are the caller's. A row whose coin's
/// name cannot be read goes to `evidence`, here and below.
std::vector<Balance> read_user_balance(const json::Value& answer, const Place& place, time::Instant as_of,
                                       const crypto::Digest256& sha256, Evidence& evidence);
struct StakingPosition {
  std::string instrument;  ///< "SOL.staked", "CDCETH"
  std::string underlying;  ///< "SOL"
  money::Decimal staked;
  money::Decimal activating;
  money::Decimal unbonding;
  bool operator==(const StakingPosition&) const = default;
};
/// private/staking/get-staking-position. Amounts of a yield-bearing instrument are in that token.
std::vector<StakingPosition> read_staking_positions(const json::Value& answer, const std::string& account,
                                                    Evidence& evidence);
/// Puts positions into the balances of their coins: of the underlying for "X.staked", of the instrument
/// itself for a yield-bearing token.
void add_staking(std::vector<Balance>& balances, const std::vector<StakingPosition>& positions,
                 const Balance& pattern);

/// Statuses nobody has documented go to `evidence`.
std::vector<Record> read_deposits(const json::Value& answer, Evidence& evidence);
std::vector<Record> read_withdrawals(const json::Value& answer, Evidence& evidence);
/// `account`, where not empty, must be that of every row: NotBelievable else.
std::vector<Record> read_transactions(const json::Value& answer, const std::string& account,
                                      Evidence& evidence);
std::vector<Record> read_stakes(const json::Value& answer, const std::string& account, Evidence& evidence);
std::vector<Record> read_conversions(const json::Value& answer, Evidence& evidence);
std::vector<Record> read_rewards(const json::Value& answer);
/// Facts stand at the epoch.
std::vector<Record> read_networks(const json::Value& answer);
std::vector<Record> read_staking_terms(const json::Value& answer);
Record read_conversion_rate(const json::Value& answer, const std::string& instrument);

}  // namespace navkeeper::custody::crypto_com
