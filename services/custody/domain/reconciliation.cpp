#include "services/custody/domain/reconciliation.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "services/custody/domain/reconciliation_groups.h"
#include "services/custody/domain/reconciliation_tolerance.h"

namespace navkeeper::custody {

using money::Decimal;

namespace {

using reconciling::Figure;
using reconciling::Group;
using reconciling::Key;

class Reconciler {
 public:
  Reconciler(const ReconciliationInput& input, const ReconciliationTerms& terms)
      : input_(input), terms_(terms), groups_(reconciling::gather(input, terms)) {}

  Reconciliation run() {
    for (auto& [key, group] : groups_) {
      place_ = key;
      group_ = &group;
      reconcile_group();
    }
    reconciling::judge(result_, terms_);
    return std::move(result_);
  }

 private:
  void reconcile_group() {
    Group& group = *group_;
    ReconciliationLine line;
    line.asset = place_.first;
    line.place = place_.second;
    if (group.books != nullptr) {
      line.books = group.books->total;
      line.booked_states = {group.books->staked, group.books->activating, group.books->unbonding};
    } else {
      line.booked_states = {Decimal(), Decimal(), Decimal()};
    }
    if (group.custodian.is_there && group.custodian.unsure.empty()) line.custodian = group.custodian.total;
    const Figure on_chain = together(group.chain, group.own);
    if (on_chain.is_there && on_chain.unsure.empty()) line.chain = on_chain.total;
    for (const Figure* figure : {&group.custodian, &group.chain, &group.own}) {
      if (figure->rolled > 0)
        line.notes.push_back(std::to_string(figure->rolled) + " movements between a balance's instant and " +
                             input_.at.to_string());
      line.notes.insert(line.notes.end(), figure->unsure.begin(), figure->unsure.end());
      if (!figure->unsure.empty()) line.status = LineStatus::kUnsure;
    }
    std::sort(line.notes.begin(), line.notes.end());
    line_ = &line;
    const Figure kept = together(group.custodian.is_there ? group.custodian : group.chain, group.own);
    if (kept.is_there && kept.unsure.empty()) {
      line.difference = kept.total - line.books;
      line.kept_states = kept.states;
      // Where one side does not list what moved, the other's movements have no counterpart to look for.
      if (kept.is_silent)
        add_rest(*line.difference, "not everything that moves there is listed: no movement explains it");
      else
        explain_total(group.custodian.is_there);
      compare_states();
    } else if (!kept.is_there) {
      if (line.books.is_zero()) return;
      line.status = LineStatus::kNotCovered;
      line.notes.push_back("no custodian and no chain speaks of it");
    }
    if (line.custodian && group.chain.is_there && group.chain.unsure.empty()) compare_with_chain();
    note_what_nobody_verifies();
    result_.lines.push_back(std::move(line));
  }

  static Figure together(const Figure& a, const Figure& b) {
    if (!b.is_there) return a;
    if (!a.is_there) return b;
    Figure sum = a;
    sum.total += b.total;
    sum.is_silent = a.is_silent || b.is_silent;
    sum.unsure.insert(sum.unsure.end(), b.unsure.begin(), b.unsure.end());
    reconciling::add(sum.states.staked, b.states.staked);
    reconciling::add(sum.states.activating, b.states.activating);
    reconciling::add(sum.states.unbonding, b.states.unbonding);
    return sum;
  }

  static std::vector<CoinMovement> copies(const std::vector<const CoinMovement*>& movements) {
    std::vector<CoinMovement> copied;
    copied.reserve(movements.size());
    for (const CoinMovement* movement : movements) copied.push_back(*movement);
    return copied;
  }

  void explain_total(bool by_custodian) {
    std::vector<const CoinMovement*> moved = by_custodian ? group_->custodian_moved : group_->chain_moved;
    moved.insert(moved.end(), group_->own_moved.begin(), group_->own_moved.end());
    MovementMatch match = match_movements(copies(group_->booked), copies(moved), terms_.match_days_max);
    line_->matched = static_cast<int>(match.pairs.size()) + take_days_together(match);
    Decimal unexplained = *line_->difference;
    for (const MovementPair& pair : match.pairs) {
      const Decimal apart = pair.kept.effect() - pair.booked.effect();
      if (apart.is_zero()) continue;
      unexplained -= apart;
      add_pair(pair, apart);
    }
    // Several movements of one side that are together one of the other leave nothing to explain.
    Decimal alone;
    Decimal unlisted;
    for (const CoinMovement& one : match.booked_only) alone -= one.effect();
    for (const CoinMovement& one : match.kept_only) {
      alone += one.effect();
      if (one.what == kUnlisted) unlisted += one.effect();
    }
    // What no transaction shows is no item of its own where everything is explained without it: the books may
    // have it as several, or in an opening balance.
    if (!unlisted.is_zero() && unexplained == alone - unlisted) {
      std::erase_if(match.kept_only, [](const CoinMovement& one) { return one.what == kUnlisted; });
      alone -= unlisted;
    }
    const bool several_are_one = unexplained.is_zero() && alone.is_zero() && may_be_together(match);
    if (several_are_one) {
      line_->matched += static_cast<int>(match.booked_only.size());
      return;
    }
    take_the_paired(match);
    for (const CoinMovement& one : match.booked_only) {
      if (!one.effect().is_zero()) add_booked_only(one, match, by_custodian);
    }
    for (const CoinMovement& one : match.kept_only) {
      if (!one.effect().is_zero()) add_kept_only(one, match);
    }
    add_rest(unexplained - alone, "no movement of either side explains it");
  }

  void add_rest(const Decimal& amount, const char* why) {
    if (amount.is_zero()) return;
    FoundBreak rest = found(BreakLevel::kTotal, BreakType::kUnknown, amount, "total rest");
    rest.detail = why;
    explain_by_conversions(rest);
    result_.breaks.push_back(std::move(rest));
  }

  /// What is being converted is in neither asset until it is done; the books have it as activating.
  void explain_by_conversions(FoundBreak& one) const {
    Decimal converting;
    std::string which;
    bool all_recent = true;
    for (const CoinMovement* movement : sorted(group_->under_way)) {
      if (movement->what != kConversion) continue;
      converting += movement->effect();
      which += "; under way: " + told(*movement);
      all_recent = all_recent && is_recent(*movement);
    }
    if (which.empty() || converting != one.amount) return;
    one.type = BreakType::kTiming;
    one.is_self_explained = all_recent;
    one.detail += which;
  }

  FoundBreak found(BreakLevel level, BreakType type, const Decimal& amount, const std::string& key) const {
    FoundBreak one;
    one.key = line_->asset + " " + line_->place + " " + key;
    one.asset = line_->asset;
    one.place = line_->place;
    one.level = level;
    one.type = type;
    one.amount = amount;
    return one;
  }

  static std::string told(const CoinMovement& movement) {
    return movement.what + " " + movement.id + " of " + movement.amount.to_string() + " (" + movement.source +
           ", " + movement.date.to_string() + ")";
  }

  void add_pair(const MovementPair& pair, const Decimal& apart) {
    const bool is_fee = !pair.kept.fee.is_zero() && apart == -pair.kept.fee;
    FoundBreak one = found(BreakLevel::kTotal, is_fee ? BreakType::kFee : BreakType::kAmount, apart,
                           "total pair " + pair.booked.id);
    one.detail = told(pair.booked) + " is " + told(pair.kept);
    if (!pair.kept.fee.is_zero()) one.detail += " with a fee of " + pair.kept.fee.to_string();
    result_.breaks.push_back(std::move(one));
  }

  bool is_recent(const CoinMovement& movement) const {
    return input_.date - movement.date <= terms_.timing_days_max;
  }

  void add_booked_only(const CoinMovement& one, const MovementMatch& match, bool by_custodian) {
    FoundBreak lost = found(BreakLevel::kTotal, BreakType::kMissing, -one.effect(), "total booked " + one.id);
    lost.detail = told(one) + " is in the books and not at the other side";
    const auto twin = std::find_if(match.pairs.begin(), match.pairs.end(), [&](const MovementPair& pair) {
      return pair.booked.id != one.id && pair.booked.effect() == one.effect() &&
             share_reference(pair.booked, one);
    });
    if (twin != match.pairs.end()) {
      lost.type = BreakType::kDuplicate;
      lost.detail = told(one) + " is in the books a second time, beside " + told(twin->booked);
    } else if (const CoinMovement* way = same_in(group_->under_way, one)) {
      lost.type = BreakType::kTiming;
      lost.is_self_explained = is_recent(*way);
      lost.detail += "; under way there: " + told(*way);
    } else if (by_custodian) {
      if (const CoinMovement* seen = same_in(group_->chain_moved, one)) {
        lost.type = BreakType::kTiming;
        lost.is_self_explained = is_recent(*seen);
        lost.detail += "; on the chain: " + told(*seen);
      }
    }
    result_.breaks.push_back(std::move(lost));
  }

  void add_kept_only(const CoinMovement& one, const MovementMatch& match) {
    FoundBreak extra = found(BreakLevel::kTotal, BreakType::kMissing, one.effect(),
                             "total kept " + one.source + " " + one.id);
    extra.detail = told(one) + " is not in the books";
    const auto twin = std::find_if(match.pairs.begin(), match.pairs.end(), [&](const MovementPair& pair) {
      return (pair.kept.id != one.id || pair.kept.source != one.source) &&
             pair.kept.effect() == one.effect() && share_reference(pair.kept, one);
    });
    if (twin != match.pairs.end()) {
      extra.type = BreakType::kDuplicate;
      extra.detail = told(one) + " is told a second time, beside " + told(twin->kept);
    } else if (const CoinMovement* later = same_in(group_->pending, one)) {
      extra.type = BreakType::kTiming;
      extra.is_self_explained = is_recent(one);
      extra.detail += " yet; to settle: " + told(*later);
    }
    result_.breaks.push_back(std::move(extra));
  }

  /// Whether what either side has alone can be one movement of the other's told in parts: both have some, all
  /// in one direction, within the days of a match.
  bool may_be_together(const MovementMatch& match) const {
    if (match.booked_only.empty() != match.kept_only.empty()) return false;
    std::optional<bool> goes_out;
    std::optional<time::Date> first, last;
    for (const auto* side : {&match.booked_only, &match.kept_only}) {
      for (const CoinMovement& one : *side) {
        if (one.effect().is_zero()) continue;
        if (goes_out.value_or(one.effect().is_negative()) != one.effect().is_negative()) return false;
        goes_out = one.effect().is_negative();
        first = std::min(first.value_or(one.date), one.date);
        last = std::max(last.value_or(one.date), one.date);
      }
    }
    return !first || *last - *first <= terms_.match_days_max;
  }

  /// What the chain shows of a movement that both sides have explains no other one.
  void take_the_paired(const MovementMatch& match) {
    taken_.clear();
    for (const MovementPair& pair : match.pairs) same_in(group_->chain_moved, pair.kept);
  }

  /// The earliest that may be the same and explains nothing yet: from then on it does.
  const CoinMovement* same_in(const std::vector<const CoinMovement*>& movements, const CoinMovement& one) {
    const CoinMovement* best = nullptr;
    for (const CoinMovement* other : movements) {
      if (taken_.contains(other)) continue;
      if (!may_be_same(*other, one, terms_.match_days_max)) continue;
      if (best == nullptr ||
          std::tie(other->date, other->source, other->id) < std::tie(best->date, best->source, best->id))
        best = other;
    }
    if (best != nullptr) taken_.insert(best);
    return best;
  }

  void compare_states() {
    struct One {
      const char* name;
      const std::optional<Decimal>& booked;
      const std::optional<Decimal>& kept;
    };
    const One all[] = {{"staked", line_->booked_states.staked, line_->kept_states.staked},
                       {"activating", line_->booked_states.activating, line_->kept_states.activating},
                       {"unbonding", line_->booked_states.unbonding, line_->kept_states.unbonding}};
    for (const One& one : all) {
      if (!one.kept) {
        if (!one.booked->is_zero())
          line_->notes.push_back(std::string("nobody states what is ") + one.name + " there");
        continue;
      }
      const Decimal apart = *one.kept - *one.booked;
      if (apart.is_zero()) continue;
      FoundBreak state =
          found(BreakLevel::kState, BreakType::kUnknown, apart, std::string("state ") + one.name);
      state.detail =
          one.kept->to_string() + " are " + one.name + " there, " + one.booked->to_string() + " in the books";
      if (std::string_view(one.name) == "activating") explain_by_conversions(state);
      result_.breaks.push_back(std::move(state));
    }
  }

  void compare_with_chain() {
    const Decimal& on_chain = group_->chain.total;
    const Decimal apart = on_chain - *line_->custodian;
    if (apart.is_zero()) return;
    if (!apart.is_negative() || group_->chain.is_mapped) {
      add_chain_break(apart, on_chain.to_string() + " on the chain, " + line_->custodian->to_string() +
                                 " at the custodian");
      return;
    }
    line_->notes.push_back(on_chain.to_string() + " of " + line_->custodian->to_string() +
                           " lie at addresses that are read on the chain");
    if (line_->status == LineStatus::kAgrees) line_->status = LineStatus::kInPart;
    const Decimal there = not_staked(group_->chain.totals, [](const Balance&) { return true; });
    const Decimal said =
        not_staked(group_->custodian.totals, [&](const Balance& one) { return is_segregated(one); });
    if (group_->has_others_too || there >= said) return;
    add_chain_break(there - said, there.to_string() + " lie free at addresses of the fund alone, " +
                                      said.to_string() + " should by the custodian");
  }

  /// What is neither staked nor on its way to or from it.
  template <class Counts>
  static Decimal not_staked(const std::map<const Balance*, Decimal>& totals, Counts&& counts) {
    Decimal sum;
    for (const auto& [balance, total] : totals) {
      if (!counts(*balance)) continue;
      const StateFigures states = states_of(*balance);
      sum += total;
      for (const auto& state : {states.staked, states.activating, states.unbonding})
        sum -= state.value_or(Decimal());
    }
    return sum;
  }

  /// Whether its custodian keeps it at an address of the fund alone.
  bool is_segregated(const Balance& balance) const {
    return std::any_of(group_->segregated.begin(), group_->segregated.end(), [&](const auto* one) {
      return one->custodian == balance.place.source &&
             (one->account.empty() || one->account == balance.place.account);
    });
  }

  void add_chain_break(const Decimal& apart, std::string detail) {
    FoundBreak one = found(BreakLevel::kChain, BreakType::kUnknown, apart, "chain");
    one.detail = std::move(detail);
    // What the custodian has not ended yet may be on the chain already, and the other way round.
    Decimal between;
    std::string which;
    bool all_recent = true;
    for (const CoinMovement* movement : sorted(group_->under_way)) {
      if (source_kind(movement->source) == SourceKind::kChain) continue;
      between += movement->effect();
      which += "; under way: " + told(*movement);
      all_recent = all_recent && is_recent(*movement);
    }
    if (!which.empty() && between == apart) {
      one.type = BreakType::kTiming;
      one.is_self_explained = all_recent;
      one.detail += which;
    }
    result_.breaks.push_back(std::move(one));
  }

  static std::vector<const CoinMovement*> sorted(std::vector<const CoinMovement*> movements) {
    std::sort(movements.begin(), movements.end(), [](const CoinMovement* a, const CoinMovement* b) {
      return std::tie(a->at, a->source, a->id) < std::tie(b->at, b->source, b->id);
    });
    return movements;
  }

  void note_what_nobody_verifies() {
    if (!group_->custodian.has_stake || group_->chain.is_there) return;
    line_->notes.push_back(group_->custodian.has_omnibus_stake
                               ? "staked in an account of the exchange's many clients: not independently "
                                 "verifiable"
                               : "what is staked is the custodian's word alone: no chain was asked");
  }

  const ReconciliationInput& input_;
  const ReconciliationTerms& terms_;
  std::map<Key, Group> groups_;
  Reconciliation result_;
  Key place_;
  Group* group_ = nullptr;
  ReconciliationLine* line_ = nullptr;
  std::set<const CoinMovement*> taken_;  ///< each explains one other at most
};

}  // namespace

Reconciliation reconcile(const ReconciliationInput& input, const ReconciliationTerms& terms) {
  return Reconciler(input, terms).run();
}

}  // namespace navkeeper::custody
