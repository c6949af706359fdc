#include "services/staking/adapters/movement_client.h"

#include <map>
#include <utility>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/peer_answer.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "common/json/reader.h"
#include "common/json/write.h"

namespace navkeeper::staking {
namespace {

constexpr const char* kPeer = "custody";
constexpr int kUnauthenticated = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;

std::string path_of(const model::FundId& fund) {
  return "/v1/custody/funds/" + http::percent_encode(fund.value()) + "/movements";
}

const char* kind_of(const StakeProposal& proposal) {
  return proposal.act == PlanStep::Act::kConvert ? "convert" : "stake";
}

std::string body_of(const StakeProposal& proposal) {
  json::Writer writer;
  writer.begin_object()
      .member("kind", kind_of(proposal))
      .member("id", proposal.id)
      .member("custodian", proposal.desk.custodian)
      .member("account", proposal.desk.account)
      .member("asset", proposal.asset.value())
      .member("amount", proposal.amount)
      .member("reason", proposal.reason);
  if (proposal.act == PlanStep::Act::kConvert)
    writer.member("into", proposal.into)
        .member("expected_rate", proposal.expected_rate)
        .member("slippage_bps", proposal.slippage_bps);
  writer.end_object();
  return writer.take();
}

/// The state in an answer about one movement. Throws base::Refused where it is about something else than the
/// proposal: that movement is not ours.
std::string state_in(const json::Value& answer, const StakeProposal& proposal) {
  json::ObjectReader reader(answer);
  const auto all = reader.array("movements");
  if (all.size() != 1) base::refuse("movements", "are not one");
  json::ObjectReader movement(all.front());
  const auto must_be = [&](const char* key, const std::string& wanted) {
    const std::string told = movement.string(key);
    if (told != wanted)
      base::refuse(movement.path_of(key), "is " + told + " in custody and " + wanted + " in the plan");
  };
  must_be("id", proposal.id);
  must_be("kind", kind_of(proposal));
  must_be("custodian", proposal.desk.custodian);
  must_be("account", proposal.desk.account);
  must_be("asset", proposal.asset.value());
  if (movement.decimal("amount") != proposal.amount)
    base::refuse(movement.path_of("amount"), "is not the plan's " + proposal.amount.to_string());
  if (proposal.act == PlanStep::Act::kConvert) {
    json::ObjectReader conversion = movement.object("conversion");
    if (conversion.string("into") != proposal.into)
      base::refuse(conversion.path_of("into"), "is not the plan's " + proposal.into);
  }
  return movement.string("state");
}

/// Custody does not know who we are, or lets us do nothing: a matter of its configuration, not of the plan.
void require_let_in(const http::Response& response) {
  if (response.status == kUnauthenticated || response.status == kForbidden)
    throw base::Unavailable(std::string(kPeer) + " does not let us propose movements (status " +
                            std::to_string(response.status) + "): it needs the role maker or service");
}

}  // namespace

http::Client& MovementClient::client() {
  http::Client* const custody = peer_.client();
  if (custody == nullptr)
    throw base::Unavailable("no custody service is configured, which movements are proposed to");
  return *custody;
}

std::string MovementClient::propose(const model::FundId& fund, const StakeProposal& proposal) {
  http::ClientRequest request;
  request.method = http::Method::kPost;
  request.path = path_of(fund);
  request.body = body_of(proposal);
  request.headers.set("Idempotency-Key", proposal.id);
  http::Client& custody = client();
  http::set_bearer(request, peer_.token());
  const http::Response response = custody.send(request);
  require_let_in(response);
  try {
    http::throw_if_problem(response, request.method, kPeer);
  } catch (const base::Conflict& conflict) {
    throw base::Unavailable(conflict.what());  // rolled back for a neighbour's sake
  }
  try {
    return state_in(base::value_or_refuse(json::parse(response.body)), proposal);
  } catch (const base::Refused& refused) {
    throw base::InDoubt(std::string(kPeer) + " answered what it should not: " + refused.what());
  }
}

std::vector<UnseenStake> unseen_stakes_in(const json::Value& movements, time::Instant read_at,
                                          const std::set<std::string>& without,
                                          const std::function<std::string(const std::string&)>& source_of) {
  json::ObjectReader reader(movements);
  std::map<std::pair<std::string, std::string>, money::Decimal> sums;
  for (const json::Place& place : reader.array("movements")) {
    json::ObjectReader movement(place);
    if (movement.string("kind") != "stake" || without.contains(movement.string("id"))) continue;
    const std::string state = movement.string("state");
    if (state == "failed" || state == "withdrawn") continue;
    if (state == "sent" || state == "confirmed") {
      std::optional<time::Instant> sent;
      for (const json::Place& each : movement.array("events")) {
        json::ObjectReader event(each);
        if (event.string("state") == "sending") sent = event.instant("at");
      }
      if (!sent || *sent <= read_at) continue;  // the readings have it
    }
    sums[{movement.string("asset"), source_of(movement.string("custodian"))}] += movement.decimal("amount");
  }
  std::vector<UnseenStake> unseen;
  for (const auto& [of, coins] : sums)
    unseen.push_back({base::value_or_refuse(model::AssetId::parse(of.first)), of.second, coins});
  return unseen;
}

std::vector<UnseenStake> MovementClient::unseen_stakes(const model::FundId& fund, time::Instant read_at,
                                                       const std::set<std::string>& without) {
  http::ClientRequest request;
  request.path = path_of(fund);
  http::Client& custody = client();
  http::set_bearer(request, peer_.token());
  const http::Response response = custody.send(request);
  require_let_in(response);
  http::throw_if_problem(response, request.method, kPeer);
  return http::understood(kPeer, "what it should not", [&] {
    return unseen_stakes_in(base::value_or_refuse(json::parse(response.body)), read_at, without, source_of_);
  });
}

std::optional<std::string> MovementClient::find(const model::FundId& fund, const StakeProposal& proposal) {
  http::ClientRequest request;
  request.path = path_of(fund) + "/" + http::percent_encode(proposal.id);
  http::Client& custody = client();
  http::set_bearer(request, peer_.token());
  const http::Response response = custody.send(request);
  if (response.status == kNotFound) return std::nullopt;
  require_let_in(response);
  http::throw_if_problem(response, request.method, kPeer);
  const auto answer = json::parse(response.body);
  if (answer.has_error()) throw base::Unavailable(std::string(kPeer) + " answered what is no JSON");
  return state_in(*answer, proposal);
}

}  // namespace navkeeper::staking
