#pragma once
// Checks of single options, for CLI11's check(): empty when the text is right, else what is wrong with it.
// What they refuse is a wrong command line (exit 2), before anything is opened.
#include <string>

#include "common/base/refuse.h"

namespace navkeeper::runtime {

/// A command line that is wrong in a way no check of a single option shows: exit 2 instead of 1.
class UsageError : public base::Refused {
 public:
  using Refused::Refused;
};

[[noreturn]] inline void refuse_usage(std::string where, std::string rule) {
  throw UsageError(base::Refusal{std::move(where), std::move(rule)});
}

/// What the command line names at `where`: `named<model::FundId>(text, "fund")`.
template <class Name>
Name named(const std::string& text, const char* where) {
  auto name = Name::parse(text);
  if (name.has_error()) throw UsageError(name.error().within(where));
  return *std::move(name);
}

std::string check_date(const std::string& text);     ///< YYYY-MM-DD, a day that exists
std::string check_instant(const std::string& text);  ///< RFC 3339
std::string check_decimal(const std::string& text);

}  // namespace navkeeper::runtime
