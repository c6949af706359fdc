#include "services/pricing/adapters/tape_collector.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "common/crypto/random.h"
#include "common/json/write.h"
#include "services/pricing/adapters/collector_metrics.h"
#include "services/pricing/adapters/feed_log.h"
#include "services/pricing/adapters/left_out_pairs.h"

namespace navkeeper::pricing {
namespace {

using std::chrono::milliseconds;
using venues::SessionNote;

constexpr const char* kActor = "navkeeper";
constexpr milliseconds kLook{200};     ///< how often a feed's thread looks after it
constexpr milliseconds kDrain{1'000};  ///< several batches' time, while other feeds go on adding
constexpr int kDaysAhead = 2;
/// So long before it was given up a gap began at the earliest, when no neighbour of it is in the tape.
constexpr time::Duration kGapAgeUnknown = time::Duration::hours(1);

bool is_about_a_gap(std::string_view kind) { return kind.starts_with("gap_"); }

Number number_of(const venues::Exact& exact) { return {exact.mantissa, exact.scale, nullptr}; }

venues::Exact exact_of(const Number& number) { return {number.mantissa, number.scale}; }

/// What people store must be valid text, and a venue's words need not be.
std::string printable(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text.substr(0, 300);
}

venues::LiveVenueOptions options_of(const VenueSettings& settings, const CollectorSurroundings& surroundings,
                                    const CollectorLimits& limits) {
  venues::LiveVenueOptions options;
  options.socket_base = settings.socket_base;
  options.rest_base = settings.rest_base;
  if (!settings.ca_file.empty()) options.tls.ca_file = settings.ca_file;
  options.limits = limits.session;
  options.connection_clock = &surroundings.connection_clock;
  options.venue_clocks = surroundings.venue_clocks;
  return options;
}

}  // namespace

/// Called by the session's thread as its sink, looked after by a thread of its own.
class TapeCollector::VenueFeed final : public venues::SessionSink {
 public:
  VenueFeed(VenueSettings settings, const CollectorSurroundings& surroundings, const CollectorLimits& limits,
            TapeWriter& writer, CollectorObserver& observer)
      : settings_(std::move(settings)),
        surroundings_(surroundings),
        limits_(limits),
        writer_(writer),
        observer_(observer),
        venue_(venues::name_of(settings_.venue)),
        metrics_(surroundings.metrics, venue_),
        log_(surroundings.logger, surroundings.connection_clock, venue_),
        refused_(limits.refused) {}

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  void ask_to_stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  // --- venues::SessionSink
  void trade(const venues::ReceivedTrade& received) override {
    metrics_.received.add();
    if (overflowed_) return;  // It will be fetched again, like all that comes until the feed is begun anew.
    const std::int64_t now_ns = surroundings_.clock.now().ns();
    const venues::RawTrade& raw = received.trade;
    const std::string& pair = feed_->pairs[raw.instrument];
    const bool is_ahead = raw.exchange_ns > now_ns + limits_.ahead_max.ns();
    if (is_ahead || raw.exchange_ns < now_ns - limits_.behind_max.ns()) {
      metrics_.refused.add();
      if (is_ahead &&
          refused_.refuse({pair, std::string(raw.id.text()),
                           raw.number > 0 ? raw.number : static_cast<std::uint64_t>(received.received_ns)},
                          surroundings_.connection_clock.now())) {
        log_.note("refused_ahead", pair,
                  "trade " + std::string(raw.id.text()) + " is dated " +
                      time::Instant::from_ns(raw.exchange_ns).to_string() +
                      " by the venue: this clock or that one is wrong; it will be asked for again");
      }
      add_note("refused", raw.instrument, 0, 0,
               "trade " + std::string(raw.id.text()) + " is dated too far off the clock");
      return;
    }
    TapeTrade trade;
    trade.feed = feed_;
    trade.line = ++line_;
    trade.market = raw.instrument;
    trade.coarse_time = raw.coarse_time;
    // Behind one that was refused the market's place stays, whatever comes.
    trade.whole = !received.late && !refused_.holds(pair);
    if (received.source == venues::TradeSource::kLive) {
      refused_.took_live(pair);
      if (!delivered_[raw.instrument]) left_out_.delivered(pair);
      delivered_[raw.instrument] = true;
    }
    trade.time_ns = raw.exchange_ns;
    trade.received_ns = received.received_ns;
    trade.price = number_of(raw.price);
    trade.size = number_of(raw.size);
    trade.id = raw.id.text();
    trade.number = raw.number;
    trade.anew = received.anew;
    trade.message_hash = received.message_hash;
    if (!writer_.add(std::move(trade))) overflow();
  }
  void quote(const venues::Quote&, std::int64_t) override {}
  void book(std::uint16_t, const venues::LiveBook&) override {}
  void book_lost(std::uint16_t) override {}

  void note(const SessionNote& note) override {
    const std::string_view kind = kind_of(note.kind);
    switch (note.kind) {
      case SessionNote::Kind::kContradiction:
        metrics_.contradictions.add();
        break;
      case SessionNote::Kind::kGapFound:
        metrics_.gaps_found.add();
        break;
      case SessionNote::Kind::kGapAbandoned:
        metrics_.gaps_abandoned.add();
        break;
      case SessionNote::Kind::kGapLost:
        metrics_.gaps_lost.add();
        break;
      case SessionNote::Kind::kLive:
        metrics_.live.set(1);
        break;
      case SessionNote::Kind::kDisconnected:
        metrics_.live.set(0);
        break;
      default:
        break;
    }
    log_.note(kind, note.instrument ? feed_->pairs[*note.instrument] : std::string(), printable(note.detail));
    if (note.kind == SessionNote::Kind::kVenueError) left_out_.refused(note.detail);
    if (note.kind == SessionNote::Kind::kLive) left_out_.accepted();
    add_note(kind, note.instrument, note.first, note.last, note.detail);
  }

 private:
  void run() {
    while (!stopped()) {
      if (!begin()) return;
      serve();
      // What was received is stored before the feed goes on from there, however long the store is away.
      while (!stopped() && !writer_.wait_until_stored(kDrain)) observer_.show_depth();
    }
  }

  bool stopped() {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }
  /// True when the feed is to stop.
  bool pause(milliseconds span) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, span, [this] { return stopping_; });
  }

  /// A new session in the store, which knows where to go on. False: stopped first.
  bool begin() {
    asked_ = left_out_.asked(settings_.instruments, surroundings_.connection_clock.now());
    delivered_.assign(asked_.size(), false);
    auto feed = std::make_shared<Feed>();
    feed->session = model::new_uuid_v7(surroundings_.clock.now(), crypto::fill_random);
    feed->venue = venue_;
    for (const venues::Instrument& instrument : asked_) feed->pairs.push_back(instrument.pair);
    feed->address = settings_.socket_base.empty() ? "the venue's own" : settings_.socket_base;
    milliseconds wait = kLook;
    for (int attempt = 1;; ++attempt) {
      try {
        prepare_days();
        safe_ = surroundings_.store.begin(*feed, surroundings_.clock.now(), kActor);
        abandoned_ =
            surroundings_.store.abandoned_gaps(*feed, surroundings_.clock.now() - limits_.again_max_age);
        break;
      } catch (const std::exception& failure) {
        observer_.write_failed(failure.what(), attempt);
      }
      if (pause(wait)) return false;
      wait = std::min(wait * 2, limits_.retry_max);
    }
    for (const auto& trades : safe_) feed->goes_on.push_back(!trades.empty());
    feed_ = std::move(feed);
    line_ = 0;
    note_seq_ = 0;
    overflowed_ = false;
    forget_what_is_too_old();
    return true;
  }

  /// A market whose tape ended too long ago begins anew, and the hole is said.
  void forget_what_is_too_old() {
    if (!limits_.resume_max) return;
    const time::Instant now = surroundings_.clock.now();
    for (std::size_t market = 0; market < safe_.size(); ++market) {
      std::vector<TapeTrade>& trades = safe_[market];
      if (trades.empty() || now.ns() - trades.back().time_ns <= limits_.resume_max->ns()) continue;
      metrics_.gaps_abandoned.add();
      metrics_.gaps_lost.add();
      for (const char* kind : {"gap_abandoned", "gap_lost"}) {
        add_note(kind, static_cast<std::uint16_t>(market), static_cast<std::uint64_t>(trades.back().time_ns),
                 static_cast<std::uint64_t>(now.ns()), "longer than the tape goes back by itself");
      }
      trades.clear();
    }
  }

  void prepare_days() {
    const time::Date today = time::Date::from_days(surroundings_.clock.now().ns() / 86'400'000'000'000);
    if (prepared_ && *prepared_ == today) return;
    surroundings_.store.prepare(today + -1, today + kDaysAhead);
    prepared_ = today;
  }

  /// Until the feed is to stop or more waits than may.
  void serve() {
    const auto protocol = venues::make_protocol(settings_.venue, venues::Feed::kTrades, asked_);
    venues::LiveVenue live(*protocol, *this, surroundings_.clock,
                           options_of(settings_, surroundings_, limits_));
    const bool numbered = protocol->facts().gap_rule == venues::GapRule::kDenseNumber;
    resumed_.assign(asked_.size(), INT64_MIN);
    for (const auto& trades : safe_) {
      const auto recent = raw_trades(trades, numbered);
      if (recent.empty()) continue;
      live.resume(recent);
      // Without numbers only what it compares again is whole.
      if (numbered) resumed_[recent.back().instrument] = recent.back().exchange_ns;
    }
    safe_.clear();
    for (const AbandonedGap& gap : abandoned_) live.ask_again(gap_of(gap, numbered));
    abandoned_.clear();
    live.start();
    surroundings_.logger.info("feed begun", {{"venue", venue_}, {"session", feed_->session.to_string()}});
    duplicates_shown_ = 0;
    milliseconds since_counts{0};
    milliseconds since_wholes{0};
    while (!overflowed_ && !is_to_begin_anew() && !pause(kLook)) {
      observer_.show_depth();
      since_counts += kLook;
      if (since_counts >= limits_.counts_every) {
        since_counts = milliseconds{0};
        note_counts(live);
      }
      since_wholes += kLook;
      if (since_wholes >= limits_.wholes_every) {
        since_wholes = milliseconds{0};
        say_what_is_whole(live);
      }
      try {
        prepare_days();
      } catch (const std::exception&) {
        // Tried again; the store makes a day that is missing with its first trade too.
      }
    }
    live.stop();
    note_counts(live);
    metrics_.live.set(0);
    for (const RefusedTrades::Trade& lost : refused_.end_session()) say_lost(lost);
    if (overflowed_) {
      metrics_.hang_ups.add();
      surroundings_.logger.error(
          "too many trades wait for the store: the feed is left and goes on from what was stored",
          {{"venue", venue_}});
    }
  }

  bool is_to_begin_anew() {
    const time::Instant now = surroundings_.connection_clock.now();
    if (refused_.is_due(now)) return true;
    const auto left_out = left_out_.take(asked_, now, limits_.left_out);
    if (!left_out.pair.empty())
      log_.note(
          "pair_left_out", left_out.pair,
          "the venue refuses it: " + left_out.why + "; the other pairs go on, it is asked for again later");
    return left_out.begin_anew;
  }

  /// A trade that the venue keeps dating ahead of the clock: nobody asks for it any more.
  void say_lost(const RefusedTrades::Trade& lost) {
    const auto market = std::ranges::find(feed_->pairs, lost.pair) - feed_->pairs.begin();
    metrics_.gaps_abandoned.add();
    metrics_.gaps_lost.add();
    for (const char* kind : {"gap_abandoned", "gap_lost"}) {
      add_note(kind, static_cast<std::uint16_t>(market), lost.place, lost.place,
               "trade " + lost.id + " stays dated ahead of the clock");
    }
    log_.note("gap_lost", lost.pair, "trade " + lost.id + " stays dated ahead of the clock");
  }

  void say_what_is_whole(const venues::LiveVenue& live) {
    const auto spans = live.whole();
    if (overflowed_) return;  // Looked at after the spans: a trade that was not taken lies before them.
    for (std::size_t i = 0; i < spans.size(); ++i) {
      if (!spans[i] || refused_.holds(feed_->pairs[i])) continue;
      writer_.whole({feed_, static_cast<std::uint16_t>(i), spans[i]->from_ns <= resumed_[i],
                     spans[i]->from_ns, spans[i]->until_ns});
    }
  }

  std::vector<venues::RawTrade> raw_trades(const std::vector<TapeTrade>& trades, bool numbered) const {
    std::vector<venues::RawTrade> raws;
    for (const TapeTrade& trade : trades) {
      const auto id = venues::TradeId::of(trade.id);
      const auto number = numbered ? venues::read_unsigned(trade.id) : std::optional<std::uint64_t>(0);
      if (!id || !number) continue;  // Of a file: no feed would say so.
      venues::RawTrade& raw = raws.emplace_back();
      raw.venue = settings_.venue;
      raw.instrument = trade.market;
      raw.exchange_ns = trade.time_ns;
      raw.price = exact_of(trade.price);
      raw.size = exact_of(trade.size);
      raw.id = *id;
      raw.number = *number;
    }
    return raws;
  }

  /// Where the venue's history is asked for by time and the gap is known by numbers, its neighbours say when.
  static venues::Gap gap_of(const AbandonedGap& abandoned, bool numbered) {
    venues::Gap gap;
    gap.instrument = abandoned.market;
    if (!numbered) {
      gap.from_ns = static_cast<std::int64_t>(abandoned.first);
      gap.until_ns = static_cast<std::int64_t>(abandoned.last);
      return gap;
    }
    gap.number_first = abandoned.first;
    gap.number_last = abandoned.last;
    gap.from_ns = abandoned.before_ns.value_or(abandoned.noted_ns - kGapAgeUnknown.ns());
    gap.until_ns = abandoned.after_ns.value_or(abandoned.noted_ns);
    return gap;
  }

  void overflow() {
    overflowed_ = true;
    add_note("overflow", {}, line_, line_, "too many trades wait for the store");
    const std::lock_guard lock(mutex_);
    wake_.notify_all();
  }

  /// What was counted since the last time, into the metrics and, as totals, into a note.
  void note_counts(const venues::LiveVenue& live) {
    const auto counters = live.counters();
    json::Writer writer;
    const auto member = [&](const char* name, std::uint64_t value) {
      writer.member(name, static_cast<std::int64_t>(value));
    };
    writer.begin_object();
    member("astray", counters.astray);
    member("bytes", counters.bytes);
    member("contradictions", counters.contradictions);
    member("duplicates", counters.duplicates);
    member("excluded", counters.excluded);
    member("frames", counters.frames);
    member("gaps", counters.gaps);
    member("gaps_abandoned", counters.gaps_abandoned);
    member("gaps_lost", counters.gaps_lost);
    member("reconnects", counters.reconnects);
    member("refusals", counters.refusals);
    member("requests", counters.requests);
    member("too_old", counters.too_old);
    member("trades", counters.trades);
    metrics_.duplicates.add(counters.duplicates - duplicates_shown_);
    duplicates_shown_ = counters.duplicates;
    write_note("counts", {}, 0, 0, writer.end_object().take());
  }

  /// Notes of a kind are bounded by the minute, those about gaps by their nature.
  void add_note(std::string_view kind, std::optional<std::uint16_t> market, std::uint64_t first,
                std::uint64_t last, const std::string& detail) {
    if (!is_about_a_gap(kind)) {
      const std::int64_t minute = surroundings_.connection_clock.now().ns() / 60'000'000'000;
      if (minute != minute_) {
        for (const auto& [name, count] : notes_of_minute_) {
          if (count > limits_.notes_a_minute_max) {
            write_note(
                "suppressed", {}, 0, 0,
                std::to_string(count - limits_.notes_a_minute_max) + " more of " + name + " within a minute");
          }
        }
        notes_of_minute_.clear();
        minute_ = minute;
      }
      if (++notes_of_minute_[std::string(kind)] > limits_.notes_a_minute_max) return;
    }
    write_note(kind, market, first, last, detail);
  }

  void write_note(std::string_view kind, std::optional<std::uint16_t> market, std::uint64_t first,
                  std::uint64_t last, const std::string& detail) {
    TapeNote note;
    note.feed = feed_;
    note.seq = ++note_seq_;
    note.at_ns = surroundings_.clock.now().ns();
    note.kind = kind;
    note.market = market;
    note.first = first;
    note.last = last;
    note.detail = printable(detail);
    static_cast<void>(writer_.note(std::move(note)));
  }

  VenueSettings settings_;
  CollectorSurroundings surroundings_;
  CollectorLimits limits_;
  TapeWriter& writer_;
  CollectorObserver& observer_;
  std::string venue_;
  FeedMetrics metrics_;
  FeedLog log_;
  RefusedTrades refused_;
  LeftOutPairs left_out_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;

  // Set by the feed's thread while no session runs, used by the session's thread while one does.
  std::shared_ptr<const Feed> feed_;
  std::uint64_t line_ = 0;
  std::atomic<std::uint64_t> note_seq_{0};
  std::atomic<bool> overflowed_{false};
  std::vector<bool> delivered_;  ///< by market: a live trade came
  std::map<std::string, int> notes_of_minute_;
  std::int64_t minute_ = 0;

  // The feed's thread's own.
  std::vector<std::vector<TapeTrade>> safe_;
  std::vector<AbandonedGap> abandoned_;
  std::optional<time::Date> prepared_;
  std::uint64_t duplicates_shown_ = 0;
  std::vector<venues::Instrument> asked_;  ///< of the settings those that are not left out
  /// By market: between the tape and what is whole from here or before nothing can lie.
  std::vector<std::int64_t> resumed_;
};

TapeCollector::TapeCollector(const std::vector<VenueSettings>& venues,
                             const CollectorSurroundings& surroundings, CollectorLimits limits)
    : surroundings_(surroundings),
      limits_(limits),
      observer_(std::make_unique<CollectorObserver>(surroundings_)),
      writer_(
          std::make_unique<TapeWriter>(surroundings_.store, surroundings_.clock, *observer_, limits_.tape)) {
  observer_->set_writer(writer_.get());
  for (const VenueSettings& venue : venues) {
    if (!venue.trades) continue;
    feeds_.push_back(std::make_unique<VenueFeed>(venue, surroundings_, limits_, *writer_, *observer_));
  }
}

TapeCollector::~TapeCollector() { stop(); }

void TapeCollector::start() {
  for (const auto& feed : feeds_) feed->start();
}

void TapeCollector::stop() {
  for (const auto& feed : feeds_) feed->ask_to_stop();
  for (const auto& feed : feeds_) feed->join();
  feeds_.clear();
  const std::size_t left = writer_->stop();
  if (left > 0) {
    surroundings_.logger.error("trades were not stored before the end: the next start fetches them again",
                               {{"trades", left}});
  }
}

}  // namespace navkeeper::pricing
