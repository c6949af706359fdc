#include "services/custody/app/chains/read_chain.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/money/overflow.h"

namespace navkeeper::custody {
namespace {

/// Runs one call of a node; what it throws becomes the outcome's failure.
template <class Call>
bool asked(SourceOutcome& outcome, Call&& call) {
  try {
    call();
    return true;
  } catch (const base::Unavailable& unavailable) {
    outcome.failure = unavailable.what();
  } catch (const base::Refused& refused) {
    outcome.failure = refused.what();
  } catch (const money::OverflowError& overflow) {
    outcome.failure = std::string("an amount does not fit: ") + overflow.what();
  }
  return false;
}

std::string seconds_of(time::Duration duration) {
  return std::to_string(duration.ns() / 1'000'000'000) + " s";
}

void note_lag(ChainHead& head, const ChainLimits& limits, time::Instant now) {
  if (!head.newest_at) return;
  if (now - *head.newest_at > limits.behind_max)
    head.doubts.push_back("its newest block is of " + head.newest_at->to_string() + ", more than " +
                          seconds_of(limits.behind_max) + " ago: it lags, or the chain stands still");
  // Nodes accept blocks from a little ahead of their own clock (Bitcoin: two hours).
  else if (*head.newest_at - now > limits.behind_max)
    head.doubts.push_back("its newest block is of " + head.newest_at->to_string() + ", which is yet to come");
}

}  // namespace

ChainLimits default_limits(Chain chain) {
  switch (chain) {
    case Chain::kBitcoin:
      return {time::Duration::hours(3), 6};
    case Chain::kEthereum:
      return {time::Duration::minutes(5), 96};
    case Chain::kCronosPos:
    case Chain::kCronosEvm:
      return {time::Duration::minutes(2), 60};
  }
  ENSURE(false);
}

ChainAnswer read_chain(const std::vector<std::unique_ptr<ChainSource>>& sources,
                       const ChainQuestion& question, const ChainLimits& limits, time::Instant now) {
  ChainAnswer answer{question, question.height, {}, {}};
  std::vector<std::optional<ChainHead>> heads(sources.size());
  std::optional<std::uint64_t> lowest;
  std::optional<std::uint64_t> highest;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    SourceOutcome& outcome = answer.outcomes.emplace_back();
    outcome.source = sources[i]->name();
    if (!asked(outcome, [&] { heads[i] = sources[i]->head(); })) continue;
    note_lag(*heads[i], limits, now);
    lowest = std::min(lowest.value_or(heads[i]->final_height), heads[i]->final_height);
    highest = std::max(highest.value_or(heads[i]->final_height), heads[i]->final_height);
  }
  if (!answer.height) answer.height = lowest;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    SourceOutcome& outcome = answer.outcomes[i];
    if (!heads[i]) continue;
    ChainHead& head = *heads[i];
    if (*answer.height > head.final_height) {
      outcome.failure = "block " + std::to_string(*answer.height) +
                        " is not final there; its newest final block is " + std::to_string(head.final_height);
      continue;
    }
    if (*highest - head.final_height > limits.blocks_apart_max)
      head.doubts.push_back("its final block is " + std::to_string(*highest - head.final_height) +
                            " blocks behind another node's");
    asked(outcome, [&] { outcome.reading = sources[i]->read(question.address, *answer.height); });
    if (outcome.reading)
      outcome.reading->doubts.insert(outcome.reading->doubts.end(), head.doubts.begin(), head.doubts.end());
  }
  answer.agreement = agree(answer.outcomes);
  return answer;
}

}  // namespace navkeeper::custody
