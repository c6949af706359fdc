#include "services/nav/adapters/nav_view.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/domain/policy/share_split.h"

namespace navkeeper::nav {

using json::Writer;
using Align = runtime::Align;

namespace {

json::Value tree(const std::string& text) { return base::value_or_refuse(json::parse(text)); }

void write_checks(Writer& writer, const StoredNav& nav) {
  writer.key("checks").begin_array();
  for (const Check& check : nav.checks)
    writer.begin_object()
        .member("name", check.name)
        .member("status", describe(check.status))
        .member("detail", check.detail)
        .member("measured", check.measured)
        .member("threshold", check.threshold)
        .end_object();
  writer.end_array().key("overrides").begin_array();
  for (const Override& voice : nav.overrides)
    writer.begin_object()
        .member("check", voice.check)
        .member("by", voice.actor.value())
        .member("reason", voice.reason)
        .end_object();
  writer.end_array();
}

void write_nav_members(Writer& writer, const model::FundId& fund, const StoredNav& nav) {
  writer.member("fund", fund.value())
      .member("date", nav.summary.valuation_date.to_string())
      .member("version", nav.summary.version)
      .member("state", describe(nav.state()))
      .member("nav_per_share", nav.summary.nav_per_share)
      .member("net_assets", nav.summary.net_assets)
      .member("shares_outstanding", nav.summary.shares)
      .member("document_hash", nav.document_hash)
      .member("inputs_hash", nav.inputs_hash)
      .member("struck_by", nav.struck_by.value())
      .member("struck_at", nav.struck_at.to_string());
  writer.key("approved_by");
  if (nav.approved_by) {
    writer.string(nav.approved_by->value());
  } else {
    writer.null();
  }
  writer.key("published_by");
  if (nav.published_by) {
    writer.string(nav.published_by->value()).member("published_at", nav.published_at.to_string());
  } else {
    writer.null();
  }
  if (nav.kind != VersionKind::kStrike)
    writer.member("version_kind", describe(nav.kind)).member("reason", nav.reason);
}

}  // namespace

void write_nav_line(Writer& writer, const model::FundId& fund, const StoredNav& nav) {
  writer.begin_object();
  write_nav_members(writer, fund, nav);
  writer.end_object();
}

void adjust_for_splits(FundNavs& listed, NavStore& store, time::Instant known_at) {
  listed.adjusted.clear();
  if (listed.navs.empty()) return;
  const NavTerms terms = store.latest_definition(listed.fund)->definition.terms;
  const auto since =
      store.navs(listed.fund, listed.navs.front().summary.valuation_date, std::nullopt, known_at);
  std::vector<policy::ShareSplit> splits;
  for (const StoredNav& nav : since)
    splits.insert(splits.end(), nav.summary.splits.begin(), nav.summary.splits.end());
  std::vector<policy::DailyFigure> figures;
  for (const StoredNav& nav : listed.navs)
    figures.push_back({nav.summary.valuation_date, nav.summary.nav_per_share});
  for (const auto& figure : policy::restate_per_share(figures, splits, since.back().summary.valuation_date,
                                                      terms.per_share_decimals, terms.rounding))
    listed.adjusted.push_back(figure.restated);
}

std::string nav_json(const model::FundId& fund, const StoredNav& nav) {
  Writer writer;
  writer.begin_object();
  write_nav_members(writer, fund, nav);
  write_checks(writer, nav);
  writer.member("document", tree(nav.document)).end_object();
  return writer.take();
}

std::string navs_json(const std::vector<FundNavs>& funds) {
  Writer writer;
  writer.begin_object().key("navs").begin_array();
  for (const FundNavs& fund : funds) {
    for (std::size_t i = 0; i < fund.navs.size(); ++i) {
      writer.begin_object();
      write_nav_members(writer, fund.fund, fund.navs[i]);
      if (!fund.adjusted.empty()) writer.member("nav_per_share_adjusted", fund.adjusted[i]);
      writer.end_object();
    }
  }
  writer.end_array().end_object();
  return writer.take();
}

std::string navs_table(const std::vector<FundNavs>& funds) {
  const bool is_adjusted =
      std::any_of(funds.begin(), funds.end(), [](const FundNavs& fund) { return !fund.adjusted.empty(); });
  std::vector<runtime::Column> columns{{"fund"}, {"date"}, {"NAV per share", Align::kRight}};
  if (is_adjusted) columns.push_back({"adjusted", Align::kRight});
  columns.insert(
      columns.end(),
      {{"net assets", Align::kRight}, {"shares", Align::kRight}, {"state"}, {"struck by"}, {"approved by"}});
  const bool has_versions = std::any_of(funds.begin(), funds.end(), [](const FundNavs& fund) {
    return std::any_of(fund.navs.begin(), fund.navs.end(),
                       [](const StoredNav& nav) { return nav.kind != VersionKind::kStrike; });
  });
  if (has_versions) columns.push_back({"version"});
  runtime::Table table(columns);
  for (const FundNavs& fund : funds) {
    for (std::size_t i = 0; i < fund.navs.size(); ++i) {
      const StoredNav& nav = fund.navs[i];
      std::vector<std::string> cells{fund.fund.value(), nav.summary.valuation_date.to_string(),
                                     grouped(nav.summary.nav_per_share, kPerShareDecimals)};
      if (is_adjusted)
        cells.push_back(fund.adjusted.empty() ? "" : grouped(fund.adjusted[i], kPerShareDecimals));
      cells.insert(cells.end(), {grouped(nav.summary.net_assets, kDollarDecimals),
                                 grouped(nav.summary.shares.to_string()), std::string(describe(nav.state())),
                                 nav.struck_by.value(), nav.approved_by ? nav.approved_by->value() : ""});
      if (has_versions)
        cells.push_back(std::to_string(nav.summary.version) +
                        (nav.kind == VersionKind::kStrike
                             ? ""
                             : ", " + std::string(describe(nav.kind)) + ": " + nav.reason));
      table.row(cells);
    }
  }
  if (table.rows() == 0) return "No NAV has been struck yet.\n";
  return table.to_string();
}

std::string fund_json(const StoredDefinition& fund) {
  Writer writer;
  writer.begin_object()
      .member("fund", fund.definition.id.value())
      .member("version", fund.version)
      .member("definition_hash", fund.hash)
      .member("applied_by", fund.applied_by)
      .member("definition", tree(definition_json(fund.definition)))
      .end_object();
  return writer.take();
}

std::string funds_json(const std::vector<StoredDefinition>& funds) {
  Writer writer;
  writer.begin_object().key("funds").begin_array();
  for (const StoredDefinition& fund : funds)
    writer.begin_object()
        .member("fund", fund.definition.id.value())
        .member("name", fund.definition.name)
        .member("act", describe(fund.definition.act))
        .member("tax_status", describe(fund.definition.tax.status))
        .member("version", fund.version)
        .member("effective_from", fund.definition.effective_from.to_string())
        .member("definition_hash", fund.hash)
        .end_object();
  writer.end_array().end_object();
  return writer.take();
}

std::string funds_table(const std::vector<StoredDefinition>& funds) {
  if (funds.empty()) return "There is no fund yet: navkeeper fund apply FILE.toml --as OPERATOR\n";
  runtime::Table table(
      {{"fund"}, {"name"}, {"act"}, {"tax"}, {"version", Align::kRight}, {"effective from"}});
  for (const StoredDefinition& fund : funds)
    table.row({fund.definition.id.value(), fund.definition.name, std::string(describe(fund.definition.act)),
               std::string(describe(fund.definition.tax.status)), std::to_string(fund.version),
               fund.definition.effective_from.to_string()});
  return table.to_string();
}

}  // namespace navkeeper::nav
