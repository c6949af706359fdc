#pragma once
// Reconciliations and breaks as JSON: the document that is stored, and what routes and commands answer.
#include <string>
#include <vector>

#include "common/json/write.h"
#include "services/custody/app/reconcile.h"

namespace navkeeper::custody {

/// The stored document, canonical:
///   {"fund","date","at","basis":"settled",
///    "books":{"sha256"}, "balances":[{"source","account","asset","owned"|null,"as_of","raw_sha256"}],
///    "prices":{asset:dollars}, "tolerances":{asset:{"units","dollars"?}},
///    "lines":[{"asset","place","books","custodian","chain","difference","status","matched","notes",
///              "states":{"staked":{"books","kept"|null},…}}],
///    "breaks":[{"id","asset","place","level","type","amount","dollars"|null,"over_tolerance",
///               "self_explained","detail"}]}
/// Without clock times of its own: equal facts give equal bytes.
class JsonReconciliationDocuments final : public ReconciliationDocuments {
 public:
  std::string document(const model::FundId& fund, const FundBooks& books, const ReconciliationInput& input,
                       const ReconciliationTerms& terms, const Reconciliation& found) override;
  std::optional<Transfer> transfer(const Record& record) override;
  std::optional<Reward> reward(const Record& record) override;
};

/// The lines of a stored document, without states.
std::vector<ReconciliationLine> lines_of(const std::string& document);

/// "passed": every break over tolerance is explained and every line is sure; "failed": one is not;
/// "unavailable": none fails, and a line is unsure or nobody speaks of what it holds.
std::string_view verdict_of(const std::vector<ReconciliationLine>& lines,
                            const std::vector<StoredBreak>& breaks);

/// One object; with its acts when `whole`.
void write_break(json::Writer& writer, const StoredBreak& one, bool whole);
std::string breaks_json(const model::FundId& fund, const std::vector<StoredBreak>& breaks);
std::string reconciliation_json(const model::FundId& fund, const StoredReconciliation& stored,
                                const std::vector<StoredBreak>& breaks);
std::string reconciliations_json(const model::FundId& fund, const std::vector<StoredReconciliation>& list);

// For people.
std::string reconciliation_table(const model::FundId& fund, const StoredReconciliation& stored,
                                 const std::vector<StoredBreak>& breaks);
std::string breaks_table(const std::vector<StoredBreak>& breaks);
std::string break_text(const StoredBreak& one);

}  // namespace navkeeper::custody
