#pragma once
// Entries that come after NAVs were struck that should have had them, whoever posts them
// (domain/late_true_up.h): what the struck days are measured by, and the list by which NAVs and people know
// of them (sql/nav/0020_late_entries, late_entry). Inside the caller's transaction.
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "services/nav/adapters/books_store.h"
#include "services/nav/domain/checks.h"
#include "services/nav/domain/fund.h"
#include "services/nav/domain/late_true_up.h"

namespace navkeeper::nav {

/// Something of late_entry that the latest NAV of a day lacks: struck before it was written, or before it was
/// brought to the day (sql/nav/0024). A correction is lacking where the NAV has what it corrects; what was
/// taken back is lacking nowhere.
struct Lacking {
  time::Date day;
  books::Source source;
  std::int64_t seq = 0;
  time::Date since;
  time::Date book_date;
  bool is_on_its_day = false;  ///< booked there, so that the day is struck again
  bool is_correction = false;
};
/// Of days from `since` on, by day.
std::vector<Lacking> lacking_since(db::Transaction& transaction, const model::FundId& fund, time::Date since);

/// Of all days through `through`, what is booked on its day and the day lacks.
std::vector<Lacking> lacking_on_their_days(db::Transaction& transaction, const model::FundId& fund,
                                           time::Date through);

/// The latest version of each day from `since` on, with what it lacks.
std::vector<StruckDay> struck_since(db::Transaction& transaction, const model::FundId& fund, time::Date since,
                                    std::optional<time::Date> through = std::nullopt);

/// Days from `since` on whose latest NAV does not have that entry.
std::set<time::Date> days_without(db::Transaction& transaction, const model::FundId& fund, std::int64_t entry,
                                  time::Date since);

/// Dollars that the latest NAV of that day lacks, at its prices; half even to the cent.
money::Decimal dollars_lacking(db::Transaction& transaction, const model::FundId& fund, time::Date day);

/// What an entry did to what the fund owns and owes, by commodity and share, in the order of posting.
std::map<std::int64_t, std::vector<LateQuantity>> effects_of(db::Transaction& transaction,
                                                             const model::FundId& fund,
                                                             const std::set<std::int64_t>& entries);

/// Brings to their own days what the days of `true_up` lack and was booked later as less than an error: they
/// are struck again with it. `true_up` then answers for all days that are. Nothing where it stays as it is.
std::size_t bring_to_own_days(db::Transaction& transaction, const FundDefinition& fund,
                              std::optional<time::Date> closed_through, const Stamp& stamp,
                              const std::vector<LateQuantity>& late, TrueUp& true_up);

/// The NAV's check "late_facts": what came too late, from staking or by hand, and this NAV has is said in a
/// line; failed while a NAV before it lacks so much that it is a NAV error. Nothing where nothing was late.
std::optional<Check> check_late_facts(db::Transaction& transaction, const FundDefinition& fund,
                                      time::Date date);

/// An entry that struck NAVs lack, and that is worth something.
struct LateEntry {
  books::Source source;
  time::Date since;                   ///< the first NAV that lacks it
  time::Date book_date;               ///< as it was posted
  std::vector<LateQuantity> effects;  ///< by commodity; one at least
};
struct LateEntries {
  std::vector<LateEntry> entries;
  TrueUp true_up;         ///< of all of them together
  std::size_t moved = 0;  ///< earlier ones brought to their own days with them
};

/// Takes the lock of the books, so that nothing is struck meanwhile, and sees what is posted from then on.
class LateWatch {
 public:
  LateWatch(db::Transaction& transaction, const FundDefinition& fund);

  std::optional<time::Date> last_struck() const { return last_struck_; }
  /// The NAV whose books should have it: its date's; of an order or trade the next day's.
  time::Date due_on(time::Date date, bool is_dealing) const;

  /// Where what is the next NAV's is booked: on the day after the last struck one, or after the last closed
  /// day where that is later. There must be a struck NAV (ENSURE).
  time::Date next_day() const;

  /// What was posted since, measured on each struck day: net assets of its postings at the day's prices.
  LateEntries assess() const;
  /// Takes everything back that the transaction did since.
  void rewind();
  /// bring_to_own_days() of what belongs there.
  void bring_others(LateEntries& late, const Stamp& stamp) const;
  /// Refused: of an error what belongs into a closed period, which two people open first. `place` names it.
  void refuse_closed(const LateEntries& late, const std::string& place) const;
  /// Writes down what NAVs and people are told, after assess(). An error leaves an outbox fact and an audit
  /// record `nav_error_opened`.
  LateReport keep(const LateEntries& late, const Stamp& stamp) const;

 private:
  db::Transaction& transaction_;
  const FundDefinition& fund_;
  time::Calendar exchange_;
  struct Found {
    LateEntry entry;
    std::int64_t seq = 0;
    std::optional<std::int64_t> corrects;
  };
  /// What was posted since and is due on a struck day.
  std::vector<Found> found_since() const;

  std::int64_t entries_ = 0;
  std::optional<time::Date> closed_through_;
  std::optional<time::Date> last_struck_;
};

/// Events that people and trades tell: posted once, each on the day that the rule for late facts says
/// (POLICY.md). Below a cent a share they are booked on the day after the last struck NAV, and settle on
/// their own; a NAV error is booked on the days that lack it. Refused: what post_events refuses; a
/// `book_date` that says otherwise.
PostReport post_told(db::Transaction& transaction, const FundDefinition& fund, const PostingRules& rules,
                     std::vector<EventToPost> events, const Stamp& stamp);

/// reverse_entry(), measured likewise. It stays on the dates of what it takes back: where that is a NAV error
/// the NAVs of these days are restated.
PostReport reverse_told(db::Transaction& transaction, const model::FundId& fund, const books::Source& wrong,
                        const books::Source& source, const Stamp& stamp, const std::string& reason = "");

}  // namespace navkeeper::nav
