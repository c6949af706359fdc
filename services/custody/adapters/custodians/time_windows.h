#pragma once
// Reading a history that has neither ids nor cursors, by windows of time. An answer is believed when its
// parts confirm it; one that is full, or that they do not confirm, is read part by part. So a limit that is
// lower than documented, a page cut short and a page of another window all show. Windows that overlap are
// merged by the higher count of each row, not added.
#include <functional>
#include <utility>
#include <vector>

#include "services/custody/domain/record.h"

namespace navkeeper::custody {

/// Alike records counted; sorted by instant and document.
std::vector<CountedRecord> counted(std::vector<Record> rows);
/// Of two answers that overlap: each record with the higher of its two counts.
std::vector<CountedRecord> merged(const std::vector<CountedRecord>& a, const std::vector<CountedRecord>& b);

struct WindowRows {
  std::vector<Record> rows;
  bool full = false;  ///< the answer held as many rows as it may: there may be more
};
/// The rows between two instants, both included, as one answer has them.
using AskWindow = std::function<WindowRows(time::Instant from, time::Instant to)>;
struct WindowRule {
  time::Duration step = time::Duration::milliseconds(1);  ///< of the source's clock
  int answers_max = 2'000;                                ///< of one reading
};
/// Throws base::Unavailable when more rows than an answer holds stand at one instant, when an answer holds
/// rows outside the window that was asked for, and when it does not come to an end.
std::vector<CountedRecord> read_windows(const AskWindow& ask, time::Instant from, time::Instant to,
                                        const WindowRule& rule);

}  // namespace navkeeper::custody
