#include "services/custody/domain/movement_policy.h"

#include <algorithm>
#include <tuple>

#include "common/base/ensure.h"
#include "services/custody/domain/account_address.h"
#include "services/custody/domain/bitcoin_address.h"
#include "services/custody/domain/coin_network.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody {
namespace {

constexpr std::size_t kTextBytesMax = 140;
constexpr std::size_t kLimitsMax = 1'000;
constexpr int kPriceAgeDaysMax = 31;
constexpr int kCents = 2;
constexpr int kNarrowCroDecimals = 8;
constexpr auto kCoolingOffMin = time::Duration::seconds(1);
constexpr auto kCoolingOffMax = time::Duration::hours(std::int64_t{24} * 365);
constexpr auto kLapseMin = time::Duration::seconds(60);
constexpr auto kLapseMax = time::Duration::hours(std::int64_t{24} * 30);

bool is_text(const std::string& text) {
  return text.size() <= kTextBytesMax &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

base::Checked<void> check_limit(const MovementLimit& limit) {
  const std::string& asset = limit.asset.value();
  if (limit.kind == MovementKind::kConvert && converted_into(asset).empty())
    return base::Refusal{"asset", asset + " cannot be converted: ETH (staked) or CDCETH"};
  if (limit.kind != MovementKind::kConvert && asset_rule(asset) == nullptr)
    return base::Refusal{"asset", asset + " is not known here: BTC, ETH or CRO"};
  const int decimals = *decimals_of_asset(asset);
  if (!may_propose(limit.role) && !may_approve(limit.role))
    return base::Refusal{"role", "must be maker or service (who propose) or approver"};
  for (const auto& [name, amount] :
       {std::pair{"per_movement", limit.per_movement}, std::pair{"per_day", limit.per_day}}) {
    if (!amount.is_positive()) return base::Refusal{name, "is not positive"};
    if (amount.scale() > decimals) return base::Refusal{name, "has more decimals than " + asset + " has"};
  }
  if (limit.per_day < limit.per_movement) return base::Refusal{"per_day", "is below per_movement"};
  if (limit.per_person_day) {
    if (limit.per_person_day->scale() > decimals)
      return base::Refusal{"per_person_day", "has more decimals than " + asset + " has"};
    if (*limit.per_person_day < limit.per_movement)
      return base::Refusal{"per_person_day", "is below per_movement"};
    if (*limit.per_person_day > limit.per_day) return base::Refusal{"per_person_day", "is above per_day"};
  }
  return {};
}

bool has_coin_limit(const MovementPolicy& policy, MovementKind kind, model::Role role) {
  return std::any_of(policy.limits.begin(), policy.limits.end(),
                     [&](const MovementLimit& limit) { return limit.kind == kind && limit.role == role; });
}

base::Checked<void> check_dollar_limit(const MovementPolicy& policy, const DollarLimit& limit) {
  if (!has_coin_limit(policy, limit.kind, limit.role))
    return base::Refusal{"role", "has no limit of that movement in coins: nothing could move"};
  for (const auto& [name, dollars] :
       {std::pair{"per_movement", limit.per_movement}, std::pair{"per_day", limit.per_day}}) {
    if (!dollars.is_positive()) return base::Refusal{name, "is not positive"};
    if (dollars.scale() > kCents) return base::Refusal{name, "has parts of a cent"};
  }
  if (limit.per_day < limit.per_movement) return base::Refusal{"per_day", "is below per_movement"};
  return {};
}

base::Checked<void> check_dollars(const MovementPolicy& policy, const DollarTerms& terms) {
  if (terms.act != "ICA_1940" && terms.act != "ETP_1933")
    return base::Refusal{"act", "must be ICA_1940 or ETP_1933"};
  if (terms.basis != "fair_value" && terms.basis != "index")
    return base::Refusal{"basis", "must be fair_value or index"};
  if (terms.price_age_days < 1 || terms.price_age_days > kPriceAgeDaysMax)
    return base::Refusal{"price_age_days", "must be from 1 to " + std::to_string(kPriceAgeDaysMax)};
  if (terms.limits.empty()) return base::Refusal{"limits", "is empty"};
  std::set<std::pair<MovementKind, model::Role>> seen;
  std::set<MovementKind> kinds;
  for (std::size_t i = 0; i < terms.limits.size(); ++i) {
    const DollarLimit& limit = terms.limits[i];
    const std::string where = "limits[" + std::to_string(i) + "]";
    if (auto checked = check_dollar_limit(policy, limit); checked.has_error())
      return base::Refusal{where + "." + checked.error().where, checked.error().rule};
    if (!seen.emplace(limit.kind, limit.role).second)
      return base::Refusal{where, "is the second limit of that movement and role"};
    kinds.insert(limit.kind);
  }
  for (const MovementLimit& limit : policy.limits) {
    if (kinds.contains(limit.kind) && !seen.contains({limit.kind, limit.role}))
      return base::Refusal{"limits", "has no limit of a " + std::string(describe(limit.kind)) + " for " +
                                         std::string(model::describe(limit.role)) +
                                         ", which has one in coins"};
  }
  return {};
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

base::Checked<void> check_bitcoin(const std::string& text) {
  const auto address = BitcoinAddress::parse(text);
  if (address.has_error()) return base::Refusal{"address", address.error().rule};
  if (address->network != BitcoinNetwork::kMainnet) return base::Refusal{"address", "is of a test network"};
  // Until such a version has rules, whoever sees coins there may take them (BIP-141).
  if (address->output.kind == OutputKind::kUnknownWitness)
    return base::Refusal{"address", "is of a witness program that has no rules yet: version " +
                                        std::to_string(address->output.witness_version) + " with " +
                                        std::to_string(address->output.program.size()) + " bytes"};
  if (address->output.kind == OutputKind::kP2tr && !crypto::PublicKey::from_x_only(address->output.program))
    return base::Refusal{"address", "holds no key: nobody could spend from it"};
  return {};
}

base::Checked<void> check_cosmos(const std::string& text) {
  const auto address = CosmosAddress::parse(text);
  if (address.has_error()) return base::Refusal{"address", address.error().rule};
  if (address->role != CosmosRole::kAccount) return base::Refusal{"address", "is no account's (cro1...)"};
  return {};
}

base::Checked<void> check_evm(const std::string& text) {
  const auto address = EthereumAddress::parse(text);
  if (address.has_error()) return base::Refusal{"address", address.error().rule};
  if (address->bytes == crypto::Digest160{}) return base::Refusal{"address", "is the zero address: nobody's"};
  return {};
}

base::Checked<void> check_address(const Destination& destination) {
  const std::string& asset = destination.asset.value();
  const bool is_cosmos = asset == "CRO" && lower_case(destination.address).starts_with("cro");
  if (auto checked = asset == "BTC" ? check_bitcoin(destination.address)
                     : is_cosmos    ? check_cosmos(destination.address)
                                    : check_evm(destination.address);
      checked.has_error())
    return checked;
  const auto chain = chain_of_whereto(asset, {destination.address, destination.network});
  if (!chain && destination.network.empty())
    return base::Refusal{"network",
                         "must be named: an address 0x... takes CRO on Cronos (CRONOS) and, as a "
                         "token, on Ethereum (ETH)"};
  if (!chain) return base::Refusal{"network", destination.network + " is no network of " + asset + " here"};
  if ((chain == Chain::kCronosPos) != is_cosmos)
    return base::Refusal{"address", "is not one of the network " + destination.network};
  return {};
}

money::Decimal used_in(const LimitUse& use, model::Role role) {
  const auto found = use.of_role.find(role);
  return found == use.of_role.end() ? money::Decimal() : found->second;
}

}  // namespace

money::Decimal person_limit(const MovementLimit& limit) {
  return limit.per_person_day.value_or(limit.per_day);
}

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
  if (!policy.dollars) return {};
  if (auto checked = check_dollars(policy, *policy.dollars); checked.has_error())
    return base::Refusal{"dollars." + checked.error().where, checked.error().rule};
  return {};
}

const DollarLimit* dollar_limit(const MovementPolicy& policy, MovementKind kind, model::Role role) {
  if (!policy.dollars) return nullptr;
  for (const DollarLimit& limit : policy.dollars->limits) {
    if (limit.kind == kind && limit.role == role) return &limit;
  }
  return nullptr;
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

int decimals_at(const Destination& destination) {
  const AssetRule* const rule = asset_rule(destination.asset.value());
  ENSURE(rule != nullptr);
  const bool is_narrow =
      destination.asset.value() == "CRO" &&
      chain_of_whereto("CRO", {destination.address, destination.network}) != Chain::kCronosEvm;
  return is_narrow ? kNarrowCroDecimals : rule->decimals_max;
}

base::Checked<MovementLimit> limit_for(const MovementPolicy& policy, const Movement& movement,
                                       const std::set<model::Role>& roles, const LimitUse& use) {
  const MovementLimit* widest = nullptr;  // among those that fit
  money::Decimal widest_left;
  const MovementLimit* named = nullptr;  // for the refusal: the one that lets most through
  for (const MovementLimit& limit : policy.limits) {
    if (limit.asset != movement.asset || limit.kind != movement.kind || !roles.contains(limit.role)) continue;
    if (named == nullptr || limit.per_movement > named->per_movement) named = &limit;
    const money::Decimal left =
        std::min(limit.per_day - used_in(use, limit.role), person_limit(limit) - use.by_person);
    const bool fits = movement.amount <= limit.per_movement && movement.amount <= left;
    if (!fits || (widest != nullptr && left <= widest_left)) continue;
    widest = &limit;
    widest_left = left;
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
  const money::Decimal used = used_in(use, named->role);
  if (used + movement.amount > named->per_day)
    return base::Refusal{"amount", "with " + used.to_string() +
                                       " of that day by all in the role it is above the limit of a day for " +
                                       role + ", " + named->per_day.to_string()};
  return base::Refusal{
      "amount", "with " + use.by_person.to_string() +
                    " of the same person on that day it is above the limit of one person's day for " + role +
                    ", " + person_limit(*named).to_string()};
}

}  // namespace navkeeper::custody
