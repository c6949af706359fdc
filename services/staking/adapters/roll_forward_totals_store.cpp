// Roll-forwards of all places of an account as one: what the books of a fund are compared with. A day of ten
// thousand validators is two million rows, so the database adds them up.
#include <map>

#include "common/db/pqxx_access.h"
#include "services/staking/adapters/set_aside_store.h"
#include "services/staking/adapters/staking_store.h"

namespace navkeeper::staking {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

/// Of each account and interval the newest known, and what stood before and comes after it at its place.
const std::string kIntervals =
    "WITH newest AS (SELECT DISTINCT ON (chain, source, place, asset, account, from_ns, to_ns, from_height, "
    "to_height) * FROM roll_forward WHERE fund_id = $1 AND ($2 = '' OR source = $2) AND ($3 = '' OR place = "
    "$3) "
    "AND from_ns >= $4 AND to_ns <= $5 AND known_at_ns <= $6 AND " +
    stands("roll_forward", "to_ns", "$6") +
    " ORDER BY chain, source, place, asset, account, "
    "from_ns, to_ns, from_height, to_height, known_at_ns DESC, content_sha256) ";
const char* const kSums =
    ", chained AS (SELECT n.*, row_number() OVER place AS number, lag(closing) OVER place AS closed_before, "
    "lag(to_ns) OVER place AS ns_before, lag(to_height) OVER place AS height_before, "
    "lead(to_ns) OVER place IS NULL AS is_last, min(from_ns) OVER source AS source_from_ns, "
    "max(to_ns) OVER source AS source_to_ns FROM newest n "
    "WINDOW place AS (PARTITION BY chain, source, place, asset, account ORDER BY to_ns, to_height, from_ns), "
    "source AS (PARTITION BY chain, source)) "
    "SELECT chain, source, asset, account, count(*) AS intervals, sum(abs(difference)) AS difference, "
    "coalesce(sum(opening) FILTER (WHERE number = 1), 0) AS opening, "
    "coalesce(sum(closing) FILTER (WHERE is_last), 0) AS closing, "
    "count(*) FILTER (WHERE difference <> 0) AS not_tied, "
    "count(*) FILTER (WHERE (number > 1 AND (closed_before <> opening OR (opening <> 0 AND (ns_before <> "
    "from_ns OR "
    "height_before <> from_height)))) OR (number = 1 AND opening <> 0 AND from_ns > source_from_ns) OR "
    "(is_last AND closing <> 0 AND to_ns < source_to_ns)) AS broken, "
    "min(from_ns) AS from_ns, min(from_height) AS from_height, (array_agg(from_root ORDER BY from_ns, "
    "from_height))[1] AS from_root, max(to_ns) AS to_ns, max(to_height) AS to_height, "
    "(array_agg(to_root ORDER BY to_ns DESC, to_height DESC))[1] AS to_root "
    "FROM chained GROUP BY chain, source, asset, account ORDER BY chain, source, asset, account";
const char* const kLines =
    "SELECT chain, source, asset, account, l.kind, sum(l.amount) AS amount FROM newest JOIN "
    "roll_forward_line l "
    "USING (fund_id, chain, source, place, asset, account, from_ns, to_ns, from_height, to_height, "
    "content_sha256) GROUP BY chain, source, asset, account, l.kind";

using Line = std::tuple<std::string, std::string, std::string, std::string>;
Line line_of(const pqxx::row& row) {
  return {row["chain"].as<std::string>(), row["source"].as<std::string>(), row["asset"].as<std::string>(),
          row["account"].as<std::string>()};
}

StateMark mark_of(const pqxx::row& row, const std::string& side) {
  return {row[side + "_height"].as<std::uint64_t>(), row[side + "_root"].as<std::string>(),
          row[side + "_ns"].as<time::Instant>()};
}

}  // namespace

std::vector<RollForwardTotal> PostgresStakingStore::roll_forward_totals(const model::FundId& fund,
                                                                        const StakingQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        const auto ask = [&](const char* what) {
          return db::query(transaction, kIntervals + what, fund, query.source, query.place, query.from,
                           query.as_of, query.known_at);
        };
        std::map<Line, std::map<EventKind, money::Decimal>> sums;
        for (const auto& row : ask(kLines))
          sums[line_of(row)][*parse_event_kind(row["kind"].as<std::string>())] =
              row["amount"].as<money::Decimal>();
        std::vector<RollForwardTotal> totals;
        for (const auto& row : ask(kSums)) {
          RollForwardTotal total;
          total.key = {*parse_chain(row["chain"].as<std::string>()), row["source"].as<std::string>(), "",
                       db::name_of<model::AssetId>(row["asset"])};
          total.account = *parse_account(row["account"].as<std::string>());
          total.from = mark_of(row, "from");
          total.to = mark_of(row, "to");
          total.opening = row["opening"].as<money::Decimal>();
          total.closing = row["closing"].as<money::Decimal>();
          total.difference = row["difference"].as<money::Decimal>();
          total.intervals = row["intervals"].as<std::int64_t>();
          total.not_tied = row["not_tied"].as<std::int64_t>();
          total.broken = row["broken"].as<std::int64_t>();
          for (const auto& [kind, amount] : sums[line_of(row)]) total.lines.push_back({kind, amount});
          totals.push_back(std::move(total));
        }
        return totals;
      },
      kReading);
}

}  // namespace navkeeper::staking
