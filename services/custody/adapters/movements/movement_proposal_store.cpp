#include "services/custody/adapters/movements/movement_proposal_store.h"

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"

namespace navkeeper::custody {
namespace {

base::Bytes hash_of(std::string_view content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

std::string fact_of(const model::FundId& fund, const MovementProposal& proposal, int place) {
  json::Writer out;
  out.begin_object().member("approvals", place).member("fund", fund.value()).member("id", proposal.id);
  return out.member("kind", proposal.kind).end_object().take();
}

}  // namespace

void lock_movements(db::Transaction& transaction, const model::FundId& fund) {
  db::execute(transaction,
              "INSERT INTO movement_head (fund_id, proposals) VALUES ($1, 0) ON CONFLICT DO NOTHING", fund);
  db::query(transaction, "SELECT FROM movement_head WHERE fund_id = $1 FOR UPDATE", fund);
}

void announce_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                       const std::string& body, const MovementActor& who) {
  db::append_event(transaction, fund.value(), {0, kind, body, who.now.ns()});
  db::append_audit(transaction, fund.value(), {who.actor.id.value(), who.now.ns(), kind, body});
}

std::vector<MovementProposal> load_movement_proposals(db::Transaction& transaction, const model::FundId& fund,
                                                      const std::string& kind, const std::string& id) {
  std::vector<MovementProposal> found;
  for (const auto& row : db::query(
           transaction,
           "SELECT p.kind, p.proposal_id, p.content, p.proposed_by, p.known_at_ns, a.decided_by AS first_by, "
           "a.known_at_ns AS first_at, b.decided_by AS second_by, b.known_at_ns AS second_at "
           "FROM movement_proposal p "
           "LEFT JOIN movement_approval a ON (a.fund_id, a.kind, a.proposal_id) = (p.fund_id, p.kind, "
           "p.proposal_id) "
           "AND a.place = 1 "
           "LEFT JOIN movement_approval b ON (b.fund_id, b.kind, b.proposal_id) = (p.fund_id, p.kind, "
           "p.proposal_id) "
           "AND b.place = 2 "
           "WHERE p.fund_id = $1 AND ($2 = '' OR p.kind = $2) AND ($3 = '' OR p.proposal_id = $3) ORDER BY "
           "p.seq",
           fund, kind, id)) {
    MovementProposal proposal;
    proposal.kind = row["kind"].as<std::string>();
    proposal.id = row["proposal_id"].as<std::string>();
    proposal.content = row["content"].as<std::string>();
    proposal.proposed_by = row["proposed_by"].as<std::string>();
    proposal.proposed_at = time::Instant::from_ns(row["known_at_ns"].as<std::int64_t>());
    for (const auto& [by, at] : {std::pair{"first_by", "first_at"}, std::pair{"second_by", "second_at"}}) {
      if (!row[by].is_null())
        proposal.approvals.push_back(
            {row[by].as<std::string>(), time::Instant::from_ns(row[at].as<std::int64_t>())});
    }
    found.push_back(std::move(proposal));
  }
  return found;
}

MovementProposal known_movement_proposal(db::Transaction& transaction, const model::FundId& fund,
                                         const std::string& kind, const std::string& id) {
  auto found = load_movement_proposals(transaction, fund, kind, id);
  if (id.empty() || found.empty()) base::refuse(fund.value() + " " + id, "is not a known " + kind);
  return std::move(found.front());
}

bool add_movement_proposal(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                           const std::string& id, const std::string& content, const MovementActor& who) {
  const auto known = load_movement_proposals(transaction, fund, kind, id);
  if (!known.empty()) {
    if (known.front().content == content) return false;
    base::refuse(kind + " " + id, "was proposed before with other content");
  }
  const auto seq = db::query(transaction,
                             "UPDATE movement_head SET proposals = proposals + 1 WHERE fund_id = $1 "
                             "RETURNING proposals",
                             fund)[0][0]
                       .as<std::int64_t>();
  db::execute(transaction,
              "INSERT INTO movement_proposal (fund_id, kind, proposal_id, seq, content, content_hash, "
              "proposed_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              fund, kind, id, seq, content, hash_of(content), who.actor.id, who.now);
  return true;
}

int movement_approval_place(const MovementProposal& proposal, const MovementActor& who) {
  model::require_role(who.actor, model::Role::kApprover, "approve what moves coins");
  const std::string where = proposal.kind + " " + proposal.id;
  const std::string& name = who.actor.id.value();
  if (proposal.proposed_by == name)
    throw base::NotPermitted({where, "was proposed by " + name + ", who may not approve it"});
  for (const MovementApproval& approval : proposal.approvals) {
    if (approval.by == name) return 0;
  }
  if (proposal.approvals.size() == 2)
    throw base::Conflict(where + ": was approved by " + proposal.approvals[0].by + " and " +
                         proposal.approvals[1].by + " already");
  const auto [since, what] = proposal.approvals.empty() || proposal.approvals[0].at < proposal.proposed_at
                                 ? std::pair(proposal.proposed_at, "it was proposed")
                                 : std::pair(proposal.approvals[0].at, "it was approved first");
  if (who.now < since)
    base::refuse(where, "cannot be approved at " + who.now.to_string() + ": " + what + " at " +
                            since.to_string() + "; is a clock set back?");
  return static_cast<int>(proposal.approvals.size()) + 1;
}

int add_movement_approval(db::Transaction& transaction, const model::FundId& fund,
                          const MovementProposal& proposal, const MovementActor& who) {
  const int place = movement_approval_place(proposal, who);
  if (place == 0) return 0;
  std::optional<int> previous;
  if (place > 1) previous = place - 1;
  std::optional<std::string> limited;
  if (proposal.kind == "movement") limited = proposal.id;
  db::execute(
      transaction,
      "INSERT INTO movement_approval (fund_id, kind, proposal_id, proposed_by, place, previous, limited, "
      "decided_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      fund, proposal.kind, proposal.id, proposal.proposed_by, place, previous, limited, who.actor.id,
      who.now);
  announce_movement(transaction, fund, proposal.kind + "_approved", fact_of(fund, proposal, place), who);
  return place;
}

}  // namespace navkeeper::custody
