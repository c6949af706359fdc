#pragma once
// Coins that came or went, as one side tells it: the fund's books, a custodian, a chain. And which movements
// of two sides are the same, so that what is left over explains why their balances differ.
#include <optional>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::custody {

/// `what` of a movement that no transaction shows: how much it was is sure, what it was is not.
inline constexpr const char* kUnlisted = "unlisted";
/// `what` of a conversion between staked coins and their token.
inline constexpr const char* kConversion = "conversion";

struct CoinMovement {
  std::string source;  ///< "books", or the source's name
  std::string id;      ///< within the source; "deposit:3455023", "orders:order-1"
  std::string asset;
  std::string place;                         ///< of the books; a source's movement is where its account is
  money::Decimal amount;                     ///< whole coins; positive: came in
  money::Decimal fee = {};                   ///< taken beside `amount`, never negative
  std::vector<std::string> references = {};  ///< ids that the other side may know too: of the chain, our own
  time::Date date = {};      ///< books: settlement; a source: the UTC day on which it was done, or asked for
  time::Instant at = {};     ///< of a source: the same to the instant
  std::string what = {};     ///< the side's own word: "creation", "deposit"
  std::string account = {};  ///< the source's; empty where it does not say

  /// By how much it changes what is held.
  money::Decimal effect() const { return amount - fee; }
  bool operator==(const CoinMovement&) const = default;
};

struct MovementPair {
  CoinMovement booked;
  CoinMovement kept;
  bool by_reference = false;  ///< else by amount and day
  bool operator==(const MovementPair&) const = default;
};

struct MovementMatch {
  std::vector<MovementPair> pairs;
  std::vector<CoinMovement> booked_only;  ///< by date, id
  std::vector<CoinMovement> kept_only;    ///< by date, source, id
};

/// First those that share a reference and a direction, then those of equal effect (or of equal amount, where
/// the fee was booked apart or not at all) whose days lie at most `days_max` apart, the closest first. All of
/// one asset and place. Of equally good ones the order of dates and ids decides, never the order in which
/// they are given.
MovementMatch match_movements(std::vector<CoinMovement> booked, std::vector<CoinMovement> kept, int days_max);

/// Takes out of `match` what came, or went, on one day by both sides and is together the same on both though
/// no two of them are: a claim that the books have in parts. How many of the books' were taken out.
int take_days_together(MovementMatch& match);

/// Whether two movements may be one: a shared reference, or the same direction and amount within `days_max`.
bool may_be_same(const CoinMovement& a, const CoinMovement& b, int days_max);
bool share_reference(const CoinMovement& a, const CoinMovement& b);

}  // namespace navkeeper::custody
