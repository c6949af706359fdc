#include "services/custody/adapters/chains/cosmos_transfers_wire.h"

#include <algorithm>
#include <utility>

#include "common/base/base64.h"
#include "common/json/reader.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

constexpr std::int64_t kIndexMax = 1'000'000;
constexpr std::size_t kCoinsMax = 1'000;
/// Chain-main's greatest supply (v7.0.0): an amount above it is of no coin, and sums stay in range.
const Basecro kAmountMax = Basecro::of(money::Int128(10'000'000'000) * 1'000'000'000);

struct Event {
  std::string type;
  std::vector<std::pair<std::string, std::string>> attributes;

  std::string of(std::string_view key) const {
    for (const auto& [name, value] : attributes) {
      if (name == key) return value;
    }
    return {};
  }
};

json::ObjectReader result_in(const json::Value& document, const std::string& source) {
  json::ObjectReader outer(document, source);
  if (outer.has("error") && !outer.is_null("error"))
    base::refuse(outer.path_of("error"), "the node does not answer it");
  return outer.object("result");
}

std::vector<json::Place> list_in(json::ObjectReader& reader, std::string_view key) {
  if (!reader.has(key) || reader.is_null(key)) return {};
  return reader.array(key);
}

std::string text_in(json::ObjectReader& reader, std::string_view key) {
  return !reader.has(key) || reader.is_null(key) ? std::string() : reader.string(key);
}

std::vector<Event> events_in(json::ObjectReader& reader, std::string_view key) {
  std::vector<Event> events;
  for (const json::Place& place : list_in(reader, key)) {
    json::ObjectReader item(place);
    Event event;
    event.type = item.string("type");
    for (const json::Place& one : list_in(item, "attributes")) {
      json::ObjectReader attribute(one);
      event.attributes.emplace_back(text_in(attribute, "key"), text_in(attribute, "value"));
    }
    events.push_back(std::move(event));
  }
  return events;
}

/// The three keys of x/bank's event, as they are or in base64.
bool is_encoded(const Event& event) {
  return !event.of(base::to_base64(base::Bytes{'r', 'e', 'c', 'i', 'p', 'i', 'e', 'n', 't'})).empty();
}

std::string decoded(const std::string& where, const std::string& text) {
  const auto bytes = base::from_base64(text);
  if (!bytes) base::refuse(where, "is not base64 although its keys are");
  return {bytes->begin(), bytes->end()};
}

/// "5basecro,3ibc/27A…": what of it is in the denomination.
Basecro amount_in(const std::string& where, std::string_view text, const std::string& denomination) {
  Basecro sum;
  for (std::size_t coins = 0; !text.empty(); ++coins) {
    if (coins == kCoinsMax) base::refuse(where, "lists more coins than an account can hold");
    const std::size_t comma = text.find(',');
    const std::string_view coin = text.substr(0, comma);
    const std::size_t digits = std::min(coin.find_first_not_of("0123456789"), coin.size());
    if (digits == 0 || digits == coin.size() || comma + 1 == text.size())
      base::refuse(where, "is not a list of coins: " + std::string(text.substr(0, 64)));
    if (coin.substr(digits) == denomination) {
      const auto amount = parse_quantity<BasecroUnit>(coin.substr(0, digits));
      if (amount.has_error()) throw base::Refused(amount.error().within(where));
      if (*amount > kAmountMax) base::refuse(where, "is more than there is of any coin");
      sum = sum + *amount;
    }
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return sum;
}

void add_transfers(std::vector<CosmosTransfer>& transfers, const std::string& where,
                   const std::vector<Event>& events, const std::string& denomination) {
  for (const Event& event : events) {
    if (event.type != "transfer") continue;
    Event plain = event;
    if (is_encoded(event)) {
      for (auto& [key, value] : plain.attributes) {
        key = decoded(where, key);
        value = decoded(where, value);
      }
    }
    // An event of several coins at once may have none (a payment of nothing).
    transfers.push_back({plain.of("sender"), plain.of("recipient"),
                         amount_in(where + ": transfer.amount", plain.of("amount"), denomination)});
  }
}

}  // namespace

CosmosSearchPage parse_transaction_search(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  json::ObjectReader result = result_in(document, source);
  CosmosSearchPage page;
  page.total = read_whole_text(result.value("total_count"));
  for (const json::Place& place : list_in(result, "txs")) {
    json::ObjectReader item(place);
    CosmosFound found;
    found.height = read_whole_text(item.value("height"));
    found.index = static_cast<std::uint64_t>(item.integer("index", 0, kIndexMax));
    found.hash = item.string("hash");
    page.found.push_back(std::move(found));
  }
  return page;
}

CosmosSearchPage parse_block_search(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  json::ObjectReader result = result_in(document, source);
  CosmosSearchPage page;
  page.total = read_whole_text(result.value("total_count"));
  for (const json::Place& place : list_in(result, "blocks")) {
    json::ObjectReader header = json::ObjectReader(place).object("block").object("header");
    page.found.push_back({read_whole_text(header.value("height")), 0, {}});
  }
  return page;
}

CosmosBlockTransfers parse_cosmos_transfers(const std::string& source, std::string_view body,
                                            const std::string& denomination) {
  const json::Value document = parse_node_json(source, body);
  json::ObjectReader result = result_in(document, source);
  CosmosBlockTransfers block;
  block.height = read_whole_text(result.value("height"));
  for (const char* key : {"begin_block_events", "finalize_block_events", "end_block_events"})
    add_transfers(block.block, result.path_of(key), events_in(result, key), denomination);
  for (const json::Place& place : list_in(result, "txs_results")) {
    json::ObjectReader transaction(place);
    add_transfers(block.transactions.emplace_back(), place.path, events_in(transaction, "events"),
                  denomination);
  }
  return block;
}

}  // namespace navkeeper::custody
