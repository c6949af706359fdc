#pragma once
// TapeWriter: a bounded queue between the feeds and the store, and the thread that writes batches from it.
//
// While the store is away trades wait, up to a limit. Beyond it add() takes no more and says so; then the
// feed must hang up and go on later from what was stored: nothing is dropped silently.
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "common/time/clock.h"
#include "services/pricing/app/tape.h"

namespace navkeeper::pricing {

struct TapeLimits {
  std::size_t queue_max = 200'000;  ///< trades waiting, the batch under way included: about 60 MB
  std::size_t notes_max = 20'000;
  std::size_t batch_max = 10'000;
  std::chrono::milliseconds linger{200};  ///< how long a trade waits for others to be written with it
  std::chrono::milliseconds retry_first{100};
  std::chrono::milliseconds retry_max{5'000};
  std::chrono::milliseconds flush_max{20'000};  ///< for what waits when the service stops
};

/// Told by the writer's thread; must not call back into the writer.
class TapeObserver {
 public:
  virtual ~TapeObserver() = default;
  /// The batch is committed.
  virtual void acknowledged(const TapeBatch& batch, const TapeWritten& written) = 0;
  /// It could not be written and will be tried again. `attempt` counts from 1.
  virtual void write_failed(const std::string& why, int attempt) = 0;
};

class TapeWriter {
 public:
  /// All must outlive this.
  TapeWriter(TapeStore& store, const time::Clock& clock, TapeObserver& observer, TapeLimits limits = {});
  ~TapeWriter();  ///< stops
  TapeWriter(const TapeWriter&) = delete;
  TapeWriter& operator=(const TapeWriter&) = delete;

  /// False: too much waits. The trade was not taken.
  bool add(TapeTrade trade);
  /// False: too many wait. Notes are no part of the tape: they may be lost.
  bool note(TapeNote note);
  /// The market is whole over that span once all that was added before is stored; a newer one replaces it.
  void whole(TapeWhole whole);
  /// Until everything added before is committed, or `limit` is over, or the writer stops. True: it is.
  bool wait_until_stored(std::chrono::milliseconds limit);
  /// Writes what waits, for at most flush_max, and ends. Gives how many trades were not stored.
  std::size_t stop();
  /// Trades waiting, the batch under way included.
  std::size_t depth() const;

 private:
  void run();
  TapeBatch take();
  bool write(const TapeBatch& batch);

  TapeStore& store_;
  const time::Clock& clock_;
  TapeObserver& observer_;
  TapeLimits limits_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable stored_;
  TapeBatch waiting_;
  std::size_t writing_ = 0;      ///< trades of the batch under way
  std::uint64_t added_ = 0;      ///< trades ever taken
  std::uint64_t committed_ = 0;  ///< of these
  bool stopping_ = false;
  bool give_up_ = false;  ///< the time for flushing is over
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace navkeeper::pricing
