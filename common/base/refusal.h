#pragma once
// Refusal: input from outside was refused and nothing was changed. It names the place (file, line or key,
// field) and the rule that was broken. The command line prints it as one line and exits 1; HTTP answers
// problem+json.
#include <stdexcept>
#include <string>
#include <utility>

#include "common/base/result.h"

namespace navkeeper::base {

struct Refusal {
  std::string where;  ///< "trades.csv:17", "index.toml:4: strike_time", "positions[2].price"; may be empty
  std::string rule;   ///< what is wrong, as a sentence without a full stop: "price is not positive"

  std::string message() const { return where.empty() ? rule : where + ": " + rule; }
  /// The same refusal seen from further out: `outer` is put before `where`.
  Refusal within(const std::string& outer) const {
    return {where.empty() ? outer : outer + ": " + where, rule};
  }
  bool operator==(const Refusal&) const = default;
};

template <class T>
using Checked = Result<T, Refusal>;

/// Boost.System's hook for result::value() on a refusal: asking for the value of a refused result is a bug of
/// ours.
[[noreturn]] inline void throw_exception_from_error(const Refusal& refusal,
                                                    const boost::source_location& at) {
  boost::throw_with_location(std::logic_error("unchecked refusal: " + refusal.message()), at);
}

}  // namespace navkeeper::base
