#pragma once
// The use cases behind `rates strike`, `rates show` and GET /v1/rates: a rate from the stored trades, stored
// with its whole evidence, and what was stored.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/base/refuse.h"
#include "common/money/decimal.h"
#include "common/time/clock.h"
#include "common/time/date.h"
#include "services/pricing/app/compute_rate.h"
#include "services/pricing/domain/feed_state.h"
#include "services/pricing/domain/index_definition.h"
#include "services/pricing/domain/intake.h"
#include "services/pricing/domain/markets/dated.h"
#include "services/pricing/domain/markets/pricing_checks.h"
#include "services/pricing/domain/markets/restatement.h"

namespace navkeeper::pricing {

/// How a rate is made, beside what its index says. Another way of computing it gets another name.
constexpr std::string_view kMethod = "navkeeper.rate.v1";

/// Of such a day nothing can be struck, now or later: its window does not exist, or its trades were dropped.
class NeverStruck : public base::Refused {
 public:
  using Refused::Refused;
};

struct StoredDefinition {
  IndexDefinition index;
  std::int32_t version = 0;  ///< by arrival; which one holds on a day its effective dates say
  std::string hash_hex;      ///< SHA-256 of the file
  std::string toml;
};

struct StoredRate {
  std::string index;
  time::Date date;
  std::int32_t version = 0;
  std::int32_t definition_version = 0;
  std::string method;
  std::string status;  ///< "ok", "previous", "failed"
  std::string cause;   ///< "struck" first, then "restated" by the rule or "corrected" by a person
  std::optional<std::string> value;
  std::optional<std::string> unrounded;
  time::Instant strike;
  std::string trade_hash_hex;  ///< over the trades that counted, sorted
  std::string input_hash_hex;  ///< over those, the definition, the date, the method and a previous value that
                               ///< was taken
  std::string document;        ///< canonical JSON: the answer of `rates compute` without places in files
  std::string rejected;  ///< JSON: the rejected rows with their places, and what imports and feeds rejected
  std::string coverage;  ///< JSON: partitions, venues and minutes with trades, and the last trade
  time::Instant known_at;
  std::string actor;
};

/// An import whose rows of the pair reach into a window. Its rejected rows have no pair or time that could be
/// relied on, so they are stated by count; the import's record names them.
struct WindowImport {
  std::string file;
  std::string hash_hex;
  std::uint64_t rows = 0;
  std::uint64_t rejected = 0;
};

/// What a venue's session noted about the pair while a window was open, and its gaps that reach into it,
/// whenever they were found.
struct WindowFeed {
  std::string venue;
  std::string session;
  std::uint64_t refused = 0;  ///< messages or trades, up to the bound on notes
  std::uint64_t contradictions = 0;
  std::uint64_t gaps_found = 0;
  std::uint64_t gaps_closed = 0;
  std::uint64_t gaps_abandoned = 0;
};

/// What is about to be stored.
struct NewRate {
  const StoredDefinition& definition;
  const ComputedRate& computed;
  std::string counted_trades;              ///< see counted_trades()
  std::optional<money::Decimal> previous;  ///< the value taken over, when the status says so
  std::vector<std::string> import_names;   ///< by RowPlace::file
  std::vector<WindowImport> imports;       ///< see StoredTrades
  std::vector<WindowFeed> feeds;
  FeedsOfWindow feeds_of_window;  ///< as of before the trades were read
  time::Instant now;              ///< of the strike; what the rule's deadline is held against
  /// Orders what is known, see RateStore::settle: later than `now` where a clock once was ahead.
  time::Instant known_at;
  std::string actor;
  /// Stores a further version only where this allows it, seen in the transaction that stores it; without one
  /// any other inputs make one, as a correction.
  std::optional<RestatementRule> restatement = std::nullopt;
};

/// Rows of the store as a source of trades; `names` are the files by RowPlace::file once they were read.
class StoredTrades : public TradeSource {
 public:
  virtual const std::vector<std::string>& names() const = 0;
  /// Everything that reached into the window and was known then.
  virtual const std::vector<WindowImport>& imports() const = 0;
  virtual const std::vector<WindowFeed>& feeds() const = 0;
  /// Every row as it was stored, in any order.
  virtual void each(const std::function<void(const TradeRow&)>& use) const = 0;
};

struct RateQuery {
  std::string index;
  std::optional<time::Date> from;  ///< both included
  std::optional<time::Date> to;
  std::optional<time::Date> after;                   ///< a cursor: dates after this one
  time::Instant as_of = time::Instant::latest();     ///< strikes after this do not count
  time::Instant known_at = time::Instant::latest();  ///< versions learned after this do not count
  int count_max = 100;
};

/// What the trades of a rate cover: for the checks of a price.
struct RateCoverage {
  Coverage coverage;
  std::optional<time::Instant> last_trade;  ///< of those that counted
};
class RateStore {
 public:
  virtual ~RateStore() = default;
  /// The newest version, or nothing.
  virtual std::optional<StoredDefinition> definition(const std::string& index_id) = 0;
  virtual std::vector<StoredDefinition> definitions() = 0;
  /// A time, not before `now`, at which what is known of the pair is settled: whatever is written later is
  /// known later. What is read as of it can be read the same ever after.
  virtual time::Instant settle(const std::string& pair, time::Instant now) = 0;
  /// The version whose effective dates hold `date`, or nothing.
  virtual std::optional<StoredDefinition> definition_on(const std::string& index_id, time::Date date) = 0;
  /// The trades of the pair inside the window that were known at `known_at`, and the copies elsewhere of
  /// those with ids. Throws NeverStruck when policy has dropped trades of the window.
  virtual std::unique_ptr<StoredTrades> trades(const IndexDefinition& index, const Window& window,
                                               time::Instant known_at) = 0;
  /// Of each venue that ever had a feed of the pair what is stored of its gaps around the window. A mark that
  /// lies after `now` is from a clock that was ahead, and none.
  virtual std::vector<FeedState> feed_states(const std::string& pair, const Window& window,
                                             time::Instant now) = 0;
  /// The value of the newest rate of the last earlier date that has one.
  virtual std::optional<money::Decimal> previous_value(const std::string& index_id, time::Date date) = 0;
  struct Saved {
    StoredRate rate;
    bool is_new = false;       ///< false: the newest version came from the same inputs, nothing was changed
    std::string kept_because;  ///< other inputs, and the restatement rule kept the version that stands
  };
  virtual Saved save(const NewRate& rate) = 0;
  /// What its trades cover, as stored with it; nothing for a rate of an early release.
  virtual std::optional<RateCoverage> coverage(const StoredRate& rate) = 0;
  /// The newest version of each date that matches, oldest date first, at most count_max.
  virtual std::vector<StoredRate> find(const RateQuery& query) = 0;
};

/// Of the trades that counted.
RateCoverage coverage_of(const ComputedRate& computed);

/// The trades that counted, one a line, sorted: "time venue price size", equal for equal sets of trades
/// however they came.
std::string counted_trades(const ComputedRate& computed);

/// Strikes the rate of `index_id` on `date` by the definition that holds that day. Refused: an unknown index,
/// a day without a definition, a strike time that does not exist that day, a window that has not closed yet.
/// Where a rate stands and the inputs are others, a person's strike makes a further version ("corrected");
/// with a rule, only what it allows is published ("restated").
base::Checked<RateStore::Saved> strike_rate(RateStore& store, const time::Clock& clock,
                                            const std::string& index_id, time::Date date,
                                            const std::string& actor,
                                            const std::optional<RestatementRule>& restatement = std::nullopt);

/// The history of an index from its versions in the order in which they came. Refused: a gap, a name that is
/// not ours, a pair that changes.
base::Checked<std::vector<Period<StoredDefinition>>> definition_history(
    const std::vector<StoredDefinition>& versions);
/// Where no date is given a version holds from the first day there is.
time::Date first_day_of(const IndexDefinition& index);

}  // namespace navkeeper::pricing
