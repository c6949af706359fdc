// The books against the bank: from where they last agreed, what is read, kept and shown.
#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/bank_store.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/grouped.h"
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
/// about what came since it was made, and a late entry leads to those of the days before its own.
std::optional<cash::Agreement> standing_agreement(db::Transaction& transaction, const model::FundId& fund,
                                                  const Coverage& coverage) {
  time::Date by = coverage.as_of;
  while (true) {
    const auto found =
        db::query(transaction,
                  "SELECT agreed_through, entries, balance FROM bank_agreement WHERE fund_id = $1 "
                  "AND agreed_through <= $2 AND accounts = $3 "
                  "ORDER BY agreed_through DESC, entries DESC LIMIT 1",
                  fund, by.to_string(), coverage.accounts);
    if (found.empty()) return std::nullopt;
    const auto day = found[0]["agreed_through"].as<time::Date>();
    const auto late = db::optional_of<time::Date>(
        db::query(transaction,
                  "SELECT min(e.settlement_date) FROM entry e JOIN posting p USING (fund_id, seq) "
                  "WHERE e.fund_id = $1 AND e.seq > $2 AND e.settlement_date <= $3 AND p.commodity = 'USD' "
                  "AND 'Assets:Cash' IN (p.debit, p.credit)",
                  fund, found[0]["entries"].as<std::int64_t>(), day.to_string())[0][0]);
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

std::string gaps_in_words(const std::vector<StatementGap>& gaps) {
  std::string text;
  for (const StatementGap& gap : gaps)
    text += (text.empty() ? "no statement of account " : ", of account ") + gap.account + " of " +
            gap.from.to_string() + (gap.from == gap.to ? "" : " to " + gap.to.to_string());
  return text;
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
}

/// From the opening day on.
void load_movements(db::Transaction& transaction, const model::FundId& fund, const std::string& accounts,
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
                 "AND 'Assets:Cash' IN (p.debit, p.credit) "
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
    movement.references = {movement.id, movement.source + ":" + movement.id};
    std::string wires = row["wires"].as<std::string>();  // ids of ours have no spaces
    while (!wires.empty()) {
      const std::size_t end = std::min(wires.find(' '), wires.size());
      movement.references.push_back(wires.substr(0, end));
      wires.erase(0, end + 1);
    }
    input.book.push_back(std::move(movement));
  }
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
  for (const auto& row : db::query(transaction,
                                   "SELECT m.account, m.statement_id, m.line, m.entry FROM bank_match m "
                                   "JOIN entry e ON e.fund_id = m.fund_id AND e.seq = m.entry "
                                   "WHERE m.fund_id = $1 AND e.settlement_date >= $2",
                                   fund, from)) {
    const auto book = std::find_if(input.book.begin(), input.book.end(), [&](const cash::BookMovement& one) {
      return one.seq == row["entry"].as<std::int64_t>();
    });
    const auto bank = std::find_if(input.bank.begin(), input.bank.end(), [&](const cash::BankMovement& one) {
      return one.line == row["line"].as<int>() && one.account == row["account"].as<std::string>() &&
             one.statement == row["statement_id"].as<std::string>();
    });
    if (book != input.book.end() && bank != input.bank.end())
      input.named.push_back({static_cast<std::size_t>(book - input.book.begin()),
                             static_cast<std::size_t>(bank - input.bank.begin())});
  }
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
  load_movements(transaction, fund, stored.accounts, input);
  stored.result = cash::reconcile(input);
  return stored;
}

void keep_agreement(db::Transaction& transaction, const model::FundId& fund, const CashActor& who) {
  const auto head = db::query(transaction, "SELECT entries FROM books_head WHERE fund_id = $1", fund);
  const auto stored = load_reconciliation(transaction, fund, std::nullopt);
  if (head.empty() || !stored) return;
  // What happened in a gap may concern the days after it.
  cash::ReconciliationInput seen = stored->input;
  if (!stored->gaps.empty()) seen.as_of = std::min(seen.as_of, stored->gaps.front().from - 1);
  const auto agreed = cash::agreement_in(seen, stored->result);
  if (!agreed) return;
  db::execute(transaction,
              "INSERT INTO bank_agreement (fund_id, agreed_through, entries, accounts, balance, known_at_ns) "
              "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
              fund, agreed->day.to_string(), head[0]["entries"].as<std::int64_t>(), stored->accounts,
              agreed->balance, who.now.ns());
}

void match_by_hand(db::Transaction& transaction, const model::FundId& fund, const std::string& account,
                   const std::string& statement, int line, const std::string& source, const std::string& id,
                   const std::string& reason, const CashActor& who) {
  model::require_role(who.actor, model::Role::kOperator, "match a bank line");
  lock_cash(transaction, fund);
  if (reason.empty()) base::refuse("reason", "is empty");
  const std::string where = "line " + std::to_string(line) + " of statement " + statement;
  const auto found =
      db::query(transaction,
                "SELECT l.amount, greatest(l.booked, s.date_from) AS booked FROM bank_line l "
                "JOIN bank_statement s USING (fund_id, account, statement_id) "
                "WHERE l.fund_id = $1 AND l.account = $2 AND l.statement_id = $3 AND l.line = $4",
                fund, account, statement, line);
  if (found.empty()) base::refuse(where, "is not there");
  const auto entry = db::query(
      transaction,
      "SELECT e.seq, e.settlement_date, "
      "sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount ELSE -p.amount END) AS cents "
      "FROM entry e JOIN posting p USING (fund_id, seq) WHERE e.fund_id = $1 AND e.source = $2 "
      "AND e.source_id = $3 AND p.commodity = 'USD' AND 'Assets:Cash' IN (p.debit, p.credit) GROUP BY e.seq, "
      "e.settlement_date",
      fund, source, id);
  if (entry.empty()) base::refuse("entry " + source + ":" + id, "is no movement of cash in the books");
  const Decimal ours = entry[0]["cents"].as<Decimal>() * Decimal::of(1, books::kDollarDecimals);
  const Decimal theirs = found[0]["amount"].as<Decimal>();
  if (ours != theirs)
    base::refuse(where, "is of " + theirs.to_string() + ", the entry of " + ours.to_string());
  const auto seq = entry[0]["seq"].as<std::int64_t>();
  if (!db::query(transaction,
                 "SELECT FROM bank_match WHERE fund_id = $1 AND (entry = $2 OR (account = $3 AND "
                 "statement_id = $4 AND line = $5))",
                 fund, seq, account, statement, line)
           .empty())
    base::refuse(where, "or the entry was matched before");
  if (const auto coverage = coverage_of(transaction, fund, std::nullopt)) {
    const auto agreed = standing_agreement(transaction, fund, *coverage);
    if (agreed && (found[0]["booked"].as<time::Date>() <= agreed->day ||
                   entry[0]["settlement_date"].as<time::Date>() <= agreed->day))
      base::refuse(where, "or the entry is of a day through which bank and books agree (" +
                              agreed->day.to_string() + "): everything there has its counterpart");
  }
  db::execute(transaction,
              "INSERT INTO bank_match (fund_id, account, statement_id, line, entry, reason, matched_by, "
              "known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              fund, account, statement, line, seq, reason, who.actor.id, who.now.ns());
  json::Writer body;
  body.begin_object().member("account", account).member("entry", source + ":" + id);
  body.member("line", line).member("reason", reason).member("statement", statement).end_object();
  announce_cash(transaction, fund, "bank_line_matched", body.take(), who);
  keep_agreement(transaction, fund, who);
}

Check check_of_no_bank() {
  return {"cash_against_bank", CheckStatus::kUnavailable, "no bank account of the fund is known"};
}

Check check_bank(db::Transaction& transaction, const FundDefinition& fund, time::Date date) {
  Check check = check_of_no_bank();
  if (db::query(transaction, "SELECT FROM cash_proposal WHERE fund_id = $1 AND kind = 'bank_account' LIMIT 1",
                fund.id)
          .empty())
    return check;
  const auto stored = load_reconciliation(transaction, fund.id, date);
  if (!stored) {
    check.detail = "no statement of every account was imported by " + date.to_string();
    return check;
  }
  const time::Calendar* const bank = time::Calendar::find(fund.bank_calendar);
  ENSURE(bank != nullptr);
  const time::Date due = bank->previous_business_day(date);
  if (stored->as_of < due) {
    check.detail = "the last statement is of " + stored->as_of.to_string() + ", that of " + due.to_string() +
                   " is missing";
    return check;
  }
  if (!stored->gaps.empty()) {
    check.detail = gaps_in_words(stored->gaps) + " was imported";
    return check;
  }
  const cash::Reconciliation& result = stored->result;
  check.status = result.agrees() ? CheckStatus::kPassed : CheckStatus::kFailed;
  check.detail = "on " + stored->as_of.to_string() + " the bank has " + result.bank.to_string() +
                 ", the books " + result.books.to_string() + " settled; " +
                 (result.agrees() ? std::string("no break")
                                  : std::to_string(result.breaks.size()) + " breaks, the oldest of " +
                                        result.breaks.front().since.to_string());
  return check;
}

namespace {

std::string parts_of(const StoredReconciliation& stored, const cash::Break& one) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  for (const std::size_t i : one.bank) {
    const cash::BankMovement& line = stored.input.bank[i];
    add("bank " + line.account + " " + line.statement + " line " + std::to_string(line.line) + ": " +
        line.amount.to_string() + (line.text.empty() ? "" : " " + line.text));
  }
  for (const std::size_t i : one.book) {
    const cash::BookMovement& entry = stored.input.book[i];
    add("books " + entry.kind + " " + entry.source + ":" + entry.id + ": " + entry.amount.to_string());
  }
  return text;
}

}  // namespace

std::string reconciliation_json(const model::FundId& fund, const StoredReconciliation& stored) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).member("as_of", stored.as_of.to_string());
  out.member("bank", stored.result.bank).member("books", stored.result.books);
  out.member("difference", stored.result.difference()).member("agrees", stored.agrees());
  out.key("agreed_through");
  if (stored.agreed_through)
    out.string(stored.agreed_through->to_string());
  else
    out.null();
  out.key("statements").begin_array();
  for (const StoredStatement& one : stored.last)
    out.begin_object()
        .member("account", one.account)
        .member("id", one.id)
        .member("to", one.to.to_string())
        .end_object();
  out.end_array().key("gaps").begin_array();
  for (const StatementGap& gap : stored.gaps)
    out.begin_object()
        .member("account", gap.account)
        .member("from", gap.from.to_string())
        .member("to", gap.to.to_string())
        .end_object();
  out.end_array().key("matched").begin_object();
  for (const cash::MatchedBy by : {cash::MatchedBy::kPerson, cash::MatchedBy::kReference,
                                   cash::MatchedBy::kAmountAndDay, cash::MatchedBy::kAmountAndDays})
    out.member(describe(by), static_cast<std::int64_t>(
                                 std::count_if(stored.result.matches.begin(), stored.result.matches.end(),
                                               [&](const cash::Match& one) { return one.by == by; })));
  out.end_object().key("breaks").begin_array();
  for (const cash::Break& one : stored.result.breaks) {
    out.begin_object().member("type", describe(one.type)).member("since", one.since.to_string());
    out.member("age_days", one.age_days).member("bucket", cash::age_bucket(one.age_days));
    out.member("difference", one.difference).member("what", parts_of(stored, one)).end_object();
  }
  return out.end_array().end_object().take();
}

std::string reconciliation_table(const StoredReconciliation& stored) {
  std::string text =
      "On " + stored.as_of.to_string() + " the bank has " + grouped(stored.result.bank.to_fixed(2)) +
      ", the books " + grouped(stored.result.books.to_fixed(2)) + " settled; " +
      std::to_string(stored.result.matches.size()) + " matched, " +
      std::to_string(stored.result.breaks.size()) + " breaks" +
      (stored.agreed_through ? " since " + stored.agreed_through->to_string() + ", through which all agreed"
                             : "") +
      ".\n";
  if (!stored.gaps.empty())
    text += "MISSING: " + gaps_in_words(stored.gaps) + "; what the bank did there nobody has seen.\n";
  if (stored.result.breaks.empty()) return text;
  using runtime::Align;
  runtime::Table table(
      {{"break"}, {"since"}, {"age, days", Align::kRight}, {"bank less books", Align::kRight}, {"what"}});
  for (const cash::Break& one : stored.result.breaks)
    table.row({std::string(describe(one.type)), one.since.to_string(),
               std::string(cash::age_bucket(one.age_days)), grouped(one.difference.to_fixed(2)),
               parts_of(stored, one)});
  return text + table.to_string();
}

}  // namespace navkeeper::nav
