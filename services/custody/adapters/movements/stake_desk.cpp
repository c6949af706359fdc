#include "services/custody/adapters/movements/stake_desk.h"

#include <stdexcept>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/peer_answer.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "common/json/reader.h"
#include "common/money/rational.h"
#include "services/custody/adapters/movements/movement_store.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kPeer = "staking";
constexpr int kBadRequest = 400;
constexpr int kUnauthenticated = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr std::string_view kPlanPrefix = "plan-";
constexpr int kPercentDecimals = 4;
constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

std::string path_of(const model::FundId& fund, const std::string& what) {
  return "/v1/staking/funds/" + http::percent_encode(fund.value()) + what;
}

/// Throws what an answer other than 200 means: the rule's refusal, or nobody who could say.
void require_answer(const http::Response& response) {
  if (response.status == kUnauthenticated || response.status == kForbidden)
    throw base::Unavailable(std::string(kPeer) + " does not let us ask (status " +
                            std::to_string(response.status) + ")");
  try {
    http::throw_if_problem(response, http::Method::kGet, kPeer);
  } catch (const base::Refused& refused) {
    const std::string& where = refused.refusal().where;
    for (const char* act : {"ICA_1940", "ETP_1933"})
      if (response.status == kBadRequest && where == std::string(kPeer) + ": " + act)
        base::refuse(act, refused.refusal().rule);
    throw base::Unavailable(refused.what());
  } catch (const base::Conflict& conflict) {
    throw base::Unavailable(conflict.what());
  }
}

std::string percent(const money::Decimal& share) {
  return (share * money::Decimal::of(100)).rounded(kPercentDecimals, money::Rounding::kHalfEven).to_string() +
         "%";
}

}  // namespace

http::Response StakingClient::get(std::string path, http::Parameters query) {
  http::Client* staking = nullptr;
  try {
    staking = peer_.client();
  } catch (const base::Refused& refused) {  // no token by which staking would know us
    throw base::Unavailable(std::string(kPeer) + " cannot be asked: " + refused.what());
  }
  if (staking == nullptr)
    throw base::Unavailable("no staking service is configured, which knows the fund's liquidity");
  http::ClientRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  http::set_bearer(request, peer_.token());
  return staking->send(request);
}

StakeDesk::Allowed StakingClient::ask(const model::FundId& fund, const Movement& movement,
                                      const money::Decimal& coins, const std::vector<CoinsUnderWay>& others) {
  http::Parameters query{
      {"asset", movement.asset.value()}, {"coins", coins.to_string()}, {"custodian", movement.custodian}};
  std::string rest;
  for (const CoinsUnderWay& one : others)
    rest += (rest.empty() ? "" : ",") + one.asset.value() + ":" + one.coins.to_string() + ":" + one.custodian;
  if (!rest.empty()) query.emplace_back("others", rest);
  const http::Response response = get(path_of(fund, "/liquidity/acquisition"), std::move(query));
  require_answer(response);
  return http::understood(kPeer, "what it should not", [&] {
    const json::Value answer = base::value_or_refuse(json::parse(response.body));
    json::ObjectReader reader(answer);
    Allowed allowed;
    allowed.read_at = reader.instant("read_at");
    allowed.detail = reader.string("standing") + ": " + percent(reader.decimal("illiquid_share")) +
                     " of net assets illiquid with it, " + percent(reader.decimal("readily_share")) +
                     " of assets readily available";
    return allowed;
  });
}

bool StakingClient::is_submitting(const model::FundId& fund, const Movement& movement) {
  // "plan-<plan>-<number>": of any other id staking knows nothing.
  const std::size_t end = movement.id.rfind('-');
  if (!movement.id.starts_with(kPlanPrefix) || end < kPlanPrefix.size()) return false;
  const std::string plan = movement.id.substr(kPlanPrefix.size(), end - kPlanPrefix.size());
  if (plan.empty()) return false;
  const http::Response response = get(path_of(fund, "/plans/" + http::percent_encode(plan)), {});
  if (response.status == kNotFound) return false;
  if (response.status == kBadRequest) return false;  // a name that no plan has
  require_answer(response);
  return http::understood(kPeer, "what it should not", [&] {
    const json::Value answer = base::value_or_refuse(json::parse(response.body));
    json::ObjectReader reader(answer);
    if (reader.string("asset") != movement.asset.value()) return false;
    for (const json::Place& place : reader.array("steps")) {
      json::ObjectReader step(place);
      if (step.string("movement") != movement.id) continue;
      // "sending" stands while staking, which has just tested what remains of the plan, asks custody.
      return step.string("state") == "sending" && step.decimal("amount") == movement.amount &&
             step.string("custodian") == movement.custodian && step.string("account") == movement.account;
    }
    return false;
  });
}

StakeTest tested_stake(const Dependencies& dependencies, const model::FundId& fund,
                       const Movement& movement) {
  if (movement.kind != MovementKind::kStake) return {};
  const auto all = dependencies.pool->transact(
      [&](db::Transaction& transaction) { return load_movements(transaction, fund); }, kReading);
  // Proposed before: it stands, or is refused for its other content.
  for (const StoredMovement& one : all)
    if (one.movement.id == movement.id) return one.stake_test.value_or(StakeTest{});
  StakingClient staking(dependencies.staking_url, dependencies.staking_token);
  try {
    return test_stake(staking, fund, movement, all);
  } catch (const base::Refused& refused) {
    throw base::Refused(refused.refusal().within("movement " + movement.id));
  }
}

}  // namespace navkeeper::custody
