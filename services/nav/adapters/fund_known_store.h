#pragma once
#include "common/db/transaction.h"
#include "common/model/id.h"

namespace navkeeper::nav {

/// Refuses (base::Refused) a fund of which no definition was applied: a mistyped name is no empty fund.
void require_fund(db::Transaction& transaction, const model::FundId& fund);

}  // namespace navkeeper::nav
