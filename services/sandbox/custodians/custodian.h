#pragma once
// One simulated custodian as its documents describe it: its routes, its signatures, nonces and limits, and
// what goes wrong with it. Written from the documents and not from the adapters of the custody service, so
// that a misreading on one side shows.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/http/router.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "common/time/clock.h"
#include "services/sandbox/custodians/chain_bridge.h"
#include "services/sandbox/custodians/custodian_account.h"
#include "services/sandbox/custodians/custodian_fault.h"

namespace navkeeper::sandbox {

/// What a client of the simulated custodians signs with; printed, since it opens nothing.
struct SandboxKey {
  std::string key = "sandbox-key";
  std::string secret = "sandbox-secret";
  std::string passphrase = "sandbox-passphrase";
};

struct CustodianClocks {
  const time::Clock& world;       ///< what the account follows
  const time::Clock& connection;  ///< what limits are measured by; a nonce may follow either
};

class Custodian {
 public:
  Custodian(std::string name, std::uint64_t seed, time::Instant start, CustodianClocks clocks,
            const CustodianFaultBoard& faults)
      : name_(std::move(name)),
        account_(seed, name_, start),
        stranger_(seed, name_ + " stranger", start),
        clocks_(clocks),
        faults_(faults) {}
  virtual ~Custodian() = default;
  Custodian(const Custodian&) = delete;
  Custodian& operator=(const Custodian&) = delete;

  const std::string& name() const { return name_; }
  virtual void add_routes(http::Router& router) = 0;
  bool has(CustodianFault fault) const { return faults_.active(name_, fault, clocks_.world.now()); }
  const SandboxKey& key() const { return key_; }
  /// The account itself, whatever is shown of it.
  CustodianAccount& account() { return account_; }
  time::Instant now() const { return clocks_.world.now(); }
  /// From now on withdrawals are paid on the simulated chains, and what is paid there to the account arrives.
  void join(ChainBridge& bridge) {
    bridge_ = &bridge;
    bridge.watch(account_);
  }

  /// Around every route: silence, errors, garbage, replays.
  http::Response guard(const http::Request& request, const http::Handler& inner);

 protected:
  virtual http::Response too_many_requests(const http::Request& request) = 0;

  /// Asks the account, and pays a withdrawal on its chain.
  CustodianAccount::Refusal ask(MoveKind kind, Coin coin, money::Int128 units, const std::string& address,
                                const std::string& client_id, Move& move);
  /// Of whom is spoken now, and as of when.
  CustodianAccount& shown() { return has(CustodianFault::kWrongAccount) ? stranger_ : account_; }
  AccountView view() const;
  std::string amount(money::Int128 units, Coin coin) const;
  /// Whether an instant of the client's lies within `tolerance` of either clock.
  bool is_current(time::Instant said, time::Duration tolerance) const;
  /// One request of a bucket; false when there was none left.
  bool take(const std::string& bucket, int burst, time::Duration refill);
  /// True for every second of what is asked, while the fault holds.
  bool every_second(CustodianFault fault);
  /// Rows as they are shown: without the second half where lists are cut.
  template <class Row>
  std::vector<Row> listed(std::vector<Row> rows) {
    if (rows.size() > 1 && every_second(CustodianFault::kTruncated)) rows.resize(rows.size() / 2);
    return rows;
  }
  bool is_repeated(const std::string& envelope);

 private:
  struct Bucket {
    int tokens = 0;
    time::Instant filled_at;
  };

  std::string name_;
  CustodianAccount account_;
  CustodianAccount stranger_;
  CustodianClocks clocks_;
  const CustodianFaultBoard& faults_;
  SandboxKey key_;
  ChainBridge* bridge_ = nullptr;
  std::map<std::string, Bucket> buckets_;
  std::map<CustodianFault, int> counts_;
  std::map<std::string, http::Response> last_;  ///< by route: what was answered before
  std::deque<std::string> envelopes_;
  std::set<std::string> known_envelopes_;
};

std::unique_ptr<Custodian> make_crypto_com_custodian(std::uint64_t seed, time::Instant start,
                                                     CustodianClocks clocks,
                                                     const CustodianFaultBoard& faults);
std::unique_ptr<Custodian> make_prime_custodian(std::uint64_t seed, time::Instant start,
                                                CustodianClocks clocks, const CustodianFaultBoard& faults);

}  // namespace navkeeper::sandbox
