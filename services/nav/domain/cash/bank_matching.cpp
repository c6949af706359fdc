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

  void by_person() {
    for (const NamedMatch& named : input_.named) {
      if (named.book >= book_used_.size() || named.bank >= bank_used_.size()) continue;
      if (!book_used_[named.book] && !bank_used_[named.bank])
        match(MatchedBy::kPerson, {named.book}, {named.bank});
    }
  }

  void by_reference() {
    struct Group {
      std::vector<std::size_t> book, bank;
    };
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
      if (!reference.empty() && !group.book.empty() && !group.bank.empty())
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
      if (!book_used_[i]) add_break(BreakType::kMissingAtBank, {i}, {}, -input_.book[i].amount);
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
  for (const Match& match : result.matches) reaches.push_back(reach_of(input, match));
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
