#include "services/custody/domain/script_template.h"

namespace navkeeper::custody {
namespace {

constexpr std::uint8_t kOpPushData1 = 0x4c;
constexpr std::uint8_t kOpPushData2 = 0x4d;
constexpr std::uint8_t kOp1Negate = 0x4f;
constexpr std::uint8_t kOp1 = 0x51;
constexpr std::uint8_t kOp16 = 0x60;
constexpr std::uint8_t kOpIf = 0x63;
constexpr std::uint8_t kOpElse = 0x67;
constexpr std::uint8_t kOpEndIf = 0x68;
constexpr std::uint8_t kOpDrop = 0x75;
constexpr std::uint8_t kOpCheckSig = 0xac;
constexpr std::uint8_t kOpCheckMultisig = 0xae;
constexpr std::uint8_t kOpCheckSequenceVerify = 0xb2;

constexpr std::size_t kDirectPushMax = 75;
constexpr std::size_t kCompressedKeyBytes = 33;
constexpr std::size_t kUncompressedKeyBytes = 65;
/// OP_CHECKSEQUENCEVERIFY reads numbers of up to five bytes (BIP-112); four with a clear sign hold all 31
/// bits that a delay can use.
constexpr std::size_t kDelayBytesMax = 4;

/// Reads a script from its front; each question either takes its bytes and says yes or changes nothing.
class Cursor {
 public:
  explicit Cursor(std::span<const std::uint8_t> script) : rest_(script) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t peek() const { return rest_.empty() ? std::uint8_t{0} : rest_[0]; }
  bool operation(std::uint8_t code) {
    if (rest_.empty() || rest_[0] != code) return false;
    rest_ = rest_.subspan(1);
    return true;
  }
  /// OP_1 to OP_16.
  std::optional<std::size_t> small_number() {
    if (rest_.empty() || rest_[0] < kOp1 || rest_[0] > kOp16) return std::nullopt;
    const std::size_t number = rest_[0] - kOp1 + 1U;
    rest_ = rest_.subspan(1);
    return number;
  }
  /// Pushed bytes in their minimal form, of one byte length (up to 75), or OP_PUSHDATA1 and 2.
  std::optional<base::Bytes> push() {
    if (rest_.empty()) return std::nullopt;
    std::size_t header = 1;
    std::size_t length = rest_[0];
    if (rest_[0] == kOpPushData1 && rest_.size() >= 2) {
      header = 2;
      length = rest_[1];
      if (length <= kDirectPushMax) return std::nullopt;
    } else if (rest_[0] == kOpPushData2 && rest_.size() >= 3) {
      header = 3;
      length = rest_[1] + 256U * rest_[2];
      if (length <= 0xff) return std::nullopt;
    } else if (length > kDirectPushMax) {
      return std::nullopt;
    }
    if (rest_.size() - header < length) return std::nullopt;
    const auto data = rest_.subspan(header, length);
    if (length == 1 && ((data[0] >= 1 && data[0] <= 16) || data[0] == 0x81)) return std::nullopt;
    rest_ = rest_.subspan(header + length);
    return base::Bytes(data.begin(), data.end());
  }
  std::optional<base::Bytes> push_of(std::size_t bytes) {
    auto data = push();
    return data && data->size() == bytes ? data : std::nullopt;
  }

 private:
  std::span<const std::uint8_t> rest_;
};

/// STRICTENC: which keys an interpreter looks at depends on the signatures, so one hybrid key makes a script
/// that is not understood.
bool is_strict_key(const base::Bytes& key) {
  return key.size() == kCompressedKeyBytes ? key[0] == 0x02 || key[0] == 0x03
                                           : key.size() == kUncompressedKeyBytes && key[0] == 0x04;
}

/// A script number that is positive and minimal.
std::optional<std::uint32_t> positive_number(Cursor& cursor) {
  if (const auto small = cursor.small_number()) return static_cast<std::uint32_t>(*small);
  const auto data = cursor.push();
  if (!data || data->empty() || data->size() > kDelayBytesMax) return std::nullopt;
  if ((data->back() & 0x80) != 0) return std::nullopt;  // negative
  if (data->back() == 0 && (data->size() == 1 || ((*data)[data->size() - 2] & 0x80) == 0))
    return std::nullopt;
  std::uint32_t number = 0;
  for (std::size_t i = data->size(); i-- > 0;) number = number << 8 | (*data)[i];
  return number;
}

}  // namespace

std::optional<MultisigScript> match_multisig(std::span<const std::uint8_t> script) {
  Cursor cursor(script);
  const auto needed = cursor.small_number();
  if (!needed) return std::nullopt;
  MultisigScript found{.needed = *needed, .keys = {}};
  while (cursor.peek() == kCompressedKeyBytes || cursor.peek() == kUncompressedKeyBytes) {
    auto key = cursor.push();
    if (!key || !is_strict_key(*key)) return std::nullopt;
    found.keys.push_back(std::move(*key));
  }
  const auto total = cursor.small_number();
  if (!total || *total != found.keys.size() || found.needed > *total) return std::nullopt;
  if (!cursor.operation(kOpCheckMultisig) || !cursor.empty()) return std::nullopt;
  return found;
}

std::optional<TimeLockScript> match_time_lock(std::span<const std::uint8_t> script, std::size_t key_bytes) {
  Cursor cursor(script);
  if (!cursor.operation(kOpIf)) return std::nullopt;
  auto key_at_once = cursor.push_of(key_bytes);
  if (!key_at_once || !cursor.operation(kOpElse)) return std::nullopt;
  const auto delay = positive_number(cursor);
  if (!delay || !cursor.operation(kOpCheckSequenceVerify) || !cursor.operation(kOpDrop)) return std::nullopt;
  auto key_after = cursor.push_of(key_bytes);
  if (!key_after || !cursor.operation(kOpEndIf) || !cursor.operation(kOpCheckSig) || !cursor.empty())
    return std::nullopt;
  return TimeLockScript{std::move(*key_at_once), std::move(*key_after), *delay};
}

std::optional<std::vector<base::Bytes>> pushes_of(std::span<const std::uint8_t> script) {
  std::vector<base::Bytes> stack;
  Cursor cursor(script);
  while (!cursor.empty()) {
    if (const auto number = cursor.small_number()) {
      stack.push_back({static_cast<std::uint8_t>(*number)});
    } else if (cursor.operation(kOp1Negate)) {
      stack.push_back({0x81});
    } else {
      auto data = cursor.push();
      if (!data) return std::nullopt;
      stack.push_back(std::move(*data));
    }
  }
  return stack;
}

}  // namespace navkeeper::custody
