#include "common/runtime/shutdown.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

namespace navkeeper::runtime {
namespace {

using namespace std::chrono_literals;

TEST(ShutdownSignals, ASignalEndsTheWait) {
  for (const int signal : {SIGTERM, SIGINT}) {
    ShutdownSignals signals;
    EXPECT_FALSE(signals.wait_for(10ms));
    ::kill(::getpid(), signal);
    signals.wait();
    EXPECT_TRUE(signals.requested());
  }
}

TEST(ShutdownSignals, ARequestFromInsideEndsTheWaitToo) {
  ShutdownSignals signals;
  std::jthread other([&] { signals.request(); });
  signals.wait();
  EXPECT_TRUE(signals.requested());
}

TEST(ShutdownSignals, ANewOneStartsUnrequested) {
  {
    ShutdownSignals signals;
    signals.request();
  }
  ShutdownSignals signals;
  EXPECT_FALSE(signals.requested());
}

}  // namespace
}  // namespace navkeeper::runtime
