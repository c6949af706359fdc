#pragma once
// Official prices from the pricing service over HTTP: GET /v1/prices/{asset}/{date} for the fund's act and
// basis, with both bases and the checks.
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
  /// Unavailable when pricing does not answer, or answers what is not a price.
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset,
                                  time::Date date) override;

 private:
  http::Client client_;
  base::Secret token_;
};

/// The price in an answer's body. Throws base::Refused for what is not a price of that asset and date for
/// such funds, for one that is not positive, and for an index that is not the fund's.
AssetPrice read_price_answer(std::string_view body, const FundDefinition& fund, const FundAsset& asset,
                             time::Date date);

}  // namespace navkeeper::nav
