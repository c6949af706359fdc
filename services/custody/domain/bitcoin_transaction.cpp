#include "services/custody/domain/bitcoin_transaction.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/crypto/hash.h"

namespace navkeeper::custody {
namespace {

using base::refuse;

constexpr std::uint8_t kSegwitMarker = 0;
constexpr std::uint8_t kSegwitFlag = 1;
/// 21 million bitcoin.
constexpr std::uint64_t kSatoshiMax = 2'100'000'000'000'000;

// Keys of BIP-174.
constexpr std::uint8_t kGlobalUnsignedTransaction = 0x00;
constexpr std::uint8_t kGlobalVersion = 0xfb;
constexpr std::uint8_t kInputPreviousTransaction = 0x00;
constexpr std::uint8_t kInputPreviousOutput = 0x01;
constexpr std::uint8_t kInputFinalScriptSig = 0x07;
constexpr std::uint8_t kInputFinalWitness = 0x08;
constexpr std::uint8_t kPsbtMagic[] = {'p', 's', 'b', 't', 0xff};

/// Takes things off the front of bytes and refuses what is not there.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::span<const std::uint8_t> take(std::uint64_t count) {
    if (count > rest_.size()) refuse("", "the bytes end too early");
    const auto taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(static_cast<std::size_t>(count));
    return taken;
  }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const auto taken = take(bytes);
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | taken[i];
    return value;
  }
  std::uint32_t number32() { return static_cast<std::uint32_t>(number(4)); }
  /// Compact size in its shortest form.
  std::uint64_t length() {
    const auto first = static_cast<std::uint8_t>(number(1));
    if (first < 0xfd) return first;
    const std::size_t bytes = first == 0xfd ? 2 : first == 0xfe ? 4 : 8;
    const std::uint64_t value = number(bytes);
    const std::uint64_t smallest = first == 0xfd ? 0xfdU : first == 0xfe ? 0x1'0000U : 0x1'0000'0000U;
    if (value < smallest) refuse("", "a length is not in its shortest form");
    return value;
  }
  /// A number of things of which each has at least one byte.
  std::size_t count() {
    const std::uint64_t value = length();
    if (value > rest_.size()) refuse("", "the bytes end too early");
    return static_cast<std::size_t>(value);
  }
  base::Bytes bytes() {
    const auto taken = take(length());
    return {taken.begin(), taken.end()};
  }
  bool empty() const { return rest_.empty(); }
  std::uint8_t peek(std::size_t at) const { return at < rest_.size() ? rest_[at] : 0xff; }
  void finish() const {
    if (!rest_.empty()) refuse("", "there are bytes behind the end");
  }

 private:
  std::span<const std::uint8_t> rest_;
};

Witness read_witness(Reader& reader) {
  Witness witness(reader.count());
  for (base::Bytes& item : witness) item = reader.bytes();
  return witness;
}

TransactionInput read_input(Reader& reader) {
  TransactionInput input;
  const auto id = reader.take(input.previous.transaction.size());
  std::copy(id.begin(), id.end(), input.previous.transaction.begin());
  input.previous.index = reader.number32();
  input.script_sig = reader.bytes();
  input.sequence = reader.number32();
  return input;
}

TransactionOutput read_output(Reader& reader) {
  TransactionOutput output;
  output.value_satoshi = reader.number(8);
  if (output.value_satoshi > kSatoshiMax) refuse("", "a value is above 21 million bitcoin");
  output.script_pubkey = reader.bytes();
  return output;
}

Transaction read_transaction(Reader& reader, bool witnesses_allowed) {
  Transaction transaction;
  transaction.version = reader.number32();
  const bool with_witnesses =
      witnesses_allowed && reader.peek(0) == kSegwitMarker && reader.peek(1) == kSegwitFlag;
  if (with_witnesses) reader.take(2);
  transaction.inputs.resize(reader.count());
  for (TransactionInput& input : transaction.inputs) input = read_input(reader);
  transaction.outputs.resize(reader.count());
  for (TransactionOutput& output : transaction.outputs) output = read_output(reader);
  bool any_witness = false;
  if (with_witnesses) {
    for (TransactionInput& input : transaction.inputs) {
      input.witness = read_witness(reader);
      any_witness = any_witness || !input.witness.empty();
    }
    if (!any_witness) refuse("", "the witnesses are announced and all empty");
  }
  transaction.lock_time = reader.number32();
  return transaction;
}

Transaction whole_transaction(std::span<const std::uint8_t> bytes, bool witnesses_allowed) {
  if (bytes.size() > kTransactionBytesMax) refuse("", "the transaction is too long");
  Reader reader(bytes);
  Transaction transaction = read_transaction(reader, witnesses_allowed);
  reader.finish();
  return transaction;
}

base::Bytes without_witnesses(const Transaction& transaction) {
  base::Bytes out;
  append_number(out, transaction.version);
  append_length(out, transaction.inputs.size());
  for (const TransactionInput& input : transaction.inputs) {
    append_out_point(out, input.previous);
    append_with_length(out, input.script_sig);
    append_number(out, input.sequence);
  }
  append_length(out, transaction.outputs.size());
  for (const TransactionOutput& output : transaction.outputs) append_output(out, output);
  append_number(out, transaction.lock_time);
  return out;
}

/// One map of a PSBT: keys as bytes, each at most once, ended by an empty key.
using PsbtMap = std::map<std::string, base::Bytes>;

PsbtMap read_map(Reader& reader) {
  PsbtMap map;
  while (true) {
    const base::Bytes key = reader.bytes();
    if (key.empty()) return map;
    base::Bytes value = reader.bytes();
    if (!map.emplace(std::string(key.begin(), key.end()), std::move(value)).second)
      refuse("", "a key of the PSBT comes twice");
  }
}

const base::Bytes* find(const PsbtMap& map, std::uint8_t key) {
  const auto found = map.find(std::string(1, static_cast<char>(key)));
  return found == map.end() ? nullptr : &found->second;
}

/// By their ids, of which the inputs that hold them name the same.
using PreviousTransactions = std::map<crypto::Digest256, Transaction>;

void collect_previous(const PsbtMap& map, const OutPoint& previous, PreviousTransactions& known) {
  const base::Bytes* whole = find(map, kInputPreviousTransaction);
  if (whole == nullptr) return;
  Transaction transaction = whole_transaction(*whole, true);
  if (transaction.id() != previous.transaction)
    refuse("", "the previous transaction in the PSBT is not the one that its input names");
  known.insert_or_assign(previous.transaction, std::move(transaction));
}

/// Out of a previous transaction, be it given with another input only (as BIP-322's own vectors do), or
/// stated alone.
TransactionOutput spent_output(const PsbtMap& map, const OutPoint& previous,
                               const PreviousTransactions& known) {
  std::optional<TransactionOutput> spent;
  if (const auto found = known.find(previous.transaction); found != known.end()) {
    if (previous.index >= found->second.outputs.size())
      refuse("", "the previous transaction in the PSBT has no such output");
    spent = found->second.outputs[previous.index];
  }
  if (const base::Bytes* alone = find(map, kInputPreviousOutput)) {
    Reader reader(*alone);
    TransactionOutput output = read_output(reader);
    reader.finish();
    if (spent && *spent != output) refuse("", "the PSBT states an output in two ways that differ");
    spent = std::move(output);
  }
  if (!spent) refuse("", "the PSBT does not say what an input spends");
  return std::move(*spent);
}

void finish_input(const PsbtMap& map, TransactionInput& input) {
  const base::Bytes* script_sig = find(map, kInputFinalScriptSig);
  const base::Bytes* witness = find(map, kInputFinalWitness);
  if (script_sig == nullptr && witness == nullptr) refuse("", "an input of the PSBT is not finished");
  if (script_sig != nullptr) input.script_sig = *script_sig;
  if (witness == nullptr) return;
  Reader reader(*witness);
  input.witness = read_witness(reader);
  reader.finish();
}

FinishedPsbt read_psbt(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kTransactionBytesMax) refuse("", "the PSBT is too long");
  Reader reader(bytes);
  if (!std::ranges::equal(reader.take(std::size(kPsbtMagic)), kPsbtMagic)) refuse("", "this is no PSBT");
  const PsbtMap global = read_map(reader);
  const base::Bytes* version = find(global, kGlobalVersion);
  if (version != nullptr && *version != base::Bytes(4, 0)) refuse("", "only PSBTs of version 0 are read");
  const base::Bytes* unsigned_bytes = find(global, kGlobalUnsignedTransaction);
  if (unsigned_bytes == nullptr) refuse("", "the PSBT holds no transaction");
  FinishedPsbt psbt{whole_transaction(*unsigned_bytes, false), {}, {}};
  std::vector<PsbtMap> maps;
  PreviousTransactions known;
  for (const TransactionInput& input : psbt.transaction.inputs) {
    if (!input.script_sig.empty()) refuse("", "the transaction of a PSBT has empty scripts");
    maps.push_back(read_map(reader));
    collect_previous(maps.back(), input.previous, known);
  }
  for (std::size_t i = 0; i < psbt.transaction.outputs.size(); ++i) read_map(reader);
  reader.finish();
  for (std::size_t i = 0; i < maps.size(); ++i) {
    TransactionInput& input = psbt.transaction.inputs[i];
    psbt.spent.push_back(spent_output(maps[i], input.previous, known));
    psbt.has_previous.push_back(known.contains(input.previous.transaction));
    finish_input(maps[i], input);
  }
  return psbt;
}

void append_little_endian(base::Bytes& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(number >> 8 * i));
}

}  // namespace

std::string shown(const crypto::Digest256& transaction) {
  crypto::Digest256 reversed = transaction;
  std::reverse(reversed.begin(), reversed.end());
  return base::to_hex(reversed);
}

base::Bytes Transaction::serialised() const {
  base::Bytes out = without_witnesses(*this);
  if (std::all_of(inputs.begin(), inputs.end(),
                  [](const TransactionInput& input) { return input.witness.empty(); }))
    return out;
  out.insert(out.begin() + 4, {kSegwitMarker, kSegwitFlag});
  out.resize(out.size() - 4);  // the lock time comes behind the witnesses
  for (const TransactionInput& input : inputs) append_bytes(out, serialise_witness(input.witness));
  append_number(out, lock_time);
  return out;
}

crypto::Digest256 Transaction::id() const { return crypto::sha256d(without_witnesses(*this)); }

base::Checked<Transaction> parse_transaction(std::span<const std::uint8_t> bytes) {
  return base::checked([&] { return whole_transaction(bytes, true); });
}

base::Checked<Witness> parse_witness(std::span<const std::uint8_t> bytes) {
  return base::checked([&] {
    if (bytes.size() > kTransactionBytesMax) refuse("", "the witness is too long");
    Reader reader(bytes);
    Witness witness = read_witness(reader);
    reader.finish();
    return witness;
  });
}

base::Bytes serialise_witness(const Witness& witness) {
  base::Bytes out;
  append_length(out, witness.size());
  for (const base::Bytes& item : witness) append_with_length(out, item);
  return out;
}

base::Checked<FinishedPsbt> parse_finished_psbt(std::span<const std::uint8_t> bytes) {
  return base::checked([&] { return read_psbt(bytes); });
}

void append_number(base::Bytes& out, std::uint32_t number) { append_little_endian(out, number, 4); }
void append_number(base::Bytes& out, std::uint64_t number) { append_little_endian(out, number, 8); }

void append_length(base::Bytes& out, std::uint64_t length) {
  if (length < 0xfd) {
    out.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  const std::size_t bytes = length <= 0xffff ? 2 : length <= 0xffff'ffff ? 4 : 8;
  out.push_back(static_cast<std::uint8_t>(bytes == 2 ? 0xfd : bytes == 4 ? 0xfe : 0xff));
  append_little_endian(out, length, bytes);
}

void append_bytes(base::Bytes& out, std::span<const std::uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_with_length(base::Bytes& out, std::span<const std::uint8_t> bytes) {
  append_length(out, bytes.size());
  append_bytes(out, bytes);
}

void append_out_point(base::Bytes& out, const OutPoint& point) {
  append_bytes(out, point.transaction);
  append_number(out, point.index);
}

void append_output(base::Bytes& out, const TransactionOutput& output) {
  append_number(out, output.value_satoshi);
  append_with_length(out, output.script_pubkey);
}

}  // namespace navkeeper::custody
