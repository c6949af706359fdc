#include "services/nav/adapters/reconciliation_answer.h"

#include <map>

#include "common/base/refuse.h"
#include "common/json/reader.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

std::optional<Decimal> amount_or_null(json::ObjectReader& reader, const char* key) {
  if (!reader.is_null(key)) return reader.decimal(key);
  reader.ignore(key);
  return std::nullopt;
}

model::AssetId asset_in(json::ObjectReader& reader) {
  return base::value_or_refuse(model::AssetId::parse(reader.string("asset")));
}

/// Lines of one coin at several places are one.
void read_lines(json::ObjectReader& document, PeerStatement& statement) {
  std::map<model::AssetId, PeerLine> sums;
  for (const json::Place& place : document.array("lines")) {
    json::ObjectReader line(place);
    const model::AssetId asset = asset_in(line);
    PeerLine& sum = sums.try_emplace(asset, PeerLine{asset}).first->second;
    const Decimal books = line.decimal("books");
    sum.reconciled = sum.reconciled.value_or(Decimal()) + books;
    if (const auto difference = amount_or_null(line, "difference")) sum.closing += books + *difference;
    const std::string status = line.string("status");
    if (status != "unsure" && status != "not_covered") continue;
    std::string why;
    for (const json::Place& note : line.array("notes"))
      why += (why.empty() ? "" : ", ") + json::read_string(note);
    const std::string where = line.string("place");
    statement.unsure.push_back(asset.value() + (where.empty() ? "" : " at " + where) + ": " + why);
  }
  for (auto& [asset, line] : sums) statement.lines.push_back(std::move(line));
}

std::string explanation_of(json::ObjectReader& item) {
  if (item.is_null("resolution")) return "";
  json::ObjectReader resolution = item.object("resolution");
  std::string text = "; " + resolution.string("text") + " (" + resolution.string("evidence") + "), by " +
                     resolution.string("by");
  if (!resolution.is_null("confirmed_by")) text += " and " + resolution.string("confirmed_by");
  return text;
}

}  // namespace

PeerStatement read_reconciliation(std::string_view body, const model::FundId& fund, time::Date date) {
  const json::Value answer = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(answer);
  if (reader.string("fund") != fund.value()) base::refuse("fund", "is another one");
  if (reader.date("date") != date) base::refuse("date", "is another one");
  PeerStatement statement;
  statement.kind = PeerKind::kCustody;
  statement.as_of = date;
  statement.is_reconciliation = true;
  statement.source = "custody's reconciliation " + std::to_string(reader.integer("number", 1));
  statement.hash = reader.string("sha256");
  json::ObjectReader document = reader.object("document");
  if (document.string("fund") != fund.value() || document.date("date") != date)
    base::refuse("document", "is of another fund or day");
  read_lines(document, statement);
  for (const json::Place& place : reader.array("breaks")) {
    json::ObjectReader item(place);
    if (!item.boolean("over_tolerance")) continue;
    PeerBreak one{item.string("id"),         asset_in(item),
                  item.string("type"),       item.decimal("amount"),
                  item.boolean("explained"), item.string("detail")};
    one.detail += explanation_of(item);
    statement.breaks.push_back(std::move(one));
  }
  return statement;
}

}  // namespace navkeeper::nav
