#include "services/nav/adapters/staking_period_store.h"

#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_store.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

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

std::optional<Check> check_late_facts(db::Transaction& transaction, const FundDefinition& fund,
                                      time::Date date) {
  Check check{"late_facts", CheckStatus::kPassed, ""};
  check.threshold = "below " + fund.tolerances.nav_error_per_share.to_string() + " a share";
  Decimal worst;
  const auto tell = [&](const pqxx::row& row, const std::string& more) {
    const auto per_share = row["per_share"].as<Decimal>();
    if (per_share.abs() > worst.abs()) worst = per_share;
    const auto source = row["source"].as<std::string>();
    check.detail += (check.detail.empty() ? "" : "; ") + row["quantity"].as<Decimal>().to_string() + " " +
                    row["asset"].as<std::string>() + " of " + row["since"].as<std::string>() + " (" +
                    (source == "facts" ? "" : source + " ") + row["source_id"].as<std::string>() + ", " +
                    row["dollars"].as<Decimal>().to_string() + " dollars)" + more;
  };
  for (const auto& row : db::query(
           transaction,
           "SELECT source, source_id, since::text AS since, asset, quantity, dollars, per_share FROM "
           "late_entry l WHERE fund_id = $1 AND treatment = 'next_strike' AND quantity <> 0 AND "
           "book_date <= $2 AND (book_date > coalesce((SELECT max(valuation_date) FROM nav WHERE fund_id "
           "= $1 AND valuation_date < $2), '-infinity') OR (source = 'reversal' AND known_at_ns > "
           "(SELECT max(struck_at_ns) FROM nav WHERE fund_id = $1 AND valuation_date < $2))) AND NOT "
           "EXISTS (SELECT FROM entry e JOIN entry r ON r.fund_id = e.fund_id AND r.reverses = e.seq "
           "WHERE e.fund_id = l.fund_id AND e.source = l.source AND e.source_id = l.source_id) ORDER BY "
           "since, source, source_id",
           fund.id, date.to_string()))
    tell(row, " came late and is in this NAV");
  // A day lacks neither an entry and its correction, nor what was there when it was struck.
  for (const auto& row : db::query(
           transaction,
           "SELECT l.source, l.source_id, l.since::text AS since, l.asset, l.quantity, l.dollars, "
           "l.per_share, max(n.valuation_date)::text AS last, bool_or(EXISTS (SELECT FROM nav_publication p "
           "WHERE p.fund_id = l.fund_id AND p.valuation_date = l.since)) AS is_published FROM late_entry l "
           "JOIN (SELECT fund_id, valuation_date, max(struck_at_ns) AS struck_at_ns FROM nav GROUP BY "
           "fund_id, valuation_date) n ON n.fund_id = l.fund_id AND n.valuation_date >= l.since AND "
           "n.valuation_date < $2 AND n.struck_at_ns < l.known_at_ns LEFT JOIN entry e ON e.fund_id = "
           "l.fund_id AND e.source = l.source AND e.source_id = l.source_id WHERE l.fund_id = $1 AND "
           "l.treatment = 'nav_error' AND NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND "
           "r.reverses = e.seq) AND NOT EXISTS (SELECT FROM entry o WHERE o.fund_id = e.fund_id AND o.seq = "
           "e.reverses AND o.known_at_ns > n.struck_at_ns) GROUP BY l.source, l.source_id, l.since, l.asset, "
           "l.quantity, l.dollars, l.per_share ORDER BY l.since, l.source, l.source_id",
           fund.id, date.to_string())) {
    check.status = CheckStatus::kFailed;
    const auto since = row["since"].as<std::string>();
    const auto last = row["last"].as<std::string>();
    tell(row, row["is_published"].as<bool>()
                  ? " is a NAV error: navkeeper nav restate " + fund.id.value() + " " + since +
                        " --through " + last + " --reason WHY --as MAKER"
                  : " is an error of NAVs that nobody published: navkeeper nav run --date " + since +
                        " --fund " + fund.id.value() + " --again WHY --as MAKER, and so on to " + last);
  }
  if (check.detail.empty()) return std::nullopt;
  check.measured = worst.to_string();
  return check;
}

}  // namespace navkeeper::nav
