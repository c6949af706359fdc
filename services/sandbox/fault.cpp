#include "services/sandbox/fault.h"

#include <algorithm>
#include <charconv>

#include "common/base/refuse.h"
#include "services/sandbox/exchange.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::array<std::string_view, kFaults> kNames{
    "silence", "disconnect",     "duplicate",  "reorder",  "delay",
    "gap",     "wrong_decimals", "outlier",    "halt",     "crossed_book",
    "garbage", "rest_errors",    "rate_limit", "slow_tls", "untrusted"};

constexpr std::int64_t kSecondsMax = 366 * 86'400;

}  // namespace

std::string_view name_of(Fault fault) { return kNames[static_cast<std::size_t>(fault)]; }

Fault fault_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    std::string all;
    for (const std::string_view known : kNames) all += (all.empty() ? "" : ", ") + std::string(known);
    base::refuse("fault " + std::string(name), "there is no such fault; known: " + all);
  }
  return static_cast<Fault>(found - kNames.begin());
}

time::Duration parse_span(std::string_view text, const std::string& where) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3'600 : 0;
  if (error != std::errc() || seconds == 0 || count < 0 || count > kSecondsMax / seconds)
    base::refuse(where, "must be a number with s, m or h, such as 90s, of at most a year");
  return time::Duration::seconds(count * seconds);
}

FaultSpan parse_fault(std::string_view text, time::Instant start) {
  const std::string where = "fault " + std::string(text);
  const std::size_t colon = text.find(':');
  const std::size_t at = text.find('@', colon == std::string_view::npos ? 0 : colon);
  const std::size_t plus = text.rfind('+');
  if (colon == std::string_view::npos || at == std::string_view::npos || plus == std::string_view::npos ||
      plus < at)
    base::refuse(where, "must be VENUE:KIND@T+D, such as coinbase:silence@5m+30s");
  FaultSpan span;
  span.venue = text.substr(0, colon);
  if (span.venue == "all") span.venue.clear();
  if (!span.venue.empty()) static_cast<void>(exchange(span.venue));
  span.fault = fault_named(text.substr(colon + 1, at - colon - 1));
  const std::string_view begin = text.substr(at + 1, plus - at - 1);
  const auto instant = time::parse_rfc3339(begin);
  span.from = instant ? *instant : start + parse_span(begin, where);
  span.until = span.from + parse_span(text.substr(plus + 1), where);
  return span;
}

void FaultBoard::add(FaultSpan span) {
  const std::lock_guard lock(mutex_);
  spans_.push_back(std::move(span));
}

void FaultBoard::clear() {
  const std::lock_guard lock(mutex_);
  spans_.clear();
}

bool FaultBoard::active(std::string_view venue, Fault fault, time::Instant at) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(spans_.begin(), spans_.end(), [&](const FaultSpan& span) {
    return span.fault == fault && (span.venue.empty() || span.venue == venue) && span.from <= at &&
           at < span.until;
  });
}

std::vector<FaultSpan> FaultBoard::spans() const {
  const std::lock_guard lock(mutex_);
  return spans_;
}

}  // namespace navkeeper::sandbox
