#pragma once
// A thread that does its work, rests, and does it again until it is stopped: the shape of every service's
// job.
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace navkeeper::runtime {

class RepeatedJob {
 public:
  /// `pass` runs at once after start, then again `rest` after it returned. An exception ends the pass and not
  /// the job; its text goes to `trouble`, once until another text or a pass without one.
  RepeatedJob(std::chrono::milliseconds rest, std::function<void()> pass,
              std::function<void(const std::string& what)> trouble);
  ~RepeatedJob();  ///< stops

  void start();  ///< at most once
  /// Waits for the pass that runs. False when it was never started, or was stopped before.
  bool stop();
  bool is_stopping() const;  ///< for a pass of several steps

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::runtime
