#include "common/runtime/shutdown.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>

#include "common/base/ensure.h"

namespace navkeeper::runtime {
namespace {

std::atomic<bool> g_made = false;
std::atomic<bool> g_requested = false;
sigset_t g_before;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// request() does not wake a waiter; it looks this often.
constexpr std::chrono::milliseconds kLookAgain{100};

}  // namespace

ShutdownSignals::ShutdownSignals() {
  ENSURE(!g_made.exchange(true));
  g_requested = false;
  const sigset_t set = stop_signals();
  ENSURE(pthread_sigmask(SIG_BLOCK, &set, &g_before) == 0);
  ::signal(SIGPIPE, SIG_IGN);
}

ShutdownSignals::~ShutdownSignals() {
  // A second signal that came meanwhile asked for what has happened already.
  const sigset_t set = stop_signals();
  const timespec at_once{};
  while (sigtimedwait(&set, nullptr, &at_once) > 0) continue;
  pthread_sigmask(SIG_SETMASK, &g_before, nullptr);
  g_made = false;
}

bool ShutdownSignals::wait_for(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const sigset_t set = stop_signals();
  while (!g_requested) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    const auto slice = std::max(std::chrono::milliseconds(0), std::min(left, kLookAgain));
    const timespec time{0, static_cast<long>(slice.count()) * 1'000'000};
    if (sigtimedwait(&set, nullptr, &time) > 0) g_requested = true;
    if (left.count() <= 0) break;
  }
  return g_requested;
}

void ShutdownSignals::wait() {
  while (!wait_for(std::chrono::hours(1))) continue;
}

bool ShutdownSignals::requested() const { return g_requested; }
void ShutdownSignals::request() { g_requested = true; }

}  // namespace navkeeper::runtime
