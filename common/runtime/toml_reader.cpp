#include "common/runtime/toml_reader.h"

#include "common/base/refuse.h"

namespace navkeeper::runtime {

namespace {

/// A path as it may stand in a terminal: control characters of a quoted key as '?', its end cut off.
std::string printable(std::string_view path) {
  constexpr std::size_t kShownMax = 200;
  std::string text(path.substr(0, kShownMax));
  for (char& sign : text)
    if (static_cast<unsigned char>(sign) < 0x20 || sign == 0x7F) sign = '?';
  return path.size() > kShownMax ? text + "..." : text;
}

}  // namespace

std::string_view describe(TomlKind kind) {
  switch (kind) {
    case TomlKind::kString:
      return "string";
    case TomlKind::kInteger:
      return "whole number";
    case TomlKind::kFloat:
      return "float";
    case TomlKind::kBoolean:
      return "boolean";
    case TomlKind::kDate:
      return "date";
    case TomlKind::kTime:
      return "time";
    case TomlKind::kArray:
      return "list";
    case TomlKind::kTable:
      return "table";
  }
  return "";
}

std::string TomlPlace::where() const {
  std::string where = *file_;
  if (value_->line > 0) where += ":" + std::to_string(value_->line);
  return path_.empty() ? where : where + ": " + printable(path_);
}

void TomlPlace::refuse(std::string rule) const { base::refuse(where(), std::move(rule)); }

void TomlPlace::require(TomlKind kind) const {
  if (value_->kind != kind)
    refuse("must be a " + std::string(describe(kind)) + ", not a " + std::string(describe(value_->kind)));
}

std::string TomlPlace::string() const {
  require(TomlKind::kString);
  return value_->text;
}

money::Decimal TomlPlace::decimal() const {
  if (value_->kind == TomlKind::kFloat || value_->kind == TomlKind::kInteger)
    refuse("must be a decimal in quotes, not a bare number");
  require(TomlKind::kString);
  const auto parsed = money::Decimal::parse(value_->text);
  if (parsed.has_error()) refuse(std::string(money::describe(parsed.error())));
  return *parsed;
}

std::int64_t TomlPlace::integer(std::int64_t minimum, std::int64_t maximum) const {
  require(TomlKind::kInteger);
  if (value_->integer < minimum || value_->integer > maximum)
    refuse("must be between " + std::to_string(minimum) + " and " + std::to_string(maximum));
  return value_->integer;
}

bool TomlPlace::boolean() const {
  require(TomlKind::kBoolean);
  return value_->boolean;
}

time::Date TomlPlace::date() const {
  if (value_->kind != TomlKind::kDate) require(TomlKind::kString);
  const auto date = time::Date::parse(value_->text);
  if (!date) refuse("must be a date YYYY-MM-DD that exists");
  return *date;
}

std::vector<TomlPlace> TomlPlace::items() const {
  require(TomlKind::kArray);
  std::vector<TomlPlace> places;
  places.reserve(value_->items.size());
  for (const TomlValue& item : value_->items)
    places.emplace_back(item, file_, path_ + "[" + std::to_string(places.size()) + "]");
  return places;
}

TomlReader::TomlReader(TomlPlace place) : place_(std::move(place)) {
  place_.require(TomlKind::kTable);
  read_.resize(place_.value().members.size());
}

bool TomlReader::has(std::string_view key) const {
  for (const auto& [name, value] : place_.value().members)
    if (name == key) return true;
  return false;
}

std::vector<std::string> TomlReader::keys() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : place_.value().members) names.push_back(name);
  return names;
}

std::string TomlReader::where(std::string_view key) const {
  const std::string path = place_.path().empty() ? std::string(key) : place_.path() + "." + std::string(key);
  for (const auto& [name, value] : place_.value().members)
    if (name == key) return TomlPlace(value, place_.file_, path).where();
  return TomlPlace(place_.value(), place_.file_, path).where();
}

void TomlReader::refuse(std::string_view key, std::string rule) const {
  base::refuse(where(key), std::move(rule));
}

std::optional<TomlPlace> TomlReader::optional_value(std::string_view key) {
  const auto& members = place_.value().members;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].key != key) continue;
    read_[i] = true;
    return TomlPlace(members[i].value, place_.file_,
                     place_.path().empty() ? std::string(key) : place_.path() + "." + std::string(key));
  }
  return std::nullopt;
}

TomlPlace TomlReader::value(std::string_view key) {
  auto place = optional_value(key);
  if (!place) refuse(key, "key is missing");
  return std::move(*place);
}

std::vector<std::string> TomlReader::strings(std::string_view key) {
  std::vector<std::string> texts;
  for (const TomlPlace& item : array(key)) texts.push_back(item.string());
  return texts;
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) {
  std::vector<TomlReader> readers;
  for (TomlPlace& item : array(key)) readers.emplace_back(std::move(item));
  return readers;
}

std::optional<std::string> TomlReader::optional_string(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(place->string()) : std::nullopt;
}
std::optional<money::Decimal> TomlReader::optional_decimal(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(place->decimal()) : std::nullopt;
}
std::optional<std::int64_t> TomlReader::optional_integer(std::string_view key, std::int64_t minimum,
                                                         std::int64_t maximum) {
  const auto place = optional_value(key);
  return place ? std::optional(place->integer(minimum, maximum)) : std::nullopt;
}
std::optional<bool> TomlReader::optional_boolean(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(place->boolean()) : std::nullopt;
}
std::optional<time::Date> TomlReader::optional_date(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(place->date()) : std::nullopt;
}
std::vector<TomlPlace> TomlReader::optional_array(std::string_view key) {
  const auto place = optional_value(key);
  return place ? place->items() : std::vector<TomlPlace>{};
}
std::optional<TomlReader> TomlReader::optional_table(std::string_view key) {
  auto place = optional_value(key);
  return place ? std::optional<TomlReader>(TomlReader(std::move(*place))) : std::nullopt;
}
std::vector<TomlReader> TomlReader::optional_tables(std::string_view key) {
  return has(key) ? tables(key) : std::vector<TomlReader>{};
}

void TomlReader::finish() const {
  const auto& members = place_.value().members;
  for (std::size_t i = 0; i < members.size(); ++i)
    if (!read_[i]) refuse(members[i].key, "unknown key");
}

}  // namespace navkeeper::runtime
