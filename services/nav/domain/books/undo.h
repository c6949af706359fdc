#pragma once
// Which act takes an entry back. `books reverse` is one person's act, so it takes back only what one person's
// act posted: a file of events, a fact, the payment of a distribution. What came from a decision of two
// people or from another use case is changed there, and the refusal says where.
#include <optional>
#include <string_view>

#include "services/nav/domain/books/journal.h"

namespace navkeeper::nav::books {

/// The rule that keeps `books reverse` from an entry of `source`; nothing where it may take it back.
std::optional<std::string_view> undone_elsewhere(const Source& source);

/// A source under which other acts post: no file of events is posted under it.
bool is_reserved_source(std::string_view name);

}  // namespace navkeeper::nav::books
