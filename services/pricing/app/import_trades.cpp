#include "services/pricing/app/import_trades.h"

#include "common/base/outside.h"
#include "common/model/id.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kFirstWholeDayNs = -106'751 * std::int64_t{86'400'000'000'000};  // 1677-09-22

/// Between a reader and the store: what the store must not have is rejected here.
class HouseSink final : public TradeSink {
 public:
  HouseSink(TradeSink& inner, time::Instant now) : inner_(inner), latest_ns_((now + kAheadMax).ns()) {}

  void row(const TradeRow& row) override {
    if (row.time_ns > latest_ns_) return inner_.reject(row.place, kAheadReason);
    if (row.far_key != 0 || row.time_ns < kFirstWholeDayNs)
      return inner_.reject(row.place, "time is before 1677-09-22: no rate can rest on it");
    if (row.venue != venue_) {
      venue_ok_ = model::VenueId::parse(row.venue).has_value();
      venue_ = row.venue;
    }
    if (!venue_ok_)
      return inner_.reject(row.place, "venue is not a name of letters, digits, '.', '_' and '-'");
    if (row.pair != pair_) {
      house_pair_ = house_pair(row.pair);
      pair_ok_ = model::PairId::parse(house_pair_).has_value();
      pair_ = row.pair;
    }
    if (!pair_ok_) return inner_.reject(row.place, "pair is not BASE/QUOTE");
    if (row.id.find('\0') != std::string_view::npos) return inner_.reject(row.place, "id holds a zero byte");
    TradeRow kept = row;
    kept.pair = house_pair_;
    inner_.row(kept);
  }
  void reject(RowPlace place, std::string_view reason) override { inner_.reject(place, reason); }

 private:
  TradeSink& inner_;
  std::int64_t latest_ns_;
  std::string venue_;
  std::string pair_;
  std::string house_pair_;
  bool venue_ok_ = false;
  bool pair_ok_ = false;
};

std::string_view house_asset(std::string_view asset) { return asset == "XBT" ? "BTC" : asset; }

}  // namespace

std::string house_pair(std::string_view pair) {
  const std::size_t slash = pair.find('/');
  if (slash == std::string_view::npos) return std::string(pair);
  return std::string(house_asset(pair.substr(0, slash))) + "/" +
         std::string(house_asset(pair.substr(slash + 1)));
}

ImportReport import_trades(ImportStore& store, const time::Clock& clock, const ImportFile& file,
                           const std::string& actor, const ReadTrades& read) {
  if (auto earlier = store.find_import(file)) {
    earlier->already_imported = true;
    return *std::move(earlier);
  }
  const time::Instant now = clock.now();
  try {
    return store.import(file, now, actor, [&](TradeSink& sink) {
      HouseSink house(sink, now);
      read(house);
    });
  } catch (const base::Conflict&) {
    // Somebody imported the same file meanwhile: then it is there.
    auto theirs = store.find_import(file);
    if (!theirs) throw;
    theirs->already_imported = true;
    return *std::move(theirs);
  }
}

}  // namespace navkeeper::pricing
