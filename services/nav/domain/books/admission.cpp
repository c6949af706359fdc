#include "services/nav/domain/books/admission.h"

#include "common/base/ensure.h"

namespace navkeeper::nav::books {
namespace {

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
      return "shares would change before a split that is in the books: the split is reversed first";
    case AdmissionRefusal::kSplitBeforeShares:
      return "the split is dated before a change of shares that is in the books";
    case AdmissionRefusal::kSplitSince:
      return "a later split multiplied these shares: the split is reversed first";
    case AdmissionRefusal::kSharesSince:
      return "shares changed after this split: those changes are reversed first";
  }
  ENSURE(false);
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
  if (effect == RegisterEffect::kSplit && state.last_share_change &&
      entry.trade_date < *state.last_share_change)
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
