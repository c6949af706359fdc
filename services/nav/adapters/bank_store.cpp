#include "services/nav/adapters/bank_store.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/cash_json.h"
#include "services/nav/adapters/grouped.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

base::Bytes hash_of(const std::string& content) {
  const auto digest = crypto::sha256(content);
  return {digest.begin(), digest.end()};
}

std::optional<cash::TakenStatement> taken(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  return cash::TakenStatement{
      row["statement_id"].as<std::string>(), row["date_from"].as<time::Date>(),
      row["date_to"].as<time::Date>(),       row["opening"].as<Decimal>(),
      row["closing"].as<Decimal>(),          base::to_hex(row["content_hash"].as<base::Bytes>())};
}

constexpr const char* kTaken =
    "SELECT statement_id, date_from, date_to, opening, closing, content_hash FROM bank_statement "
    "WHERE fund_id = $1 AND account = $2 ";

cash::StatementLine line_of(const pqxx::row& row) {
  return {row["reference"].as<std::string>(), row["customer_reference"].as<std::string>(),
          row["amount"].as<Decimal>(),        row["booked"].as<time::Date>(),
          row["value_date"].as<time::Date>(), row["type"].as<std::string>(),
          row["memo"].as<std::string>()};
}

/// Lines taken before under one of the statement's own references.
std::vector<cash::StatementLine> seen_lines(db::Transaction& transaction, const model::FundId& fund,
                                            const std::string& account,
                                            const cash::BankStatement& statement) {
  std::string references = "[";
  for (const cash::StatementLine& line : statement.lines) {
    if (!line.reference.empty())
      references += (references.size() > 1 ? "," : "") + json::quoted(line.reference);
  }
  std::vector<cash::StatementLine> seen;
  for (const auto& row :
       db::query(transaction,
                 "SELECT reference, customer_reference, amount, booked, value_date, type, "
                 "memo FROM bank_line WHERE fund_id = $1 AND account = $2 AND reference <> '' "
                 "AND reference IN (SELECT jsonb_array_elements_text($3::jsonb))",
                 fund, account, references + "]"))
    seen.push_back(line_of(row));
  return seen;
}

void insert(db::Transaction& transaction, const model::FundId& fund, const std::string& account,
            const cash::BankStatement& statement, const std::string& content,
            const std::optional<cash::TakenStatement>& last, const CashActor& who) {
  std::optional<std::string> previous;
  if (last) previous = last->to.to_string();
  db::execute(
      transaction,
      "INSERT INTO bank_statement (fund_id, account, statement_id, format, date_from, date_to, opening, "
      "closing, line_count, content_hash, imported_by, known_at_ns, previous_to) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      fund, account, statement.id, statement.format, statement.from.to_string(), statement.to.to_string(),
      statement.opening, statement.closing, static_cast<int>(statement.lines.size()), hash_of(content),
      who.actor.id, who.now.ns(), previous);
  // One statement for all lines: the canonical content is read again by the server.
  db::execute(transaction,
              "INSERT INTO bank_line (fund_id, account, statement_id, line, reference, customer_reference, "
              "amount, booked, value_date, type, memo) "
              "SELECT $1, $2, $3, l.ordinality, l.value->>'reference', l.value->>'customer_reference', "
              "(l.value->>'amount')::numeric, (l.value->>'booked')::date, (l.value->>'value')::date, "
              "l.value->>'type', l.value->>'text' "
              "FROM jsonb_array_elements($4::jsonb->'lines') WITH ORDINALITY AS l",
              fund, account, statement.id, content);
}

}  // namespace

ImportReport import_statements(db::Transaction& transaction, const model::FundId& fund,
                               const std::string& account, const std::vector<cash::BankStatement>& statements,
                               const CashActor& who) {
  model::require_role(who.actor, {model::Role::kOperator, model::Role::kService}, "import a bank statement");
  lock_cash(transaction, fund);
  const auto ours = find_account(transaction, fund, account);
  if (!ours) base::refuse("account " + account, "is not an approved account of " + fund.value());
  ImportReport report;
  for (const cash::BankStatement& statement : statements) {
    const std::string content = statement_content(statement);
    const auto same = taken(
        db::query(transaction, std::string(kTaken) + "AND statement_id = $3", fund, account, statement.id));
    const auto last =
        taken(db::query(transaction, std::string(kTaken) + "ORDER BY date_to DESC LIMIT 1", fund, account));
    const auto news =
        cash::admit_statement(statement, base::to_hex(hash_of(content)), *ours, same ? &*same : nullptr,
                              last ? &*last : nullptr, seen_lines(transaction, fund, account, statement));
    if (news.has_error()) throw base::Refused(news.error());
    if (*news == cash::StatementNews::kKnown) {
      report.known.push_back(statement.id);
      continue;
    }
    insert(transaction, fund, account, statement, content, last, who);
    report.imported.push_back(statement.id);
    report.lines += statement.lines.size();
  }
  if (!report.imported.empty())
    announce_cash(transaction, fund, "bank_statement_imported", import_json(fund, account, report), who);
  return report;
}

std::vector<StoredStatement> load_statements(db::Transaction& transaction, const model::FundId& fund) {
  std::vector<StoredStatement> found;
  for (const auto& row :
       db::query(transaction,
                 "SELECT account, statement_id, format, date_from, date_to, opening, closing, line_count, "
                 "imported_by FROM bank_statement WHERE fund_id = $1 ORDER BY account, date_to",
                 fund))
    found.push_back({row["account"].as<std::string>(), row["statement_id"].as<std::string>(),
                     row["format"].as<std::string>(), row["date_from"].as<time::Date>(),
                     row["date_to"].as<time::Date>(), row["opening"].as<Decimal>(),
                     row["closing"].as<Decimal>(), row["line_count"].as<int>(),
                     row["imported_by"].as<std::string>()});
  return found;
}

namespace {

/// Approved accounts of the fund, each with its first and its last statement by `as_of`; nothing where one
/// has none.
struct Coverage {
  std::vector<StoredStatement> first;
  std::vector<StoredStatement> last;
  time::Date as_of;
};
std::optional<Coverage> coverage_of(db::Transaction& transaction, const model::FundId& fund,
                                    time::Date as_of) {
  const auto statements = load_statements(transaction, fund);
  Coverage coverage;
  coverage.as_of = as_of;
  for (const StoredProposal& account : load_proposals(transaction, fund, "bank_account")) {
    if (!account.is_approved()) continue;
    const StoredStatement* last = nullptr;
    for (const StoredStatement& one : statements) {
      if (one.account != account.proposal.id()) continue;
      if (last == nullptr && one.to <= as_of) coverage.first.push_back(one);
      if (one.to <= as_of) last = &one;
    }
    if (last == nullptr) return std::nullopt;
    coverage.last.push_back(*last);
  }
  if (coverage.last.empty()) return std::nullopt;
  for (const StoredStatement& one : coverage.last) coverage.as_of = std::min(coverage.as_of, one.to);
  return coverage;
}

void load_movements(db::Transaction& transaction, const model::FundId& fund,
                    cash::ReconciliationInput& input) {
  const std::string from = input.opening_day.to_string();
  const std::string to = input.as_of.to_string();
  for (const auto& row :
       db::query(transaction,
                 "SELECT e.seq, e.source, e.source_id, e.kind, e.settlement_date, "
                 "sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount ELSE -p.amount END) AS cents, "
                 "(SELECT coalesce(string_agg(w.proposal_id, ' '), '') FROM cash_proposal w "
                 "WHERE w.fund_id = e.fund_id AND w.kind = 'wire' AND w.content::jsonb->'pays'->>'source' = "
                 "e.source "
                 "AND w.content::jsonb->'pays'->>'id' = e.source_id) AS wires "
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
  for (const auto& row :
       db::query(transaction,
                 "SELECT account, statement_id, line, reference, customer_reference, amount, booked, "
                 "value_date, type, memo FROM bank_line WHERE fund_id = $1 AND booked <= $2 "
                 "ORDER BY booked, account, statement_id, line",
                 fund, to)) {
    const cash::StatementLine line = line_of(row);
    cash::BankMovement movement{row["account"].as<std::string>(),
                                row["statement_id"].as<std::string>(),
                                row["line"].as<int>(),
                                line.booked,
                                line.value,
                                line.amount,
                                {},
                                line.text};
    if (!line.customer_reference.empty()) movement.references.push_back(line.customer_reference);
    input.bank.push_back(std::move(movement));
  }
  for (const auto& row :
       db::query(transaction, "SELECT account, statement_id, line, entry FROM bank_match WHERE fund_id = $1",
                 fund)) {
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
                                                        const model::FundId& fund, time::Date as_of) {
  const auto coverage = coverage_of(transaction, fund, as_of);
  if (!coverage) return std::nullopt;
  StoredReconciliation stored;
  stored.as_of = coverage->as_of;
  stored.last = coverage->last;
  cash::ReconciliationInput& input = stored.input;
  input.as_of = coverage->as_of;
  input.opening_day = coverage->first.front().from;
  for (const StoredStatement& first : coverage->first) {
    input.bank_opening += first.opening;
    input.opening_day = std::min(input.opening_day, first.from);
  }
  const auto before =
      load_books(transaction, fund, {books::Basis::kSettled, input.opening_day - 1, std::nullopt});
  if (before) input.books_opening = before->balance("Assets:Cash", "USD").to_decimal(books::kDollarDecimals);
  load_movements(transaction, fund, input);
  stored.result = cash::reconcile(input);
  return stored;
}

void match_by_hand(db::Transaction& transaction, const model::FundId& fund, const std::string& account,
                   const std::string& statement, int line, const std::string& source, const std::string& id,
                   const std::string& reason, const CashActor& who) {
  model::require_role(who.actor, model::Role::kOperator, "match a bank line");
  lock_cash(transaction, fund);
  if (reason.empty()) base::refuse("reason", "is empty");
  const std::string where = "line " + std::to_string(line) + " of statement " + statement;
  const auto found = db::query(transaction,
                               "SELECT amount FROM bank_line WHERE fund_id = $1 AND account = $2 AND "
                               "statement_id = $3 AND line = $4",
                               fund, account, statement, line);
  if (found.empty()) base::refuse(where, "is not there");
  const auto entry = db::query(
      transaction,
      "SELECT e.seq, sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount ELSE -p.amount END) AS cents "
      "FROM entry e JOIN posting p USING (fund_id, seq) WHERE e.fund_id = $1 AND e.source = $2 "
      "AND e.source_id = $3 AND p.commodity = 'USD' AND 'Assets:Cash' IN (p.debit, p.credit) GROUP BY e.seq",
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
  db::execute(transaction,
              "INSERT INTO bank_match (fund_id, account, statement_id, line, entry, reason, matched_by, "
              "known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              fund, account, statement, line, seq, reason, who.actor.id, who.now.ns());
  json::Writer body;
  body.begin_object().member("account", account).member("entry", source + ":" + id);
  body.member("line", line).member("reason", reason).member("statement", statement).end_object();
  announce_cash(transaction, fund, "bank_line_matched", body.take(), who);
}

Check check_bank(db::Transaction& transaction, const FundDefinition& fund, time::Date date) {
  Check check{"cash_against_bank", CheckStatus::kUnavailable, "no bank account of the fund is known"};
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
  const cash::Reconciliation& result = stored->result;
  check.status = result.agrees() ? CheckStatus::kPassed : CheckStatus::kFailed;
  check.detail = "on " + stored->as_of.to_string() + " the bank has " + result.bank.to_string() +
                 ", the books " + result.books.to_string() + " settled; " +
                 (result.agrees() ? std::string("no break")
                                  : std::to_string(result.breaks.size()) + " breaks, the oldest of " +
                                        result.breaks.front().since.to_string());
  return check;
}

// --- What is shown ---

std::string import_json(const model::FundId& fund, const std::string& account, const ImportReport& report) {
  json::Writer out;
  const auto list = [&](const char* name, const std::vector<std::string>& ids) {
    out.key(name).begin_array();
    for (const std::string& id : ids) out.string(id);
    out.end_array();
  };
  out.begin_object().member("account", account).member("fund", fund.value());
  list("imported", report.imported);
  list("known", report.known);
  return out.member("lines", static_cast<std::int64_t>(report.lines)).end_object().take();
}

std::string statements_list_json(const model::FundId& fund, const std::vector<StoredStatement>& statements) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).key("statements").begin_array();
  for (const StoredStatement& one : statements) {
    out.begin_object().member("account", one.account).member("id", one.id).member("format", one.format);
    out.member("from", one.from.to_string()).member("to", one.to.to_string());
    out.member("opening", one.opening).member("closing", one.closing).member("lines", one.lines);
    out.member("imported_by", one.imported_by).end_object();
  }
  return out.end_array().end_object().take();
}

std::string statements_list_table(const std::vector<StoredStatement>& statements) {
  using runtime::Align;
  runtime::Table table({{"account"},
                        {"statement"},
                        {"format"},
                        {"from"},
                        {"to"},
                        {"opening", Align::kRight},
                        {"closing", Align::kRight},
                        {"lines", Align::kRight}});
  for (const StoredStatement& one : statements)
    table.row({one.account, one.id, one.format, one.from.to_string(), one.to.to_string(),
               grouped(one.opening.to_fixed(2)), grouped(one.closing.to_fixed(2)),
               std::to_string(one.lines)});
  return table.rows() == 0 ? "No statement was imported.\n" : table.to_string();
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
  out.member("difference", stored.result.difference()).member("agrees", stored.result.agrees());
  out.key("statements").begin_array();
  for (const StoredStatement& one : stored.last)
    out.begin_object()
        .member("account", one.account)
        .member("id", one.id)
        .member("to", one.to.to_string())
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
  std::string text = "On " + stored.as_of.to_string() + " the bank has " +
                     grouped(stored.result.bank.to_fixed(2)) + ", the books " +
                     grouped(stored.result.books.to_fixed(2)) + " settled; " +
                     std::to_string(stored.result.matches.size()) + " matched, " +
                     std::to_string(stored.result.breaks.size()) + " breaks.\n";
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
