// What struck NAVs lack of what came late, in the order of the journal.
#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/known_time.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/nav_document.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using money::Rational;

/// Of a NAV per share as a price.
constexpr int kPriceDecimals = 20;

/// SQL: whether the NAV `d` has the entry `e`: written before it was struck, and booked by its day or brought
/// to its own by then.
std::string had(const std::string& e) {
  return "(" + e + ".seq <= d.entries AND (" + e +
         ".book_date <= d.valuation_date OR EXISTS (SELECT FROM late_move m WHERE m.fund_id = " + e +
         ".fund_id AND m.source = " + e + ".source AND m.source_id = " + e +
         ".source_id AND m.there <= d.entries AND m.book_date <= d.valuation_date)))";
}

/// SQL: of fund $1 what the NAVs of days from $2 on lack, as rows of late_entry `l` with the entry `e` and
/// the day `d`; `others` narrows it down.
std::string lacking(const std::string& columns, const std::string& others) {
  return "WITH d AS (SELECT DISTINCT ON (valuation_date) valuation_date, entries FROM nav WHERE fund_id = $1 "
         "AND valuation_date >= $2::date ORDER BY valuation_date, version DESC) SELECT " +
         columns +
         " FROM late_entry l JOIN entry e ON e.fund_id = l.fund_id AND e.source = l.source AND e.source_id = "
         "l.source_id LEFT JOIN entry o ON o.fund_id = e.fund_id AND o.seq = e.reverses LEFT JOIN late_move "
         "x "
         "ON x.fund_id = l.fund_id AND x.source = l.source AND x.source_id = l.source_id JOIN d ON "
         "d.valuation_date >= l.since WHERE l.fund_id = $1 AND (e.seq > (SELECT min(entries) FROM d) OR "
         "e.book_date > $2::date) AND NOT EXISTS (SELECT FROM entry r WHERE r.fund_id = e.fund_id AND "
         "r.reverses = e.seq) AND CASE WHEN o.seq IS NULL THEN NOT " +
         had("e") + " ELSE " + had("o") + " AND e.seq > d.entries END" + others;
}

constexpr const char* kOnItsDay = "(l.treatment = 'nav_error' OR x.seq IS NOT NULL)";

std::string array_of_numbers(const std::set<std::int64_t>& numbers) {
  std::string text = "{";
  for (const std::int64_t number : numbers) text += (text.size() == 1 ? "" : ",") + std::to_string(number);
  return text + "}";
}

Decimal whole_amount(const pqxx::row& row) {
  return units_of(row["amount"]).to_decimal(row["decimals"].as<int>());
}

StruckDay day_of_nav(const pqxx::row& row) {
  const NavSummary nav = read_summary(row["document"].as<std::string>(), row["inputs"].as<std::string>());
  StruckDay day{row["valuation_date"].as<time::Date>(), nav.shares, {}, {}};
  for (const NavPosition& position : nav.positions) day.prices[position.asset] = position.price;
  day.prices["USD"] = Decimal::of(1);
  if (!nav.shares.is_positive()) return day;
  const Rational per_share = Rational(nav.net_assets) / Rational(nav.shares);
  day.prices[kShareOut] = per_share.rounded(kPriceDecimals, money::Rounding::kHalfEven);
  if (!row["net_assets"].is_null())
    day.apart = per_share - Rational(row["net_assets"].as<Decimal>()) / Rational(row["shares"].as<Decimal>());
  return day;
}

void add_lacking(StruckDay& day, const std::vector<LateQuantity>& effects) {
  for (const LateQuantity& effect : effects) {
    const auto price = day.prices.find(effect.asset);
    if (price == day.prices.end())
      day.is_priced = false;
    else
      day.lacks += Rational(effect.quantity) * Rational(price->second);
  }
}

}  // namespace

std::map<std::int64_t, std::vector<LateQuantity>> effects_of(db::Transaction& transaction,
                                                             const model::FundId& fund,
                                                             const std::set<std::int64_t>& entries) {
  std::map<std::int64_t, std::vector<LateQuantity>> effects;
  if (entries.empty()) return effects;
  const std::string numbers = array_of_numbers(entries);
  for (const auto& row : db::query(
           transaction,
           "SELECT p.seq, p.commodity, c.decimals, sum(s.amount) AS amount FROM posting p CROSS JOIN "
           "LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS s (account, amount) JOIN "
           "commodity c ON c.fund_id = p.fund_id AND c.commodity = p.commodity WHERE p.fund_id = $1 AND "
           "p.seq = ANY($2::bigint[]) AND (s.account LIKE 'Assets:%' OR s.account LIKE 'Liabilities:%') "
           "GROUP BY p.seq, p.commodity, c.decimals HAVING sum(s.amount) <> 0 ORDER BY p.seq, p.commodity",
           fund, numbers))
    effects[row["seq"].as<std::int64_t>()].push_back(
        {row["commodity"].as<std::string>(), whole_amount(row), {}});
  for (const auto& row : db::query(
           transaction, "SELECT seq, change FROM share_change WHERE fund_id = $1 AND seq = ANY($2::bigint[])",
           fund, numbers))
    effects[row["seq"].as<std::int64_t>()].push_back({kShareOut, -units_of(row["change"]).to_decimal(0), {}});
  return effects;
}

namespace {

std::string lacking_columns() {
  return "d.valuation_date, e.source, e.source_id, e.seq, l.since, e.book_date, " + std::string(kOnItsDay) +
         " AS is_on_its_day, o.seq IS NOT NULL AS is_correction";
}

std::vector<Lacking> lacking_of(const pqxx::result& rows) {
  std::vector<Lacking> found;
  for (const auto& row : rows)
    found.push_back({row["valuation_date"].as<time::Date>(),
                     {row["source"].as<std::string>(), row["source_id"].as<std::string>()},
                     row["seq"].as<std::int64_t>(),
                     row["since"].as<time::Date>(),
                     row["book_date"].as<time::Date>(),
                     row["is_on_its_day"].as<bool>(),
                     row["is_correction"].as<bool>()});
  return found;
}

}  // namespace

std::vector<Lacking> lacking_since(db::Transaction& transaction, const model::FundId& fund,
                                   time::Date since) {
  return lacking_of(db::query(transaction, lacking(lacking_columns(), " ORDER BY d.valuation_date, e.seq"),
                              fund, since.to_string()));
}

std::vector<Lacking> lacking_on_their_days(db::Transaction& transaction, const model::FundId& fund,
                                           time::Date through) {
  return lacking_of(
      db::query(transaction,
                lacking(lacking_columns(), " AND d.valuation_date <= $3::date AND " + std::string(kOnItsDay) +
                                               " ORDER BY d.valuation_date, e.seq"),
                fund, "-infinity", through.to_string()));
}

std::vector<StruckDay> struck_since(db::Transaction& transaction, const model::FundId& fund, time::Date since,
                                    std::optional<time::Date> through) {
  std::vector<StruckDay> days;
  for (const auto& row : db::query(
           transaction,
           "SELECT DISTINCT ON (n.valuation_date) n.valuation_date, n.document, n.inputs, p.net_assets, "
           "p.shares FROM nav n LEFT JOIN LATERAL (SELECT q.net_assets, q.shares FROM nav_publication w JOIN "
           "nav q USING (fund_id, valuation_date, version) WHERE w.fund_id = n.fund_id AND w.valuation_date "
           "= n.valuation_date ORDER BY w.version DESC LIMIT 1) p ON n.version > 1 WHERE n.fund_id = $1 AND "
           "n.valuation_date >= $2 AND n.valuation_date <= $3::date ORDER BY n.valuation_date, n.version "
           "DESC",
           fund, since.to_string(), through ? through->to_string() : std::string("infinity")))
    days.push_back(day_of_nav(row));
  const std::vector<Lacking> lacking = lacking_since(transaction, fund, since);
  std::set<std::int64_t> numbers;
  for (const Lacking& one : lacking) numbers.insert(one.seq);
  const auto effects = effects_of(transaction, fund, numbers);
  for (const Lacking& one : lacking) {
    const auto day =
        std::find_if(days.begin(), days.end(), [&](const StruckDay& each) { return each.date == one.day; });
    if (day == days.end()) continue;
    day->is_open |= one.is_on_its_day;
    if (const auto effect = effects.find(one.seq); effect != effects.end()) add_lacking(*day, effect->second);
  }
  return days;
}

Decimal dollars_lacking(db::Transaction& transaction, const model::FundId& fund, time::Date day) {
  const auto days = struck_since(transaction, fund, day, day);
  return days.empty() ? Decimal{} : days.front().lacks.rounded(2, money::Rounding::kHalfEven);
}

std::set<time::Date> days_without(db::Transaction& transaction, const model::FundId& fund, std::int64_t entry,
                                  time::Date since) {
  std::set<time::Date> days;
  for (const auto& row : db::query(
           transaction,
           "SELECT d.valuation_date FROM (SELECT DISTINCT ON (valuation_date) valuation_date, entries FROM "
           "nav WHERE fund_id = $1 AND valuation_date >= $2::date ORDER BY valuation_date, version DESC) d "
           "JOIN entry e ON e.fund_id = $1 AND e.seq = $3 WHERE NOT " +
               had("e"),
           fund, since.to_string(), entry))
    days.insert(row[0].as<time::Date>());
  return days;
}

std::size_t bring_to_own_days(db::Transaction& transaction, const FundDefinition& fund,
                              std::optional<time::Date> closed_through, const Stamp& stamp,
                              const std::vector<LateQuantity>& late, TrueUp& true_up) {
  if (!true_up.belongs_to_its_days()) return 0;
  std::set<time::Date> again;
  for (const DayEffect& day : true_up.days) again.insert(day.date);
  std::set<books::Source> seen;
  std::size_t moved = 0;
  time::Date from = *again.begin();
  for (const Lacking& one : lacking_since(transaction, fund.id, from)) {
    if (one.is_on_its_day || one.is_correction || one.book_date <= one.since || !again.contains(one.day))
      continue;
    if (!seen.insert(one.source).second) continue;
    if (closed_through && one.since <= *closed_through)
      base::refuse(one.source.id,
                   "came late before and is a part of this NAV error; its own day " + one.since.to_string() +
                       " lies in a period that is closed: two people open it first (navkeeper "
                       "books reopen " +
                       fund.id.value() + " --from " + one.since.to_string() + " --reason WHY --as MAKER)");
    const auto brought = move_entry(transaction, fund.id, one.source, one.since, stamp);
    if (!brought) continue;
    db::execute(
        transaction,
        "INSERT INTO late_move (fund_id, source, source_id, seq, there, back, book_date, known_at_ns) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        fund.id, one.source.name, one.source.id, brought->seq, brought->there, brought->back,
        one.since.to_string(), known_time(transaction, fund.id, stamp.known_at).ns());
    from = std::min(from, one.since);
    ++moved;
  }
  if (moved > 0)
    true_up = assess_true_up(fund.tolerances.nav_error_per_share, struck_since(transaction, fund.id, from),
                             late, from);
  return moved;
}

namespace {

/// One line of the check for each.
class LateLines {
 public:
  void tell(const pqxx::row& row, const std::string& more) {
    const auto source = row["source"].as<std::string>();
    text_ += (text_.empty() ? "" : "; ") + row["quantity"].as<Decimal>().to_string() + " " +
             row["asset"].as<std::string>() + " of " + row["since"].as<std::string>() + " (" +
             (source == "facts" ? "" : source + " ") + row["source_id"].as<std::string>() + ", " +
             row["dollars"].as<Decimal>().to_string() + " dollars)" + more;
  }
  void measure(const Decimal& per_share) {
    if (per_share.abs() > worst_.abs()) worst_ = per_share;
  }
  const std::string& text() const { return text_; }
  const Decimal& worst() const { return worst_; }

 private:
  std::string text_;
  Decimal worst_;
};

/// What of it this NAV has as the first one.
void tell_taken_up(db::Transaction& transaction, const model::FundId& fund, time::Date date,
                   LateLines& lines) {
  for (const auto& row : db::query(
           transaction,
           "SELECT l.source, l.source_id, l.since::text AS since, l.asset, l.quantity, l.dollars, "
           "l.per_share FROM late_entry l JOIN entry e ON e.fund_id = l.fund_id AND e.source = l.source AND "
           "e.source_id = l.source_id WHERE l.fund_id = $1 AND l.treatment = 'next_strike' AND l.quantity <> "
           "0 AND l.book_date <= $2 AND (l.book_date > coalesce((SELECT max(valuation_date) FROM nav WHERE "
           "fund_id = $1 AND valuation_date < $2), '-infinity') OR (e.reverses IS NOT NULL AND e.seq > "
           "(SELECT max(entries) FROM nav WHERE fund_id = $1 AND valuation_date < $2))) AND NOT EXISTS "
           "(SELECT FROM entry r WHERE r.fund_id = e.fund_id AND r.reverses = e.seq) AND NOT EXISTS (SELECT "
           "FROM late_move m WHERE m.fund_id = l.fund_id AND m.source = l.source AND m.source_id = "
           "l.source_id) ORDER BY since, source, source_id",
           fund, date.to_string())) {
    lines.measure(row["per_share"].as<Decimal>());
    lines.tell(row, " came late and is in this NAV");
  }
}

}  // namespace

std::optional<Check> check_late_facts(db::Transaction& transaction, const FundDefinition& fund,
                                      time::Date date) {
  constexpr int kMeasuredDecimals = 12;
  const Decimal& limit = fund.tolerances.nav_error_per_share;
  Check check{"late_facts", CheckStatus::kPassed, ""};
  check.threshold = "below " + limit.to_string() + " a share";
  LateLines lines;
  tell_taken_up(transaction, fund.id, date, lines);
  const auto open = db::query(
      transaction,
      lacking(
          "l.source, l.source_id, l.since::text AS since, l.asset, l.quantity, l.dollars, "
          "min(d.valuation_date)::text AS first, max(d.valuation_date)::text AS last, bool_or(EXISTS "
          "(SELECT FROM nav_publication p WHERE p.fund_id = l.fund_id AND p.valuation_date = l.since)) AS "
          "is_published",
          " AND d.valuation_date < $3::date AND " + std::string(kOnItsDay) +
              " GROUP BY l.source, l.source_id, l.since, l.asset, l.quantity, l.dollars ORDER BY "
              "l.since, l.source, l.source_id"),
      fund.id, "-infinity", date.to_string());
  if (!open.empty()) {
    time::Date first = date;
    for (const auto& row : open) first = std::min(first, time::Date::literal(row["first"].as<std::string>()));
    bool is_measured = true;
    for (const StruckDay& day : struck_since(transaction, fund.id, first, date - 1)) {
      if (!day.is_open) continue;
      if (!day.is_priced || !day.shares.is_positive()) {
        is_measured = false;
        continue;
      }
      lines.measure((day.lacks / Rational(day.shares) + day.apart)
                        .rounded(kMeasuredDecimals, money::Rounding::kHalfEven));
    }
    const bool is_error = !is_measured || lines.worst().abs() >= limit;
    if (is_error) check.status = CheckStatus::kFailed;
    for (const auto& row : open) {
      const auto since = row["since"].as<std::string>();
      const auto last = row["last"].as<std::string>();
      const std::string command = row["is_published"].as<bool>()
                                      ? ": navkeeper nav restate " + fund.id.value() + " " + since +
                                            " --through " + last + " --reason WHY --as MAKER"
                                      : " that nobody published: navkeeper nav run --date " + since +
                                            " --fund " + fund.id.value() +
                                            " --again WHY --as MAKER, and so on to " + last;
      lines.tell(
          row, (is_error ? " is a NAV error" : " is booked on its day, of less than a NAV error") + command);
    }
  }
  if (lines.text().empty()) return std::nullopt;
  check.detail = lines.text();
  check.measured = lines.worst().to_string();
  return check;
}

}  // namespace navkeeper::nav
