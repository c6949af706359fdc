#pragma once
// What an approved act does next: the step with the entries and lots that it posts, on the books as they
// stand.
#include "services/nav/app/fund_acts.h"

namespace navkeeper::nav {

/// The fork with what the books hold of its coin at the start of its date.
policy::Fork fork_of(ActStore& acts, const FundDefinition& fund, const FundAct& act, const ForkAct& terms);

DraftToPost draft_of(policy::EntryDraft entry, const char* kind);

/// Of a distribution the ex or record step, of any other act its one. Refused: what the policies refuse on
/// the books of now: a split that leaves a fraction, a token that the fund does not hold, rewards of a token
/// that migrates still to be received.
StepToTake next_step(ActStore& acts, const FundDefinition& fund, const StoredAct& stored);

/// Of a distribution that is recorded and not paid: what brings it, on `date`, to the register that its
/// record date has by now. The step and the NAV of its day are two transactions, and orders come late: who is
/// booked on the record date after the register was taken is owed it all the same. Nothing where it is that.
std::optional<StepToTake> moved_register(ActStore& acts, const FundDefinition& fund, const StoredAct& stored,
                                         time::Date date);

}  // namespace navkeeper::nav
