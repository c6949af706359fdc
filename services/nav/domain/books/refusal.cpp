#include "services/nav/domain/books/refusal.h"

#include "common/base/ensure.h"

namespace navkeeper::nav::books {

std::string_view describe(BooksRefusal refusal) {
  switch (refusal) {
    case BooksRefusal::kNotOpen:
      return "the first event must be \"open\"";
    case BooksRefusal::kAlreadyOpen:
      return "the books are open already";
    case BooksRefusal::kDateGoesBack:
      return "the date is before the date of the event before it";
    case BooksRefusal::kDollarsAreNotAnAsset:
      return "USD is cash and cannot be listed among the assets";
    case BooksRefusal::kRepeatedAsset:
      return "an asset is listed twice";
    case BooksRefusal::kEmptyName:
      return "a name or source is empty";
    case BooksRefusal::kNameTooLong:
      return "a name or source is longer than 200 bytes";
    case BooksRefusal::kUnknownAsset:
      return "the asset was not listed when the books were opened";
    case BooksRefusal::kNoComponents:
      return "the list of components is empty";
    case BooksRefusal::kNotPositive:
      return "a quantity, a number of shares, a price or a ratio must be positive";
    case BooksRefusal::kNegative:
      return "a value, cash, cost or amount is negative";
    case BooksRefusal::kTooManyDecimals:
      return "an amount has more decimals than its asset (dollars have 2)";
    case BooksRefusal::kSharesNotWhole:
      return "shares must be whole";
    case BooksRefusal::kMoreThanHeld:
      return "more of the asset would leave than is held";
    case BooksRefusal::kNoFeePayable:
      return "no fee is payable";
    case BooksRefusal::kSeveralFeesPayable:
      return "several fees are payable: the payment must name one";
    case BooksRefusal::kMoreThanPayable:
      return "more of the fee would be paid than is payable";
    case BooksRefusal::kMoreSharesThanExist:
      return "more shares would be redeemed than exist";
    case BooksRefusal::kSplitLeavesFraction:
      return "the split leaves a fraction of a share";
    case BooksRefusal::kCashBelowZero:
      return "cash would fall below zero";
    case BooksRefusal::kUnpricedHolding:
      return "a holding has no price";
    case BooksRefusal::kNoShares:
      return "there are no shares";
    case BooksRefusal::kOverflow:
      return "a figure needs more than 128 bits";
    case BooksRefusal::kMoreThanThere:
      return "more of the asset would leave than is at that place in that state";
    case BooksRefusal::kNotYetHeld:
      return "the coins were not held yet on that day: they were acquired, or came to that place, later";
    case BooksRefusal::kLotsTakenSince:
      return "the lots held on that day were taken by disposals dated later: those are reversed first";
    case BooksRefusal::kNoSuchLot:
      return "an identified lot is not open there, or holds less";
    case BooksRefusal::kPicksDoNotAddUp:
      return "the identified lots do not add up to what leaves";
    case BooksRefusal::kPicksUnused:
      return "lots were identified of an asset that does not leave by this event";
    case BooksRefusal::kSamePlace:
      return "a transfer must end in another place or state than it begins";
    case BooksRefusal::kPlaceTooLong:
      return "a place's name is longer than 100 bytes";
    case BooksRefusal::kNotAnAccount:
      return "an account's name is not one of the chart's";
    case BooksRefusal::kDraftUnbalanced:
      return "the entry does not balance in each commodity";
    case BooksRefusal::kDraftWithoutLots:
      return "the entry's coins and its lots do not agree";
    case BooksRefusal::kAccountBelowZero:
      return "an account of assets would fall below zero";
    case BooksRefusal::kDollarsNotThereYet:
      return "the dollars were not there yet: an account of assets would be below zero";
    case BooksRefusal::kPaidBeforeOwed:
      return "more of the fee would be paid than was payable then";
  }
  ENSURE(false);
}

}  // namespace navkeeper::nav::books
