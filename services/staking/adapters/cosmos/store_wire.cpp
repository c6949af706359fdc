#include "services/staking/adapters/cosmos/store_wire.h"

#include <algorithm>

#include "common/base/base64.h"
#include "common/base/refuse.h"
#include "services/staking/adapters/cosmos/wire_fields.h"
#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

constexpr std::uint8_t kStartingInfo = 0x04;
constexpr std::uint8_t kHistoricalRewards = 0x05;
constexpr std::uint8_t kCurrentRewards = 0x06;
constexpr int kVarintBitsMax = 63;      ///< of the last byte's shift
constexpr std::size_t kDigitsMax = 60;  ///< far more than any amount of coins has

/// One message's fields, one after the other.
class Fields {
 public:
  Fields(std::string where, ByteView bytes) : where_(std::move(where)), bytes_(bytes) {}

  /// The next field's number; 0 at the end.
  std::uint64_t next() {
    if (bytes_.empty()) return 0;
    const std::uint64_t tag = varint();
    wire_type_ = tag & 7;
    if (tag >> 3 == 0) base::refuse(where_, "is no protobuf message: a field has no number");
    return tag >> 3;
  }
  std::uint64_t number() {
    expect(0);
    return varint();
  }
  ByteView bytes() {
    expect(2);
    const std::uint64_t size = varint();
    if (size > bytes_.size()) base::refuse(where_, "ends within a field");
    const ByteView value = bytes_.first(static_cast<std::size_t>(size));
    bytes_ = bytes_.subspan(static_cast<std::size_t>(size));
    return value;
  }
  void skip() {
    if (wire_type_ == 0)
      static_cast<void>(varint());
    else
      static_cast<void>(bytes());
  }

 private:
  void expect(std::uint64_t type) const {
    if (wire_type_ != type) base::refuse(where_, "has a field of another kind than it should");
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift <= kVarintBitsMax; shift += 7) {
      if (bytes_.empty()) base::refuse(where_, "ends within a number");
      const std::uint8_t byte = bytes_.front();
      bytes_ = bytes_.subspan(1);
      if (shift == kVarintBitsMax && byte > 1) base::refuse(where_, "has a number of more than 64 bits");
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    base::refuse(where_, "has a number of more than 64 bits");
  }

  std::string where_;
  ByteView bytes_;
  std::uint64_t wire_type_ = 0;
};

std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Digits of a decimal's 18 places as one whole number.
Decimal stored_decimal(const std::string& where, ByteView bytes) {
  const std::string_view digits = text_of(bytes);
  if (digits.empty() || digits.size() > kDigitsMax ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    base::refuse(where, "has a decimal that is not digits");
  Decimal whole;
  try {
    for (std::size_t at = 0; at < digits.size(); at += 18) {
      const std::string_view part = digits.substr(at, 18);
      Decimal scale = Decimal::of(1);
      for (std::size_t i = 0; i < part.size(); ++i) scale = scale * Decimal::of(10);
      whole = whole * scale + Decimal::literal(part);
    }
  } catch (const money::OverflowError&) {
    base::refuse(where, "has a decimal of more digits than the chain's numbers have");
  }
  return whole * Decimal::of(1, sdk::kDecimals);
}

/// A DecCoin's amount where it is in the denomination.
Decimal coin_in(const std::string& where, ByteView coin, std::string_view denomination) {
  Fields fields(where, coin);
  bool is_ours = false;
  Decimal amount;
  while (const std::uint64_t field = fields.next()) {
    if (field == 1)
      is_ours = text_of(fields.bytes()) == denomination;
    else if (field == 2)
      amount = stored_decimal(where, fields.bytes());
    else
      fields.skip();
  }
  return is_ours ? amount : Decimal{};
}

base::Bytes key_of(std::uint8_t prefix, ByteView validator) {
  base::Bytes key;
  key.reserve(2 + validator.size());
  key.push_back(prefix);
  key.push_back(static_cast<std::uint8_t>(validator.size()));
  key.insert(key.end(), validator.begin(), validator.end());
  return key;
}

}  // namespace

base::Bytes starting_info_key(ByteView validator, ByteView delegator) {
  base::Bytes key = key_of(kStartingInfo, validator);
  key.push_back(static_cast<std::uint8_t>(delegator.size()));
  key.insert(key.end(), delegator.begin(), delegator.end());
  return key;
}

base::Bytes historical_rewards_key(ByteView validator, std::uint64_t period) {
  base::Bytes key = key_of(kHistoricalRewards, validator);
  for (int i = 0; i < 8; ++i) key.push_back(static_cast<std::uint8_t>(period >> (8 * i)));
  return key;
}

base::Bytes current_rewards_key(ByteView validator) { return key_of(kCurrentRewards, validator); }

StartingInfo parse_starting_info(const std::string& where, ByteView value) {
  StartingInfo info;
  Fields fields(where, value);
  while (const std::uint64_t field = fields.next()) {
    if (field == 1)
      info.previous_period = fields.number();
    else if (field == 2)
      info.stake = stored_decimal(where, fields.bytes());
    else if (field == 3)
      info.height = fields.number();
    else
      fields.skip();
  }
  return info;
}

Decimal parse_historical_ratio(const std::string& where, ByteView value, std::string_view denomination) {
  Decimal ratio;
  Fields fields(where, value);
  while (const std::uint64_t field = fields.next()) {
    if (field == 1)
      ratio += coin_in(where, fields.bytes(), denomination);
    else
      fields.skip();
  }
  return ratio;
}

CurrentRewards parse_current_rewards(const std::string& where, ByteView value,
                                     std::string_view denomination) {
  CurrentRewards current;
  Fields fields(where, value);
  while (const std::uint64_t field = fields.next()) {
    if (field == 1)
      current.rewards += coin_in(where, fields.bytes(), denomination);
    else if (field == 2)
      current.period = fields.number();
    else
      fields.skip();
  }
  return current;
}

std::optional<base::Bytes> parse_store_answer(const std::string& source, std::string_view body, ByteView key,
                                              std::uint64_t height) {
  const json::Value document = parse_cosmos_json(source, body);
  json::ObjectReader outer(document, source);
  if (outer.has("error") && !outer.is_null("error"))
    base::refuse(outer.path_of("error"), "the node does not answer questions about its stores");
  json::ObjectReader response = outer.object("result").object("response");
  if (response.optional_integer("code").value_or(0) != 0)
    base::refuse(response.path_of("code"),
                 "the node refuses: " + response.optional_string("log").value_or(""));
  if (read_height(response.value("height")) != height)
    base::refuse(response.path_of("height"), "is not " + std::to_string(height));
  const auto answered = base::from_base64(response.optional_string("key").value_or(""));
  if (!answered || !std::equal(answered->begin(), answered->end(), key.begin(), key.end()))
    base::refuse(response.path_of("key"), "is not the one asked for");
  if (!response.has("value") || response.is_null("value")) return std::nullopt;
  auto value = base::from_base64(response.string("value"));
  if (!value) base::refuse(response.path_of("value"), "is not base64");
  if (value->empty()) return std::nullopt;
  return value;
}

}  // namespace navkeeper::staking
