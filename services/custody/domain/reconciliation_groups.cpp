#include "services/custody/domain/reconciliation_groups.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "common/base/ensure.h"

namespace navkeeper::custody::reconciling {

using money::Decimal;

void add(std::optional<Decimal>& sum, const std::optional<Decimal>& amount) {
  if (amount) sum = sum.value_or(Decimal()) + *amount;
}

namespace {

/// A balance and where it was counted.
struct Stated {
  const Balance* balance;
  Group* group;
  Figure* figure;
};

class Gatherer {
 public:
  Gatherer(const ReconciliationInput& input, const ReconciliationTerms& terms)
      : input_(input), terms_(terms) {
    for (const PlaceRule& rule : terms.places) rules_.emplace(rule.source + '\n' + rule.account, rule.place);
    own_keys_.insert(terms.own_keys.begin(), terms.own_keys.end());
    others_too_.insert(terms.others_too.begin(), terms.others_too.end());
    for (const SegregatedAddress& one : terms.segregated) segregated_.emplace(one.place, &one);
  }

  std::map<Key, Group> run() {
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
    return std::move(groups_);
  }

 private:
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
      figure.unsure.push_back(
          who + (is_told(balance) ? " does not say enough to be sure of its total"
                                  : " told it before and leaves it out since " + balance.as_of.to_string()));
    if (balance.certainty == Certainty::kUnsure)
      figure.unsure.push_back(who + " is unsure on its chain" +
                              (balance.doubts.empty() ? "" : ": " + balance.doubts.front()));
    const time::Duration apart =
        balance.as_of < input_.at ? input_.at - balance.as_of : balance.as_of - input_.at;
    if (apart > terms_.age_max)
      figure.unsure.push_back(who + " was read nearest to it at " + balance.as_of.to_string());
    const auto listed = input_.listed.find(balance.place.source);
    const bool is_silent =
        (listed != input_.listed.end() && !listed->second.contains(balance.asset.value())) ||
        input_.torn.contains({balance.place, balance.asset.value()});
    figure.is_silent = figure.is_silent || is_silent;
    if (is_silent && apart > terms_.silent_age_max && apart <= terms_.age_max)
      figure.unsure.push_back(who + " was read at " + balance.as_of.to_string() +
                              " and lists no movements: read it at the valuation point (custody sync --at)");
    if (const std::string until = not_whole(balance); !until.empty() && apart <= terms_.age_max)
      figure.unsure.push_back(who + " was read at " + balance.as_of.to_string() +
                              ", and what moved there is known up to " + until + " alone");
    for (const CoinMovement& one : input_.not_rolled) {
      const bool is_of = one.source == balance.place.source && one.asset == balance.asset.value() &&
                         (one.account.empty() || one.account == balance.place.account);
      if (is_of && (one.at <= balance.as_of) != (one.at <= input_.at))
        figure.unsure.push_back(who + " was read at " + balance.as_of.to_string() + ", and its " + one.what +
                                " " + one.id + " of " + one.at.to_string() + " is no transfer and no reward");
    }
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

  /// Up to when a custodian's lists are whole, where that leaves too much between its balance and the
  /// instant; empty: it does not.
  std::string not_whole(const Balance& balance) const {
    const auto until = input_.whole_until.find(balance.place.source);
    if (until == input_.whole_until.end()) return {};
    // A balance and the lists of one asking are some seconds apart, so a later one is held to the long span.
    const bool is_before = balance.as_of < input_.at;
    const time::Instant needed = is_before ? input_.at : balance.as_of;
    if (until->second >= needed) return {};
    const time::Instant known = std::max(until->second, std::min(balance.as_of, input_.at));
    const bool is_strict = until->second < input_.at && input_.asked_after.contains(balance.place.source);
    if (!is_strict && needed - known <= terms_.silent_age_max) return {};
    return until->second.to_string();
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

  const ReconciliationInput& input_;
  const ReconciliationTerms& terms_;
  std::unordered_map<std::string, std::string_view> rules_;  ///< places of the terms
  std::set<std::string_view> book_places_;                   ///< of the input
  std::set<Place> own_keys_;
  std::set<Place> others_too_;
  std::map<Place, const SegregatedAddress*> segregated_;
  std::map<Key, Group> groups_;
  std::map<std::tuple<Key, std::string_view>, Stated> accounts_;  ///< by source and asset, account
  std::map<Key, int> account_counts_;
};

}  // namespace

std::map<Key, Group> gather(const ReconciliationInput& input, const ReconciliationTerms& terms) {
  return Gatherer(input, terms).run();
}

}  // namespace navkeeper::custody::reconciling
