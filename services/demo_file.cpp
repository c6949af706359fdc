#include "services/demo_file.h"

#include <algorithm>

#include "services/pricing/app/import_trades.h"

namespace navkeeper {
namespace {

/// BASE/QUOTE of Kraken's own name of a pair, XXBTZUSD or XBTUSDT.
std::string pair_of_kraken(std::string_view name) {
  if (name.size() == 8 && name[0] == 'X' && name[4] == 'Z')
    return pricing::house_pair(std::string(name.substr(1, 3)) + "/" + std::string(name.substr(5)));
  for (const std::string_view quote : {"USDT", "USDC", "USD", "EUR", "GBP"}) {
    if (name.size() > quote.size() && name.ends_with(quote))
      return pricing::house_pair(std::string(name.substr(0, name.size() - quote.size())) + "/" +
                                 std::string(quote));
  }
  return std::string(name);
}

/// The first name within "result" of a REST answer.
std::string_view first_result(std::string_view text) {
  constexpr std::string_view kResult = "\"result\"";
  const auto result = text.find(kResult);
  if (result == std::string_view::npos) return {};
  const auto open = text.find('"', result + kResult.size());
  if (open == std::string_view::npos) return {};
  return text.substr(open + 1, text.find('"', open + 1) - open - 1);
}

}  // namespace

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
  if (text.starts_with('{'))
    return {pricing::TradeFormat::kKrakenRest, "kraken", pair_of_kraken(first_result(text))};
  if (has("time_s")) return {pricing::TradeFormat::kKrakenCsv, "kraken", "BTC/USDT"};
  if (has("recv_time_ms")) return {pricing::TradeFormat::kBitstampCsv, "bitstamp", "BTC/USD"};
  return {};
}

}  // namespace navkeeper
