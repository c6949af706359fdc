#include "services/staking/domain/fund_totals.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "services/staking/domain/liquid_token.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using Kind = SentInstruction::Kind;

/// Clocks of custody and custodian differ: a request may be dated so long before it was sent.
constexpr auto kClocksApart = time::Duration::minutes(5);

struct Sums {
  Decimal staked, pending, in_flight, unbonding, claimable;
  Decimal uncounted;
  Decimal not_free;  ///< of what custody calls free: on its way, or asked back from an issuer
};

class Totals {
 public:
  explicit Totals(const FundTotalsInputs& inputs) : inputs_(inputs) {}

  FundTotals run() {
    for (const KeptCoins& kept : inputs_.kept) sums_[kept.asset];
    for (const StakesAtState& stakes : inputs_.stakes) {
      for (const Position& position : stakes.positions) add(position);
      for (const StakingEvent& event : stakes.later) add(stakes, event);
    }
    for (const SentInstruction& one : inputs_.sent) add(one);
    FundTotals result;
    for (const auto& [asset, sums] : sums_) result.totals.push_back(total(asset, sums));
    std::sort(in_flight_.begin(), in_flight_.end(), [](const InFlight& a, const InFlight& b) {
      return std::tie(a.asset, a.since, a.id) < std::tie(b.asset, b.since, b.id);
    });
    result.in_flight = std::move(in_flight_);
    return result;
  }

 private:
  void add(const Position& position) {
    Sums& sums = sums_[position.key.asset];
    // Units of a token are what custody keeps of it; those that are asked back may be among them or not.
    if (position.key.chain == Chain::kLiquid) {
      if (position.state != PositionState::kRedeeming) return;
      sums.unbonding += position.amount;
      (is_uncounted(position) ? sums.uncounted : sums.not_free) += position.amount;
      return;
    }
    if (position.state == PositionState::kInFlight) {
      sums.in_flight += position.amount;
      sums.uncounted += position.amount;
      in_flight_.push_back({position.key.asset, position.amount, true, position.key.source.value(),
                            position.part, inputs_.at, position.detail});
      return;
    }
    const auto account = account_of(position.key.chain, position.state);
    if (account) add(sums, *account, position.amount);
  }

  static void add(Sums& sums, Account account, const Decimal& amount) {
    switch (account) {
      case Account::kStake:
        sums.staked += amount;
        return;
      case Account::kPending:
        sums.pending += amount;
        return;
      case Account::kUnbonding:
        sums.unbonding += amount;
        return;
      case Account::kClaimable:
        sums.claimable += amount;
        return;
      case Account::kLiquid:
        return;  // custody's to say
    }
  }

  /// Rewards that a custodian pays out in free coins move no stake.
  static bool moves(const StakingEvent& event) {
    return event.kind != EventKind::kRewardCustodian || event.type_detail.ends_with(".staked");
  }

  static bool is_uncounted(const Position& position) { return position.detail.ends_with(kCountedNowhere); }

  /// A token's conversion that was under way at the state and is done by the valuation point.
  void end_redeeming(const StakesAtState& stakes, const StakingEvent& event) {
    for (const Position& position : stakes.positions) {
      if (position.state != PositionState::kRedeeming || position.part.empty() ||
          position.key.asset != event.key.asset || !event.id.ends_with(position.part))
        continue;
      Sums& sums = sums_[event.key.asset];
      sums.unbonding -= position.amount;
      if (is_uncounted(position))
        sums.uncounted -= position.amount;
      else if (!is_before(stakes.kept_by, event))
        sums.not_free -= position.amount;
    }
  }

  void add(const StakesAtState& stakes, const StakingEvent& event) {
    if (stakes.chain == Chain::kLiquid && event.kind == EventKind::kConverted)
      return end_redeeming(stakes, event);
    if (stakes.chain == Chain::kLiquid || !moves(event)) return;
    Sums& sums = sums_[event.key.asset];
    if (event.kind == EventKind::kConverted || event.kind == EventKind::kConvertReturned)
      return end_conversion(sums, event);
    const bool is_sent = event.kind == EventKind::kDepositSubmitted || event.kind == EventKind::kDelegate ||
                         event.kind == EventKind::kConvertRequested;
    const bool is_asked_back =
        event.kind == EventKind::kUndelegate || event.kind == EventKind::kRedeemRequested;
    Decimal held;
    for (const Account account : kAccounts) {
      const int way = effect(event.kind, account);
      if (way == 0 || account == Account::kLiquid) continue;
      const Decimal amount = way > 0 ? event.amount : -event.amount;
      if (account != Account::kClaimable) held += amount;
      if (way > 0 && (is_sent || is_asked_back))
        sums.in_flight += amount;
      else
        add(sums, account, amount);
    }
    if (is_sent || is_asked_back)
      in_flight_.push_back(
          {event.key.asset, event.amount, is_sent, stakes.source, event.id, event.mark.at,
           std::string(describe(event.kind)) + " after the state of " + stakes.mark.at.to_string()});
    // A custodian's balance from before it still counts these coins as they were; a chain is read at the
    // valuation point's own block.
    if (stakes.chain == Chain::kCustodian && is_before(stakes.kept_by, event))
      sums.not_free += held;
    else if (event.kind == EventKind::kConvertRequested)
      sums.uncounted += event.amount;
  }

  void end_conversion(Sums& sums, const StakingEvent& event) {
    sums.in_flight -= event.amount;
    sums.uncounted -= std::min(sums.uncounted, event.amount);
    if (event.kind == EventKind::kConvertReturned) sums.staked += event.amount;
    const auto listed = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const InFlight& one) {
      return one.asset == event.key.asset && one.amount == event.amount && event.id.ends_with(one.id);
    });
    if (listed != in_flight_.end()) in_flight_.erase(listed);
  }

  bool is_before(const std::string& kept_by, const StakingEvent& event) const {
    return std::any_of(inputs_.readings.begin(), inputs_.readings.end(), [&](const KeptReading& reading) {
      return reading.source == kept_by && reading.asset == event.key.asset && reading.as_of < event.mark.at;
    });
  }

  void add(const SentInstruction& one) {
    if (one.sent_at > inputs_.at || is_shown(one)) return;
    Sums& sums = sums_[one.asset];
    sums.in_flight += one.amount;
    const bool is_to_stake = one.kind == Kind::kStake;
    // Where the custodian still counts them: a coin's conversion takes staked ones, a token's its own units.
    if (is_to_stake || (one.kind == Kind::kConvert && is_token(one.asset)))
      sums.not_free += one.amount;
    else
      sums.staked -= one.amount;
    const char* what = is_to_stake ? "stake" : one.kind == Kind::kUnstake ? "unstake" : "conversion";
    in_flight_.push_back({one.asset, one.amount, is_to_stake, one.custodian, "movement " + one.id,
                          one.sent_at,
                          std::string(what) + " that custody sent (" + one.state +
                              "), not in the custodian's history by then"});
    if (one.kind == Kind::kConvert)
      in_flight_.back().what = "conversion that custody sent (" + one.state + "), not done by then";
  }

  bool is_token(const model::AssetId& asset) const {
    return std::any_of(inputs_.stakes.begin(), inputs_.stakes.end(), [&](const StakesAtState& stakes) {
      return stakes.chain == Chain::kLiquid &&
             std::any_of(stakes.positions.begin(), stakes.positions.end(),
                         [&](const Position& position) { return position.key.asset == asset; });
    });
  }

  /// Whether the custodian's own telling, which is counted, has it.
  bool is_shown(const SentInstruction& one) const {
    for (const StakesAtState& stakes : inputs_.stakes) {
      if (stakes.kept_by != one.custodian) continue;
      if (one.confirmed_at && *one.confirmed_at <= stakes.mark.at) return true;
      if (one.kind == Kind::kConvert) {
        for (const Position& position : stakes.positions)
          if ((position.state == PositionState::kRedeeming || position.state == PositionState::kInFlight) &&
              position.part == one.custodian_id)
            return true;
      } else if (has_request(stakes, one)) {
        return true;
      }
    }
    return false;
  }

  bool has_request(const StakesAtState& stakes, const SentInstruction& one) const {
    const EventKind asked =
        one.kind == Kind::kStake ? EventKind::kDepositSubmitted : EventKind::kRedeemRequested;
    return std::any_of(stakes.asked.begin(), stakes.asked.end(), [&](const StakingEvent& event) {
      if (event.kind != asked || event.key.asset != one.asset || event.mark.at > inputs_.at) return false;
      if (!one.custodian_id.empty()) return is_record(event, one.custodian_id);
      // Nobody has its id yet: the request alike that is no other instruction's.
      return event.amount == one.amount && event.mark.at >= one.sent_at - kClocksApart &&
             std::none_of(inputs_.sent.begin(), inputs_.sent.end(), [&](const SentInstruction& other) {
               return other.custodian == one.custodian && !other.custodian_id.empty() &&
                      is_record(event, other.custodian_id);
             });
    });
  }

  /// "STAKE:77" is told as it is, or its 77 alone.
  static bool is_record(const StakingEvent& event, const std::string& id) {
    return event.type_detail == id || event.type_detail.ends_with(":" + id);
  }

  FundTotal total(const model::AssetId& asset, const Sums& sums) const {
    FundTotal total;
    total.asset = asset;
    total.staked = sums.staked;
    total.pending = sums.pending;
    total.in_flight = sums.in_flight;
    total.unbonding = sums.unbonding;
    total.claimable = sums.claimable;
    const auto kept = std::find_if(inputs_.kept.begin(), inputs_.kept.end(),
                                   [&](const KeptCoins& one) { return one.asset == asset; });
    if (kept == inputs_.kept.end()) return total;
    total.books = kept->books;
    if (!kept->kept) return total;
    total.custody = *kept->kept;
    total.liquid = *kept->kept - kept->staked - kept->activating - kept->unbonding - sums.not_free;
    total.total = sums.staked + sums.pending + sums.in_flight + sums.unbonding + *total.liquid;
    total.uncounted = sums.uncounted;
    total.less_custody = *total.total - sums.uncounted - *total.custody;
    total.less_books = *total.total - total.books;
    return total;
  }

  const FundTotalsInputs& inputs_;
  std::map<model::AssetId, Sums> sums_;
  std::vector<InFlight> in_flight_;
};

}  // namespace

FundTotals total_of(const FundTotalsInputs& inputs) { return Totals(inputs).run(); }

}  // namespace navkeeper::staking
