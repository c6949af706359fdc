#include "services/pricing/app/replay_rates.h"

#include <utility>

#include "common/base/refuse.h"

namespace navkeeper::pricing {
namespace {

ReplayedRate replayed(ReplaySource& source, StoredRate stored) {
  ReplayedRate answer;
  const StoredDefinition definition = source.definition_version(stored.index, stored.definition_version);
  const auto window = checked_window(definition.index, stored.date);
  std::optional<money::Decimal> previous;
  if (stored.status == "previous") previous = money::Decimal::literal(*stored.value);
  const auto say = [&](std::string difference) {
    answer.difference = std::move(difference);
    answer.stored = std::move(stored);
    return answer;
  };
  if (window.has_error()) return say(window.error().message());
  std::unique_ptr<StoredTrades> trades;
  try {
    trades = source.trades(definition.index, *window, stored.known_at);
  } catch (const base::Refused& refused) {
    answer.dropped = true;
    return say(refused.what());
  }
  const auto computed = compute_rate(definition.index, stored.date, previous, *trades);
  if (computed.has_error()) return say(computed.error().message());
  if (computed->rate.value != stored.value) return say("value " + computed->rate.value.value_or("none"));
  if (source.trade_hash(*computed) != stored.trade_hash_hex) return say("the trades that count");
  if (source.document(*computed) != stored.document) return say("the document");
  return say("");
}

}  // namespace

std::vector<ReplayedRate> replay_rates(ReplaySource& source, const RateQuery& query) {
  std::vector<ReplayedRate> all;
  for (StoredRate& rate : source.every_version(query)) all.push_back(replayed(source, std::move(rate)));
  return all;
}

}  // namespace navkeeper::pricing
