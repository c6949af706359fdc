#include "common/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "common/base/outside.h"

namespace navkeeper::base {
namespace {

[[noreturn]] void refuse_lock(const std::string& what, const std::filesystem::path& file) {
  throw Unavailable("cannot " + what + " " + file.string() + ": " + std::strerror(errno));
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file)
    : handle_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (handle_ < 0) refuse_lock("write", file);
  while (flock(handle_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    close(handle_);
    refuse_lock("lock", file);
  }
}

FileLock::~FileLock() { close(handle_); }

}  // namespace navkeeper::base
