#pragma once
// The tape of live trades: what a feed hands over, and the store that keeps it.
//
// A trade is acknowledged when the COMMIT of its batch has been answered: from then on no end of this service
// or of the database takes it away. Where a feed goes on after an interruption is stored in the same
// transaction as the trades, so what was not acknowledged is fetched from the venue again.
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/model/uuid.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "services/pricing/domain/number.h"

namespace navkeeper::pricing {

/// One venue's trades from a start to an end.
struct Feed {
  model::Uuid session;
  std::string venue;
  std::vector<std::string> pairs;  ///< its markets, by position
  std::string address;             ///< where it is asked
  /// By market: it goes on from where an earlier session ended. One that does not says nothing about what
  /// lies before its first trade, and must not move the place of another that does.
  std::vector<bool> goes_on;
};

struct TapeTrade {
  std::shared_ptr<const Feed> feed;
  std::uint64_t line = 0;  ///< its position in the session, from 1
  std::uint16_t market = 0;
  bool coarse_time = false;  ///< whole seconds only
  /// Nothing of the market is missing up to it: a feed may go on from here.
  bool whole = false;
  bool anew = false;         ///< the market's numbers begin anew with it
  std::int64_t time_ns = 0;  ///< the exchange's
  std::int64_t received_ns = 0;
  Number price;  ///< positive, never wide
  Number size;
  std::string id;
  std::uint64_t number = 0;  ///< of a venue that numbers a market's trades without holes; else 0
  std::array<std::uint8_t, 32> message_hash{};
};

/// What a person should know about a session, bounded by who writes it.
struct TapeNote {
  std::shared_ptr<const Feed> feed;
  std::uint64_t seq = 0;  ///< in the session, from 1
  std::int64_t at_ns = 0;
  std::string kind;  ///< "gap_found"
  std::optional<std::uint16_t> market;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string detail;
};

/// From and until when a market is whole, gaps that were noted as given up apart.
struct TapeWhole {
  std::shared_ptr<const Feed> feed;
  std::uint16_t market = 0;
  bool resumed =
      false;  ///< nothing can lie between it and an earlier session's end; else only its own span is known
  std::int64_t from_ns = 0;
  std::int64_t until_ns = 0;
};

struct TapeBatch {
  std::vector<TapeTrade> trades;
  std::vector<TapeNote> notes;
  std::vector<TapeWhole> wholes{};  ///< true once all trades of the batch, and those before it, are stored
  bool empty() const { return trades.empty() && notes.empty() && wholes.empty(); }
};

struct TapeWritten {
  struct Counts {
    std::uint64_t stored = 0;   ///< new to the tape
    std::uint64_t known = 0;    ///< it had them
    std::uint64_t dropped = 0;  ///< of days that policy has dropped
  };
  std::map<std::string, Counts> by_venue;
};

/// A gap that an earlier session of a feed gave up and that nobody has closed or lost for good since.
struct AbandonedGap {
  std::uint16_t market = 0;
  std::uint64_t first = 0;  ///< numbers, or nanoseconds where a venue numbers none
  std::uint64_t last = 0;
  std::int64_t noted_ns = 0;
  std::optional<std::int64_t> before_ns;  ///< of the trades numbered first - 1 and last + 1, where the tape
  std::optional<std::int64_t> after_ns;   ///< has them
};

class TapeStore {
 public:
  virtual ~TapeStore() = default;
  /// Records the session (goes_on is not looked at). Gives for each market the trades that are safe from
  /// earlier ones: as many before the place where the feed goes on as it may meet again, that one at the end;
  /// none when there was no earlier session.
  virtual std::vector<std::vector<TapeTrade>> begin(const Feed& feed, time::Instant known_at,
                                                    const std::string& actor) = 0;
  /// Of the feed's venue and markets, noted at `since` or later, the oldest first, at most 1,000.
  virtual std::vector<AbandonedGap> abandoned_gaps(const Feed& feed, time::Instant since) = 0;
  /// All of the batch or nothing; committed when it returns. With the same batch again after an exception
  /// (Unavailable, Conflict, InDoubt) nothing is stored twice.
  virtual TapeWritten write(const TapeBatch& batch, time::Instant known_at) = 0;
  /// Makes room for these days, both included, ahead of need.
  virtual void prepare(time::Date first, time::Date last) = 0;
};

}  // namespace navkeeper::pricing
