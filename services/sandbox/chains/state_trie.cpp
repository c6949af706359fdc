#include "services/sandbox/chains/state_trie.h"

#include <algorithm>

namespace navkeeper::sandbox {
namespace {

std::string nibbles_of(std::span<const std::uint8_t> bytes) {
  std::string nibbles;
  for (const std::uint8_t byte : bytes) {
    nibbles.push_back(static_cast<char>(byte / 16));
    nibbles.push_back(static_cast<char>(byte % 16));
  }
  return nibbles;
}

base::Bytes minimal(unsigned __int128 value) {
  base::Bytes bytes;
  for (; value != 0; value /= 256) bytes.insert(bytes.begin(), static_cast<std::uint8_t>(value % 256));
  return bytes;
}

base::Bytes prefixed(std::uint8_t first, std::span<const std::uint8_t> content) {
  base::Bytes out;
  if (content.size() < 56) {
    out.push_back(static_cast<std::uint8_t>(first + content.size()));
  } else {
    const base::Bytes length = minimal(content.size());
    out.push_back(static_cast<std::uint8_t>(first + 55 + length.size()));
    out.insert(out.end(), length.begin(), length.end());
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

/// Appendix C.
base::Bytes hex_prefix(std::string_view nibbles, bool leaf) {
  std::string all(1, static_cast<char>((leaf ? 2 : 0) + nibbles.size() % 2));
  if (nibbles.size() % 2 == 0) all.push_back(0);
  all += nibbles;
  base::Bytes bytes;
  for (std::size_t i = 0; i < all.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(all[i] * 16 + all[i + 1]));
  return bytes;
}

}  // namespace

base::Bytes rlp_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() == 1 && bytes[0] < 128) return {bytes[0]};
  return prefixed(128, bytes);
}

base::Bytes rlp_items(const std::vector<base::Bytes>& encoded) {
  base::Bytes content;
  for (const base::Bytes& item : encoded) content.insert(content.end(), item.begin(), item.end());
  return prefixed(192, content);
}

base::Bytes rlp_number(unsigned __int128 value) { return rlp_bytes(minimal(value)); }

void StateTrie::put(std::span<const std::uint8_t> key, base::Bytes value) {
  entries_[nibbles_of(crypto::keccak256(key))] = std::move(value);
}

base::Bytes StateTrie::reference(const base::Bytes& node) {
  return node.size() < 32 ? node : rlp_bytes(crypto::keccak256(node));
}

base::Bytes StateTrie::node(Place begin, Place end, std::size_t depth, const Nibbles* wanted,
                            std::vector<base::Bytes>* path) {
  // The path is filled from below; a node inside its parent is no node of its own.
  const auto keep = [&](base::Bytes made) {
    if (path != nullptr && (made.size() >= 32 || depth == 0)) path->insert(path->begin(), made);
    return made;
  };
  if (std::next(begin) == end)
    return keep(rlp_items({rlp_bytes(hex_prefix(std::string_view(begin->first).substr(depth), true)),
                           rlp_bytes(begin->second)}));
  const Nibbles& first = begin->first;
  const Nibbles& last = std::prev(end)->first;
  std::size_t common = depth;
  while (first[common] == last[common]) ++common;
  if (common > depth) {
    const bool on_path =
        wanted != nullptr && wanted->compare(depth, common - depth, first, depth, common - depth) == 0;
    const base::Bytes child = node(begin, end, common, on_path ? wanted : nullptr, on_path ? path : nullptr);
    return keep(
        rlp_items({rlp_bytes(hex_prefix(std::string_view(first).substr(depth, common - depth), false)),
                   reference(child)}));
  }
  std::vector<base::Bytes> items;
  for (char nibble = 0; nibble < 16; ++nibble) {
    const Place until =
        std::find_if(begin, end, [&](const auto& entry) { return entry.first[depth] != nibble; });
    const bool on_path = wanted != nullptr && (*wanted)[depth] == nibble;
    items.push_back(begin == until ? rlp_bytes({})
                                   : reference(node(begin, until, depth + 1, on_path ? wanted : nullptr,
                                                    on_path ? path : nullptr)));
    begin = until;
  }
  items.push_back(rlp_bytes({}));
  return keep(rlp_items(items));
}

crypto::Digest256 StateTrie::root() const {
  if (entries_.empty()) return crypto::keccak256(rlp_bytes({}));
  return crypto::keccak256(node(entries_.begin(), entries_.end(), 0, nullptr, nullptr));
}

std::vector<base::Bytes> StateTrie::prove(std::span<const std::uint8_t> key) const {
  std::vector<base::Bytes> path;
  if (entries_.empty()) return path;
  const Nibbles wanted = nibbles_of(crypto::keccak256(key));
  static_cast<void>(node(entries_.begin(), entries_.end(), 0, &wanted, &path));
  return path;
}

}  // namespace navkeeper::sandbox
