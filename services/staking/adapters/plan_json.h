#pragma once
// Plans as JSON and as tables.
//
// A request (a file, or "plan" of a POST); only id, asset and decimals must be there:
//   {"id":"2026-12","asset":"CRO","decimals":8,
//    "source":"cronos","native_days":28,"chain_bonded":"4000000000","gross_rate":"0.05","place_most":"250000",
//    "custodian":"crypto_com","account":"",
//    "policy":{"horizon_days":365,"commission_max":"0.1","fund_owner_share_max":"0.5",...},
//    "validators":[{"place":"crocncl1...","owner":"Example","tokens":"12000000","gross_rate":"0.05",
//                   "commission":"0.05","uptime":"0.999","slashes":0,"observed_days":365,
//                   "slash_fraction":"0","jailed":false,"custodian":"crypto_com","account":""}],
//    "tokens":[{"token":"CDCETH","issuer":"Crypto.com","net_rate":"0.03","purchase_cost":"0.001",
//               "sale_loss":"0.002","days_to_free":0,
//               "custodian":"crypto_com","expected_rate":"1.02","slippage_bps":5}],
//    "redelegate":true,
//    "redemptions":[{"days":7,"coins":"10000"}]}
// Without "validators" all that the source read may be chosen. With it these alone; of each a field that is
// there holds instead of what was read, and the plan says so ("said"). One that no source read needs tokens,
// gross_rate and commission. A token without "net_rate" has that of its own rate as it was read. A validator
// with a custodian (custody's name of it) can be submitted; the others people place by hand. So can a token
// that the custodian makes of staked coins (CDCETH of ETH at Crypto.com): a stake, then a conversion at the
// rate that was read last where the request says none. "redelegate" names the stakes that would yield more
// elsewhere; people move them.
#include "common/json/value.h"
#include "services/staking/app/plan_store.h"

namespace navkeeper::staking {

/// Refused with the path: unknown keys, figures out of their range, a place twice, more than fits.
PlanRequest read_plan_request(const json::Value& value);

struct PlanInputs {
  LiquidityInputs liquidity;
  std::optional<ValidatorSet> validators;  ///< of resolve_validators()
  PlanRequest request;
};
/// Canonical JSON of all that a plan is made from; read_plan_inputs() gives it back.
std::string plan_inputs_text(const LiquidityInputs& inputs, const std::optional<ValidatorSet>& validators,
                             const PlanRequest& request);
PlanInputs read_plan_inputs(const json::Value& value);

/// What a plan says: among whom it chose, placements, limits with what binds and what it costs, claims, the
/// test before and after.
std::string made_plan_text(const PlanRequest& request, const std::optional<ValidatorSet>& validators,
                           const MadePlan& made);

/// {"id","asset","inputs_hash","proposed_by","known_at","plan":{...},"steps":[...]}
std::string plan_json(const StoredPlan& plan);
std::string plans_json(const std::vector<StoredPlan>& plans);
std::string plan_table(const StoredPlan& plan);
std::string plans_table(const std::vector<StoredPlan>& plans);

}  // namespace navkeeper::staking
