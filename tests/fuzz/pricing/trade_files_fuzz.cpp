// Whatever bytes come: a file of trades is read or refused in every format; each row is a trade or rejected,
// and a trade that was read can be computed with. The first byte chooses the format.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/pricing/adapters/trade_file.h"
#include "services/pricing/adapters/venue_files.h"
#include "services/pricing/domain/rate.h"

namespace navkeeper::pricing {
namespace {

IndexDefinition fuzz_index() {
  IndexDefinition index;
  index.id = "FUZZ";
  index.pair = "BTC/USD";
  index.strike_time = time::TimeOfDay::literal("17:00");
  index.time_zone = "UTC";
  index.window_minutes = 60 * 24 * 366;  // so that many a time lies inside
  index.partitions = 12;
  index.venues = {"coinbase", "kraken", "a"};
  index.venue_deviation_max = money::Decimal::literal("0.05");
  index.minimum_venues = 1;
  index.decimals = 2;
  return index;
}

class CheckedSink final : public TradeSink {
 public:
  explicit CheckedSink(TradeIntake& intake) : intake_(intake) {}
  void row(const TradeRow& row) override {
    ENSURE(row.price.is_positive() && row.size.is_positive());
    ENSURE(!row.venue.empty() && !row.pair.empty() && row.place.line > 0);
    intake_.add(row);
  }
  void reject(RowPlace place, std::string_view reason) override {
    ENSURE(!reason.empty() && place.line > 0);
    intake_.reject(place, reason);
  }

 private:
  TradeIntake& intake_;
};

void read_one(TradeFormat format, std::string_view text) {
  static const IndexDefinition kIndex = fuzz_index();
  static const Window kWindow = *window_of(kIndex, time::Date::literal("2023-09-05"));
  TradeIntake intake(kIndex, kWindow);
  CheckedSink sink(intake);
  try {
    read_venue_file(format, {text, "fuzz", 0, "coinbase", "BTC/USD"}, sink);
  } catch (const base::Refused&) {
    return;
  }
  const Trades trades = intake.finish().trades.build();
  const Rate rate = compute_rate(kIndex, kWindow, trades, std::nullopt);
  ENSURE((rate.status == RateStatus::kOk) == rate.value.has_value());
}

}  // namespace
}  // namespace navkeeper::pricing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using navkeeper::pricing::TradeFormat;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr int kChoices = 6;
  switch (data[0] % kChoices) {
    case 0:
      navkeeper::pricing::read_one(TradeFormat::kCsv, text);
      break;
    case 1:
      navkeeper::pricing::read_one(TradeFormat::kCoinbaseCsv, text);
      break;
    case 2:
      navkeeper::pricing::read_one(TradeFormat::kKrakenRest, text);
      break;
    case 3:
      navkeeper::pricing::read_one(TradeFormat::kKrakenCsv, text);
      break;
    case 4:
      navkeeper::pricing::read_one(TradeFormat::kBitstampCsv, text);
      break;
    default:
      try {
        static_cast<void>(navkeeper::pricing::gunzip(text, "fuzz"));
      } catch (const navkeeper::base::Refused&) {
      }
  }
  return 0;
}
