#pragma once
// What a custodian stakes for a fund, and its liquid-staking tokens, from what custody keeps of the
// custodian's word. Nothing of it can be checked on a chain, and every position says so.
//
// Requests to stake and unstake are events, each step once: a stake leaves the free coins when it is asked
// for (deposit_submitted) and earns when it is done (deposit_applied), or comes back (stake_returned); an
// unstake stops earning (redeem_requested) and comes back (redeemed), or earns again (unbonding_canceled). A
// step that a reading shows first happened between it and the one before. What was done when the first
// reading was taken is part of what that reading found.
//
// A conversion between staked coins and their token: staked coins are in flight from when it is asked for
// (convert_requested) until it is done; then what was given is gone (converted, naming what came) and what
// came is there (converted_into), or it came to nothing (convert_returned). A token that is given stays among
// its units until it is done.
#include <set>
#include <string>
#include <vector>

#include "services/staking/app/staking_store.h"
#include "services/staking/domain/liquid_token.h"

namespace navkeeper::staking {

struct CustodianBalance {
  std::string account;
  model::AssetId asset = model::AssetId::literal("UNSET");
  std::optional<money::Decimal> owned;  ///< everything of the account's, each coin once
  std::optional<money::Decimal> staked;
  std::optional<money::Decimal> activating;
  std::optional<money::Decimal> unbonding;
  std::vector<std::pair<money::Decimal, std::optional<time::Instant>>> unbonding_entries;
  std::optional<money::Decimal> rewards_pending;  ///< earned and not yet the account's
  std::optional<money::Decimal> claimable;
  time::Instant as_of;
};

/// A reward, a request to stake, a conversion or a transfer, as custody keeps it. The key of a request begins
/// with "STAKE:" or "UNSTAKE:".
struct CustodianRecord {
  std::string key;
  time::Instant at;
  std::string asset;
  money::Decimal amount;  ///< whole; a transfer's is signed, positive comes in
  std::int64_t count = 1;
  std::string progress;      ///< custody's word: "done", "under_way", "failed", "unknown"
  std::string account = {};  ///< of a balance, where custody says whose it is; else empty
  // Of a conversion: what came of it, under its own name ("CDCETH", "ETH.staked"), and how much of that.
  std::string into = {};
  std::optional<money::Decimal> received = {};
};

struct CustodianWord {
  std::vector<CustodianBalance> balances;
  std::vector<CustodianRecord> rewards;
  std::vector<CustodianRecord> stakes;
  std::vector<CustodianRecord> transfers;
  std::vector<CustodianRecord> terms;  ///< "conversion_rate:CDCETH"
};

/// Policy of one token of the fund.
struct TokenPolicy {
  model::AssetId asset = model::AssetId::literal("UNSET");
  model::AssetId coin = model::AssetId::literal("UNSET");
  TokenKind kind = TokenKind::kValueAccruing;
  RateBounds bounds;
  bool redemption_rate_fixed = false;
  bool redemption_slashable = true;
  std::optional<int> redemption_days = {};
};

struct CustodianQuestion {
  std::string source;          ///< the configured name
  std::string custody_source;  ///< custody's name of it
  std::vector<TokenPolicy> tokens;
  std::vector<StoredReading> last = {};  ///< at most one of each chain
  std::vector<ParameterReading> known_parameters = {};
  std::set<std::string> known_events = {};  ///< ids of all that is stored of the source
};

/// Throws base::Refused for a rate outside its bounds or a balance that goes back in time.
SyncResult sync_custodian_staking(const CustodianWord& word, const CustodianQuestion& question);

}  // namespace navkeeper::staking
