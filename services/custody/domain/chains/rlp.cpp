#include "services/custody/domain/chains/rlp.h"

namespace navkeeper::custody {
namespace {

using Data = std::span<const std::uint8_t>;

constexpr std::uint8_t kString = 0x80;
constexpr std::uint8_t kList = 0xc0;
constexpr std::size_t kShortMax = 55;  ///< a length up to this stands in the prefix itself
constexpr std::uint8_t kLongOffset = 0x37;

base::Refusal broken(std::string rule) { return {"RLP", std::move(rule)}; }

/// The item that `bytes` begin with.
base::Checked<RlpItem> first_item(Data bytes) {
  if (bytes.empty()) return broken("ends before its first byte");
  const std::uint8_t prefix = bytes[0];
  if (prefix < kString) return RlpItem{false, bytes.first(1), bytes.first(1)};
  const bool list = prefix >= kList;
  const auto short_length = static_cast<std::size_t>(prefix - (list ? kList : kString));
  std::size_t begin = 1;
  std::size_t length = short_length;
  if (short_length > kShortMax) {
    const std::size_t width = short_length - kShortMax;
    if (width > bytes.size() - 1) return broken("ends inside a length");
    if (bytes[1] == 0) return broken("a length begins with zero");
    if (width > sizeof(std::uint32_t)) return broken("a length has more than four bytes");
    length = 0;
    for (std::size_t i = 1; i <= width; ++i) length = length << 8 | bytes[i];
    if (length <= kShortMax) return broken("a length is written longer than need be");
    begin += width;
  }
  if (length > bytes.size() - begin) return broken("ends inside an item");
  const RlpItem item{list, bytes.subspan(begin, length), bytes.first(begin + length)};
  if (!list && length == 1 && item.payload[0] < kString) return broken("a single byte has a prefix");
  return item;
}

base::Bytes with_prefix(std::uint8_t base, Data payload) {
  base::Bytes out;
  if (payload.size() <= kShortMax) {
    out.push_back(static_cast<std::uint8_t>(base + payload.size()));
  } else {
    const base::Bytes length = big_endian(payload.size());
    out.push_back(static_cast<std::uint8_t>(base + kLongOffset + length.size()));
    out.insert(out.end(), length.begin(), length.end());
  }
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace

base::Checked<RlpItem> parse_rlp(Data bytes) {
  auto item = first_item(bytes);
  if (!item.has_error() && item->encoded.size() != bytes.size()) return broken("bytes follow its end");
  return item;
}

base::Checked<std::vector<RlpItem>> rlp_items(const RlpItem& item, std::size_t items_max) {
  if (!item.is_list) return broken("a list is due and a string stands there");
  std::vector<RlpItem> items;
  Data rest = item.payload;
  while (!rest.empty()) {
    if (items.size() == items_max) return broken("a list has too many items");
    auto next = first_item(rest);
    if (next.has_error()) return next.error();
    rest = rest.subspan(next->encoded.size());
    items.push_back(*next);
  }
  return items;
}

base::Bytes rlp_string(Data bytes) {
  if (bytes.size() == 1 && bytes[0] < kString) return {bytes.begin(), bytes.end()};
  return with_prefix(kString, bytes);
}

base::Bytes rlp_list(const std::vector<base::Bytes>& encoded_items) {
  base::Bytes payload;
  for (const base::Bytes& item : encoded_items) payload.insert(payload.end(), item.begin(), item.end());
  return with_prefix(kList, payload);
}

base::Bytes big_endian(std::uint64_t value) {
  base::Bytes bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(value >> shift);
    if (byte != 0 || !bytes.empty()) bytes.push_back(byte);
  }
  return bytes;
}

bool is_scalar(Data bytes) { return bytes.empty() || bytes[0] != 0; }

}  // namespace navkeeper::custody
