#pragma once
// Running PostgreSQL's own programs as another operating-system user; for cluster.cpp.
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace navkeeper::db {

/// The operating-system user that the server runs as.
struct ServerUser {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
  bool is_other = false;  ///< we are root, it is not
};
/// Ourselves; when we are root: `postgres`, which Debian's package makes, else `nobody`. Throws
/// base::Unavailable.
ServerUser server_user();
/// The name of the user that runs this process. Throws base::Unavailable when it has none.
std::string own_user_name();

/// Whether that user can pass through every folder down to `path`, or to the deepest one of them that exists.
bool can_reach(const ServerUser& user, const std::filesystem::path& path);

/// Runs a program to its end as `user`, its output appended to `log`; gives its exit status, 128 + signal
/// when killed.
int run_as(const ServerUser& user, const std::vector<std::string>& command, const std::filesystem::path& log);
/// Starts a program as `user` that outlives us: in a session of its own, adopted by init, holding none of our
/// files. Gives its process id.
pid_t start_as(const ServerUser& user, const std::vector<std::string>& command,
               const std::filesystem::path& log);

/// Whether a process of that id runs `program` (empty: whatever it runs). One that has ended and waits to be
/// collected does not; nor does another program that got the same id after a restart of the machine.
bool is_running(pid_t process, const std::string& program);

}  // namespace navkeeper::db
