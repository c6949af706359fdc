// Financial statements as canonical JSON and as people read them.
#include <algorithm>

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/statements_store.h"

namespace navkeeper::nav {
namespace {

using json::Writer;
using money::Decimal;
using statements::FinancialStatements;
using statements::StatementLine;

void write_lines(Writer& out, const char* name, const std::vector<StatementLine>& lines) {
  out.key(name).begin_array();
  for (const StatementLine& line : lines)
    out.begin_object().member("name", line.name).member("amount", line.amount).end_object();
  out.end_array();
}

void optional(Writer& out, const char* name, const std::optional<Decimal>& value) {
  out.key(name);
  if (value)
    out.decimal(*value);
  else
    out.null();
}

void write_balance_sheet(Writer& out, const statements::AssetsAndLiabilities& sheet) {
  out.key("assets_and_liabilities").begin_object();
  write_lines(out, "assets", sheet.assets);
  out.member("total_assets", sheet.total_assets);
  write_lines(out, "liabilities", sheet.liabilities);
  out.member("total_liabilities", sheet.total_liabilities).member("net_assets", sheet.net_assets);
  write_lines(out, "components", sheet.components);
  out.member("shares", sheet.shares).key("nav_per_share_unrounded");
  if (sheet.per_share)
    out.string(sheet.per_share->to_unrounded_string());
  else
    out.null();
  out.end_object();
}

void write_operations(Writer& out, const statements::Operations& statement) {
  out.key("operations").begin_object();
  write_lines(out, "income", statement.income);
  out.member("total_income", statement.total_income);
  write_lines(out, "expenses", statement.expenses);
  out.member("total_expenses", statement.total_expenses);
  write_lines(out, "waived_and_reimbursed", statement.relief);
  out.member("net_expenses", statement.net_expenses);
  out.member("net_investment_income", statement.net_investment_income);
  write_lines(out, "realised", statement.realised);
  out.member("net_realised", statement.net_realised);
  write_lines(out, "unrealised", statement.unrealised);
  out.member("change_in_unrealised", statement.change_in_unrealised).member("taxes", statement.taxes);
  out.member("net_increase", statement.net_increase).end_object();
}

void write_changes(Writer& out, const statements::ChangesInNetAssets& statement) {
  out.key("changes_in_net_assets").begin_object().member("opening", statement.opening);
  out.member("from_operations", statement.from_operations);
  write_lines(out, "distributions", statement.distributions);
  write_lines(out, "capital", statement.capital);
  out.member("total_change", statement.total_change).member("closing", statement.closing);
  out.key("shares").begin_object().member("opening", statement.shares_opening);
  out.member("issued", statement.shares_issued).member("redeemed", statement.shares_redeemed);
  out.member("closing", statement.shares_closing).end_object().end_object();
}

void write_highlights(Writer& out, const statements::FinancialHighlights& one) {
  out.key("financial_highlights").begin_object().member("begins", one.begins.to_string());
  out.member("nav_begin", one.nav_begin).member("net_investment_income", one.net_investment_income);
  out.member("realised_and_unrealised", one.realised_and_unrealised);
  out.member("distributions", one.distributions).member("nav_end", one.nav_end);
  out.member("total_return_percent", one.total_return_percent);
  out.member("average_net_assets", one.average_net_assets).member("average_shares", one.average_shares);
  optional(out, "gross_expense_ratio_percent", one.gross_expense_ratio_percent);
  optional(out, "net_expense_ratio_percent", one.net_expense_ratio_percent);
  optional(out, "income_ratio_percent", one.income_ratio_percent);
  optional(out, "turnover_percent", one.turnover_percent);
  out.member("days", one.days).end_object();
}

void write_investments(Writer& out, const std::vector<statements::InvestmentLine>& lines) {
  out.key("schedule_of_investments").begin_array();
  for (const statements::InvestmentLine& line : lines) {
    out.begin_object().member("asset", line.asset).member("quantity", line.quantity);
    out.member("cost", line.cost).member("price", line.price).member("value", line.value);
    optional(out, "percent_of_net_assets", line.percent);
    out.end_object();
  }
  out.end_array();
}

void write_tie(Writer& out, const statements::NavTie& tie) {
  out.key("nav_tie").begin_object().member("nav_date", tie.nav.date.to_string());
  out.member("nav_net_assets", tie.nav.net_assets);
  write_lines(out, "booked_later", tie.booked_later);
  out.member("remainder", tie.remainder).member("ties", tie.ties).end_object();
}

}  // namespace

std::string statements_json(const FinancialStatements& made) {
  Writer out;
  out.begin_object().member("fund", made.fund).member("name", made.name);
  out.member("from", made.from.to_string()).member("to", made.to.to_string());
  if (made.asked_from) out.member("asked_from", made.asked_from->to_string());
  write_balance_sheet(out, made.assets_and_liabilities);
  write_operations(out, made.operations);
  write_changes(out, made.changes);
  write_highlights(out, made.highlights);
  write_investments(out, made.investments);
  write_tie(out, made.tie);
  out.key("faults").begin_array();
  for (const std::string& fault : made.faults) out.string(fault);
  out.end_array().end_object();
  return json::to_canonical(base::value_or_refuse(json::parse(out.take())));
}

namespace {

using runtime::Align;
using runtime::Table;

std::string money_text(const Decimal& amount) { return grouped(amount, kDollarDecimals); }

/// A statement: a title, then lines and sums in one table.
class Page {
 public:
  Page(const FinancialStatements& made, const std::string& title, const std::string& date)
      : text_(made.name + "\n" + title + "\n" + date + "\n\n"), table_({{""}, {"dollars", Align::kRight}}) {}
  Page& line(const std::string& name, const Decimal& amount) {
    table_.row({name, money_text(amount)});
    return *this;
  }
  Page& lines(const std::vector<StatementLine>& some) {
    for (const StatementLine& one : some) line("  " + one.name, one.amount);
    return *this;
  }
  Page& heading(const std::string& name) {
    table_.row({name, ""});
    return *this;
  }
  Page& other(const std::string& name, const std::string& value) {
    table_.row({name, value});
    return *this;
  }
  std::string take() const { return text_ + table_.to_string() + "\n"; }

 private:
  std::string text_;
  Table table_;
};

std::string percent_text(const std::optional<Decimal>& percent) {
  return percent ? percent->to_fixed(2) + "%" : "-";
}

std::string highlights_text(const FinancialStatements& made, const std::string& span) {
  const statements::FinancialHighlights& one = made.highlights;
  const auto share = [&](const Decimal& amount) { return amount.to_string(); };
  Page page(made, "Financial highlights (per share of the period's end)", span);
  page.other("NAV at the beginning, " + one.begins.to_string(), share(one.nav_begin));
  page.other("  Net investment income (loss), on average shares", share(one.net_investment_income));
  page.other("  Net realised and unrealised gain (loss)", share(one.realised_and_unrealised));
  page.other("  Distributions", share(-one.distributions));
  page.other("NAV at the end", share(one.nav_end));
  page.other("Total return, not annualised", one.total_return_percent.to_fixed(2) + "%");
  page.line("Average net assets", one.average_net_assets);
  page.other("Average shares", grouped(one.average_shares.to_string()));
  page.other("Ratio of gross expenses, annualised", percent_text(one.gross_expense_ratio_percent));
  page.other("Ratio of net expenses, annualised", percent_text(one.net_expense_ratio_percent));
  page.other("Ratio of net investment income, annualised", percent_text(one.income_ratio_percent));
  page.other("Turnover, without coins in kind", percent_text(one.turnover_percent));
  return page.take();
}

std::string investments_text(const FinancialStatements& made) {
  Table table({{"asset"},
               {"quantity", Align::kRight},
               {"cost", Align::kRight},
               {"price", Align::kRight},
               {"value", Align::kRight},
               {"of net assets", Align::kRight}});
  for (const statements::InvestmentLine& line : made.investments)
    table.row({line.asset, grouped(line.quantity.to_string()), money_text(line.cost),
               grouped(line.price, kDollarDecimals), money_text(line.value), percent_text(line.percent)});
  return made.name + "\nSchedule of investments\n" + made.to.to_string() + "\n\n" + table.to_string() + "\n";
}

std::string tie_text(const FinancialStatements& made) {
  std::string text = "Net assets " + money_text(made.assets_and_liabilities.net_assets) + " = NAV of " +
                     made.tie.nav.date.to_string() + " " + money_text(made.tie.nav.net_assets);
  for (const StatementLine& line : made.tie.booked_later)
    text += "\n  + " + line.name + ", booked later: " + money_text(line.amount);
  text += "\n  + remainder " + money_text(made.tie.remainder) +
          (made.tie.ties ? ": ties" : ": DOES NOT TIE") + "\n";
  if (made.asked_from)
    text += "Begins on " + made.from.to_string() + ", the first day of the books: no NAV was struck before " +
            made.asked_from->to_string() + ", the day asked for\n";
  for (const std::string& fault : made.faults) text += "FAULT: " + fault + "\n";
  return text;
}

}  // namespace

std::string statements_text(const FinancialStatements& made) {
  const std::string span = made.from.to_string() + " to " + made.to.to_string();
  const statements::AssetsAndLiabilities& sheet = made.assets_and_liabilities;
  std::string text = Page(made, "Statement of assets and liabilities", made.to.to_string())
                         .heading("Assets")
                         .lines(sheet.assets)
                         .line("Total assets", sheet.total_assets)
                         .heading("Liabilities")
                         .lines(sheet.liabilities)
                         .line("Total liabilities", sheet.total_liabilities)
                         .line("Net assets", sheet.net_assets)
                         .lines(sheet.components)
                         .other("Shares outstanding", grouped(sheet.shares.to_string()))
                         .other("Net asset value per share, unrounded",
                                sheet.per_share ? sheet.per_share->to_quotient_string() : "-")
                         .take();
  const statements::Operations& operations = made.operations;
  text += Page(made, "Statement of operations", span)
              .heading("Income")
              .lines(operations.income)
              .line("Total income", operations.total_income)
              .heading("Expenses")
              .lines(operations.expenses)
              .line("Total expenses", operations.total_expenses)
              .lines(operations.relief)
              .line("Net expenses", operations.net_expenses)
              .line("Net investment income (loss)", operations.net_investment_income)
              .heading("Realised gain (loss)")
              .lines(operations.realised)
              .line("Net realised gain (loss)", operations.net_realised)
              .heading("Change in unrealised appreciation (depreciation)")
              .lines(operations.unrealised)
              .line("Net change in unrealised", operations.change_in_unrealised)
              .line("Provision for income taxes", -operations.taxes)
              .line("Net increase (decrease) from operations", operations.net_increase)
              .take();
  const statements::ChangesInNetAssets& changes = made.changes;
  text += Page(made, "Statement of changes in net assets", span)
              .line("Net assets at the beginning", changes.opening)
              .line("Net investment income (loss)", operations.net_investment_income)
              .line("Net realised gain (loss)", operations.net_realised)
              .line("Net change in unrealised", operations.change_in_unrealised)
              .line("Provision for income taxes", -operations.taxes)
              .heading("Distributions")
              .lines(changes.distributions)
              .heading("Capital transactions")
              .lines(changes.capital)
              .line("Net assets at the end", changes.closing)
              .other("Shares at the beginning", grouped(changes.shares_opening.to_string()))
              .other("  issued", grouped(changes.shares_issued.to_string()))
              .other("  redeemed", grouped((-changes.shares_redeemed).to_string()))
              .other("Shares at the end", grouped(changes.shares_closing.to_string()))
              .take();
  return text + highlights_text(made, span) + investments_text(made) + tie_text(made);
}

}  // namespace navkeeper::nav
