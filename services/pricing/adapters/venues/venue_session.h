#pragma once
// VenueSession: one connection to a venue, without sockets: what happened goes in, what is to be done comes
// out, time comes from a Clock (from two, where the market's time is simulated and runs faster than that of
// the connection). It connects, subscribes, answers heartbeats, notices silence, reconnects with bounded
// back-off, finds gaps, fetches what was missed within the venue's rate limit, and gives every trade on once
// and in order.
//
// The driver calls one of the on_... functions when something happened, on_time() at the latest at wake_at(),
// and after each call carries out take_actions() in order.
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time/clock.h"
#include "services/pricing/adapters/venues/live_book.h"
#include "services/pricing/adapters/venues/protocol.h"
#include "services/pricing/adapters/venues/trade_order.h"
#include "services/pricing/adapters/venues/venue_clocks.h"
#include "services/pricing/domain/feed_state.h"

namespace navkeeper::pricing::venues {

/// Something a person or a metric should know. The texts are bounded.
struct SessionNote {
  enum class Kind : std::uint8_t {
    kConnected,
    kLive,          ///< the subscription delivers
    kDisconnected,  ///< detail: why
    kSilent,
    kRefused,  ///< a frame or a part of it; detail: problem and field
    kVenueError,
    kContradiction,  ///< one id, two different trades: both are given on
    kTooOld,         ///< so old that it may have come before: given on as late
    kAstray,         ///< a number that contradicts the order of the numbers: given on as late
    kBeganAnew,      ///< the market's numbers begin anew; detail: from which to which
    kGapFound,       ///< first and last: numbers, or nanoseconds where there are none
    kGapClosed,
    kGapAbandoned,  ///< trades are missing from the tape; unless kGapLost follows they are asked for again
    kGapLost,       ///< an abandoned gap that is not asked for again; detail: why
    kRestFailed,
    kBookLost,
  };
  Kind kind{};
  std::optional<std::uint16_t> instrument{};
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string detail{};
};

/// Where a session's results go. Called from within on_...; must not call back into the session.
class SessionSink {
 public:
  virtual ~SessionSink() = default;
  virtual void trade(const ReceivedTrade& trade) = 0;
  virtual void quote(const Quote& quote, std::int64_t received_ns) = 0;
  /// The market's book has changed; it is valid.
  virtual void book(std::uint16_t instrument, const LiveBook& book) = 0;
  /// The same, with what changed it: `levels` are those that the message named, all of them for a snapshot.
  virtual void book_changed(std::uint16_t instrument, const LiveBook& book, const BookUpdate& update,
                            std::span<const BookLevel> levels, std::int64_t received_ns) {
    static_cast<void>(update);
    static_cast<void>(levels);
    static_cast<void>(received_ns);
    this->book(instrument, book);
  }
  /// A frame that could be read was received, whatever it said; after what it said.
  virtual void heard(std::int64_t received_ns) { static_cast<void>(received_ns); }
  virtual void book_lost(std::uint16_t instrument) = 0;
  virtual void note(const SessionNote& note) = 0;
};

struct SessionAction {
  enum class Kind : std::uint8_t { kConnect, kClose, kSend, kRequest };
  Kind kind{};
  std::string text{};            ///< of kSend
  RestRequest request{};         ///< of kRequest
  std::uint64_t request_id = 0;  ///< to be named with the answer
};

struct SessionLimits {
  time::Duration back_off_first = time::Duration::milliseconds(500);
  time::Duration back_off_max = time::Duration::seconds(30);
  time::Duration steady_after = time::Duration::seconds(60);  ///< live for so long: the back-off starts anew
  time::Duration connect_max = time::Duration::seconds(15);
  time::Duration subscribe_max =
      time::Duration::seconds(30);  ///< to the first message that the subscription delivers
  time::Duration reorder_grace = time::Duration::milliseconds(700);  ///< how long a hole may close by itself
  time::Duration overlap = time::Duration::seconds(2);  ///< history is asked for from so much before the gap
  time::Duration history_lag =
      time::Duration::seconds(3);  ///< how long a trade may take to appear in the history
  time::Duration heard_within = time::Duration::seconds(10);  ///< see VenueSession::whole
  /// Times that a venue names later than this after our clock, or earlier than that before it, prove nothing.
  time::Duration said_ahead_max = time::Duration::seconds(60);
  time::Duration said_behind_max = time::Duration::hours(24 * 31);
  time::Duration request_max = time::Duration::seconds(20);
  time::Duration retry_first =
      time::Duration::seconds(1);  ///< after a failed request; doubles, up to retry_max
  time::Duration retry_max = time::Duration::seconds(60);
  /// Where nothing in the stream shows a hole (GapRule::kTime), or none at its end (numbers without a word of
  /// how far they reach), so often, in the market's time and at most
  /// once a sweep_pause of the connection's, is the history since the last sweep compared with what came;
  /// zero: never. A history without the stream's latest trades is compared as far as its own latest one only.
  /// A trade that the stream left out is then given on as late; only what was compared is whole.
  time::Duration sweep_every = time::Duration::seconds(15);
  time::Duration sweep_pause = time::Duration::seconds(1);
  time::Duration resume_sweep =
      time::Duration::seconds(63);  ///< the first sweep of a resumed market begins so long before its end, or
                                    ///< with the first trade that it was resumed with
  int attempts_max = 8;             ///< failed or fruitless backfills of one gap; then it is given up
  int pages_max = 10'000;
  /// An abandoned gap is asked for again after this time; doubles, up to again_max; so many times.
  time::Duration again_first = time::Duration::minutes(5);
  time::Duration again_max = time::Duration::hours(6);
  int again_attempts_max = 8;        ///< about sixteen hours: until the rate's own day is over
  std::size_t again_gaps_max = 16;   ///< of one market at once
  int book_resubscriptions_max = 5;  ///< in a row without a good book between; then a reconnect
  TradeOrder::Limits order{};
};

/// `burst` at once, one more after each `refill`.
class TokenBucket {
 public:
  explicit TokenBucket(RestLimit limit) : limit_(limit), tokens_(limit.burst) {}
  bool take(time::Instant now);
  time::Instant next(time::Instant now) const;  ///< when take() will succeed

 private:
  RestLimit limit_;
  int tokens_;
  time::Instant refilled_at_;
  bool started_ = false;
};

/// A gap of one market being repaired.
struct Repair {
  Gap gap;
  BackfillCursor cursor;
  time::Instant due;
  int attempts = 0;
  int pages = 0;
  bool incomplete = false;
  bool waits_for_live =
      false;           ///< of a market without numbers: its end is not known before the stream runs again
  bool sweep = false;  ///< nothing is known to be missing; live trades do not wait for it
  bool again = false;  ///< of the market's first LeftGap; a sweep in everything else
  time::Instant begun_steady = {};       ///< of VenueClocks, where there are such
  std::uint64_t found = 0;               ///< trades that only this brought
  std::int64_t streamed_ns = 0;          ///< of a sweep: the stream's latest trade in its span; 0: none
  std::int64_t held_ns = 0;              ///< of a sweep: the latest trade that the history named; 0: none
  bool held_coarsely = false;            ///< and its time is that of its whole second
  std::set<std::uint64_t> numbers = {};  ///< of the gap that the history named; only when asked again
};

/// A gap that was abandoned and is asked for again later.
struct LeftGap {
  Gap gap;
  time::Instant due;
  int attempts = 0;
};

class VenueSession {
 public:
  enum class State : std::uint8_t { kStopped, kBackingOff, kConnecting, kSettling, kSubscribing, kLive };
  /// `random` gives any 64 bits; it spreads the reconnects. `clock` dates what the market says;
  /// `connection_clock` (absent: the same) measures heartbeats, time-outs, back-off and rate limits.
  /// `venue_clocks` are told what the venue says and hold back what is called whole (absent: `clock` is taken
  /// at its word, as in a simulated market). All must outlive the session.
  VenueSession(VenueProtocol& protocol, SessionSink& sink, const time::Clock& clock,
               std::function<std::uint64_t()> random, SessionLimits limits = {},
               const time::Clock* connection_clock = nullptr, VenueClocks* venue_clocks = nullptr);

  /// Before start(): trades of one market that are safe from an earlier run, not empty, the last one at the
  /// end. Those since its history was compared are best: the first sweep begins with them.
  void resume(std::span<const RawTrade> recent);
  void resume(const RawTrade& last) { resume(std::span(&last, 1)); }
  /// Before start(), after resume(): a gap that an earlier run abandoned. One that resume() covers anyway is
  /// not asked for twice.
  void ask_again(const Gap& gap);
  void start();
  /// Closes the connection and asks for no more. Trades that wait behind a gap are given on as late.
  void stop();

  void on_connected();
  void on_frame(std::string_view text);
  /// The connection failed or ended; also the answer to kClose.
  void on_disconnected(std::string_view reason);
  /// `status`: of HTTP; 0 when there was no answer.
  void on_answer(std::uint64_t request_id, int status, std::string_view body);
  void on_time();

  /// When on_time() is due at the latest.
  time::Instant wake_at() const;
  std::vector<SessionAction> take_actions();

  State state() const { return state_; }
  /// From and until when everything of a market has been given on, gaps that were noted as given up apart;
  /// where nothing in the stream shows a hole, until the history was compared with it. Nothing while
  /// something is missing, while nothing was heard of the venue for some seconds, or no venue has named a
  /// time yet; never beyond what the venues' own times prove. To be asked when nothing waits to be read.
  std::optional<WholeSpan> whole(std::uint16_t instrument) const;
  const LiveBook& book(std::uint16_t instrument) const { return markets_[instrument].book; }
  struct Counters {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t trades = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t contradictions = 0;
    std::uint64_t too_old = 0;
    std::uint64_t astray = 0;
    std::uint64_t excluded = 0;
    std::uint64_t refusals = 0;
    std::uint64_t gaps = 0;
    std::uint64_t gaps_abandoned = 0;
    std::uint64_t gaps_lost = 0;
    std::uint64_t requests = 0;
    std::uint64_t reconnects = 0;
  };
  const Counters& counters() const { return counters_; }

 private:
  struct Market {
    TradeOrder order;
    LiveBook book;
    std::optional<Repair> repair = {};
    std::optional<time::Instant> hole_since = {};
    std::uint64_t hole_first = 0;
    int resubscriptions = 0;
    time::Instant book_asked_at = {};           ///< when the book was asked for again
    std::optional<std::int64_t> swept_ns = {};  ///< the history has been compared up to here
    time::Instant sweep_at = {};
    bool delivered = false;                          ///< a trade came since the subscription
    std::optional<std::int64_t> whole_from_ns = {};  ///< what was given on is whole from here
    std::deque<std::int64_t> streamed = {};          ///< times of the stream's last trades, thinned
    std::deque<LeftGap> left = {};                   ///< the first one is that of a repair that is `again`
  };
  struct Request {
    std::uint64_t id;
    std::uint16_t market;
    time::Instant sent_at;
  };

  /// `first`, doubled so many times, at most `most`.
  static time::Duration doubled(time::Duration first, int times, time::Duration most);
  void connect();
  void subscribe();
  void reconnect(std::string_view reason, bool at_once);
  void back_off(bool at_once);
  void became_live();
  /// How many of them were new.
  std::uint64_t take_trades(std::vector<RawTrade>& trades, TradeSource source, std::string_view message,
                            bool late = false);
  void take_books(std::int64_t received_ns);
  void lose_book(std::uint16_t market, Problem problem);
  void give_ready();

  // What is missing (venue_repairs.cpp).
  void look_for_holes();
  void work_on_repairs();
  void finish_page(std::uint16_t market, const BackfillPage& page, std::string_view body);
  void begin_sweeps();
  void finish_sweep(std::uint16_t market);
  /// A trade of the stream, which a history that can be compared with it must hold.
  static void remember_streamed(Market& market, std::int64_t exchange_ns);
  void leave_for_later(std::uint16_t market, const Gap& gap);
  void begin_again();
  void finish_again(std::uint16_t market);
  void put_off(std::uint16_t market, std::string_view why);
  /// The market's first left gap is given up for good.
  void lose_left(std::uint16_t market, std::string_view why);
  /// Numbers, or nanoseconds where there are none.
  std::pair<std::uint64_t, std::uint64_t> ends_of(const Gap& gap) const;
  void repair_failed(std::uint16_t market, std::string_view why);
  void abandon(std::uint16_t market);
  void close_repair(std::uint16_t market);
  /// The market's numbers begin anew with `first`; before came `next`, the last at `last_ns`, and `hole` was
  /// open.
  void begin_anew(std::uint16_t market, const RawTrade& first, std::uint64_t next, std::int64_t last_ns,
                  const std::optional<TradeOrder::Hole>& hole);
  /// An answer that is still to come belongs to a repair that is no more.
  void forget_request(std::uint16_t market);

  void note(SessionNote::Kind kind, std::optional<std::uint16_t> market = {}, std::string detail = {},
            std::uint64_t first = 0, std::uint64_t last = 0);
  void act(SessionAction action) { actions_.push_back(std::move(action)); }
  time::Instant now() const { return connection_clock_.now(); }  ///< for spans: time-outs, heartbeats
  time::Instant date() const { return clock_.now(); }            ///< in the market's time
  /// The market's time as far as the venues' own words go too; nothing: they have named none.
  std::optional<time::Instant> proven_date() const;
  void hear_time(std::int64_t exchange_ns, bool live);
  /// What was dated by a clock that was ahead begins anew now.
  void heal_dates();
  /// The stream alone does not show all that it left out: the history is compared.
  bool sweeps() const {
    const bool hidden =
        protocol_.facts().gap_rule == GapRule::kTime || (numbered() && !protocol_.facts().end_shows);
    return protocol_.feeds().trades && hidden && limits_.sweep_every > time::Duration();
  }
  /// Up to here nothing can be missing that does not show: compared, or before a trade with its number.
  std::int64_t shown_until(const Market& market) const {
    const std::int64_t swept = market.swept_ns.value_or(market.whole_from_ns.value_or(0));
    return numbered() ? std::max(swept, market.order.last_ns()) : swept;
  }
  bool numbered() const { return protocol_.facts().gap_rule == GapRule::kDenseNumber; }
  bool connected() const { return state_ >= State::kSettling; }

  VenueProtocol& protocol_;
  SessionSink& sink_;
  const time::Clock& clock_;
  const time::Clock& connection_clock_;
  VenueClocks* venue_clocks_;
  std::function<std::uint64_t()> random_;
  SessionLimits limits_;
  std::vector<Market> markets_;
  std::vector<SessionAction> actions_;
  Frame frame_;
  std::vector<ReceivedTrade> ready_;
  TokenBucket bucket_;
  std::optional<Request> request_;
  std::uint64_t last_request_id_ = 0;
  Counters counters_;

  State state_ = State::kStopped;
  int failures_ = 0;        ///< connections in a row that did not become steady
  time::Instant deadline_;  ///< of the state: end of back-off, of connecting, of settling
  time::Instant heard_at_;
  time::Instant live_since_;
  bool complained_ = false;  ///< the venue refused something since the subscription
  time::Instant keepalive_at_;
  std::optional<std::uint64_t> connection_sequence_;
};

}  // namespace navkeeper::pricing::venues
