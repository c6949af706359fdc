#pragma once
// Rates from the pricing service over HTTP: GET /v1/rates/{index}/{date}, in the shape of `rates compute`
// (contracts) with the hash of what it was computed from.
#include <map>
#include <memory>
#include <utility>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class PricingClient final : public RateSource {
 public:
  PricingClient(const std::string& base_url, base::Secret token);
  /// Unavailable when pricing does not answer, or answers what is not a rate.
  std::optional<ResolvedPrice> rate(const model::IndexId& index, time::Date date) override;

 private:
  http::Client client_;
  base::Secret token_;
};

/// The rate in an answer's body; nothing unless its status is `ok`. Throws base::Refused for what is not a
/// rate of that index and date, or not positive.
std::optional<ResolvedPrice> read_rate(std::string_view body, const model::IndexId& index, time::Date date);

}  // namespace navkeeper::nav
