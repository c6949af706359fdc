#include "services/custody/domain/chains/agreement.h"

namespace navkeeper::custody {
namespace {

/// What the chain itself says, without where and how it was read.
bool same_amounts(const Balance& a, const Balance& b) {
  return a.asset == b.asset && a.scale == b.scale && a.total == b.total && a.available == b.available &&
         a.staked == b.staked && a.activating == b.activating && a.unbonding == b.unbonding &&
         a.unbonding_entries == b.unbonding_entries && a.claimable == b.claimable &&
         a.rewards_pending == b.rewards_pending;
}

std::string amount_of(const std::optional<money::Decimal>& amount) {
  return amount ? amount->to_string() : "nothing";
}

/// How two readings differ; empty: they do not.
std::string difference(const ChainReading& a, const ChainReading& b) {
  const std::string names = a.source + " and " + b.source;
  if (a.block.height != b.block.height)
    return names + " answered for different blocks: " + std::to_string(a.block.height) + " and " +
           std::to_string(b.block.height);
  if (a.block.hash != b.block.hash)
    return names + " know block " + std::to_string(a.block.height) + " by different hashes: " + a.block.hash +
           " and " + b.block.hash;
  if (a.balances.size() != b.balances.size()) return names + " list different assets";
  for (std::size_t i = 0; i < a.balances.size(); ++i) {
    if (same_amounts(a.balances[i], b.balances[i])) continue;
    const std::string asset = a.balances[i].asset.value();
    return names + " differ in " + asset + ": " + amount_of(a.balances[i].total) + " and " +
           amount_of(b.balances[i].total) +
           (a.balances[i].total == b.balances[i].total ? " in all, divided otherwise" : "");
  }
  return {};
}

bool all_zero(const ChainReading& reading) {
  for (const Balance& balance : reading.balances) {
    if (!balance.total || !balance.total->is_zero()) return false;
  }
  return true;
}

}  // namespace

Agreement agree(const std::vector<SourceOutcome>& outcomes) {
  Agreement agreement;
  std::vector<const ChainReading*> readings;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const SourceOutcome& outcome = outcomes[i];
    if (!outcome.reading) {
      agreement.reasons.push_back(outcome.source + " gave no answer: " + outcome.failure);
      continue;
    }
    if (!agreement.shown) agreement.shown = i;
    readings.push_back(&*outcome.reading);
    for (const std::string& doubt : outcome.reading->doubts)
      agreement.reasons.push_back(outcome.source + ": " + doubt);
  }
  if (readings.empty()) {
    if (outcomes.empty()) agreement.reasons.emplace_back("no node is configured for this chain");
    return agreement;
  }
  for (std::size_t i = 1; i < readings.size(); ++i) {
    if (std::string found = difference(*readings[0], *readings[i]); !found.empty())
      agreement.reasons.push_back(std::move(found));
  }
  if (!agreement.reasons.empty()) {
    agreement.certainty = Certainty::kUnsure;
  } else if (readings.size() > 1) {
    agreement.certainty = Certainty::kAgreed;
  } else if (readings[0]->shown == Shown::kProof) {
    agreement.certainty = Certainty::kProven;
  } else if (all_zero(*readings[0])) {
    // An index that lost its data and an address without coins look the same.
    agreement.certainty = Certainty::kUnsure;
    agreement.reasons.push_back(readings[0]->source + " alone says zero, and nothing proves it");
  } else {
    agreement.certainty = Certainty::kSingleSource;
  }
  return agreement;
}

}  // namespace navkeeper::custody
