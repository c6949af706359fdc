#include "services/staking/app/total_fund.h"

#include <algorithm>

#include "common/base/refuse.h"

namespace navkeeper::staking {

bool TotalledFund::is_tied() const {
  return std::all_of(found.totals.begin(), found.totals.end(),
                     [](const FundTotal& total) { return total.is_tied(); });
}

TotalledFund total_fund(StakingStore& store, CustodyDays& custody, const model::FundId& fund,
                        const std::optional<time::Date>& date,
                        const std::map<std::string, std::string>& kept_by) {
  TotalledFund totalled{custody.day(fund, date), {}, {}};
  StakingQuery query;
  query.as_of = totalled.day.at;
  const auto readings = store.readings(fund, query);
  if (readings.empty())
    base::refuse(fund.value(), "no source of it was read by " + totalled.day.at.to_string());
  FundTotalsInputs inputs;
  inputs.at = totalled.day.at;
  inputs.kept = totalled.day.kept;
  inputs.readings = totalled.day.readings;
  inputs.sent = totalled.day.sent;
  const bool has_sent = !inputs.sent.empty();
  for (const StoredReading& stored : readings) {
    const PositionReading& reading = stored.reading;
    totalled.states.push_back(reading.mark);
    StakesAtState stakes{reading.chain, reading.source, "", reading.mark, reading.positions, {}, {}};
    const auto custodian = kept_by.find(reading.source);
    if (custodian != kept_by.end()) stakes.kept_by = custodian->second;
    query.source = reading.source;
    query.from = reading.mark.at;
    for (StoredEvent& event : store.events(fund, query))
      if (event.event.key.chain == reading.chain) stakes.later.push_back(std::move(event.event));
    if (reading.chain == Chain::kCustodian && has_sent) {
      query.from = time::Instant::earliest();
      for (StoredEvent& event :
           store.events(fund, query, {EventKind::kDepositSubmitted, EventKind::kRedeemRequested}))
        stakes.asked.push_back(std::move(event.event));
    }
    inputs.stakes.push_back(std::move(stakes));
  }
  totalled.found = total_of(inputs);
  return totalled;
}

}  // namespace navkeeper::staking
