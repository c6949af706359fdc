#pragma once
// RefusedTrades: trades of a feed that are dated ahead of the clock. Whose clock is wrong is not known, so
// none of them is lost: from the first one on the market's place does not move, and once no more come the
// feed is begun anew from that place, so that the venue's history brings them again. A trade that stays ahead
// in several sessions while the market's live trades are taken is the venue's mistake and is given up.
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/time/instant.h"

namespace navkeeper::pricing {

class RefusedTrades {
 public:
  struct Limits {
    time::Duration quiet = time::Duration::seconds(10);  ///< without one for so long the feed is begun anew
    time::Duration quiet_max = time::Duration::minutes(5);  ///< doubles up to this while they go on coming
    int sessions_max = 4;  ///< a trade refused in so many of them is given up
    std::size_t remembered_max = 10'000;
  };
  explicit RefusedTrades(Limits limits) : limits_(limits) {}

  struct Trade {
    std::string pair;
    std::string id;
    std::uint64_t place = 0;  ///< its number, or when it was received
  };
  /// It is ahead of the clock. False: it was given up before.
  bool refuse(Trade trade, time::Instant now);
  /// A live trade of the market was taken.
  void took_live(const std::string& pair);
  /// True: the market's place must not move any more in this session.
  bool holds(const std::string& pair) const;
  /// True when the feed is to be begun anew now.
  bool is_due(time::Instant now) const;
  /// A session ends: the trades that are given up with it.
  std::vector<Trade> end_session();

 private:
  Limits limits_;
  std::atomic<bool> any_{false};  ///< held_ is not empty: most of the time nothing else is looked at
  mutable std::mutex mutex_;
  std::map<std::string, bool> held_;  ///< by pair: whether a live trade was taken after the refusal
  std::vector<Trade> refused_;        ///< of this session
  std::map<std::pair<std::string, std::string>, int> sessions_;
  std::set<std::pair<std::string, std::string>> given_up_;
  std::optional<time::Instant> last_;
  int in_a_row_ = 0;  ///< sessions that ended with refusals
};

}  // namespace navkeeper::pricing
