#include "services/custody/adapters/break_register.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"

namespace navkeeper::custody {
namespace {

FoundBreak found_of(const pqxx::row& row) {
  FoundBreak found;
  found.key = row["key"].as<std::string>();
  found.asset = row["asset"].as<std::string>();
  found.place = row["place"].as<std::string>();
  found.level = *parse_break_level(row["level"].as<std::string>());
  found.type = *parse_break_type(row["type"].as<std::string>());
  found.amount = row["amount"].as<money::Decimal>();
  found.dollars = db::optional_of<money::Decimal>(row["dollars"]);
  found.is_over_tolerance = row["is_over_tolerance"].as<bool>();
  found.is_self_explained = row["is_self_explained"].as<bool>();
  found.detail = row["detail"].as<std::string>();
  return found;
}

BreakAct act_of(const pqxx::row& row) {
  BreakAct act{row["seq"].as<int>(), *parse_break_act_kind(row["kind"].as<std::string>()),
               db::name_of<model::ActorId>(row["actor"]), row["known_at_ns"].as<time::Instant>()};
  act.text = row["body"].as<std::string>();
  if (!row["evidence"].is_null()) act.evidence = row["evidence"].as<std::string>();
  if (!row["type"].is_null()) act.type = *parse_break_type(row["type"].as<std::string>());
  if (!row["amount"].is_null()) act.amount = row["amount"].as<money::Decimal>();
  act.about = db::optional_of<time::Date>(row["about"]);
  if (!row["of_seq"].is_null()) act.of_seq = row["of_seq"].as<int>();
  return act;
}

std::vector<ReconciliationMark> marks_of(db::Transaction& transaction, const model::FundId& fund,
                                         const BreakQuery& query) {
  std::vector<ReconciliationMark> marks;
  for (const auto& row : db::query(transaction,
                                   "SELECT recon_date, number FROM reconciliation WHERE fund_id = $1"
                                   " AND ($2::date IS NULL OR recon_date <= $2::date) AND known_at_ns <= $3",
                                   fund, query.as_of, query.known_at))
    marks.push_back({row["recon_date"].as<time::Date>(), row["number"].as<int>()});
  return marks;
}

std::map<std::string, std::vector<BreakAct>> acts_of(db::Transaction& transaction, const model::FundId& fund,
                                                     const std::string& id, time::Instant known_at) {
  std::map<std::string, std::vector<BreakAct>> acts;
  for (const auto& row : db::query(transaction,
                                   "SELECT * FROM break_act WHERE fund_id = $1 AND ($2 = '' OR break_id = $2)"
                                   " AND known_at_ns <= $3 ORDER BY break_id, seq",
                                   fund, id, known_at))
    acts[row["break_id"].as<std::string>()].push_back(act_of(row));
  return acts;
}

/// Breaks that a reconciliation found at the assets and places of some of its lines.
struct FoundAt {
  ReconciliationMark mark;
  RowSpan rows;
};

pqxx::result sightings_of(db::Transaction& transaction, const model::FundId& fund, const FoundAt& at,
                          const BreakQuery& query) {
  // The last row's number in 64 bits: "all" is the greatest of 32.
  const std::int64_t last = std::int64_t{at.rows.after} + at.rows.count;
  return db::query(
      transaction,
      // Found first, then joined: a semi-join without statistics compares every two of them.
      "WITH found AS MATERIALIZED (SELECT DISTINCT break_id FROM break_sighting WHERE fund_id = $1"
      " AND recon_date = $2 AND number = $3 AND line_no > $5 AND line_no <= $6::bigint)"
      " SELECT s.* FROM found JOIN break_sighting s ON s.fund_id = $1 AND s.break_id = found.break_id"
      " JOIN reconciliation r USING (fund_id, recon_date, number)"
      " WHERE s.recon_date <= $2 AND r.known_at_ns <= $4",
      fund, at.mark.date, at.mark.number, query.known_at, at.rows.after, last);
}

using Sightings = std::map<std::string, std::vector<BreakSighting>>;  // by break
using Unit = std::pair<std::string_view, std::string_view>;           // asset, place

/// Of the units of these breaks: the reconciliations in which their lines were unsure or not covered.
std::map<std::pair<std::string, std::string>, std::vector<ReconciliationMark>> not_looked_at(
    db::Transaction& transaction, const model::FundId& fund, const Sightings& sightings) {
  std::set<Unit> units;
  for (const auto& [break_id, seen] : sightings)
    units.emplace(seen.front().found.asset, seen.front().found.place);
  json::Writer asked;
  asked.begin_array();
  for (const auto& [asset, place] : units) asked.begin_array().string(asset).string(place).end_array();
  asked.end_array();
  std::map<std::pair<std::string, std::string>, std::vector<ReconciliationMark>> found;
  for (const auto& row :
       db::query(transaction,
                 "WITH unit AS MATERIALIZED (SELECT u ->> 0 AS asset, u ->> 1 AS place"
                 " FROM jsonb_array_elements($2::jsonb) AS units (u))"
                 " SELECT asset, place, recon_date, number FROM unit JOIN reconciliation_line"
                 " USING (asset, place) WHERE fund_id = $1 AND status IN ('unsure', 'not_covered')",
                 fund, asked.take()))
    found[{row["asset"].as<std::string>(), row["place"].as<std::string>()}].push_back(
        {row["recon_date"].as<time::Date>(), row["number"].as<int>()});
  return found;
}

std::vector<StoredBreak> states_of(db::Transaction& transaction, const model::FundId& fund,
                                   const std::vector<ReconciliationMark>& marks, const Sightings& sightings,
                                   const std::map<std::string, std::vector<BreakAct>>& acts) {
  std::vector<StoredBreak> found;
  if (sightings.empty()) return found;
  const auto unlooked = not_looked_at(transaction, fund, sightings);
  for (const auto& [break_id, seen] : sightings) {
    const auto done = acts.find(break_id);
    const auto not_at = unlooked.find({seen.front().found.asset, seen.front().found.place});
    auto state =
        break_state({marks, not_at == unlooked.end() ? std::vector<ReconciliationMark>{} : not_at->second},
                    seen, done == acts.end() ? std::vector<BreakAct>{} : done->second);
    if (state) found.push_back({break_id, *std::move(state)});
  }
  std::sort(found.begin(), found.end(), [](const StoredBreak& a, const StoredBreak& b) {
    return std::tie(a.state.first_seen, a.state.found.asset, a.id) <
           std::tie(b.state.first_seen, b.state.found.asset, b.id);
  });
  return found;
}

Sightings by_break(const pqxx::result& rows) {
  Sightings sightings;
  for (const auto& row : rows)
    sightings[row["break_id"].as<std::string>()].push_back(
        {{row["recon_date"].as<time::Date>(), row["number"].as<int>()}, found_of(row)});
  return sightings;
}

/// Those of the day, and those of the newest other day: what is not cleared was found by one of them, or is
/// at a line at which one of them could not look.
std::vector<ReconciliationMark> marks_beside(const std::vector<ReconciliationMark>& marks, time::Date day) {
  std::optional<time::Date> other;
  for (const ReconciliationMark& mark : marks) {
    if (mark.date != day && (!other || *other < mark.date)) other = mark.date;
  }
  std::vector<ReconciliationMark> found;
  for (const ReconciliationMark& mark : marks) {
    if (mark.date == day || mark.date == other) found.push_back(mark);
  }
  return found;
}

std::string break_event(const std::string& id, const FoundBreak& found, time::Date date) {
  json::Writer writer;
  writer.begin_object()
      .member("amount", found.amount)
      .member("asset", found.asset)
      .member("break", id)
      .member("date", date.to_string())
      .member("type", describe(found.type))
      .end_object();
  return writer.take();
}

}  // namespace

std::vector<StoredBreak> load_breaks(db::Transaction& transaction, const model::FundId& fund,
                                     const std::string& id, const BreakQuery& query) {
  const auto sightings = by_break(
      db::query(transaction,
                "SELECT s.* FROM break_sighting s JOIN reconciliation r USING (fund_id, recon_date, number)"
                " WHERE s.fund_id = $1 AND ($2 = '' OR s.break_id = $2)"
                " AND ($3::date IS NULL OR s.recon_date <= $3::date) AND r.known_at_ns <= $4",
                fund, id, query.as_of, query.known_at));
  return states_of(transaction, fund, marks_of(transaction, fund, query), sightings,
                   acts_of(transaction, fund, id, query.known_at));
}

std::vector<StoredBreak> breaks_found_at(db::Transaction& transaction, const model::FundId& fund,
                                         const ReconciliationMark& mark, const RowSpan& rows,
                                         time::Instant known_at) {
  const BreakQuery query{mark.date, known_at};
  std::vector<ReconciliationMark> marks = marks_of(transaction, fund, query);
  // A later reconciliation of the day does not change what this one found.
  std::erase_if(marks, [&](const ReconciliationMark& one) { return mark < one; });
  return states_of(transaction, fund, marks, by_break(sightings_of(transaction, fund, {mark, rows}, query)),
                   acts_of(transaction, fund, "", known_at));
}

std::vector<StoredBreak> breaks_near(db::Transaction& transaction, const model::FundId& fund,
                                     time::Date day) {
  const std::vector<ReconciliationMark> marks = marks_of(transaction, fund, {});
  Sightings sightings;
  for (const ReconciliationMark& mark : marks_beside(marks, day)) {
    for (auto& [id, seen] : by_break(db::query(
             transaction,
             // Found by it, or at a line at which it could not look.
             "WITH unlooked AS MATERIALIZED (SELECT asset, place FROM reconciliation_line WHERE fund_id = $1"
             " AND recon_date = $2 AND number = $3 AND status IN ('unsure', 'not_covered')),"
             " found AS MATERIALIZED (SELECT break_id FROM break_sighting WHERE fund_id = $1"
             " AND recon_date = $2 AND number = $3"
             " UNION SELECT break_id FROM unlooked JOIN break_sighting USING (asset, place) WHERE fund_id = "
             "$1)"
             " SELECT s.* FROM found JOIN break_sighting s ON s.fund_id = $1 AND s.break_id = found.break_id",
             fund, mark.date, mark.number)))
      sightings.insert_or_assign(id, std::move(seen));
  }
  return states_of(transaction, fund, marks, sightings,
                   acts_of(transaction, fund, "", time::Instant::latest()));
}

void announce_breaks(db::Transaction& transaction, const model::FundId& fund,
                     const std::vector<StoredBreak>& before, const std::vector<StoredBreak>& after,
                     time::Instant known_at) {
  const auto is_there = [](const StoredBreak& one) { return one.state.status != BreakStatus::kCleared; };
  const auto tell = [&](const char* kind, const StoredBreak& one) {
    db::append_event(transaction, fund.value(),
                     {0, kind, break_event(one.id, one.state.found, one.state.last_seen), known_at.ns()});
  };
  std::map<std::string, const StoredBreak*> open;  // before, and not known to be open now
  for (const StoredBreak& one : before) {
    if (is_there(one)) open.emplace(one.id, &one);
  }
  for (const StoredBreak& one : after) {
    if (!is_there(one)) continue;
    if (open.erase(one.id) == 0) tell("break_opened", one);
  }
  for (const StoredBreak& one : after) {
    if (open.erase(one.id) != 0) tell("break_cleared", one);
  }
  // Found that day alone, and not found any more by its last reconciliation.
  for (const auto& [id, one] : open) tell("break_cleared", *one);
}

}  // namespace navkeeper::custody
