#include "services/staking/domain/queues/time_to_cash.h"

#include <algorithm>

#include "services/staking/domain/queues/sweep.h"
#include "services/staking/domain/unbonding.h"

namespace navkeeper::staking::queues {
namespace {

using ether::Epoch;
using time::Instant;

constexpr int kGweiDecimals = 9;

class Path {
 public:
  explicit Path(Instant now) : at_(now), latest_(now) {}

  /// Waits until then, or not at all where it is past.
  void until(const char* what, Instant expected, std::optional<Instant> latest = {}) {
    at_ = std::max(at_, expected);
    latest_ = std::max(latest_, latest.value_or(expected));
    steps_.push_back({what, at_});
  }
  TimeToCash sold_after(time::Duration settlement) && {
    TimeToCash result;
    result.free_at = at_;
    result.free_at_latest = latest_;
    result.cash_at = at_ + settlement;
    steps_.push_back({"sale", *result.cash_at});
    result.steps = std::move(steps_);
    return result;
  }
  static TimeToCash unknown(std::string why) {
    TimeToCash result;
    result.unknown = std::move(why);
    return result;
  }

 private:
  Instant at_;
  Instant latest_;
  std::vector<CashStep> steps_;
};

/// Balances of the consensus layer are whole Gwei; anything finer is counted up to one more. No balance
/// reaches 2^64 Gwei; one that says so waits for ever.
ether::Gwei gwei_of(const money::Decimal& ether) {
  const auto units = ether.rounded(kGweiDecimals, money::Rounding::kUp).to_units(kGweiDecimals);
  return units && *units >= 0 && *units <= INT64_MAX ? static_cast<ether::Gwei>(*units) : INT64_MAX;
}

void add_sweep(Path& path, const EtherOutlook& ether, Epoch withdrawable) {
  const std::uint64_t round = sweep_round_epochs(ether.sweep_withdrawals);
  const Epoch from = std::max(withdrawable, ether.current_epoch);
  path.until("sweep", ether.clock.start_of(from + round / 2), ether.clock.start_of(from + round));
}

/// From `asked` on: the exit queue, the delay, the sweep. False: nothing leaves.
bool add_exit(Path& path, const EtherOutlook& ether, const money::Decimal& amount, Epoch asked) {
  const auto forecast = forecast_exit(ether.exits, gwei_of(amount), ether.exit_churn, asked);
  if (!forecast) return false;
  path.until("exit queue", ether.clock.start_of(forecast->exit_epoch));
  path.until("withdrawability delay", ether.clock.start_of(forecast->withdrawable_epoch));
  add_sweep(path, ether, forecast->withdrawable_epoch);
  return true;
}

/// Into its target, which is asked for it afterwards: that is how a source's ether comes back.
TimeToCash of_merging(const Position& position, const std::vector<Position>& positions,
                      const Outlook& outlook) {
  const EtherOutlook& ether = *outlook.ether;
  const std::string target = position.part.substr(kMergingPart.size());
  if (std::none_of(positions.begin(), positions.end(), [&](const Position& one) {
        return one.key.chain == Chain::kEthereum && one.key.place == target;
      }))
    return Path::unknown("it merges into validator " + target + ", which is not the fund's");
  if (!position.due_at) return Path::unknown("when it merges is not known");
  Path path(outlook.now);
  path.until("consolidation", *position.due_at);
  const Epoch merged = std::max(ether.current_epoch, ether.clock.epoch_at(*position.due_at));
  if (!add_exit(path, ether, position.amount, merged)) return Path::unknown("nothing leaves the chain");
  return std::move(path).sold_after(outlook.sale_settlement);
}

TimeToCash of_ether(const Position& position, const std::vector<Position>& positions,
                    const Outlook& outlook) {
  if (!outlook.ether) return Path::unknown("the queues of ether were not read");
  if (position.part.starts_with(kMergingPart)) return of_merging(position, positions, outlook);
  const EtherOutlook& ether = *outlook.ether;
  Path path(outlook.now);
  switch (position.state) {
    case PositionState::kInFlight:
      return Path::unknown("its deposit is not in the chain's queue yet");
    case PositionState::kPending:
    case PositionState::kQueued: {
      const auto earns = ether.earns_from.find(position.key.place);
      if (earns == ether.earns_from.end()) return Path::unknown("when it is activated is not known");
      path.until("entry queue", ether.clock.start_of(earns->second));
      const Epoch may_exit = earns->second + ether::kActiveBeforeExit;
      path.until("committee period", ether.clock.start_of(may_exit));
      if (!add_exit(path, ether, position.amount, may_exit)) return Path::unknown("nothing leaves the chain");
      break;
    }
    case PositionState::kActive:
      if (!add_exit(path, ether, position.amount, ether.current_epoch))
        return Path::unknown("nothing leaves the chain");
      break;
    case PositionState::kExiting:
    case PositionState::kUnbonding:
      if (!position.due_at) return Path::unknown("when it becomes withdrawable is not known");
      path.until("withdrawability delay", *position.due_at);
      if (position.part.starts_with(kPartialPart)) {  // paid at the head of a payload, before the sweep
        const Epoch due = std::max(ether.clock.epoch_at(*position.due_at), ether.current_epoch);
        path.until("partial withdrawals", ether.clock.start_of(due + partials_epochs(ether.partials)));
        break;
      }
      add_sweep(path, ether, ether.clock.epoch_at(*position.due_at));
      break;
    case PositionState::kWithdrawable:
      add_sweep(path, ether, ether.current_epoch);
      break;
    case PositionState::kClaimable:
    case PositionState::kLiquid:
      break;
    case PositionState::kRedeeming:
      if (!position.due_at) return Path::unknown("the issuer named no date");
      path.until("redemption", *position.due_at);
      break;
    case PositionState::kContingent:
      return Path::unknown("it may never be paid");
  }
  return std::move(path).sold_after(outlook.sale_settlement);
}

/// Where leaving takes a fixed time.
TimeToCash of_unbonding(const Position& position, const std::vector<Position>& positions,
                        const UnbondingTerms& terms, const Outlook& outlook) {
  Path path(outlook.now);
  switch (position.state) {
    case PositionState::kInFlight:
    case PositionState::kPending:
    case PositionState::kQueued:
    case PositionState::kActive:
    case PositionState::kExiting: {
      const EntryRoom room = entry_room(positions, position.key, terms, outlook.now);
      if (room.frees_at) path.until("free unbonding entry", *room.frees_at);
      path.until("unbonding", room.frees_at.value_or(outlook.now) + terms.unbonding);
      break;
    }
    case PositionState::kUnbonding:
    case PositionState::kRedeeming:
      if (!position.due_at) return Path::unknown("when it completes is not known");
      path.until("unbonding", *position.due_at);
      break;
    case PositionState::kWithdrawable:
    case PositionState::kClaimable:
    case PositionState::kLiquid:
      break;
    case PositionState::kContingent:
      return Path::unknown("it may never be paid");
  }
  return std::move(path).sold_after(outlook.sale_settlement);
}

TimeToCash of_custodian(const Position& position, const std::vector<Position>& positions,
                        const Outlook& outlook) {
  const auto notice = outlook.custodian_notice.find(position.key.source.value());
  if (notice == outlook.custodian_notice.end() && position.state == PositionState::kActive)
    return Path::unknown("the custodian's terms of unstaking are not known");
  const time::Duration wait = notice == outlook.custodian_notice.end() ? time::Duration{} : notice->second;
  return of_unbonding(position, positions, {wait, 0}, outlook);
}

/// A liquid-staking token is sold as it is.
TimeToCash of_token(const Position& position, const Outlook& outlook) {
  Path path(outlook.now);
  if (position.state == PositionState::kContingent) return Path::unknown("it may never be paid");
  if (position.state == PositionState::kRedeeming) {
    if (!position.due_at) return Path::unknown("the issuer named no date");
    path.until("redemption", *position.due_at);
  }
  return std::move(path).sold_after(outlook.sale_settlement);
}

bool returns(PositionState state) {
  return state == PositionState::kUnbonding || state == PositionState::kExiting ||
         state == PositionState::kWithdrawable || state == PositionState::kRedeeming;
}

}  // namespace

TimeToCash time_to_cash(const Position& position, const std::vector<Position>& positions,
                        const Outlook& outlook) {
  switch (position.key.chain) {
    case Chain::kEthereum:
      return of_ether(position, positions, outlook);
    case Chain::kCronosPos:
      if (!outlook.cronos) return Path::unknown("the chain's parameters of unbonding were not read");
      return of_unbonding(position, positions, *outlook.cronos, outlook);
    case Chain::kCustodian:
      return of_custodian(position, positions, outlook);
    case Chain::kLiquid:
      return of_token(position, outlook);
  }
  return Path::unknown("");
}

std::vector<LadderRung> unbonding_ladder(const std::vector<Position>& positions) {
  std::vector<LadderRung> rungs;
  for (const Position& position : positions)
    if (returns(position.state))
      rungs.push_back(
          {position.due_at, position.key.place, position.state, position.amount, {}, position.key.asset});
  std::stable_sort(rungs.begin(), rungs.end(), [](const LadderRung& a, const LadderRung& b) {
    return a.due.value_or(Instant::latest()) < b.due.value_or(Instant::latest());
  });
  std::map<model::AssetId, money::Decimal> sums;
  for (LadderRung& rung : rungs) rung.cumulative = sums[rung.asset] += rung.amount;
  return rungs;
}

EntryRoom entry_room(const std::vector<Position>& positions, const PositionKey& key,
                     const UnbondingTerms& terms, Instant now) {
  EntryRoom room;
  std::vector<Instant> completions;
  for (const Position& position : positions) {
    if (position.key != key || position.state != PositionState::kUnbonding) continue;
    if (position.due_at && *position.due_at <= now) continue;
    ++room.used;
    // An entry of which it is not known when it ends counts as one that ends last.
    completions.push_back(position.due_at.value_or(Instant::latest()));
  }
  if (terms.entries_max == 0) return room;
  room.left = room.used >= terms.entries_max ? 0 : terms.entries_max - room.used;
  if (*room.left == 0) room.frees_at = entry_frees_at(std::move(completions), terms.entries_max);
  if (room.frees_at == Instant::latest()) room.frees_at.reset();
  return room;
}

}  // namespace navkeeper::staking::queues
