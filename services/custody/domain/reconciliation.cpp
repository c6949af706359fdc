#include "services/custody/domain/reconciliation.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <unordered_map>

#include "common/base/ensure.h"

namespace navkeeper::custody {

using money::Decimal;

namespace {

constexpr std::string_view kChainPrefix = "chain:";
constexpr int kCents = 2;

template <class Enum, std::size_t Size>
std::optional<Enum> parse_word(std::string_view word, const std::array<Enum, Size>& all) {
  for (const Enum one : all) {
    if (describe(one) == word) return one;
  }
  return std::nullopt;
}

/// What the sources of one kind say of one asset and place.
struct Figure {
  bool is_there = false;
  Decimal total;
  StateFigures states;
  std::vector<std::string> unsure = {};
  int rolled = 0;  ///< movements between the balance's instant and the reconciliation's
  bool has_omnibus_stake = false;
  bool has_stake = false;
  bool is_silent = false;  ///< one of them does not list what moves
  bool is_mapped = false;  ///< somebody said, or the books' own names say, that this place is there
  std::map<const Balance*, Decimal> totals = {};  ///< of which total is the sum
};

struct Group;

/// A balance and where it was counted.
struct Stated {
  const Balance* balance;
  Group* group;
  Figure* figure;
};

struct Group {
  const BookPosition* books = nullptr;
  Figure custodian, chain;
  Figure own;  ///< on the chain, at the fund's own keys
  std::vector<const CoinMovement*> booked, pending, custodian_moved, chain_moved, own_moved, under_way;
  std::vector<const SegregatedAddress*> segregated = {};
  bool has_others_too = false;  ///< an address there holds other clients' coins too
};

using Key = std::pair<std::string_view, std::string_view>;  // asset, place

void add(std::optional<Decimal>& sum, const std::optional<Decimal>& amount) {
  if (amount) sum = sum.value_or(Decimal()) + *amount;
}

class Reconciler {
 public:
  Reconciler(const ReconciliationInput& input, const ReconciliationTerms& terms)
      : input_(input), terms_(terms) {
    for (const PlaceRule& rule : terms.places) rules_.emplace(rule.source + '\n' + rule.account, rule.place);
    own_keys_.insert(terms.own_keys.begin(), terms.own_keys.end());
    others_too_.insert(terms.others_too.begin(), terms.others_too.end());
    for (const SegregatedAddress& one : terms.segregated) segregated_.emplace(one.place, &one);
  }

  Reconciliation run() {
    collect();
    for (auto& [key, group] : groups_) {
      place_ = key;
      group_ = &group;
      reconcile_group();
    }
    finish();
    return std::move(result_);
  }

 private:
  // Gathering.

  void collect() {
    for (const BookPosition& position : input_.books) book_places_.insert(position.place);
    for (const BookPosition& position : input_.books) {
      Group& group = groups_[{position.asset, position.place}];
      ENSURE(group.books == nullptr && !position.asset.empty());
      group.books = &position;
    }
    for (const Balance& balance : input_.balances) add_balance(balance);
    for (const CoinMovement& movement : input_.booked) at(movement).booked.push_back(&movement);
    for (const CoinMovement& movement : input_.booked_pending) at(movement).pending.push_back(&movement);
    for (const CoinMovement& movement : input_.under_way) {
      if (Group* group = group_of(movement)) group->under_way.push_back(&movement);
    }
    for (const CoinMovement& movement : input_.moved) add_moved(movement);
  }

  Group& at(const CoinMovement& movement) {
    ENSURE(!movement.asset.empty());
    return groups_[{movement.asset, movement.place}];
  }

  /// Nothing: nobody said; the main account then.
  std::optional<std::string_view> place_of(const Place& place) const {
    const auto rule = rules_.find(place.source + '\n' + place.account);
    if (rule != rules_.end()) return rule->second;
    const auto named = book_places_.find(place.account);
    return named == book_places_.end() ? std::nullopt : std::optional<std::string_view>(*named);
  }

  void add_balance(const Balance& balance) {
    const auto place = place_of(balance.place);
    Group& group = groups_[{balance.asset.value(), place.value_or(std::string_view())}];
    if (others_too_.contains(balance.place)) {
      group.has_others_too = true;
      return;
    }
    const auto segregated = segregated_.find(balance.place);
    if (segregated != segregated_.end()) group.segregated.push_back(segregated->second);
    const bool is_chain = source_kind(balance.place.source) == SourceKind::kChain;
    Figure& figure = own_keys_.contains(balance.place) ? group.own : is_chain ? group.chain : group.custodian;
    const std::string who = balance.place.source + " " + balance.place.account;
    const Stated stated{&balance, &group, &figure};
    const Key of(balance.place.source, balance.asset.value());
    const bool is_new =
        accounts_.emplace(std::tuple(of, std::string_view(balance.place.account)), stated).second;
    ENSURE(is_new);
    ++account_counts_[of];
    figure.is_there = true;
    figure.is_mapped = figure.is_mapped || place.has_value();
    if (const auto whole = owned(balance))
      figure.total += figure.totals[&balance] = *whole;
    else
      figure.unsure.push_back(who + " does not say enough to be sure of its total");
    if (balance.certainty == Certainty::kUnsure)
      figure.unsure.push_back(who + " is unsure on its chain" +
                              (balance.doubts.empty() ? "" : ": " + balance.doubts.front()));
    const time::Duration apart =
        balance.as_of < input_.at ? input_.at - balance.as_of : balance.as_of - input_.at;
    if (apart > terms_.age_max)
      figure.unsure.push_back(who + " was read nearest to it at " + balance.as_of.to_string());
    const auto listed = input_.listed.find(balance.place.source);
    const bool is_silent = listed != input_.listed.end() && !listed->second.contains(balance.asset.value());
    figure.is_silent = figure.is_silent || is_silent;
    if (is_silent && apart > terms_.silent_age_max && apart <= terms_.age_max)
      figure.unsure.push_back(who + " was read at " + balance.as_of.to_string() +
                              " and lists no movements: read it at the valuation point (custody sync --at)");
    const StateFigures states = states_of(balance);
    add(figure.states.staked, states.staked);
    add(figure.states.activating, states.activating);
    add(figure.states.unbonding, states.unbonding);
    const bool is_staked = balance.staked && balance.staked->is_positive();
    figure.has_stake = figure.has_stake || is_staked;
    if (is_staked &&
        std::find(terms_.omnibus.begin(), terms_.omnibus.end(), balance.place.source) != terms_.omnibus.end())
      figure.has_omnibus_stake = true;
  }

  /// The balance that the movement changed: of its account, or the source's only one. Nothing where the
  /// source states no balance of the coin, or several and not of which.
  const Stated* stated_of(const CoinMovement& movement) const {
    ENSURE(!movement.asset.empty());
    const Key of(movement.source, movement.asset);
    const auto exact = accounts_.find(std::tuple(of, std::string_view(movement.account)));
    if (exact != accounts_.end()) return &exact->second;
    const auto count = account_counts_.find(of);
    const bool is_only = count != account_counts_.end() && count->second == 1;
    if (!movement.account.empty() || !is_only) return nullptr;
    return &accounts_.lower_bound(std::tuple(of, std::string_view()))->second;
  }

  Group* group_of(const CoinMovement& movement) {
    const Stated* const stated = stated_of(movement);
    return stated == nullptr ? nullptr : stated->group;
  }

  void add_moved(const CoinMovement& movement) {
    const Stated* const stated = stated_of(movement);
    if (stated == nullptr) return;
    Figure& figure = *stated->figure;
    Group& group = *stated->group;
    const time::Instant as_of = stated->balance->as_of;
    const bool in_balance = movement.at <= as_of;
    const bool by_then = movement.at <= input_.at;
    const Decimal rolled = by_then && !in_balance   ? movement.effect()
                           : in_balance && !by_then ? -movement.effect()
                                                    : Decimal();
    figure.total += rolled;
    if (!rolled.is_zero()) figure.totals[stated->balance] += rolled;
    if (in_balance != by_then) ++figure.rolled;
    if (!by_then) return;
    (&figure == &group.own     ? group.own_moved
     : &figure == &group.chain ? group.chain_moved
                               : group.custodian_moved)
        .push_back(&movement);
  }

  // One asset and place.

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
    add(sum.states.staked, b.states.staked);
    add(sum.states.activating, b.states.activating);
    add(sum.states.unbonding, b.states.unbonding);
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
    const MovementMatch match = match_movements(copies(group_->booked), copies(moved), terms_.match_days_max);
    line_->matched = static_cast<int>(match.pairs.size());
    Decimal unexplained = *line_->difference;
    for (const MovementPair& pair : match.pairs) {
      const Decimal apart = pair.kept.effect() - pair.booked.effect();
      if (apart.is_zero()) continue;
      unexplained -= apart;
      add_pair(pair, apart);
    }
    // Several movements of one side that are together one of the other leave nothing to explain.
    Decimal alone;
    for (const CoinMovement& one : match.booked_only) alone -= one.effect();
    for (const CoinMovement& one : match.kept_only) alone += one.effect();
    const bool several_are_one = unexplained.is_zero() && alone.is_zero();
    if (several_are_one) {
      line_->matched += static_cast<int>(match.booked_only.size());
      return;
    }
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
    result_.breaks.push_back(std::move(rest));
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

  /// The earliest that may be the same.
  const CoinMovement* same_in(const std::vector<const CoinMovement*>& movements,
                              const CoinMovement& one) const {
    const CoinMovement* best = nullptr;
    for (const CoinMovement* other : movements) {
      if (!may_be_same(*other, one, terms_.match_days_max)) continue;
      if (best == nullptr ||
          std::tie(other->date, other->source, other->id) < std::tie(best->date, best->source, best->id))
        best = other;
    }
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

  // Tolerances.

  Decimal value_of(const FoundBreak& one, const Decimal& price) const {
    return money::multiply(one.amount, price, kCents, money::Rounding::kHalfEven);
  }

  bool exceeds(const std::string& asset, const Decimal& amount) const {
    if (amount.is_zero()) return false;
    const auto tolerance = terms_.tolerances.find(asset);
    if (tolerance == terms_.tolerances.end()) return true;
    if (amount > tolerance->second.units) return true;
    if (!tolerance->second.dollars) return false;
    const auto price = terms_.prices.find(asset);
    return price == terms_.prices.end() || amount * price->second > *tolerance->second.dollars;
  }

  /// Small breaks that are together more than what is tolerated are not tolerated.
  void finish() {
    std::map<std::pair<std::string, BreakLevel>, Decimal> small;
    for (FoundBreak& one : result_.breaks) {
      const auto price = terms_.prices.find(one.asset);
      if (price != terms_.prices.end()) one.dollars = value_of(one, price->second);
      one.is_over_tolerance = exceeds(one.asset, one.amount.abs());
      if (!one.is_over_tolerance) small[{one.asset, one.level}] += one.amount.abs();
    }
    for (FoundBreak& one : result_.breaks) {
      if (!one.is_over_tolerance && exceeds(one.asset, small[{one.asset, one.level}]))
        one.is_over_tolerance = true;
    }
    std::sort(result_.breaks.begin(), result_.breaks.end(), [](const FoundBreak& a, const FoundBreak& b) {
      return std::tie(a.asset, a.place, a.level, a.key) < std::tie(b.asset, b.place, b.level, b.key);
    });
    auto one = result_.breaks.begin();
    for (ReconciliationLine& line : result_.lines) {
      for (; one != result_.breaks.end() && one->asset == line.asset && one->place == line.place; ++one) {
        if (line.status == LineStatus::kUnsure || line.status == LineStatus::kNotCovered ||
            line.status == LineStatus::kDiffers)
          continue;
        line.status = one->is_over_tolerance ? LineStatus::kDiffers : LineStatus::kTolerated;
      }
    }
  }

  const ReconciliationInput& input_;
  const ReconciliationTerms& terms_;
  std::unordered_map<std::string, std::string> rules_;
  std::set<std::string, std::less<>> book_places_;
  std::set<Place> own_keys_;
  std::set<Place> others_too_;
  std::map<Place, const SegregatedAddress*> segregated_;
  std::map<Key, Group> groups_;
  std::map<std::tuple<Key, std::string_view>, Stated> accounts_;  ///< by source and asset, account
  std::map<Key, int> account_counts_;
  Reconciliation result_;
  Key place_;
  Group* group_ = nullptr;
  ReconciliationLine* line_ = nullptr;
};

}  // namespace

SourceKind source_kind(std::string_view source) {
  return source.starts_with(kChainPrefix) ? SourceKind::kChain : SourceKind::kCustodian;
}

std::string_view describe(BreakType type) {
  switch (type) {
    case BreakType::kTiming:
      return "timing";
    case BreakType::kMissing:
      return "missing";
    case BreakType::kDuplicate:
      return "duplicate";
    case BreakType::kAmount:
      return "amount";
    case BreakType::kFee:
      return "fee";
    case BreakType::kUnknown:
      return "unknown";
  }
  return "";
}

std::optional<BreakType> parse_break_type(std::string_view word) {
  return parse_word(word, std::array{BreakType::kTiming, BreakType::kMissing, BreakType::kDuplicate,
                                     BreakType::kAmount, BreakType::kFee, BreakType::kUnknown});
}

std::string_view describe(BreakLevel level) {
  switch (level) {
    case BreakLevel::kTotal:
      return "total";
    case BreakLevel::kState:
      return "state";
    case BreakLevel::kChain:
      return "chain";
  }
  return "";
}

std::optional<BreakLevel> parse_break_level(std::string_view word) {
  return parse_word(word, std::array{BreakLevel::kTotal, BreakLevel::kState, BreakLevel::kChain});
}

std::string_view describe(LineStatus status) {
  switch (status) {
    case LineStatus::kAgrees:
      return "agrees";
    case LineStatus::kTolerated:
      return "tolerated";
    case LineStatus::kDiffers:
      return "differs";
    case LineStatus::kUnsure:
      return "unsure";
    case LineStatus::kNotCovered:
      return "not_covered";
    case LineStatus::kInPart:
      return "in_part";
  }
  return "";
}

std::optional<LineStatus> parse_line_status(std::string_view word) {
  return parse_word(word, std::array{LineStatus::kAgrees, LineStatus::kTolerated, LineStatus::kDiffers,
                                     LineStatus::kUnsure, LineStatus::kNotCovered, LineStatus::kInPart});
}

StateFigures states_of(const Balance& balance) {
  StateFigures states{balance.staked, balance.activating, balance.unbonding};
  const Decimal moving = balance.activating.value_or(Decimal()) + balance.unbonding.value_or(Decimal());
  if (!states.staked || moving.is_zero()) return states;
  switch (balance.activating_in_staked) {
    case Counted::kInside:
      states.staked = *states.staked - moving;
      break;
    case Counted::kApart:
      break;
    case Counted::kNotStated:
      states.staked.reset();
      break;
  }
  return states;
}

Reconciliation reconcile(const ReconciliationInput& input, const ReconciliationTerms& terms) {
  return Reconciler(input, terms).run();
}

}  // namespace navkeeper::custody
