#include "services/custody/domain/chains/state_proof.h"

#include <algorithm>

#include "services/custody/domain/chains/rlp.h"

namespace navkeeper::custody {
namespace {

using Data = std::span<const std::uint8_t>;

constexpr std::size_t kBranchItems = 17;
constexpr std::size_t kShortItems = 2;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kAccountItems = 4;

base::Refusal broken(std::string rule) { return {"proof", std::move(rule)}; }

std::vector<std::uint8_t> nibbles_of(Data bytes) {
  std::vector<std::uint8_t> nibbles;
  for (const std::uint8_t byte : bytes) {
    nibbles.push_back(byte >> 4);
    nibbles.push_back(byte & 0x0f);
  }
  return nibbles;
}

/// A path in hex-prefix encoding (appendix C).
struct ShortPath {
  bool leaf = false;
  std::vector<std::uint8_t> nibbles;
};
base::Checked<ShortPath> parse_path(Data bytes) {
  std::vector<std::uint8_t> nibbles = nibbles_of(bytes);
  if (nibbles.empty() || nibbles[0] > 3) return broken("a node's path has no valid prefix");
  const bool odd = (nibbles[0] & 1) != 0;
  if (!odd && nibbles[1] != 0) return broken("a node's path is padded with something else than zero");
  ShortPath path{(nibbles[0] & 2) != 0, {}};
  path.nibbles.assign(nibbles.begin() + (odd ? 1 : 2), nibbles.end());
  return path;
}

/// Walks from node to node; `next` is what the last one points to.
class Walk {
 public:
  Walk(const crypto::Digest256& root, Data hashed_key, std::span<const base::Bytes> nodes)
      : hash_(root), path_(nibbles_of(hashed_key)), nodes_(nodes) {}

  base::Checked<std::optional<base::Bytes>> run() {
    Data node;
    auto loaded = load(node);
    while (!loaded.has_error()) {
      const auto step = take(node);
      if (step.has_error()) return step.error();
      if (*step != Step::kOn) {
        if (used_ != nodes_.size()) return broken("nodes follow behind the answer");
        return *step == Step::kFound ? std::optional(value_) : std::nullopt;
      }
      if (!embedded_.empty()) {
        node = std::exchange(embedded_, {});
        continue;
      }
      loaded = load(node);
    }
    return loaded.error();
  }

 private:
  enum class Step { kOn, kFound, kAbsent };

  base::Checked<bool> load(Data& node) {
    if (used_ == nodes_.size()) return broken("ends before it has reached an answer");
    node = nodes_[used_++];
    if (crypto::keccak256(node) != hash_) return broken("a node is not the one that its parent names");
    return true;
  }

  base::Checked<Step> take(Data node) {
    const auto item = parse_rlp(node);
    if (item.has_error()) return item.error().within("proof");
    const auto items = rlp_items(*item, kBranchItems);
    if (items.has_error()) return items.error().within("proof");
    if (items->size() == kBranchItems) {
      // Every key has 32 bytes, so that no key ends at a branch.
      if (at_ == path_.size()) return broken("a branch stands where the key has ended");
      return follow((*items)[path_[at_++]]);
    }
    if (items->size() != kShortItems) return broken("a node has neither two nor seventeen items");
    return take_short((*items)[0], (*items)[1]);
  }

  base::Checked<Step> take_short(const RlpItem& path_item, const RlpItem& rest) {
    if (path_item.is_list) return broken("a node's path is a list");
    const auto path = parse_path(path_item.payload);
    if (path.has_error()) return path.error();
    const std::size_t left = path_.size() - at_;
    const auto here = path_.begin() + static_cast<std::ptrdiff_t>(at_);
    const bool on_path =
        path->nibbles.size() <= left && std::equal(path->nibbles.begin(), path->nibbles.end(), here);
    if (path->leaf) {
      if (!on_path || path->nibbles.size() != left) return Step::kAbsent;
      if (rest.is_list || rest.payload.empty()) return broken("a leaf holds no value");
      value_.assign(rest.payload.begin(), rest.payload.end());
      return Step::kFound;
    }
    if (path->nibbles.empty()) return broken("an extension leads nowhere");
    if (!on_path) return Step::kAbsent;
    at_ += path->nibbles.size();
    auto step = follow(rest);
    if (!step.has_error() && *step == Step::kAbsent) return broken("an extension has no child");
    return step;
  }

  base::Checked<Step> follow(const RlpItem& child) {
    if (child.is_list) {  // A node of less than 32 bytes stands inside its parent.
      if (child.encoded.size() >= kHashBytes)
        return broken("a node stands inside its parent and is too long for it");
      embedded_ = child.encoded;
      return Step::kOn;
    }
    if (child.payload.empty()) return Step::kAbsent;
    if (child.payload.size() != kHashBytes) return broken("a node's child is no hash");
    std::copy(child.payload.begin(), child.payload.end(), hash_.begin());
    return Step::kOn;
  }

  crypto::Digest256 hash_;
  std::vector<std::uint8_t> path_;
  std::span<const base::Bytes> nodes_;
  std::size_t used_ = 0;
  std::size_t at_ = 0;
  Data embedded_;
  base::Bytes value_;
};

base::Checked<crypto::Digest256> hash_of(const RlpItem& item) {
  crypto::Digest256 hash{};
  if (item.is_list || item.payload.size() != hash.size()) return broken("an account's hash has not 32 bytes");
  std::copy(item.payload.begin(), item.payload.end(), hash.begin());
  return hash;
}

base::Checked<AccountState> parse_account(Data value) {
  const auto item = parse_rlp(value);
  if (item.has_error()) return item.error().within("proof");
  const auto items = rlp_items(*item, kAccountItems);
  if (items.has_error()) return items.error().within("proof");
  if (items->size() != kAccountItems) return broken("an account has not four fields");
  const RlpItem& nonce = (*items)[0];
  const RlpItem& balance = (*items)[1];
  if (nonce.is_list || balance.is_list || !is_scalar(nonce.payload) || !is_scalar(balance.payload))
    return broken("an account's nonce or balance is no scalar");
  const auto wei = unsigned_number(balance.payload);
  if (!wei) return broken("an account's balance has more than 127 bits");
  const auto storage_root = hash_of((*items)[2]);
  if (storage_root.has_error()) return storage_root.error();
  const auto code_hash = hash_of((*items)[3]);
  if (code_hash.has_error()) return code_hash.error();
  return AccountState{{nonce.payload.begin(), nonce.payload.end()}, *wei, *storage_root, *code_hash};
}

}  // namespace

crypto::Digest256 empty_trie_root() {
  static const crypto::Digest256 kRoot = crypto::keccak256(rlp_string({}));
  return kRoot;
}

base::Checked<std::optional<base::Bytes>> prove(const crypto::Digest256& root, Data key,
                                                std::span<const base::Bytes> nodes) {
  if (nodes.size() > kProofNodesMax) return broken("has more nodes than a path can have");
  for (const base::Bytes& node : nodes) {
    if (node.size() > kProofNodeBytesMax) return broken("has a node that is longer than a node can be");
  }
  // Of a trie without entries some nodes answer no node at all, some the empty string.
  if (root == empty_trie_root() && (nodes.empty() || (nodes.size() == 1 && nodes[0] == rlp_string({}))))
    return std::optional<base::Bytes>();
  return Walk(root, crypto::keccak256(key), nodes).run();
}

base::Checked<std::optional<AccountState>> prove_account(const crypto::Digest256& state_root,
                                                         const EthereumAddress& address,
                                                         std::span<const base::Bytes> nodes) {
  const auto value = prove(state_root, address.bytes, nodes);
  if (value.has_error()) return value.error();
  if (!*value) return std::optional<AccountState>();
  const auto account = parse_account(**value);
  if (account.has_error()) return account.error();
  return std::optional(*account);
}

base::Checked<money::Int128> prove_storage(const crypto::Digest256& storage_root, Data slot,
                                           std::span<const base::Bytes> nodes) {
  const auto value = prove(storage_root, slot, nodes);
  if (value.has_error()) return value.error();
  if (!*value) return money::Int128{0};
  const auto item = parse_rlp(**value);
  if (item.has_error()) return item.error().within("proof");
  if (item->is_list || item->payload.empty() || !is_scalar(item->payload))
    return broken("a stored value is no scalar");
  const auto number = unsigned_number(item->payload);
  if (!number) return broken("a stored value has more than 127 bits");
  return *number;
}

crypto::Digest256 mapping_slot(const EthereumAddress& holder, std::uint64_t position) {
  constexpr std::size_t kWord = 32;
  std::array<std::uint8_t, 2 * kWord> words{};
  std::copy(holder.bytes.begin(), holder.bytes.end(), words.begin() + (kWord - holder.bytes.size()));
  for (std::size_t i = 0; i < sizeof position; ++i)
    words[words.size() - 1 - i] = static_cast<std::uint8_t>(position >> (8 * i));
  return crypto::keccak256(words);
}

std::optional<money::Int128> unsigned_number(Data bytes) {
  while (!bytes.empty() && bytes[0] == 0) bytes = bytes.subspan(1);
  if (bytes.size() > sizeof(money::Int128) || (bytes.size() == sizeof(money::Int128) && bytes[0] >= 0x80))
    return std::nullopt;
  money::Uint128 value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return static_cast<money::Int128>(value);
}

}  // namespace navkeeper::custody
