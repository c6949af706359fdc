#include "services/custody/adapters/chains/bitcoind_wire.h"

#include <charconv>
#include <limits>
#include <map>

#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

using json::ObjectReader;
using Field = json::Place;

/// "0.00094641": never through a double.
Satoshi read_bitcoin(const Field& place) {
  if (place.value.kind() != json::Kind::kNumber) base::refuse(place.path, "must be a number");
  const auto coins = money::Decimal::parse(place.value.as_number());
  if (coins.has_error()) base::refuse(place.path, std::string(money::describe(coins.error())));
  const auto amount = Satoshi::from_coins(*coins);
  if (!amount || coins->is_negative() || *coins > money::Decimal::of(21'000'000))
    base::refuse(place.path, "is no amount of bitcoin");
  return *amount;
}

std::uint32_t read_word(const Field& place) {
  const std::uint64_t word = read_whole(place);
  if (word > std::numeric_limits<std::uint32_t>::max()) base::refuse(place.path, "does not fit 32 bits");
  return static_cast<std::uint32_t>(word);
}

std::uint32_t read_bits(const Field& place) {
  const std::string text = json::read_string(place);
  std::uint32_t bits = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, bits, 16);
  if (text.size() != 8 || read.ec != std::errc() || read.ptr != end)
    base::refuse(place.path, "must have 8 hexadecimal digits");
  return bits;
}

/// The hash before the first block's is not written.
crypto::Digest256 read_previous(ObjectReader& reader) {
  const auto previous = reader.optional_value("previousblockhash");
  return previous ? hashed_order(read_bitcoin_id(*previous)) : crypto::Digest256{};
}

/// Which of the scripts a text spells.
class ScriptIndex {
 public:
  explicit ScriptIndex(const std::vector<base::Bytes>& scripts) {
    for (std::size_t i = 0; i < scripts.size(); ++i) by_hex_.emplace(base::to_hex(scripts[i]), i);
  }
  std::optional<std::size_t> find(const std::string& hex) const {
    const auto found = by_hex_.find(hex);
    return found == by_hex_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, std::size_t> by_hex_;
};

}  // namespace

BitcoindState parse_blockchain_info(const std::string& source, const json::Value& result) {
  ObjectReader reader(result, source);
  return {reader.string("chain"), read_whole(reader.value("blocks")), read_whole(reader.value("headers")),
          read_bitcoin_id(reader.value("bestblockhash")), reader.boolean("initialblockdownload")};
}

UnspentScan parse_scan(const std::string& source, const json::Value& result,
                       const std::vector<base::Bytes>& scripts) {
  ObjectReader reader(result, source);
  if (!reader.boolean("success")) base::refuse(reader.path_of("success"), "the scan was not completed");
  UnspentScan scan;
  scan.height = read_whole(reader.value("height"));
  scan.best_block = read_bitcoin_id(reader.value("bestblock"));
  const ScriptIndex scripts_by_hex(scripts);
  scan.coins.resize(scripts.size());
  Satoshi sum;
  for (const Field& place : reader.array("unspents")) {
    ObjectReader coin(place);
    const auto script = scripts_by_hex.find(coin.string("scriptPubKey"));
    if (!script) base::refuse(coin.path_of("scriptPubKey"), "is none of the scripts asked for");
    const std::uint64_t height = read_whole(coin.value("height"));
    if (height > scan.height) base::refuse(coin.path_of("height"), "lies above the scan's own");
    scan.coins[*script].push_back({read_bitcoin_id(coin.value("txid")), read_word(coin.value("vout")),
                                   read_bitcoin(coin.value("amount")), height});
    sum += scan.coins[*script].back().value;
  }
  if (sum != read_bitcoin(reader.value("total_amount")))
    base::refuse(reader.path_of("total_amount"), "is not the sum of the coins beside it");
  return scan;
}

BitcoindHeader parse_block_header(const std::string& source, const json::Value& result) {
  ObjectReader reader(result, source);
  BitcoindHeader header;
  header.id = read_bitcoin_id(reader.value("hash"));
  header.height = read_whole(reader.value("height"));
  header.confirmations = reader.integer("confirmations");
  header.header.version = static_cast<std::uint32_t>(reader.integer(
      "version", std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::uint32_t>::max()));
  header.header.previous = read_previous(reader);
  header.header.merkle_root = hashed_order(read_bitcoin_id(reader.value("merkleroot")));
  header.header.time_s = read_word(reader.value("time"));
  header.header.bits = read_bits(reader.value("bits"));
  header.header.nonce = read_word(reader.value("nonce"));
  if (bitcoin_id(header.header.hash()) != header.id)
    base::refuse(reader.path_of("hash"), "is not the hash of the header beside it");
  if (!header.header.has_its_work())
    base::refuse(reader.path_of("bits"), "the header lacks the work that it states");
  return header;
}

BlockSpends parse_block_spends(const std::string& source, const json::Value& result,
                               const std::vector<base::Bytes>& scripts) {
  ObjectReader reader(result, source);
  BlockSpends block;
  block.id = read_bitcoin_id(reader.value("hash"));
  block.previous = bitcoin_id(read_previous(reader));
  block.height = read_whole(reader.value("height"));
  const ScriptIndex scripts_by_hex(scripts);
  block.spent.resize(scripts.size());
  for (const Field& place : reader.array("tx")) {
    ObjectReader transaction(place);
    for (const Field& input_place : transaction.array("vin")) {
      ObjectReader input(input_place);
      if (input.has("coinbase")) continue;
      ObjectReader spent = input.object("prevout");
      const Satoshi value = read_bitcoin(spent.value("value"));
      const std::uint64_t height = read_whole(spent.value("height"));
      const auto script = scripts_by_hex.find(spent.object("scriptPubKey").string("hex"));
      if (!script) continue;
      block.spent[*script].push_back(
          {read_bitcoin_id(input.value("txid")), read_word(input.value("vout")), value, height});
    }
  }
  return block;
}

std::string scan_parameters(const std::vector<std::string>& descriptors) {
  json::Writer writer;
  writer.begin_array().string("start").begin_array();
  for (const std::string& descriptor : descriptors)
    writer.begin_object().member("desc", descriptor).end_object();
  return writer.end_array().end_array().take();
}

}  // namespace navkeeper::custody
