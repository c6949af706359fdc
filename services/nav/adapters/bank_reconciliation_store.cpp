// The books against the bank: from where they last agreed, what is read, kept and shown.
#include <algorithm>
#include <map>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/bank_store.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/order_settlement_store.h"
#include "services/nav/adapters/posting_rules.h"

namespace navkeeper::nav {

using money::Decimal;

namespace {

/// Approved accounts of the fund, each with its last statement by `as_of`.
struct Coverage {
  std::vector<StoredStatement> last;
  std::string accounts;  ///< canonical JSON
  time::Date as_of;
};

/// Nothing where an account has no statement by then, or the fund no account.
std::optional<Coverage> coverage_of(db::Transaction& transaction, const model::FundId& fund,
                                    std::optional<time::Date> as_of) {
  Coverage coverage;
  coverage.accounts = "[";
  for (const StoredProposal& account : load_proposals(transaction, fund, "bank_account")) {
    if (!account.is_approved()) continue;
    const std::string id(account.proposal.id());
    auto last = last_statement(transaction, fund, id, as_of);
    if (!last) return std::nullopt;
    coverage.as_of = coverage.last.empty() ? last->to : std::min(coverage.as_of, last->to);
    coverage.accounts += (coverage.last.empty() ? "" : ",") + json::quoted(id);
    coverage.last.push_back(*std::move(last));
  }
  if (coverage.last.empty()) return std::nullopt;
  coverage.accounts += "]";
  return coverage;
}

/// The latest agreement by the coverage's day that still holds. Looked for from the latest on: each asks
/// about what came since it was made, and a late entry or settlement leads to those of the days before its
/// own.
std::optional<cash::Agreement> standing_agreement(db::Transaction& transaction, const model::FundId& fund,
                                                  const Coverage& coverage) {
  time::Date by = coverage.as_of;
  while (true) {
    const auto found = db::query(
        transaction,
        "SELECT agreed_through, entries, settlements, balance FROM bank_agreement WHERE fund_id = $1 "
        "AND agreed_through <= $2 AND accounts = $3 "
        "ORDER BY agreed_through DESC, entries DESC, settlements DESC LIMIT 1",
        fund, by.to_string(), coverage.accounts);
    if (found.empty()) return std::nullopt;
    const auto day = found[0]["agreed_through"].as<time::Date>();
    const auto late = db::optional_of<time::Date>(db::query(
        transaction,
        "SELECT least((SELECT min(e.settlement_date) FROM entry e JOIN posting p USING (fund_id, seq) "
        "WHERE e.fund_id = $1 AND e.seq > $2 AND e.settlement_date <= $3 AND p.commodity = 'USD' "
        "AND 'Assets:Cash' IN (p.debit, p.credit)), (SELECT min(s.settlement_date) FROM "
        "order_settlement s WHERE s.fund_id = $1 AND s.number > $4 AND s.settlement_date <= $3))",
        fund, found[0]["entries"].as<std::int64_t>(), day.to_string(),
        found[0]["settlements"].as<std::int64_t>())[0][0]);
    if (!late) return cash::Agreement{day, found[0]["balance"].as<Decimal>()};
    by = *late - 1;
  }
}

/// Bank days without a statement between two of an account, after `since`: nothing through an agreement is
/// missing.
std::vector<StatementGap> gaps_since(db::Transaction& transaction, const model::FundId& fund,
                                     const Coverage& coverage, std::optional<time::Date> since) {
  std::vector<StatementGap> gaps;
  for (const auto& row : db::query(
           transaction,
           "SELECT account, ended, date_from FROM (SELECT s.account, s.date_from, lag(s.date_to) OVER "
           "(PARTITION BY s.account ORDER BY s.date_to) AS ended FROM jsonb_array_elements_text($2::jsonb) "
           "AS "
           "ours (account) JOIN bank_statement s ON s.fund_id = $1 AND s.account = ours.account "
           "WHERE s.date_to >= $3::date AND s.date_from <= $4::date) g WHERE date_from > ended + 1 "
           "ORDER BY date_from, account",
           fund, coverage.accounts, since ? since->to_string() : "-infinity", coverage.as_of.to_string()))
    gaps.push_back({row["account"].as<std::string>(), row["ended"].as<time::Date>() + 1,
                    row["date_from"].as<time::Date>() - 1});
  if (gaps.empty()) return gaps;
  // Weekends and the bank's holidays have no statement.
  const time::Calendar* const bank = time::Calendar::find(load_definition(transaction, fund).bank_calendar);
  ENSURE(bank != nullptr);
  std::erase_if(gaps, [&](const StatementGap& gap) {
    for (time::Date day = gap.from; day <= gap.to; ++day) {
      if (!bank->covers(day) || bank->is_business_day(day)) return false;
    }
    return true;
  });
  return gaps;
}

/// Where the accounts begin: the first statement of each.
void begin_at_first(db::Transaction& transaction, const model::FundId& fund, const Coverage& coverage,
                    cash::ReconciliationInput& input) {
  input.opening_day = coverage.as_of;
  for (const StoredStatement& last : coverage.last) {
    const auto first = first_statement(transaction, fund, last.account);
    ENSURE(first.has_value());
    input.bank_opening += first->opening;
    input.opening_day = std::min(input.opening_day, first->from);
  }
  const auto before =
      load_books(transaction, fund, {books::Basis::kSettled, input.opening_day - 1, std::nullopt});
  if (before) input.books_opening = before->balance("Assets:Cash", "USD").to_decimal(books::kDollarDecimals);
  for (const OrderPart& open : load_open_parts(transaction, fund, input.opening_day - 1))
    input.books_opening -= open.booked_dollars();
}

/// By which the bank may name an entry: its id, the wires that pay it.
std::vector<std::string> references_of(const std::string& source, const std::string& id, std::string wires) {
  std::vector<std::string> references = {id, source + ":" + id};
  while (!wires.empty()) {  // ids of ours have no spaces
    const std::size_t end = std::min(wires.find(' '), wires.size());
    references.push_back(wires.substr(0, end));
    wires.erase(0, end + 1);
  }
  return references;
}

constexpr std::string_view kCloseOut = " close-out";

/// An order that was closed out brought nothing to the bank: what its close-out differs by (a correction of
/// its price between) is all that is left of both.
Decimal closed_out_with(db::Transaction& transaction, const model::FundId& fund, const std::string& id) {
  const auto order = db::query(
      transaction,
      "SELECT coalesce(sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount ELSE -p.amount END), 0) AS cents "
      "FROM entry e JOIN posting p USING (fund_id, seq) WHERE e.fund_id = $1 AND e.source = 'order' AND "
      "e.source_id = $2 AND p.commodity = 'USD' AND 'Assets:Cash' IN (p.debit, p.credit)",
      fund, id.substr(0, id.size() - kCloseOut.size()));
  return order[0]["cents"].as<Decimal>() * Decimal::of(1, books::kDollarDecimals);
}

/// The ids of the wires that pay each order, with spaces between.
std::map<std::string, std::string> wires_of(db::Transaction& transaction, const model::FundId& fund,
                                            const std::vector<OrderPart>& parts) {
  std::vector<std::string> orders;
  orders.reserve(parts.size());
  for (const OrderPart& part : parts) orders.push_back(part.order.value());
  std::map<std::string, std::string> wires;
  if (orders.empty()) return wires;
  for (const auto& row : db::query(
           transaction,
           "SELECT w.content::jsonb->'pays'->>'id' AS order_id, string_agg(w.proposal_id, ' ') AS wires FROM "
           "cash_proposal w WHERE w.fund_id = $1 AND w.kind = 'wire' AND "
           "(w.content::jsonb->'pays'->>'source') "
           "= 'order' AND (w.content::jsonb->'pays'->>'id') = ANY($2::text[]) GROUP BY 1",
           fund, array_of(orders)))
    wires.emplace(row["order_id"].as<std::string>(), row["wires"].as<std::string>());
  return wires;
}

/// Orders of dealing by their settlements, and what is open.
/// Gives what of the open dollars is owed: in no view of cash.
Decimal load_order_parts(db::Transaction& transaction, const model::FundId& fund,
                         cash::ReconciliationInput& input) {
  Decimal owed;
  std::vector<OrderPart> parts = load_settled_parts(transaction, fund, input.opening_day, input.as_of);
  // After all that is expected, so that it is matched last.
  for (OrderPart& open : load_open_parts(transaction, fund, input.as_of)) parts.push_back(std::move(open));
  const auto wires = wires_of(transaction, fund, parts);
  for (const OrderPart& part : parts) {
    owed += part.owed_dollars;
    cash::BookMovement movement;
    movement.amount = part.of(policy::kDollars);
    if (movement.amount.is_zero()) continue;
    movement.seq = part.entry;
    movement.source = "order";
    movement.id = part.order.value();
    movement.kind = describe(part.side);
    movement.settled = part.date;
    movement.settlement = part.settlement;
    movement.is_part = true;
    movement.is_open = part.settlement == 0;
    const auto paid_by = wires.find(movement.id);
    movement.references =
        references_of("order", movement.id, paid_by == wires.end() ? std::string() : paid_by->second);
    if (!part.reference.empty()) movement.references.push_back(part.reference);
    input.book.push_back(std::move(movement));
  }
  return owed;
}

/// What people named of the lines that are there.
void load_named(db::Transaction& transaction, const model::FundId& fund, const std::string& from,
                cash::ReconciliationInput& input) {
  std::map<std::pair<std::int64_t, std::int64_t>, cash::NamedMatch> named;  // by entry and settlement
  for (const auto& row :
       db::query(transaction,
                 "SELECT m.account, m.statement_id, m.line, m.entry, coalesce(m.settlement, 0) AS settlement "
                 "FROM bank_match m JOIN bank_statement s USING (fund_id, account, statement_id) "
                 "WHERE m.fund_id = $1 AND s.date_to >= $2::date ORDER BY m.entry, m.settlement, m.position",
                 fund, from)) {
    const auto line = std::find_if(input.bank.begin(), input.bank.end(), [&](const cash::BankMovement& one) {
      return one.line == row["line"].as<int>() && one.account == row["account"].as<std::string>() &&
             one.statement == row["statement_id"].as<std::string>();
    });
    if (line != input.bank.end())
      named[{row["entry"].as<std::int64_t>(), row["settlement"].as<std::int64_t>()}].bank.push_back(
          static_cast<std::size_t>(line - input.bank.begin()));
  }
  for (auto& [what, match] : named) {
    for (std::size_t i = 0; i < input.book.size(); ++i) {
      if (input.book[i].seq == what.first && (what.second == 0 || input.book[i].settlement == what.second))
        match.book.push_back(i);
    }
    input.named.push_back(std::move(match));
  }
}

/// From the opening day on; gives what load_order_parts() gives.
Decimal load_movements(db::Transaction& transaction, const model::FundId& fund, const std::string& accounts,
                       cash::ReconciliationInput& input) {
  const std::string from = input.opening_day.to_string();
  const std::string to = input.as_of.to_string();
  for (const auto& row :
       db::query(transaction,
                 "SELECT e.seq, e.source, e.source_id, e.kind, e.settlement_date, "
                 "sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount ELSE -p.amount END) AS cents, "
                 "(SELECT coalesce(string_agg(w.proposal_id, ' '), '') FROM cash_proposal w "
                 "WHERE w.fund_id = e.fund_id AND w.kind = 'wire' "
                 "AND (w.content::jsonb->'pays'->>'source') = e.source "
                 "AND (w.content::jsonb->'pays'->>'id') = e.source_id) AS wires "
                 "FROM entry e JOIN posting p USING (fund_id, seq) WHERE e.fund_id = $1 "
                 "AND e.settlement_date BETWEEN $2 AND $3 AND p.commodity = 'USD' "
                 "AND 'Assets:Cash' IN (p.debit, p.credit) AND e.source <> 'order delivery' "
                 "AND NOT (e.source = 'order' AND EXISTS (SELECT FROM order_price o WHERE o.fund_id = "
                 "e.fund_id AND o.order_id = e.source_id)) "
                 "GROUP BY e.fund_id, e.seq, e.source, e.source_id, e.kind, e.settlement_date "
                 "HAVING sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount ELSE -p.amount END) <> 0 "
                 "ORDER BY e.seq",
                 fund, from, to)) {
    cash::BookMovement movement;
    movement.seq = row["seq"].as<std::int64_t>();
    movement.source = row["source"].as<std::string>();
    movement.id = row["source_id"].as<std::string>();
    movement.kind = row["kind"].as<std::string>();
    movement.settled = row["settlement_date"].as<time::Date>();
    movement.amount = row["cents"].as<Decimal>() * Decimal::of(1, books::kDollarDecimals);
    if (movement.source == "order" && movement.id.ends_with(kCloseOut)) {
      movement.amount += closed_out_with(transaction, fund, movement.id);
      if (movement.amount.is_zero()) continue;
    }
    movement.references = references_of(movement.source, movement.id, row["wires"].as<std::string>());
    input.book.push_back(std::move(movement));
  }
  const Decimal owed = load_order_parts(transaction, fund, input);
  // A line that was booked before its statement begins counts from there: so no later statement brings a line
  // of days that earlier ones covered.
  for (const auto& row :
       db::query(transaction,
                 "SELECT l.account, l.statement_id, l.line, l.customer_reference, l.amount, "
                 "greatest(l.booked, s.date_from) AS booked, l.value_date, l.memo "
                 "FROM jsonb_array_elements_text($4::jsonb) AS ours (account), "
                 "LATERAL (SELECT fund_id, account, statement_id, date_from FROM bank_statement "
                 "WHERE fund_id = $1 AND account = ours.account AND date_to >= $2::date OFFSET 0) AS s, "
                 "LATERAL (SELECT * FROM bank_line WHERE fund_id = s.fund_id AND account = s.account "
                 "AND statement_id = s.statement_id OFFSET 0) AS l "
                 "WHERE greatest(l.booked, s.date_from) BETWEEN $2::date AND $3::date "
                 "ORDER BY booked, l.account, l.statement_id, l.line",
                 fund, from, to, accounts)) {
    cash::BankMovement movement{row["account"].as<std::string>(),
                                row["statement_id"].as<std::string>(),
                                row["line"].as<int>(),
                                row["booked"].as<time::Date>(),
                                row["value_date"].as<time::Date>(),
                                row["amount"].as<Decimal>(),
                                {},
                                row["memo"].as<std::string>()};
    if (auto reference = row["customer_reference"].as<std::string>(); !reference.empty())
      movement.references.push_back(std::move(reference));
    input.bank.push_back(std::move(movement));
  }
  load_named(transaction, fund, from, input);
  return owed;
}

}  // namespace

std::optional<StoredReconciliation> load_reconciliation(db::Transaction& transaction,
                                                        const model::FundId& fund,
                                                        std::optional<time::Date> as_of) {
  const auto coverage = coverage_of(transaction, fund, as_of);
  if (!coverage) return std::nullopt;
  StoredReconciliation stored;
  stored.as_of = coverage->as_of;
  stored.last = coverage->last;
  stored.accounts = coverage->accounts;
  cash::ReconciliationInput& input = stored.input;
  input.as_of = coverage->as_of;
  if (const auto agreed = standing_agreement(transaction, fund, *coverage)) {
    stored.agreed_through = agreed->day;
    input.opening_day = agreed->day + 1;
    input.bank_opening = agreed->balance;
    input.books_opening = agreed->balance;
  } else {
    begin_at_first(transaction, fund, *coverage, input);
  }
  stored.gaps = gaps_since(transaction, fund, *coverage, stored.agreed_through);
  const Decimal owed = load_movements(transaction, fund, stored.accounts, input);
  stored.result = cash::reconcile(input);
  stored.result.books += owed;
  stored.result.not_settled += owed;
  return stored;
}

void keep_agreement(db::Transaction& transaction, const model::FundId& fund, const CashActor& who) {
  const auto head = db::query(transaction,
                              "SELECT b.entries, coalesce(d.settlements, 0) AS settlements FROM books_head b "
                              "LEFT JOIN dealing_head d USING (fund_id) WHERE b.fund_id = $1",
                              fund);
  const auto stored = load_reconciliation(transaction, fund, std::nullopt);
  if (head.empty() || !stored) return;
  // What happened in a gap may concern the days after it.
  cash::ReconciliationInput seen = stored->input;
  if (!stored->gaps.empty()) seen.as_of = std::min(seen.as_of, stored->gaps.front().from - 1);
  const auto agreed = cash::agreement_in(seen, stored->result);
  if (!agreed) return;
  db::execute(transaction,
              "INSERT INTO bank_agreement (fund_id, agreed_through, entries, accounts, balance, known_at_ns, "
              "settlements) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
              fund, agreed->day.to_string(), head[0]["entries"].as<std::int64_t>(), stored->accounts,
              agreed->balance, who.now.ns(), head[0]["settlements"].as<std::int64_t>());
}

namespace {

struct LineOfBank {
  Decimal amount;
  time::Date booked;
};

LineOfBank line_of(db::Transaction& transaction, const model::FundId& fund, const BankLineName& name) {
  const auto found = db::query(
      transaction,
      "SELECT l.amount, greatest(l.booked, s.date_from) AS booked, EXISTS (SELECT FROM bank_match m "
      "WHERE (m.fund_id, m.account, m.statement_id, m.line) = (l.fund_id, l.account, "
      "l.statement_id, l.line)) AS is_named FROM bank_line l "
      "JOIN bank_statement s USING (fund_id, account, statement_id) "
      "WHERE l.fund_id = $1 AND l.account = $2 AND l.statement_id = $3 AND l.line = $4",
      fund, name.account, name.statement, name.line);
  if (found.empty()) base::refuse(name.in_words(), "is not there");
  if (found[0]["is_named"].as<bool>()) base::refuse(name.in_words(), "was matched before");
  return {found[0]["amount"].as<Decimal>(), found[0]["booked"].as<time::Date>()};
}

/// What lines may be named for: an entry, or one settlement of an order's.
struct NamedMovement {
  std::int64_t entry = 0;
  std::optional<std::int64_t> settlement;
  time::Date settled;
  Decimal amount;
};

/// The entry, and, of an order that has settled in parts, each of them.
std::vector<NamedMovement> movements_of(db::Transaction& transaction, const model::FundId& fund,
                                        const std::string& source, const std::string& id) {
  const auto entry = db::query(
      transaction,
      "SELECT e.seq, e.settlement_date, (SELECT o.fund_cash FROM order_price o WHERE o.fund_id = e.fund_id "
      "AND o.order_id = e.source_id AND e.source = 'order') AS order_cash, "
      "sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount ELSE -p.amount END) AS cents "
      "FROM entry e JOIN posting p USING (fund_id, seq) WHERE e.fund_id = $1 AND e.source = $2 "
      "AND e.source_id = $3 AND e.source <> 'order delivery' AND p.commodity = 'USD' "
      "AND 'Assets:Cash' IN (p.debit, p.credit) GROUP BY e.fund_id, e.seq, e.source, e.source_id, "
      "e.settlement_date",
      fund, source, id);
  if (entry.empty()) base::refuse("entry " + source + ":" + id, "is no movement of cash in the books");
  const auto& row = entry[0];
  std::vector<NamedMovement> movements;
  movements.push_back({row["seq"].as<std::int64_t>(), std::nullopt, row["settlement_date"].as<time::Date>(),
                       row["order_cash"].is_null()
                           ? row["cents"].as<Decimal>() * Decimal::of(1, books::kDollarDecimals)
                           : row["order_cash"].as<Decimal>()});
  if (row["order_cash"].is_null()) return movements;
  const auto parts = load_parts_of(transaction, fund, id);
  for (const OrderPart& part : parts) {
    if (part.units != part.all_units)
      movements.push_back({part.entry, part.settlement, part.date, part.of(policy::kDollars)});
    else
      movements.front().settled = part.date;
  }
  return movements;
}

/// That the lines' sum is; the first of several equal parts that nobody named.
NamedMovement movement_of_sum(db::Transaction& transaction, const model::FundId& fund,
                              const std::string& entry, const std::vector<NamedMovement>& movements,
                              const Decimal& sum) {
  std::string amounts;
  bool is_named = false;
  for (const NamedMovement& movement : movements) {
    amounts += (amounts.empty()       ? "the entry of "
                : movement.settlement ? ", its settlement of " + movement.settled.to_string() + " of "
                                      : ", of ") +
               movement.amount.to_string();
    if (movement.amount != sum) continue;
    is_named = !db::query(transaction,
                          "SELECT FROM bank_match WHERE fund_id = $1 AND entry = $2 AND ($3::bigint IS NULL "
                          "OR settlement IS NULL OR settlement = $3::bigint)",
                          fund, movement.entry, movement.settlement)
                    .empty();
    if (!is_named) return movement;
  }
  if (is_named) base::refuse("entry " + entry, "was matched before");
  base::refuse("lines", "are of " + sum.to_string() + ", " + amounts);
}

}  // namespace

std::string BankLineName::in_words() const {
  return "line " + std::to_string(line) + " of statement " + statement;
}

void match_by_hand(db::Transaction& transaction, const model::FundId& fund,
                   const std::vector<BankLineName>& lines, const std::string& source, const std::string& id,
                   const std::string& reason, const CashActor& who) {
  model::require_role(who.actor, model::Role::kOperator, "match a bank line");
  lock_cash(transaction, fund);
  if (reason.empty()) base::refuse("reason", "is empty");
  if (lines.empty() || lines.size() > kLinesMatchedMax)
    base::refuse("lines", "are not 1 to " + std::to_string(kLinesMatchedMax));
  Decimal sum;
  std::optional<time::Date> earliest;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (std::find(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(i), lines[i]) !=
        lines.begin() + static_cast<std::ptrdiff_t>(i))
      base::refuse(lines[i].in_words(), "is named twice");
    const LineOfBank line = line_of(transaction, fund, lines[i]);
    sum += line.amount;
    if (!earliest || line.booked < *earliest) earliest = line.booked;
  }
  const std::string entry = source + ":" + id;
  const NamedMovement movement =
      movement_of_sum(transaction, fund, entry, movements_of(transaction, fund, source, id), sum);
  if (const auto coverage = coverage_of(transaction, fund, std::nullopt)) {
    const auto agreed = standing_agreement(transaction, fund, *coverage);
    if (agreed && std::min(*earliest, movement.settled) <= agreed->day)
      base::refuse(lines.front().in_words(), "or the entry is of a day through which bank and books agree (" +
                                                 agreed->day.to_string() +
                                                 "): everything there has its counterpart");
  }
  json::Writer body;
  body.begin_object().member("entry", entry).key("lines").begin_array();
  int position = 0;
  for (const BankLineName& line : lines) {
    db::execute(transaction,
                "INSERT INTO bank_match (fund_id, account, statement_id, line, entry, reason, matched_by, "
                "known_at_ns, settlement, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                fund, line.account, line.statement, line.line, movement.entry, reason, who.actor.id,
                who.now.ns(), movement.settlement, ++position);
    body.begin_object().member("account", line.account).member("line", line.line);
    body.member("statement", line.statement).end_object();
  }
  body.end_array().member("reason", reason).end_object();
  announce_cash(transaction, fund, "bank_line_matched", body.take(), who);
  keep_agreement(transaction, fund, who);
}

}  // namespace navkeeper::nav
