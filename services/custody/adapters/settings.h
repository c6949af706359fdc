#pragma once
// The service's own part of the configuration file; without it nothing is asked.
//
//   [custody]
//   sync_seconds = 900                        # how often `serve` asks each custodian
//
//   [[custody.custodians]]
//   name = "cryptocom"                        # stands in every record; never reused for another account
//   protocol = "crypto_com"                   # or "coinbase_prime"
//   fund = "BTCETH"
//   credentials_file = "cryptocom.toml"       # key, secret, for Prime passphrase; readable by its owner
//   account = "a1b2..."                       # Crypto.com: account id that rows must carry (optional);
//                                             # Prime: the portfolio's id
//   staked_in_total = "apart"                 # inside, apart, not_stated: the custodian does not say
//   activating_in_staked = "not_stated"
//   untold_is_zero = false                    # Crypto.com: whether a coin that it names among the stakes and
//                                             # not among the balances has a balance of zero
//   gone = ["OLDCOIN"]                        # coins of which a person knows that nothing of them is kept
//   there
//                                             # any more: where they are not told, zero
//   history_days = 90                         # of the first asking
//   base_url = "http://127.0.0.1:4321"        # instead of the custodian's own host: the sandbox, a test
//   ca_file = "ca.pem"                        # whom to trust instead of the system's authorities
//   timeout_seconds = 20                      # of one request, its answer included
//
//   [[custody.addresses]]                     # what lies there is the fund's: asked for by each sync
//   fund = "BTCETH"
//   chain = "bitcoin"                         # or ethereum, cronos_pos, cronos_evm
//   address = "bc1q..."                       # once, in one fund alone
//   use = "segregated"                        # or "omnibus", which holds others' coins too; optional
//   custodian = "prime"                       # whose account it belongs to (a name above); none: own keys
//   account = "wallet-id"                     # that custodian's word for the account; optional
//
//   [[custody.extended_keys]]                 # all addresses of an account of bitcoin, derived, watch-only
//   name = "cold"                             # in the paths that are shown: "cold/0/7"
//   zpub = "zpub6r..."                        # of the account (BIP-84)
//   count = 40                                # so many of each branch, receiving and change, are watched
//   gap_limit = 20                            # a use of one of the last so many alarms: count must grow
//   fund = "BTCETH"                           # and use, custodian, account as of an address
//
//   [[custody.tolerances]]                    # of a difference in a reconciliation; without: none
//   asset = "BTC"
//   units = "0.00000001"                      # whole coins
//   dollars = "1"                             # both bounds hold, where both are given
//
//   [[custody.places]]                        # a source's account or address is this place of the books
//   source = "chain:bitcoin"
//   account = "bc1q..."
//   place = "cold-1"                          # "" is the main account
//
//   [custody.reconciliation]
//   balance_age_hours = 24                    # a balance farther from the valuation point is unsure
//   match_days = 3                            # between two movements of equal amount
//   timing_days = 3                           # so long "under way" explains a difference by itself
//   wait_minutes = 90                         # so long after the valuation point `serve` waits for readings
//
//   [custody.chains.bitcoin]                  # and the other chains: chains/chain_settings.h
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/base/secret.h"
#include "common/model/id.h"
#include "common/runtime/toml_reader.h"
#include "common/time/instant.h"
#include "services/custody/domain/balance.h"
#include "services/custody/domain/chains/own_address.h"
#include "services/custody/domain/reconciliation.h"

namespace navkeeper::custody {

struct ChainSettings;

enum class CustodianProtocol { kCryptoCom, kCoinbasePrime };
std::string_view describe(CustodianProtocol protocol);  ///< "crypto_com", "coinbase_prime"

struct CustodianSettings {
  std::string name;
  CustodianProtocol protocol{};
  model::FundId fund = model::FundId::literal("UNSET");
  std::string credentials_file;
  std::string account{};
  Counted staked_in_total = Counted::kNotStated;
  Counted activating_in_staked = Counted::kNotStated;
  bool untold_is_zero = false;
  std::set<std::string> gone{};
  int history_days = 90;
  std::string base_url{};  ///< empty: the custodian's own
  std::string ca_file{};
  int timeout_seconds = 20;
};

struct Settings {
  static constexpr std::int64_t kSyncSecondsMin = 1;
  static constexpr std::int64_t kSyncSecondsMax = 86'400;
  std::vector<CustodianSettings> custodians;
  time::Duration sync_every = time::Duration::seconds(900);
  std::vector<OwnAddress> addresses{};            ///< in the file's order
  std::shared_ptr<const ChainSettings> chains{};  ///< nothing: no [custody.chains]
  ReconciliationTerms reconciliation{};           ///< without prices; omnibus: every Crypto.com account
  time::Duration reconcile_wait = time::Duration::minutes(90);
};

/// Reads the table [custody]; paths are relative to `folder`. Throws base::Refused with file, line and key.
Settings read_settings(runtime::TomlReader table, const std::string& folder);

/// What a custodian knows us by.
struct Credentials {
  std::string key;
  base::Secret secret;
  base::Secret passphrase;  ///< Prime's; else empty
};
/// Refused: a file that others than its owner can read, one without key or secret.
Credentials read_credentials(const std::string& file, bool with_passphrase);

}  // namespace navkeeper::custody
