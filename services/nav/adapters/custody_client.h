#pragma once
// Reconciliations from the custody service over HTTP: GET /v1/custody/funds/{fund}/reconciliations/{date}.
#include <chrono>
#include <functional>

#include "common/base/secret.h"
#include "common/http/optional_peer.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class CustodyClient final : public ReconciliationSource {
 public:
  /// Both are called when the first reconciliation is wanted; an empty address: there is no custody.
  CustodyClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{10'000}) {}
  /// Unavailable when custody does not answer, or answers what is not a reconciliation.
  std::optional<PeerStatement> reconciliation(const model::FundId& fund, time::Date date) override;

 private:
  http::OptionalPeer peer_;
};

}  // namespace navkeeper::nav
