#include "services/nav/adapters/staking_period_store.h"

#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_store.h"

namespace navkeeper::nav {
namespace {

StakingCutOff cut_off_of(const pqxx::row& row) {
  return {row["chain"].as<std::string>(), row["source"].as<std::string>(), row["height"].as<std::uint64_t>(),
          row["root"].as<std::string>(), row["at_ns"].as<time::Instant>()};
}

}  // namespace

std::map<std::string, StakingPeriod> load_staking_periods(db::Transaction& transaction,
                                                          std::span<const std::string> funds,
                                                          time::Date date) {
  const std::string wanted = array_of(funds);
  std::map<std::string, StakingPeriod> periods;
  for (const auto& row :
       db::query(transaction,
                 "SELECT DISTINCT ON (fund_id, chain, source) * FROM staking_cut_off WHERE fund_id = "
                 "ANY($1::text[]) AND valuation_date = $2 ORDER BY fund_id, chain, source, at_ns DESC, "
                 "height DESC",
                 wanted, date.to_string()))
    periods[row["fund_id"].as<std::string>()].to.push_back(cut_off_of(row));
  if (periods.empty()) return periods;
  for (const auto& row : db::query(
           transaction,
           "SELECT DISTINCT ON (c.fund_id, c.chain, c.source) c.* FROM staking_cut_off c WHERE c.fund_id = "
           "ANY($1::text[]) AND c.valuation_date < $2 AND EXISTS (SELECT FROM nav n WHERE n.fund_id = "
           "c.fund_id AND n.valuation_date = c.valuation_date) ORDER BY c.fund_id, c.chain, c.source, "
           "c.valuation_date DESC, c.at_ns DESC, c.height DESC",
           wanted, date.to_string())) {
    const auto period = periods.find(row["fund_id"].as<std::string>());
    if (period != periods.end()) period->second.from.push_back(cut_off_of(row));
  }
  return periods;
}

}  // namespace navkeeper::nav
