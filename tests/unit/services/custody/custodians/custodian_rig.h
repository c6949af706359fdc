#pragma once
// A simulated custodian, the adapter that reads it and a store behind it, for the tests of adapters.
#include <functional>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/custodians/connect.h"
#include "services/custody/app/sync_custodian.h"
#include "services/sandbox/custodians/custodian.h"
#include "tests/unit/services/custody/custodians/memory_custody_store.h"

namespace navkeeper::custody {

inline const time::Instant kStart = time::Instant::literal("2026-03-05T10:00:00Z");
inline const model::FundId kFund = model::FundId::literal("BTCETH");

/// A custodian, an adapter before it and a store behind it; no sockets, and time that only a pause moves.
class Rig {
 public:
  explicit Rig(CustodianProtocol protocol, bool untold_is_zero = false)
      : prime_(protocol == CustodianProtocol::kCoinbasePrime) {
    const sandbox::CustodianClocks clocks{clock, clock};
    custodian = prime_ ? sandbox::make_prime_custodian(7, kStart, clocks, faults)
                       : sandbox::make_crypto_com_custodian(7, kStart, clocks, faults);
    custodian->add_routes(router_);
    router_.wrap([this](const http::Request& request, const http::Handler& inner) {
      return custodian->guard(request, inner);
    });
    CustodianSettings settings;
    settings.name = "test";
    settings.protocol = protocol;
    settings.fund = kFund;
    settings.account = custodian->account().uuid();
    settings.staked_in_total = prime_ ? Counted::kInside : Counted::kApart;
    settings.activating_in_staked = Counted::kApart;
    settings.untold_is_zero = untold_is_zero;
    CallerLimits limits;
    limits.failures_max = 1'000;
    source_ = make_custodian(
        settings,
        {custodian->key().key, base::Secret(custodian->key().secret),
         base::Secret(custodian->key().passphrase)},
        [this](const http::ClientRequest& request) { return carry(request); }, evidence_, clock,
        [this](time::Duration pause) { clock.advance(pause); }, [] { return 0x80000000U; }, limits);
  }

  SyncReport sync(time::Duration whole_every = time::Duration::hours(24)) {
    SyncSettings settings;
    settings.whole_every = whole_every;
    return sync_custodian(*source_, evidence_, store, kFund, settings, clock, "test");
  }

  CustodianConnection& connection() { return *source_; }

  void fault(sandbox::CustodianFault kind, time::Duration lasts) {
    faults.add({"", kind, clock.now(), clock.now() + lasts});
  }

  time::ManualClock clock{kStart};
  sandbox::CustodianFaultBoard faults;
  std::unique_ptr<sandbox::Custodian> custodian;
  MemoryCustodyStore store;
  /// What an answer becomes on the way, by its request's path.
  std::function<void(const std::string& path, std::string& body)> falsify = [](const auto&, auto&) {};
  bool prime() const { return prime_; }

 private:
  http::Response carry(const http::ClientRequest& request) {
    if (custodian->has(sandbox::CustodianFault::kSilence)) {
      clock.advance(time::Duration::seconds(20));
      throw base::Unavailable("no answer within 20 s");
    }
    http::Request there;
    there.method = request.method;
    there.path = request.path;
    there.query = request.query;
    there.headers = request.headers;
    if (!request.body.empty()) there.headers.set("content-type", "application/json");
    there.body = request.body;
    http::Response answer = router_.handle(there);
    falsify(request.path, answer.body);
    return answer;
  }

  bool prime_;
  http::Router router_;
  CollectedEvidence evidence_;
  std::unique_ptr<CustodianConnection> source_;
};

}  // namespace navkeeper::custody
