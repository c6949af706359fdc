#include "services/nav/adapters/explain.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/explain_expenses.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/nav_document.h"

namespace navkeeper::nav {

using money::Decimal;

namespace {

constexpr std::size_t kHashShown = 12;

/// "principal market"
std::string words_of(std::string basis) {
  std::replace(basis.begin(), basis.end(), '_', ' ');
  return basis;
}

void add_positions(std::vector<ProofLine>& lines, const ResolvedStrike& resolved,
                   const StrikeFigures& figures) {
  const std::string start = "journal, basis nav, booked before " + resolved.plan.valuation_date.to_string();
  for (std::size_t i = 0; i < resolved.positions.size(); ++i) {
    const ResolvedPosition& position = resolved.positions[i];
    const std::string asset = position.asset.value();
    lines.push_back({asset + " quantity", position.quantity, start, 0});
    lines.push_back(
        {asset + " price", position.price->value,
         position.price->source + ", inputs " + position.price->input_hash.substr(0, kHashShown)});
    for (const ResolvedPrice& basis : position.bases) {
      if (basis.basis == position.price->basis) continue;
      lines.push_back({asset + " by " + words_of(basis.basis), basis.value,
                       "beside it, not in this NAV: " + basis.source + ", inputs " +
                           basis.input_hash.substr(0, kHashShown)});
    }
    lines.push_back({asset + " value", figures.nav.positions[i].value,
                     position.quantity.to_string() + " x " + position.price->value.to_string() +
                         ", rounded " + std::string(money::to_string(resolved.definition.terms.rounding))});
  }
  for (const NamedAmount& asset : resolved.books.other_assets)
    lines.push_back({asset.name, asset.amount, start});
}

void add_payables(std::vector<ProofLine>& lines, const ExpenseFigures& expenses) {
  for (const PayableLine& line : expenses.payables)
    lines.push_back({line.payable.fee + " payable in " + line.payable.coin, line.payable.carrying,
                     line.payable.quantity.to_string() + " owed x " + line.price.to_string() +
                         "; the day before it stood at " +
                         (line.payable.carrying - line.change).to_string()});
}

void add_tax(std::vector<ProofLine>& lines, const ResolvedStrike& resolved, const TaxProvision& tax) {
  if (resolved.definition.tax.status != TaxStatus::kCCorp) {
    lines.push_back(
        {"tax provision, today", tax.current_change + tax.deferred_change,
         "tax status " + std::string(describe(resolved.definition.tax.status)) + ": the fund pays none"});
    return;
  }
  const TaxTerms& terms = resolved.definition.tax;
  const std::string rate = tax.blended_rate.to_string();
  lines.push_back({"current tax, today", tax.current_change,
                   rate + " x max(0, taxable " + tax.taxable.to_string() + " - carried losses " +
                       terms.loss_carryforward.to_string() + ") = " + tax.current.to_string() +
                       ", less provided before " + resolved.books.tax.current_provided.to_string()});
  lines.push_back({"deferred tax, today", tax.deferred_change,
                   rate + " x (unrealised " + tax.unrealised.to_string() +
                       " + losses) = " + tax.deferred_gross.to_string() + ", recognised " +
                       tax.deferred.to_string() + " (allowance " + terms.valuation_allowance.to_string() +
                       "), less booked before " + resolved.books.tax.deferred_booked.to_string()});
}

std::vector<ProofLine> lines_of(const ResolvedStrike& resolved, const StrikeFigures& figures) {
  const NavFigures& nav = figures.nav;
  std::vector<ProofLine> lines;
  add_positions(lines, resolved, figures);
  lines.push_back({"total assets", nav.total_assets, "values + other assets + pending creations"});
  add_payables(lines, figures.expenses);
  for (const NamedAmount& owed : resolved.books.liabilities)
    lines.push_back({owed.name, owed.amount,
                     "journal, basis nav, booked before " + resolved.plan.valuation_date.to_string()});
  lines.push_back({"fee base", nav.fee_base, "total assets - liabilities before today's expenses and tax"});
  for (ProofLine& line : expense_lines(resolved, figures.expenses)) lines.push_back(std::move(line));
  add_tax(lines, resolved, figures.tax);
  lines.push_back(
      {"total liabilities", nav.total_liabilities, "liabilities + today's expenses + today's tax"});
  lines.push_back({"net assets", nav.net_assets, "total assets - total liabilities"});
  lines.push_back({"shares outstanding", figures.shares,
                   "share register at the start of " + resolved.plan.valuation_date.to_string(), 0});
  lines.push_back(
      {"NAV per share", nav.nav_per_share,
       "net assets / shares = " + nav.nav_per_share_exact.to_unrounded_string() + "..., rounded once",
       resolved.definition.terms.per_share_decimals});
  return lines;
}

StoredDefinition definition_for(NavStore& store, const model::FundId& fund, const StoredNav& nav) {
  // The version that was effective on the day, which is the one it was struck with: a later one cannot be
  // effective so early (apply_fund).
  auto stored = store.definition_on(fund, nav.summary.valuation_date);
  ENSURE(stored.has_value());
  return *std::move(stored);
}

std::vector<std::pair<std::string, Decimal>> parts_of(const NavChange& change) {
  std::vector<std::pair<std::string, Decimal>> parts;
  for (const AssetMove& move : change.price_moves)
    parts.emplace_back("price of " + move.asset + " from " + move.price_before.to_string() + " to " +
                           move.price_after.to_string(),
                       move.amount);
  parts.emplace_back("flows: capital in less out", change.flows);
  parts.emplace_back("income", change.income);
  if (!change.payables.is_zero()) parts.emplace_back("coins owed, at today's prices", change.payables);
  parts.emplace_back("expenses accrued today", change.fees);
  parts.emplace_back("other expenses", change.other_expenses);
  parts.emplace_back("tax", change.tax);
  parts.emplace_back("remainder: coins moved at another value than the price before, rounding",
                     change.remainder);
  return parts;
}

}  // namespace

Explanation explain_nav(NavStore& store, NavDocuments& documents, const model::FundId& fund,
                        time::Date date) {
  if (!store.latest_definition(fund)) base::refuse(fund.value(), "is not a known fund");
  auto nav = store.find_nav(fund, date);
  if (!nav) base::refuse(fund.value() + " " + date.to_string(), "has not been struck");
  const StoredDefinition definition = definition_for(store, fund, *nav);
  const ResolvedStrike resolved = read_inputs(nav->inputs, definition.definition);
  const StrikeFigures figures = base::value_or_refuse(strike(resolved));
  const auto before = store.last_nav_before(fund, date);
  Explanation explanation{fund,
                          *nav,
                          lines_of(resolved, figures),
                          std::nullopt,
                          documents.document(resolved, figures) == nav->document,
                          definition.definition.terms.per_share_decimals};
  if (before) explanation.change = explain_change(before->summary, nav->summary, definition.definition.terms);
  return explanation;
}

std::string explanation_json(const Explanation& explanation) {
  json::Writer writer;
  const StoredNav& nav = explanation.nav;
  writer.begin_object()
      .member("fund", explanation.fund.value())
      .member("date", nav.summary.valuation_date.to_string())
      .member("version", nav.summary.version)
      .member("state", describe(nav.state()))
      .member("document_hash", nav.document_hash)
      .member("inputs_hash", nav.inputs_hash)
      .member("reproduced", explanation.is_reproduced)
      .key("lines")
      .begin_array();
  for (const ProofLine& line : explanation.lines)
    writer.begin_object()
        .member("name", line.name)
        .member("amount", line.amount)
        .member("source", line.source)
        .end_object();
  writer.end_array().key("change");
  if (const auto& change = explanation.change) {
    writer.begin_object()
        .member("since", change->since.to_string())
        .member("net_assets", change->net_assets)
        .member("per_share", change->per_share)
        .member("price", change->price)
        .key("price_by_asset")
        .begin_array();
    for (const AssetMove& move : change->price_moves)
      writer.begin_object()
          .member("asset", move.asset)
          .member("before", move.price_before)
          .member("after", move.price_after)
          .member("amount", move.amount)
          .end_object();
    writer.end_array()
        .member("flows", change->flows)
        .member("income", change->income)
        .member("coin_payables", change->payables)
        .member("fees", change->fees)
        .member("other_expenses", change->other_expenses)
        .member("tax", change->tax)
        .member("remainder", change->remainder)
        .end_object();
  } else {
    writer.null();
  }
  writer.key("checks").begin_array();
  for (const Check& check : nav.checks)
    writer.begin_object()
        .member("name", check.name)
        .member("status", describe(check.status))
        .member("detail", check.detail)
        .member("measured", check.measured)
        .member("threshold", check.threshold)
        .end_object();
  writer.end_array().end_object();
  return writer.take();
}

std::string explanation_text(const Explanation& explanation) {
  using Align = runtime::Align;
  const StoredNav& nav = explanation.nav;
  std::string text = explanation.fund.value() + ", NAV of " + nav.summary.valuation_date.to_string() + ", " +
                     std::string(describe(nav.state())) + ", struck by " + nav.struck_by.value() +
                     (nav.approved_by ? ", approved by " + nav.approved_by->value() : "") + "\n\n";
  runtime::Table proof({{"line"}, {"amount", Align::kRight}, {"where it came from"}});
  for (const ProofLine& line : explanation.lines)
    proof.row({line.name, grouped(line.amount, line.decimals_min), line.source});
  text += proof.to_string();
  if (const auto& change = explanation.change) {
    text += "\nChange since " + change->since.to_string() + "\n";
    runtime::Table table({{"cause"}, {"dollars", Align::kRight}});
    for (const auto& [cause, amount] : parts_of(*change))
      table.row({cause, grouped(amount, kDollarDecimals)});
    table.row({"net assets", grouped(change->net_assets, kDollarDecimals)});
    text += table.to_string() + "NAV per share changed by " +
            grouped(change->per_share, explanation.per_share_decimals) + ".\n";
  } else {
    text += "\nThis is the fund's first NAV: there is nothing to compare it with.\n";
  }
  runtime::Table checks({{"check"}, {"status"}, {"detail"}});
  for (const Check& check : nav.checks)
    checks.row({check.name, std::string(describe(check.status)), check.detail});
  text += "\n" + checks.to_string();
  text += "\nStruck again from its stored inputs: " +
          std::string(explanation.is_reproduced ? "the same document, byte for byte." : "ANOTHER document.") +
          "\nDocument SHA-256 " + nav.document_hash + "\nInputs   SHA-256 " + nav.inputs_hash + "\n";
  return text;
}

}  // namespace navkeeper::nav
