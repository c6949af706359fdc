#include "services/staking/adapters/cosmos/wire_fields.h"

#include <algorithm>
#include <limits>

#include "common/base/refuse.h"
#include "common/crypto/bech32.h"
#include "common/crypto/digest.h"
#include "common/crypto/hash.h"
#include "common/json/value.h"
#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {
namespace {

constexpr std::size_t kAddressBytes = 20;
constexpr std::size_t kAddressBytesLong = 32;  ///< of a module's own accounts
constexpr int kNanosecondDecimals = 9;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

json::Value parse_cosmos_json(const std::string& node, std::string_view body) {
  auto value = json::parse(body, {.bytes_max = kCosmosAnswerBytesMax});
  if (value.has_error())
    base::refuse(node, "answered something that is not JSON: " + value.error().message());
  if (value->kind() != json::Kind::kObject) base::refuse(node, "answered something that is not an object");
  return std::move(*value);
}

std::uint64_t read_height(const json::Place& place) {
  const money::Decimal value = read_units(place);
  const auto whole = value.to_units(0);
  if (!whole || *whole > static_cast<money::Int128>(std::numeric_limits<std::uint64_t>::max()))
    base::refuse(place.path, "does not fit 64 bits");
  return static_cast<std::uint64_t>(*whole);
}

money::Decimal read_units(const json::Place& place) {
  const std::string text = json::read_string(place);
  const auto value = money::Decimal::parse(text);
  if (!is_digits(text) || value.has_error())
    base::refuse(place.path, "must be a whole number in digits, at most 38 of them");
  return *value;
}

money::Decimal read_sdk_decimal(const json::Place& place) {
  const money::Decimal value = json::read_decimal(place);
  if (value.is_negative() || value.scale() > sdk::kDecimals)
    base::refuse(place.path, "must have at most 18 decimals and no sign");
  return value;
}

std::vector<json::Place> read_list(json::ObjectReader& reader, std::string_view key) {
  if (!reader.has(key) || reader.is_null(key)) {
    reader.ignore(key);
    return {};
  }
  return reader.array(key);
}

time::Duration read_duration(const json::Place& place) {
  const std::string text = json::read_string(place);
  const auto seconds =
      text.ends_with('s')
          ? money::Decimal::parse(std::string_view(text).substr(0, text.size() - 1))
          : base::Result<money::Decimal, money::DecimalError>(money::DecimalError::kMalformed);
  const auto ns = seconds.has_error() ? std::nullopt : seconds->to_units(kNanosecondDecimals);
  if (!ns || *ns < 0 || *ns > std::numeric_limits<std::int64_t>::max())
    base::refuse(place.path, "must be seconds with an s behind them, such as 2419200s");
  return time::Duration::from_ns(static_cast<std::int64_t>(*ns));
}

std::string bech32_of(const std::string& prefix, std::span<const std::uint8_t> bytes) {
  return crypto::write_bech32({crypto::Bech32Kind::kBech32, prefix, crypto::to_words(bytes)}).value();
}

base::Bytes address_bytes(const std::string& where, const std::string& address, const std::string& prefix) {
  const auto parsed = crypto::parse_bech32(address);
  if (!parsed || parsed->kind != crypto::Bech32Kind::kBech32 || parsed->prefix != prefix)
    base::refuse(where, "must be a bech32 address that begins with " + prefix + "1");
  const auto bytes = crypto::from_words(parsed->words);
  if (!bytes || (bytes->size() != kAddressBytes && bytes->size() != kAddressBytesLong))
    base::refuse(where, "must be an address of 20 or 32 bytes");
  return *bytes;
}

std::string module_address(const std::string& prefix, std::string_view module) {
  const auto digest = crypto::sha256(module);
  return bech32_of(prefix, std::span(digest).first(kAddressBytes));
}

}  // namespace navkeeper::staking
