#pragma once
// What the venues' own times prove about what time it is, whatever our clock says: when a venue named a time,
// it was not earlier than that, and since then as much has passed as a clock says that is never set.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "common/time/clock.h"

namespace navkeeper::pricing::venues {

class VenueClocks {
 public:
  /// What a venue said longer ago than this is no word about now: the machine may have stood still since.
  static constexpr time::Duration kHeardWithin = time::Duration::minutes(10);

  /// `steady`: time passes there as it does at the venues, and it is never set; it must outlive this.
  explicit VenueClocks(const time::Clock& steady) : steady_(steady) {}

  /// A message that the venue sent just now named this time.
  void said(const std::string& venue, std::int64_t exchange_ns);
  /// A history holds this time: it was no later than that when it was asked.
  void remembered(std::int64_t exchange_ns);

  /// It is not earlier than this; nothing: no venue has named a time. `at` (of the steady clock): it was not
  /// earlier than this then.
  std::optional<time::Instant> not_before() const { return not_before(steady_.now()); }
  std::optional<time::Instant> not_before(time::Instant at) const;
  /// By what venues sent themselves within kHeardWithin it is about this time, the latest of them: late by no
  /// more than a message is on its way.
  std::optional<time::Instant> now() const;
  time::Instant steady_now() const { return steady_.now(); }

 private:
  struct Said {
    std::int64_t offset_ns = 0;  ///< from the steady clock to the venue's
    time::Instant at;            ///< by the steady clock
  };

  const time::Clock& steady_;
  mutable std::mutex mutex_;
  std::map<std::string, Said> said_;                  ///< by venue, the newest
  std::optional<std::int64_t> remembered_offset_ns_;  ///< the latest
};

}  // namespace navkeeper::pricing::venues
