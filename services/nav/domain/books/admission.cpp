#include "services/nav/domain/books/admission.h"

#include <algorithm>
#include <map>

#include "common/base/ensure.h"

namespace navkeeper::nav::books {
namespace {

/// Whether changes that stand are booked after the day, in other than the new shares of a split of that day.
/// A creation and a redemption of the same dates do not cancel: each is an order of so many shares.
bool has_shares_after(time::Date day, const JournalState& state) {
  return std::any_of(state.later_shares.begin(), state.later_shares.end(),
                     [&](const JournalState::ShareChange& later) {
                       return later.stands && later.book_date > day && later.trade_date != day;
                     });
}

bool is_closed(time::Date book_date, const JournalState& state) {
  return state.closed_through && book_date <= *state.closed_through;
}

}  // namespace

std::string_view describe(AdmissionRefusal refusal) {
  switch (refusal) {
    case AdmissionRefusal::kDatesOutOfOrder:
      return "the book date or the settlement date is before the trade date";
    case AdmissionRefusal::kClosedPeriod:
      return "the book date lies in a closed period";
    case AdmissionRefusal::kReversalOfReversal:
      return "a reversal is not reversed: the entry is posted anew";
    case AdmissionRefusal::kReversedBefore:
      return "the entry was reversed before";
    case AdmissionRefusal::kSharesBeforeSplit:
      return "shares would change before a split that is in the books: a late change is dated on its day or "
             "since, in new shares";
    case AdmissionRefusal::kSplitBeforeShares:
      return "the split is dated before a change of shares that is in the books";
    case AdmissionRefusal::kSplitSince:
      return "a later split multiplied these shares: a change since, in new shares, corrects them";
    case AdmissionRefusal::kSharesSince:
      return "shares changed after this split: those changes are reversed first";
    case AdmissionRefusal::kSharesNotThereYet:
      return "the shares were not there yet: the register would be below zero";
  }
  ENSURE(false);
}

bool is_in_new_shares(time::Date traded, time::Date booked, time::Date split) {
  return traded == split && booked > split;
}

Units new_shares_of(time::Date split, const JournalState& state) {
  Units sum;
  for (const JournalState::ShareChange& later : state.later_shares)
    if (is_in_new_shares(later.trade_date, later.book_date, split)) sum += later.change;
  return sum;
}

std::optional<time::Date> day_without_shares(Units shares, const Entry& dates, const JournalState& state) {
  std::map<time::Date, Units> traded;
  std::map<time::Date, Units> booked;
  for (const JournalState::ShareChange& later : state.later_shares) {
    traded[later.trade_date] += later.change;
    booked[later.book_date] += later.change;
  }
  const auto day = first_day_below_zero(shares, traded, dates.trade_date);
  return day ? day : first_day_below_zero(shares, booked, dates.book_date);
}

RegisterEffect register_effect(const Happening& happening) {
  if (std::holds_alternative<Split>(happening)) return RegisterEffect::kSplit;
  const auto* open = std::get_if<Open>(&happening);
  const auto* draft = std::get_if<Draft>(&happening);
  const bool changes =
      (draft != nullptr && !draft->shares_change.is_zero()) || std::holds_alternative<Creation>(happening) ||
      std::holds_alternative<Redemption>(happening) || (open != nullptr && !open->shares.is_zero());
  return changes ? RegisterEffect::kChange : RegisterEffect::kNone;
}

Admitted<void> admit(const Entry& entry, RegisterEffect effect, const JournalState& state) {
  if (entry.book_date < entry.trade_date || entry.settlement_date < entry.trade_date)
    return AdmissionRefusal::kDatesOutOfOrder;
  if (is_closed(entry.book_date, state)) return AdmissionRefusal::kClosedPeriod;
  if (effect != RegisterEffect::kNone && state.last_split && entry.trade_date < *state.last_split)
    return AdmissionRefusal::kSharesBeforeSplit;
  if (effect == RegisterEffect::kSplit && has_shares_after(entry.trade_date, state))
    return AdmissionRefusal::kSplitBeforeShares;
  return {};
}

Admitted<void> admit_reversal(const WrongEntry& wrong, const JournalState& state) {
  if (is_closed(wrong.book_date, state)) return AdmissionRefusal::kClosedPeriod;
  if (wrong.is_reversal) return AdmissionRefusal::kReversalOfReversal;
  if (wrong.is_reversed) return AdmissionRefusal::kReversedBefore;
  if (wrong.effect != RegisterEffect::kNone && wrong.has_split_since) return AdmissionRefusal::kSplitSince;
  if (wrong.effect == RegisterEffect::kSplit && wrong.has_shares_since) return AdmissionRefusal::kSharesSince;
  return {};
}

}  // namespace navkeeper::nav::books
