#pragma once
// The fallback ladder of an asset's price on a date: index, second index, principal-market price, a manual
// price that a second person approved, the previous value with a flag. Every rung that was looked at leaves a
// line that says why it was taken or passed over; the price keeps the type of its basis.
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/refusal.h"
#include "common/base/result.h"
#include "common/model/id.h"
#include "services/pricing/domain/markets/fair_value.h"
#include "services/pricing/domain/markets/principal_market.h"

namespace navkeeper::pricing {

enum class Rung { kIndex, kSecondIndex, kPrincipalMarket, kExchangeRate, kManual, kPrevious };
std::string_view describe(Rung rung);
std::optional<Rung> parse_rung(std::string_view word);

/// An index's answer: its price, or why there is none.
using IndexAnswer = base::Result<IndexPrice, std::string>;
using PrincipalAnswer = base::Result<PrincipalMarketPrice, PrincipalPriceProblem>;

/// Of a liquid-staking token whose market is not active: its issuer's rate times the coin's price, less the
/// discount for the days that a redemption takes.
struct ExchangeRatePrice {
  money::Decimal value;
  std::string how;  ///< "1.0203 x 2960.12 less 0", as of when
  bool operator==(const ExchangeRatePrice&) const = default;
};
using ExchangeRateAnswer = base::Result<ExchangeRatePrice, std::string>;

struct ManualPrice {
  money::Decimal value;
  std::string source;  ///< where the proposer took it from; never empty
  model::ActorId proposed_by;
  time::Instant proposed_at;
  std::optional<model::ActorId> approved_by;
  std::optional<time::Instant> approved_at;
  bool operator==(const ManualPrice&) const = default;
};

/// The last value that was struck, of an earlier date.
struct PreviousPrice {
  money::Decimal value;
  time::Date date;
  bool operator==(const PreviousPrice&) const = default;
};

using LadderPrice =
    std::variant<IndexPrice, PrincipalMarketPrice, ManualPrice, PreviousPrice, ExchangeRatePrice>;
const money::Decimal& value_of(const LadderPrice& price);

struct LadderInput {
  model::AssetId asset;
  time::Date date;
  FundAct act = FundAct::kIca1940;
  IndexAnswer index;
  IndexAnswer second_index;
  PrincipalAnswer principal_market;
  std::optional<ManualPrice> manual;
  std::optional<PreviousPrice> previous;
  time::Instant now;
  ExchangeRateAnswer exchange_rate = std::string("the asset is no liquid-staking token");
};

/// The order in which the rungs are tried: data, as a fund's valuation policy says.
class LadderOrder {
 public:
  /// index, second index, principal market, manual, previous.
  LadderOrder();
  /// Refused: no rung, one twice, a previous value before another rung.
  static base::Checked<LadderOrder> of(std::vector<Rung> rungs);
  const std::vector<Rung>& rungs() const { return rungs_; }

 private:
  std::vector<Rung> rungs_;
};

struct RungRecord {
  Rung rung;
  bool taken = false;
  std::string reason;
  bool operator==(const RungRecord&) const = default;
};

struct LadderOutcome {
  std::vector<RungRecord> log;  ///< every rung up to the one taken
  std::optional<Rung> rung;
  std::optional<LadderPrice> price;
  bool flagged = false;     ///< a previous value: marked wherever it is shown
  bool approvable = false;  ///< a NAV may be approved on this price as it stands
  /// Opened where the price cannot stand: a previous value or none at all, for an ICA_1940 fund.
  std::optional<FairValueDetermination> determination;
};

/// Prices that are not positive are a bug of whoever made them (ENSURE), except a manual one, which is passed
/// over.
LadderOutcome climb(const LadderOrder& order, const LadderInput& input);

}  // namespace navkeeper::pricing
