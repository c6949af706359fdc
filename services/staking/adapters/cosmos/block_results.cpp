#include "services/staking/adapters/cosmos/block_results.h"

#include <algorithm>

#include "common/base/base64.h"
#include "common/base/refuse.h"
#include "services/staking/adapters/cosmos/wire_fields.h"

namespace navkeeper::staking {
namespace {

using json::ObjectReader;
using json::Place;

constexpr std::size_t kDenominationMax = 128;

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// The text that base64 stands for; nothing where it is not text in base64.
std::optional<std::string> decoded(const std::string& text) {
  const auto bytes = base::from_base64(text);
  if (!bytes) return std::nullopt;
  return std::string(bytes->begin(), bytes->end());
}

std::vector<Place> list_at(ObjectReader& reader, std::string_view key) {
  if (!reader.has(key) || reader.is_null(key)) {
    reader.ignore(key);
    return {};
  }
  return reader.array(key);
}

/// A key in plain letters is no base64 of a name: its length or what comes out says so.
bool is_encoded(const std::vector<ChainEvent>& events) {
  bool any = false;
  for (const ChainEvent& event : events) {
    for (const auto& [key, value] : event.attributes) {
      const auto name = decoded(key);
      if (!name || !is_name(*name)) return false;
      any = true;
    }
  }
  return any;
}

ChainEvent read_event(const Place& place) {
  ObjectReader reader(place);
  ChainEvent event;
  event.type = reader.string("type");
  for (const Place& each : list_at(reader, "attributes")) {
    ObjectReader attribute(each);
    std::string value;
    if (attribute.has("value") && !attribute.is_null("value")) value = attribute.string("value");
    event.attributes.emplace_back(attribute.string("key"), std::move(value));
  }
  return event;
}

std::vector<ChainEvent> read_events(const std::vector<Place>& places) {
  std::vector<ChainEvent> events;
  events.reserve(places.size());
  for (const Place& place : places) events.push_back(read_event(place));
  return events;
}

void decode(const std::string& where, std::vector<ChainEvent>& events) {
  for (ChainEvent& event : events) {
    for (auto& [key, value] : event.attributes) {
      key = decoded(key).value_or(key);
      if (value.empty()) continue;
      auto text = decoded(value);
      if (!text) base::refuse(where, event.type + "." + key + " is not base64 as the other values are");
      value = std::move(*text);
    }
  }
}

/// An event whose keys repeat is several: each record begins with the first key again.
void take_apart(std::vector<ChainEvent>& events) {
  std::vector<ChainEvent> all;
  all.reserve(events.size());
  for (ChainEvent& event : events) {
    ChainEvent part{event.type, {}};
    for (auto& attribute : event.attributes) {
      if (!part.attributes.empty() && attribute.first == part.attributes.front().first) {
        all.push_back(std::move(part));
        part = {event.type, {}};
      }
      part.attributes.push_back(std::move(attribute));
    }
    all.push_back(std::move(part));
  }
  events = std::move(all);
}

/// From the first message on each has its events: it begins where an action is named, or its index changes.
void split_messages(std::vector<ChainEvent> events, BlockTransaction& transaction) {
  std::string index;
  for (ChainEvent& event : events) {
    const std::string& own_index = event["msg_index"];
    const bool begins = own_index.empty() ? event.type == "message" && event.has("action")
                                          : transaction.messages.empty() || own_index != index;
    if (begins) {
      transaction.messages.emplace_back();
      index = own_index;
    }
    if (transaction.messages.empty())
      transaction.ante.push_back(std::move(event));
    else
      transaction.messages.back().push_back(std::move(event));
  }
}

/// Before the SDK's 0.50 the log is JSON: a list of messages with their events. Nothing where it is not.
std::optional<std::vector<std::vector<ChainEvent>>> messages_of_log(const std::string& log) {
  const auto document = json::parse(log);
  if (document.has_error() || document->kind() != json::Kind::kArray) return std::nullopt;
  std::vector<std::vector<ChainEvent>> messages;
  for (const Place& place : json::read_array({*document, "log"})) {
    ObjectReader message(place);
    auto events = read_events(list_at(message, "events"));
    take_apart(events);
    messages.push_back(std::move(events));
  }
  return messages;
}

/// What a list of events says of transfers, for a comparison.
std::vector<std::string> transfers(const std::vector<std::vector<ChainEvent>>& messages) {
  std::vector<std::string> all;
  for (const auto& events : messages) {
    for (const ChainEvent& event : events) {
      if (event.type == "transfer")
        all.push_back(event["recipient"] + " " + event["sender"] + " " + event["amount"]);
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

BlockTransaction read_transaction(const Place& place, bool encoded) {
  ObjectReader reader(place);
  BlockTransaction transaction;
  transaction.code = reader.optional_integer("code", 0).value_or(0);
  auto events = read_events(list_at(reader, "events"));
  if (encoded) decode(place.path, events);
  take_apart(events);
  split_messages(std::move(events), transaction);
  if (transaction.code != 0) {
    transaction.messages.clear();
    return transaction;
  }
  const std::string log = reader.optional_string("log").value_or("");
  if (auto messages = messages_of_log(log)) {
    transaction.contradicts_itself = transfers(*messages) != transfers(transaction.messages);
    transaction.messages = std::move(*messages);
  }
  return transaction;
}

/// Whether the document's attributes are in base64: asked of all of them at once.
bool is_document_encoded(ObjectReader result) {
  std::vector<ChainEvent> all;
  const auto take = [&](std::vector<ChainEvent> events) {
    all.insert(all.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
  };
  for (const char* key : {"begin_block_events", "end_block_events", "finalize_block_events"})
    take(read_events(list_at(result, key)));
  for (const Place& place : list_at(result, "txs_results")) {
    ObjectReader transaction(place);
    take(read_events(list_at(transaction, "events")));
  }
  return is_encoded(all);
}

}  // namespace

const std::string& ChainEvent::operator[](std::string_view key) const {
  static const std::string none;
  for (const auto& [name, value] : attributes) {
    if (name == key) return value;
  }
  return none;
}

bool ChainEvent::has(std::string_view key) const {
  return std::any_of(attributes.begin(), attributes.end(),
                     [&](const auto& attribute) { return attribute.first == key; });
}

BlockResults parse_block_results(const std::string& source, std::string_view body) {
  const json::Value document = parse_cosmos_json(source, body);
  ObjectReader outer(document, source);
  if (outer.has("error") && !outer.is_null("error"))
    base::refuse(outer.path_of("error"), "the node has no results of the block");
  ObjectReader result = outer.object("result");
  BlockResults block;
  block.height = read_height(result.value("height"));
  const bool encoded = is_document_encoded(result);
  const auto read = [&](std::string_view key) {
    auto events = read_events(list_at(result, key));
    if (encoded) decode(result.path_of(key), events);
    take_apart(events);
    return events;
  };
  block.begin = read("begin_block_events");
  block.end = read("end_block_events");
  for (ChainEvent& event : read("finalize_block_events"))
    (event["mode"] == "EndBlock" ? block.end : block.begin).push_back(std::move(event));
  for (const Place& place : list_at(result, "txs_results"))
    block.transactions.push_back(read_transaction(place, encoded));
  return block;
}

money::Decimal coins_of(const std::string& where, std::string_view text, std::string_view denomination) {
  money::Decimal sum;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view coin = text.substr(0, comma);
    const std::size_t digits = coin.find_first_not_of("0123456789.");
    const auto amount = money::Decimal::parse(coin.substr(0, digits));
    if (amount.has_error() || digits == std::string_view::npos || coin.size() - digits > kDenominationMax)
      base::refuse(where, "is not a list of coins: " + std::string(text.substr(0, 64)));
    if (coin.substr(digits) == denomination) sum += *amount;
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return sum;
}

}  // namespace navkeeper::staking
