#pragma once
#include <filesystem>

namespace navkeeper::base {

/// Holds an exclusive lock (flock) on a file of its own, which it makes where it is not there and leaves
/// behind. Waits for whoever holds it, in this process or another; the system frees it when the holder dies.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file);  ///< throws Unavailable where it cannot be written
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int handle_;
};

}  // namespace navkeeper::base
