#pragma once
// A fund's books over HTTP, from the nav service: GET /v1/funds/{fund}/valuations/{date}, /holdings and
// /journal; and its official prices of the day from the pricing service, where there are any. Called by the
// command line and by the job that reconciles: no route of custody asks nav (calls between services form no
// circle).
#include <functional>
#include <string_view>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "common/http/optional_peer.h"
#include "services/custody/adapters/books_answer.h"

namespace navkeeper::custody {

class NavClient final : public BooksSource {
 public:
  /// `pricing_url` is asked for when the first price is wanted.
  NavClient(const std::string& nav_url, std::function<std::string()> pricing_url, base::Secret token);
  FundBooks books(const model::FundId& fund, time::Date date) override;
  time::Instant valued_at(const model::FundId& fund, time::Date date) override;

 private:
  /// What GET /v1/funds/{fund}/valuations/{date} says.
  struct Valuation {
    time::Instant at;
    std::string act;
    std::string basis;
  };
  Valuation valuation(const model::FundId& fund, time::Date date);
  json::Value get(http::Client& client, const char* peer, std::string path, http::Parameters query);
  void add_journal(const model::FundId& fund, FundBooks& books);
  void add_prices(FundBooks& books, const std::string& act, const std::string& basis);

  http::Client nav_;
  base::Secret token_;
  http::OptionalPeer pricing_;
};

}  // namespace navkeeper::custody
