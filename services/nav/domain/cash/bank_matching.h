#pragma once
// The books' settled cash against the bank's lines: what belongs together, and what does not (the breaks).
//
// Tried in this order: matches that a person named; a reference that both sides carry; equal amounts on one
// day; equal amounts within `days_max` days, the nearest first. Equal amounts on one day are interchangeable,
// so their order decides nothing. A reference on both sides with another sum is a break of its own and not
// matched otherwise.
//
// An order of dealing is not one movement but its settlements, each on its day. What of it was due and has
// not settled is open: it may be at the bank, but nobody expects it, and where it is not it is no break.
//
// What always holds: bank balance - (settled books - what is open and not at the bank) = opening difference +
// the sum of the breaks' differences.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::nav::cash {

/// A movement of Assets:Cash on the settled basis: one entry of the journal.
struct BookMovement {
  std::int64_t seq = 0;
  std::string source;  ///< with `id` the entry's key
  std::string id;
  std::string kind;
  time::Date settled;
  money::Decimal amount;                ///< positive: came in
  std::vector<std::string> references;  ///< by which the bank may name it: its id, its wire's
  std::int64_t settlement = 0;  ///< of an order: the number of the settlement; 0: the whole entry, or open
  bool is_part = false;         ///< of an order of dealing: what settled on a day, or what is open
  bool is_open = false;         ///< due, not settled
};

/// A line of a statement.
struct BankMovement {
  std::string account;
  std::string statement;
  int line = 0;  ///< from 1
  time::Date booked;
  time::Date value;
  money::Decimal amount;
  std::vector<std::string> references;
  std::string text;
};

/// What a person named: an entry, or a settlement, and its lines. Where their sums differ (a line has not
/// come by then) it says nothing.
struct NamedMatch {
  std::vector<std::size_t> book;  ///< indices into the movements
  std::vector<std::size_t> bank;
};

enum class MatchedBy { kPerson, kReference, kAmountAndDay, kAmountAndDays };
std::string_view describe(MatchedBy by);

struct Match {
  MatchedBy by = MatchedBy::kReference;
  std::vector<std::size_t> book;  ///< indices
  std::vector<std::size_t> bank;
};

enum class BreakType {
  kOpening,         ///< the first statement begins with another balance than the books had
  kMissingInBooks,  ///< the bank has it, the books do not
  kMissingAtBank,   ///< settled by the books, not seen at the bank
  kAmountDiffers,   ///< one reference, two sums
  kDateDiffers,     ///< matched, but further apart than the rule allows
};
std::string_view describe(BreakType type);

struct Break {
  BreakType type = BreakType::kMissingInBooks;
  std::vector<std::size_t> book;
  std::vector<std::size_t> bank;
  money::Decimal difference;  ///< bank - books
  time::Date since;           ///< the earliest day of its parts
  std::int64_t age_days = 0;  ///< from then to the day of the reconciliation
};

struct ReconciliationInput {
  time::Date as_of;
  money::Decimal bank_opening;   ///< of the first statements
  money::Decimal books_opening;  ///< settled cash of the books before their first day, less what was open
  time::Date opening_day;
  std::vector<BookMovement> book;  ///< settled from then to as_of, and all that is open on as_of
  std::vector<BankMovement> bank;  ///< booked up to as_of
  std::vector<NamedMatch> named;
  int days_max = 3;
};

struct Reconciliation {
  money::Decimal bank;   ///< balance
  money::Decimal books;  ///< settled cash, orders by contract
  std::vector<Match> matches;
  std::vector<Break> breaks;      ///< oldest first
  std::vector<std::size_t> open;  ///< of the movements: due, not settled and not at the bank
  money::Decimal not_settled;     ///< their sum; a part of `books`
  money::Decimal difference() const { return bank - (books - not_settled); }
  bool agrees() const { return breaks.empty(); }
};

/// Throws money::OverflowError.
Reconciliation reconcile(const ReconciliationInput& input);

/// Through `day` everything is matched and stays so: whatever comes on later days finds the same partners
/// whether the days through this one are looked at or not.
struct Agreement {
  time::Date day;
  money::Decimal balance;  ///< at its end, of bank and books alike
};
/// The latest one; nothing where there is none from the opening day on. What still might change is a fact
/// that comes late for a day through it.
std::optional<Agreement> agreement_in(const ReconciliationInput& input, const Reconciliation& result);

/// "0-1", "2-5", "6-30", "over 30": days.
std::string_view age_bucket(std::int64_t age_days);

}  // namespace navkeeper::nav::cash
