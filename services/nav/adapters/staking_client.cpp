#include "services/nav/adapters/staking_client.h"

#include <stdexcept>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/http/peer_answer.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "services/nav/adapters/staking_answer.h"

namespace navkeeper::nav {
namespace {

constexpr const char* kPeer = "staking";
constexpr int kNotFound = 404;
constexpr const char* kPageLimit = "1000";
/// A state older than that is none of the day.
constexpr auto kStateAgeMax = time::Duration::hours(24);

std::string at_height(const StakingCutOff& state) {
  return state.source + (state.height == 0 ? "" : " at " + std::to_string(state.height)) + ", " +
         state.at.to_string();
}

}  // namespace

std::optional<std::string> StakingClient::ask(const model::FundId& fund, const char* what,
                                              http::Parameters query) {
  http::Client* const staking = peer_.client();
  if (staking == nullptr) return std::nullopt;
  http::ClientRequest request;
  request.path = "/v1/staking/funds/" + http::percent_encode(fund.value()) + "/" + what;
  request.query = std::move(query);
  http::set_bearer(request, peer_.token());
  http::Response response = staking->send(request);
  if (response.status == kNotFound) return std::nullopt;
  http::throw_if_problem(response, request.method, kPeer);
  return std::move(response.body);
}

std::vector<StakingCutOff> StakingClient::cut_offs(const model::FundId& fund, time::Instant as_of) {
  const auto body = ask(fund, "positions", {{"as_of", as_of.to_string()}});
  if (!body) return {};
  return http::understood(kPeer, "what are no positions", [&] { return read_cut_offs(*body, as_of); });
}

StakingPage StakingClient::events(const model::FundId& fund, const StakingBookmark& after) {
  http::Parameters query{{"limit", kPageLimit}};
  if (after.told_at != time::Instant::earliest())
    query.emplace_back("known_after", after.told_at.to_string());
  if (!after.id.empty()) query.emplace_back("after_id", after.id);
  const auto body = ask(fund, "events", std::move(query));
  if (!body) return {};
  return http::understood(kPeer, "what are no events", [&] { return read_staking_page(*body); });
}

std::optional<PeerStatement> StakingClient::roll_forward(const model::FundId& fund, time::Date date,
                                                         time::Instant valued_at,
                                                         const StakingPeriod& period) {
  PeerStatement statement;
  statement.kind = PeerKind::kStaking;
  statement.as_of = date;
  statement.is_reconciliation = true;
  statement.source = "the staking service";
  std::string evidence;
  bool is_illiquid_told = true;
  for (const StakingCutOff& to : period.to) {
    http::Parameters query{{"source", to.source}, {"as_of", to.at.to_string()}};
    const auto positions = ask(fund, "positions", query);
    for (const StakingCutOff& from : period.from) {
      if (from.source == to.source && from.chain == to.chain) query.emplace_back("from", from.at.to_string());
    }
    const auto totals = ask(fund, "rollforward/totals", std::move(query));
    if (!positions || !totals) return std::nullopt;
    // A staking service that does not tell it yet: the roll-forwards stand without.
    const auto illiquid =
        ask(fund, "liquidity/illiquid", {{"source", to.source}, {"as_of", to.at.to_string()}});
    is_illiquid_told = is_illiquid_told && illiquid.has_value();
    http::understood(kPeer, "what are no roll-forwards", [&] {
      add_source(statement, to, read_totals(*totals, to.source),
                 read_staking_positions(*positions, to.source));
      if (!statement.illiquid) statement.illiquid.emplace();
      if (illiquid) add_illiquid(*statement.illiquid, *illiquid);
      return true;
    });
    if (to.at < valued_at - kStateAgeMax)
      statement.unsure.push_back(to.source + " was read last at " + to.at.to_string());
    statement.source += (evidence.empty() ? ", " : "; ") + at_height(to);
    evidence += *positions + "\n" + *totals + "\n";
  }
  if (!is_illiquid_told) statement.illiquid.reset();
  statement.hash = crypto::sha256_hex(evidence);
  const time::Instant since = period.looked_at.value_or(time::Instant::earliest());
  for (const char* const kind : {kContradiction, kClaimPaidAway}) {
    http::Parameters query{{"kind", kind}};
    if (period.looked_at) query.emplace_back("known_after", since.to_string());
    const auto alerts = ask(fund, "alerts", std::move(query));
    if (!alerts) return std::nullopt;
    const auto found =
        http::understood(kPeer, "what are no alerts", [&] { return read_contradictions(*alerts, since); });
    statement.contradictions.insert(statement.contradictions.end(), found.begin(), found.end());
  }
  return statement;
}

}  // namespace navkeeper::nav
