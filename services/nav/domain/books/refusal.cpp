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
  }
  ENSURE(false);
}

}  // namespace navkeeper::nav::books
