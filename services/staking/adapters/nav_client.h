#pragma once
// Struck NAVs from the nav service over HTTP: GET /v1/funds/{fund}/navs and /navs/{date}. Asked by commands
// and the sync job alone: nav reads staking's events, and calls between services form no circle. Over HTTP
// whoever asks sends the facts along.
#include <chrono>
#include <functional>

#include "common/base/secret.h"
#include "common/http/optional_peer.h"
#include "common/json/value.h"
#include "services/staking/app/fund_facts.h"

namespace navkeeper::staking {

class NavClient final : public FundFactsSource {
 public:
  /// Both are called when a NAV is first asked for; an empty address: there is no nav (base::Unavailable).
  NavClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{10'000}) {}
  FundFacts at(const model::FundId& fund, time::Instant as_of) override;

 private:
  http::OptionalPeer peer_;
};

/// The facts in an answer of /navs/{date}; throws base::Refused for what is none.
FundFacts facts_of_nav(const json::Value& nav);

}  // namespace navkeeper::staking
