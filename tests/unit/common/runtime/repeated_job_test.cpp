#include "common/runtime/repeated_job.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace navkeeper::runtime {
namespace {

/// Counts what a job does, and waits for it.
class Watch {
 public:
  void count() {
    const std::lock_guard lock(mutex_);
    ++seen_;
    changed_.notify_all();
  }
  void wait_for(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return seen_ >= times; });
  }
  int seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int seen_ = 0;
};

constexpr std::chrono::milliseconds kShort{1};
constexpr std::chrono::hours kLong{1};

TEST(RepeatedJob, WorksAtOnceAndAgainUntilItIsStopped) {
  Watch passes;
  RepeatedJob job(
      kShort, [&] { passes.count(); }, [](const std::string&) {});
  EXPECT_EQ(passes.seen(), 0);
  job.start();
  passes.wait_for(3);
  EXPECT_FALSE(job.is_stopping());
  EXPECT_TRUE(job.stop());
  EXPECT_TRUE(job.is_stopping());
  const int after = passes.seen();
  EXPECT_FALSE(job.stop()) << "twice";
  EXPECT_EQ(passes.seen(), after);
}

TEST(RepeatedJob, StopsWhileItRests) {
  Watch passes;
  RepeatedJob job(
      kLong, [&] { passes.count(); }, [](const std::string&) {});
  job.start();
  passes.wait_for(1);
  EXPECT_TRUE(job.stop());
  EXPECT_EQ(passes.seen(), 1);
}

TEST(RepeatedJob, OneThatWasNeverStartedHasNothingToStop) {
  RepeatedJob job(
      kShort, [] {}, [](const std::string&) {});
  EXPECT_FALSE(job.stop());
}

TEST(RepeatedJob, SaysATroubleOnceUntilItIsAnotherOneOrOver) {
  Watch passes;
  int pass = 0;
  std::vector<std::string> said;
  RepeatedJob job(
      kShort,
      [&] {
        passes.count();
        switch (++pass) {
          case 1:
          case 2:
          case 5:
            throw std::runtime_error("away");
          case 3:
            throw std::runtime_error("refused");
          default:
            return;
        }
      },
      [&](const std::string& what) { said.push_back(what); });
  job.start();
  passes.wait_for(6);
  job.stop();
  EXPECT_EQ(said, (std::vector<std::string>{"away", "refused", "away"}));
}

}  // namespace
}  // namespace navkeeper::runtime
