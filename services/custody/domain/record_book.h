#pragma once
// What stands of a custodian's history after any number of answers, in whatever order they came, however
// often each. All of it is maxima over what was seen, so order and repetition cannot matter.
//
// Of a key's versions the one stands that was updated last; of equals the one further on (done before under
// way), of equals the one asked for last. A record that a later complete answer over its instant leaves out
// has vanished: it is neither dropped nor counted as sure.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/custody/domain/record.h"

namespace navkeeper::custody {

enum class Standing {
  kSure,          ///< the newest complete answer over its instant has it
  kVanished,      ///< seen once, left out since: restated, or an answer that was not whole
  kContradicted,  ///< two versions, and nothing says which is the newer
};
std::string_view describe(Standing standing);  ///< "sure", "vanished", "contradicted"

struct RecordState {
  Record record;
  int count = 1;
  Standing standing = Standing::kSure;
  int versions = 1;              ///< how many different ones were seen of this key
  bool amount_restated = false;  ///< among them with different amounts
  /// When it was done, by the first version that said so with the amount that stands: a source dates a
  /// version by its last touch, and a note on a record that was done long ago moves no coin again. Nothing:
  /// it is not done.
  std::optional<time::Instant> done_since = {};
  bool operator==(const RecordState&) const = default;
};

class RecordBook {
 public:
  /// An answer that holds the same key twice counts it with the higher count.
  void see(const WindowAnswer& answer);
  /// By kind, instant, key.
  std::vector<RecordState> states() const;

 private:
  struct Version {
    Record record;
    time::Instant asked_at;  ///< the latest answer that told it so
    int count = 1;           ///< in that answer; of two at one instant the higher
  };
  struct Window {
    time::Instant from;
    time::Instant to;
    time::Instant asked_at;
  };
  using Key = std::pair<RecordKind, std::string>;
  std::map<Key, std::map<std::string, Version>> versions_;  ///< by document
  std::map<RecordKind, std::vector<Window>> windows_;
};

}  // namespace navkeeper::custody
