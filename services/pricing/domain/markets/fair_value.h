#pragma once
// Fair-value determinations (rule 2a-5 of the 1940 Act; facts on funds, 8): what opens one, and its life. A
// price that is missing, carried over, stale, or out of line between two bases is not a price; what replaces
// it is determined by a person, with method and inputs, approved by a second one, and shown to the board.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/date.h"
#include "services/pricing/domain/markets/principal_market.h"

namespace navkeeper::pricing {

/// Under which act a fund is registered.
enum class FundAct { kIca1940, kEtp1933 };
std::string_view describe(FundAct act);  ///< "ICA_1940", "ETP_1933"
std::optional<FundAct> parse_fund_act(std::string_view word);

enum class DeterminationTrigger {
  kNoPrice,        ///< the whole fallback ladder gave nothing
  kPreviousValue,  ///< it gave the value of an earlier day
  kUnchanged,      ///< the price has not moved for too many strikes
  kBasisGap,       ///< index and principal market lie too far apart
  kPegDeviation,   ///< a liquid-staking token trades too far from what it stands for
  kRateJump,       ///< what it stands for moved too far from one exchange rate to the next
};
std::string_view describe(DeterminationTrigger trigger);
std::optional<DeterminationTrigger> parse_determination_trigger(std::string_view word);

/// Something that was looked at: "index NK_BTCUSD_NY", "84000.12", "version 2 of 2026-03-02".
struct DeterminationInput {
  std::string name;
  std::string value;
  std::string source;
  bool operator==(const DeterminationInput&) const = default;
};

enum class DeterminationState { kOpen, kDetermined, kApproved };
std::string_view describe(DeterminationState state);

struct FairValueDetermination {
  model::AssetId asset;
  time::Date date;
  FundAct act = FundAct::kIca1940;
  DeterminationTrigger trigger = DeterminationTrigger::kNoPrice;
  std::string reason;  ///< the trigger with its figures
  time::Instant opened_at;
  std::vector<DeterminationInput>
      inputs;  ///< those known when it opened, then those of the person who determined it last
  std::size_t opened_with = 0;  ///< so many of them were known when it opened
  int number = 0;               ///< how often it was determined: an approval names the last one
  DeterminationState state = DeterminationState::kOpen;
  std::string method;
  std::optional<money::Decimal> price;
  std::optional<model::ActorId> determined_by;
  std::optional<time::Instant> determined_at;
  std::optional<model::ActorId> approved_by;  ///< never who determined
  std::optional<time::Instant> approved_at;
  /// Goes into the report to the board: every one of an ICA_1940 fund (rule 2a-5(b)); others when a person
  /// says so.
  bool for_board = false;
  time::Instant last_step_at() const { return approved_at.value_or(determined_at.value_or(opened_at)); }
  bool operator==(const FairValueDetermination&) const = default;
};

FairValueDetermination open_determination(model::AssetId asset, time::Date date, FundAct act,
                                          DeterminationTrigger trigger, std::string reason,
                                          std::vector<DeterminationInput> inputs, time::Instant now);

struct DeterminedValue {
  money::Decimal price;
  std::string method;
  std::vector<DeterminationInput> inputs;
  model::ActorId by;
  bool for_board = false;  ///< true adds the flag; nothing takes it away
};

/// Tried in this order.
enum class DeterminationRefusal {
  kNotOpen,  ///< approved already
  kNoMethod,
  kNoInput,  ///< neither found when it opened nor given now
  kPriceNotPositive,
  kNotDetermined,  ///< nothing to approve yet
  kSamePerson,     ///< the approver determined it
  kClockWentBack,  ///< before the step that it follows
};
std::string_view describe(DeterminationRefusal refusal);

/// A determined one may be determined again, by anybody, until it is approved: price, method and inputs of
/// before then count no more.
base::Result<FairValueDetermination, DeterminationRefusal> determine(FairValueDetermination record,
                                                                     DeterminedValue value,
                                                                     time::Instant now);
base::Result<FairValueDetermination, DeterminationRefusal> approve(FairValueDetermination record,
                                                                   const model::ActorId& by,
                                                                   time::Instant now);

/// A value as it was struck on a date.
struct StruckValue {
  time::Date date;
  money::Decimal value;
};

/// The last strikes that carry the same value, the latest included: how many, and since when.
struct UnchangedRun {
  std::size_t strikes = 0;
  std::optional<time::Date> since;
  bool operator==(const UnchangedRun&) const = default;
};
/// `strikes` oldest first, dates rising (ENSURE).
UnchangedRun unchanged_run(std::span<const StruckValue> strikes);

/// Too many when the last `strikes_max` strikes or more, this one included, carry one value; at least 2
/// (ENSURE).
bool is_stale(const UnchangedRun& run, std::size_t strikes_max);

/// |index - principal market| / principal market.
money::Rational basis_gap(const IndexPrice& index, const PrincipalMarketPrice& principal);

struct FairValueRule {
  std::size_t unchanged_strikes_max = 3;
  std::int64_t basis_gap_max_ppm =
      5'000;  ///< the NAV-error threshold, half a per cent (facts on funds, 1.2 and 8)
};

/// The determinations that the price of one asset on one date needs by itself (the ladder and liquid-staking
/// tokens open theirs on their own): at most one per trigger, stale first. `principal` null: no gap can be
/// measured.
std::vector<FairValueDetermination> review_price(const FairValueRule& rule, const model::AssetId& asset,
                                                 FundAct act, std::span<const StruckValue> strikes,
                                                 const IndexPrice* index,
                                                 const PrincipalMarketPrice* principal, time::Instant now);

}  // namespace navkeeper::pricing
