#include "services/custody/domain/movement.h"

#include <algorithm>
#include <array>

#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "common/crypto/digest.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody {
namespace {

constexpr std::size_t kTextBytesMax = 140;
constexpr std::int64_t kSlippageBpsMax = 500;
constexpr std::array<std::string_view, 4> kKinds{"withdrawal", "stake", "unstake", "convert"};
constexpr std::array<std::string_view, 11> kStates{"proposed",  "approved_once", "approved_twice", "sending",
                                                   "in_doubt",  "refused",       "not_found",      "sent",
                                                   "confirmed", "failed",        "withdrawn"};
constexpr std::array<std::string_view, 3> kOutcomes{"allowed", "plan", "unavailable"};
/// The custodian's clock and ours may differ by so much.
constexpr auto kClocksApart = time::Duration::seconds(120);

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view word) {
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool is_text(const std::string& text) {
  return text.size() <= kTextBytesMax &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

base::Checked<void> check_conversion(const Movement& movement) {
  if (!movement.conversion) return {};
  const std::string into = converted_into(movement.asset.value());
  if (into.empty())
    return base::Refusal{"asset", movement.asset.value() + " cannot be converted: ETH (staked) or CDCETH"};
  if (movement.conversion->into != into)
    return base::Refusal{"into", movement.asset.value() + " is converted into " + into};
  if (!movement.conversion->expected_rate.is_positive())
    return base::Refusal{"expected_rate", "is not positive"};
  if (movement.conversion->slippage_bps < 0 || movement.conversion->slippage_bps > kSlippageBpsMax)
    return base::Refusal{"slippage_bps", "must be from 0 to " + std::to_string(kSlippageBpsMax)};
  return {};
}

std::string amount_of(const InstructionSeen& seen) { return seen.amount.to_string() + " " + seen.asset; }

/// Where a record that must be it says something else; empty: nowhere.
std::string difference(const Movement& movement, const Whereto& whereto, const InstructionSeen& seen) {
  const std::string& asset = movement.asset.value();
  if (seen.kind != movement.kind) return "it is a " + std::string(describe(seen.kind));
  if (seen.asset != asset || seen.amount != movement.amount) return "it is about " + amount_of(seen);
  if (!seen.account.empty() && !movement.account.empty() && seen.account != movement.account)
    return "it is of account " + seen.account;
  if (movement.kind == MovementKind::kConvert && seen.address != whereto.address)
    return "it is into " + seen.address;
  if (movement.kind != MovementKind::kWithdrawal) return {};
  if (!is_same_address(seen.address, whereto.address)) return "it goes to " + seen.address;
  if (!is_same_network(asset, whereto, seen.network)) return "it goes by the network " + seen.network;
  return {};
}

Finding found(const Movement& movement, const Whereto& whereto, const InstructionSeen& seen) {
  std::string why = difference(movement, whereto, seen);
  if (why.empty()) return {Finding::What::kFound, seen, {}};
  return {Finding::What::kDiffers, seen,
          "the custodian's record " + seen.id + " is not what was asked for: " + why};
}

/// Of records with our id: those that were replaced give way to the one that was not, and where all were, to
/// the one that a person named (it bears another id).
std::vector<const InstructionSeen*> not_replaced(const std::vector<const InstructionSeen*>& with_our_id,
                                                 const MovementStanding& standing,
                                                 const InstructionHistory& history) {
  std::vector<const InstructionSeen*> left;
  for (const InstructionSeen* seen : with_our_id) {
    if (!seen->is_replaced) left.push_back(seen);
  }
  if (!left.empty() || with_our_id.empty()) return left;
  for (const InstructionSeen& seen : history.seen) {
    if (seen.id == standing.custodian_id && !seen.is_replaced) left.push_back(&seen);
  }
  return left;
}

}  // namespace

std::string_view describe(MovementKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::optional<MovementKind> parse_movement_kind(std::string_view word) {
  return named<MovementKind>(kKinds, word);
}
std::string_view describe(MovementState state) { return kStates[static_cast<std::size_t>(state)]; }
std::optional<MovementState> parse_movement_state(std::string_view word) {
  return named<MovementState>(kStates, word);
}

std::string_view describe(StakeTest::Outcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome)]; }
std::optional<StakeTest::Outcome> parse_stake_test_outcome(std::string_view word) {
  return named<StakeTest::Outcome>(kOutcomes, word);
}

std::string converted_into(std::string_view asset) {
  if (const LiquidToken* const token = liquid_token(asset)) return std::string(token->coin) + ".staked";
  if (const LiquidToken* const token = liquid_token_of(asset)) return std::string(token->token);
  return {};
}

base::Checked<void> check_movement(const Movement& movement) {
  if (const auto broken = model::broken_name_rule(movement.id, "id", ""))
    return base::Refusal{"id", broken->rule};
  if (const auto broken = model::broken_name_rule(movement.custodian, "custodian", ""))
    return base::Refusal{"custodian", broken->rule};
  if (!is_text(movement.account))
    return base::Refusal{"account", "is longer than 140 bytes or has a control character"};
  if (!movement.amount.is_positive()) return base::Refusal{"amount", "is not positive"};
  const bool is_conversion = movement.kind == MovementKind::kConvert;
  const std::string& asset = movement.asset.value();
  if (asset_rule(asset) == nullptr && !(is_conversion && liquid_token(asset) != nullptr))
    return base::Refusal{"asset", asset + " is not known here: BTC, ETH or CRO"};
  const int decimals = *decimals_of_asset(asset);
  if (movement.amount.scale() > decimals)
    return base::Refusal{"amount",
                         "has more decimals than " + asset + " has (" + std::to_string(decimals) + ")"};
  if (is_conversion != movement.conversion.has_value())
    return base::Refusal{"into",
                         is_conversion ? "a conversion names what it gives" : "is of a conversion alone"};
  if (auto checked = check_conversion(movement); checked.has_error()) return checked;
  const bool is_withdrawal = movement.kind == MovementKind::kWithdrawal;
  if (is_withdrawal && movement.destination.empty())
    return base::Refusal{"destination", "a withdrawal names a whitelisted destination"};
  if (!is_withdrawal && !movement.destination.empty())
    return base::Refusal{"destination", "is of a withdrawal alone"};
  if (movement.reason.empty()) return base::Refusal{"reason", "is empty"};
  if (!is_text(movement.reason))
    return base::Refusal{"reason", "is longer than 140 bytes or has a control character"};
  return {};
}

std::string movement_client_id(const model::FundId& fund, const std::string& id) {
  // Names hold no line ends, so no two pairs read alike.
  crypto::Digest256 digest = crypto::sha256("navkeeper movement\n" + fund.value() + "\n" + id);
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0fU) | 0x80U);  // version 8
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3fU) | 0x80U);  // variant
  const std::string hex = base::to_hex(digest);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20, 12);
}

bool may_follow(std::optional<MovementState> from, MovementState to) {
  using S = MovementState;
  if (!from) return to == S::kProposed;
  switch (*from) {
    case S::kProposed:
      return to == S::kApprovedOnce || to == S::kWithdrawn;
    case S::kApprovedOnce:
      return to == S::kApprovedTwice || to == S::kWithdrawn;
    case S::kApprovedTwice:
      return to == S::kSending || to == S::kWithdrawn;
    case S::kSending:
      return to == S::kSent || to == S::kInDoubt || to == S::kRefused || to == S::kApprovedTwice;
    case S::kInDoubt:
      return to == S::kSent || to == S::kNotFound;
    case S::kRefused:
      return to == S::kSent || to == S::kFailed;
    case S::kNotFound:
      return to == S::kSent || to == S::kApprovedTwice || to == S::kWithdrawn;
    case S::kSent:
      return to == S::kSent || to == S::kConfirmed || to == S::kFailed || to == S::kInDoubt;
    case S::kConfirmed:
    case S::kFailed:
    case S::kWithdrawn:
      return false;
  }
  return false;
}

bool is_ended(MovementState state) {
  return state == MovementState::kConfirmed || state == MovementState::kFailed ||
         state == MovementState::kWithdrawn;
}

MovementStanding standing_of(const std::vector<MovementEvent>& events) {
  ENSURE(!events.empty());
  MovementStanding standing;
  for (const MovementEvent& event : events) {
    const MovementChange& change = event.change;
    standing.state = change.state;
    standing.since = event.at;
    if (change.state == MovementState::kSending) {
      ++standing.attempts;
      if (!standing.first_sending_at) standing.first_sending_at = event.at;
      standing.last_sending_at = event.at;
    }
    if (!change.custodian_id.empty()) standing.custodian_id = change.custodian_id;
    if (!change.transaction_id.empty()) standing.transaction_id = change.transaction_id;
    if (!change.status.empty()) standing.status = change.status;
  }
  return standing;
}

MovementStep next_step(const MovementStanding& standing, time::Instant now, const MovementTiming& timing) {
  switch (standing.state) {
    case MovementState::kApprovedTwice:
      return standing.attempts == 0 || now - standing.since >= timing.again_after ? MovementStep::kSend
                                                                                  : MovementStep::kNothing;
    case MovementState::kSending:
      return now - standing.since >= timing.answer_within ? MovementStep::kLookUp : MovementStep::kNothing;
    case MovementState::kInDoubt:
    case MovementState::kRefused:
    case MovementState::kNotFound:
    case MovementState::kSent:
      return MovementStep::kLookUp;
    case MovementState::kProposed:
    case MovementState::kApprovedOnce:
    case MovementState::kConfirmed:
    case MovementState::kFailed:
    case MovementState::kWithdrawn:
      return MovementStep::kNothing;
  }
  return MovementStep::kNothing;
}

Finding find_movement(const Movement& movement, const std::string& client_id, const Whereto& whereto,
                      const MovementStanding& standing, const InstructionHistory& history,
                      const std::set<std::string>& taken) {
  std::vector<const InstructionSeen*> candidates;
  for (const InstructionSeen& seen : history.seen) {
    if (history.is_keyed ? seen.client_id == client_id
                         : !standing.custodian_id.empty() && seen.id == standing.custodian_id)
      candidates.push_back(&seen);
  }
  if (!candidates.empty()) {
    const InstructionSeen& replaced = *candidates.back();
    candidates = not_replaced(candidates, standing, history);
    if (candidates.empty())
      return {Finding::What::kReplaced, replaced,
              "the custodian's record " + replaced.id + " ended as " + replaced.status +
                  ", another one was made in its place, and its history does not say which"};
  }
  if (candidates.size() > 1)
    return {Finding::What::kAmbiguous, std::nullopt,
            std::to_string(candidates.size()) + " records of the custodian carry its id"};
  if (candidates.size() == 1) return found(movement, whereto, *candidates.front());
  if (history.is_keyed || !standing.first_sending_at) return {};
  for (const InstructionSeen& seen : history.seen) {
    if (difference(movement, whereto, seen).empty() && !taken.contains(seen.id) &&
        seen.created_at >= *standing.first_sending_at - kClocksApart)
      candidates.push_back(&seen);
  }
  if (candidates.empty()) return {};
  const bool is_named = !standing.custodian_id.empty();
  if (candidates.size() == 1 && !is_named) return {Finding::What::kFound, *candidates.front(), {}};
  std::string ids;
  for (const InstructionSeen* seen : candidates) ids += (ids.empty() ? "" : ", ") + seen->id;
  return {Finding::What::kAmbiguous, std::nullopt,
          is_named ? "its record " + standing.custodian_id + " is not in the custodian's history, and " +
                         ids + " could be it"
                   : "several records of the custodian could be it: " + ids};
}

base::Checked<void> check_match(const Movement& movement, const std::string& client_id,
                                const Whereto& whereto, const InstructionHistory& history,
                                const std::string& custodian_id) {
  const auto refused = [](std::string why) { return base::Refusal{"custodian_id", std::move(why)}; };
  const auto seen = std::find_if(history.seen.begin(), history.seen.end(),
                                 [&](const InstructionSeen& one) { return one.id == custodian_id; });
  if (seen == history.seen.end())
    return refused("the custodian's history as of " + history.as_of.to_string() + " has no such " +
                   std::string(describe(movement.kind)));
  if (!seen->client_id.empty() && seen->client_id != client_id)
    return refused("carries the id of another order: " + seen->client_id);
  if (const std::string why = difference(movement, whereto, *seen); !why.empty())
    return refused("is not what was asked for: " + why);
  if (seen->is_replaced) return refused("ended as " + seen->status + ": another one was made in its place");
  return {};
}

std::vector<MovementChange> after_look(const MovementStanding& standing, const Finding& finding,
                                       time::Instant as_of, const MovementTiming& timing) {
  using S = MovementState;
  std::vector<MovementChange> changes;
  if (finding.what == Finding::What::kFound) {
    const InstructionSeen& seen = *finding.seen;
    const bool is_new = standing.state != S::kSent || standing.custodian_id != seen.id ||
                        standing.status != seen.status || standing.transaction_id != seen.transaction_id;
    if (standing.state == S::kSending)
      changes.push_back({S::kInDoubt, "its process ended before an answer was stored"});
    const MovementChange sent{S::kSent,    "found in the custodian's history",
                              seen.id,     seen.transaction_id,
                              seen.status, seen.document};
    if (is_new) changes.push_back(sent);
    if (seen.progress == Progress::kDone || seen.progress == Progress::kFailed) {
      const bool is_done = seen.progress == Progress::kDone;
      changes.push_back({is_done ? S::kConfirmed : S::kFailed, "by the custodian's history", seen.id,
                         seen.transaction_id, seen.status, seen.document});
    }
    return changes;
  }
  if (finding.what == Finding::What::kReplaced) {
    if (standing.state == S::kSending || standing.state == S::kSent)
      changes.push_back({S::kInDoubt, finding.why});
    return changes;
  }
  if (finding.what != Finding::What::kNotThere || !standing.last_sending_at) return changes;
  const bool is_settled = as_of - *standing.last_sending_at >= timing.settled_after;
  switch (standing.state) {
    case S::kSending:
      changes.push_back({S::kInDoubt, "its process ended before an answer was stored"});
      break;
    case S::kInDoubt:
      if (is_settled)
        changes.push_back(
            {S::kNotFound, "a complete history as of " + as_of.to_string() + " does not have it"});
      break;
    case S::kRefused:
      if (is_settled)
        changes.push_back(
            {S::kFailed, "refused, and a complete history as of " + as_of.to_string() + " does not have it"});
      break;
    case S::kSent:
      if (is_settled)
        changes.push_back({S::kInDoubt, "the custodian answered and its complete history as of " +
                                            as_of.to_string() + " does not have it"});
      break;
    case S::kProposed:
    case S::kApprovedOnce:
    case S::kApprovedTwice:
    case S::kNotFound:
    case S::kConfirmed:
    case S::kFailed:
    case S::kWithdrawn:
      break;
  }
  return changes;
}

}  // namespace navkeeper::custody
