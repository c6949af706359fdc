#pragma once
#include <chrono>
#include <filesystem>
#include <optional>

namespace navkeeper::base {

/// Nobody who is not stuck holds one for longer, but who walks every audit chain.
inline constexpr std::chrono::seconds kLockWaitMax{30};

/// Holds an exclusive lock (flock) on a file of its own, which it makes where it is not there and leaves
/// behind; the system frees it when the holder dies, not while it is stopped.
class FileLock {
 public:
  /// Waits at most `wait_max` for whoever holds it, in this process or another. Throws Unavailable where it
  /// cannot be written, or, as refuse_held() says it, when the time is over.
  explicit FileLock(const std::filesystem::path& file, std::chrono::milliseconds wait_max = kLockWaitMax);
  /// Nothing where somebody holds it now.
  static std::optional<FileLock> try_now(const std::filesystem::path& file);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;

 private:
  FileLock() = default;
  int handle_ = -1;
};

/// Throws Unavailable: who holds the file (process id, name, whether it is stopped) and what to do about it.
[[noreturn]] void refuse_held(const std::filesystem::path& file, std::chrono::milliseconds waited);

}  // namespace navkeeper::base
