#pragma once
// Reconciliations from the custody service over HTTP: GET /v1/custody/funds/{fund}/reconciliations/{date}.
#include <functional>
#include <memory>
#include <mutex>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class CustodyClient final : public ReconciliationSource {
 public:
  /// Both are called when the first reconciliation is wanted; an empty address: there is no custody.
  CustodyClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : url_(std::move(url)), token_of_(std::move(token)) {}
  /// Unavailable when custody does not answer, or answers what is not a reconciliation.
  std::optional<PeerStatement> reconciliation(const model::FundId& fund, time::Date date) override;

 private:
  http::Client* client();  ///< null: there is none

  std::function<std::string()> url_;
  std::function<base::Secret()> token_of_;
  std::mutex mutex_;
  bool is_asked_ = false;
  std::unique_ptr<http::Client> client_;
  base::Secret token_;
};

}  // namespace navkeeper::nav
