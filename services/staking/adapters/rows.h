#pragma once
// Rows added many a statement, each only where it is new. Included by *_store.cpp only.
#include <string>

#include "common/db/write_batch.h"

namespace navkeeper::staking {

inline constexpr std::size_t kRowsOfOneInsert = 2'000;

/// Many rows a statement: a sync of 10,000 validators is a few round trips.
class Rows {
 public:
  Rows(db::Transaction& transaction, std::string into)
      : transaction_(transaction), writer_(transaction), into_(std::move(into)) {}
  template <class... Values>
  void add(const Values&... values) {
    text_ += (count_++ == 0 ? "" : ",\n") + writer_.row(values...);
    if (count_ == kRowsOfOneInsert) run();
  }
  /// How many rows were new.
  std::size_t finish() {
    run();
    return changed_;
  }

 private:
  void run() {
    if (count_ == 0) return;
    changed_ +=
        db::execute(transaction_, "INSERT INTO " + into_ + " VALUES " + text_ + " ON CONFLICT DO NOTHING");
    text_.clear();
    count_ = 0;
  }
  db::Transaction& transaction_;
  db::WriteBatch writer_;
  std::string into_;
  std::string text_;
  std::size_t count_ = 0;
  std::size_t changed_ = 0;
};

/// Slots and heights are whole, up to 2^64 - 1.
inline money::Decimal height_of(std::uint64_t height) {
  return money::Decimal::of(static_cast<money::Int128>(height));
}

}  // namespace navkeeper::staking
