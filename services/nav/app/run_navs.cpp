#include "services/nav/app/run_navs.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/nav/app/cached_rates.h"
#include "services/nav/app/custody_of_a_pass.h"
#include "services/nav/app/restate_nav.h"
#include "services/nav/app/staking_of_a_pass.h"
#include "services/nav/app/take_staking.h"

namespace navkeeper::nav {

std::string_view describe(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::kStruck:
      return "struck";
    case RunOutcome::kUnchanged:
      return "unchanged";
    case RunOutcome::kRefused:
      return "refused";
    case RunOutcome::kUnavailable:
      return "unavailable";
    case RunOutcome::kWaiting:
      return "waiting";
    case RunOutcome::kClosed:
      return "closed";
    case RunOutcome::kOpen:
      return "open";
  }
  ENSURE(false);
}

namespace {

/// Funds that are read from the store at once.
constexpr std::size_t kChunkFunds = 64;

bool is_done(RunOutcome outcome) {
  return outcome == RunOutcome::kStruck || outcome == RunOutcome::kUnchanged ||
         outcome == RunOutcome::kClosed;
}
bool may_come_yet(RunOutcome outcome) {
  return outcome == RunOutcome::kWaiting || outcome == RunOutcome::kUnavailable;
}

/// What `strike` gives, as a line of the batch.
template <class Strike>
RunLine line_of(const model::FundId& fund, time::Date date, const Strike& strike) {
  RunLine line{fund, date, RunOutcome::kRefused, "", std::nullopt};
  try {
    StrikeReport report = strike();
    line.outcome = report.outcome == StrikeOutcome::kStruck ? RunOutcome::kStruck : RunOutcome::kUnchanged;
    line.nav = std::move(report.nav);
  } catch (const InputsMissing& missing) {
    line.outcome = RunOutcome::kWaiting;
    line.message = missing.what();
  } catch (const base::Refused& refused) {
    line.message = refused.what();
  } catch (const base::Conflict& conflict) {
    line.message = conflict.what();
  } catch (const base::Unavailable& unavailable) {
    line.outcome = RunOutcome::kUnavailable;
    line.message = unavailable.what();
  } catch (const base::InDoubt& in_doubt) {
    line.outcome = RunOutcome::kUnavailable;
    line.message = std::string(in_doubt.what()) + " (it may have happened: run it again)";
  }
  return line;
}

/// Document and inputs are as long as everything else together, and a batch keeps a line of every fund.
void forget_texts(RunLine& line) {
  if (!line.nav) return;
  line.nav->document.clear();
  line.nav->document.shrink_to_fit();
  line.nav->inputs.clear();
  line.nav->inputs.shrink_to_fit();
}

class Batch {
 public:
  Batch(const NavPorts& ports, const RunRequest& request, const std::function<void(const RunLine&)>& progress)
      : rates_(ports.rates),
        custody_(ports.custody),
        staking_(ports.staking),
        ports_{ports.store,
               rates_,
               ports.documents,
               ports.acts,
               ports.custody == nullptr ? nullptr : &custody_,
               ports.staking == nullptr ? nullptr : &staking_,
               ports.staking_books},
        request_(request),
        progress_(progress) {}

  /// One pass over those funds; a vector of lines for each.
  std::vector<std::vector<RunLine>> pass(const std::vector<model::FundId>& funds, time::Instant now) {
    now_ = now;
    std::vector<std::vector<RunLine>> lines(funds.size());
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    const auto work = [&] {
      try {
        for (std::size_t begin = next.fetch_add(kChunkFunds); begin < funds.size();
             begin = next.fetch_add(kChunkFunds))
          run_chunk(funds, begin, std::min(begin + kChunkFunds, funds.size()), lines);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        failure = std::current_exception();
      }
    };
    const auto chunks = static_cast<int>((funds.size() + kChunkFunds - 1) / kChunkFunds);
    std::vector<std::thread> others;
    for (int i = 1; i < std::min(request_.workers, chunks); ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
    if (failure) std::rethrow_exception(failure);
    return lines;
  }

 private:
  void run_chunk(const std::vector<model::FundId>& funds, std::size_t begin, std::size_t end,
                 std::vector<std::vector<RunLine>>& lines) {
    const std::vector<model::FundId> chunk(funds.begin() + static_cast<std::ptrdiff_t>(begin),
                                           funds.begin() + static_cast<std::ptrdiff_t>(end));
    std::vector<StrikeSight> sights;
    if (request_.from == request_.to) sights = look(chunk);
    for (std::size_t i = begin; i < end; ++i) {
      const StrikeSight* sight = sights.empty() ? nullptr : &sights[i - begin];
      lines[i] = run_fund(funds[i], sight);
    }
  }

  /// Nothing where the store could not be read: each fund then says so for itself.
  std::vector<StrikeSight> look(const std::vector<model::FundId>& chunk) {
    try {
      return ports_.store.look(chunk, request_.to);
    } catch (const base::Unavailable&) {
      return {};
    } catch (const base::Refused&) {
      return {};
    }
  }

  std::vector<RunLine> run_fund(const model::FundId& fund, const StrikeSight* sight) {
    std::vector<RunLine> lines;
    std::vector<time::Date> days;
    try {
      days = days_of(fund, sight);
    } catch (const base::Unavailable& unavailable) {
      add(lines, {fund, request_.to, RunOutcome::kUnavailable, unavailable.what(), std::nullopt});
      return lines;
    }
    if (days.empty()) add(lines, closed_line(fund, sight));
    for (const time::Date date : days) {
      const StrikeSight* seen = days.size() == 1 && date == request_.to ? sight : nullptr;
      add(lines, run_day(fund, date, seen));
      if (!is_done(lines.back().outcome)) break;
    }
    return lines;
  }

  RunLine run_day(const model::FundId& fund, time::Date date, const StrikeSight* sight) {
    const StrikeRequest strike{fund, date, request_.actor, now_, request_.again, false};
    std::string note;
    RunLine line = line_of(fund, date, [&] {
      model::require_role(strike.actor, model::Role::kMaker, "strike a NAV");
      if (take_staking_of(fund, date, sight, note)) sight = nullptr;
      if (sight == nullptr) return strike_fund(ports_, strike);
      try {
        return strike_seen(ports_, *sight, strike);
      } catch (const SightChanged&) {
        return strike_fund(ports_, strike);
      }
    });
    if (line.message.empty()) line.message = std::move(note);
    return line;
  }

  /// Whether something may have been booked, so that the fund is looked at again. A struck day is left as it
  /// is; a staking service that does not answer leaves the NAV's check unavailable and stops nothing.
  bool take_staking_of(const model::FundId& fund, time::Date date, const StrikeSight* sight,
                       std::string& note) {
    if (ports_.staking == nullptr || ports_.staking_books == nullptr || !request_.takes_staking) return false;
    const bool is_struck =
        sight != nullptr ? sight->existing.has_value() : ports_.store.find_nav(fund, date).has_value();
    if (is_struck && request_.again.empty()) return false;
    const auto stored = ports_.store.definition_on(fund, date);
    if (!stored || !plan_strike(stored->definition, date, now_).has_value()) return false;
    try {
      const StakingTaken taken = take_staking({*ports_.staking, *ports_.staking_books, ports_.store, rates_},
                                              {fund, date, request_.actor, now_, is_struck});
      return !taken.cut_offs.empty();
    } catch (const base::Unavailable& unavailable) {
      note = "staking's events were not taken: " + std::string(unavailable.what());
      return false;
    }
  }

  /// The days on which the fund can be struck at all; a day asked for alone is always tried. Empty: nothing
  /// is to be caught up and the day is closed.
  std::vector<time::Date> days_of(const model::FundId& fund, const StrikeSight* sight) {
    if (request_.from == request_.to && !request_.catches_up) return {request_.to};
    std::optional<time::Calendar> calendar;
    std::optional<time::Date> last;
    if (sight != nullptr && sight->definition) {
      calendar = sight->definition->definition.calendar();
      last = sight->last_struck;
    } else if (const auto stored = ports_.store.latest_definition(fund)) {
      calendar = stored->definition.calendar();
      if (request_.catches_up) last = ports_.store.last_struck(fund);
    }
    if (!calendar) return {request_.to};
    time::Date first = request_.from;
    if (request_.catches_up && last) first = *last < request_.to ? *last + 1 : request_.to;
    std::vector<time::Date> days;
    for (time::Date date = first; date <= request_.to; ++date) {
      if (!calendar->covers(date) || calendar->is_business_day(date)) days.push_back(date);
    }
    return days;
  }

  RunLine closed_line(const model::FundId& fund, const StrikeSight* sight) const {
    RunLine line{fund, request_.to, RunOutcome::kClosed, "is no business day of the fund", std::nullopt};
    if (sight != nullptr && sight->definition) {
      const time::Calendar calendar = sight->definition->definition.calendar();
      const std::string_view name = calendar.day_name(request_.to);
      if (!name.empty()) line.message += " (" + std::string(name) + ")";
    }
    return line;
  }

  void add(std::vector<RunLine>& lines, RunLine line) {
    forget_texts(line);
    if (progress_) {
      const std::lock_guard lock(mutex_);
      progress_(line);
    }
    lines.push_back(std::move(line));
  }

  CachedRates rates_;
  CustodyOfAPass custody_;
  StakingOfAPass staking_;
  NavPorts ports_;
  const RunRequest& request_;
  const std::function<void(const RunLine&)>& progress_;
  time::Instant now_;
  std::mutex mutex_;
};

/// When the fund is no longer waited for; nothing: it is not waited for at all. The deadline is that of the
/// run's own day, for a missed day before it too.
std::optional<time::Instant> deadline_of(NavStore& store, const model::FundId& fund, time::Date day,
                                         const RunWait& wait) {
  const auto stored = store.latest_definition(fund);
  if (!stored) return std::nullopt;
  const auto until = wait.until ? wait.until : stored->definition.batch_deadline;
  if (!until) return std::nullopt;
  const auto instant = time::local_to_instant(day, *until, stored->definition.time_zone);
  return instant.has_value() ? std::optional(*instant) : std::nullopt;
}

/// What earlier runs left for people, after the lines of this one.
void add_open_days(NavStore& store, const std::vector<model::FundId>& funds, time::Date through,
                   std::vector<RunLine>& lines) {
  std::set<std::pair<model::FundId, time::Date>> told;
  for (const RunLine& line : lines) {
    if (line.nav) told.emplace(line.fund, line.date);
  }
  std::vector<RunLine> acts;
  for (std::size_t begin = 0; begin < funds.size(); begin += kChunkFunds) {
    const std::size_t end = std::min(begin + kChunkFunds, funds.size());
    const std::vector<model::FundId> chunk(funds.begin() + static_cast<std::ptrdiff_t>(begin),
                                           funds.begin() + static_cast<std::ptrdiff_t>(end));
    try {
      auto waiting = store.unpublished(chunk, through);
      auto restated = store.restated(chunk, through);
      for (WaitingAct& act : store.waiting_acts(chunk, through))
        acts.push_back({std::move(act.fund), act.date, RunOutcome::kOpen, std::move(act.what), std::nullopt,
                        std::move(act.who), std::move(act.command)});
      for (std::size_t i = 0; i < chunk.size(); ++i) {
        // Of a restatement that is no material error nothing waits once it is approved: it is not published.
        std::erase_if(restated[i], [&](const StoredNav& nav) {
          return nav.approved_by && !is_material(store, chunk[i], nav);
        });
        waiting[i].insert(waiting[i].begin(), std::make_move_iterator(restated[i].begin()),
                          std::make_move_iterator(restated[i].end()));
        for (StoredNav& nav : waiting[i]) {
          const time::Date date = nav.summary.valuation_date;
          if (told.contains({chunk[i], date})) continue;
          lines.push_back({chunk[i], date, RunOutcome::kOpen, "", std::move(nav)});
          forget_texts(lines.back());
        }
      }
    } catch (const base::Unavailable& unavailable) {
      lines.push_back({funds[begin], through, RunOutcome::kUnavailable,
                       std::string("what waits for people could not be read: ") + unavailable.what(),
                       std::nullopt});
      break;
    }
  }
  lines.insert(lines.end(), std::make_move_iterator(acts.begin()), std::make_move_iterator(acts.end()));
}

}  // namespace

std::vector<RunLine> run_navs(const NavPorts& ports, const RunRequest& request,
                              const std::function<void(const RunLine&)>& progress, const RunWait* wait) {
  if (request.to < request.from) base::refuse("to", "is before from");
  std::vector<model::FundId> funds = request.funds;
  if (funds.empty()) {
    funds = ports.store.fund_ids();
    if (funds.empty()) base::refuse("", "there is no fund yet: navkeeper fund apply FILE.toml --as OPERATOR");
  }
  std::vector<std::vector<RunLine>> lines = Batch(ports, request, progress).pass(funds, request.now);
  while (wait != nullptr) {
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < funds.size(); ++i) {
      if (lines[i].empty() || !may_come_yet(lines[i].back().outcome)) continue;
      const auto deadline = deadline_of(ports.store, funds[i], request.to, *wait);
      if (deadline && wait->now() < *deadline) again.push_back(i);
    }
    if (again.empty()) break;
    wait->pause();
    std::vector<model::FundId> some;
    for (const std::size_t i : again) some.push_back(funds[i]);
    // Prices are asked for anew in each pass.
    std::vector<std::vector<RunLine>> retried = Batch(ports, request, progress).pass(some, wait->now());
    for (std::size_t i = 0; i < again.size(); ++i) {
      std::vector<RunLine>& kept = lines[again[i]];
      kept.pop_back();
      for (RunLine& line : retried[i]) {
        const bool is_there =
            std::any_of(kept.begin(), kept.end(), [&](const RunLine& one) { return one.date == line.date; });
        if (!is_there) kept.push_back(std::move(line));
      }
    }
  }
  std::vector<RunLine> flat;
  for (std::vector<RunLine>& some : lines)
    for (RunLine& line : some) flat.push_back(std::move(line));
  if (request.again.empty()) add_open_days(ports.store, funds, request.to, flat);
  return flat;
}

}  // namespace navkeeper::nav
