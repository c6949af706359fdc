#pragma once
// VenueProtocol: everything that is particular to one venue's public market data, without any input or
// output: what to send, what a frame means, which trades are missing and how to ask for them again. One
// object serves one connection.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/instant.h"
#include "services/pricing/adapters/venues/frame.h"

namespace navkeeper::pricing::venues {

/// What a connection subscribes to.
struct Feeds {
  bool trades = true;
  bool books = false;
  int depth =
      50;  ///< levels of each side, where the venue asks for a number; rounded up to one that it offers
};

/// How missed trades show.
enum class GapRule {
  kDenseNumber,  ///< trades of a market are numbered without holes: a hole is a gap
  kTime,  ///< nothing in the messages shows a hole: after every interruption the time since the last trade is
          ///< asked for
  kNone,  ///< there is no history to ask for
};

/// Requests that a venue's REST interface takes from one address, at most `burst` at once. Half of what the
/// venue documents, so that another program on the same address does not get us banned.
struct RestLimit {
  int burst = 1;
  time::Duration refill;  ///< one more request after each such span
};

struct Endpoint {
  std::string host;
  std::string target;  ///< path of the websocket; empty for REST
};

/// What does not change while a connection lives.
struct VenueFacts {
  Venue venue{};
  Endpoint socket;
  Endpoint rest;
  GapRule gap_rule = GapRule::kNone;
  RestLimit rest_limit;
  time::Duration settle;     ///< to wait between connecting and the first message
  time::Duration silence;    ///< without any frame for so long the connection counts as dead
  time::Duration keepalive;  ///< how often keepalive() must be sent; zero: never
  /// Where trades are numbered: a quiet stream says how far the numbers reach, so that a loss at its end
  /// shows.
  bool end_shows = false;
  bool numbered_connection =
      false;  ///< every frame has Frame::connection_sequence, from any start, without holes
};

/// Trades of one market that must be fetched again.
struct Gap {
  std::uint16_t instrument = 0;
  std::uint64_t number_first = 0;  ///< first and last missing number; 0 and 0 when only times are known
  std::uint64_t number_last = 0;
  std::int64_t from_ns = 0;   ///< nothing before is wanted (the last trade seen before the hole)
  std::int64_t until_ns = 0;  ///< nothing after is wanted (the first trade seen after it, or the present)
  TradeId after_id{};         ///< the last trade before the hole, where one is known
};

/// Where a backfill stands: opaque between pages.
struct BackfillCursor {
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;
  std::uint64_t number = 0;
  std::string token;
};

/// A GET request. `query` is already percent-encoded and has no question mark.
struct RestRequest {
  std::string path;
  std::string query;
};

struct BackfillPage {
  std::vector<RawTrade> trades;  ///< of the gap's market; may reach beyond the gap on both sides
  bool done = false;             ///< the gap is covered as far as the venue can cover it
  bool incomplete =
      false;  ///< some trades are out of reach: the venue's history is too short, or a page too small
  BackfillCursor next;  ///< where to go on when not done
  std::uint32_t excluded = 0;
  std::vector<FrameRefusal> refusals;  ///< trades that cannot be read; kNotJson when the answer is none,
                                       ///< kUnknownInstrument (and no trades) when it is of another market
};

/// For a history that is asked for by time, newest or oldest first, in pages of a size that nobody promises:
/// narrows [from_ms, until_ms] (both included) by what a page brought, until a page is empty. Never loops:
/// every step narrows.
class PageRange {
 public:
  PageRange(std::int64_t from_ms, std::int64_t until_ms) : from_ms_(from_ms), until_ms_(until_ms) {}
  /// One row of the page, in the order in which it stands.
  void row(std::int64_t ms);
  /// After the page. False when the range is covered.
  bool narrow();
  std::int64_t from_ms() const { return from_ms_; }
  std::int64_t until_ms() const { return until_ms_; }
  /// One millisecond filled a page, so that some of its trades could not be reached.
  bool overflowed() const { return overflowed_; }
  int rows() const { return rows_; }

 private:
  static constexpr int kSuspiciousRows = 25;  ///< the smallest page size of any venue
  std::int64_t from_ms_;
  std::int64_t until_ms_;
  std::int64_t first_ms_ = 0;
  std::int64_t last_ms_ = 0;
  std::int64_t lowest_ms_ = INT64_MAX;
  std::int64_t highest_ms_ = INT64_MIN;
  int rows_ = 0;
  bool overflowed_ = false;
};

class VenueProtocol {
 public:
  virtual ~VenueProtocol() = default;
  VenueProtocol(const VenueProtocol&) = delete;
  VenueProtocol& operator=(const VenueProtocol&) = delete;

  virtual const VenueFacts& facts() const = 0;
  const std::vector<Instrument>& instruments() const { return instruments_; }
  const Feeds& feeds() const { return feeds_; }
  /// Levels of each side that the venue's book is kept to, where it must be cut to them; 0: it need not be.
  virtual int book_depth() const { return 0; }

  /// The texts to send after connecting, in order. `now_ms` serves as the venue's nonce where it wants one.
  virtual std::vector<std::string> subscribe(std::int64_t now_ms) const = 0;
  /// The texts that ask for one market's book anew; empty when the next message brings a whole book anyway.
  virtual std::vector<std::string> resubscribe_book(std::uint16_t instrument, std::int64_t now_ms) const;
  /// The text that keeps an idle connection open, where facts().keepalive is not zero.
  virtual std::string keepalive(std::int64_t now_ms) const;

  /// Reads one text frame into `out`, which is cleared first. Whatever the bytes are, the answer is in `out`.
  virtual void read(std::string_view frame, Frame& out) noexcept = 0;

  /// The cursor of a gap's first page.
  virtual BackfillCursor begin_backfill(const Gap& gap) const;
  /// The request for the page at `cursor`; nothing when the venue has no history. `now` bounds what is asked
  /// for.
  virtual std::optional<RestRequest> backfill_request(const Gap& gap, const BackfillCursor& cursor,
                                                      time::Instant now) const = 0;
  virtual BackfillPage read_backfill(std::string_view body, const Gap& gap,
                                     const BackfillCursor& cursor) noexcept = 0;

 protected:
  /// At least one instrument, at most 1000, symbols distinct (ENSURE).
  VenueProtocol(std::vector<Instrument> instruments, Feeds feeds);

  std::optional<std::uint16_t> find(std::string_view symbol) const;
  const Instrument& instrument(std::uint16_t position) const { return instruments_[position]; }

 private:
  std::vector<Instrument> instruments_;
  Feeds feeds_;
};

// One file each, named after the venue. `instruments` as above.
std::unique_ptr<VenueProtocol> crypto_com(std::vector<Instrument> instruments, Feeds feeds = {});
/// Coinbase Exchange: trades only, its book needs a signed subscription.
std::unique_ptr<VenueProtocol> coinbase(std::vector<Instrument> instruments);
/// Coinbase Advanced Trade: books only; another host, which needs no key.
std::unique_ptr<VenueProtocol> coinbase_level2(std::vector<Instrument> instruments);
std::unique_ptr<VenueProtocol> kraken(std::vector<Instrument> instruments, Feeds feeds = {});
std::unique_ptr<VenueProtocol> bitstamp(std::vector<Instrument> instruments, Feeds feeds = {});
/// Trades only.
std::unique_ptr<VenueProtocol> gemini(std::vector<Instrument> instruments);
/// Trades only.
std::unique_ptr<VenueProtocol> bullish(std::vector<Instrument> instruments);
/// Quotes only: the ticker is throttled, so its last trade is not a tape (see lmax.cpp).
std::unique_ptr<VenueProtocol> lmax(std::vector<Instrument> instruments);

}  // namespace navkeeper::pricing::venues
