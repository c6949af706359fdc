#pragma once
// Runs a real process and keeps what it printed: for the end-to-end tests.
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace navkeeper::tests {

struct Ended {
  int exit_code = -1;  ///< -signal when a signal ended it
  std::string out;
  std::string err;
};

/// Runs `command` to its end; `environment` is added to this process's own. Killed (exit_code -9) after
/// `limit`.
Ended run_process(const std::vector<std::string>& command,
                  const std::map<std::string, std::string>& environment = {},
                  std::chrono::seconds limit = std::chrono::seconds(300));

/// A process left running; killed when this object goes.
class Background {
 public:
  Background(const std::vector<std::string>& command, const std::map<std::string, std::string>& environment,
             const std::filesystem::path& log);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number) const;
  /// Waits for its end and returns the exit code (-signal), or -1000 when it still runs after `limit`.
  int wait(std::chrono::seconds limit);

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1000;
};

/// The executable under test and the checkout it was built from.
std::filesystem::path navkeeper_executable();
std::filesystem::path source_dir();
/// ../shared/data beside the checkout or $NAVKEEPER_SHARED/data; empty when there is none, and a test that
/// needs it then skips, saying so.
std::filesystem::path shared_data();

/// A fresh folder, removed with all that is in it when this object goes.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  /// Writes a file into it and returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);

}  // namespace navkeeper::tests
