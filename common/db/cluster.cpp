#include "common/db/cluster.h"
#include "common/base/file_lock.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/base/bytes.h"
#include "common/base/outside.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/db/roles.h"
#include "common/db/server_process.h"

namespace navkeeper::db {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPollEvery{10};
/// Of who waits for the lock: each look asks the server too.
constexpr std::chrono::milliseconds kLookEvery{50};
/// Recovery after a crash replays at most a few hundred megabytes of log.
constexpr std::chrono::seconds kStartMax{120};
constexpr std::chrono::seconds kStopMax{60};
/// Sessions of a server that was killed may take this long to notice and go.
constexpr std::chrono::seconds kOrphansMax{20};
constexpr std::uintmax_t kLogBytesMax = std::uintmax_t{10} * 1024 * 1024;

[[noreturn]] void unavailable(const std::string& what) {
  throw base::Unavailable(what + ": " + std::strerror(errno));
}

fs::path program(const std::string& name) {
  std::vector<fs::path> folders{"/usr/lib/postgresql/15/bin", "/usr/pgsql-15/bin"};
  if (const char* own = std::getenv("NAVKEEPER_POSTGRES_BIN")) folders.insert(folders.begin(), own);
  for (const auto& folder : folders) {
    if (fs::exists(folder / name)) return folder / name;
  }
  throw base::Unavailable("PostgreSQL 15 is not installed: no " + name + " in " + folders.front().string() +
                          " (apt-get install postgresql-15)");
}

std::string short_hash(const std::string& text) { return crypto::sha256_hex(text).substr(0, 12); }

std::string read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Whole or not at all, and on the disk.
void write_file(const fs::path& file, const std::string& text, const ServerUser& user) {
  const fs::path fresh = file.string() + ".new";
  const int handle = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (handle < 0) unavailable("cannot write " + fresh.string());
  const bool is_written = write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                          (!user.is_other || fchown(handle, user.uid, user.gid) == 0) && fsync(handle) == 0;
  close(handle);
  if (!is_written || rename(fresh.c_str(), file.c_str()) != 0) unavailable("cannot write " + file.string());
}

bool is_folder_of(const fs::path& folder, const ServerUser& user) {
  struct stat status {};
  return lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == user.uid;
}

/// A folder of the server's user with these permissions; an existing one must belong to that user and be no
/// link, so that nobody else who can write in its parent (/tmp) has put it there.
void make_folder(const fs::path& folder, const ServerUser& user, mode_t mode) {
  if (mkdir(folder.c_str(), mode) == 0) {
    if (chmod(folder.c_str(), mode) != 0 || (user.is_other && chown(folder.c_str(), user.uid, user.gid) != 0))
      unavailable("cannot make " + folder.string());
    return;
  }
  if (errno != EEXIST) unavailable("cannot make " + folder.string());
  if (!is_folder_of(folder, user))
    throw base::Unavailable(folder.string() + " exists and is not a folder of the user " + user.name);
}

std::string last_lines(const fs::path& log, std::size_t count) {
  std::ifstream stream(log);
  std::deque<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
    if (lines.size() > count) lines.pop_front();
  }
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : " / ") + line;
  return text;
}

std::string configuration(const ClusterOptions& options) {
  std::string text =
      "# Written by navkeeper when the cluster was made.\n"
      "listen_addresses = ''\n"
      "synchronous_commit = on\n"
      "password_encryption = 'scram-sha-256'\n"
      "timezone = 'UTC'\n"
      "log_timezone = 'UTC'\n"
      "lc_messages = 'C'\n"
      "max_connections = 200\n"
      "max_locks_per_transaction = 256\n"  // a file of trades may reach over years of daily partitions
      "log_checkpoints = off\n";
  text += options.throw_away
              ? "shared_buffers = '32MB'\nfsync = off\nfull_page_writes = off\nautovacuum = off\n"
                "wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = '256MB'\n"
              : "shared_buffers = '256MB'\nfsync = on\nfull_page_writes = on\nwal_compression = "
                "'lz4'\nmax_wal_size = '2GB'\n";
  for (const auto& line : options.settings) text += line + "\n";
  return text;
}

/// The number that a lock file begins with; 0, which no process has, when it does not.
pid_t number_in(const std::string& text) {
  pid_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// In a lock file of the server's, a process id that nothing runs under is put in place of one that is a dead
/// process not yet collected, or another program: PostgreSQL would take either for a running server. The rest
/// of the file stays, so PostgreSQL still sees by itself whether sessions of the old server hold its shared
/// memory.
void mark_stale(const fs::path& file, const ServerUser& user) {
  const std::string text = read_file(file);
  const auto end = text.find('\n');
  if (end == std::string::npos || is_running(number_in(text), "postgres")) return;
  std::string process_id_max = read_file("/proc/sys/kernel/pid_max");
  process_id_max = process_id_max.substr(0, process_id_max.find('\n'));
  if (process_id_max.empty() || text.substr(0, end) == process_id_max) return;
  write_file(file, process_id_max + text.substr(end), user);
}

/// What pg_ident.conf says.
std::string identities() {
  std::string text = "# Written by navkeeper at every start: map, operating-system user, role.\n";
  std::vector<std::string> roles = login_roles();
  roles.emplace_back(kAdministratorRole);
  for (const auto& role : roles) text += "navkeeper " + own_user_name() + " " + role + "\n";
  return text;
}

std::string connection_value(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

/// Eight digits that nobody used before.
std::string random_hex() {
  std::array<std::uint8_t, 4> random{};
  crypto::fill_random(random);
  return base::to_hex(random);
}

}  // namespace

EmbeddedCluster::EmbeddedCluster(const fs::path& home, ClusterOptions options)
    : home_(fs::weakly_canonical(fs::absolute(home))), options_(std::move(options)) {}

/// Where the cluster lies is decided once, when it is made, and kept in a file of the home: permissions that
/// change later move nothing, and a new clone at an old place does not wake the old one's data.
fs::path EmbeddedCluster::base() const {
  std::string kept = read_file(home_ / "postgres.location");
  while (!kept.empty() && kept.back() == '\n') kept.pop_back();
  return kept.empty() ? home_ / "postgres" : fs::path(kept);
}

fs::path EmbeddedCluster::data_directory() const { return base() / "data"; }
fs::path EmbeddedCluster::log_file() const { return base() / "server.log"; }

fs::path EmbeddedCluster::socket_directory() const {
  const std::string hash = short_hash(data_directory().string());
  const fs::path run = "/run/navkeeper-" + hash;
  if (geteuid() == 0) return run;
  return "/tmp/navkeeper-" + std::to_string(geteuid()) + "-" + hash;
}

bool EmbeddedCluster::exists() const {
  std::error_code ignored;
  return fs::exists(data_directory() / "PG_VERSION", ignored);
}

std::optional<int> EmbeddedCluster::process_id() const {
  std::ifstream file(data_directory() / "postmaster.pid");
  int process = 0;
  if (!(file >> process) || !is_running(process, "postgres")) return std::nullopt;
  return process;
}

bool EmbeddedCluster::running() const { return process_id().has_value(); }

std::string EmbeddedCluster::connection(const std::string& role, const std::string& database) const {
  return "host=" + connection_value(socket_directory().string()) + " user=" + connection_value(role) +
         " dbname=" + connection_value(database) + " requirepeer=" + connection_value(server_user().name) +
         " connect_timeout=10 client_encoding=UTF8 application_name=navkeeper";
}

void EmbeddedCluster::decide_place(const std::string& user_name) {
  if (fs::exists(home_ / "postgres.location") || fs::exists(home_ / "postgres")) return;
  const ServerUser user = server_user();
  fs::path place = home_ / "postgres";
  if (!can_reach(user, home_)) {
    fs::create_directories("/var/lib/navkeeper");
    place = "/var/lib/navkeeper/" + short_hash(home_.string()) + "-" + random_hex();
    if (!can_reach(user, place))
      throw base::Unavailable("the user " + user_name + " can reach neither " + home_.string() +
                              " nor /var/lib/navkeeper");
  }
  write_file(home_ / "postgres.location", place.string() + "\n", {});
}

void EmbeddedCluster::make() {
  const ServerUser user = server_user();
  // What an interrupted attempt left goes, as far as its initdb, which may still be writing, lets it.
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(base(), ignored)) {
    if (entry.path().filename().string().starts_with("new")) fs::remove_all(entry.path(), ignored);
  }
  const fs::path fresh = base() / ("new-" + random_hex());
  std::vector<std::string> command{program("initdb").string(),
                                   "-D",
                                   fresh.string(),
                                   "--username=" + std::string(kAdministratorRole),
                                   "--auth-local=peer",
                                   "--auth-host=reject",
                                   "--encoding=UTF8",
                                   "--locale=C",
                                   "--data-checksums",
                                   "--no-instructions"};
  if (options_.throw_away) command.emplace_back("--no-sync");
  const int status = run_as(user, command, log_file());
  if (status != 0)
    throw base::Unavailable("initdb failed (" + std::to_string(status) + "): " + last_lines(log_file(), 3));
  write_file(fresh / "navkeeper.conf", configuration(options_), user);
  write_file(fresh / "postgresql.conf", read_file(fresh / "postgresql.conf") + "\ninclude 'navkeeper.conf'\n",
             user);
  write_file(fresh / "pg_hba.conf",
             "# Only the operating-system users of pg_ident.conf, over the Unix socket, without passwords.\n"
             "local all all peer map=navkeeper\n",
             user);
  if (rename(fresh.c_str(), data_directory().c_str()) != 0)
    unavailable("cannot name " + data_directory().string());
  const int folder = open(base().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
}

bool EmbeddedCluster::write_identities() {
  const fs::path file = data_directory() / "pg_ident.conf";
  const std::string text = identities();
  if (read_file(file) == text) return false;
  write_file(file, text, server_user());
  return true;
}

void EmbeddedCluster::start() {
  const ServerUser user = server_user();
  std::error_code ignored;
  if (fs::file_size(log_file(), ignored) > kLogBytesMax && !ignored)
    fs::rename(log_file(), log_file().string() + ".old", ignored);
  make_folder(socket_directory(), user, user.is_other ? 0755 : 0700);
  const auto give_up = steady_clock::now() + kStartMax;
  const auto orphans_gone = steady_clock::now() + kOrphansMax;
  while (true) {
    mark_stale(data_directory() / "postmaster.pid", user);
    mark_stale(socket_directory() / ".s.PGSQL.5432.lock", user);
    const pid_t process = start_as(user,
                                   {program("postgres").string(), "-D", data_directory().string(), "-c",
                                    "unix_socket_directories=" + socket_directory().string()},
                                   log_file());
    if (wait_until_ready(process, give_up)) return;
    // A server that an interrupted start left behind may have been quicker by a moment: it serves as well.
    if (const auto other = process_id(); other && wait_until_ready(*other, give_up)) return;
    const std::string said = last_lines(log_file(), 3);
    const bool may_pass = said.find("shared memory block") != std::string::npos ||
                          said.find("already exists") != std::string::npos;
    if (!may_pass || steady_clock::now() > orphans_gone)
      throw base::Unavailable("PostgreSQL did not start; its log " + log_file().string() + " ends: " + said);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

/// False when the process ended again.
bool EmbeddedCluster::wait_until_ready(int process, steady_clock::time_point give_up) const {
  while (true) {
    if (process_id() == process && ping() == PQPING_OK) return true;
    if (!is_running(process, "")) return false;
    if (steady_clock::now() > give_up)
      throw base::Unavailable("PostgreSQL is still not ready; its log is " + log_file().string());
    std::this_thread::sleep_for(kPollEvery);
  }
}

/// The server answers and nothing about it is to be made or written.
bool EmbeddedCluster::is_in_order(const ServerUser& user) const {
  if (!exists() || !is_folder_of(base(), user)) return false;
  if (read_file(data_directory() / "PG_VERSION") != "15\n") return false;
  if (read_file(data_directory() / "pg_ident.conf") != identities()) return false;
  return running() && ping() == PQPING_OK;
}

int EmbeddedCluster::ping() const {
  return PQping(connection(std::string(kAdministratorRole), "postgres").c_str());
}

/// Nothing where whoever held it has put the server in order meanwhile. A server that is on its way (it
/// is made, or replays its log after a crash) may take longer.
std::optional<base::FileLock> EmbeddedCluster::lock_unless_in_order(const ServerUser& user) const {
  const fs::path file = home_ / "postgres.lock";
  const auto begun = steady_clock::now();
  while (true) {
    if (auto lock = base::FileLock::try_now(file)) return lock;
    if (is_in_order(user)) return std::nullopt;
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun);
    const bool is_on_its_way = !exists() || (running() && ping() == PQPING_REJECT);
    if (waited >= options_.lock_wait_max && !(is_on_its_way && waited < kStartMax))
      base::refuse_held(file, waited);
    std::this_thread::sleep_for(kLookEvery);
  }
}

EmbeddedCluster::Started EmbeddedCluster::ensure_running() {
  const ServerUser user = server_user();
  // Who only uses the server waits for nobody, not even for a process that froze while it held the lock.
  if (is_in_order(user)) return {};
  std::error_code failed;
  fs::create_directories(home_, failed);
  if (failed) throw base::Unavailable("cannot make " + home_.string() + ": " + failed.message());
  // Held while a cluster is made, started or stopped; other processes wait.
  const auto lock = lock_unless_in_order(user);
  if (!lock) return {};
  decide_place(user.name);
  make_folder(base(), user, 0700);
  Started started;
  if (!exists()) {
    make();
    started.was_created = true;
  }
  if (const std::string version = read_file(data_directory() / "PG_VERSION"); version != "15\n")
    throw base::Unavailable(data_directory().string() + " is of PostgreSQL " + version +
                            "; this program uses 15");
  const bool has_new_identities = write_identities();
  if (const auto process = process_id()) {
    if (has_new_identities) kill(*process, SIGHUP);
    // When it ends while we look, it was about to (stopped or killed a moment ago): then we start it.
    if (wait_until_ready(*process, steady_clock::now() + kStartMax)) return started;
  }
  start();
  started.was_started = true;
  return started;
}

bool EmbeddedCluster::stop() {
  std::error_code ignored;
  if (!fs::exists(home_, ignored)) return false;
  const base::FileLock lock(home_ / "postgres.lock", options_.lock_wait_max);
  const auto process = process_id();
  if (!process) return false;
  // "Fast": rolls back what is open, writes a checkpoint, ends.
  if (kill(*process, SIGINT) != 0) unavailable("cannot stop PostgreSQL, process " + std::to_string(*process));
  const auto give_up = steady_clock::now() + kStopMax;
  while (is_running(*process, "postgres")) {
    if (steady_clock::now() > give_up)
      throw base::Unavailable("PostgreSQL, process " + std::to_string(*process) +
                              ", does not stop; its log is " + log_file().string());
    std::this_thread::sleep_for(kPollEvery);
  }
  return true;
}

}  // namespace navkeeper::db
