#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace navkeeper::tests {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void become(const std::vector<std::string>& command,
                         const std::map<std::string, std::string>& environment) {
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

/// Reads both pipes until both are closed or the time is up.
bool drain(std::array<int, 2> pipes, std::array<std::string*, 2> into, Clock::time_point until) {
  std::array<pollfd, 2> watched{pollfd{pipes[0], POLLIN, 0}, pollfd{pipes[1], POLLIN, 0}};
  int open = 2;
  while (open > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    if (poll(watched.data(), watched.size(), static_cast<int>(left)) < 0 && errno != EINTR) return false;
    for (std::size_t i = 0; i < 2; ++i) {
      if (watched[i].fd < 0 || watched[i].revents == 0) continue;
      std::array<char, 65536> buffer{};
      const ssize_t count = read(watched[i].fd, buffer.data(), buffer.size());
      if (count > 0) {
        into[i]->append(buffer.data(), static_cast<std::size_t>(count));
      } else if (count == 0 || errno != EINTR) {
        watched[i].fd = -1;
        --open;
      }
    }
  }
  return true;
}

}  // namespace

Ended run_process(const std::vector<std::string>& command,
                  const std::map<std::string, std::string>& environment, std::chrono::seconds limit) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  const pid_t pid = fork();
  if (pid == 0) {
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    become(command, environment);
  }
  close(out[1]);
  close(err[1]);
  Ended ended;
  if (!drain({out[0], err[0]}, {&ended.out, &ended.err}, Clock::now() + limit)) kill(pid, SIGKILL);
  close(out[0]);
  close(err[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  ended.exit_code = exit_code_of(status);
  return ended;
}

Background::Background(const std::vector<std::string>& command,
                       const std::map<std::string, std::string>& environment,
                       const std::filesystem::path& log)
    : pid_(fork()) {
  if (pid_ != 0) return;
  const int null = open("/dev/null", O_RDONLY);
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(null, STDIN_FILENO);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  become(command, environment);
}

Background::~Background() {
  if (!running()) return;
  kill(pid_, SIGKILL);
  wait(std::chrono::seconds(10));
}

bool Background::running() { return exit_code_ == -1000 && wait(std::chrono::seconds(0)) == -1000; }

void Background::signal(int number) const { kill(pid_, number); }

int Background::wait(std::chrono::seconds limit) {
  const auto until = Clock::now() + limit;
  while (exit_code_ == -1000) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_code_ = exit_code_of(status);
      break;
    }
    if (Clock::now() >= until) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return exit_code_;
}

std::filesystem::path source_dir() {
  const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
  return dir != nullptr ? std::filesystem::path(dir) : std::filesystem::current_path();
}

std::filesystem::path navkeeper_executable() {
  const char* dir = std::getenv("NAVKEEPER_BINARY_DIR");
  return (dir != nullptr ? std::filesystem::path(dir) : source_dir() / "build") / "navkeeper";
}

std::filesystem::path shared_data() {
  const char* shared = std::getenv("NAVKEEPER_SHARED");
  const std::filesystem::path data =
      (shared != nullptr ? std::filesystem::path(shared) : source_dir() / ".." / "shared") / "data";
  return std::filesystem::exists(data) ? std::filesystem::canonical(data) : std::filesystem::path();
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "navkeeper-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  const auto file = path_ / name;
  std::ofstream(file, std::ios::binary) << content;
  return file.string();
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace navkeeper::tests
