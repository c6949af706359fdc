#pragma once
// A tape in memory that goes away and comes back as a test says, and now and then answers nothing although it
// has stored.
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/outside.h"
#include "services/pricing/app/tape.h"

namespace navkeeper::pricing {

class MemoryTape final : public TapeStore {
 public:
  std::vector<std::vector<TapeTrade>> begin(const Feed& feed, time::Instant, const std::string&) override {
    const std::lock_guard lock(mutex_);
    if (away_) throw base::Unavailable("the store is away");
    ++sessions_;
    std::vector<std::vector<TapeTrade>> safe(feed.pairs.size());
    for (std::size_t market = 0; market < safe.size(); ++market) {
      const auto found = positions_.find(feed.pairs[market]);
      if (found != positions_.end()) safe[market].push_back(found->second);
    }
    return safe;
  }

  std::vector<AbandonedGap> abandoned_gaps(const Feed&, time::Instant since) override {
    const std::lock_guard lock(mutex_);
    std::vector<AbandonedGap> found;
    for (const AbandonedGap& gap : abandoned_) {
      if (gap.noted_ns >= since.ns()) found.push_back(gap);
    }
    return found;
  }
  void set_abandoned(std::vector<AbandonedGap> gaps) {
    const std::lock_guard lock(mutex_);
    abandoned_ = std::move(gaps);
  }

  TapeWritten write(const TapeBatch& batch, time::Instant) override {
    const std::lock_guard lock(mutex_);
    if (away_) throw base::Unavailable("the store is away");
    TapeWritten written;
    for (const TapeTrade& trade : batch.trades) {
      auto& counts = written.by_venue[trade.feed->venue];
      const bool is_new = rows_.insert({trade.id, trade.price.to_decimal().to_string()}).second;
      ++(is_new ? counts.stored : counts.known);
      if (trade.whole) positions_[trade.feed->pairs[trade.market]] = trade;
    }
    for (const TapeNote& note : batch.notes) notes_.push_back(note.kind);
    for (const TapeWhole& whole : batch.wholes) wholes_[whole.feed->pairs[whole.market]] = whole;
    ++batches_;
    changed_.notify_all();
    if (in_doubt_every_ > 0 && batches_ % in_doubt_every_ == 0) throw base::InDoubt("no answer to COMMIT");
    return written;
  }
  void prepare(time::Date, time::Date) override {}

  void set_away(bool away) {
    const std::lock_guard lock(mutex_);
    away_ = away;
  }
  void be_in_doubt_every(int batches) {
    const std::lock_guard lock(mutex_);
    in_doubt_every_ = batches;
  }
  template <class Predicate>
  bool wait_for(Predicate predicate) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return predicate(*this); });
  }
  // Under the lock of wait_for, or when nothing runs any more.
  const std::set<std::pair<std::string, std::string>>& rows() const { return rows_; }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::map<std::string, TapeWhole>& wholes() const { return wholes_; }  ///< by pair
  int sessions() const { return sessions_; }
  int batches() const { return batches_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::pair<std::string, std::string>> rows_;  // id, price
  std::map<std::string, TapeTrade> positions_;
  std::vector<std::string> notes_;
  std::map<std::string, TapeWhole> wholes_;
  std::vector<AbandonedGap> abandoned_;
  bool away_ = false;
  int in_doubt_every_ = 0;
  int batches_ = 0;
  int sessions_ = 0;
};

}  // namespace navkeeper::pricing
