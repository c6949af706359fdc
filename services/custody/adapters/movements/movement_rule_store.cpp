#include "services/custody/adapters/movements/movement_rule_store.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"

namespace navkeeper::custody {
namespace {

constexpr std::int64_t kNsASecond = 1'000'000'000;

StoredRule known_rule(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                      const std::string& id) {
  auto found = load_movement_rules(transaction, fund, kind, id);
  if (kind.empty() || id.empty() || found.empty())
    base::refuse(fund.value() + " " + id, "is not a known " + (kind.empty() ? "rule" : kind));
  return std::move(found.front());
}

void put_in_force(db::Transaction& transaction, const model::FundId& fund, const MovementPolicy& policy,
                  const MovementActor& who) {
  const auto seq =
      db::query(transaction, "SELECT coalesce(max(seq), 0) + 1 FROM movement_policy WHERE fund_id = $1",
                fund)[0][0]
          .as<std::int64_t>();
  db::execute(transaction,
              "INSERT INTO movement_policy (fund_id, policy_id, kind, approvals, seq, cooling_off_s, "
              "lapses_after_s, known_at_ns) VALUES ($1, $2, 'policy', 2, $3, $4, $5, $6)",
              fund, policy.id, seq, policy.cooling_off.ns() / kNsASecond,
              policy.lapses_after.ns() / kNsASecond, who.now);
  for (const MovementLimit& limit : policy.limits)
    db::execute(
        transaction,
        "INSERT INTO movement_limit (fund_id, policy_id, asset, movement, role, per_movement, per_day, "
        "per_person_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        fund, policy.id, limit.asset, describe(limit.kind), model::describe(limit.role), limit.per_movement,
        limit.per_day, person_limit(limit));
  if (!policy.dollars) return;
  db::execute(transaction,
              "INSERT INTO movement_dollar_terms (fund_id, policy_id, act, basis, price_age_days) VALUES "
              "($1, $2, $3, $4, $5)",
              fund, policy.id, policy.dollars->act, policy.dollars->basis, policy.dollars->price_age_days);
  for (const DollarLimit& limit : policy.dollars->limits)
    db::execute(transaction,
                "INSERT INTO movement_dollar_limit (fund_id, policy_id, movement, role, per_movement, "
                "per_day) VALUES ($1, $2, $3, $4, $5, $6)",
                fund, policy.id, describe(limit.kind), model::describe(limit.role), limit.per_movement,
                limit.per_day);
}

void put_in_force(db::Transaction& transaction, const model::FundId& fund, const Destination& destination,
                  const MovementActor& who) {
  const auto policy = policy_in_force(transaction, fund);
  if (!policy)
    base::refuse("destination " + destination.id,
                 "no policy is in force, which says how long a new address cools off");
  // From the latest time that anybody wrote down here, so that a clock that lags shortens nothing.
  const auto latest =
      db::query(transaction,
                "SELECT greatest(max(p.known_at_ns), max(a.known_at_ns)) FROM movement_proposal p"
                " LEFT JOIN movement_approval a USING (fund_id, kind, proposal_id)"
                " WHERE p.fund_id = $1",
                fund)[0][0]
          .as<time::Instant>();
  const time::Instant begins = std::max(who.now, latest);
  db::execute(transaction,
              "INSERT INTO movement_destination (fund_id, destination_id, kind, approvals, policy_id, "
              "cooling_off_s, asset, network, address, address_tag, approved_at_ns, active_from_ns) "
              "VALUES ($1, $2, 'destination', 2, $3, $4, $5, $6, $7, $8, $9, $10)",
              fund, destination.id, policy->id, policy->cooling_off.ns() / kNsASecond, destination.asset,
              destination.network, destination.address, destination.address_tag, who.now,
              begins + policy->cooling_off);
}

std::string fact_of(const model::FundId& fund, const StoredRule& stored) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).member("id", stored.rule.id());
  return out.member("kind", stored.rule.kind()).end_object().take();
}

}  // namespace

void require_fund_of_custody(const Settings& settings, const model::FundId& fund) {
  const bool known = std::any_of(settings.custodians.begin(), settings.custodians.end(),
                                 [&](const CustodianSettings& one) { return one.fund == fund; });
  if (!known)
    base::refuse(fund.value(),
                 "no custodian of it is configured: [[custody.custodians]] in the file of --config");
}

std::string StoredRule::state(time::Instant now) const {
  if (!withdrawn_by.empty()) return "withdrawn";
  if (!active_from) return proposal.approvals.empty() ? "proposed" : "approved_once";
  if (is_replaced) return "replaced";
  return now < *active_from ? "cooling_off" : "in_force";
}

std::vector<StoredRule> load_movement_rules(db::Transaction& transaction, const model::FundId& fund,
                                            const std::string& kind, const std::string& id) {
  std::vector<StoredRule> rules;
  for (MovementProposal& proposal : load_movement_proposals(transaction, fund, kind, id)) {
    if (proposal.kind == "movement") continue;
    StoredRule stored{
        read_stored_rule(base::value_or_refuse(json::parse(proposal.content))), {}, "", {}, {}, false};
    stored.proposal = std::move(proposal);
    const auto rows =
        db::query(transaction,
                  "SELECT coalesce(w.decided_by, '') AS withdrawn_by, coalesce(p.known_at_ns, "
                  "greatest(d.active_from_ns, d.approved_at_ns + 1000000000 * (SELECT cooling_off_s FROM "
                  "movement_policy WHERE fund_id = $1 ORDER BY seq DESC LIMIT 1))) AS active_from, "
                  "d.active_from_ns AS first_active_from, "
                  "p.seq < (SELECT max(seq) FROM movement_policy WHERE fund_id = $1) AS is_replaced "
                  "FROM movement_proposal m "
                  "LEFT JOIN movement_rule_withdrawal w ON (w.fund_id, w.kind, w.proposal_id) = (m.fund_id, "
                  "m.kind, m.proposal_id) "
                  "LEFT JOIN movement_policy p ON (p.fund_id, p.kind, p.policy_id) = (m.fund_id, m.kind, "
                  "m.proposal_id) "
                  "LEFT JOIN movement_destination d ON (d.fund_id, d.kind, d.destination_id) = (m.fund_id, "
                  "m.kind, m.proposal_id) "
                  "WHERE m.fund_id = $1 AND m.kind = $2 AND m.proposal_id = $3",
                  fund, stored.proposal.kind, stored.proposal.id);
    stored.withdrawn_by = rows[0]["withdrawn_by"].as<std::string>();
    if (!rows[0]["active_from"].is_null())
      stored.active_from = time::Instant::from_ns(rows[0]["active_from"].as<std::int64_t>());
    if (!rows[0]["first_active_from"].is_null())
      stored.first_active_from = time::Instant::from_ns(rows[0]["first_active_from"].as<std::int64_t>());
    stored.is_replaced = !rows[0]["is_replaced"].is_null() && rows[0]["is_replaced"].as<bool>();
    rules.push_back(std::move(stored));
  }
  return rules;
}

std::optional<MovementPolicy> policy_in_force(db::Transaction& transaction, const model::FundId& fund) {
  const auto rows =
      db::query(transaction,
                "SELECT policy_id FROM movement_policy WHERE fund_id = $1 ORDER BY seq DESC LIMIT 1", fund);
  if (rows.empty()) return std::nullopt;
  return std::get<MovementPolicy>(
      known_rule(transaction, fund, "policy", rows[0][0].as<std::string>()).rule.terms);
}

bool propose_movement_rule(db::Transaction& transaction, const Settings& settings, const model::FundId& fund,
                           const MovementRule& rule, const MovementActor& who) {
  model::require_role(who.actor, model::Role::kMaker, "propose under which rules coins move");
  require_fund_of_custody(settings, fund);
  lock_movements(transaction, fund);
  if (const auto* destination = std::get_if<Destination>(&rule.terms)) {
    for (const StoredRule& other : load_movement_rules(transaction, fund, "destination")) {
      const auto& known = std::get<Destination>(other.rule.terms);
      if (known.id != destination->id && other.withdrawn_by.empty() && known.asset == destination->asset &&
          is_same_address(address_with_tag(known), address_with_tag(*destination)) &&
          chain_of_whereto(known.asset.value(), {known.address, known.network}) ==
              chain_of_whereto(known.asset.value(), {destination->address, destination->network}))
        base::refuse("destination " + destination->id + ": address", "is that of destination " + known.id);
    }
  }
  const std::string content = rule_content(rule);
  const std::string kind(rule.kind());
  if (!add_movement_proposal(transaction, fund, kind, rule.id(), content, who)) return false;
  announce_movement(transaction, fund, kind + "_proposed", content, who);
  return true;
}

bool approve_movement_rule(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                           const std::string& id, const MovementActor& who) {
  lock_movements(transaction, fund);
  const StoredRule stored = known_rule(transaction, fund, kind, id);
  if (!stored.withdrawn_by.empty()) base::refuse(kind + " " + id, "was withdrawn by " + stored.withdrawn_by);
  const int place = add_movement_approval(transaction, fund, stored.proposal, who);
  if (place == 2)
    std::visit([&](const auto& terms) { put_in_force(transaction, fund, terms, who); }, stored.rule.terms);
  return place != 0;
}

bool withdraw_movement_rule(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                            const std::string& id, const MovementActor& who) {
  model::require_role(who.actor, {model::Role::kMaker, model::Role::kApprover}, "withdraw a rule");
  lock_movements(transaction, fund);
  const StoredRule stored = known_rule(transaction, fund, kind, id);
  const std::string where = kind + " " + id;
  if (!stored.withdrawn_by.empty()) return false;
  if (stored.proposal.proposed_by != who.actor.id.value() && !who.actor.has(model::Role::kApprover))
    throw base::NotPermitted({where, "may be withdrawn by who proposed it or by an approver"});
  if (kind == "policy" && stored.active_from)
    base::refuse(where, "is in force: a further policy replaces it");
  db::execute(transaction,
              "INSERT INTO movement_rule_withdrawal (fund_id, kind, proposal_id, decided_by, known_at_ns) "
              "VALUES ($1, $2, $3, $4, $5)",
              fund, kind, id, who.actor.id, who.now);
  announce_movement(transaction, fund, kind + "_withdrawn", fact_of(fund, stored), who);
  return true;
}

std::string movement_rules_json(const model::FundId& fund, const std::vector<StoredRule>& rules,
                                time::Instant now) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).key("rules").begin_array();
  for (const StoredRule& stored : rules) {
    out.begin_object()
        .member("kind", stored.rule.kind())
        .member("id", stored.rule.id())
        .member("state", stored.state(now))
        .member("proposed_by", stored.proposal.proposed_by)
        .member("proposed_at", stored.proposal.proposed_at.to_string())
        .key("approved_by")
        .begin_array();
    for (const MovementApproval& approval : stored.proposal.approvals) out.string(approval.by);
    out.end_array().key("withdrawn_by");
    stored.withdrawn_by.empty() ? out.null() : out.string(stored.withdrawn_by);
    out.key("active_from");
    stored.active_from ? out.string(stored.active_from->to_string()) : out.null();
    out.member("content", base::value_or_refuse(json::parse(stored.proposal.content))).end_object();
  }
  return out.end_array().end_object().take();
}

std::string movement_rules_table(const std::vector<StoredRule>& rules, time::Instant now) {
  runtime::Table table({{"kind"}, {"id"}, {"state"}, {"from"}, {"proposed by"}, {"approved by"}, {"what"}});
  for (const StoredRule& stored : rules) {
    std::string approved;
    for (const MovementApproval& approval : stored.proposal.approvals)
      approved += (approved.empty() ? "" : ", ") + approval.by;
    std::string what;
    if (const auto* destination = std::get_if<Destination>(&stored.rule.terms))
      what =
          destination->asset.value() + " " + address_with_tag(*destination) + " (" + destination->name + ")";
    if (const auto* policy = std::get_if<MovementPolicy>(&stored.rule.terms))
      what = std::to_string(policy->limits.size()) + " limits" +
             (policy->dollars ? ", " + std::to_string(policy->dollars->limits.size()) + " in dollars" : "") +
             ", new addresses cool off for " + std::to_string(policy->cooling_off.ns() / kNsASecond) + " s";
    table.row({std::string(stored.rule.kind()), stored.rule.id(), stored.state(now),
               stored.active_from ? stored.active_from->to_string() : "", stored.proposal.proposed_by,
               approved, what});
  }
  return table.to_string();
}

}  // namespace navkeeper::custody
