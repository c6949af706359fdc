#pragma once
// Policies and whitelisted addresses of a fund: proposed, approved by two others, in force, taken back.
#include <optional>
#include <string>
#include <vector>

#include "services/custody/adapters/movements/movement_json.h"
#include "services/custody/adapters/movements/movement_proposal_store.h"
#include "services/custody/adapters/settings.h"

namespace navkeeper::custody {

struct StoredRule {
  MovementRule rule;
  MovementProposal proposal;
  std::string withdrawn_by;                  ///< empty: it was not
  std::optional<time::Instant> active_from;  ///< nothing: not approved twice
  /// Of an address: `active_from` as it was written down when it was approved; a later policy with a longer
  /// cooling-off moves active_from itself.
  std::optional<time::Instant> first_active_from = {};
  bool is_replaced = false;  ///< of a policy: a later one is in force
  /// "proposed", "approved_once", "cooling_off", "in_force", "replaced", "withdrawn".
  std::string state(time::Instant now) const;
};

/// In the order in which they were proposed; `kind` and `id` empty: all.
std::vector<StoredRule> load_movement_rules(db::Transaction& transaction, const model::FundId& fund,
                                            const std::string& kind = "", const std::string& id = "");
/// The policy that counts; nothing: none was approved twice yet, and nothing may move.
std::optional<MovementPolicy> policy_in_force(db::Transaction& transaction, const model::FundId& fund);

/// False when the same was proposed before. Refused: no role (maker), a fund without a configured custodian,
/// the same id with other content, an address that another id names already.
bool propose_movement_rule(db::Transaction& transaction, const Settings& settings, const model::FundId& fund,
                           const MovementRule& rule, const MovementActor& who);
/// False when the same person had approved it. The second approval puts it in force: a policy at once, an
/// address after the cooling-off of the policy that counts. Refused: no role (approver), by who proposed it,
/// what was withdrawn; an address without a policy in force.
bool approve_movement_rule(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                           const std::string& id, const MovementActor& who);
/// False when it had been withdrawn. One person is enough, who proposed it or an approver: it only keeps
/// coins where they are. Refused: a policy in force (a further one replaces it).
bool withdraw_movement_rule(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                            const std::string& id, const MovementActor& who);

std::string movement_rules_json(const model::FundId& fund, const std::vector<StoredRule>& rules,
                                time::Instant now);
std::string movement_rules_table(const std::vector<StoredRule>& rules, time::Instant now);

/// Refuses a fund of which no custodian is configured.
void require_fund_of_custody(const Settings& settings, const model::FundId& fund);

}  // namespace navkeeper::custody
