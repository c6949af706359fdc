#pragma once
// What another keeper of the fund's coins says of them, beside what the books say: the custodian's balances,
// the staking provider's roll-forward. It is a part of a strike's stored inputs where it was there.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/date.h"

namespace navkeeper::nav {

enum class PeerKind {
  kCustody,  ///< "custody": what is held, at the close of `as_of`
  kStaking,  ///< "staking": what is staked, with how it came there since the statement before
};
std::string_view describe(PeerKind kind);
std::optional<PeerKind> parse_peer_kind(std::string_view word);

/// Whole coins. A custodian's line has `closing` alone.
struct PeerLine {
  model::AssetId asset;
  std::optional<money::Decimal> opening = {};
  money::Decimal added = {};      ///< staked since
  money::Decimal rewards = {};    ///< that compounded
  money::Decimal withdrawn = {};  ///< unstaked since, positive
  money::Decimal penalties = {};  ///< slashed, positive
  money::Decimal closing = {};
  money::Decimal booked = {};                     ///< what the fund's books say of the same coins on `as_of`
  std::optional<money::Decimal> reconciled = {};  ///< a reconciliation's: the books as it saw them
  bool operator==(const PeerLine&) const = default;
};

/// A difference over its tolerance that custody's reconciliation of the day found; a roll-forward of staking
/// that does not hold.
struct PeerBreak {
  std::string id;
  model::AssetId asset;
  std::string type;
  money::Decimal amount = {};  ///< whole coins; positive: more is kept than booked
  bool is_explained = false;
  std::string detail = {};  ///< the evidence, and who explained it how
  bool operator==(const PeerBreak&) const = default;
};

/// Of staking, for the limit of ICA_1940 (rule 22e-4).
struct StakedIlliquid {
  std::map<model::AssetId, money::Decimal> coins = {};  ///< whole, not free within the rule's days
  bool is_breach_open = false;                          ///< staking keeps a record of a breach
  std::vector<std::string> missing = {};                ///< of that record: "board_notified", ...
  bool operator==(const StakedIlliquid&) const = default;
};

struct PeerStatement {
  PeerKind kind = PeerKind::kCustody;
  time::Date as_of;
  std::string source;  ///< who says so
  std::string hash;    ///< of the statement as it was recorded, hexadecimal
  std::vector<PeerLine> lines;
  /// Of the service itself: custody's of books, custodians and chains; staking's roll-forwards.
  bool is_reconciliation = false;
  std::vector<PeerBreak> breaks = {};            ///< of a reconciliation
  std::vector<std::string> unsure = {};          ///< of a reconciliation: what it could not compare, and why
  std::vector<std::string> contradictions = {};  ///< of staking: what it was told in two ways
  std::optional<StakedIlliquid> illiquid = {};   ///< of staking: nothing where it does not say
  bool operator==(const PeerStatement&) const = default;
};

}  // namespace navkeeper::nav
