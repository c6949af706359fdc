#include "services/custody/adapters/custodians/time_windows.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/base/outside.h"

namespace navkeeper::custody {
namespace {

using Place = std::tuple<time::Instant, std::string, std::string>;

Place place_of(const Record& record) { return {record.at, record.key, record.document}; }

std::vector<CountedRecord> sorted(const std::map<Place, CountedRecord>& by_place) {
  std::vector<CountedRecord> all;
  all.reserve(by_place.size());
  for (const auto& [place, record] : by_place) all.push_back(record);
  return all;
}

class Reading {
 public:
  Reading(const AskWindow& ask, const WindowRule& rule) : ask_(ask), rule_(rule) {}

  std::vector<CountedRecord> read(time::Instant from, time::Instant to) {
    return confirmed_part(from, to, one(from, to));
  }

 private:
  struct Rows {
    std::vector<CountedRecord> records;
    bool full = false;
  };

  Rows one(time::Instant from, time::Instant to) {
    if (++answers_ > rule_.answers_max)
      throw base::Unavailable("its history does not come to an end: " + std::to_string(rule_.answers_max) +
                              " answers were asked for");
    WindowRows answer = ask_(from, to);
    for (const Record& row : answer.rows) {
      if (row.at < from || row.at > to)
        throw base::Unavailable("an answer holds " + row.key + " of " + row.at.to_string() +
                                ", outside the window that was asked for");
    }
    return {counted(std::move(answer.rows)), answer.full};
  }

  struct Span {
    time::Instant from;
    time::Instant to;
  };

  /// The window in parts, each with fewer of the rows than the whole: a limit that cut the whole short then
  /// has room for what it left out.
  std::vector<Span> parts_of(time::Instant from, time::Instant to,
                             const std::vector<CountedRecord>& rows) const {
    const time::Instant oldest = rows.front().record.at;
    const time::Instant newest = rows.back().record.at;
    if (oldest < newest) {
      time::Instant split = rows[rows.size() / 2].record.at;
      if (split == oldest) {
        for (const CountedRecord& row : rows) {
          if (row.record.at == oldest) continue;
          split = row.record.at;
          break;
        }
      }
      return {{from, split - rule_.step}, {split, to}};
    }
    std::vector<Span> parts;
    if (from < oldest) parts.push_back({from, oldest - rule_.step});
    parts.push_back({oldest, oldest});
    if (oldest < to) parts.push_back({oldest + rule_.step, to});
    return parts;
  }

  /// What stands in the window, given one answer about it.
  std::vector<CountedRecord> confirmed(time::Instant from, time::Instant to, const Rows& whole) {
    if (whole.records.empty()) return {};
    if (from == to) return at_one_instant(from, to, whole);
    bool agree = !whole.full;
    std::vector<CountedRecord> together;
    std::vector<std::pair<Span, Rows>> parts;
    for (const Span& part : parts_of(from, to, whole.records)) {
      parts.emplace_back(part, one(part.from, part.to));
      agree = agree && !parts.back().second.full;
      together = merged(together, parts.back().second.records);
    }
    if (agree && together == whole.records) return whole.records;
    together = whole.records;  // what was told was there
    for (const auto& [part, rows] : parts)
      together = merged(together, confirmed_part(part.from, part.to, rows));
    return together;
  }

  std::vector<CountedRecord> confirmed_part(time::Instant from, time::Instant to, const Rows& rows) {
    // An empty answer has no parts that could confirm it: it is asked for again.
    return confirmed(from, to, rows.records.empty() ? one(from, to) : rows);
  }

  std::vector<CountedRecord> at_one_instant(time::Instant from, time::Instant to, const Rows& whole) {
    if (whole.full)
      throw base::Unavailable("more rows stand at " + from.to_string() + " than one answer holds");
    const Rows again = one(from, to);
    if (again.records != whole.records)
      throw base::Unavailable("two answers about " + from.to_string() + " do not agree");
    return whole.records;
  }

  const AskWindow& ask_;
  const WindowRule& rule_;
  int answers_ = 0;
};

}  // namespace

std::vector<CountedRecord> counted(std::vector<Record> rows) {
  std::map<Place, CountedRecord> by_place;
  for (Record& row : rows) {
    const auto [found, is_new] = by_place.try_emplace(place_of(row), CountedRecord{row, 1});
    if (!is_new) ++found->second.count;
  }
  return sorted(by_place);
}

std::vector<CountedRecord> merged(const std::vector<CountedRecord>& a, const std::vector<CountedRecord>& b) {
  std::map<Place, CountedRecord> by_place;
  for (const auto* part : {&a, &b}) {
    for (const CountedRecord& record : *part) {
      const auto [found, is_new] = by_place.try_emplace(place_of(record.record), record);
      if (!is_new) found->second.count = std::max(found->second.count, record.count);
    }
  }
  return sorted(by_place);
}

std::vector<CountedRecord> read_windows(const AskWindow& ask, time::Instant from, time::Instant to,
                                        const WindowRule& rule) {
  return Reading(ask, rule).read(from, to);
}

}  // namespace navkeeper::custody
