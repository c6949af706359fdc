#pragma once
// From the rows of trade files to the trades that count. Decided over all rows first: what cannot be a trade
// is rejected, copies of one (venue, pair, id) that agree are one trade, copies that contradict each other
// are all rejected. Only then are venue, pair and time looked at. So neither the order of rows nor that of
// files matters.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/pricing/domain/index_definition.h"
#include "services/pricing/domain/number.h"
#include "services/pricing/domain/trades.h"
#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

/// Where a row stands: which of the files given (from 0) and the line on which it starts (the first is 1).
struct RowPlace {
  std::uint32_t file = 0;
  std::uint64_t line = 0;
  auto operator<=>(const RowPlace&) const = default;
};

/// A row that can be a trade. The texts and wide numbers need live only during the call that they are passed
/// to.
struct TradeRow {
  RowPlace place;
  std::int64_t time_ns = 0;
  std::string_view venue;
  std::string_view pair;
  std::string_view id;  ///< empty: none
  Number price;         ///< positive
  Number size;          ///< positive
  /// When a recorded feed received it, where its file says so.
  std::optional<std::int64_t> received_ns = std::nullopt;
  /// The source gives whole seconds only: a copy with a finer time inside that second agrees, and its time
  /// counts.
  bool coarse_time = false;
  /// Not zero: a time that time_ns cannot hold, which is then the least or the greatest there is; counts
  /// nowhere, and agrees with a copy that has the same.
  std::uint64_t far_key = 0;
};

/// What a reader of trades reports to, in the order of the file.
class TradeSink {
 public:
  virtual ~TradeSink() = default;
  virtual void row(const TradeRow& row) = 0;
  virtual void reject(RowPlace place, std::string_view reason) = 0;
};

struct RejectedRow {
  RowPlace place;
  std::string reason;  ///< "price is not positive"
  bool operator==(const RejectedRow&) const = default;
};

/// How many rows were rejected, and the first of them by place.
class RejectedRows {
 public:
  static constexpr std::size_t kFirstMax = 10;
  void add(RowPlace place, std::string_view reason);
  /// As they were once counted; `first` sorted.
  static RejectedRows restored(std::uint64_t count, std::vector<RejectedRow> first) {
    RejectedRows rows;
    rows.count_ = count;
    rows.first_ = std::move(first);
    return rows;
  }
  std::uint64_t count() const { return count_; }
  const std::vector<RejectedRow>& first() const { return first_; }

 private:
  std::uint64_t count_ = 0;
  std::vector<RejectedRow> first_;  ///< sorted, at most kFirstMax
};

/// Why a whole row is rejected for what other rows say.
constexpr std::string_view kContradiction = "contradicts another row with the same venue, pair and id";

/// What came of all rows.
struct Intake {
  TradesBuilder trades;  ///< of the index's pair, venues and window, each once
  RejectedRows rejected;
  std::uint64_t ignored = 0;  ///< trades of the pair inside the window on venues that the index does not name
};

/// Takes rows one by one; finish() decides. Memory grows with the rows that carry an id (their copies may
/// come late) and with the trades that count.
class TradeIntake {
 public:
  TradeIntake(const IndexDefinition& index, Window window);
  void add(const TradeRow& row);
  void reject(RowPlace place, std::string_view reason) { rejected_.add(place, reason); }
  /// The intake must not be used afterwards, and must outlive what is built from `trades`.
  Intake finish();

 private:
  struct Held {
    RowPlace place;
    std::int64_t time_ns;
    Number price;
    Number size;
    std::uint64_t hash;
    std::size_t id_at;  ///< in ids_
    std::uint32_t id_length;
    std::uint32_t venue;  ///< in names_
    std::uint32_t pair;
    std::uint32_t original;  ///< the first row with this key, itself when it is the first
    bool contradicted;       ///< of an original: a copy differs
    bool coarse_time;
    std::uint64_t far_key;
  };
  /// The position of a venue's or pair's name; `last` is where the last row's was.
  std::uint32_t intern(std::string_view name, std::uint32_t& last);
  /// Whether the copy says what the original says; the finer of their times is kept.
  static bool agree(Held& original, const Held& copy);
  std::uint32_t find_or_place(const Held& held, std::string_view id);
  void grow();
  void count(std::int64_t time_ns, std::uint64_t far_key, std::uint32_t venue, std::uint32_t pair,
             const Number& price, const Number& size);
  Number kept(const Number& number);

  const IndexDefinition& index_;
  Window window_;
  TradesBuilder trades_;
  RejectedRows rejected_;
  std::uint64_t ignored_ = 0;
  std::deque<std::string> names_;  ///< of venues and pairs: from 1 the index's venues, then the others
  std::unordered_map<std::string_view, std::uint32_t> positions_;  ///< in names_
  std::uint32_t pair_ = 0;                                         ///< the index's
  std::uint32_t last_venue_ = 0;
  std::uint32_t last_pair_ = 0;
  std::vector<Held> held_;
  std::string ids_;
  std::vector<std::uint32_t> slots_;  ///< position in held_ plus one, 0 when free; a power of two long
  std::deque<money::Decimal> wide_;
};

}  // namespace navkeeper::pricing
