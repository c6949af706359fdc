#include "common/db/server_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/base/outside.h"

namespace navkeeper::db {
namespace {

namespace fs = std::filesystem;

constexpr int kExitCannotBecomeUser = 126;
constexpr int kExitCannotRun = 127;

[[noreturn]] void unavailable(const std::string& what) {
  throw base::Unavailable(what + ": " + std::strerror(errno));
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

/// In a forked child: only calls that are safe after fork() in a program with threads.
[[noreturn]] void become_and_run(const ServerUser& user, char* const* command, char* const* environment,
                                 int log) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal_number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGQUIT, SIGUSR1, SIGUSR2})
    signal(signal_number, SIG_DFL);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  close_range(3, ~0U, 0);
  umask(077);
  if (user.is_other && (setgroups(0, nullptr) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0))
    _exit(kExitCannotBecomeUser);
  if (chdir("/") != 0) _exit(kExitCannotRun);
  execve(command[0], command, environment);
  _exit(kExitCannotRun);
}

int open_log(const fs::path& log) {
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (file < 0) unavailable("cannot write " + log.string());
  return file;
}

/// Nothing of ours leaks in: PGDATA, PGHOST, a locale.
std::vector<std::string> clean_environment() { return {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}; }

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) unavailable("waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ServerUser server_user() {
  if (geteuid() != 0) return {geteuid(), getegid(), own_user_name(), false};
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = getpwnam(name)) return {entry->pw_uid, entry->pw_gid, name, true};
  }
  throw base::Unavailable(
      "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as");
}

std::string own_user_name() {
  const passwd* entry = getpwuid(geteuid());
  if (entry == nullptr)
    throw base::Unavailable("the user id " + std::to_string(geteuid()) +
                            " has no name, and PostgreSQL's peer authentication needs one");
  return entry->pw_name;
}

bool can_reach(const ServerUser& user, const fs::path& path) {
  if (!user.is_other) return true;
  fs::path deepest = path;
  std::error_code ignored;
  while (!fs::exists(deepest, ignored) && deepest.has_relative_path()) deepest = deepest.parent_path();
  const std::string folder = deepest.string();
  const pid_t child = fork();
  if (child < 0) unavailable("fork");
  if (child == 0) {
    if (setgroups(0, nullptr) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0)
      _exit(kExitCannotBecomeUser);
    _exit(access(folder.c_str(), X_OK) == 0 ? 0 : 1);
  }
  return wait_for(child) == 0;
}

int run_as(const ServerUser& user, const std::vector<std::string>& command, const fs::path& log) {
  const auto environment = clean_environment();
  const auto command_pointers = pointers(command);
  const auto environment_pointers = pointers(environment);
  const int file = open_log(log);
  const pid_t child = fork();
  if (child < 0) unavailable("fork");
  if (child == 0) become_and_run(user, command_pointers.data(), environment_pointers.data(), file);
  close(file);
  return wait_for(child);
}

pid_t start_as(const ServerUser& user, const std::vector<std::string>& command, const fs::path& log) {
  const auto environment = clean_environment();
  const auto command_pointers = pointers(command);
  const auto environment_pointers = pointers(environment);
  std::array<int, 2> told{};
  if (pipe2(told.data(), O_CLOEXEC) != 0) unavailable("pipe");
  const int file = open_log(log);
  const pid_t child = fork();
  if (child < 0) unavailable("fork");
  if (child == 0) {
    setsid();
    // The grandchild is nobody's child here: when it ends, init collects it, not a process of ours that may
    // be busy.
    const pid_t grandchild = fork();
    if (grandchild == 0) become_and_run(user, command_pointers.data(), environment_pointers.data(), file);
    const bool is_told = write(told[1], &grandchild, sizeof grandchild) == sizeof grandchild;
    _exit(grandchild < 0 || !is_told ? 1 : 0);
  }
  close(file);
  close(told[1]);
  pid_t grandchild = 0;
  const bool is_told = read(told[0], &grandchild, sizeof grandchild) == sizeof grandchild;
  close(told[0]);
  if (wait_for(child) != 0 || !is_told) throw base::Unavailable("cannot start " + command.front());
  return grandchild;
}

bool is_running(pid_t process, const std::string& program) {
  if (process <= 0) return false;
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  if (!std::getline(stat, line)) return false;
  // "123 (postgres) S ...": the name is in the outermost parentheses.
  const auto open = line.find('(');
  const auto close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 2 >= line.size()) return false;
  const char state = line[close + 2];
  const bool is_it = program.empty() || line.substr(open + 1, close - open - 1) == program;
  return is_it && state != 'Z' && state != 'X';
}

}  // namespace navkeeper::db
