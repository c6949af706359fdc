#pragma once
// What the journal itself asks of an entry, beside the rules of what happened (books.h): that its dates are
// in order, that its period is open, and that the share register keeps the order of dates around a split.
//
// A split multiplies the shares that are in the register when it is posted. A share change dated before a
// split but posted after it would be in old shares among new ones, and a change that the split had multiplied
// cannot be taken back as it was. So what comes late is dated on the split's day or since, in new shares.
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "services/nav/domain/books/event.h"
#include "services/nav/domain/books/journal.h"

namespace navkeeper::nav::books {

/// In the order in which they are tried.
enum class AdmissionRefusal {
  kDatesOutOfOrder,     ///< a book or settlement date before the trade date
  kClosedPeriod,        ///< the book date lies in a closed period
  kReversalOfReversal,  ///< a reversal is not reversed: the entry is posted anew
  kReversedBefore,      ///< each entry is reversed once
  kSharesBeforeSplit,   ///< a share change dated before a split that is in the books
  kSplitBeforeShares,   ///< a split dated before a share change that is in the books, but for orders of its
                        ///< day
  kSplitSince,          ///< taking back a share change that a later split multiplied
  kSharesSince,         ///< taking back a split after which shares changed
  kSharesNotThereYet,   ///< more shares would be redeemed than there were on a day since
};
std::string_view describe(AdmissionRefusal refusal);

template <class T>
using Admitted = base::Result<T, AdmissionRefusal>;

/// What an entry does to the share register.
enum class RegisterEffect { kNone, kChange, kSplit };
RegisterEffect register_effect(const Happening& happening);

/// Of the entries that stand: neither reversed nor reversals.
struct JournalState {
  std::optional<time::Date> closed_through;  ///< the last day that is closed
  std::optional<time::Date> last_split;      ///< the latest trade date of a split
  /// Of all entries that change shares, splits and reversals too, booked after the first event that is now to
  /// be posted; some of the same dates may be one.
  struct ShareChange {
    time::Date trade_date;
    time::Date book_date;
    Units change;
    bool stands = true;  ///< not only of entries that were reversed and of their reversals
  };
  std::vector<ShareChange> later_shares;
};

/// Whether a change of shares counts in the new shares of a split of `split`: an order of that day, which is
/// booked on the next, whether it was posted before the split or after.
bool is_in_new_shares(time::Date traded, time::Date booked, time::Date split);
/// The sum of those.
Units new_shares_of(time::Date split, const JournalState& state);

/// The first day since `dates`, by trade date or else by book date, at whose end a register that is `shares`
/// now would be below zero.
std::optional<time::Date> day_without_shares(Units shares, const Entry& dates, const JournalState& state);

/// Whether an entry with these dates may be posted.
Admitted<void> admit(const Entry& entry, RegisterEffect effect, const JournalState& state);

/// An entry that shall be taken back.
struct WrongEntry {
  time::Date book_date;
  RegisterEffect effect = RegisterEffect::kNone;
  bool is_reversal = false;
  bool is_reversed = false;
  bool has_split_since = false;   ///< a standing split was posted after it
  bool has_shares_since = false;  ///< a standing share change was posted after it, splits too
};
/// Whether it may be taken back on its own dates.
Admitted<void> admit_reversal(const WrongEntry& wrong, const JournalState& state);

}  // namespace navkeeper::nav::books
