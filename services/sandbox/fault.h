#pragma once
// What a simulated venue can be made to do wrong, when, and for how long. Times are the world's.
#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/instant.h"

namespace navkeeper::sandbox {

enum class Fault : std::uint8_t {
  kSilence,        ///< the connection stands, nothing is sent on it
  kDisconnect,     ///< connections are cut, and new ones until it is over
  kDuplicate,      ///< every trade and book message comes twice
  kReorder,        ///< of every two of them the later comes first
  kDelay,          ///< everything comes kDelaySeconds late
  kGap,            ///< of every five trade messages one never comes, of every seven book messages one
  kWrongDecimals,  ///< prices have their point two places to the right, in stream, book and history
  kOutlier,        ///< prices stand twelve per cent too high, in stream, book and history
  kHalt,           ///< nothing trades; the books stand still
  kCrossedBook,    ///< the best bid lies above the best ask
  kGarbage,     ///< of every four messages one is no JSON, or not even text; so is every second REST answer
  kRestErrors,  ///< the history answers 503
  kRateLimit,   ///< the history answers that too much was asked
  kSlowTls,     ///< with TLS: bytes come with a pause between them
  kUntrusted,   ///< with TLS: the certificate is another authority's
};
constexpr std::size_t kFaults = 15;
constexpr int kDelaySeconds = 2;  ///< of the connection's clock

/// "silence", "wrong_decimals", ...
std::string_view name_of(Fault fault);
/// Refuses (base::Refused) a name that is none.
Fault fault_named(std::string_view name);

/// "VENUE:KIND@T+D": VENUE a venue or "all"; T an instant, or the time since the world's start as "90s", "5m"
/// or "1h"; D how long, likewise.
struct FaultSpan {
  std::string venue;  ///< empty: all
  Fault fault{};
  time::Instant from;
  time::Instant until;  ///< not included
};
/// Refuses (base::Refused) what is none.
FaultSpan parse_fault(std::string_view text, time::Instant start);
/// One number and one unit: "90s", "5m", "1h". Refuses (base::Refused) anything else, saying where.
time::Duration parse_span(std::string_view text, const std::string& where);

/// What is wrong now; asked by every message and changed by a control request. Safe to share.
class FaultBoard {
 public:
  explicit FaultBoard(std::vector<FaultSpan> spans = {}) : spans_(std::move(spans)) {}
  void add(FaultSpan span);
  /// Everything is well from now on.
  void clear();
  bool active(std::string_view venue, Fault fault, time::Instant at) const;
  std::vector<FaultSpan> spans() const;

 private:
  mutable std::mutex mutex_;
  std::vector<FaultSpan> spans_;
};

}  // namespace navkeeper::sandbox
