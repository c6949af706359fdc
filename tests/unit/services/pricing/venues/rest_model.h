#pragma once
// A small model of the venues' REST interfaces for trades: what they answer for a given tape.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/pricing/adapters/venues/exact.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {

struct Made {
  std::uint64_t id;
  std::int64_t ms;
};

inline std::map<std::string, std::string> query_of(const std::string& query) {
  std::map<std::string, std::string> values;
  std::size_t at = 0;
  while (at < query.size()) {
    const auto end = std::min(query.find('&', at), query.size());
    const auto equals = query.find('=', at);
    values[query.substr(at, equals - at)] = query.substr(equals + 1, end - equals - 1);
    at = end + 1;
  }
  return values;
}

inline std::string decoded(std::string text) {
  for (std::size_t at = text.find("%3A"); at != std::string::npos; at = text.find("%3A"))
    text.replace(at, 3, ":");
  return text;
}

/// The venue's REST interface over `tape` (ascending ids and times), giving at most `page_size` trades.
inline std::string answer(Venue venue, const std::vector<Made>& tape, const RestRequest& request,
                          std::size_t page_size) {
  auto query = query_of(request.query);
  std::vector<Made> rows;
  std::string body;
  switch (venue) {
    case Venue::kCoinbase: {
      const auto after = query.contains("after") ? std::stoull(query["after"]) : UINT64_MAX;
      for (auto it = tape.rbegin(); it != tape.rend() && rows.size() < page_size; ++it) {
        if (it->id < after) rows.push_back(*it);
      }
      for (const Made& row : rows) {
        body += R"(,{"time":")" + to_utc_ms(row.ms * 1'000'000) + R"(","trade_id":)" +
                std::to_string(row.id) + R"(,"price":"10.5","size":"1","side":"buy"})";
      }
      return "[" + (body.empty() ? body : body.substr(1)) + "]";
    }
    case Venue::kKraken: {
      const auto since = std::stoll(query["since"]);
      std::int64_t last = since;
      for (const Made& row : tape) {
        if (row.ms * 1'000'000 <= since || rows.size() == page_size) continue;
        rows.push_back(row);
        last = row.ms * 1'000'000;
      }
      for (const Made& row : rows) {
        body += R"(,["10.5","1",)" + std::to_string(row.ms / 1000) + "." +
                std::to_string(1000 + row.ms % 1000).substr(1) + R"(,"b","l","",)" + std::to_string(row.id) +
                "]";
      }
      return R"({"error":[],"result":{"XXBTZUSD":[)" + (body.empty() ? body : body.substr(1)) +
             R"(],"last":")" + std::to_string(last) + R"("}})";
    }
    case Venue::kCryptoCom: {
      const auto start = std::stoll(query["start_ts"]);
      const auto end = std::stoll(query["end_ts"]);
      EXPECT_LE(end - start, 86'400'000) << "at most one day at a time";
      for (auto it = tape.rbegin(); it != tape.rend() && rows.size() < page_size; ++it) {
        if (it->ms >= start && it->ms < end) rows.push_back(*it);
      }
      for (const Made& row : rows) {
        body += R"(,{"s":"buy","p":"10.5","q":"1","t":)" + std::to_string(row.ms) + R"(,"d":")" +
                std::to_string(row.id) + R"(","i":"BTC_USDT"})";
      }
      return R"({"id":-1,"method":"public/get-trades","code":0,"result":{"data":[)" +
             (body.empty() ? body : body.substr(1)) + "]}}";
    }
    case Venue::kGemini: {
      for (const Made& row : tape) {
        const bool wanted = query.contains("since_tid") ? row.id > std::stoull(query["since_tid"])
                                                        : row.ms / 1000 >= std::stoll(query["timestamp"]);
        if (wanted && rows.size() < page_size) rows.push_back(row);
      }
      std::reverse(rows.begin(), rows.end());
      for (const Made& row : rows) {
        body += R"(,{"timestamp":1,"timestampms":)" + std::to_string(row.ms) + R"(,"tid":)" +
                std::to_string(row.id) + R"(,"price":"10.5","amount":"1","exchange":"gemini","type":"buy"})";
      }
      return "[" + (body.empty() ? body : body.substr(1)) + "]";
    }
    case Venue::kBullish: {
      const auto from = *read_utc(decoded(query["createdAtDatetime%5Bgte%5D"])) / 1'000'000;
      const auto until = *read_utc(decoded(query["createdAtDatetime%5Blte%5D"])) / 1'000'000;
      for (auto it = tape.rbegin(); it != tape.rend() && rows.size() < page_size; ++it) {
        if (it->ms >= from && it->ms <= until) rows.push_back(*it);
      }
      for (const Made& row : rows) {
        body += R"(,{"tradeId":")" + std::to_string(row.id) +
                R"(","symbol":"BTCUSDC","price":"10.5","quantity":"1","side":"BUY","createdAtTimestamp":")" +
                std::to_string(row.ms) + R"("})";
      }
      return "[" + (body.empty() ? body : body.substr(1)) + "]";
    }
    case Venue::kBitstamp:
    case Venue::kLmax:
      break;
  }
  ADD_FAILURE();
  return "";
}

}  // namespace navkeeper::pricing::venues
