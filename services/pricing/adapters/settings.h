#pragma once
// The service's own part of the configuration file; every key optional, nothing runs by itself without it.
//   [[pricing.venues]]
//   name = "kraken"                           # crypto_com, coinbase, kraken, bitstamp, gemini, bullish, lmax
//   pairs = ["BTC/USD", "ETH/USD"]
//   feeds = ["trades", "books"]                 # default: all that the venue offers
//   socket_base = "ws://127.0.0.1:4321"         # instead of the venue's own host: the sandbox, a test
//   rest_base = "http://127.0.0.1:4322"
//   books_socket_base = "ws://127.0.0.1:4323"   # books from another host than trades (Coinbase)
//   books_rest_base = "http://127.0.0.1:4324"   # default: the two above
//   ca_file = "ca.pem"                          # whom to trust instead of the system's authorities
//
//   [pricing.tape]
//   keep_days = 400                             # trades older than that may be dropped by `rates tape prune`
//   keep_days_of = { "CRO/USD" = 100 }          # for single pairs
//   resume_hours = 48                           # a longer hole is noted; default: any is fetched
//
//   [pricing.real_time]
//   keep_days = 400                             # seconds of the real-time index older than that are dropped
//   publish_within_ms = 100                     # a value stored later after its second is not published
//
//   [pricing.strikes]
//   feeds_wait_seconds = 300                    # a strike waits so long for feeds that are not whole;
//                                               # 0: not at all
//   catch_up_days = 10                          # missed days before today that the strike job catches up
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/runtime/toml_reader.h"
#include "common/time/instant.h"
#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/domain/retention.h"

namespace navkeeper::pricing {

struct VenueSettings {
  venues::Venue venue{};
  std::vector<venues::Instrument> instruments;
  bool trades = false;
  bool books = false;
  std::string socket_base{};  ///< empty: the venue's own
  std::string rest_base{};
  std::string books_socket_base{};
  std::string books_rest_base{};
  std::string ca_file{};  ///< empty: the system's authorities
};

struct RealTimeSettings {
  static constexpr int kKeepDaysMin = 30;  ///< the database keeps to it too
  static constexpr int kKeepDaysMax = 36'600;
  static constexpr std::int64_t kPublishWithinMsMax = 5'000;
  int keep_days = 400;
  time::Duration publish_within = time::Duration::milliseconds(100);
};

struct Settings {
  std::vector<VenueSettings> venues;
  RetentionPolicy tape;
  RealTimeSettings real_time;
  std::optional<int> resume_hours{};  ///< from 1 to a year's
  /// How long the strike job waits for feeds that are not whole over a window, after the retrieval delay.
  static constexpr std::int64_t kFeedsWaitSecondsMax = 6 * 3'600;
  time::Duration feeds_wait = time::Duration::seconds(300);
  /// Days before today that the strike job catches up; what was missed before them is a person's.
  static constexpr std::int64_t kCatchUpDaysMax = 366;
  int catch_up_days = 10;
};

/// Reads the table [pricing]; paths are relative to `folder`. Throws base::Refused with file, line and key:
/// an unknown venue, feed or key, a venue named twice, a feed that it does not offer, a pair that is none.
Settings read_settings(runtime::TomlReader table, const std::string& folder);

}  // namespace navkeeper::pricing
