// The embedded cluster and the database as the executable sees it: made, stopped, killed, raced for, on an
// existing server.
#include "common/db/cluster.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "common/base/file_lock.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/database.h"
#include "common/db/pqxx_access.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using db::query;
using db::Transaction;

/// A home whose cluster is stopped and removed at the end, wherever it was put.
class Home {
 public:
  explicit Home(const std::string& name_ending = "") : folder_(name_ending) {}
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home() {
    db::EmbeddedCluster cluster(path());
    const auto sockets = cluster.socket_directory();
    const auto data = cluster.data_directory().parent_path();
    EXPECT_NO_THROW(cluster.stop());
    fs::remove_all(sockets);
    fs::remove_all(data);
  }
  const fs::path& path() const { return folder_.path(); }
  /// Without waiting for the disk: where the machine's own end is not what is tested.
  db::InitReport init_quickly() const {
    db::EmbeddedCluster(path(), {true, {}}).ensure_running();
    return database().init();
  }
  db::Database database() const { return db::Database(db::DatabaseSettings{path(), "", {}}); }

 private:
  test::TemporaryFolder folder_;
};

db::Pool administrator(const db::EmbeddedCluster& cluster, const std::string& database = "navkeeper") {
  db::PoolSettings settings;
  settings.connection = cluster.connection(std::string(db::kAdministratorRole), database);
  return db::Pool(settings);
}

std::string ask(db::Pool& pool, const std::string& sql) {
  return pool.transact(
      [&](Transaction& transaction) { return query(transaction, sql)[0][0].as<std::string>(); });
}

std::size_t applied(const db::MigrationReport& report) {
  std::size_t count = 0;
  for (const auto& entry : report.entries) count += entry.is_new ? 1 : 0;
  return count;
}

TEST(EmbeddedCluster, IsMadeAsTheHouseWantsItAndASecondInitChangesNothing) {
  const Home home;
  auto database = home.database();
  EXPECT_FALSE(database.status().exists);
  EXPECT_THROW(database.ensure_running(), base::Refused) << "serve makes no cluster by itself";
  const auto first = database.init();
  EXPECT_TRUE(first.was_created && first.was_started && first.embedded);
  EXPECT_EQ(applied(first.migrations), first.migrations.entries.size());
  const auto second = database.init();
  EXPECT_FALSE(second.was_created || second.was_started);
  EXPECT_EQ(applied(second.migrations), 0U);
  const auto status = database.status();
  EXPECT_TRUE(status.exists && status.running && status.data_checksums);
  EXPECT_EQ(status.server_version.rfind("15.", 0), 0U);
  EXPECT_EQ(applied(status.migrations), 0U);

  db::Pool pool = administrator(db::EmbeddedCluster(home.path()));
  EXPECT_EQ(ask(pool, "SELECT current_setting('server_encoding')"), "UTF8");
  EXPECT_EQ(ask(pool, "SELECT datcollate::text FROM pg_database WHERE datname = 'navkeeper'"), "C");
  EXPECT_EQ(ask(pool, "SELECT current_setting('listen_addresses')"), "");
  EXPECT_EQ(ask(pool,
                "SELECT current_setting('fsync') || current_setting('synchronous_commit') || "
                "current_setting('full_page_writes')"),
            "ononon");
  EXPECT_LT(status.socket_directory.size() + sizeof("/.s.PGSQL.5432"), 107U);
  const auto process = db::EmbeddedCluster(home.path()).process_id();
  ASSERT_TRUE(process);
  struct stat owner {};
  ASSERT_EQ(stat(("/proc/" + std::to_string(*process)).c_str(), &owner), 0);
  EXPECT_NE(owner.st_uid, 0U) << "the server must not run as root";
}

TEST(EmbeddedCluster, StoppedAndStartedAgainItHasEverything) {
  const Home home;
  auto database = home.database();
  home.init_quickly();
  db::EmbeddedCluster cluster(home.path());
  {
    db::Pool pool = administrator(cluster);
    pool.transact(
        [](Transaction& transaction) { query(transaction, "CREATE TABLE public.kept AS SELECT 42 AS a"); });
  }
  EXPECT_TRUE(database.stop());
  EXPECT_FALSE(database.stop());
  const auto status = database.status();
  EXPECT_TRUE(status.exists);
  EXPECT_FALSE(status.running);
  database.ensure_running();
  db::Pool pool = administrator(cluster);
  EXPECT_EQ(ask(pool, "SELECT a FROM public.kept"), "42");
}

TEST(EmbeddedCluster, KilledInTheMiddleOfWritesItComesBackWithEveryAcknowledgedOne) {
  const Home home;
  home.database().init();
  db::EmbeddedCluster cluster(home.path());
  {
    db::Pool pool = administrator(cluster);
    pool.transact([](Transaction& transaction) {
      query(transaction,
            "CREATE TABLE public.entry (writer integer, number integer, PRIMARY KEY (writer, number))");
    });
  }
  constexpr int kWriters = 4;
  std::vector<int> acknowledged(kWriters, 0);  // The client's own list.
  std::atomic<int> total{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer)
    writers.emplace_back([&, writer] {
      db::Pool pool = administrator(cluster);
      try {
        for (int number = 1;; ++number) {
          pool.transact([&](Transaction& transaction) {
            db::execute(transaction, "INSERT INTO public.entry VALUES ($1, $2)", writer, number);
          });
          acknowledged[static_cast<std::size_t>(writer)] = number;
          ++total;
        }
      } catch (const base::Unavailable&) {
      } catch (const base::InDoubt&) {
      }
    });
  while (total < 200) std::this_thread::sleep_for(1ms);
  const auto process = cluster.process_id();
  ASSERT_TRUE(process);
  kill(*process, SIGKILL);
  for (auto& writer : writers) writer.join();
  const auto started = cluster.ensure_running();
  EXPECT_FALSE(started.was_created);
  EXPECT_TRUE(started.was_started);
  db::Pool pool = administrator(cluster);
  for (int writer = 0; writer < kWriters; ++writer) {
    const int last = acknowledged[static_cast<std::size_t>(writer)];
    const auto found =
        ask(pool, "SELECT count(*) FROM public.entry WHERE writer = " + std::to_string(writer) +
                      " AND number <= " + std::to_string(last));
    EXPECT_EQ(found, std::to_string(last)) << "writer " << writer;
    // One more may be there: committed, its acknowledgement lost.
    const auto all =
        std::stoi(ask(pool, "SELECT count(*) FROM public.entry WHERE writer = " + std::to_string(writer)));
    EXPECT_LE(all, last + 1);
  }
  RecordProperty("acknowledged", total.load());
}

TEST(EmbeddedCluster, ALockFileWithTheNumberOfAnotherProgramStopsNothing) {
  const Home home;
  home.init_quickly();
  db::EmbeddedCluster cluster(home.path());
  const int process = *cluster.process_id();
  kill(process, SIGKILL);
  while (cluster.running()) std::this_thread::sleep_for(5ms);
  // As after a restart of the machine: the number in the file is now some other program's. Ours, here.
  const auto file = cluster.data_directory() / "postmaster.pid";
  std::string text;
  {
    std::ifstream stream(file);
    std::getline(stream, text, '\0');
  }
  {
    std::ofstream stream(file);
    stream << getpid() << text.substr(text.find('\n'));
  }
  EXPECT_FALSE(cluster.running());
  EXPECT_TRUE(cluster.ensure_running().was_started);
  EXPECT_TRUE(cluster.running());
}

TEST(EmbeddedCluster, ProcessesThatInitAtTheSameTimeMakeOneCluster) {
  const Home home;
  std::vector<pid_t> children;
  for (int child = 0; child < 3; ++child) {
    const pid_t process = fork();
    if (process == 0) {
      try {
        home.init_quickly();
        _exit(0);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        _exit(1);
      }
    }
    children.push_back(process);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  EXPECT_TRUE(home.database().status().running);
}

/// A process that took the lock of the home and was stopped then.
class FrozenHolder {
 public:
  explicit FrozenHolder(const fs::path& home) : process_(fork()) {
    if (process_ == 0) {
      const base::FileLock lock(home / "postgres.lock");
      raise(SIGSTOP);
      _exit(0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(process_, &status, WUNTRACED), process_);
    EXPECT_TRUE(WIFSTOPPED(status));
  }
  FrozenHolder(const FrozenHolder&) = delete;
  FrozenHolder& operator=(const FrozenHolder&) = delete;
  ~FrozenHolder() { go_on(); }
  void go_on() {
    if (process_ <= 0) return;
    kill(process_, SIGCONT);
    EXPECT_EQ(waitpid(process_, nullptr, 0), process_);
    process_ = 0;
  }
  pid_t process() const { return process_; }

 private:
  pid_t process_;
};

TEST(EmbeddedCluster, AFrozenProcessThatHoldsTheLockStopsNobodyWhoUsesTheServer) {
  const Home home;
  home.init_quickly();
  FrozenHolder frozen(home.path());
  const auto begun = std::chrono::steady_clock::now();
  auto database = home.database();
  database.ensure_running();
  EXPECT_EQ(applied(database.init().migrations), 0U);
  EXPECT_TRUE(database.status().running);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s) << "nobody waited for the lock";
}

TEST(EmbeddedCluster, WhoMustHaveTheLockIsToldWhoHoldsItAndWhatToDo) {
  const Home home;
  home.init_quickly();
  FrozenHolder frozen(home.path());
  const std::string holder = std::to_string(frozen.process());
  db::EmbeddedCluster impatient(home.path(), {true, {}, 300ms});
  const auto told = [&](const auto& act) {
    try {
      act();
      ADD_FAILURE() << "nobody was told";
    } catch (const base::Unavailable& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("postgres.lock is held by process " + holder), std::string::npos) << text;
      EXPECT_NE(text.find("which is stopped"), std::string::npos) << text;
      EXPECT_NE(text.find("kill -CONT " + holder), std::string::npos) << text;
    }
  };
  told([&] { impatient.stop(); });
  const auto server = *impatient.process_id();
  kill(server, SIGINT);
  while (impatient.running()) std::this_thread::sleep_for(5ms);
  told([&] { impatient.ensure_running(); });
  // Whoever waits goes on as soon as the lock is free.
  db::EmbeddedCluster patient(home.path());
  std::thread waiting([&] { EXPECT_TRUE(patient.ensure_running().was_started); });
  std::this_thread::sleep_for(100ms);
  frozen.go_on();
  waiting.join();
  EXPECT_TRUE(patient.running());
}

TEST(EmbeddedCluster, AnInitKilledAtAnyMomentIsSimplyRunAgain) {
  for (const auto moment : {20ms, 150ms, 400ms, 900ms}) {
    const Home home;
    const pid_t process = fork();
    if (process == 0) {
      try {
        home.init_quickly();
      } catch (const std::exception&) {
      }
      _exit(0);
    }
    std::this_thread::sleep_for(moment);
    kill(process, SIGKILL);
    ASSERT_EQ(waitpid(process, nullptr, 0), process);
    ASSERT_NO_THROW(home.init_quickly())
        << "the killed one's initdb may still be writing; " << moment.count();
    EXPECT_EQ(applied(home.database().status().migrations), 0U);
    EXPECT_TRUE(home.database().status().running);
  }
}

TEST(EmbeddedCluster, RunsInAFolderOthersCannotEnterAndInOneWithALongName) {
  const Home closed("closed/home");
  chmod(closed.path().parent_path().c_str(), 0700);
  const Home distant(std::string(70, 'a') + "/" + std::string(80, 'b') + " ' \" $HOME/home");
  for (const Home* home : {&closed, &distant}) {
    auto database = home->database();
    const auto report = home->init_quickly();
    if (geteuid() == 0 && home == &closed) {
      EXPECT_EQ(report.data_directory.rfind("/var/lib/navkeeper/", 0), 0U) << report.data_directory;
    }
    database.stop();
    database.ensure_running();
    EXPECT_TRUE(database.status().running);
  }
}

TEST(EmbeddedCluster, ANewHomeAtAnOldPlaceDoesNotWakeTheOldData) {
  if (geteuid() != 0) GTEST_SKIP() << "only root's clusters lie outside the home";
  const test::TemporaryFolder folder("closed");
  const fs::path home = folder.path() / "home";
  chmod(folder.path().c_str(), 0700);
  std::vector<fs::path> places;
  for (int round = 0; round < 2; ++round) {
    db::EmbeddedCluster cluster(home, {true, {}});
    EXPECT_TRUE(cluster.ensure_running().was_created);
    places.push_back(cluster.data_directory().parent_path());
    cluster.stop();
    fs::remove_all(cluster.socket_directory());
    fs::remove_all(home);
  }
  EXPECT_NE(places[0], places[1]);
  for (const auto& place : places) fs::remove_all(place);
}

TEST(EmbeddedCluster, LetsInOnlyTheUserThatRunsIt) {
  if (geteuid() != 0) GTEST_SKIP() << "needs to become another user";
  const Home home;
  home.init_quickly();
  const auto connection = db::EmbeddedCluster(home.path()).connection("navkeeper_nav");
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(2);
    try {
      pqxx::connection refused(connection);
      _exit(1);
    } catch (const pqxx::broken_connection& error) {
      _exit(std::string(error.what()).find("Peer authentication failed") != std::string::npos ? 0 : 3);
    }
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_NO_THROW(pqxx::connection{connection});
}

TEST(EmbeddedCluster, AConfigurationItCannotRunWithIsUnavailableWithTheServersWords) {
  const Home home;
  db::EmbeddedCluster cluster(home.path(), {true, {"shared_buffers = 'a lot'"}});
  try {
    cluster.ensure_running();
    FAIL();
  } catch (const base::Unavailable& error) {
    EXPECT_NE(std::string(error.what()).find("shared_buffers"), std::string::npos) << error.what();
  }
}

TEST(ExistingServer, IsUsedWithRolesPasswordsAndMigrationsWhenAUrlIsConfigured) {
  const Home server;  // Its own cluster, playing the administrator's server.
  const Home home;
  db::EmbeddedCluster cluster(server.path(), {true, {}});
  cluster.ensure_running();
  {
    pqxx::connection connection(cluster.connection(std::string(db::kAdministratorRole), "postgres"));
    pqxx::nontransaction work(connection);
    work.exec("CREATE DATABASE keeper");
    // From now on everybody but the administrator needs a password.
    std::ofstream(cluster.data_directory() / "pg_hba.conf")
        << "local all " << db::kAdministratorRole << " peer map=navkeeper\nlocal all all scram-sha-256\n";
    work.exec("SELECT pg_reload_conf()");
    std::this_thread::sleep_for(200ms);
  }
  db::DatabaseSettings settings;
  settings.home = home.path();
  settings.url = "postgresql:///keeper?host=" + cluster.socket_directory().string() +
                 "&user=" + std::string(db::kAdministratorRole);
  for (const auto& role : db::login_roles()) settings.passwords[role] = "secret of " + role + " '\\";
  db::Database database(settings);
  const auto report = database.init();
  EXPECT_FALSE(report.embedded);
  EXPECT_EQ(applied(report.migrations), report.migrations.entries.size());
  EXPECT_EQ(applied(database.init().migrations), 0U);
  EXPECT_TRUE(database.status().running);
  EXPECT_THROW(database.stop(), base::Refused);
  for (const char* service : {"nav", "auditor"}) {
    db::Pool pool = database.pool(service);
    EXPECT_EQ(ask(pool, "SELECT current_user::text || ' ' || current_database()"),
              db::service_role(service) + " keeper");
  }
  settings.passwords["navkeeper_nav"] = "wrong";
  db::Pool refused = db::Database(settings).pool("nav");
  EXPECT_THROW(refused.begin(), base::Unavailable);
  settings.url = "postgresql://[half";
  EXPECT_THROW(db::Database(settings).init(), base::Refused);
  EXPECT_FALSE(fs::exists(home.path() / "postgres")) << "no embedded cluster beside an existing server";
}

}  // namespace
}  // namespace navkeeper
