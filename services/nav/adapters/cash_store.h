#pragma once
// What is proposed and approved around a fund's dollars and coin trades, and wires that leave (sql/nav,
// cash_...). Every function works inside the caller's transaction and takes the fund's cash lock where it
// decides. Each act leaves an audit record and a row of the outbox.
#include <optional>
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "common/model/actor.h"
#include "common/time/instant.h"
#include "services/nav/domain/cash/cash_proposal.h"
#include "services/nav/domain/cash/projected_cash.h"

namespace navkeeper::nav {

/// Who acts and when.
struct CashActor {
  model::Actor actor;
  time::Instant now;
};

struct StoredProposal {
  StoredProposal(cash::CashProposal proposal_, model::ActorId proposer)
      : proposal(std::move(proposal_)), proposed_by(std::move(proposer)) {}
  cash::CashProposal proposal;
  std::string content;
  model::ActorId proposed_by;
  time::Instant proposed_at;
  std::optional<model::ActorId> approved_by;
  std::optional<model::ActorId> withdrawn_by;
  bool is_released = false;  ///< of a wire
  bool is_approved() const { return approved_by && !withdrawn_by; }
  std::string state() const;  ///< "proposed", "approved", "withdrawn", "released"
};

/// In the order in which they were proposed; `kind` empty: all.
std::vector<StoredProposal> load_proposals(db::Transaction& transaction, const model::FundId& fund,
                                           const std::string& kind = "");
std::optional<StoredProposal> find_proposal(db::Transaction& transaction, const model::FundId& fund,
                                            const std::string& kind, const std::string& id);
std::optional<cash::BankAccount> find_account(db::Transaction& transaction, const model::FundId& fund,
                                              const std::string& id);

/// False when the same was proposed before. Refused: no role (maker), an unknown fund, the same id with other
/// content; of a wire what check_wire refuses; of a trade a coin that the fund does not have, more decimals
/// than the coin, a day that is no exchange day or has passed.
bool propose(db::Transaction& transaction, const model::FundId& fund, const cash::CashProposal& proposal,
             const CashActor& who);
/// False when the same person had approved it. Refused: no role (approver), by who proposed it, what was
/// withdrawn, a wire that check_wire refuses by now.
bool approve(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
             const std::string& id, const CashActor& who);
/// False when it had been withdrawn. Refused: no role (its proposer, or an approver), a wire that has left, a
/// trade that was executed in part.
bool withdraw(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
              const std::string& id, const CashActor& who);

struct ReleasedWire {
  std::string instruction;  ///< canonical JSON: what the bank is given, the same bytes whenever asked
  bool is_new = false;
};
/// Lets an approved wire leave: its instruction is stored and stands in the outbox (`wire_released`). A
/// second call gives the same bytes and changes nothing. Refused: no role (operator), not approved, a value
/// date that has passed, what check_wire and check_wire_funds refuse.
ReleasedWire release_wire(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                          const CashActor& who);

/// Settled cash of `as_of` and everything on its way: unsettled entries of the journal, distributions by
/// their payment dates, wires by their value dates, and what is owed without a day.
cash::ProjectedCash load_projected_cash(db::Transaction& transaction, const model::FundId& fund,
                                        time::Date as_of, int days);

std::string proposals_json(const model::FundId& fund, const std::vector<StoredProposal>& proposals);
std::string proposals_table(const std::vector<StoredProposal>& proposals);
std::string projected_json(const model::FundId& fund, const cash::ProjectedCash& projected);
std::string projected_table(const cash::ProjectedCash& projected);

/// Locks the fund's cash, making its row where there is none. Refused: an unknown fund.
void lock_cash(db::Transaction& transaction, const model::FundId& fund);
void announce_cash(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                   const std::string& body, const CashActor& who);
/// The day it is for the fund.
time::Date local_day(const std::string& time_zone, time::Instant now);

}  // namespace navkeeper::nav
