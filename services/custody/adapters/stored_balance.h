#pragma once
// A row of the table balance, for the stores that read it.
#include "services/custody/domain/balance.h"

namespace pqxx {
class row;
}

namespace navkeeper::custody {

/// All columns of `balance` must be selected.
Balance balance_of(const pqxx::row& row);

}  // namespace navkeeper::custody
