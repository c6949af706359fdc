#pragma once
// A breach of the illiquid limit that no acquisition caused: prices, redemptions or the queues moved. It is
// recorded with its notices and a plan; nothing is sold or asked back because of it, and it ends only when a
// test stands within the limit again (rule 22e-4(b)(1)(iv); one business day for board and Form N-RN is from
// memory: a parameter).
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "services/staking/domain/liquidity/liquidity.h"

namespace navkeeper::staking::liquidity {

enum class BreachEventKind {
  kOpened,
  kMeasured,  ///< a later test, still above
  kBoardNotified,
  kFormFiled,     ///< N-RN
  kPlanRecorded,  ///< how the fund comes back within the limit in reasonable time
  kCured,         ///< a test within the limit
};
std::string_view describe(BreachEventKind kind);  ///< "opened", "measured", "board_notified", ...
std::optional<BreachEventKind> parse_breach_event_kind(std::string_view word);

struct BreachEvent {
  BreachEventKind kind{};
  time::Instant at;
  std::string text;  ///< the reference of a notice, the plan; of a measurement its figures
  std::string actor;
};

enum class BreachRefusal {
  kNotOpen,      ///< there is no open breach
  kNothingSaid,  ///< a notice or plan without words
  kNotByHand,    ///< opening, measuring and curing come of a test alone
  kBeforeTheBreach,
  kAlreadyNotified,  ///< board and form are told once
};
std::string_view describe(BreachRefusal refusal);

/// The state of a breach is what its events say; the first is kOpened.
struct Breach {
  std::vector<BreachEvent> events;
  bool is_open() const;
  bool has(BreachEventKind kind) const;
  /// What is still to be done, in the order of BreachEventKind.
  std::vector<BreachEventKind> missing() const;
};

/// What a test means for the breach: an event to add, or nothing. `open` is the fund's open breach.
std::optional<BreachEvent> follow(const std::optional<Breach>& open, const LiquidityTest& test,
                                  const LiquidityPolicy& policy, time::Instant at, const std::string& actor);

/// A person's act on a breach.
base::Result<BreachEvent, BreachRefusal> act_on(const Breach& breach, BreachEventKind kind, std::string text,
                                                time::Instant at, std::string actor);

}  // namespace navkeeper::staking::liquidity
