#pragma once
// The events of a fund's books as JSON, one object a line (contracts, "books compute";
// services/nav/BOOKS.md).
#include <optional>
#include <string>
#include <string_view>

#include "services/nav/domain/books/event.h"
#include "services/nav/domain/books/refusal.h"

namespace navkeeper::json {
class ObjectReader;
}

namespace navkeeper::nav {

/// Which keys a line may have.
enum class EventShape {
  kCompute,  ///< the fixed shape of `books compute`
  kPost,     ///< `books post`: without price and strike; with transfer, and with optional id, book_date,
             ///< settlement_date, place, state and at
};

struct EventLine {
  books::Event event;
  std::optional<std::string> id;  ///< kPost: what makes the same event the same
  std::optional<time::Date> book_date;
  std::optional<time::Date> settlement_date;
  std::optional<time::Instant> at;  ///< when it was agreed
  std::string content;              ///< kPost: canonical JSON of everything but the id
};

/// Longest line that is read, in bytes.
constexpr std::size_t kEventLineBytesMax = std::size_t{1} << 20;

/// An account (none: the main one) and a state (none: available) of two optional keys.
books::Place read_place(json::ObjectReader& reader, const char* account_key, const char* state_key);

/// The key of a line (canonical JSON: a posted event or a fact) that the rule is about: "quantity",
/// "components[1].value"; empty where it is about none, and of other texts.
std::string key_of(books::BooksRefusal refusal, const std::string& content);

/// Reads one line. Throws base::Refused whose place is the key, or empty.
EventLine read_event(std::string_view line, EventShape shape);

}  // namespace navkeeper::nav
