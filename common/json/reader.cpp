#include "common/json/reader.h"

#include <charconv>

#include "common/base/refuse.h"

namespace navkeeper::json {
namespace {

// "an array", "a number", "null".
std::string with_article(Kind kind) {
  const std::string word(describe(kind));
  if (kind == Kind::kNull) return word;
  return (kind == Kind::kArray || kind == Kind::kObject ? "an " : "a ") + word;
}

void require(const Place& place, Kind kind) {
  if (place.value.kind() != kind)
    base::refuse(place.path, "must be " + with_article(kind) + ", not " + with_article(place.value.kind()));
}

}  // namespace

std::string read_string(const Place& place) {
  require(place, Kind::kString);
  // No store keeps it as text, and nobody writes it.
  if (place.value.as_string().find('\0') != std::string::npos)
    base::refuse(place.path, "has a NUL character (\\u0000)");
  return place.value.as_string();
}

money::Decimal read_decimal(const Place& place) {
  if (place.value.kind() == Kind::kNumber)
    base::refuse(place.path, "must be a decimal in quotes, not a JSON number");
  require(place, Kind::kString);
  const auto parsed = money::Decimal::parse(place.value.as_string());
  if (parsed.has_error()) base::refuse(place.path, std::string(money::describe(parsed.error())));
  return *parsed;
}

std::int64_t read_integer(const Place& place, std::int64_t minimum, std::int64_t maximum) {
  require(place, Kind::kNumber);
  const std::string& token = place.value.as_number();
  std::int64_t value = 0;
  const char* const end = token.data() + token.size();
  const auto [stopped, error] = std::from_chars(token.data(), end, value);
  if (error == std::errc::invalid_argument || (error == std::errc{} && stopped != end) ||
      token.find_first_of(".eE") != std::string::npos)
    base::refuse(place.path, "must be a whole number without point or exponent");
  if (error != std::errc{} || value < minimum || value > maximum)
    base::refuse(place.path,
                 "must be between " + std::to_string(minimum) + " and " + std::to_string(maximum));
  return value;
}

bool read_boolean(const Place& place) {
  require(place, Kind::kBoolean);
  return place.value.as_boolean();
}

time::Date read_date(const Place& place) {
  require(place, Kind::kString);
  const auto date = time::Date::parse(place.value.as_string());
  if (!date) base::refuse(place.path, "must be a date YYYY-MM-DD that exists");
  return *date;
}

time::Instant read_instant(const Place& place) {
  require(place, Kind::kString);
  const auto instant = time::parse_rfc3339(place.value.as_string());
  if (!instant) base::refuse(place.path, "must be a time as RFC 3339 writes it: 2023-09-05T16:00:00Z");
  return *instant;
}

std::vector<Place> read_array(const Place& place) {
  require(place, Kind::kArray);
  std::vector<Place> places;
  places.reserve(place.value.as_array().size());
  for (const Value& item : place.value.as_array())
    places.push_back({item, place.path + "[" + std::to_string(places.size()) + "]"});
  return places;
}

ObjectReader::ObjectReader(const Value& value, std::string path) : value_(&value), path_(std::move(path)) {
  require({value, path_.empty() ? "the document" : path_}, Kind::kObject);
  read_.resize(value.as_object().size());
}

bool ObjectReader::has(std::string_view key) const { return value_->find(key) != nullptr; }

bool ObjectReader::is_null(std::string_view key) const {
  const Value* found = value_->find(key);
  return found != nullptr && found->is_null();
}

std::string ObjectReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::optional<Place> ObjectReader::optional_value(std::string_view key) {
  const Object& members = value_->as_object();
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].key != key) continue;
    read_[i] = true;
    return Place{members[i].value, path_of(key)};
  }
  return std::nullopt;
}

Place ObjectReader::value(std::string_view key) {
  auto place = optional_value(key);
  if (!place) base::refuse(path_of(key), "key is missing");
  return *place;
}

std::string ObjectReader::string(std::string_view key) { return read_string(value(key)); }
money::Decimal ObjectReader::decimal(std::string_view key) { return read_decimal(value(key)); }
std::int64_t ObjectReader::integer(std::string_view key, std::int64_t minimum, std::int64_t maximum) {
  return read_integer(value(key), minimum, maximum);
}
bool ObjectReader::boolean(std::string_view key) { return read_boolean(value(key)); }
time::Date ObjectReader::date(std::string_view key) { return read_date(value(key)); }
time::Instant ObjectReader::instant(std::string_view key) { return read_instant(value(key)); }
std::vector<Place> ObjectReader::array(std::string_view key) { return read_array(value(key)); }
ObjectReader ObjectReader::object(std::string_view key) { return ObjectReader(value(key)); }

std::optional<std::string> ObjectReader::optional_string(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(read_string(*place)) : std::nullopt;
}
std::optional<money::Decimal> ObjectReader::optional_decimal(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(read_decimal(*place)) : std::nullopt;
}
std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view key, std::int64_t minimum,
                                                           std::int64_t maximum) {
  const auto place = optional_value(key);
  return place ? std::optional(read_integer(*place, minimum, maximum)) : std::nullopt;
}
std::optional<bool> ObjectReader::optional_boolean(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(read_boolean(*place)) : std::nullopt;
}
std::optional<time::Date> ObjectReader::optional_date(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(read_date(*place)) : std::nullopt;
}
std::optional<time::Instant> ObjectReader::optional_instant(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional(read_instant(*place)) : std::nullopt;
}
std::vector<Place> ObjectReader::optional_array(std::string_view key) {
  const auto place = optional_value(key);
  return place ? read_array(*place) : std::vector<Place>{};
}
std::optional<ObjectReader> ObjectReader::optional_object(std::string_view key) {
  const auto place = optional_value(key);
  return place ? std::optional<ObjectReader>(ObjectReader(*place)) : std::nullopt;
}

void ObjectReader::ignore(std::string_view key) { static_cast<void>(optional_value(key)); }

void ObjectReader::finish() const {
  const Object& members = value_->as_object();
  for (std::size_t i = 0; i < members.size(); ++i)
    if (!read_[i]) base::refuse(path_of(members[i].key), "unknown key");
}

}  // namespace navkeeper::json
