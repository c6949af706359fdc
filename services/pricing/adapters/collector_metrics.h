#pragma once
// What a collector measures: the metrics of each venue's feed, and of the writer that all of them share.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "services/pricing/adapters/tape_collector.h"

namespace navkeeper::pricing {

inline runtime::Labels labels_of(const std::string& venue) { return {{"venue", venue}}; }

/// The metrics of one venue's feed.
struct FeedMetrics {
  FeedMetrics(runtime::Metrics& metrics, const std::string& venue)
      : received(metrics.counter("navkeeper_tape_received_total", "Trades that a feed handed over",
                                 labels_of(venue))),
        refused(metrics.counter("navkeeper_tape_refused_total", "Trades dated too far off the clock",
                                labels_of(venue))),
        duplicates(metrics.counter("navkeeper_tape_duplicates_total", "Copies that a session dropped",
                                   labels_of(venue))),
        contradictions(metrics.counter("navkeeper_tape_contradictions_total",
                                       "Copies that said something else: kept, and refused by the rate",
                                       labels_of(venue))),
        gaps_found(metrics.counter("navkeeper_tape_gaps_found_total", "Gaps found", labels_of(venue))),
        gaps_abandoned(metrics.counter("navkeeper_tape_gaps_abandoned_total",
                                       "Gaps given up: trades are missing", labels_of(venue))),
        gaps_lost(metrics.counter("navkeeper_tape_gaps_lost_total",
                                  "Of these, gaps that are not asked for again", labels_of(venue))),
        hang_ups(metrics.counter("navkeeper_tape_hang_ups_total",
                                 "Times that a feed was left because the store was away for too long",
                                 labels_of(venue))),
        live(metrics.gauge("navkeeper_tape_live", "1: the subscription delivers", labels_of(venue))) {}

  runtime::Counter& received;
  runtime::Counter& refused;
  runtime::Counter& duplicates;
  runtime::Counter& contradictions;
  runtime::Counter& gaps_found;
  runtime::Counter& gaps_abandoned;
  runtime::Counter& gaps_lost;
  runtime::Counter& hang_ups;
  runtime::Gauge& live;
};

/// What the writer tells, as metrics and in the log.
class CollectorObserver final : public TapeObserver {
 public:
  explicit CollectorObserver(const CollectorSurroundings& surroundings)
      : surroundings_(surroundings),
        depth_(surroundings.metrics.gauge("navkeeper_tape_queue_depth", "Trades that wait to be stored")),
        lag_(surroundings.metrics.gauge("navkeeper_tape_lag_seconds",
                                        "From receiving to COMMIT, of the oldest trade of the last batch")),
        failures_(surroundings.metrics.counter("navkeeper_tape_write_failures_total",
                                               "Batches that could not be written and were tried again")) {}

  void set_writer(const TapeWriter* writer) { writer_ = writer; }
  void show_depth() { depth_.set(static_cast<double>(writer_->depth())); }

  void acknowledged(const TapeBatch& batch, const TapeWritten& written) override {
    struct Market {
      std::uint64_t trades = 0;
      const TapeTrade* last = nullptr;
    };
    std::map<std::pair<std::string, std::string>, Market> markets;
    std::int64_t oldest = INT64_MAX;
    for (const TapeTrade& trade : batch.trades) {
      Market& market = markets[{trade.feed->venue, trade.feed->pairs[trade.market]}];
      ++market.trades;
      if (trade.whole) market.last = &trade;
      oldest = std::min(oldest, trade.received_ns);
    }
    for (const auto& [name, market] : markets) {
      counter("navkeeper_tape_acknowledged_total", "Trades whose batch is committed", name.first)
          .add(market.trades);
      surroundings_.logger.debug("acknowledged",
                                 {{"venue", name.first},
                                  {"pair", name.second},
                                  {"trades", market.trades},
                                  {"last_id", market.last == nullptr ? std::string() : market.last->id}});
    }
    for (const auto& [venue, counts] : written.by_venue) {
      counter("navkeeper_tape_stored_total", "Trades new to the tape", venue).add(counts.stored);
      counter("navkeeper_tape_known_total", "Trades that the tape had", venue).add(counts.known);
      counter("navkeeper_tape_dropped_total", "Trades of days that policy has dropped", venue)
          .add(counts.dropped);
    }
    if (!batch.trades.empty()) {
      lag_.set(static_cast<double>(surroundings_.clock.now().ns() - oldest) / 1e9);
    }
    if (failed_) surroundings_.logger.info("the tape is stored again");
    failed_ = false;
  }

  void write_failed(const std::string& why, int attempt) override {
    failures_.add();
    // The first, and then ever fewer of them.
    if ((attempt & (attempt - 1)) == 0) {
      surroundings_.logger.warning("the tape cannot be stored", {{"why", why}, {"attempt", attempt}});
    }
    failed_ = true;
  }

 private:
  runtime::Counter& counter(const char* name, const char* help, const std::string& venue) {
    return surroundings_.metrics.counter(name, help, labels_of(venue));
  }

  CollectorSurroundings surroundings_;
  runtime::Gauge& depth_;
  runtime::Gauge& lag_;
  runtime::Counter& failures_;
  const TapeWriter* writer_ = nullptr;
  bool failed_ = false;
};

}  // namespace navkeeper::pricing
