#include "common/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "common/base/outside.h"

namespace navkeeper::base {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTryEvery{10};

[[noreturn]] void refuse_lock(const std::string& what, const std::filesystem::path& file) {
  throw Unavailable("cannot " + what + " " + file.string() + ": " + std::strerror(errno));
}

/// The holder of the lock by the kernel's own list (proc(5), /proc/locks); 0 where it names none.
long holder_of(const std::filesystem::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return 0;
  std::array<char, 64> wanted{};
  std::snprintf(wanted.data(), wanted.size(), "%02x:%02x:%lu", major(status.st_dev), minor(status.st_dev),
                status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    // "1: FLOCK  ADVISORY  WRITE 2462 fe:00:1234 0 EOF"; who waits has "->" after the number.
    std::istringstream words(line);
    std::string number, kind, advisory, mode, place;
    long process = 0;
    words >> number >> kind >> advisory >> mode >> process >> place;
    if (words && kind == "FLOCK" && place == wanted.data()) return process;
  }
  return 0;
}

/// "navkeeper, which is stopped": by /proc/PID/stat; empty where it has gone.
std::string described(long process, bool& is_stopped) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(stat, line);
  const auto open = line.find('(');
  const auto close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 2 >= line.size()) return "";
  const char state = line[close + 2];
  is_stopped = state == 'T' || state == 't';
  return line.substr(open + 1, close - open - 1) + (is_stopped     ? ", which is stopped"
                                                    : state == 'D' ? ", which waits for a disk"
                                                                   : "");
}

}  // namespace

void refuse_held(const std::filesystem::path& file, std::chrono::milliseconds waited) {
  const std::string time = std::to_string(waited.count() / 1000) + " s";
  const long process = holder_of(file);
  const std::string number = std::to_string(process);
  bool is_stopped = false;
  const std::string what = process > 0 ? described(process, is_stopped) : "";
  if (what.empty())
    throw Unavailable(file.string() +
                      " is held by a process that cannot be seen here and did not let it go in " + time +
                      ": see who it is (fuser " + file.string() + ") and end it, or try again");
  throw Unavailable(file.string() + " is held by process " + number + " (" + what +
                    ") and was not let go in " + time + ": " +
                    (is_stopped
                         ? "let it go on (kill -CONT " + number + ") or end it (kill -KILL " + number + ")"
                         : "wait until it is done or end it (kill " + number + ")") +
                    ", then try again");
}

FileLock::FileLock(const std::filesystem::path& file, std::chrono::milliseconds wait_max) {
  const auto give_up = steady_clock::now() + wait_max;
  while (true) {
    if (auto lock = try_now(file)) {
      *this = *std::move(lock);
      return;
    }
    if (steady_clock::now() >= give_up) refuse_held(file, wait_max);
    std::this_thread::sleep_for(kTryEvery);
  }
}

std::optional<FileLock> FileLock::try_now(const std::filesystem::path& file) {
  FileLock lock;
  lock.handle_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.handle_ < 0) refuse_lock("write", file);
  while (flock(lock.handle_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) refuse_lock("lock", file);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

FileLock::~FileLock() {
  if (handle_ >= 0) close(handle_);
}

}  // namespace navkeeper::base
