#pragma once
// Why the books refuse an event. The adapter adds where it stood (file and line).
#include <string_view>

#include "common/base/result.h"

namespace navkeeper::nav::books {

/// In the order in which they are tried where several could be meant.
enum class BooksRefusal {
  kNotOpen,               ///< anything before `open`
  kAlreadyOpen,           ///< a second `open`
  kDateGoesBack,          ///< dated before the event before it
  kDollarsAreNotAnAsset,  ///< `open` lists USD among the coins
  kRepeatedAsset,         ///< `open` lists an asset twice
  kEmptyName,             ///< a fee, or a source of income, without a name
  kNameTooLong,           ///< longer than kNameLengthMax bytes
  kUnknownAsset,          ///< not listed by `open`
  kNoComponents,          ///< an order in kind that names no coins
  kNotPositive,           ///< a quantity, a number of shares, a price or a ratio that is zero or less
  kNegative,              ///< a value, cash, cost or amount below zero
  kTooManyDecimals,       ///< more decimals than dollars (2) or the asset have
  kSharesNotWhole,        ///< a fraction of a share
  kMoreThanHeld,          ///< selling, paying or losing more than is held
  kNoFeePayable,          ///< a payment in kind that names no fee, and none is payable
  kSeveralFeesPayable,    ///< a payment in kind that names no fee, and more than one is payable
  kMoreThanPayable,       ///< paying more of a fee than is payable
  kMoreSharesThanExist,   ///< redeeming more shares than exist
  kSplitLeavesFraction,   ///< a split after which the shares are not whole
  kCashBelowZero,         ///< the event would leave cash below zero
  kUnpricedHolding,       ///< a strike with a holding that never had a price
  kNoShares,              ///< a strike without shares
  kOverflow,              ///< a figure needs more than 128 bits
  kMoreThanThere,         ///< more leaves a place than is there in that state
  kNotYetHeld,            ///< coins leave before they were acquired, or came to that place
  kLotsTakenSince,        ///< what was held on that day was taken by disposals dated later
  kNoSuchLot,             ///< an identified lot that is not open, or holds less
  kPicksDoNotAddUp,       ///< identified lots that are not what leaves
  kPicksUnused,           ///< an identification of what this event does not dispose of
  kSamePlace,             ///< a transfer from a place to itself
  kPlaceTooLong,          ///< a place's name longer than kPlaceLengthMax bytes
  kNotAnAccount,          ///< an account outside the chart's classes, or ill formed
  kDraftUnbalanced,       ///< lines that do not balance in each commodity
  kDraftWithoutLots,      ///< coins of a draft that do not foot with its lots
  kAccountBelowZero,      ///< an asset would be less than nothing
  kDollarsNotThereYet,    ///< cash or a receivable would be below zero on a day since the event's
  kPaidBeforeOwed,        ///< a fee would be paid beyond what was payable on a day since the event's
};
/// The rule as a sentence without a full stop.
std::string_view describe(BooksRefusal refusal);

template <class T>
using Decided = base::Result<T, BooksRefusal>;

}  // namespace navkeeper::nav::books
