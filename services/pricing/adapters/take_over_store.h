#pragma once
// How rows come into the tape, whichever way they came: COPY puts them into trade_incoming, and take_over
// moves those that are new into the partitions of their days.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/db/copy_writer.h"
#include "common/db/pool.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "services/pricing/domain/number.h"

namespace navkeeper::pricing {

constexpr std::string_view kDroppedDayReason = "the tape of its day was dropped by policy";

void append_number(db::CopyWriter& copy, const Number& number);

/// Makes the partitions of these days that are not there, in a transaction of its own.
void make_trade_days(db::Pool& pool, const std::vector<time::Date>& days);

/// Holds the pairs' heads until the transaction ends; gives a time after all that was fixed for reading, not
/// before `known_at`, at which the transaction's rows are known.
time::Instant enter_tape(db::Transaction& transaction, std::vector<std::string> pairs,
                         time::Instant known_at);

struct TakenOver {
  std::uint64_t trades_new = 0;  ///< stored now
  std::uint64_t trades_contradicting =
      0;  ///< of them, with the id of another trade of those days; files only
  std::vector<std::uint64_t> dropped_lines;  ///< rows of days that policy has dropped: not taken over
  time::Instant known_at;
};

/// Of the rows of `source_id` in trade_incoming those that the tape does not have; trade_incoming is empty of
/// them afterwards. `received`: a feed's.
TakenOver take_over(db::Pool& pool, db::Transaction& transaction, const std::string& source_id, bool received,
                    time::Instant known_at);

}  // namespace navkeeper::pricing
