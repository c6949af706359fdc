#pragma once
// The journal: entries that are only ever added. A wrong one is corrected by its reversal and a new one.
#include <compare>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/money/units.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "services/nav/domain/books/chart.h"

namespace navkeeper::nav::books {

using money::Units;

struct Posting {
  LineIndex line = 0;
  Units amount;  ///< in the commodity's smallest unit; positive: debit
  bool operator==(const Posting&) const = default;
};

/// What an entry comes from. A pair of both posts once.
struct Source {
  std::string name;  ///< "file", "orders", "staking", "custody"
  std::string id;    ///< its id there
  auto operator<=>(const Source&) const = default;
};

struct Entry {
  time::Date trade_date;       ///< when it was agreed: basis trade_date
  time::Date book_date;        ///< from when it is in the NAV: basis nav
  time::Date settlement_date;  ///< when custodian and bank show it: basis settled
  time::Instant known_at;      ///< when we learned it
  Source source;
  std::string description;
  std::vector<Posting> postings;
  std::optional<Source> reverses;  ///< the entry that this one takes back
};

/// Sum of the postings of each commodity is zero. Throws money::OverflowError.
bool balances(const Chart& chart, std::span<const Posting> postings);

/// An amount that moves from the line credited to the line debited, both in one commodity.
struct Transfer {
  LineIndex debit = 0;
  LineIndex credit = 0;
  Units amount;  ///< positive
};

/// The same postings as transfers, which balance by their shape; postings that cancel each other drop out.
/// The postings must balance (ENSURE).
std::vector<Transfer> to_transfers(const Chart& chart, std::span<const Posting> postings);

/// The first day from `from` on at whose end a running total is below zero: it is `now` after the changes of
/// the days `later`, of which those after `from` count. Nothing where it never is; whether `now` is, is not
/// asked.
std::optional<time::Date> first_day_below_zero(Units now, const std::map<time::Date, Units>& later,
                                               time::Date from);

/// The entry that undoes `entry`: same dates unless given, every amount turned round.
Entry reversal(const Entry& entry, Source source, time::Instant known_at);

/// The three position bases. Never mixed in one figure.
enum class Basis { kNav, kTradeDate, kSettled };
std::string_view describe(Basis basis);  ///< "nav", "trade_date", "settled"
std::optional<Basis> basis_from(std::string_view word);

/// The date of an entry that counts on that basis.
time::Date date_on(const Entry& entry, Basis basis);

/// Balances by line (index into chart.lines()) of the entries whose date on `basis` is not after `as_of` and,
/// where given, that were known by `known_at` (inclusive). The order of entries does not matter. Throws
/// money::OverflowError.
std::vector<Units> balances_at(const Chart& chart, std::span<const Entry> entries, Basis basis,
                               time::Date as_of, std::optional<time::Instant> known_at = std::nullopt);

}  // namespace navkeeper::nav::books
