#include "services/nav/adapters/late_entry_store.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/posting_rules.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using money::Rational;

constexpr const char* kInDollars = "USD";
constexpr int kPerShareDecimals = 12;
constexpr int kShownDecimals = 4;

bool is_dealing_kind(const std::string& kind) {
  static const std::set<std::string> kKinds{"creation", "redemption", "purchase", "sale"};
  return kKinds.contains(kind);
}

/// Dollars of an entry at the prices of the first day that lacks it; what has no price there counts nothing.
Decimal dollars_of(const LateEntry& late, const std::map<std::string, Decimal>& prices) {
  Rational sum;
  for (const LateQuantity& effect : late.effects)
    if (const auto price = prices.find(effect.asset); price != prices.end())
      sum += Rational(effect.quantity) * Rational(price->second);
  return sum.rounded(2, money::Rounding::kHalfEven);
}

std::string fact_of(const model::FundId& fund, const LateReport& report) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).member("from", report.error_from->to_string());
  out.member("late", static_cast<std::int64_t>(report.late)).member("per_share", report.error_per_share);
  return out.member("through", report.error_through->to_string()).end_object().take();
}

}  // namespace

LateWatch::LateWatch(db::Transaction& transaction, const FundDefinition& fund)
    : transaction_(transaction), fund_(fund), exchange_(fund.calendar()) {
  const BooksHead head = lock_books(transaction, fund.id);
  entries_ = head.entries;
  closed_through_ = head.closed_through;
  const auto rows = db::query(transaction, "SELECT max(valuation_date) FROM nav WHERE fund_id = $1", fund.id);
  last_struck_ = db::optional_of<time::Date>(rows[0][0]);
  db::execute(transaction, "SAVEPOINT late_watch");
}

void LateWatch::rewind() {
  db::execute(transaction_, "ROLLBACK TO SAVEPOINT late_watch");
  transaction_.times().clear();  // what the head said of them is gone too
}

time::Date LateWatch::due_on(time::Date date, bool is_dealing) const {
  return is_dealing ? exchange_.next_business_day(date) : date;
}

time::Date LateWatch::next_day() const {
  ENSURE(last_struck_.has_value());
  return std::max(*last_struck_, closed_through_.value_or(*last_struck_)) + 1;
}

std::vector<LateWatch::Found> LateWatch::found_since() const {
  std::vector<Found> found;
  // A correction stays on the dates of what it corrects, or on the day to which that was brought; what brings
  // it there is no news (books_store.h, move_entry()).
  for (const auto& row :
       db::query(transaction_,
                 "SELECT e.seq, e.source, e.source_id, e.kind, e.trade_date, e.book_date, e.reverses, "
                 "coalesce(m.book_date, o.book_date) AS corrected FROM entry e LEFT JOIN entry o ON "
                 "o.fund_id = e.fund_id AND o.seq = e.reverses LEFT JOIN late_move m ON m.fund_id = "
                 "o.fund_id AND m.source = o.source AND m.source_id = o.source_id WHERE e.fund_id = $1 AND "
                 "e.seq > $2 AND e.trade_date <= $3 AND e.source <> 'own day' AND coalesce(o.source, '') <> "
                 "'own day' ORDER BY e.seq",
                 fund_.id, entries_, last_struck_->to_string())) {
    Found one;
    one.seq = row["seq"].as<std::int64_t>();
    one.corrects = db::optional_of<std::int64_t>(row["reverses"]);
    const time::Date due = one.corrects ? row["corrected"].as<time::Date>()
                                        : due_on(row["trade_date"].as<time::Date>(),
                                                 is_dealing_kind(row["kind"].as<std::string>()));
    one.entry = {{row["source"].as<std::string>(), row["source_id"].as<std::string>()},
                 std::max(due, fund_.inception),
                 row["book_date"].as<time::Date>(),
                 {}};
    if (one.entry.since <= *last_struck_) found.push_back(std::move(one));
  }
  return found;
}

LateEntries LateWatch::assess() const {
  LateEntries late;
  if (!last_struck_) return late;
  std::vector<Found> found = found_since();
  if (found.empty()) return late;
  time::Date first = found.front().entry.since;
  std::set<std::int64_t> numbers;
  for (const Found& one : found) {
    first = std::min(first, one.entry.since);
    numbers.insert(one.seq);
  }
  const auto days = struck_since(transaction_, fund_.id, first);
  auto effects = effects_of(transaction_, fund_.id, numbers);
  std::vector<LateQuantity> all;
  for (Found& one : found) {
    LateEntry& entry = one.entry;
    std::set<time::Date> spared;
    if (one.corrects) spared = days_without(transaction_, fund_.id, *one.corrects, first);
    const auto lacks = std::find_if(days.begin(), days.end(), [&](const StruckDay& day) {
      return day.date >= entry.since && !spared.contains(day.date);
    });
    const auto effect = effects.find(one.seq);
    if (lacks == days.end() || effect == effects.end()) continue;
    entry.since = lacks->date;
    entry.effects = std::move(effect->second);
    for (LateQuantity& quantity : entry.effects) {
      quantity.since = entry.since;
      quantity.spared = spared;
      all.push_back(quantity);
    }
    late.entries.push_back(std::move(entry));
  }
  late.true_up = assess_true_up(fund_.tolerances.nav_error_per_share, days, all);
  return late;
}

void LateWatch::bring_others(LateEntries& late, const Stamp& stamp) const {
  std::vector<LateQuantity> all;
  for (const LateEntry& one : late.entries) all.insert(all.end(), one.effects.begin(), one.effects.end());
  late.moved = bring_to_own_days(transaction_, fund_, closed_through_, stamp, all, late.true_up);
}

void LateWatch::refuse_closed(const LateEntries& late, const std::string& place) const {
  if (!late.true_up.belongs_to_its_days() || !closed_through_) return;
  for (const LateEntry& one : late.entries) {
    if (one.since > *closed_through_) continue;
    base::refuse(
        (place.empty() ? "" : place + ": ") + one.source.id,
        "is a NAV error of " + one.since.to_string() + ", " +
            worst_of(late.true_up).rounded(kShownDecimals, money::Rounding::kHalfEven).to_string() +
            " dollars a share, in a period that is closed: two people open it first (navkeeper books "
            "reopen " +
            fund_.id.value() + " --from " + one.since.to_string() + " --reason WHY --as MAKER)");
  }
}

LateReport LateWatch::keep(const LateEntries& late, const Stamp& stamp) const {
  LateReport report = report_of(late.true_up, late.entries.size());
  report.moved = late.moved;
  if (late.entries.empty()) return report;
  const std::int64_t at_ns = known_time(transaction_, fund_.id, stamp.known_at).ns();
  const Decimal per_share = worst_of(late.true_up).rounded(kPerShareDecimals, money::Rounding::kHalfEven);
  std::map<time::Date, std::map<std::string, Decimal>> prices;
  for (const StruckDay& day : struck_since(transaction_, fund_.id, late.true_up.days.front().date))
    prices[day.date] = day.prices;
  for (const LateEntry& one : late.entries) {
    const Decimal dollars = dollars_of(one, prices[one.since]);
    const bool is_one = one.effects.size() == 1;
    db::execute(transaction_,
                "INSERT INTO late_entry (fund_id, source, source_id, since, treatment, book_date, asset, "
                "quantity, dollars, per_share, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
                "$11)",
                fund_.id, one.source.name, one.source.id, one.since.to_string(),
                late.true_up.belongs_to_its_days() ? "nav_error" : "next_strike", one.book_date.to_string(),
                is_one ? one.effects.front().asset : std::string(kInDollars),
                is_one ? one.effects.front().quantity : dollars, dollars, per_share, at_ns);
  }
  if (!report.error_from) return report;
  const std::string body = fact_of(fund_.id, report);
  db::append_event(transaction_, fund_.id.value(), {0, "nav_error_opened", body, at_ns});
  db::append_audit(transaction_, fund_.id.value(), {stamp.actor.value(), at_ns, "nav_error_opened", body});
  return report;
}

namespace {

bool is_dealing(const books::Happening& happening) {
  return is_dealing_kind(std::string(describe(happening)));
}

/// Under which book dates a NAV does not get what it should have, or would no longer be what was struck.
void refuse_dates(const std::vector<EventToPost>& events, const LateEntries& late, time::Date last) {
  for (const EventToPost& event : events) {
    if (!event.book_date) continue;
    const auto lacks = std::find_if(late.entries.begin(), late.entries.end(),
                                    [&](const LateEntry& one) { return one.source == event.source; });
    if (lacks == late.entries.end()) continue;
    const std::string where = (event.place.empty() ? event.source.id : event.place) + ": book_date";
    if (late.true_up.belongs_to_its_days() && *event.book_date > lacks->since)
      base::refuse(
          where, "the NAV of " + lacks->since.to_string() + " lacks it, " +
                     (late.true_up.is_error ? "an error of " : "and is struck again, off by ") +
                     worst_of(late.true_up).rounded(kShownDecimals, money::Rounding::kHalfEven).to_string() +
                     " dollars a share: without book_date it is booked there and the NAV is restated");
    if (!late.true_up.belongs_to_its_days() && *event.book_date <= last)
      base::refuse(where, "the NAV of " + lacks->since.to_string() +
                              " is struck and lacks less than a cent a share by it, so it stays: without "
                              "book_date the next NAV has it");
  }
}

}  // namespace

PostReport post_told(db::Transaction& transaction, const FundDefinition& fund, const PostingRules& rules,
                     std::vector<EventToPost> events, const Stamp& stamp) {
  LateWatch watch(transaction, fund);
  const auto last = watch.last_struck();
  if (!last) return post_events(transaction, fund.id, rules, events, stamp);
  std::map<books::Source, time::Date> own_days;
  const auto dated = [&] {
    std::vector<EventToPost> posted = events;
    for (EventToPost& event : posted) {
      const bool deals = is_dealing(event.event.happening);
      if (event.book_date || event.event.date > *last || watch.due_on(event.event.date, deals) > *last)
        continue;
      if (!event.settlement_date)
        event.settlement_date =
            deals ? rules.settlement->next_business_day(event.event.date) : event.event.date;
      const auto own = own_days.find(event.source);
      event.book_date = own == own_days.end() ? watch.next_day() : own->second;
    }
    return posted;
  };
  PostReport report = post_events(transaction, fund.id, rules, dated(), stamp);
  LateEntries late = watch.assess();
  refuse_dates(events, late, *last);
  if (late.true_up.belongs_to_its_days()) {
    watch.refuse_closed(late, "");
    for (const LateEntry& one : late.entries) own_days.emplace(one.source, one.since);
    watch.rewind();
    report = post_events(transaction, fund.id, rules, dated(), stamp);
    late = watch.assess();
    watch.bring_others(late, stamp);
  }
  report.lateness = watch.keep(late, stamp);
  return report;
}

PostReport reverse_told(db::Transaction& transaction, const model::FundId& fund, const books::Source& wrong,
                        const books::Source& source, const Stamp& stamp, const std::string& reason) {
  // The order in which facts take the two locks.
  db::query(transaction, "SELECT FROM policy_head WHERE fund_id = $1 FOR UPDATE", fund);
  if (db::query(transaction, "SELECT FROM nav WHERE fund_id = $1 LIMIT 1", fund).empty())
    return reverse_entry(transaction, fund, wrong, source, stamp, reason);
  const FundDefinition definition = load_definition(transaction, fund);
  LateWatch watch(transaction, definition);
  PostReport report = reverse_entry(transaction, fund, wrong, source, stamp, reason);
  LateEntries late = watch.assess();
  watch.bring_others(late, stamp);
  report.lateness = watch.keep(late, stamp);
  return report;
}

}  // namespace navkeeper::nav
