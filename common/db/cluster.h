#pragma once
// EmbeddedCluster: a private PostgreSQL 15 server under the home directory: data checksums, UTF-8, no TCP, a
// Unix socket, peer authentication without passwords: only the operating-system user that runs Navkeeper may
// log in, as any of its roles. When Navkeeper runs as root the server runs as another user (PostgreSQL
// refuses root).
//
// Data lie in <home>/postgres, or, when the server's user cannot reach that (a clone under /root), in
// /var/lib/navkeeper/<hash of home>. The socket lies in /run or /tmp, never under the home (a socket's path
// has 107 bytes). The server outlives the process that started it: stop() ends it.
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/base/file_lock.h"

namespace navkeeper::db {

struct ServerUser;

struct ClusterOptions {
  /// Tests only: no fsync, small memory, quick start. What such a cluster holds is lost when the machine
  /// stops.
  bool throw_away = false;
  /// Further postgresql.conf lines, written when the cluster is made.
  std::vector<std::string> settings;
  /// How long who makes, starts or stops the cluster waits for another who does.
  std::chrono::milliseconds lock_wait_max = base::kLockWaitMax;
};

class EmbeddedCluster {
 public:
  explicit EmbeddedCluster(const std::filesystem::path& home, ClusterOptions options = {});

  struct Started {
    bool was_created = false;
    bool was_started = false;
  };
  /// Makes the cluster where there is none and starts it where it does not run; returns when it answers. Two
  /// processes may do this at once; where it answers already nobody waits. Throws base::Unavailable with the
  /// server's own last words when it cannot, or with the process that holds the lock of the home for too
  /// long.
  Started ensure_running();
  /// Orderly (fast) stop; false when it was not running. Throws base::Unavailable likewise.
  bool stop();

  bool exists() const;
  bool running() const;
  std::filesystem::path data_directory() const;
  std::filesystem::path socket_directory() const;
  std::filesystem::path log_file() const;
  /// Process id of the postmaster, when it runs.
  std::optional<int> process_id() const;
  /// Connection string for `role` and `database`.
  std::string connection(const std::string& role, const std::string& database = "navkeeper") const;

 private:
  std::filesystem::path base() const;
  void decide_place(const std::string& user_name);
  void make();
  bool write_identities();
  bool is_in_order(const ServerUser& user) const;
  int ping() const;  ///< PGPing of libpq
  std::optional<base::FileLock> lock_unless_in_order(const ServerUser& user) const;
  void start();
  bool wait_until_ready(int process, std::chrono::steady_clock::time_point give_up) const;

  std::filesystem::path home_;
  ClusterOptions options_;
};

}  // namespace navkeeper::db
