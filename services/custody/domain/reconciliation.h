#pragma once
// Do the fund's books, its custodians and the chains say the same at one instant? By asset and place,
// top-down (what is held) and bottom-up (what came and went), and within each by state.
//
// Of each asset and place:
//   difference = what is kept there less what the books say    positive: more is kept than booked
//   kept       = the custodians' figure, or the chain's where no custodian speaks of the place; and what lies
//   at
//                addresses of the fund's own keys beside it
// and the breaks of level kTotal of that asset and place add up to the difference, exactly: an item that one
// side alone has, an item that both have with different amounts, and what no item explains. Where a custodian
// and a chain both speak of a place, they are compared too (kChain); so are staked, activating and unbonding
// coins wherever the other side states them (kState). These two say something about the same coins: they are
// no part of the sum.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/balance.h"
#include "services/custody/domain/coin_movement.h"

namespace navkeeper::custody {

enum class SourceKind { kCustodian, kChain };
/// A source whose name begins with "chain:" is a chain, every other one a custodian.
SourceKind source_kind(std::string_view source);

enum class BreakType {
  kTiming,     ///< the other side has it under way
  kMissing,    ///< one side has it and the other does not
  kDuplicate,  ///< one side has it twice
  kAmount,     ///< both have it, with different amounts
  kFee,        ///< both have it, and what differs is the fee that the custodian took
  kUnknown,    ///< no item explains it
};
std::string_view describe(BreakType type);  ///< "timing", "missing", "duplicate", "amount", "fee", "unknown"
std::optional<BreakType> parse_break_type(std::string_view word);

enum class BreakLevel {
  kTotal,  ///< books against what is kept
  kState,  ///< the same coins in another state
  kChain,  ///< custodian against chain
};
std::string_view describe(BreakLevel level);  ///< "total", "state", "chain"
std::optional<BreakLevel> parse_break_level(std::string_view word);

/// Of one asset and place, whole coins; available is what is left of the total.
struct BookPosition {
  std::string asset;
  std::string place;  ///< empty: the main account
  money::Decimal total;
  money::Decimal staked = {};  ///< of total, like the next two
  money::Decimal activating = {};
  money::Decimal unbonding = {};
  bool operator==(const BookPosition&) const = default;
};

/// An account or address of a source is this place of the books. An account that no rule names is the place
/// of its own name where the books know one, else the main account; and addresses of the main account that no
/// rule names are taken for a part of what the custodian holds there: less on the chain is then no break,
/// except at an address of the fund alone (SegregatedAddress).
struct PlaceRule {
  std::string source;
  std::string account;
  std::string place;
};

/// An address at which a custodian keeps coins of the fund alone: what it says it has and has not staked lies
/// there (and at its other addresses of that account), unless one of its addresses holds other clients' too.
struct SegregatedAddress {
  Place place;            ///< on the chain
  std::string custodian;  ///< the source
  std::string account;    ///< its account; empty: all of them
};

/// A difference is tolerated that is at most `units` coins and, where `dollars` is given, worth at most that.
/// Dollars that nobody can measure, for want of a price, tolerate nothing.
struct Tolerance {
  money::Decimal units = {};
  std::optional<money::Decimal> dollars = {};
};

struct ReconciliationTerms {
  std::map<std::string, Tolerance> tolerances = {};   ///< by asset; else nothing is tolerated
  std::map<std::string, money::Decimal> prices = {};  ///< dollars a coin, by asset
  std::vector<PlaceRule> places = {};
  std::vector<std::string> omnibus = {};  ///< sources whose staked coins lie in an account of many clients
  std::vector<Place> own_keys = {};       ///< addresses that no custodian counts as its own
  std::vector<Place> others_too = {};     ///< addresses that hold other clients' coins too: not counted
  std::vector<SegregatedAddress> segregated = {};
  /// A balance farther than this from the instant says nothing certain of it.
  time::Duration age_max = time::Duration::hours(24);
  /// The same of a source that does not list what it moved: it cannot be rolled to the instant.
  time::Duration silent_age_max = time::Duration::minutes(15);
  int match_days_max = 3;   ///< between the days of two movements of equal amount
  int timing_days_max = 3;  ///< so long "under way" explains a difference by itself
};

struct ReconciliationInput {
  time::Instant at;                          ///< the valuation point
  time::Date date;                           ///< its day
  std::vector<BookPosition> books;           ///< settled as of `date`; an asset and place once
  std::vector<CoinMovement> booked;          ///< settled by `date`, since the first day that both sides know
  std::vector<CoinMovement> booked_pending;  ///< in the books, to settle later
  /// Of every source, as near to `at` as there is one; a place and asset once. What was done between the
  /// balance's instant and `at` is added to it, or taken off again.
  std::vector<Balance> balances;
  std::vector<CoinMovement> moved;      ///< of every source, done since that first day, up to now
  std::vector<CoinMovement> under_way;  ///< of every source, asked for and not ended
  /// Up to when these custodians' lists of what moved are whole. A stretch between a balance and `at` that
  /// they do not reach is rolled by nobody: it may be `silent_age_max` long, and where the source was asked
  /// since `at` (asked_after) and told no list up to it, there may be none. Of a source that is not in it the
  /// lists are whole.
  std::map<std::string, time::Instant> whole_until = {};
  std::set<std::string> asked_after = {};
  /// What moved at a custodian by its ledger and is neither a transfer nor a reward (a trade, a fee, a
  /// correction): it rolls no balance, so a balance with one of these between its instant and `at` is unsure.
  /// One without an account is of each of its source's.
  std::vector<CoinMovement> not_rolled = {};
  /// Of these sources only these assets' movements are all listed (of none of them: no asset's); of every
  /// other source all are. What is kept elsewhere is compared by its balance alone.
  std::map<std::string, std::set<std::string>> listed = {};
  /// Accounts and assets of which something moved that no transaction shows, perhaps before the instant and
  /// perhaps after it: for this comparison alone their movements are not all listed.
  std::set<std::pair<Place, std::string>> torn = {};
};

struct StateFigures {
  std::optional<money::Decimal> staked, activating, unbonding;  ///< nothing: not spoken of
  bool operator==(const StateFigures&) const = default;
};

enum class LineStatus {
  kAgrees,      ///< to the last digit
  kTolerated,   ///< every break within its tolerance
  kDiffers,     ///< a break over tolerance
  kUnsure,      ///< a source does not say enough, or said it too long ago
  kNotCovered,  ///< the books hold it and no source speaks of it
  kInPart,      ///< books and custodian agree; of that the chain shows only a part, which the notes name
};
/// "agrees", "tolerated", "differs", "unsure", "not_covered", "in_part"
std::string_view describe(LineStatus status);
std::optional<LineStatus> parse_line_status(std::string_view word);

struct ReconciliationLine {
  std::string asset;
  std::string place;
  money::Decimal books;
  std::optional<money::Decimal> custodian;   ///< nothing: none speaks of it, or not surely
  std::optional<money::Decimal> chain;       ///< likewise, addresses of own keys included
  std::optional<money::Decimal> difference;  ///< kept less books
  StateFigures booked_states, kept_states;
  LineStatus status = LineStatus::kAgrees;
  int matched = 0;                 ///< movements that both sides have
  std::vector<std::string> notes;  ///< why unsure; what cannot be verified independently
  bool operator==(const ReconciliationLine&) const = default;
};

struct FoundBreak {
  std::string key;  ///< the same difference has the same key in every reconciliation
  std::string asset;
  std::string place;
  BreakLevel level = BreakLevel::kTotal;
  BreakType type = BreakType::kUnknown;
  money::Decimal amount;                  ///< positive: more is kept (chain: more on the chain) than booked
  std::optional<money::Decimal> dollars;  ///< at the day's price, rounded half-even to cents; sign of amount
  bool is_over_tolerance = true;
  bool is_self_explained = false;  ///< by the other side's own record; only kTiming
  std::string detail;              ///< one sentence with the evidence
  bool operator==(const FoundBreak&) const = default;
};

struct Reconciliation {
  std::vector<ReconciliationLine> lines;  ///< by asset, place
  std::vector<FoundBreak> breaks;         ///< by asset, place, level, key
};

/// The same facts in any order give the same result. ENSURE: movements and positions name their assets.
Reconciliation reconcile(const ReconciliationInput& input, const ReconciliationTerms& terms);

/// What the source says of the states; where "staked" includes others, without them; nothing where it does
/// not say what its "staked" includes.
StateFigures states_of(const Balance& balance);

}  // namespace navkeeper::custody
