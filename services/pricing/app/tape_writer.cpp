#include "services/pricing/app/tape_writer.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace navkeeper::pricing {

TapeWriter::TapeWriter(TapeStore& store, const time::Clock& clock, TapeObserver& observer, TapeLimits limits)
    : store_(store), clock_(clock), observer_(observer), limits_(limits), thread_([this] { run(); }) {}

TapeWriter::~TapeWriter() { stop(); }

bool TapeWriter::add(TapeTrade trade) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || waiting_.trades.size() + writing_ >= limits_.queue_max) return false;
  waiting_.trades.push_back(std::move(trade));
  ++added_;
  // The first wakes the thread, which then lingers; a full batch ends the lingering.
  if (waiting_.trades.size() == 1 || waiting_.trades.size() == limits_.batch_max) wake_.notify_one();
  return true;
}

bool TapeWriter::note(TapeNote note) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || waiting_.notes.size() >= limits_.notes_max) return false;
  waiting_.notes.push_back(std::move(note));
  if (waiting_.notes.size() == 1) wake_.notify_one();
  return true;
}

void TapeWriter::whole(TapeWhole whole) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  const auto same = std::ranges::find_if(waiting_.wholes, [&](const TapeWhole& other) {
    return other.feed == whole.feed && other.market == whole.market;
  });
  if (same != waiting_.wholes.end()) {
    *same = std::move(whole);
    return;
  }
  waiting_.wholes.push_back(std::move(whole));
  if (waiting_.wholes.size() == 1) wake_.notify_one();
}

bool TapeWriter::wait_until_stored(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = added_;
  stored_.wait_for(lock, limit, [&] { return committed_ >= target || ended_; });
  return committed_ >= target;
}

std::size_t TapeWriter::stop() {
  std::unique_lock lock(mutex_);
  if (thread_.joinable()) {
    stopping_ = true;
    wake_.notify_all();
    stored_.wait_for(lock, limits_.flush_max, [&] { return ended_; });
    give_up_ = true;
    wake_.notify_all();
    lock.unlock();
    thread_.join();
    lock.lock();
  }
  return static_cast<std::size_t>(added_ - committed_);
}

std::size_t TapeWriter::depth() const {
  const std::lock_guard lock(mutex_);
  return waiting_.trades.size() + writing_;
}

void TapeWriter::run() {
  for (;;) {
    const TapeBatch batch = take();
    if (batch.empty() || !write(batch)) break;
    const std::lock_guard lock(mutex_);
    committed_ += batch.trades.size();
    writing_ = 0;
    stored_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  stored_.notify_all();
}

/// The next batch; an empty one when there is nothing left to do.
TapeBatch TapeWriter::take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
  wake_.wait_for(lock, limits_.linger,
                 [&] { return stopping_ || waiting_.trades.size() >= limits_.batch_max; });
  TapeBatch batch;
  batch.notes = std::exchange(waiting_.notes, {});
  if (waiting_.trades.size() <= limits_.batch_max) {
    batch.trades = std::exchange(waiting_.trades, {});
    batch.wholes = std::exchange(waiting_.wholes, {});
  } else {
    const auto end = waiting_.trades.begin() + static_cast<std::ptrdiff_t>(limits_.batch_max);
    batch.trades.assign(std::make_move_iterator(waiting_.trades.begin()), std::make_move_iterator(end));
    waiting_.trades.erase(waiting_.trades.begin(), end);
  }
  writing_ = batch.trades.size();
  return batch;
}

/// False: the time for flushing was over before it was committed.
bool TapeWriter::write(const TapeBatch& batch) {
  std::chrono::milliseconds pause = limits_.retry_first;
  for (int attempt = 1;; ++attempt) {
    try {
      const TapeWritten written = store_.write(batch, clock_.now());
      observer_.acknowledged(batch, written);
      return true;
    } catch (const std::exception& failure) {
      // Whatever it is: the trades must not be lost, and to write them again changes nothing.
      observer_.write_failed(failure.what(), attempt);
    }
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, pause, [&] { return give_up_; })) return false;
    pause = std::min(pause * 2, limits_.retry_max);
  }
}

}  // namespace navkeeper::pricing
