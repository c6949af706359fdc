#include "common/runtime/options.h"

#include "common/base/quoted.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::runtime {
namespace {

/// As a person sees it in an error: in quotes, and not by the page.
std::string shown(const std::string& text) {
  constexpr std::size_t kShownMax = 60;
  std::string out;
  base::append_quoted(out, text.substr(0, kShownMax));
  return text.size() > kShownMax ? out + "..." : out;
}

}  // namespace

std::string check_date(const std::string& text) {
  return time::Date::parse(text) ? "" : shown(text) + " is not a date YYYY-MM-DD that exists";
}

std::string check_instant(const std::string& text) {
  return time::parse_rfc3339(text) ? "" : shown(text) + " is not a time as RFC 3339 writes it";
}

std::string check_decimal(const std::string& text) {
  const auto parsed = money::Decimal::parse(text);
  return parsed.has_value() ? "" : shown(text) + " " + std::string(money::describe(parsed.error()));
}

}  // namespace navkeeper::runtime
