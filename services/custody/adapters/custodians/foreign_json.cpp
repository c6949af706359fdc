#include "services/custody/adapters/custodians/foreign_json.h"

#include <algorithm>
#include <charconv>

#include "common/base/refuse.h"
#include "common/model/id.h"
#include "services/custody/app/custodian_source.h"

namespace navkeeper::custody {
namespace {

constexpr std::int64_t kMillisecondsMin = 1'230'768'000'000;  // 2009
constexpr std::int64_t kMillisecondsMax = 4'102'444'800'000;  // 2100
constexpr std::int64_t kNsAMillisecond = 1'000'000;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

ForeignObject::ForeignObject(const json::Value& value, std::string path)
    : value_(&value), path_(std::move(path)) {
  if (value.kind() != json::Kind::kObject)
    base::refuse(path_, "must be an object, is " + std::string(json::describe(value.kind())));
}

bool ForeignObject::has(std::string_view key) const {
  const json::Value* const found = value_->find(key);
  return found != nullptr && !found->is_null();
}

std::string ForeignObject::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::optional<std::string> ForeignObject::optional_text(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  const json::Value& found = *value_->find(key);
  std::string text;
  switch (found.kind()) {
    case json::Kind::kString:
      text = found.as_string();
      break;
    case json::Kind::kNumber:
      text = found.as_number();
      break;
    case json::Kind::kBoolean:
      text = found.as_boolean() ? "true" : "false";
      break;
    case json::Kind::kNull:
    case json::Kind::kArray:
    case json::Kind::kObject:
      base::refuse(path_of(key), "must be text or a number");
  }
  if (text.size() > kTextBytesMax) base::refuse(path_of(key), "is longer than 4096 bytes");
  if (std::any_of(text.begin(), text.end(), is_control))
    base::refuse(path_of(key), "has a control character");
  return text;
}

std::string ForeignObject::text(std::string_view key) const {
  auto text = optional_text(key);
  if (!text) base::refuse(path_of(key), "is missing");
  return *std::move(text);
}

std::string ForeignObject::id(std::string_view key) const {
  std::string id = text(key);
  if (id.empty()) base::refuse(path_of(key), "is empty");
  if (id.size() > kIdBytesMax)
    base::refuse(path_of(key), "is longer than any id (" + std::to_string(kIdBytesMax) + " bytes)");
  return id;
}

std::string ForeignObject::text_or(std::string_view key, std::string_view otherwise) const {
  return optional_text(key).value_or(std::string(otherwise));
}

money::Decimal ForeignObject::amount(std::string_view key, std::string_view asset) const {
  const auto amount = parse_amount(text(key), asset);
  if (amount.has_error()) throw NotBelievable("wrong_amount", amount.error().within(path_of(key)).message());
  return *amount;
}

std::optional<money::Decimal> ForeignObject::optional_amount(std::string_view key,
                                                             std::string_view asset) const {
  const auto text = optional_text(key);
  if (!text || text->empty()) return std::nullopt;
  return amount(key, asset);
}

money::Decimal ForeignObject::signed_amount(std::string_view key, std::string_view asset) const {
  const std::string written = text(key);
  const bool negative = written.starts_with('-');
  const auto amount = parse_amount(negative ? std::string_view(written).substr(1) : written, asset);
  if (amount.has_error()) throw NotBelievable("wrong_amount", amount.error().within(path_of(key)).message());
  return negative ? -*amount : *amount;
}

bool ForeignObject::boolean(std::string_view key) const {
  const std::string written = text(key);
  if (written != "true" && written != "false") base::refuse(path_of(key), "must be true or false");
  return written == "true";
}

time::Instant ForeignObject::milliseconds(std::string_view key) const {
  const std::string written = text(key);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
  if (error != std::errc() || end != written.data() + written.size() || value < kMillisecondsMin ||
      value > kMillisecondsMax)
    base::refuse(path_of(key), "must be milliseconds since 1970, of the years 2009 to 2099");
  return time::Instant::from_ns(value * kNsAMillisecond);
}

time::Instant ForeignObject::instant(std::string_view key) const {
  const auto instant = time::parse_rfc3339(text(key));
  if (!instant) base::refuse(path_of(key), "must be an RFC 3339 time");
  return *instant;
}

std::optional<time::Instant> ForeignObject::optional_instant(std::string_view key) const {
  const auto text = optional_text(key);
  if (!text || text->empty()) return std::nullopt;
  return instant(key);
}

ForeignObject ForeignObject::object(std::string_view key) const {
  if (!has(key)) base::refuse(path_of(key), "is missing");
  return {*value_->find(key), path_of(key)};
}

std::optional<ForeignObject> ForeignObject::optional_object(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return object(key);
}

std::vector<ForeignObject> ForeignObject::list(std::string_view key) const {
  if (!has(key)) base::refuse(path_of(key), "is missing");
  return optional_list(key);
}

std::vector<ForeignObject> ForeignObject::optional_list(std::string_view key) const {
  std::vector<ForeignObject> items;
  if (!has(key)) return items;
  const json::Value& found = *value_->find(key);
  if (found.kind() != json::Kind::kArray) base::refuse(path_of(key), "must be a list");
  for (const json::Value& item : found.as_array())
    items.emplace_back(item, path_of(key) + "[" + std::to_string(items.size()) + "]");
  return items;
}

bool is_read_coin(const std::string& coin, const std::string& account, Evidence& evidence) {
  constexpr std::size_t kShownMax = 80;
  const auto name = model::AssetId::parse(coin);
  if (name.has_value()) return true;
  const std::string shown = coin.size() > kShownMax ? coin.substr(0, kShownMax) + "..." : coin;
  evidence.raise({std::string(kUnreadCoin), "'" + shown + "' of " + account,
                  "is no coin's name here and is left out: " + name.error().rule});
  return false;
}

}  // namespace navkeeper::custody
