#pragma once
// SIGTERM and SIGINT as a request for an orderly stop. SIGPIPE is ignored from then on: a peer that leaves is
// an error of that write, not of the process.
#include <chrono>

namespace navkeeper::runtime {

/// Blocks the two signals for the whole process and hands them to whoever waits. Make it in main() before any
/// thread is started, one at a time (ENSURE).
class ShutdownSignals {
 public:
  ShutdownSignals();
  ~ShutdownSignals();
  ShutdownSignals(const ShutdownSignals&) = delete;
  ShutdownSignals& operator=(const ShutdownSignals&) = delete;

  /// Until one of them comes, or request() is called.
  void wait();
  /// True when one has come within that time.
  bool wait_for(std::chrono::milliseconds limit);
  bool requested() const;
  /// The same from inside the process; safe from any thread.
  void request();
};

}  // namespace navkeeper::runtime
