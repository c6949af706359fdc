#pragma once
// Reconciliations and breaks as JSON: the document that is stored, and what routes and commands answer.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/write.h"
#include "services/custody/app/reconcile_days.h"

namespace navkeeper::custody {

/// Everything canonical; the stored document:
///   {"fund","date","at","basis":"settled","books":{"sha256"},
///    "prices":{asset:dollars}, "tolerances":{asset:{"units","dollars"?}},
///    "lines":{"count","sha256"}, "balances":{…}, "breaks":{…}}
/// each hash over the rows, every one followed by a line feed:
///   a line     {"asset","place","books","custodian","chain","difference","status","matched","notes",
///               "states":{"staked":{"books","kept"|null},…}}
///   a balance  {"source","account","asset","owned"|null,"as_of","raw_sha256"}
///   a break    {"id","asset","place","level","type","amount","dollars"|null,"over_tolerance",
///               "self_explained","detail"}
/// Without clock times of its own: equal facts give equal bytes. (Until 0006_reconciliation_rows the rows
/// stood in the document; such documents are as they were, their rows can be read like the others'.)
class JsonReconciliationDocuments final : public ReconciliationDocuments {
 public:
  ReconciliationPaper paper(const model::FundId& fund, const FundBooks& books,
                            const ReconciliationInput& input, const ReconciliationTerms& terms,
                            const Reconciliation& found) override;
  std::optional<Transfer> transfer(const Record& record) override;
  std::optional<Reward> reward(const Record& record) override;
  std::optional<Converted> conversion(const Record& record) override;
};

/// A stored line, without states.
ReconciliationLine line_of(const std::string& body);

/// "passed": every break over tolerance is explained and every line is sure; "failed": one is not;
/// "unavailable": none fails, and a line is unsure or nobody speaks of what it holds.
std::string_view verdict_of(const std::map<LineStatus, std::int64_t>& lines,
                            const std::vector<StoredBreak>& breaks);

/// What is shown of a reconciliation: all of it, or a page.
struct ShownReconciliation {
  StoredReconciliation stored;
  std::string_view verdict;         ///< of the whole; empty: was told on the first page
  std::vector<std::string> lines;   ///< their bodies
  std::vector<StoredBreak> breaks;  ///< of these lines
  std::string next_cursor = {};     ///< empty: nothing follows
};

/// One object; with its acts when `whole`.
void write_break(json::Writer& writer, const StoredBreak& one, bool whole);
std::string breaks_json(const model::FundId& fund, const std::vector<StoredBreak>& breaks);
std::string reconciliation_json(const model::FundId& fund, const ShownReconciliation& shown);
/// A page of what was compared; `next_cursor` as above.
std::string balances_json(const model::FundId& fund, const StoredReconciliation& stored,
                          const std::vector<std::string>& balances, const std::string& next_cursor);
/// What became of the days that the job reconciles.
std::string reconciled_days_json(const model::FundId& fund, const std::vector<ReconciledDay>& days);
std::string reconciliations_json(const model::FundId& fund, const std::vector<StoredReconciliation>& list);

// For people.
std::string reconciliation_table(const model::FundId& fund, const ShownReconciliation& shown);
/// Days by either list, the newest first.
std::string reconciliations_table(const std::vector<StoredReconciliation>& list,
                                  const std::vector<ReconciledDay>& days);
std::string breaks_table(const std::vector<StoredBreak>& breaks);
std::string break_text(const StoredBreak& one);

}  // namespace navkeeper::custody
