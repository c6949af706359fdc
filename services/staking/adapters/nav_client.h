#pragma once
// Struck NAVs from the nav service over HTTP: GET /v1/funds/{fund}/navs and /navs/{date}. These
// two routes of nav ask nobody, so that nav reading staking's events and staking asking for a NAV form no
// circle that waits for itself.
#include <chrono>
#include <functional>

#include "common/base/secret.h"
#include "common/http/optional_peer.h"
#include "common/json/reader.h"
#include "services/staking/app/fund_facts.h"

namespace navkeeper::staking {

class NavClient final : public FundFactsSource {
 public:
  /// Both are called when a NAV is first asked for; an empty address: there is no nav (base::Unavailable).
  NavClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), kAnswerMax) {}
  /// Whether there is a nav to ask.
  bool is_there();
  /// Throws base::Unavailable where nav has not told it within kAllMax: a handler thread waits no longer.
  FundFacts at(const model::FundId& fund, time::Instant as_of) override;

  static constexpr std::chrono::milliseconds kAnswerMax{5'000};  ///< of one answer
  static constexpr std::chrono::milliseconds kAllMax{10'000};    ///< the last question is asked by then

 private:
  http::OptionalPeer peer_;
};

/// The NAV that a request is judged by.
struct AskedFacts {
  FundFacts facts;
  bool of_nav = false;  ///< others decide nothing
};
/// nav's newest NAV; `facts` of the body may be left out, and are refused by field where nav says otherwise.
/// Without a nav, the body's own, of which nobody knows whether they are true (require_consistent). Throws
/// base::Unavailable where nav is configured and does not answer.
AskedFacts asked_facts(NavClient& nav, const model::FundId& fund, json::ObjectReader& body,
                       time::Instant now);

/// The facts in an answer of /navs/{date}; throws base::Refused for what is none.
FundFacts facts_of_nav(const json::Value& nav);

}  // namespace navkeeper::staking
