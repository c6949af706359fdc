#include "services/nav/domain/books/undo.h"

#include <algorithm>
#include <array>

namespace navkeeper::nav::books {
namespace {

struct Origin {
  std::string_view source;
  std::string_view undone_by;  ///< empty: `books reverse`, or journal.h's own rule
};

constexpr std::string_view kByAnAct =
    "two people decided on it (action propose, approve): two people undo it (action undo, approve-undo)";

constexpr std::array kOrigins{
    Origin{"strike",
           "a strike posted it: a further version of that NAV takes it back (nav run --again, nav restate)"},
    Origin{"distribution",
           "two people decided on it: it is withdrawn before its ex-date (distribution withdraw), and since "
           "then two people undo it (distribution undo, approve-undo)"},
    Origin{"split", kByAnAct},
    Origin{"fork", kByAnAct},
    Origin{"migration", kByAnAct},
    Origin{"spin_off", kByAnAct},
    Origin{"order", "an order posted it: orders cancel before its cut-off, orders close-out after a fail"},
    Origin{"order collateral",
           "an order posted it: its collateral goes back when the order settles or is closed out"},
    Origin{"order delivery", "an order's settlement posted it, and an order settles once"},
    Origin{"order repricing",
           "two people decided on it (orders reprice, approve-repricing): a further repricing corrects it"},
    Origin{"trades", "a trade that two people approved posted it: a trade the other way takes it back"},
    Origin{"facts", ""},
    Origin{"reversal", ""},
    Origin{"own day", "it brings an entry to its own day, and goes when that is reversed"},
};

const Origin* origin_of(std::string_view source) {
  const auto found = std::find_if(kOrigins.begin(), kOrigins.end(),
                                  [&](const Origin& origin) { return origin.source == source; });
  return found == kOrigins.end() ? nullptr : &*found;
}

/// "D1/paid", and "D1/paid 2" where the first payment was taken back.
bool is_payment(const Source& source) {
  return source.name == "distribution" && source.id.find("/paid") != std::string::npos;
}

}  // namespace

std::optional<std::string_view> undone_elsewhere(const Source& source) {
  const Origin* const origin = origin_of(source.name);
  if (origin == nullptr || origin->undone_by.empty() || is_payment(source)) return std::nullopt;
  return origin->undone_by;
}

bool is_reserved_source(std::string_view name) { return origin_of(name) != nullptr; }

}  // namespace navkeeper::nav::books
