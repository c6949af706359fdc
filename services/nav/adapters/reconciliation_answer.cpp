#include "services/nav/adapters/reconciliation_answer.h"

#include "common/base/ensure.h"
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

std::string explanation_of(json::ObjectReader& item) {
  if (item.is_null("resolution")) return "";
  json::ObjectReader resolution = item.object("resolution");
  std::string text = "; " + resolution.string("text") + " (" + resolution.string("evidence") + "), by " +
                     resolution.string("by");
  if (!resolution.is_null("confirmed_by")) text += " and " + resolution.string("confirmed_by");
  return text;
}

}  // namespace

std::string ReconciliationReader::read(std::string_view body) {
  const json::Value answer = base::value_or_refuse(json::parse(body));
  json::ObjectReader page(answer);
  if (page.string("fund") != fund_.value()) base::refuse("fund", "is another one");
  if (page.date("date") != date_) base::refuse("date", "is another one");
  const std::int64_t number = page.integer("number", 1);
  const std::string hash = page.string("sha256");
  if (number_ == 0) {
    number_ = number;
    statement_.hash = hash;
    read_first(page);
  }
  if (number != number_ || hash != statement_.hash)
    base::refuse("number", "is of another reconciliation than the pages before");
  read_lines(page);
  read_breaks(page);
  is_whole_ = page.is_null("next_cursor");
  if (is_whole_) return "";
  std::string next = page.string("next_cursor");
  if (next.empty()) base::refuse("next_cursor", "is empty");
  return next;
}

void ReconciliationReader::read_first(json::ObjectReader& page) {
  statement_.kind = PeerKind::kCustody;
  statement_.as_of = date_;
  statement_.is_reconciliation = true;
  statement_.source = "custody's reconciliation " + std::to_string(number_);
  json::ObjectReader document = page.object("document");
  if (document.string("fund") != fund_.value() || document.date("date") != date_)
    base::refuse("document", "is of another fund or day");
}

void ReconciliationReader::read_lines(json::ObjectReader& page) {
  for (const json::Place& place : page.array("lines")) {
    json::ObjectReader line(place);
    const model::AssetId asset = asset_in(line);
    PeerLine& sum = sums_.try_emplace(asset, PeerLine{asset}).first->second;
    const Decimal books = line.decimal("books");
    sum.reconciled = sum.reconciled.value_or(Decimal()) + books;
    if (const auto difference = amount_or_null(line, "difference")) sum.closing += books + *difference;
    const std::string status = line.string("status");
    if (status != "unsure" && status != "not_covered") continue;
    std::string why;
    for (const json::Place& note : line.array("notes"))
      why += (why.empty() ? "" : ", ") + json::read_string(note);
    const std::string where = line.string("place");
    statement_.unsure.push_back(asset.value() + (where.empty() ? "" : " at " + where) + ": " + why);
  }
}

void ReconciliationReader::read_breaks(json::ObjectReader& page) {
  for (const json::Place& place : page.array("breaks")) {
    json::ObjectReader item(place);
    if (!item.boolean("over_tolerance")) continue;
    PeerBreak one{item.string("id"),         asset_in(item),
                  item.string("type"),       item.decimal("amount"),
                  item.boolean("explained"), item.string("detail")};
    one.detail += explanation_of(item);
    statement_.breaks.push_back(std::move(one));
  }
}

PeerStatement ReconciliationReader::take() {
  ENSURE(is_whole_);
  for (auto& [asset, line] : sums_) statement_.lines.push_back(std::move(line));
  sums_.clear();
  return std::move(statement_);
}

}  // namespace navkeeper::nav
