#include "services/staking/app/queue_outlook.h"

#include <charconv>

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

constexpr const char* kEarns = "earns ";
constexpr const char* kTotalActive = "total_active_gwei";

std::uint64_t whole(const QueueReading& reading, const std::string& name) {
  const auto found = reading.figures.find(name);
  std::uint64_t value = 0;
  if (found != reading.figures.end()) {
    const char* const end = found->second.data() + found->second.size();
    const auto [stop, error] = std::from_chars(found->second.data(), end, value);
    if (error == std::errc() && stop == end) return value;
  }
  base::refuse("queue " + reading.name + " of " + reading.source, "does not say " + name);
}

void add_ether(const QueueReading& reading, queues::Outlook& outlook) {
  if (!outlook.ether) outlook.ether.emplace();
  queues::EtherOutlook& ether = *outlook.ether;
  ether.clock.genesis_seconds = static_cast<std::int64_t>(whole(reading, "genesis_seconds"));
  ether.current_epoch = outlook.now < reading.mark.at ? reading.mark.height / ether::kSlotsPerEpoch
                                                      : ether.clock.epoch_at(outlook.now);
  if (reading.name == "exit") {
    ether.exit_churn = whole(reading, "churn_gwei");
    ether.exits = {whole(reading, "earliest_epoch"), whole(reading, "left_gwei")};
  } else if (reading.name == "sweep") {
    ether.sweep_withdrawals = whole(reading, "withdrawals");
    if (reading.figures.contains("partials")) ether.partials = whole(reading, "partials");
  } else if (reading.name == "entry") {
    for (const auto& [name, value] : reading.figures) {
      if (name.starts_with(kEarns))
        ether.earns_from[name.substr(std::string_view(kEarns).size())] = whole(reading, name);
    }
  }
}

void add_unbonding(const QueueReading& reading, queues::Outlook& outlook) {
  if (!reading.wait_seconds) return;
  const auto wait = time::Duration::seconds(*reading.wait_seconds);
  if (outlook.cronos && outlook.cronos->unbonding >= wait) return;
  outlook.cronos = queues::UnbondingTerms{wait, static_cast<std::uint32_t>(whole(reading, "entries_max"))};
}

}  // namespace

ether::Gwei total_active_of(const std::vector<QueueReading>& readings, const std::string& source) {
  for (const QueueReading& reading : readings) {
    if (reading.source == source && reading.figures.contains(kTotalActive))
      return whole(reading, kTotalActive);
  }
  return 0;
}

FundTerms terms_of(const FundTermsOf& terms, const model::FundId& fund) {
  const auto found = terms.find(fund);
  return found == terms.end() ? FundTerms{} : found->second;
}

queues::Outlook outlook_of(const std::vector<QueueReading>& readings, const FundTerms& terms,
                           time::Instant now) {
  queues::Outlook outlook;
  outlook.now = now;
  outlook.custodian_notice = terms.custodian_notice;
  outlook.sale_settlement = terms.sale_settlement;
  for (const QueueReading& reading : readings) {
    if (reading.chain == Chain::kEthereum) add_ether(reading, outlook);
    if (reading.chain == Chain::kCronosPos) add_unbonding(reading, outlook);
  }
  return outlook;
}

std::vector<Position> positions_of(const std::vector<StoredReading>& readings) {
  std::vector<Position> positions;
  for (const StoredReading& stored : readings)
    positions.insert(positions.end(), stored.reading.positions.begin(), stored.reading.positions.end());
  return positions;
}

FundQueues queues_of_fund(StakingStore& store, const model::FundId& fund, const FundTerms& terms,
                          const StakingQuery& query, time::Instant now) {
  FundQueues found;
  found.readings = store.queues(fund, query);
  const auto positions = positions_of(store.readings(fund, query));
  const queues::Outlook outlook = outlook_of(found.readings, terms, now);
  for (const Position& position : positions) {
    if (!position.amount.is_positive() || position.state == PositionState::kContingent) continue;
    PositionWait wait{position, queues::time_to_cash(position, positions, outlook), {}};
    if (position.key.chain == Chain::kCronosPos && position.state == PositionState::kActive && outlook.cronos)
      wait.entries = queues::entry_room(positions, position.key, *outlook.cronos, now);
    found.positions.push_back(std::move(wait));
  }
  found.ladder = queues::unbonding_ladder(positions);
  return found;
}

}  // namespace navkeeper::staking
