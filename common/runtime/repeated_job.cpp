#include "common/runtime/repeated_job.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/base/ensure.h"

namespace navkeeper::runtime {

struct RepeatedJob::Implementation {
  std::chrono::milliseconds rest;
  std::function<void()> pass;
  std::function<void(const std::string&)> trouble;
  std::thread thread;
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::string last_trouble;

  void loop() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      lock.unlock();
      try {
        pass();
        last_trouble.clear();
      } catch (const std::exception& error) {
        if (last_trouble != error.what()) {
          last_trouble = error.what();
          trouble(last_trouble);
        }
      }
      lock.lock();
      wake.wait_for(lock, rest, [this] { return stopping; });
    }
  }
};

RepeatedJob::RepeatedJob(std::chrono::milliseconds rest, std::function<void()> pass,
                         std::function<void(const std::string&)> trouble)
    : implementation_(std::make_unique<Implementation>()) {
  implementation_->rest = rest;
  implementation_->pass = std::move(pass);
  implementation_->trouble = std::move(trouble);
}

RepeatedJob::~RepeatedJob() { stop(); }

void RepeatedJob::start() {
  ENSURE(!implementation_->thread.joinable());
  implementation_->thread = std::thread([this] { implementation_->loop(); });
}

bool RepeatedJob::stop() {
  if (!implementation_->thread.joinable()) return false;
  {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->stopping = true;
  }
  implementation_->wake.notify_all();
  implementation_->thread.join();
  return true;
}

bool RepeatedJob::is_stopping() const {
  const std::lock_guard lock(implementation_->mutex);
  return implementation_->stopping;
}

}  // namespace navkeeper::runtime
