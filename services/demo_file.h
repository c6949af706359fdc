#pragma once
// A real file of trades for the demonstration: its shape told by its beginning, and its content written down
// again in the canonical form.
#include <set>
#include <string>
#include <string_view>

#include "common/time/instant.h"
#include "services/pricing/adapters/trade_file.h"
#include "services/pricing/adapters/venue_files.h"

namespace navkeeper {

/// What a real file holds, written down again in the canonical form.
class CanonicalCopy final : public pricing::TradeSink {
 public:
  void row(const pricing::TradeRow& row) override {
    const time::Instant when = time::Instant::from_ns(row.time_ns);
    if (csv_.empty() || when < first_) first_ = when;
    if (csv_.empty()) {
      csv_ = "time,venue,pair,price,size,id\n";
      pair_ = row.pair;
    }
    venues_.insert(std::string(row.venue));
    csv_ += when.to_string() + ',' + std::string(row.venue) + ',' + std::string(row.pair) + ',' +
            row.price.to_decimal().to_string() + ',' + row.size.to_decimal().to_string() + ',' +
            std::string(row.id) + '\n';
  }
  void reject(pricing::RowPlace, std::string_view) override { ++rejected_; }

  const std::string& csv() const { return csv_; }
  const std::string& pair() const { return pair_; }
  const std::set<std::string>& venues() const { return venues_; }
  time::Instant first() const { return first_; }
  std::uint64_t rejected() const { return rejected_; }

 private:
  std::string csv_;
  std::string pair_;
  std::set<std::string> venues_;
  time::Instant first_;
  std::uint64_t rejected_ = 0;
};

/// The shape of a file of trades, told by its beginning.
struct Shape {
  pricing::TradeFormat format = pricing::TradeFormat::kCsv;
  std::string venue;
  std::string pair;
};

Shape shape_of(std::string_view text);

}  // namespace navkeeper
