#include "services/staking/domain/liquidity/breach.h"

#include <algorithm>

namespace navkeeper::staking::liquidity {
namespace {

constexpr std::array kKinds{BreachEventKind::kOpened,        BreachEventKind::kMeasured,
                            BreachEventKind::kBoardNotified, BreachEventKind::kFormFiled,
                            BreachEventKind::kPlanRecorded,  BreachEventKind::kCured};
constexpr std::array kDuties{BreachEventKind::kBoardNotified, BreachEventKind::kFormFiled,
                             BreachEventKind::kPlanRecorded};
constexpr int kShareDecimals = 6;

std::string figures(const LiquidityTest& test, const LiquidityPolicy& policy) {
  return test.illiquid.to_string() + " of net assets of " + test.net_assets.to_string() +
         " is illiquid: " + test.illiquid_share.to_fixed(kShareDecimals, money::Rounding::kHalfEven) +
         ", the limit is " + policy.illiquid_max.to_string();
}

}  // namespace

std::string_view describe(BreachEventKind kind) {
  switch (kind) {
    case BreachEventKind::kOpened:
      return "opened";
    case BreachEventKind::kMeasured:
      return "measured";
    case BreachEventKind::kBoardNotified:
      return "board_notified";
    case BreachEventKind::kFormFiled:
      return "form_filed";
    case BreachEventKind::kPlanRecorded:
      return "plan_recorded";
    case BreachEventKind::kCured:
      return "cured";
  }
  return "";
}

std::optional<BreachEventKind> parse_breach_event_kind(std::string_view word) {
  for (const BreachEventKind kind : kKinds)
    if (word == describe(kind)) return kind;
  return std::nullopt;
}

std::string_view describe(BreachRefusal refusal) {
  switch (refusal) {
    case BreachRefusal::kNotOpen:
      return "there is no open breach";
    case BreachRefusal::kNothingSaid:
      return "needs words: a reference or the plan";
    case BreachRefusal::kNotByHand:
      return "comes of a test alone and of nobody's word";
    case BreachRefusal::kBeforeTheBreach:
      return "lies before the breach";
    case BreachRefusal::kAlreadyNotified:
      return "was recorded already";
  }
  return "";
}

bool Breach::has(BreachEventKind kind) const {
  return std::any_of(events.begin(), events.end(),
                     [&](const BreachEvent& event) { return event.kind == kind; });
}

bool Breach::is_open() const { return has(BreachEventKind::kOpened) && !has(BreachEventKind::kCured); }

std::vector<BreachEventKind> Breach::missing() const {
  std::vector<BreachEventKind> kinds;
  if (!is_open()) return kinds;
  for (const BreachEventKind kind : kDuties)
    if (!has(kind)) kinds.push_back(kind);
  return kinds;
}

std::optional<BreachEvent> follow(const std::optional<Breach>& open, const LiquidityTest& test,
                                  const LiquidityPolicy& policy, time::Instant at, const std::string& actor) {
  const bool above = test.standing == Standing::kAboveIlliquid;
  const bool is_open = open && open->is_open();
  if (!above && !is_open) return std::nullopt;
  const BreachEventKind kind = !above    ? BreachEventKind::kCured
                               : is_open ? BreachEventKind::kMeasured
                                         : BreachEventKind::kOpened;
  return BreachEvent{kind, at, figures(test, policy), actor};
}

base::Result<BreachEvent, BreachRefusal> act_on(const Breach& breach, BreachEventKind kind, std::string text,
                                                time::Instant at, std::string actor) {
  if (!breach.is_open()) return BreachRefusal::kNotOpen;
  if (std::find(kDuties.begin(), kDuties.end(), kind) == kDuties.end()) return BreachRefusal::kNotByHand;
  if (text.empty()) return BreachRefusal::kNothingSaid;
  if (at < breach.events.front().at) return BreachRefusal::kBeforeTheBreach;
  // A plan may be replaced by a later one; a notice was given or it was not.
  if (kind != BreachEventKind::kPlanRecorded && breach.has(kind)) return BreachRefusal::kAlreadyNotified;
  return BreachEvent{kind, at, std::move(text), std::move(actor)};
}

}  // namespace navkeeper::staking::liquidity
