#include "services/sandbox/chains/cronos_rpc.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/base/base64.h"
#include "common/base/bytes.h"
#include "common/crypto/bech32.h"
#include "common/crypto/digest.h"
#include "common/json/write.h"
#include "common/money/units.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::uint8_t kStartingInfo = 0x04;
constexpr std::uint8_t kHistoricalRewards = 0x05;
constexpr std::uint8_t kCurrentRewards = 0x06;
constexpr std::size_t kPerPageMax = 100;

http::Response failed(std::string_view message) {
  return http::Response::json(
      R"({"jsonrpc":"2.0","id":-1,"error":{"code":-32603,"message":"Internal error","data":)" +
          json::quoted(message) + "}}",
      500);
}

std::string unquoted(const std::string* text) {
  if (text == nullptr) return {};
  return text->size() >= 2 && text->front() == '"' ? text->substr(1, text->size() - 2) : *text;
}

std::optional<std::uint64_t> number_in(const std::string& text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string base64_of(const std::string& text) {
  return base::to_base64(base::Bytes(text.begin(), text.end()));
}

void write_events(json::Writer& writer, const std::vector<CronosEvent>& events, bool encoded,
                  const char* mode) {
  for (const CronosEvent& event : events) {
    writer.begin_object().member("type", event.type).key("attributes").begin_array();
    auto attributes = event.attributes;
    if (mode != nullptr) attributes.emplace_back("mode", mode);
    for (const auto& [key, value] : attributes) {
      writer.begin_object().member("key", encoded ? base64_of(key) : key);
      if (encoded && value.empty())
        writer.key("value").null();
      else
        writer.member("value", encoded ? base64_of(value) : value);
      writer.member("index", true).end_object();
    }
    writer.end_array().end_object();
  }
}

std::string block_results(const CronosRpc& rpc, std::uint64_t height) {
  const CronosBlockLog log = rpc.ledger->block(height);
  json::Writer writer;
  writer.begin_object().member("jsonrpc", "2.0").member("id", -1).key("result").begin_object();
  writer.member("height", std::to_string(height)).key("txs_results");
  if (log.transactions.empty()) {
    writer.null();
  } else {
    writer.begin_array();
    for (const auto& transaction : log.transactions) {
      writer.begin_object().member("code", transaction.code).member("log", "").key("events").begin_array();
      write_events(writer, transaction.events, rpc.encoded, nullptr);
      writer.end_array().end_object();
    }
    writer.end_array();
  }
  if (rpc.encoded) {
    writer.key("begin_block_events").begin_array();
    write_events(writer, log.begin, true, nullptr);
    writer.end_array().key("end_block_events").begin_array();
    write_events(writer, log.end, true, nullptr);
    writer.end_array();
  } else {
    writer.key("finalize_block_events").begin_array();
    write_events(writer, log.begin, false, "BeginBlock");
    write_events(writer, log.end, false, "EndBlock");
    writer.end_array();
  }
  writer.key("validator_updates").null().key("consensus_param_updates").null();
  return writer.end_object().end_object().take();
}

/// "type.key='value' AND tx.height>=5 AND tx.height<=9"
struct Search {
  std::string event;
  std::string key;
  std::string value;
  std::uint64_t from = 0;
  std::uint64_t until = ~std::uint64_t{0};
};

std::optional<Search> parse_search(std::string text) {
  Search search;
  while (!text.empty()) {
    const std::size_t end = text.find(" AND ");
    const std::string part = text.substr(0, end);
    text = end == std::string::npos ? "" : text.substr(end + 5);
    const std::size_t sign = part.find_first_of("=<>");
    if (sign == std::string::npos) return std::nullopt;
    if (part.starts_with("tx.height") || part.starts_with("block.height")) {
      const auto number = number_in(part.substr(part.find('=') + 1));
      if (!number) return std::nullopt;
      (part[sign] == '>' ? search.from : search.until) = *number;
      continue;
    }
    const std::size_t dot = part.find('.');
    if (dot == std::string::npos || part.size() < sign + 3 || part[sign + 1] != '\'') return std::nullopt;
    search.event = part.substr(0, dot);
    search.key = part.substr(dot + 1, sign - dot - 1);
    search.value = part.substr(sign + 2, part.size() - sign - 3);
  }
  return search;
}

bool matches(const std::vector<CronosEvent>& events, const Search& search) {
  return std::any_of(events.begin(), events.end(), [&](const CronosEvent& event) {
    return event.type == search.event &&
           std::any_of(event.attributes.begin(), event.attributes.end(), [&](const auto& attribute) {
             return attribute.first == search.key && attribute.second == search.value;
           });
  });
}

/// A transaction that matches, or a block.
struct Match {
  std::uint64_t height = 0;
  std::size_t index = 0;
  std::string hash;
};

std::vector<Match> found(const CronosRpc& rpc, const Search& search, bool transactions) {
  std::vector<Match> all;
  for (const std::uint64_t height :
       rpc.ledger->busy_heights(std::max(search.from, rpc.first), std::min(search.until, rpc.tip()))) {
    const CronosBlockLog log = rpc.ledger->block(height);
    if (!transactions) {
      if (matches(log.begin, search) || matches(log.end, search)) all.push_back({height, 0, {}});
      continue;
    }
    for (std::size_t i = 0; i < log.transactions.size(); ++i) {
      const auto& transaction = log.transactions[i];
      if (!matches(transaction.events, search)) continue;
      const std::string place = "transaction " + std::to_string(height) + " " + std::to_string(i);
      all.push_back({height, i, transaction.hash.empty() ? crypto::sha256_hex(place) : transaction.hash});
    }
  }
  return all;
}

http::Response searched(const CronosRpc& rpc, const http::Request& request, bool transactions) {
  const auto search = parse_search(unquoted(request.query_value("query")));
  if (!search) return failed("failed to parse query");
  const std::vector<Match> all = found(rpc, *search, transactions);
  const auto page_of = [&](const char* name, std::uint64_t otherwise) {
    return std::max<std::uint64_t>(number_in(unquoted(request.query_value(name))).value_or(otherwise), 1);
  };
  const std::uint64_t each = std::min<std::uint64_t>(page_of("per_page", 30), kPerPageMax);
  const std::uint64_t first = (page_of("page", 1) - 1) * each;
  if (first != 0 && first >= all.size()) return failed("page should be within range");
  json::Writer writer;
  writer.begin_object().member("jsonrpc", "2.0").member("id", -1).key("result").begin_object();
  writer.key(transactions ? "txs" : "blocks").begin_array();
  for (std::uint64_t i = first; i < std::min<std::uint64_t>(first + each, all.size()); ++i) {
    const std::string height = std::to_string(all[i].height);
    writer.begin_object();
    if (transactions)
      writer.member("hash", all[i].hash)
          .member("height", height)
          .member("index", static_cast<std::int64_t>(all[i].index));
    else
      writer.key("block")
          .begin_object()
          .key("header")
          .begin_object()
          .member("height", height)
          .end_object()
          .end_object();
    writer.end_object();
  }
  writer.end_array().member("total_count", std::to_string(all.size()));
  return http::Response::json(writer.end_object().end_object().take());
}

// Protobuf: fields of the distribution module's stored values.
void put_varint(base::Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}
void put_bytes(base::Bytes& out, int field, std::span<const std::uint8_t> bytes) {
  put_varint(out, static_cast<std::uint64_t>(field) << 3 | 2);
  put_varint(out, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}
void put_text(base::Bytes& out, int field, const std::string& text) {
  put_bytes(out, field, base::Bytes(text.begin(), text.end()));
}
void put_number(base::Bytes& out, int field, std::uint64_t value) {
  if (value == 0) return;
  put_varint(out, static_cast<std::uint64_t>(field) << 3);
  put_varint(out, value);
}
/// A decimal as the SDK stores it: the whole number of its 18 decimals, in digits.
std::string stored(const money::Decimal& value) {
  return (value * money::Decimal::of(1'000'000'000'000'000'000)).to_string();
}
void put_coins(base::Bytes& out, int field, const money::Decimal& amount) {
  if (amount.is_zero()) return;
  base::Bytes coin;
  put_text(coin, 1, "basecro");
  put_text(coin, 2, stored(amount));
  put_bytes(out, field, coin);
}

base::Bytes bytes_of(const std::string& address) {
  return *crypto::from_words(crypto::parse_bech32(address)->words);
}

/// The bytes behind a length, and what follows them.
std::optional<std::pair<base::Bytes, base::Bytes>> length_prefixed(const base::Bytes& bytes) {
  if (bytes.empty() || bytes.size() < std::size_t{1} + bytes[0]) return std::nullopt;
  const auto end = bytes.begin() + 1 + bytes[0];
  return std::pair{base::Bytes(bytes.begin() + 1, end), base::Bytes(end, bytes.end())};
}

base::Bytes value_at(const CronosRpc& rpc, const base::Bytes& key, std::uint64_t height) {
  if (key.empty()) return {};
  const auto parts = length_prefixed(base::Bytes(key.begin() + 1, key.end()));
  if (!parts) return {};
  const CronosState state = rpc.ledger->state_at(height);
  base::Bytes value;
  for (const auto& [number, validator] : state.validators) {
    if (bytes_of(rpc.ledger->validator_address(number)) != parts->first) continue;
    if (key[0] == kCurrentRewards) {
      put_coins(value, 1, validator.current);
      put_number(value, 2, validator.period());
    } else if (key[0] == kHistoricalRewards && parts->second.size() == 8) {
      std::uint64_t period = 0;
      for (std::size_t i = 8; i-- > 0;) period = period << 8 | parts->second[i];
      if (period < validator.ratios.size()) {
        put_coins(value, 1, validator.ratios[period]);
        put_number(value, 2, 1);
      }
    } else if (key[0] == kStartingInfo) {
      const auto who = length_prefixed(parts->second);
      for (const auto& [delegator, delegation] : validator.delegations) {
        if (!who || bytes_of(delegator) != who->first) continue;
        put_number(value, 1, delegation.start_period);
        put_text(value, 2, stored(delegation.start_stake));
        put_number(value, 3, delegation.start_height);
      }
    }
  }
  return value;
}

http::Response abci_query(const CronosRpc& rpc, const http::Request& request) {
  const std::string data = unquoted(request.query_value("data"));
  const auto key = base::from_hex(data.starts_with("0x") ? data.substr(2) : data);
  const auto height = number_in(unquoted(request.query_value("height")));
  if (unquoted(request.query_value("path")) != "/store/distribution/key" || !key || !height ||
      *height > rpc.tip() || *height < rpc.first)
    return failed("invalid query");
  const base::Bytes value = value_at(rpc, *key, *height);
  json::Writer writer;
  writer.begin_object().member("jsonrpc", "2.0").member("id", -1).key("result").begin_object();
  writer.key("response")
      .begin_object()
      .member("code", 0)
      .member("log", "")
      .member("key", base::to_base64(*key));
  if (value.empty())
    writer.key("value").null();
  else
    writer.member("value", base::to_base64(value));
  writer.member("height", std::to_string(*height)).member("codespace", "");
  return http::Response::json(writer.end_object().end_object().end_object().take());
}

}  // namespace

void add_cronos_rpc(http::Router& router, CronosRpc rpc) {
  router.get("/block_results", [rpc](const http::Request& request) {
    const auto height = number_in(unquoted(request.query_value("height")));
    if (!height || *height > rpc.tip() || *height < rpc.first)
      return failed("height must be one of the chain's");
    return http::Response::json(block_results(rpc, *height));
  });
  router.get("/tx_search", [rpc](const http::Request& request) { return searched(rpc, request, true); });
  router.get("/block_search", [rpc](const http::Request& request) { return searched(rpc, request, false); });
  router.get("/abci_query", [rpc](const http::Request& request) { return abci_query(rpc, request); });
}

}  // namespace navkeeper::sandbox
