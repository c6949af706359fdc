#include "services/nav/adapters/staking_day_store.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"

namespace navkeeper::nav {
namespace {

time::Date date_of(const pqxx::field& field) { return time::Date::literal(field.as<std::string>()); }

StakingCutOff cut_off_of(const pqxx::row& row) {
  return {row["chain"].as<std::string>(), row["source"].as<std::string>(), row["height"].as<std::uint64_t>(),
          row["root"].as<std::string>(), row["at_ns"].as<time::Instant>()};
}

std::vector<StakingCutOff> cut_offs_on(db::Transaction& transaction, const model::FundId& fund,
                                       time::Date date) {
  std::vector<StakingCutOff> found;
  for (const auto& row :
       db::query(transaction,
                 "SELECT DISTINCT ON (chain, source) * FROM staking_cut_off WHERE fund_id = $1 AND "
                 "valuation_date = $2 ORDER BY chain, source, at_ns DESC, height DESC",
                 fund, date.to_string()))
    found.push_back(cut_off_of(row));
  return found;
}

}  // namespace

DayOfStaking day_of_staking(db::Transaction& transaction, const model::FundId& fund,
                            const StakingDay& asked) {
  DayOfStaking day;
  const std::string date = asked.date.to_string();
  const auto rows =
      db::query(transaction,
                "SELECT max(valuation_date)::text AS last, bool_or(valuation_date = $2) AS is_struck, "
                "EXISTS (SELECT FROM nav_publication WHERE fund_id = $1 AND valuation_date = $2) AS "
                "is_published, EXISTS (SELECT FROM staking_cut_off WHERE fund_id = $1 AND valuation_date > "
                "$2) AS is_followed, (SELECT max(valuation_date)::text FROM staking_cut_off WHERE fund_id = "
                "$1 AND valuation_date < $2) AS taken_before, (SELECT closed_through FROM books_head WHERE "
                "fund_id = $1)::text AS closed_through FROM nav WHERE fund_id = $1",
                fund, date);
  const auto row = rows[0];
  if (!row["last"].is_null()) {
    day.last_struck = date_of(row["last"]);
    day.is_struck = row["is_struck"].as<bool>();
  } else if (!row["taken_before"].is_null()) {
    day.taken_before = date_of(row["taken_before"]);
  }
  if (!row["closed_through"].is_null()) day.closed_through = date_of(row["closed_through"]);
  const bool is_followed = row["is_followed"].as<bool>();
  day.moves = !is_followed && (!day.is_struck || (asked.moves_struck && *day.last_struck == asked.date &&
                                                  !row["is_published"].as<bool>()));
  day.cut_offs = day.moves ? asked.cut_offs : cut_offs_on(transaction, fund, asked.date);
  day.is_first = is_followed && !day.is_struck && day.cut_offs.empty();
  if (day.is_first) day.cut_offs = asked.cut_offs;
  return day;
}

void check_cut_offs(db::Transaction& transaction, const model::FundId& fund,
                    const std::vector<StakingCutOff>& cut_offs) {
  for (const auto& row :
       db::query(transaction,
                 "SELECT DISTINCT ON (chain, source) * FROM staking_cut_off WHERE fund_id = $1 "
                 "ORDER BY chain, source, at_ns DESC, height DESC",
                 fund)) {
    const StakingCutOff stands = cut_off_of(row);
    const auto told = std::find_if(cut_offs.begin(), cut_offs.end(), [&](const StakingCutOff& one) {
      return one.chain == stands.chain && one.source == stands.source;
    });
    const std::string where = fund.value() + " " + stands.source;
    if (told == cut_offs.end())
      base::refuse(where, "staking tells nothing of it any more; the books were posted up to its state at " +
                              stands.at.to_string());
    if (told->at < stands.at)
      base::refuse(where, "staking's last final state is of " + told->at.to_string() + ", before that of " +
                              stands.at.to_string() + " which the books have");
    if (told->at == stands.at && *told != stands)
      base::refuse(where, "staking tells another state at " + stands.at.to_string() +
                              " than the one that the books were posted to");
  }
}

void check_first(db::Transaction& transaction, const model::FundId& fund, const StakingDay& asked) {
  for (const StakingCutOff& one : asked.cut_offs) {
    const auto rows =
        db::query(transaction,
                  "SELECT min(b.valuation_date)::text, count(*) FROM staking_booked b JOIN staking_event e "
                  "USING (fund_id, event_id) WHERE b.fund_id = $1 AND b.valuation_date > $2 AND b.fact_id IS "
                  "NOT NULL AND e.chain = $3 AND e.source = $4 AND e.at_ns <= $5",
                  fund, asked.date.to_string(), one.chain, one.source, one.at);
    if (rows[0][0].is_null()) continue;
    base::refuse(fund.value() + " " + asked.date.to_string(),
                 rows[0][1].as<std::string>() + " of staking's events up to then are booked for the NAV of " +
                     rows[0][0].as<std::string>() +
                     ", at its prices, for there were none of this day: the first NAV is of that day or "
                     "later");
  }
}

time::Date books_opening(db::Transaction& transaction, const FundDefinition& fund) {
  const auto first = db::optional_of<time::Date>(
      db::query(transaction, "SELECT min(trade_date) FROM entry WHERE fund_id = $1 AND source <> 'facts'",
                fund.id)[0][0]);
  return first ? std::max(*first, fund.inception) : fund.inception;
}

}  // namespace navkeeper::nav
