#pragma once
// LeftOutPairs: which pairs of a feed are asked for. A pair that the venue refuses must not keep the others
// out, so it is left out for a while: the one that the venue's words name, or, when they name none and
// nothing was delivered, one after the other until the subscription is accepted.
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/time/instant.h"
#include "services/pricing/adapters/venues/frame.h"

namespace navkeeper::pricing {

class LeftOutPairs {
 public:
  /// What is to be asked for in a session that begins: never nothing.
  std::vector<venues::Instrument> asked(const std::vector<venues::Instrument>& all, time::Instant now);
  /// The venue said that it refuses something, in these words.
  void refused(const std::string& words);
  /// The subscription delivers.
  void accepted();

  /// A trade of the pair came in this session.
  void delivered(const std::string& pair);

  struct Decision {
    bool begin_anew = false;
    std::string pair;  ///< left out just now; empty: none
    std::string why;
  };
  /// What follows from what was said since the last call; also when a pair's time is over.
  Decision take(const std::vector<venues::Instrument>& asked, time::Instant now, time::Duration left_out);

 private:
  std::mutex mutex_;
  std::map<std::string, time::Instant> until_;  ///< by pair
  std::optional<std::string> words_;
  bool delivers_ = false;
  std::set<std::string> delivering_;  ///< pairs of this session
  int unnamed_ = 0;                   ///< refusals in a row that named no pair
  std::size_t tried_ = 0;             ///< the next one to try without, while no words name one
  std::optional<std::string> try_;    ///< the pair that is left out on trial
};

}  // namespace navkeeper::pricing
