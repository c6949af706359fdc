#pragma once
// Reconciles a fund's valuation days by itself: each once, after its valuation point has come, the chains
// were read at it and the custodians after it. What it waits for and why it fails is kept; a process that is
// killed anywhere goes on where it was, since a day is done by the transaction that stores its
// reconciliation.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/custody/app/reconcile.h"

namespace navkeeper::custody {

enum class DayState {
  kNotValued,  ///< the fund is not valued on the day, in nav's words; asked again for some days
  kWaiting,    ///< for its valuation point, for readings; the detail says which
  kFailed,     ///< tried again; the detail says why
  kDone,
};
std::string_view describe(DayState state);  ///< "not_valued", "waiting", "failed", "done"
std::optional<DayState> parse_day_state(std::string_view word);

struct ReconciledDay {
  time::Date date;
  DayState state = DayState::kWaiting;
  std::string detail{};
  std::optional<int> number{};  ///< of its reconciliation; of a day that is done
  time::Instant known_at{};
};

class ReconciledDayStore {
 public:
  virtual ~ReconciledDayStore() = default;
  /// The newest state of each day from `from` on, by day.
  virtual std::vector<ReconciledDay> days(const model::FundId& fund, time::Date from) = 0;
  /// Added; a day that is done stays done.
  virtual void note(const model::FundId& fund, const ReconciledDay& day) = 0;
};

/// A fund and whom to read before it is reconciled.
struct WatchedFund {
  model::FundId fund;
  std::vector<std::string> custodians;  ///< sources that another job reads again and again
  std::vector<std::string> chains;      ///< sources that this one reads at the valuation point
};

struct ReconcileDaysPorts {
  BooksSource& books;
  CustodyStore& facts;
  /// Its save() makes the day done, in the same transaction.
  ReconciliationStore& store;
  ReconciliationDocuments& documents;
  ReconciledDayStore& days;
  /// Reads a chain at its last block made at or before an instant, and stores what it says.
  std::function<SyncReport(const model::FundId& fund, const std::string& source, time::Instant at)>
      read_chain;
};

struct ReconcileDaysTerms {
  ReconciliationTerms reconciliation;
  /// So long after the valuation point readings are waited for; then what there is is compared, and what is
  /// missing makes its lines unsure.
  time::Duration wait_max = time::Duration::hours(1);
  int days_back = 10;                                      ///< a day that old is left as it is
  time::Duration ask_every = time::Duration::seconds(30);  ///< what did not answer, and nav about a day
};

/// Remembers between passes whom it asked when; otherwise everything is in the store.
class DayReconciler {
 public:
  DayReconciler(ReconcileDaysTerms terms, model::Actor actor)
      : terms_(std::move(terms)), actor_(std::move(actor)) {}

  /// One look at all days of the fund. Gives the days whose state changed. Throws what the stores throw;
  /// what nav and the chains refuse or do not answer is a day's state.
  std::vector<ReconciledDay> pass(const ReconcileDaysPorts& ports, const WatchedFund& fund,
                                  time::Instant now);

 private:
  using Day = std::pair<std::string, time::Date>;  ///< of a fund
  struct Valued {
    time::Instant asked_at;
    std::optional<time::Instant> at;  ///< nothing: nav says why not
    std::string why;
    bool is_away = false;
  };
  struct Read {
    time::Instant asked_at;
    bool is_done = false;
    std::string why;
  };

  ReconciledDay look(const ReconcileDaysPorts& ports, const WatchedFund& fund, time::Date date,
                     time::Instant now);
  const Valued& valued(BooksSource& books, const model::FundId& fund, time::Date date, time::Instant now);
  std::string missing(const ReconcileDaysPorts& ports, const WatchedFund& fund, time::Date date,
                      time::Instant at, time::Instant now);

  ReconcileDaysTerms terms_;
  model::Actor actor_;
  std::map<Day, Valued> valued_;
  std::map<std::pair<Day, std::string>, Read> read_;
  std::map<Day, ReconciledDay> failed_;
};

}  // namespace navkeeper::custody
