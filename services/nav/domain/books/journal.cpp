#include "services/nav/domain/books/journal.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::nav::books {

bool balances(const Chart& chart, std::span<const Posting> postings) {
  // An entry touches few commodities: they are summed one after the other, without a table.
  for (std::size_t i = 0; i < postings.size(); ++i) {
    const CommodityIndex commodity = chart.lines()[postings[i].line].commodity;
    const auto same = [&](const Posting& posting) {
      return chart.lines()[posting.line].commodity == commodity;
    };
    if (std::any_of(postings.begin(), postings.begin() + static_cast<std::ptrdiff_t>(i), same)) continue;
    Units sum;
    for (const Posting& posting : postings.subspan(i)) {
      if (same(posting)) sum += posting.amount;
    }
    if (!sum.is_zero()) return false;
  }
  return true;
}

std::vector<Transfer> to_transfers(const Chart& chart, std::span<const Posting> postings) {
  std::vector<Posting> net;  // by line, in the order of first use
  for (const Posting& posting : postings) {
    const auto same =
        std::find_if(net.begin(), net.end(), [&](const Posting& p) { return p.line == posting.line; });
    if (same == net.end())
      net.push_back(posting);
    else
      same->amount += posting.amount;
  }
  std::vector<Transfer> transfers;
  for (Posting& debit : net) {
    for (Posting& credit : net) {
      if (debit.amount <= Units{}) break;
      if (credit.amount >= Units{} ||
          chart.lines()[debit.line].commodity != chart.lines()[credit.line].commodity)
        continue;
      const Units amount = std::min(debit.amount, -credit.amount);
      transfers.push_back({debit.line, credit.line, amount});
      debit.amount -= amount;
      credit.amount += amount;
    }
  }
  ENSURE(std::all_of(net.begin(), net.end(), [](const Posting& p) { return p.amount.is_zero(); }));
  return transfers;
}

std::optional<time::Date> first_day_below_zero(Units now, const std::map<time::Date, Units>& later,
                                               time::Date from) {
  std::optional<time::Date> first;
  for (auto day = later.rbegin(); day != later.rend() && day->first > from; ++day) {
    now -= day->second;
    if (now >= Units{}) continue;
    const auto before = std::next(day);
    first = before == later.rend() || before->first < from ? from : before->first;
  }
  return first;
}

Entry reversal(const Entry& entry, Source source, time::Instant known_at) {
  Entry reversed = entry;
  reversed.known_at = known_at;
  reversed.reverses = entry.source;
  reversed.source = std::move(source);
  reversed.description = "reversal of " + entry.description;
  for (Posting& posting : reversed.postings) posting.amount = -posting.amount;
  return reversed;
}

std::string_view describe(Basis basis) {
  switch (basis) {
    case Basis::kNav:
      return "nav";
    case Basis::kTradeDate:
      return "trade_date";
    case Basis::kSettled:
      return "settled";
  }
  ENSURE(false);
}

std::optional<Basis> basis_from(std::string_view word) {
  for (const Basis basis : {Basis::kNav, Basis::kTradeDate, Basis::kSettled}) {
    if (describe(basis) == word) return basis;
  }
  return std::nullopt;
}

time::Date date_on(const Entry& entry, Basis basis) {
  switch (basis) {
    case Basis::kNav:
      return entry.book_date;
    case Basis::kTradeDate:
      return entry.trade_date;
    case Basis::kSettled:
      return entry.settlement_date;
  }
  ENSURE(false);
}

std::vector<Units> balances_at(const Chart& chart, std::span<const Entry> entries, Basis basis,
                               time::Date as_of, std::optional<time::Instant> known_at) {
  std::vector<Units> sums(chart.lines().size());
  for (const Entry& entry : entries) {
    if (date_on(entry, basis) > as_of || (known_at && entry.known_at > *known_at)) continue;
    for (const Posting& posting : entry.postings) sums[posting.line] += posting.amount;
  }
  return sums;
}

}  // namespace navkeeper::nav::books
