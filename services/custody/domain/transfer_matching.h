#pragma once
// Which facts about transfers are one transfer: what a custodian says, what the chain shows, what the books
// have. A pure function: the same whatever the order of the facts.
//
// First by transaction id: facts of one asset, direction and id are one transfer (score 100). Then the
// closest first: two that no id joins or parts are one when asset and direction are the same and their points
// reach `score_min`:
//   address  40 both name one and it is the same; two that differ are never one
//   amount   40 equal; 30 equal when the fee that one of them states is added; 0 else, which needs the same
//               address within an hour
//   time     20 within an hour, 15 within 6 h, 10 within a day, 5 within `window`; where one of them is known
//               by its day alone: 20 the same day, 15 the next, 10 two apart, 5 within `window_days`
// What a source took back (vanished) or contradicted is one with nothing.
// Of equal points the nearer in time come first, then by source and id.
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/record_book.h"
#include "services/custody/domain/transfer.h"

namespace navkeeper::custody {

enum class Side { kCustodian, kChain, kBooks };
std::string_view describe(Side side);            ///< "custodian", "chain", "books"
std::string_view describe(Direction direction);  ///< "in", "out"

struct TransferFact {
  Side side{};
  std::string source;   ///< "prime", "chain:bitcoin", "books"
  std::string id;       ///< unique in its source
  std::string account;  ///< the source's word; may be empty
  Direction direction{};
  std::string asset;
  money::Decimal amount;                   ///< whole coins, positive
  std::optional<money::Decimal> fee = {};  ///< in the same asset, beside the amount
  std::string address = {};                ///< as Transfer's; empty: not known
  std::string transaction_id = {};         ///< empty: not known
  time::Instant at;
  bool day_only = false;                ///< `at` is the beginning of a UTC day, and when in it is not known
  Progress progress = Progress::kDone;  ///< as its source says
  Standing standing = Standing::kSure;  ///< of its record: one that does not stand is matched with nothing
  bool operator==(const TransferFact&) const = default;
};

struct MatchRules {
  int score_min = 45;
  time::Duration window = time::Duration::hours(48);
  int window_days = 5;
};

enum class MatchedBy { kNothing, kTransactionId, kScore };
std::string_view describe(MatchedBy by);  ///< "nothing", "transaction_id", "score"

struct MatchPoints {
  int address = 0;
  int amount = 0;
  int time = 0;
  int sum() const { return address + amount + time; }
  bool operator==(const MatchPoints&) const = default;
};

/// What the facts of one transfer say of its amount.
enum class AmountVerdict {
  kOne,      ///< one side alone
  kEqual,    ///< every side's sum is the same
  kWithFee,  ///< the same once stated fees are added
  kDiffer,
};
std::string_view describe(AmountVerdict verdict);  ///< "one_side", "equal", "equal_with_fee", "differ"

struct MatchedTransfer {
  std::vector<TransferFact> facts;  ///< by side, source, id
  MatchedBy by = MatchedBy::kNothing;
  int score = 0;         ///< the lowest of its joins; 100: by transaction id; 0: one fact alone
  MatchPoints points{};  ///< of the weakest join by points
  /// Another fact had as many points with one of these: which of them belongs to which is not known, and they
  /// were joined nearest first.
  bool ambiguous = false;
  AmountVerdict amounts = AmountVerdict::kOne;

  bool has(Side side) const;
  /// The sum of a side's facts; nothing when it has none.
  std::optional<money::Decimal> amount_of(Side side) const;
  time::Instant first_at() const;
};

/// Facts with the same source and id must be the same fact, which then counts once (ENSURE). By first_at,
/// then source and id of the first fact.
std::vector<MatchedTransfer> match_transfers(std::vector<TransferFact> facts, const MatchRules& rules);

/// The points of two facts that no transaction id joins; nothing: they cannot be one.
std::optional<MatchPoints> match_points(const TransferFact& a, const TransferFact& b,
                                        const MatchRules& rules);

}  // namespace navkeeper::custody
