#pragma once
// `books compute`: a file of events replayed through the real books, in one pass that keeps no event.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/domain/books/books.h"

namespace navkeeper::nav {

struct BooksComputeRequest {
  std::string events_path;
  std::optional<time::Date> as_of;  ///< the whole file is checked, what is dated up to then is applied
  books::LotRules rules;
  std::optional<std::string> ledger_path;
};

struct BooksAnswer {
  books::Chart chart;
  books::Report report;
  std::vector<books::StruckNav> strikes;
};

/// Throws base::Refused that names file and line; then nothing was written.
BooksAnswer compute_books(const BooksComputeRequest& request);

/// The answer as contracts fix it.
std::string to_json(const BooksAnswer& answer);
/// The same for people.
std::string to_table(const BooksAnswer& answer);

}  // namespace navkeeper::nav
