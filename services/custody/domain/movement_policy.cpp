#include "services/custody/domain/movement_policy.h"

#include <algorithm>
#include <tuple>

#include "services/custody/domain/account_address.h"
#include "services/custody/domain/bitcoin_address.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody {
namespace {

constexpr std::size_t kTextBytesMax = 140;
constexpr std::size_t kLimitsMax = 1'000;
constexpr auto kCoolingOffMin = time::Duration::seconds(1);
constexpr auto kCoolingOffMax = time::Duration::hours(std::int64_t{24} * 365);
constexpr auto kLapseMin = time::Duration::seconds(60);
constexpr auto kLapseMax = time::Duration::hours(std::int64_t{24} * 30);

bool is_text(const std::string& text) {
  return text.size() <= kTextBytesMax &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

base::Checked<void> check_limit(const MovementLimit& limit) {
  const AssetRule* const rule = asset_rule(limit.asset.value());
  if (rule == nullptr)
    return base::Refusal{"asset", limit.asset.value() + " is not known here: BTC, ETH or CRO"};
  if (!may_propose(limit.role) && !may_approve(limit.role))
    return base::Refusal{"role", "must be maker or service (who propose) or approver"};
  for (const auto& [name, amount] :
       {std::pair{"per_movement", limit.per_movement}, std::pair{"per_day", limit.per_day}}) {
    if (!amount.is_positive()) return base::Refusal{name, "is not positive"};
    if (amount.scale() > rule->decimals_max)
      return base::Refusal{name, "has more decimals than " + limit.asset.value() + " has"};
  }
  if (limit.per_day < limit.per_movement) return base::Refusal{"per_day", "is below per_movement"};
  return {};
}

base::Checked<void> check_address(const Destination& destination) {
  const std::string& asset = destination.asset.value();
  if (asset == "BTC") {
    const auto address = BitcoinAddress::parse(destination.address);
    if (address.has_error()) return base::Refusal{"address", address.error().rule};
    if (address->network != BitcoinNetwork::kMainnet) return base::Refusal{"address", "is of a test network"};
    return {};
  }
  if (asset == "CRO" && destination.address.starts_with("cro")) {
    const auto address = CosmosAddress::parse(destination.address);
    if (address.has_error()) return base::Refusal{"address", address.error().rule};
    if (address->role != CosmosRole::kAccount) return base::Refusal{"address", "is no account's (cro1...)"};
    return {};
  }
  const auto address = EthereumAddress::parse(destination.address);
  if (address.has_error()) return base::Refusal{"address", address.error().rule};
  if (address->bytes == crypto::Digest160{}) return base::Refusal{"address", "is the zero address: nobody's"};
  return {};
}

}  // namespace

bool may_propose(model::Role role) { return role == model::Role::kMaker || role == model::Role::kService; }
bool may_approve(model::Role role) { return role == model::Role::kApprover; }

std::string address_with_tag(const Destination& destination) {
  return destination.address + (destination.address_tag.empty() ? "" : "?" + destination.address_tag);
}

base::Checked<void> check_policy(const MovementPolicy& policy) {
  if (const auto broken = model::broken_name_rule(policy.id, "id", ""))
    return base::Refusal{"id", broken->rule};
  if (policy.cooling_off < kCoolingOffMin || policy.cooling_off > kCoolingOffMax)
    return base::Refusal{"cooling_off_seconds", "must be from 1 second to 365 days"};
  if (policy.lapses_after < kLapseMin || policy.lapses_after > kLapseMax)
    return base::Refusal{"lapses_after_seconds", "must be from 60 seconds to 30 days"};
  if (policy.limits.empty()) return base::Refusal{"limits", "is empty: nothing could move"};
  if (policy.limits.size() > kLimitsMax)
    return base::Refusal{"limits", "has more than " + std::to_string(kLimitsMax) + " entries"};
  std::set<std::tuple<std::string, MovementKind, model::Role>> seen;
  for (std::size_t i = 0; i < policy.limits.size(); ++i) {
    const MovementLimit& limit = policy.limits[i];
    const std::string where = "limits[" + std::to_string(i) + "]";
    if (auto checked = check_limit(limit); checked.has_error())
      return base::Refusal{where + "." + checked.error().where, checked.error().rule};
    if (!seen.emplace(limit.asset.value(), limit.kind, limit.role).second)
      return base::Refusal{where, "is the second limit of that asset, movement and role"};
  }
  return {};
}

base::Checked<void> check_destination(const Destination& destination) {
  if (const auto broken = model::broken_name_rule(destination.id, "id", ""))
    return base::Refusal{"id", broken->rule};
  if (destination.name.empty()) return base::Refusal{"name", "is empty"};
  for (const auto& [name, text] :
       {std::pair{"name", &destination.name}, std::pair{"network", &destination.network},
        std::pair{"address_tag", &destination.address_tag}}) {
    if (!is_text(*text)) return base::Refusal{name, "is longer than 140 bytes or has a control character"};
  }
  if (asset_rule(destination.asset.value()) == nullptr)
    return base::Refusal{"asset", destination.asset.value() + " is not known here: BTC, ETH or CRO"};
  return check_address(destination);
}

base::Checked<MovementLimit> limit_for(const MovementPolicy& policy, const Movement& movement,
                                       const std::set<model::Role>& roles, const money::Decimal& used) {
  const MovementLimit* widest = nullptr;  // among those that fit
  const MovementLimit* named = nullptr;   // for the refusal: the one that lets most through
  for (const MovementLimit& limit : policy.limits) {
    if (limit.asset != movement.asset || limit.kind != movement.kind || !roles.contains(limit.role)) continue;
    if (named == nullptr || limit.per_movement > named->per_movement) named = &limit;
    const bool fits = movement.amount <= limit.per_movement && used + movement.amount <= limit.per_day;
    if (fits && (widest == nullptr || limit.per_day > widest->per_day)) widest = &limit;
  }
  if (widest != nullptr) return *widest;
  const std::string what = std::string(describe(movement.kind)) + " of " + movement.asset.value();
  if (named == nullptr)
    return base::Refusal{"amount", "policy " + policy.id + " has no limit for a " + what +
                                       " in any role of who acts: nothing may move"};
  const std::string role(model::describe(named->role));
  if (movement.amount > named->per_movement)
    return base::Refusal{"amount", movement.amount.to_string() + " is above the limit of one " + what +
                                       " for " + role + ", " + named->per_movement.to_string()};
  return base::Refusal{"amount", "with " + used.to_string() +
                                     " of the same person on that day it is above the limit of a day for " +
                                     role + ", " + named->per_day.to_string()};
}

}  // namespace navkeeper::custody
