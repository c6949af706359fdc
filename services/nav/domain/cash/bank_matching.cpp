#include "services/nav/domain/cash/bank_matching.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

#include "common/base/ensure.h"

namespace navkeeper::nav::cash {

using money::Decimal;

std::string_view describe(MatchedBy by) {
  switch (by) {
    case MatchedBy::kPerson:
      return "person";
    case MatchedBy::kReference:
      return "reference";
    case MatchedBy::kAmountAndDay:
      return "amount and day";
    case MatchedBy::kAmountAndDays:
      return "amount within days";
  }
  ENSURE(false);
}

std::string_view describe(BreakType type) {
  switch (type) {
    case BreakType::kOpening:
      return "opening balance";
    case BreakType::kMissingInBooks:
      return "missing in books";
    case BreakType::kMissingAtBank:
      return "missing at bank";
    case BreakType::kAmountDiffers:
      return "amount differs";
    case BreakType::kDateDiffers:
      return "date differs";
  }
  ENSURE(false);
}

std::string_view age_bucket(std::int64_t age_days) {
  if (age_days <= 1) return "0-1";
  if (age_days <= 5) return "2-5";
  if (age_days <= 30) return "6-30";
  return "over 30";
}

namespace {

class Matching {
 public:
  explicit Matching(const ReconciliationInput& input)
      : input_(input), book_used_(input.book.size()), bank_used_(input.bank.size()) {}

  Reconciliation run() {
    by_person();
    by_reference();
    by_amount(0, MatchedBy::kAmountAndDay);
    for (int days = 1; days <= input_.days_max; ++days) by_amount(days, MatchedBy::kAmountAndDays);
    add_leftovers();
    result_.bank = input_.bank_opening;
    for (const BankMovement& line : input_.bank) result_.bank += line.amount;
    result_.books = input_.books_opening;
    for (const BookMovement& movement : input_.book) result_.books += movement.amount;
    if (input_.bank_opening != input_.books_opening)
      result_.breaks.push_back({BreakType::kOpening,
                                {},
                                {},
                                input_.bank_opening - input_.books_opening,
                                input_.opening_day,
                                input_.as_of - input_.opening_day});
    std::stable_sort(result_.breaks.begin(), result_.breaks.end(),
                     [](const Break& a, const Break& b) { return a.since < b.since; });
    return std::move(result_);
  }

 private:
  void match(MatchedBy by, std::vector<std::size_t> book, std::vector<std::size_t> bank) {
    Decimal difference;
    std::int64_t apart = 0;
    for (const std::size_t i : bank) {
      bank_used_[i] = true;
      difference += input_.bank[i].amount;
      for (const std::size_t j : book)
        apart = std::max(apart, std::abs(input_.bank[i].value - input_.book[j].settled));
    }
    for (const std::size_t i : book) {
      book_used_[i] = true;
      difference -= input_.book[i].amount;
    }
    if (!difference.is_zero()) {
      add_break(BreakType::kAmountDiffers, std::move(book), std::move(bank), difference);
      return;
    }
    if (apart > input_.days_max && !bank.empty() && !book.empty() && by != MatchedBy::kPerson)
      add_break(BreakType::kDateDiffers, book, bank, {});
    result_.matches.push_back({by, std::move(book), std::move(bank)});
  }

  void add_break(BreakType type, std::vector<std::size_t> book, std::vector<std::size_t> bank,
                 const Decimal& difference) {
    std::optional<time::Date> since;
    const auto earlier = [&](time::Date day) {
      if (!since || day < *since) since = day;
    };
    for (const std::size_t i : book) earlier(input_.book[i].settled);
    for (const std::size_t i : bank) earlier(input_.bank[i].booked);
    ENSURE(since.has_value());
    result_.breaks.push_back(
        {type, std::move(book), std::move(bank), difference, *since, input_.as_of - *since});
  }

  Decimal difference_of(const std::vector<std::size_t>& book, const std::vector<std::size_t>& bank) const {
    Decimal difference;
    for (const std::size_t i : bank) difference += input_.bank[i].amount;
    for (const std::size_t i : book) difference -= input_.book[i].amount;
    return difference;
  }

  void by_person() {
    const auto is_free = [](const std::vector<std::size_t>& indices, const std::vector<bool>& used) {
      return !indices.empty() && std::all_of(indices.begin(), indices.end(),
                                             [&](std::size_t i) { return i < used.size() && !used[i]; });
    };
    for (const NamedMatch& named : input_.named) {
      if (is_free(named.book, book_used_) && is_free(named.bank, bank_used_) &&
          difference_of(named.book, named.bank).is_zero())
        match(MatchedBy::kPerson, named.book, named.bank);
    }
  }

  struct Group {
    std::vector<std::size_t> book, bank;
  };

  /// Of an order's settlements each line has its own: equal amounts, the nearest day first. The group keeps
  /// what is left.
  std::vector<Group> pairs_in(Group& group) const {
    std::vector<Group> pairs;
    std::stable_sort(group.bank.begin(), group.bank.end(), [&](std::size_t a, std::size_t b) {
      return input_.bank[a].value < input_.bank[b].value;
    });
    std::erase_if(group.bank, [&](std::size_t line) {
      const BankMovement& theirs = input_.bank[line];
      auto nearest = group.book.end();
      const auto apart = [&](std::size_t i) { return std::abs(theirs.value - input_.book[i].settled); };
      for (auto ours = group.book.begin(); ours != group.book.end(); ++ours) {
        if (input_.book[*ours].amount != theirs.amount) continue;
        if (nearest == group.book.end() || apart(*ours) < apart(*nearest)) nearest = ours;
      }
      if (nearest == group.book.end()) return false;
      pairs.push_back({{*nearest}, {line}});
      group.book.erase(nearest);
      return true;
    });
    return pairs;
  }

  /// Lines by the reference of an order that settles in parts.
  void match_parts(Group group) {
    const Group whole = group;
    const bool is_sum = difference_of(group.book, group.bank).is_zero();
    const std::vector<Group> pairs = pairs_in(group);
    if (is_sum && !(group.book.empty() && group.bank.empty())) {
      match(MatchedBy::kReference, whole.book, whole.bank);
      return;
    }
    for (const Group& pair : pairs) match(MatchedBy::kReference, pair.book, pair.bank);
    const bool has_open = std::any_of(group.book.begin(), group.book.end(),
                                      [&](std::size_t i) { return input_.book[i].is_open; });
    std::erase_if(group.book, [&](std::size_t i) { return input_.book[i].is_open; });
    if (!group.book.empty() && !group.bank.empty()) {
      match(MatchedBy::kReference, group.book, group.bank);
    } else if (has_open) {
      // The bank has another part of it than was recorded.
      for (const std::size_t i : group.bank) {
        bank_used_[i] = true;
        add_break(BreakType::kMissingInBooks, {}, {i}, input_.bank[i].amount);
      }
    }
  }

  void by_reference() {
    std::map<std::string, Group> groups;
    for (std::size_t i = 0; i < input_.book.size(); ++i) {
      for (const std::string& reference : input_.book[i].references) groups[reference].book.push_back(i);
    }
    for (std::size_t i = 0; i < input_.bank.size(); ++i) {
      for (const std::string& reference : input_.bank[i].references) groups[reference].bank.push_back(i);
    }
    for (auto& [reference, group] : groups) {
      std::erase_if(group.book, [&](std::size_t i) { return book_used_[i]; });
      std::erase_if(group.bank, [&](std::size_t i) { return bank_used_[i]; });
      if (reference.empty() || group.book.empty() || group.bank.empty()) continue;
      if (std::any_of(group.book.begin(), group.book.end(),
                      [&](std::size_t i) { return input_.book[i].is_part; }))
        match_parts(group);
      else
        match(MatchedBy::kReference, group.book, group.bank);
    }
  }

  /// Of equal amounts exactly `days` apart, each once.
  void by_amount(int days, MatchedBy by) {
    std::map<std::pair<Decimal, time::Date>, std::vector<std::size_t>> waiting;
    for (std::size_t i = input_.book.size(); i-- > 0;) {
      if (!book_used_[i]) waiting[{input_.book[i].amount, input_.book[i].settled}].push_back(i);
    }
    for (std::size_t i = 0; i < input_.bank.size(); ++i) {
      const int steps = days == 0 ? 1 : 2;
      for (int step = 0; step < steps && !bank_used_[i]; ++step) {
        const time::Date day = input_.bank[i].value + (step == 0 ? -days : days);
        const auto found = waiting.find({input_.bank[i].amount, day});
        if (found == waiting.end() || found->second.empty()) continue;
        const std::size_t book = found->second.back();
        found->second.pop_back();
        match(by, {book}, {i});
      }
    }
  }

  void add_leftovers() {
    // An entry and its reversal settle on one day and never reach the bank.
    std::map<std::pair<Decimal, time::Date>, std::vector<std::size_t>> open;
    for (std::size_t i = 0; i < input_.book.size(); ++i) {
      if (book_used_[i]) continue;
      const BookMovement& movement = input_.book[i];
      auto& opposite = open[{-movement.amount, movement.settled}];
      const auto taken = std::find_if(opposite.begin(), opposite.end(), [&](std::size_t other) {
        const BookMovement& first = input_.book[other];
        return movement.source == "reversal" && movement.id == first.source + ":" + first.id;
      });
      if (taken != opposite.end()) {
        const std::size_t first = *taken;
        opposite.erase(taken);
        match(MatchedBy::kReference, {first, i}, {});
        continue;
      }
      open[{movement.amount, movement.settled}].push_back(i);
    }
    for (std::size_t i = 0; i < input_.book.size(); ++i) {
      if (book_used_[i]) continue;
      if (input_.book[i].is_open) {
        result_.open.push_back(i);
        result_.not_settled += input_.book[i].amount;
      } else {
        add_break(BreakType::kMissingAtBank, {i}, {}, -input_.book[i].amount);
      }
    }
    for (std::size_t i = 0; i < input_.bank.size(); ++i) {
      if (!bank_used_[i]) add_break(BreakType::kMissingInBooks, {}, {i}, input_.bank[i].amount);
    }
  }

  const ReconciliationInput& input_;
  std::vector<bool> book_used_;
  std::vector<bool> bank_used_;
  Reconciliation result_;
};

}  // namespace

Reconciliation reconcile(const ReconciliationInput& input) { return Matching(input).run(); }

namespace {

/// The days that a match stands in the way of: from its first part's to the day before the last one from
/// which no later movement can take one of its parts.
struct Reach {
  time::Date first;
  time::Date free_from;
};

Reach reach_of(const ReconciliationInput& input, const Match& match) {
  std::optional<Reach> reach;
  const auto take = [&](time::Date day) {
    if (!reach) reach = Reach{day, day};
    reach->first = std::min(reach->first, day);
    reach->free_from = std::max(reach->free_from, day);
  };
  for (const std::size_t i : match.book) take(input.book[i].settled);
  for (const std::size_t i : match.bank) {
    take(input.bank[i].booked);
    take(input.bank[i].value);
  }
  ENSURE(reach.has_value());
  // Of equal amounts some days apart a nearer one may still come.
  if (match.by == MatchedBy::kAmountAndDays) reach->free_from = reach->free_from + input.days_max;
  return *reach;
}

}  // namespace

std::optional<Agreement> agreement_in(const ReconciliationInput& input, const Reconciliation& result) {
  time::Date day = input.as_of;
  for (const Break& one : result.breaks) day = std::min(day, one.since - 1);
  std::vector<Reach> reaches;
  for (const Match& match : result.matches) {
    reaches.push_back(reach_of(input, match));
    // At the bank and not recorded as settled: no day of it is agreed on.
    for (const std::size_t i : match.book)
      if (input.book[i].is_open) day = std::min(day, reaches.back().first - 1);
  }
  std::sort(reaches.begin(), reaches.end(),
            [](const Reach& a, const Reach& b) { return a.free_from > b.free_from; });
  // By falling end: what ends before the day stands in no way, nor does what comes after it in the list.
  for (bool is_moved = true; is_moved;) {
    is_moved = false;
    for (const Reach& reach : reaches) {
      if (reach.free_from <= day) break;
      if (reach.first > day) continue;
      day = reach.first - 1;
      is_moved = true;
    }
  }
  if (day < input.opening_day) return std::nullopt;
  Agreement agreement{day, input.bank_opening};
  for (const BankMovement& line : input.bank) {
    if (line.booked <= day) agreement.balance += line.amount;
  }
  return agreement;
}

}  // namespace navkeeper::nav::cash
