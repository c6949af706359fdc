#pragma once
// RealTimeBoard: the newest second of each index of this process, and those who watch it.
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/json/write.h"
#include "common/time/instant.h"
#include "services/pricing/app/live_index.h"

namespace navkeeper::http {
class Channel;
}

namespace navkeeper::pricing {

/// A second of an index as it is shown.
struct ShownSecond {
  std::string index;
  std::string pair;
  time::Instant at;
  std::optional<std::string> value;
  std::optional<std::string> unrounded;
  std::string reason;  ///< why there is no value; "" with one
  int definition_version = 0;
  std::vector<std::pair<std::string, std::string>> venues;  ///< name and use
};

ShownSecond shown(const ClosedSecond::Value& value);
/// One that comes from the store.
ShownSecond shown(const RealTimeRecord& record, const StoredRealTimeFile& file);

/// Members of an object that is open: index, pair, at, value, unrounded, reason, definition_version, venues.
void write_second(json::Writer& writer, const ShownSecond& second);

/// What a venue last quoted for a pair.
struct ShownQuote {
  std::string venue;
  money::Decimal bid;  ///< positive, below the ask
  money::Decimal ask;
  time::Instant at;  ///< by the venue
  time::Instant received_at;
};

class RealTimeBoard {
 public:
  /// To the index's channel, and kept as its newest second.
  void show(ShownSecond second);
  std::optional<ShownSecond> newest(const std::string& index) const;
  std::optional<ShownSecond> newest_value(const std::string& index) const;
  /// Kept as the venue's newest of that pair.
  void quote(const std::string& pair, ShownQuote quote);
  std::vector<ShownQuote> quotes(const std::string& pair) const;  ///< by venue
  /// Where each second of the index is published: write_second's object.
  std::shared_ptr<http::Channel> channel(const std::string& index);

 private:
  struct Entry {
    std::optional<ShownSecond> newest;
    std::optional<ShownSecond> newest_value;
    std::shared_ptr<http::Channel> channel;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::map<std::string, ShownQuote>> quotes_;  ///< by pair and venue
};

}  // namespace navkeeper::pricing
