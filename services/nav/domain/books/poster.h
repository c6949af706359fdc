#pragma once
// Poster: what one event does to everything that a fund's stored books hold: the journal and the GAAP lots
// (books.h), the tax lots (tax_book.h), the share register, and what the journal itself asks of an entry
// (admission.h). Pure: a store loads the standing, keeps what comes out, and drops the poster after a
// refusal.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "services/nav/domain/books/admission.h"
#include "services/nav/domain/books/tax_book.h"

namespace navkeeper::nav::books {

using PostRefusal = std::variant<BooksRefusal, AdmissionRefusal>;
std::string_view describe(const PostRefusal& refusal);

struct PosterRules {
  LotRules gaap;
  TaxRules tax;
};

/// An open tax lot as it is kept.
struct StandingTaxLot {
  std::string asset;
  std::string account;
  LotNumber number = 0;
  Lot lot;
};

struct PosterStanding {
  Standing gaap;
  std::vector<StandingTaxLot> tax_lots;
  std::vector<std::pair<std::string, LotNumber>> next_tax_lot;  ///< by asset
  JournalState journal;
};

/// When the event counts, beside its own date.
struct EntryDates {
  time::Date book_date;
  time::Date settlement_date;
};

/// What was posted. Reuse one object.
struct PostedEvent {
  Applied applied;  ///< its entry with its dates; lines of chart()
  TaxApplied tax;
  RegisterEffect effect = RegisterEffect::kNone;
  std::optional<Split> split;
};

class Poster {
 public:
  explicit Poster(PosterRules rules);  ///< of books that are not open yet
  Poster(PosterRules rules, const PosterStanding& standing);

  /// After a refusal the poster is spent.
  base::Result<void, PostRefusal> post(const Event& event, const EntryDates& dates,
                                       std::span<const Identification> picks, PostedEvent& posted);

  bool is_open() const { return books_.is_open(); }
  /// After a refusal: the day on which the rule would have been broken, where that is another than the
  /// event's.
  std::optional<time::Date> refused_on() const { return refused_on_; }
  const Chart& chart() const { return books_.chart(); }
  const Books& books() const { return books_; }
  Books& books() { return books_; }
  const TaxBook& tax() const { return tax_; }

 private:
  Books books_;
  TaxBook tax_;
  JournalState journal_;
  std::optional<time::Date> refused_on_;
};

/// Whether `entry` (lines of `chart`) would leave a position account below zero on its trade date or on a day
/// since; for a reversal, which no Books see.
bool would_fall_below_zero(const Standing& standing, const Chart& chart, const Entry& entry);

/// What a reversal would leave below zero on a day before now: dollars held, fees owed.
struct BelowZero {
  std::string account;
  time::Date on;
};
std::optional<BelowZero> below_zero_since(const Standing& standing, const Chart& chart, const Entry& entry);

/// A share change as it stands in the journal, in the order of posting.
struct RegisterLine {
  Units change;  ///< of a split: what it added to the register when it was posted
  std::optional<Split> split;
  bool is_inverse = false;  ///< of a split's reversal
  time::Date trade_date = {};
  time::Date book_date = {};
};

/// The shares of a view: each change that the view sees, in the shares of the splits posted after it that the
/// view sees too; an order of a split's own day, booked later, is in new shares whenever it was posted. So
/// shares that settle after a split are counted in new shares, whatever the register held when the split was
/// posted. A fraction that a reverse split leaves of shares on their way is cut off. Throws
/// money::OverflowError.
Units shares_of(std::span<const RegisterLine> lines);

}  // namespace navkeeper::nav::books
