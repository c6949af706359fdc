#pragma once
// What a simulated custodian can be made to do wrong. Times are the world's.
#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/instant.h"

namespace navkeeper::sandbox {

enum class CustodianFault : std::uint8_t {
  kSilence,       ///< no answer for kSilentFor of our time
  kErrors,        ///< 503
  kRateLimit,     ///< 429
  kGarbage,       ///< of every two answers one is cut off, not text, or HTML
  kTruncated,     ///< of every two lists one loses its second half, without a word
  kRepeated,      ///< of every two pages or windows one is the one before
  kStale,         ///< every answer is kStaleFor old, as a cache's with its Age
  kReplay,        ///< of every two answers one was given before, to another request
  kRestated,      ///< from its beginning on history is corrected, and stays so
  kWrongAccount,  ///< everything is another client's
  kWrongScale,    ///< amounts have their point eight places to the right
  kSlow,          ///< bytes come in pieces with a pause between them
  kUntrusted,     ///< with TLS: the certificate is another authority's
  kNewStatus,     ///< statuses that nobody has documented, and members that nobody knows
  kSkewedClock,   ///< its clock is two minutes ahead: what is signed now is refused
  kLostAnswer,    ///< what is asked for is done, and answered with 502
  kShortBalance,  ///< of every balance a thousandth is missing that no movement took: its answers agree with
                  ///< one another, so that nothing but a comparison with somebody else can tell
};
constexpr std::size_t kCustodianFaults = 17;
inline constexpr auto kSilentFor = time::Duration::milliseconds(1'500);
inline constexpr auto kStaleFor = time::Duration::minutes(45);

std::string_view name_of(CustodianFault fault);  ///< "silence", "wrong_account", ...
/// Refuses (base::Refused) a name that is none.
CustodianFault custodian_fault_named(std::string_view name);

struct CustodianFaultSpan {
  std::string custodian;  ///< empty: all
  CustodianFault fault{};
  time::Instant from;
  time::Instant until;  ///< not included
};

/// Asked by every answer and changed by control requests. Safe to share.
class CustodianFaultBoard {
 public:
  void add(CustodianFaultSpan span);
  void clear();
  bool active(std::string_view custodian, CustodianFault fault, time::Instant at) const;
  /// When a fault that stays first began, up to `at`; nothing: never.
  std::optional<time::Instant> began(std::string_view custodian, CustodianFault fault,
                                     time::Instant at) const;
  std::vector<CustodianFaultSpan> spans() const;

 private:
  mutable std::mutex mutex_;
  std::vector<CustodianFaultSpan> spans_;
};

}  // namespace navkeeper::sandbox
