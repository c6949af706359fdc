#include "services/demo_file.h"

#include <algorithm>

namespace navkeeper {

Shape shape_of(std::string_view text) {
  const std::string_view head = text.substr(0, text.find('\n'));
  const auto has = [&](std::string_view word) { return head.find(word) != std::string_view::npos; };
  if (has("symbol") && has("amount")) {
    const std::string_view row = text.substr(std::min(text.size(), head.size() + 1));
    std::string symbol(row.substr(0, row.find(',')));
    std::erase(symbol, '"');
    std::replace(symbol.begin(), symbol.end(), '-', '/');
    return {pricing::TradeFormat::kCoinbaseCsv, "coinbase", symbol};
  }
  if (has("time_s")) return {pricing::TradeFormat::kKrakenCsv, "kraken", "BTC/USDT"};
  if (has("recv_time_ms")) return {pricing::TradeFormat::kBitstampCsv, "bitstamp", "BTC/USD"};
  return {};
}

}  // namespace navkeeper
