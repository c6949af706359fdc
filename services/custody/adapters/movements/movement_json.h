#pragma once
// Rules and movements as JSON: how they are proposed (files, requests, what is stored and hashed).
//
//   {"kind":"policy","id":"2026-12","cooling_off_seconds":86400,"lapses_after_seconds":172800,"limits":[
//     {"asset":"ETH","movement":"stake","role":"maker","per_movement":"320","per_day":"640",
//      "per_person_day":"320"}, ...],                           per_person_day may be left out
//    "dollars":{"act":"ICA_1940","basis":"fair_value","price_age_days":4,"limits":[
//     {"movement":"withdrawal","role":"maker","per_movement":"5000000","per_day":"20000000"}, ...]}}
//                                                               dollars may be left out
//   {"kind":"destination","id":"ap-1","name":"Some AP","asset":"BTC","network":"BTC","address":"bc1..."}
//   {"kind":"withdrawal","id":"w-1","custodian":"cryptocom","asset":"BTC","amount":"1.5",
//    "destination":"ap-1","reason":"redemption R-7"}
//   {"kind":"stake","id":"s-1","custodian":"prime","account":"<wallet>","asset":"ETH","amount":"64",
//    "reason":"staking plan 2026-12-01"}
//   {"kind":"convert","id":"c-1","custodian":"cryptocom","asset":"ETH","amount":"10","into":"CDCETH",
//    "expected_rate":"1.0203","slippage_bps":5,"reason":"liquidity"}       asset CDCETH into "ETH.staked":
//    back
#include <string>
#include <string_view>
#include <variant>

#include "common/json/value.h"
#include "services/custody/domain/movement_policy.h"

namespace navkeeper::custody {

/// What movements are decided under: a policy or an address.
struct MovementRule {
  std::variant<MovementPolicy, Destination> terms;
  const std::string& id() const;
  std::string_view kind() const;  ///< "policy", "destination"
};

/// Throws base::Refused with the path of what is wrong, of its content too (check_policy, ...).
MovementRule read_movement_rule(const json::Value& value);
/// The same of what was stored: its form alone, since a rule may have become stricter since.
MovementRule read_stored_rule(const json::Value& value);
Movement read_movement(const json::Value& value);
/// Canonical JSON, read back by the same.
std::string rule_content(const MovementRule& rule);
std::string movement_content(const Movement& movement);

/// A file of either kind; refused larger than 64 KiB.
json::Value read_proposal_file(const std::string& path);

}  // namespace navkeeper::custody
