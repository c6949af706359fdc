#include "services/custody/app/reconcile_days.h"

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::custody {
namespace {

/// A custodian is asked often: what is older says nothing new.
constexpr int kRunsLooked = 50;

/// Whether an asking that was not all done told balances after the instant and lists of what moved up to it:
/// one coin that is left out, or whose name cannot be read, makes nobody wait for the others.
bool is_read_in_part(CustodyStore& facts, const model::FundId& fund, const std::string& source,
                     time::Instant at) {
  const auto transfers = facts.whole_until(fund, source, RecordKind::kTransfer);
  const auto rewards = facts.whole_until(fund, source, RecordKind::kReward);
  if (!transfers || *transfers < at || (rewards && *rewards < at)) return false;
  CustodyQuery query;
  query.source = source;
  query.told_only = true;
  const std::vector<StoredBalance> told = facts.balances(fund, query);
  return std::any_of(told.begin(), told.end(),
                     [&](const StoredBalance& stored) { return stored.balance.as_of >= at; });
}

void add_reason(std::string& reasons, const std::string& reason) {
  reasons += (reasons.empty() ? "" : "; ") + reason;
}

}  // namespace

std::string_view describe(DayState state) {
  switch (state) {
    case DayState::kNotValued:
      return "not_valued";
    case DayState::kWaiting:
      return "waiting";
    case DayState::kFailed:
      return "failed";
    case DayState::kDone:
      return "done";
  }
  return "";
}

std::optional<DayState> parse_day_state(std::string_view word) {
  for (const DayState state :
       {DayState::kNotValued, DayState::kWaiting, DayState::kFailed, DayState::kDone}) {
    if (describe(state) == word) return state;
  }
  return std::nullopt;
}

std::vector<ReconciledDay> DayReconciler::pass(const ReconcileDaysPorts& ports, const WatchedFund& fund,
                                               time::Instant now) {
  const time::Date today = time::utc_date(now);
  const std::vector<ReconciledDay> known = ports.days.days(fund.fund, today - terms_.days_back);
  // It begins with the day on which it first looked at the fund.
  const time::Date first = known.empty() ? today : known.front().date;
  std::vector<ReconciledDay> changed;
  for (time::Date date = first; date <= today; ++date) {
    const auto before =
        std::find_if(known.begin(), known.end(), [&](const ReconciledDay& day) { return day.date == date; });
    if (before != known.end() && before->state == DayState::kDone) continue;
    ReconciledDay day = look(ports, fund, date, now);
    if (before != known.end() && before->state == day.state && before->detail == day.detail) continue;
    if (day.state != DayState::kDone) ports.days.note(fund.fund, day);
    changed.push_back(std::move(day));
  }
  std::erase_if(valued_, [&](const auto& one) { return one.first.second < today - terms_.days_back; });
  std::erase_if(failed_, [&](const auto& one) { return one.first.second < today - terms_.days_back; });
  std::erase_if(read_, [&](const auto& one) { return one.first.first.second < today - terms_.days_back; });
  return changed;
}

ReconciledDay DayReconciler::look(const ReconcileDaysPorts& ports, const WatchedFund& fund, time::Date date,
                                  time::Instant now) {
  ReconciledDay day{date, DayState::kWaiting, {}, {}, now};
  const Valued& point = valued(ports.books, fund.fund, date, now);
  if (!point.at) {
    day.state = point.is_away ? DayState::kFailed : DayState::kNotValued;
    day.detail = point.why;
    return day;
  }
  if (now < *point.at) {
    day.detail = "for its valuation point, " + point.at->to_string();
    return day;
  }
  const std::string lacks = missing(ports, fund, date, *point.at, now);
  if (!lacks.empty() && now - *point.at < terms_.wait_max) {
    day.detail = "for " + lacks;
    return day;
  }
  const Day key{fund.fund.value(), date};
  if (const auto tried = failed_.find(key); tried != failed_.end()) {
    const time::Instant at = tried->second.known_at;
    if (at <= now && now - at < terms_.ask_every) return tried->second;
  }
  try {
    if (!lacks.empty()) day.detail = "without " + lacks;
    const ReconcileReport report =
        reconcile_fund({ports.books, ports.facts, ports.store, ports.documents},
                       {fund.fund, date, terms_.reconciliation, actor_, now, day.detail});
    day.state = DayState::kDone;
    day.number = report.stored.number;
    failed_.erase(key);
    return day;
  } catch (const base::Refused& refused) {
    day.detail = refused.what();
  } catch (const base::Unavailable& unavailable) {
    day.detail = unavailable.what();
  }
  day.state = DayState::kFailed;
  failed_.insert_or_assign(key, day);
  return day;
}

const DayReconciler::Valued& DayReconciler::valued(BooksSource& books, const model::FundId& fund,
                                                   time::Date date, time::Instant now) {
  Valued& point = valued_[{fund.value(), date}];
  const bool is_fresh = point.asked_at <= now && now - point.asked_at < terms_.ask_every;
  if (is_fresh && (point.at || !point.why.empty())) return point;
  point = {now, std::nullopt, "", false};
  try {
    point.at = books.valued_at(fund, date);
  } catch (const base::Refused& refused) {
    point.why = refused.what();
  } catch (const base::Unavailable& unavailable) {
    point.why = unavailable.what();
    point.is_away = true;
  }
  return point;
}

/// Whose reading of the valuation point is not there yet; empty: nobody's.
std::string DayReconciler::missing(const ReconcileDaysPorts& ports, const WatchedFund& fund, time::Date date,
                                   time::Instant at, time::Instant now) {
  std::string reasons;
  for (const std::string& source : fund.custodians) {
    CustodyQuery query;
    query.source = source;
    const std::vector<SyncRun> runs = ports.facts.runs(fund.fund, query, kRunsLooked);
    const bool is_read = std::any_of(runs.begin(), runs.end(), [&](const SyncRun& run) {
      return run.outcome == SyncOutcome::kDone && run.started_at >= at;
    });
    if (!is_read && !is_read_in_part(ports.facts, fund.fund, source, at))
      add_reason(reasons, "a reading of " + source + " after " + at.to_string());
  }
  for (const std::string& source : fund.chains) {
    Read& read = read_[{{fund.fund.value(), date}, source}];
    const bool is_fresh = read.asked_at <= now && now - read.asked_at < terms_.ask_every;
    if (!read.is_done && (!is_fresh || read.why.empty())) {
      const SyncReport report = ports.read_chain(fund.fund, source, at);
      read = {now, report.run.outcome == SyncOutcome::kDone, report.run.detail};
    }
    if (!read.is_done) add_reason(reasons, source + " at " + at.to_string() + ": " + read.why);
  }
  return reasons;
}

}  // namespace navkeeper::custody
