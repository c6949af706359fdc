#pragma once
// Several SQL statements in one go, as files of sql/ have them; for .cpp files of this folder.
#include <string>

#include "common/db/transaction.h"

namespace navkeeper::db {

/// Runs them all inside the transaction; gives the first row that any of them returned, as "column=value,
/// ...", or an empty text when none did. Stops at the first error.
std::string run_script(Transaction& transaction, const std::string& sql);

/// `text` with @SERVICE@ and @ROLE@ filled in.
std::string fill_in(std::string text, const std::string& service);

/// The text of an embedded file below sql/; it must be there (ENSURE).
const std::string& embedded_text(const std::string& path);

}  // namespace navkeeper::db
