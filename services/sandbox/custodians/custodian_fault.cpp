#include "services/sandbox/custodians/custodian_fault.h"

#include <algorithm>

#include "common/base/refuse.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::array<std::string_view, kCustodianFaults> kNames{
    "silence",   "errors",     "rate_limit",   "garbage",       "truncated",    "repeated",
    "stale",     "replay",     "restated",     "wrong_account", "wrong_scale",  "slow",
    "untrusted", "new_status", "skewed_clock", "lost_answer",   "short_balance"};

}  // namespace

std::string_view name_of(CustodianFault fault) { return kNames[static_cast<std::size_t>(fault)]; }

CustodianFault custodian_fault_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    std::string all;
    for (const std::string_view known : kNames) all += (all.empty() ? "" : ", ") + std::string(known);
    base::refuse("fault " + std::string(name), "there is no such fault of a custodian; known: " + all);
  }
  return static_cast<CustodianFault>(found - kNames.begin());
}

void CustodianFaultBoard::add(CustodianFaultSpan span) {
  const std::lock_guard lock(mutex_);
  spans_.push_back(std::move(span));
}

void CustodianFaultBoard::clear() {
  const std::lock_guard lock(mutex_);
  spans_.clear();
}

bool CustodianFaultBoard::active(std::string_view custodian, CustodianFault fault, time::Instant at) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(spans_.begin(), spans_.end(), [&](const CustodianFaultSpan& span) {
    return span.fault == fault && (span.custodian.empty() || span.custodian == custodian) &&
           span.from <= at && at < span.until;
  });
}

std::optional<time::Instant> CustodianFaultBoard::began(std::string_view custodian, CustodianFault fault,
                                                        time::Instant at) const {
  const std::lock_guard lock(mutex_);
  std::optional<time::Instant> first;
  for (const CustodianFaultSpan& span : spans_) {
    if (span.fault != fault || (!span.custodian.empty() && span.custodian != custodian) || span.from > at)
      continue;
    if (!first || span.from < *first) first = span.from;
  }
  return first;
}

std::vector<CustodianFaultSpan> CustodianFaultBoard::spans() const {
  const std::lock_guard lock(mutex_);
  return spans_;
}

}  // namespace navkeeper::sandbox
