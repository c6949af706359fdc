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

/// So many blocks may be dated out of order: a Bitcoin block is later than the median of the eleven before
/// it, not than each of them; the other chains' times only rise.
std::uint64_t out_of_order_max(Chain chain) { return chain == Chain::kBitcoin ? 11 : 0; }

/// The last block at or before `at`, by one node.
std::uint64_t place_of(ChainSource& source, Chain chain, time::Instant at) {
  const std::uint64_t final_height = source.head().final_height;
  const auto not_final = [&] {
    return base::Unavailable(source.name() + ": no block after " + at.to_string() +
                             " is final yet; the newest that is is " + std::to_string(final_height));
  };
  if (source.time_of(final_height) <= at) throw not_final();
  // Back from the newest in steps that double, then halve what lies between.
  std::uint64_t above = final_height;
  std::uint64_t below = final_height;
  for (std::uint64_t step = 1;; step *= 2) {
    if (below == 0) base::refuse(source.name(), "knows no block at or before " + at.to_string());
    below = below > step ? below - step : 0;
    if (source.time_of(below) <= at) break;
    above = below;
  }
  while (above - below > 1) {
    const std::uint64_t middle = below + (above - below) / 2;
    (source.time_of(middle) <= at ? below : above) = middle;
  }
  const std::uint64_t loose = out_of_order_max(chain);
  for (std::uint64_t next = below + 1; next <= below + loose; ++next) {
    if (next > final_height) throw not_final();
    if (source.time_of(next) <= at) below = next;
  }
  return below;
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

std::vector<ChainAnswer> read_addresses(const std::vector<std::unique_ptr<ChainSource>>& sources, Chain chain,
                                        const std::vector<std::string>& addresses,
                                        std::optional<std::uint64_t> height, const ChainLimits& limits,
                                        time::Instant now) {
  std::vector<ChainAnswer> answers;
  answers.reserve(addresses.size());
  for (const std::string& address : addresses)
    answers.push_back({{chain, address, height}, height, std::vector<SourceOutcome>(sources.size()), {}});
  const auto fail = [&](std::size_t source, const std::string& why) {
    for (ChainAnswer& answer : answers) answer.outcomes[source].failure = why;
  };
  std::vector<std::optional<ChainHead>> heads(sources.size());
  std::optional<std::uint64_t> lowest;
  std::optional<std::uint64_t> highest;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    for (ChainAnswer& answer : answers) answer.outcomes[i].source = sources[i]->name();
    SourceOutcome asking;
    if (!asked(asking, [&] { heads[i] = sources[i]->head(); })) {
      fail(i, asking.failure);
      continue;
    }
    note_lag(*heads[i], limits, now);
    lowest = std::min(lowest.value_or(heads[i]->final_height), heads[i]->final_height);
    highest = std::max(highest.value_or(heads[i]->final_height), heads[i]->final_height);
  }
  if (!height) height = lowest;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!heads[i]) continue;
    ChainHead& head = *heads[i];
    if (*height > head.final_height) {
      fail(i, "block " + std::to_string(*height) + " is not final there; its newest final block is " +
                  std::to_string(head.final_height));
      continue;
    }
    if (*highest - head.final_height > limits.blocks_apart_max)
      head.doubts.push_back("its final block is " + std::to_string(*highest - head.final_height) +
                            " blocks behind another node's");
    if (sources[i]->reads_all_at_once()) {
      SourceOutcome asking;
      std::vector<ChainReading> readings;
      if (!asked(asking, [&] { readings = sources[i]->read_all(addresses, *height); })) {
        fail(i, asking.failure);
        continue;
      }
      ENSURE(readings.size() == answers.size());
      for (std::size_t a = 0; a < answers.size(); ++a)
        answers[a].outcomes[i].reading = std::move(readings[a]);
    } else {
      for (ChainAnswer& answer : answers) {
        asked(answer.outcomes[i],
              [&] { answer.outcomes[i].reading = sources[i]->read(answer.question.address, *height); });
      }
    }
    for (ChainAnswer& answer : answers) {
      auto& reading = answer.outcomes[i].reading;
      if (reading) reading->doubts.insert(reading->doubts.end(), head.doubts.begin(), head.doubts.end());
    }
  }
  for (ChainAnswer& answer : answers) {
    answer.height = height;
    answer.agreement = agree(answer.outcomes);
  }
  return answers;
}

ChainAnswer read_chain(const std::vector<std::unique_ptr<ChainSource>>& sources,
                       const ChainQuestion& question, const ChainLimits& limits, time::Instant now) {
  return std::move(
      read_addresses(sources, question.chain, {question.address}, question.height, limits, now).front());
}

std::uint64_t height_at(const std::vector<std::unique_ptr<ChainSource>>& sources, Chain chain,
                        time::Instant at) {
  std::optional<std::uint64_t> height;
  std::string placed_by;
  std::string failures;
  for (const auto& source : sources) {
    SourceOutcome outcome;
    std::uint64_t found = 0;
    if (!asked(outcome, [&] { found = place_of(*source, chain, at); })) {
      failures += (failures.empty() ? "" : "; ") + outcome.failure;
      continue;
    }
    if (height && *height != found)
      base::refuse(std::string(describe(chain)),
                   placed_by + " and " + source->name() + " place " + at.to_string() + " at blocks " +
                       std::to_string(*height) + " and " + std::to_string(found));
    height = found;
    placed_by = source->name();
  }
  if (!height) throw base::Unavailable(failures.empty() ? "no node is configured for this chain" : failures);
  return *height;
}

}  // namespace navkeeper::custody
