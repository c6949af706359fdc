#pragma once
// Trades in the shapes in which venues and collectors hand them out. One file holds one venue and one pair,
// which the caller names; where the file says a pair too, it must be that one.
//
//   coinbase_csv   symbol,side,price,amount,timestamp         RFC 3339, exponents in amounts
//   kraken_rest    GET /0/public/Trades:
//   {"error":[],"result":{"XXBTZUSD":[[price,size,seconds,side,type,misc,id]],"last":..}} kraken_csv
//   time_s,price,amount,side,ordtype,trade_id  seconds since the epoch with a fraction bitstamp_csv
//   recv_time_ms,trade_id,price,amount         recorded live: the receive time is the only time
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "services/pricing/domain/intake.h"

namespace navkeeper::pricing {

enum class TradeFormat { kCsv, kCoinbaseCsv, kKrakenRest, kKrakenCsv, kBitstampCsv };
/// "csv" (the canonical form), "coinbase_csv", "kraken_rest", "kraken_csv", "bitstamp_csv".
std::string_view describe(TradeFormat format);
std::optional<TradeFormat> parse_trade_format(std::string_view word);

struct VenueFile {
  std::string_view text;
  std::string path;        ///< as given, for refusals
  std::uint32_t file = 0;  ///< its position among the files given
  std::string venue;       ///< of all its trades; empty for the canonical form
  std::string pair;        ///< in the house's spelling: "BTC/USD"
};

/// Reads every row into `sink`; rows that cannot be a trade are rejected, of kraken_rest with the position of
/// the trade in its list as the line. Throws base::Refused for a file that is not of the format or that holds
/// another pair.
void read_venue_file(TradeFormat format, const VenueFile& file, TradeSink& sink);

}  // namespace navkeeper::pricing
