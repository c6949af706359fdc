#include "services/sandbox/chains/chain_fault.h"

#include <algorithm>

#include "common/base/refuse.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::array<std::string_view, kChainFaults> kNames{
    "lag",     "fork",       "wrong_chain", "zeros",  "lie",        "truncated", "duplicate", "stale_height",
    "syncing", "optimistic", "garbage",     "errors", "rate_limit", "silence",   "slow"};

}  // namespace

std::string_view name_of(ChainFault fault) { return kNames[static_cast<std::size_t>(fault)]; }

ChainFault chain_fault_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    std::string all;
    for (const std::string_view known : kNames) all += (all.empty() ? "" : ", ") + std::string(known);
    base::refuse("fault " + std::string(name), "a node has no such fault; known: " + all);
  }
  return static_cast<ChainFault>(found - kNames.begin());
}

void ChainFaultBoard::add(ChainFaultSpan span) {
  const std::lock_guard lock(mutex_);
  spans_.push_back(std::move(span));
}

void ChainFaultBoard::clear() {
  const std::lock_guard lock(mutex_);
  spans_.clear();
}

bool ChainFaultBoard::active(std::string_view node, ChainFault fault, time::Instant at) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(spans_.begin(), spans_.end(), [&](const ChainFaultSpan& span) {
    return span.fault == fault && (span.node.empty() || span.node == node) && span.from <= at &&
           at < span.until;
  });
}

std::vector<ChainFaultSpan> ChainFaultBoard::spans() const {
  const std::lock_guard lock(mutex_);
  return spans_;
}

}  // namespace navkeeper::sandbox
