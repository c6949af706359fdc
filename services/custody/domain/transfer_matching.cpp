#include "services/custody/domain/transfer_matching.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

#include "common/base/ensure.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;

constexpr int kFullScore = 100;
constexpr int kSameAddress = 40;
constexpr int kSameAmount = 40;
constexpr int kSameWithFee = 30;
constexpr int kNear = 20;
constexpr std::int64_t kDayNs = 86'400'000'000'000;

constexpr Side kSides[] = {Side::kCustodian, Side::kChain, Side::kBooks};

auto key_of(const TransferFact& fact) { return std::tie(fact.side, fact.source, fact.id); }

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// One spelling of an id or an address: hexadecimal in either case, with or without 0x.
std::string plain(const std::string& text) {
  std::string spelled = lower(text);
  if (spelled.starts_with("0x")) spelled.erase(0, 2);
  return spelled;
}

std::int64_t day_of(time::Instant at) {
  const std::int64_t ns = at.ns();
  return ns >= 0 ? ns / kDayNs : -((-ns + kDayNs - 1) / kDayNs);
}

time::Duration apart(const TransferFact& a, const TransferFact& b) {
  return a.at < b.at ? b.at - a.at : a.at - b.at;
}

std::optional<int> time_points(const TransferFact& a, const TransferFact& b, const MatchRules& rules) {
  if (a.day_only || b.day_only) {
    const std::int64_t days = std::abs(day_of(a.at) - day_of(b.at));
    if (days > rules.window_days) return std::nullopt;
    return days == 0 ? kNear : days == 1 ? 15 : days == 2 ? 10 : 5;
  }
  const time::Duration between = apart(a, b);
  if (between > rules.window) return std::nullopt;
  if (between <= time::Duration::hours(1)) return kNear;
  if (between <= time::Duration::hours(6)) return 15;
  return between <= time::Duration::hours(24) ? 10 : 5;
}

bool equal_with_fee(const Decimal& a, const std::optional<Decimal>& fee_a, const Decimal& b,
                    const std::optional<Decimal>& fee_b) {
  return (fee_a && a + *fee_a == b) || (fee_b && b + *fee_b == a);
}

/// Facts that are one transfer so far.
struct Group {
  std::vector<TransferFact> facts;  ///< by key
  MatchedBy by = MatchedBy::kNothing;
  int score = 0;
  MatchPoints points{};
  bool ambiguous = false;
  unsigned sides = 0;
  time::Instant first = time::Instant::latest();
  time::Instant last = time::Instant::earliest();

  void add(const TransferFact& fact) {
    facts.push_back(fact);
    sides |= 1U << static_cast<unsigned>(fact.side);
    first = std::min(first, fact.at);
    last = std::max(last, fact.at);
  }
};

Group joined(const Group& a, const Group& b, const MatchPoints& points, bool ambiguous) {
  Group both;
  for (const Group* group : {&a, &b}) {
    for (const TransferFact& fact : group->facts) both.add(fact);
  }
  std::sort(both.facts.begin(), both.facts.end(),
            [](const TransferFact& x, const TransferFact& y) { return key_of(x) < key_of(y); });
  both.by = MatchedBy::kScore;
  both.score = points.sum();
  both.points = points;
  for (const Group* group : {&a, &b}) {
    if (group->score == 0 || group->score >= both.score) continue;
    both.score = group->score;
    both.points = group->points;
  }
  both.ambiguous = ambiguous || a.ambiguous || b.ambiguous;
  return both;
}

struct Join {
  std::size_t a = 0;
  std::size_t b = 0;
  MatchPoints points;
  time::Duration apart;
};

/// Each side of a group as one fact: a transaction that pays twice is compared by its sum.
std::vector<TransferFact> side_facts(const Group& group) {
  std::vector<TransferFact> sides;
  for (const TransferFact& fact : group.facts) {
    if (sides.empty() || sides.back().side != fact.side) {
      sides.push_back(fact);
      continue;
    }
    TransferFact& sum = sides.back();
    sum.amount += fact.amount;
    if (fact.fee) sum.fee = sum.fee.value_or(Decimal()) + *fact.fee;
    if (plain(sum.address) != plain(fact.address)) sum.address.clear();
    sum.day_only = sum.day_only || fact.day_only;
    sum.at = std::min(sum.at, fact.at);
  }
  return sides;
}

/// The best that any two of their sides give.
std::optional<Join> join_of(const std::vector<Group>& groups, std::size_t a, std::size_t b,
                            const MatchRules& rules) {
  if ((groups[a].sides & groups[b].sides) != 0) return std::nullopt;
  std::optional<Join> best;
  const std::vector<TransferFact> others = side_facts(groups[b]);
  for (const TransferFact& one : side_facts(groups[a])) {
    for (const TransferFact& other : others) {
      const auto points = match_points(one, other, rules);
      if (!points) return std::nullopt;  // what two of them exclude, none of them is
      const time::Duration between = apart(one, other);
      if (best && std::pair(-points->sum(), between) >= std::pair(-best->points.sum(), best->apart)) continue;
      best = Join{a, b, *points, between};
    }
  }
  return best;
}

std::vector<Join> joins_of(const std::vector<Group>& groups, const MatchRules& rules) {
  std::map<std::pair<std::string, Direction>, std::vector<std::size_t>> alike;
  for (std::size_t i = 0; i < groups.size(); ++i)
    alike[{groups[i].facts.front().asset, groups[i].facts.front().direction}].push_back(i);
  const time::Duration reach =
      std::max(rules.window, time::Duration::hours(24 * (std::int64_t{rules.window_days} + 1)));
  std::vector<Join> joins;
  for (auto& [key, members] : alike) {
    std::sort(members.begin(), members.end(), [&](std::size_t x, std::size_t y) {
      return std::pair(groups[x].first, x) < std::pair(groups[y].first, y);
    });
    for (std::size_t i = 0; i < members.size(); ++i) {
      for (std::size_t j = i + 1; j < members.size(); ++j) {
        if (groups[members[j]].first - groups[members[i]].last > reach) break;
        const auto join =
            join_of(groups, std::min(members[i], members[j]), std::max(members[i], members[j]), rules);
        if (join) joins.push_back(*join);
      }
    }
  }
  // Groups stand in the order of their first facts' keys, so that their numbers order them.
  std::sort(joins.begin(), joins.end(), [](const Join& x, const Join& y) {
    return std::tuple(-x.points.sum(), x.apart, x.a, x.b) < std::tuple(-y.points.sum(), y.apart, y.a, y.b);
  });
  return joins;
}

void sort_by_key(std::vector<Group>& groups) {
  std::sort(groups.begin(), groups.end(),
            [](const Group& x, const Group& y) { return key_of(x.facts.front()) < key_of(y.facts.front()); });
}

/// One round of joins, the closest first, each group in one of them; whether there was any.
bool join_closest(std::vector<Group>& groups, const MatchRules& rules) {
  const std::vector<Join> joins = joins_of(groups, rules);
  // How often each group has a score with another of the same sides: more than once, and another would do.
  std::map<std::tuple<std::size_t, unsigned, int>, int> alike;
  for (const Join& join : joins) {
    ++alike[{join.a, groups[join.b].sides, join.points.sum()}];
    ++alike[{join.b, groups[join.a].sides, join.points.sum()}];
  }
  std::vector<bool> used(groups.size());
  std::vector<Group> next;
  for (const Join& join : joins) {
    if (used[join.a] || used[join.b]) continue;
    used[join.a] = used[join.b] = true;
    const int score = join.points.sum();
    const Group& a = groups[join.a];
    const Group& b = groups[join.b];
    next.push_back(joined(a, b, join.points,
                          alike[{join.a, b.sides, score}] > 1 || alike[{join.b, a.sides, score}] > 1));
  }
  const bool any = !next.empty();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!used[i]) next.push_back(std::move(groups[i]));
  }
  groups = std::move(next);
  sort_by_key(groups);
  return any;
}

std::vector<Group> by_transaction_id(const std::vector<TransferFact>& facts) {
  std::map<std::tuple<std::string, Direction, std::string>, Group> by_id;
  std::vector<Group> groups;
  for (const TransferFact& fact : facts) {
    if (fact.transaction_id.empty()) {
      groups.emplace_back().add(fact);
    } else {
      by_id[{fact.asset, fact.direction, plain(fact.transaction_id)}].add(fact);
    }
  }
  for (auto& [key, group] : by_id) {
    if (group.facts.size() > 1) {
      group.by = MatchedBy::kTransactionId;
      group.score = kFullScore;
    }
    groups.push_back(std::move(group));
  }
  sort_by_key(groups);
  return groups;
}

AmountVerdict verdict_of(const MatchedTransfer& transfer) {
  AmountVerdict verdict = AmountVerdict::kOne;
  const auto fees_of = [&](Side side) {
    std::optional<Decimal> sum;
    for (const TransferFact& fact : transfer.facts) {
      if (fact.side == side && fact.fee) sum = sum.value_or(Decimal()) + *fact.fee;
    }
    return sum;
  };
  for (const Side one : kSides) {
    for (const Side other : kSides) {
      const auto a = transfer.amount_of(one);
      const auto b = transfer.amount_of(other);
      if (one >= other || !a || !b) continue;
      if (*a == *b)
        verdict = std::max(verdict, AmountVerdict::kEqual);
      else
        verdict =
            std::max(verdict, equal_with_fee(*a, fees_of(one), *b, fees_of(other)) ? AmountVerdict::kWithFee
                                                                                   : AmountVerdict::kDiffer);
    }
  }
  return verdict;
}

}  // namespace

std::string_view describe(Side side) {
  switch (side) {
    case Side::kCustodian:
      return "custodian";
    case Side::kChain:
      return "chain";
    case Side::kBooks:
      return "books";
  }
  ENSURE(false);
}

std::string_view describe(Direction direction) { return direction == Direction::kIn ? "in" : "out"; }

std::string_view describe(MatchedBy by) {
  switch (by) {
    case MatchedBy::kNothing:
      return "nothing";
    case MatchedBy::kTransactionId:
      return "transaction_id";
    case MatchedBy::kScore:
      return "score";
  }
  ENSURE(false);
}

std::string_view describe(AmountVerdict verdict) {
  switch (verdict) {
    case AmountVerdict::kOne:
      return "one_side";
    case AmountVerdict::kEqual:
      return "equal";
    case AmountVerdict::kWithFee:
      return "equal_with_fee";
    case AmountVerdict::kDiffer:
      return "differ";
  }
  ENSURE(false);
}

bool MatchedTransfer::has(Side side) const {
  return std::any_of(facts.begin(), facts.end(), [&](const TransferFact& fact) { return fact.side == side; });
}

std::optional<Decimal> MatchedTransfer::amount_of(Side side) const {
  std::optional<Decimal> sum;
  for (const TransferFact& fact : facts) {
    if (fact.side == side) sum = sum.value_or(Decimal()) + fact.amount;
  }
  return sum;
}

time::Instant MatchedTransfer::first_at() const {
  time::Instant first = time::Instant::latest();
  for (const TransferFact& fact : facts) first = std::min(first, fact.at);
  return first;
}

std::optional<MatchPoints> match_points(const TransferFact& a, const TransferFact& b,
                                        const MatchRules& rules) {
  if (a.side == b.side || a.asset != b.asset || a.direction != b.direction) return std::nullopt;
  const bool both_ids = !a.transaction_id.empty() && !b.transaction_id.empty();
  if (both_ids && plain(a.transaction_id) != plain(b.transaction_id)) return std::nullopt;
  MatchPoints points;
  if (!a.address.empty() && !b.address.empty()) {
    if (plain(a.address) != plain(b.address)) return std::nullopt;
    points.address = kSameAddress;
  }
  const auto time = time_points(a, b, rules);
  if (!time) return std::nullopt;
  points.time = *time;
  if (a.amount == b.amount)
    points.amount = kSameAmount;
  else if (equal_with_fee(a.amount, a.fee, b.amount, b.fee))
    points.amount = kSameWithFee;
  else if (points.address == 0 || points.time < kNear || a.day_only || b.day_only)
    return std::nullopt;
  if (points.sum() < rules.score_min) return std::nullopt;
  return points;
}

std::vector<MatchedTransfer> match_transfers(std::vector<TransferFact> facts, const MatchRules& rules) {
  std::sort(facts.begin(), facts.end(),
            [](const TransferFact& a, const TransferFact& b) { return key_of(a) < key_of(b); });
  for (std::size_t i = 1; i < facts.size(); ++i)
    ENSURE(key_of(facts[i - 1]) != key_of(facts[i]) || facts[i - 1] == facts[i]);
  facts.erase(std::unique(facts.begin(), facts.end()), facts.end());
  const auto left = std::stable_partition(
      facts.begin(), facts.end(), [](const TransferFact& fact) { return fact.standing == Standing::kSure; });
  const std::vector<TransferFact> do_not_stand(left, facts.end());
  facts.erase(left, facts.end());
  std::vector<Group> groups = by_transaction_id(facts);
  while (join_closest(groups, rules)) {
  }
  for (const TransferFact& fact : do_not_stand) groups.emplace_back().add(fact);
  std::vector<MatchedTransfer> matched;
  for (Group& group : groups) {
    MatchedTransfer transfer{std::move(group.facts), group.by, group.score, group.points, group.ambiguous};
    transfer.amounts = verdict_of(transfer);
    matched.push_back(std::move(transfer));
  }
  std::sort(matched.begin(), matched.end(), [](const MatchedTransfer& a, const MatchedTransfer& b) {
    return std::tuple(a.first_at(), key_of(a.facts.front())) <
           std::tuple(b.first_at(), key_of(b.facts.front()));
  });
  return matched;
}

}  // namespace navkeeper::custody
