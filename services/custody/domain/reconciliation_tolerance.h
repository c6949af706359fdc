#pragma once
// A part of reconcile(): which breaks are tolerated, and what that makes of their lines.
#include "services/custody/domain/reconciliation.h"

namespace navkeeper::custody::reconciling {

/// Prices and judges every break, sorts them, and gives each line the status of its breaks. Small breaks of
/// an asset and level that are together more than what is tolerated are not tolerated. The lines must be
/// sorted by asset and place.
void judge(Reconciliation& result, const ReconciliationTerms& terms);

}  // namespace navkeeper::custody::reconciling
