#pragma once
// The use cases behind `rates strike`, `rates show` and GET /v1/rates: a rate from the stored trades, stored
// with its whole evidence, and what was stored.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/clock.h"
#include "common/time/date.h"
#include "services/pricing/app/compute_rate.h"
#include "services/pricing/domain/index_definition.h"

namespace navkeeper::pricing {

/// How a rate is made, beside what its index says. Another way of computing it gets another name.
constexpr std::string_view kMethod = "navkeeper.rate.v1";

struct StoredDefinition {
  IndexDefinition index;
  std::int32_t version = 0;
  std::string hash_hex;  ///< SHA-256 of the file
  std::string toml;
};

struct StoredRate {
  std::string index;
  time::Date date;
  std::int32_t version = 0;
  std::int32_t definition_version = 0;
  std::string method;
  std::string status;  ///< "ok", "previous", "failed"
  std::optional<std::string> value;
  std::optional<std::string> unrounded;
  time::Instant strike;
  std::string trade_hash_hex;  ///< over the trades that counted, sorted
  std::string input_hash_hex;  ///< over those, the definition, the date, the method and a previous value that
                               ///< was taken
  std::string document;        ///< canonical JSON: the answer of `rates compute` without places in files
  std::string rejected;        ///< JSON: the rejected rows with their places
  time::Instant known_at;
  std::string actor;
};

/// What is about to be stored.
struct NewRate {
  const StoredDefinition& definition;
  const ComputedRate& computed;
  std::string counted_trades;              ///< see counted_trades()
  std::optional<money::Decimal> previous;  ///< the value taken over, when the status says so
  std::vector<std::string> import_names;   ///< by RowPlace::file
  time::Instant known_at;
  std::string actor;
};

/// Rows of the store as a source of trades; `names` are the files by RowPlace::file once they were read.
class StoredTrades : public TradeSource {
 public:
  virtual const std::vector<std::string>& names() const = 0;
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

class RateStore {
 public:
  virtual ~RateStore() = default;
  /// The newest version, or nothing.
  virtual std::optional<StoredDefinition> definition(const std::string& index_id) = 0;
  virtual std::vector<StoredDefinition> definitions() = 0;
  /// A time, not before `now`, at which what is known of the pair is settled: whatever is written later is
  /// known later. What is read as of it can be read the same ever after.
  virtual time::Instant settle(const std::string& pair, time::Instant now) = 0;
  /// The trades of the pair inside the window that were known at `known_at`, and the copies elsewhere of
  /// those with ids. Throws base::Refused when policy has dropped trades of the window.
  virtual std::unique_ptr<StoredTrades> trades(const IndexDefinition& index, const Window& window,
                                               time::Instant known_at) = 0;
  /// The value of the newest rate of the last earlier date that has one.
  virtual std::optional<money::Decimal> previous_value(const std::string& index_id, time::Date date) = 0;
  struct Saved {
    StoredRate rate;
    bool is_new = false;  ///< false: the newest version came from the same inputs, nothing was changed
  };
  virtual Saved save(const NewRate& rate) = 0;
  /// The newest version of each date that matches, oldest date first, at most count_max.
  virtual std::vector<StoredRate> find(const RateQuery& query) = 0;
};

/// The trades that counted, one a line, sorted: "time venue price size", equal for equal sets of trades
/// however they came.
std::string counted_trades(const ComputedRate& computed);

/// Strikes the rate of `index_id` on `date`. Refused: an unknown index, a strike time that does not exist
/// that day, a window that has not closed yet.
base::Checked<RateStore::Saved> strike_rate(RateStore& store, const time::Clock& clock,
                                            const std::string& index_id, time::Date date,
                                            const std::string& actor);

}  // namespace navkeeper::pricing
