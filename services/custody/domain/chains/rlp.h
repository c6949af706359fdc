#pragma once
// Recursive Length Prefix, the serialisation of Ethereum's execution layer (yellow paper, appendix B), read
// in its one canonical form: shortest length prefixes, single bytes below 0x80 as themselves, nothing behind
// the end. A reader goes one level at a time, so that hostile nesting costs no stack.
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/refusal.h"

namespace navkeeper::custody {

/// One item inside a longer text, which must outlive it.
struct RlpItem {
  bool is_list = false;
  std::span<const std::uint8_t> payload;  ///< the bytes of a string; the items of a list
  std::span<const std::uint8_t> encoded;  ///< with its prefix
};

/// The one item that `bytes` are.
base::Checked<RlpItem> parse_rlp(std::span<const std::uint8_t> bytes);
/// The items of a list; refused when `item` is a string or holds more than `items_max`.
base::Checked<std::vector<RlpItem>> rlp_items(const RlpItem& item, std::size_t items_max);

base::Bytes rlp_string(std::span<const std::uint8_t> bytes);
/// `encoded_items` are items already encoded, one after the other.
base::Bytes rlp_list(const std::vector<base::Bytes>& encoded_items);

/// A scalar is its big-endian bytes without leading zeros; zero is the empty string (appendix B, BE).
base::Bytes big_endian(std::uint64_t value);
bool is_scalar(std::span<const std::uint8_t> bytes);

}  // namespace navkeeper::custody
