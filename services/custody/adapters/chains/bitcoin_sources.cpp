#include "services/custody/adapters/chains/bitcoin_sources.h"

#include <algorithm>
#include <set>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/url.h"
#include "services/custody/adapters/chains/bitcoind_wire.h"
#include "services/custody/adapters/chains/esplora_wire.h"
#include "services/custody/adapters/chains/readings.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

/// An address with more transactions above the height than that is asked for at a newer height.
constexpr std::size_t kPagesMax = 400;
/// A block's time may lie so far before an earlier block's (the rule of two hours ahead, and the median of
/// 11).
constexpr auto kBlockTimeSlack = time::Duration::hours(3);
/// How often a reading begins again when the chain grows under it.
constexpr int kTries = 3;
/// So many blocks back Bitcoin Core is asked for what was spent since; each is some megabytes.
constexpr std::uint64_t kBlocksBackMax = 144;

BitcoinAddress parsed_address(const std::string& text) {
  auto address = BitcoinAddress::parse(text);
  if (address.has_error()) throw base::Refused(address.error().within("address"));
  return std::move(*address);
}

time::Instant at_second(std::uint32_t seconds) { return time::Instant() + time::Duration::seconds(seconds); }

std::uint64_t final_height(std::uint64_t tip, const BitcoinRules& rules) {
  return tip + 1 < rules.confirmations ? 0 : tip + 1 - rules.confirmations;
}

void check_genesis(const std::string& node, const std::string& genesis, const BitcoinRules& rules) {
  if (genesis != rules.genesis)
    base::refuse(node,
                 "is a node of another network: its first block is " + genesis + ", not " + rules.genesis);
}

ChainReading bitcoin_reading(const std::string& source, const std::string& address, const BlockMark& block,
                             std::uint32_t block_time_s, Satoshi balance,
                             std::vector<model::NodeAnswer> raw) {
  ChainReading reading;
  reading.source = source;
  reading.chain = Chain::kBitcoin;
  reading.address = address;
  reading.block = block;
  reading.block_time = at_second(block_time_s);
  reading.shown = Shown::kHeader;
  reading.raw = std::move(raw);
  Balance row = native_balance(reading);
  row.total = balance.coins();
  row.available = balance.coins();
  add_balance(reading, std::move(row));
  return reading;
}

class EsploraSource final : public ChainSource {
 public:
  EsploraSource(std::string name, std::shared_ptr<http::NodeCarrier> carrier, BitcoinRules rules)
      : node_(std::move(name), std::move(carrier)), rules_(std::move(rules)) {}

  const std::string& name() const override { return node_.name(); }

  ChainHead head() override {
    check_genesis(name(), hash_at(0), rules_);
    const std::uint64_t tip = parse_bare_height(name(), node_.get("/blocks/tip/height"));
    const EsploraBlock block = block_at(tip);
    node_.take_raw();
    return {final_height(tip, rules_), at_second(block.header.time_s), {}};
  }

  ChainReading read(const std::string& address, std::uint64_t height) override {
    const BitcoinAddress parsed = parsed_address(address);
    for (int attempt = 1;; ++attempt) {
      node_.take_raw();
      const std::string tip = tip_hash();
      try {
        ChainReading reading = read_once(address, parsed.output.script(), height);
        if (tip_hash() == tip) return reading;
        if (attempt == kTries)
          throw base::Unavailable(name() + ": the chain grew while it was read, again and again");
      } catch (const base::Refused&) {
        // A page that was cut by a new block contradicts the others; one that stays so is wrong.
        if (attempt == kTries || tip_hash() == tip) throw;
      }
    }
  }

  time::Instant time_of(std::uint64_t height) override { return at_second(block_at(height).header.time_s); }

  std::optional<std::vector<ChainMovement>> movements(const std::string& address, time::Instant from,
                                                      std::uint64_t height) override {
    const base::Bytes script = parsed_address(address).output.script();
    const std::string path = "/address/" + http::percent_encode(address);
    const EsploraAddress totals = parse_esplora_address(name(), node_.get(path), address);
    std::vector<ChainMovement> found;
    each_confirmed(path, script, totals.confirmed.transactions, [&](const AddressTransaction& transaction) {
      const time::Instant at = at_second(*transaction.time_s);
      if (*transaction.height <= height && at >= from) {
        Satoshi received;
        Satoshi spent;
        for (const Coin& coin : transaction.pays) received += coin.value;
        for (const Coin& coin : transaction.spends) spent += coin.value;
        found.push_back(
            {address, transaction.transaction_id, *transaction.height, at, received.coins(), spent.coins()});
      }
      return at >= from - kBlockTimeSlack;
    });
    node_.take_raw();
    return found;
  }

 private:
  std::string tip_hash() { return parse_bare_hash(name(), node_.get("/blocks/tip/hash")); }
  std::string hash_at(std::uint64_t height) {
    return parse_bare_hash(name(), node_.get("/block-height/" + std::to_string(height)));
  }
  EsploraBlock block_at(std::uint64_t height) {
    const std::string hash = hash_at(height);
    EsploraBlock block = parse_esplora_block(name(), node_.get("/block/" + hash));
    if (block.id != hash || block.height != height)
      base::refuse(name() + ": block " + std::to_string(height), "another block was answered");
    return block;
  }

  ChainReading read_once(const std::string& address, const base::Bytes& script, std::uint64_t height) {
    const EsploraBlock block = block_at(height);
    const std::string path = "/address/" + http::percent_encode(address);
    const EsploraAddress totals = parse_esplora_address(name(), node_.get(path), address);
    AddressView view;
    view.totals = totals.confirmed;
    view.unspent = parse_esplora_coins(name(), node_.get(path + "/utxo"));
    read_history(path, script, height, view);
    const auto waiting = parse_esplora_transactions(name(), node_.get(path + "/txs/mempool"), script);
    for (const AddressTransaction& transaction : waiting) {
      if (transaction.height) base::refuse(name() + ": mempool", "a transaction in it is confirmed");
      view.later.push_back(transaction);
    }
    const auto coins = coins_at(height, view);
    if (coins.has_error()) throw base::Refused(coins.error().within(name()));
    ChainReading reading = bitcoin_reading(name(), address, {height, block.id}, block.header.time_s,
                                           coins->balance, node_.take_raw());
    reading.unconfirmed_in = coins->unconfirmed_in.coins();
    reading.unconfirmed_out = coins->unconfirmed_out.coins();
    if (waiting.size() >= kEsploraWaitingMax)
      reading.doubts.emplace_back(
          "more transactions wait than it lists: unconfirmed amounts are not complete");
    return reading;
  }

  /// The confirmed history down to the height, newest first.
  void read_history(const std::string& path, const base::Bytes& script, std::uint64_t height,
                    AddressView& view) {
    each_confirmed(path, script, view.totals.transactions, [&](const AddressTransaction& transaction) {
      if (*transaction.height > height) view.later.push_back(transaction);
      return *transaction.height > height;
    });
  }

  /// Shows `see` the confirmed history, newest first, until all of a page was seen after it answered false;
  /// when it never does there must be as many as the index counts.
  template <class See>
  void each_confirmed(const std::string& path, const base::Bytes& script, std::uint64_t count, See&& see) {
    std::set<std::string> seen;
    std::string last;
    std::uint64_t lowest = ~std::uint64_t{0};
    bool enough = false;
    for (std::size_t page_number = 0;; ++page_number) {
      if (page_number == kPagesMax)
        base::refuse(name() + ": history",
                     "is longer than " + std::to_string(kPagesMax) + " pages above the height");
      const auto page = parse_esplora_transactions(
          name(), node_.get(path + "/txs/chain" + (last.empty() ? "" : "/" + last)), script);
      for (const AddressTransaction& transaction : page) {
        if (!transaction.height) base::refuse(name() + ": history", "a transaction in it is not confirmed");
        if (!seen.insert(transaction.transaction_id).second)
          base::refuse(name() + ": history", "transaction " + transaction.transaction_id + " comes twice");
        if (*transaction.height > lowest) base::refuse(name() + ": history", "is not in order");
        lowest = *transaction.height;
        enough = !see(transaction) || enough;
      }
      if (enough) return;
      if (page.size() < kEsploraPage) {
        if (seen.size() != count)
          base::refuse(name() + ": history", "ends after " + std::to_string(seen.size()) + " of " +
                                                 std::to_string(count) + " transactions");
        return;
      }
      last = page.back().transaction_id;
    }
  }

  http::Node node_;
  BitcoinRules rules_;
};

/// What lay at the height: what lies there now from below it, and what was spent since.
Satoshi balance_at(const std::string& where, std::uint64_t height, const std::vector<Coin>& now,
                   const std::vector<Coin>& spent_since) {
  std::set<std::pair<std::string, std::uint32_t>> seen;
  Satoshi sum;
  for (const auto* coins : {&now, &spent_since}) {
    for (const Coin& coin : *coins) {
      if (!seen.emplace(coin.transaction_id, coin.index).second)
        base::refuse(where,
                     "output " + coin.transaction_id + ":" + std::to_string(coin.index) + " comes twice");
      if (*coin.height <= height) sum += coin.value;
    }
  }
  return sum;
}

}  // namespace

std::unique_ptr<ChainSource> esplora_source(const std::string& name,
                                            std::shared_ptr<http::NodeCarrier> carrier, BitcoinRules rules) {
  return std::make_unique<EsploraSource>(name, std::move(carrier), std::move(rules));
}

std::string BitcoindSource::block_hash(std::uint64_t height) {
  const json::Value hash = node_.call("getblockhash", "[" + std::to_string(height) + "]");
  return read_bitcoin_id({hash, name() + ": getblockhash"});
}

ChainHead BitcoindSource::head() {
  check_genesis(name(), block_hash(0), rules_);
  const BitcoindState state = parse_blockchain_info(name(), node_.call("getblockchaininfo", "[]"));
  const BitcoindHeader best =
      parse_block_header(name(), node_.call("getblockheader", "[\"" + state.best_block + "\"]"));
  if (best.height != state.blocks)
    base::refuse(name() + ": getblockchaininfo", "its best block has another height");
  node_.take_raw();
  ChainHead head{final_height(state.blocks, rules_), at_second(best.header.time_s), {}};
  if (state.initial_download) head.doubts.emplace_back("it is still downloading the chain");
  if (state.headers > state.blocks + 1)
    head.doubts.push_back("it knows " + std::to_string(state.headers - state.blocks) +
                          " headers without their blocks");
  return head;
}

time::Instant BitcoindSource::time_of(std::uint64_t height) {
  const BitcoindHeader block =
      parse_block_header(name(), node_.call("getblockheader", "[\"" + block_hash(height) + "\"]"));
  if (block.height != height) base::refuse(name() + ": getblockheader", "another block was answered");
  return at_second(block.header.time_s);
}

ChainReading BitcoindSource::read(const std::string& address, std::uint64_t height) {
  return std::move(read_all({address}, height).front());
}

std::vector<ChainReading> BitcoindSource::read_all(const std::vector<std::string>& addresses,
                                                   std::uint64_t height) {
  std::vector<base::Bytes> scripts;
  std::vector<std::string> descriptors;
  for (const std::string& address : addresses) {
    scripts.push_back(parsed_address(address).output.script());
    descriptors.push_back("addr(" + address + ")");
  }
  node_.take_raw();
  const UnspentScan scan =
      parse_scan(name(), node_.call("scantxoutset", scan_parameters(descriptors)), scripts);
  if (scan.height < height)
    base::refuse(name() + ": scantxoutset", "its height lies below the one asked for");
  if (scan.height - height > kBlocksBackMax)
    base::refuse("height", "lies more than " + std::to_string(kBlocksBackMax) + " blocks below the tip");
  const BitcoindHeader block =
      parse_block_header(name(), node_.call("getblockheader", "[\"" + block_hash(height) + "\"]"));
  if (block.height != height) base::refuse(name() + ": getblockheader", "another block was answered");

  // From the block asked for to the scan's own, each named by the next: no reorganisation lies between.
  std::vector<std::vector<Coin>> spent(scripts.size());
  std::string link = block.id;
  for (std::uint64_t next = height + 1; next <= scan.height; ++next) {
    BlockSpends spends =
        parse_block_spends(name(), node_.call("getblock", "[\"" + block_hash(next) + "\",3]"), scripts);
    if (spends.height != next || spends.previous != link)
      throw base::Unavailable(name() + ": the chain was reorganised while it was read");
    link = spends.id;
    for (std::size_t i = 0; i < scripts.size(); ++i)
      spent[i].insert(spent[i].end(), spends.spent[i].begin(), spends.spent[i].end());
  }
  if (link != scan.best_block)
    throw base::Unavailable(name() + ": the chain was reorganised while it was read");

  const std::vector<model::NodeAnswer> raw = node_.take_raw();
  std::vector<ChainReading> readings;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Satoshi balance = balance_at(name() + ": " + addresses[i], height, scan.coins[i], spent[i]);
    readings.push_back(
        bitcoin_reading(name(), addresses[i], {height, block.id}, block.header.time_s, balance, raw));
  }
  return readings;
}

}  // namespace navkeeper::custody
