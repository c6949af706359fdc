#include "services/custody/adapters/chains/wire_fields.h"

#include <algorithm>
#include <limits>

#include "common/json/write.h"
#include "common/model/node_answer.h"

namespace navkeeper::custody {
namespace {

constexpr std::uint64_t kWholeMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t kSatoshiMax = 2'100'000'000'000'000;

std::uint64_t narrow(const json::Place& place, const base::Checked<money::Int128>& count) {
  if (count.has_error()) base::refuse(place.path, count.error().rule);
  if (static_cast<money::Uint128>(*count) > kWholeMax) base::refuse(place.path, "does not fit 64 bits");
  return static_cast<std::uint64_t>(*count);
}

const std::string& number_token(const json::Place& place) {
  if (place.value.kind() != json::Kind::kNumber)
    base::refuse(place.path, "must be a number, not " + std::string(json::describe(place.value.kind())));
  return place.value.as_number();
}

std::string_view without_prefix(const json::Place& place, std::string_view text) {
  if (!text.starts_with("0x")) base::refuse(place.path, "must be hexadecimal with 0x before it");
  return text.substr(2);
}

}  // namespace

json::Value parse_node_json(const std::string& node, std::string_view body) {
  auto value = json::parse(body, {.bytes_max = model::kNodeAnswerBytesMax});
  if (value.has_error())
    base::refuse(node, "answered something that is not JSON: " + value.error().message());
  return std::move(*value);
}

std::string rpc_request(std::string_view method, std::string_view parameters) {
  return R"({"jsonrpc":"2.0","id":1,"method":)" + json::quoted(method) + R"(,"params":)" +
         std::string(parameters) + "}";
}

std::uint64_t read_whole(const json::Place& place) { return narrow(place, parse_count(number_token(place))); }

std::uint64_t read_whole_text(const json::Place& place) {
  return narrow(place, parse_count(json::read_string(place)));
}

money::Int128 read_hex_amount(const json::Place& place) {
  const auto count = parse_hex_count(json::read_string(place));
  if (count.has_error()) base::refuse(place.path, count.error().rule);
  return *count;
}

std::uint64_t read_hex_whole(const json::Place& place) {
  return narrow(place, parse_hex_count(json::read_string(place)));
}

base::Bytes read_hex_bytes(const json::Place& place, std::size_t bytes_max) {
  const std::string text = json::read_string(place);
  const std::string_view digits = without_prefix(place, text);
  if (digits.size() > 2 * bytes_max)
    base::refuse(place.path, "has more than " + std::to_string(bytes_max) + " bytes");
  auto bytes = base::from_hex(digits);
  if (!bytes) base::refuse(place.path, "must be hexadecimal of even length with 0x before it");
  return std::move(*bytes);
}

crypto::Digest256 read_hash(const json::Place& place) {
  crypto::Digest256 hash{};
  const base::Bytes bytes = read_hex_bytes(place, hash.size());
  if (bytes.size() != hash.size()) base::refuse(place.path, "must have 32 bytes");
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

std::string hash_text(const crypto::Digest256& hash) { return "0x" + base::to_hex(hash); }

std::string read_bitcoin_id(const json::Place& place) {
  std::string text = json::read_string(place);
  const auto bytes = base::from_hex(text);
  if (!bytes || bytes->size() != crypto::Digest256().size() || base::to_hex(*bytes) != text)
    base::refuse(place.path, "must have 64 hexadecimal digits in lower case");
  return text;
}

crypto::Digest256 hashed_order(const std::string& bitcoin_id) {
  const auto bytes = base::from_hex(bitcoin_id);
  crypto::Digest256 hash{};
  if (bytes && bytes->size() == hash.size()) std::reverse_copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::string bitcoin_id(const crypto::Digest256& hash) {
  crypto::Digest256 shown = hash;
  std::reverse(shown.begin(), shown.end());
  return base::to_hex(shown);
}

Satoshi read_satoshi(const json::Place& place) {
  const std::uint64_t count = read_whole(place);
  if (count > static_cast<std::uint64_t>(kSatoshiMax)) base::refuse(place.path, "is more than all bitcoin");
  return Satoshi::of(static_cast<money::Int128>(count));
}

}  // namespace navkeeper::custody
