#pragma once
// The real-time index as a service: what is stored of each second, the port to the store, and the replay that
// makes stored values again from what was stored with them.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/pricing/domain/markets/book_evidence.h"
#include "services/pricing/domain/markets/dated.h"
#include "services/pricing/domain/markets/real_time_index.h"

namespace navkeeper::pricing {

/// A reviewed file: one index, its versions by date (UTC).
struct RealTimeFile {
  model::IndexId id;
  model::PairId pair;
  Dated<RealTimeDefinition> versions;
};

struct StoredRealTimeFile {
  RealTimeFile file;
  int version = 0;  ///< of the file: 1, 2 ...
  std::string hash_hex;
  time::Instant known_at;
};

/// The rules of the second `at`, or null when the file has none for that day.
const RealTimeDefinition* rules_at(const RealTimeFile& file, time::Instant at);

/// One second of one index as it is stored.
struct RealTimeRecord {
  std::string index;
  time::Instant at;
  int file_version = 0;
  std::optional<std::string> value;  ///< as published
  std::optional<std::string> unrounded;
  std::string failure;        ///< "" with a value
  std::string uses;           ///< a letter a venue, see letter_of
  std::string screen_before;  ///< '1': dropped; a venue each
  std::string screen_after;
  bool is_key = false;
  base::Bytes evidence;
  time::Instant known_at;
};

/// The letters under which uses are stored: a(bsent), l(ate), o(ne-sided), x (crossed), d(eviating), u(sed).
char letter_of(BookUse use);
std::optional<BookUse> use_of(char letter);
std::string screen_text(const ScreenState& screen);
ScreenState screen_of(std::string_view text);

/// Why a second has no value, with the venues that do not count: "fewer venues are left than the minimum:
/// kraken late, coinbase absent". "" with a value.
std::string reason_of(const RealTimeDefinition& definition, const RealTimeValue& value);

RealTimeRecord record_of(const model::IndexId& index, int file_version, const RealTimeDefinition& definition,
                         const RealTimeValue& value, const ScreenState& before, bool is_key,
                         base::Bytes evidence);

class RealTimeStore {
 public:
  virtual ~RealTimeStore() = default;
  /// The newest file of each index.
  virtual std::vector<StoredRealTimeFile> files() = 0;
  virtual std::optional<StoredRealTimeFile> file(const std::string& index, int version) = 0;
  /// The newest second of an index; of all, or of those with a value.
  virtual std::optional<RealTimeRecord> last(const std::string& index, bool with_value) = 0;
  /// Seconds in [from, to], oldest first, at most `count_max`.
  virtual std::vector<RealTimeRecord> records(const std::string& index, time::Instant from, time::Instant to,
                                              int count_max) = 0;
  /// The newest key at or before an instant.
  virtual std::optional<time::Instant> key_before(const std::string& index, time::Instant at) = 0;
  /// All of them or none; a second that is there already is a Conflict.
  virtual void save(std::span<const RealTimeRecord> records) = 0;
};

/// What a replay found.
struct Replay {
  std::uint64_t seconds = 0;  ///< made again
  std::uint64_t values = 0;   ///< of them with a value
  std::uint64_t evidence_bytes = 0;
  struct Difference {
    time::Instant at;
    std::string what;  ///< "value: stored 84000.01, made again 84000.02"
  };
  std::uint64_t differing = 0;
  std::vector<Difference> differences;  ///< the first kDifferencesMax
  static constexpr std::size_t kDifferencesMax = 20;
};

/// Makes every stored second of [from, to] again from its evidence and the state before it, and compares all
/// that was stored. The screen's state must also go on from row to row while seconds follow one another.
Replay replay_real_time(RealTimeStore& store, const std::string& index, time::Instant from, time::Instant to);

}  // namespace navkeeper::pricing
