#include "services/custody/adapters/movements/price_desk.h"

#include "common/base/outside.h"
#include "common/http/peer_answer.h"
#include "common/http/problem.h"
#include "common/http/url.h"
#include "services/custody/adapters/movements/movement_store.h"
#include "services/custody/adapters/movements/official_prices.h"

namespace navkeeper::custody {
namespace {

constexpr const char* kPricing = "pricing";
constexpr int kNoPolicy = 404;
constexpr db::TransactionOptions kReadingRules{db::Isolation::kRepeatableRead, true, {}, {}, {}};

bool is_limited_in_dollars(const MovementPolicy& policy, MovementKind kind) {
  for (const model::Role role : {model::Role::kMaker, model::Role::kService, model::Role::kApprover})
    if (dollar_limit(policy, kind, role) != nullptr) return true;
  return false;
}

}  // namespace

std::vector<OfficialPrice> PriceDesk::ask(const model::AssetId& asset, const DollarTerms& terms,
                                          time::Date from, time::Date to) {
  http::Client* pricing = nullptr;
  try {
    pricing = peer_.client();
  } catch (const base::Refused& refused) {  // no token by which pricing would know us
    throw base::Unavailable(std::string(kPricing) + " cannot be asked: " + refused.what());
  }
  if (pricing == nullptr) throw base::Unavailable("no pricing service is configured, which knows prices");
  http::ClientRequest request;
  request.path = "/v1/prices/" + http::percent_encode(asset.value());
  request.query = {{"from", from.to_string()}, {"to", to.to_string()}};
  http::set_bearer(request, peer_.token());
  const http::Response response = pricing->send(request);
  if (response.status == kNoPolicy) return {};
  http::throw_if_problem(response, request.method, kPricing);
  return http::understood(kPricing, "what is no price",
                          [&] { return read_official_prices(response.body, asset, terms); });
}

CoinPrice PriceDesk::price(const model::AssetId& asset, const DollarTerms& terms, time::Date today) {
  CoinPrice found;
  found.act = terms.act;
  found.basis = terms.basis;
  try {
    found.price = newest_price(ask(asset, terms, today - terms.price_age_days, today), today);
    if (!found.price)
      found.trouble = "pricing has no official price of it (" + terms.act + " " + terms.basis + ") of " +
                      today.to_string() + " or of the " + std::to_string(terms.price_age_days) +
                      " days before";
  } catch (const base::Refused& refused) {
    found.trouble = std::string(kPricing) + ": " + refused.what();
  } catch (const base::Conflict& conflict) {
    found.trouble = std::string(kPricing) + ": " + conflict.what();
  } catch (const base::Unavailable& unavailable) {
    found.trouble = unavailable.what();
    found.is_unavailable = true;
  } catch (const base::InDoubt& in_doubt) {
    found.trouble = in_doubt.what();
    found.is_unavailable = true;
  }
  return found;
}

CoinPrice priced_coin(const Dependencies& dependencies, const model::FundId& fund, const Movement& movement) {
  const auto [policy, now] = dependencies.pool->transact(
      [&](db::Transaction& transaction) {
        return std::pair(policy_in_force(transaction, fund), database_time(transaction));
      },
      kReadingRules);
  if (!policy || !is_limited_in_dollars(*policy, movement.kind)) return {};
  PriceDesk desk(dependencies.pricing_url, dependencies.pricing_token);
  return desk.price(movement.asset, *policy->dollars, time::utc_date(now));
}

CoinPrice priced_coin(const Dependencies& dependencies, const model::FundId& fund, const std::string& id) {
  const auto found = dependencies.pool->transact(
      [&](db::Transaction& transaction) { return load_movements(transaction, fund, id); }, kReadingRules);
  return id.empty() || found.empty() ? CoinPrice{} : priced_coin(dependencies, fund, found.front().movement);
}

}  // namespace navkeeper::custody
