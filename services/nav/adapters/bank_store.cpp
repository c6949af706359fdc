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
    const std::string from = statement.from.to_string();
    const auto before =
        taken(db::query(transaction, std::string(kTaken) + "AND date_to < $3 ORDER BY date_to DESC LIMIT 1",
                        fund, account, from));
    const auto after =
        taken(db::query(transaction, std::string(kTaken) + "AND date_to >= $3 ORDER BY date_to LIMIT 1", fund,
                        account, from));
    const auto news =
        cash::admit_statement(statement, base::to_hex(hash_of(content)), *ours, same ? &*same : nullptr,
                              {before ? &*before : nullptr, after ? &*after : nullptr},
                              seen_lines(transaction, fund, account, statement));
    if (news.has_error()) throw base::Refused(news.error());
    if (*news == cash::StatementNews::kKnown) {
      report.known.push_back(statement.id);
      continue;
    }
    insert(transaction, fund, account, statement, content, before, who);
    report.imported.push_back(statement.id);
    report.lines += statement.lines.size();
  }
  if (report.imported.empty()) return report;
  announce_cash(transaction, fund, "bank_statement_imported", import_json(fund, account, report), who);
  keep_agreement(transaction, fund, who);
  return report;
}

namespace {

constexpr const char* kStatements =
    "SELECT account, statement_id, format, date_from, date_to, opening, closing, line_count, imported_by "
    "FROM bank_statement WHERE fund_id = $1 ";

StoredStatement statement_of(const pqxx::row& row) {
  return {row["account"].as<std::string>(),    row["statement_id"].as<std::string>(),
          row["format"].as<std::string>(),     row["date_from"].as<time::Date>(),
          row["date_to"].as<time::Date>(),     row["opening"].as<Decimal>(),
          row["closing"].as<Decimal>(),        row["line_count"].as<int>(),
          row["imported_by"].as<std::string>()};
}

}  // namespace

std::vector<StoredStatement> load_statements(db::Transaction& transaction, const model::FundId& fund) {
  std::vector<StoredStatement> found;
  for (const auto& row : db::query(transaction, std::string(kStatements) + "ORDER BY account, date_to", fund))
    found.push_back(statement_of(row));
  return found;
}

std::optional<StoredStatement> first_statement(db::Transaction& transaction, const model::FundId& fund,
                                               const std::string& account) {
  const auto rows = db::query(
      transaction, std::string(kStatements) + "AND account = $2 ORDER BY date_to LIMIT 1", fund, account);
  if (rows.empty()) return std::nullopt;
  return statement_of(rows[0]);
}

std::optional<StoredStatement> last_statement(db::Transaction& transaction, const model::FundId& fund,
                                              const std::string& account, std::optional<time::Date> by) {
  const auto rows = db::query(transaction,
                              std::string(kStatements) +
                                  "AND account = $2 AND date_to <= coalesce($3::date, 'infinity') "
                                  "ORDER BY date_to DESC LIMIT 1",
                              fund, account, by ? std::optional(by->to_string()) : std::nullopt);
  if (rows.empty()) return std::nullopt;
  return statement_of(rows[0]);
}

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

}  // namespace navkeeper::nav
