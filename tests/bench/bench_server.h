#pragma once
// A PostgreSQL of the embedded default for the benchmarks of pricing: made for the run in the temporary
// folder, with fsync on, and removed at its end.
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "common/db/cluster.h"
#include "common/db/database.h"

namespace navkeeper::bench {

class PricingServer {
 public:
  static PricingServer& only() {
    static PricingServer server;
    return server;
  }
  db::Pool& pool() { return *pool_; }

 private:
  PricingServer() {
    std::string name = (std::filesystem::temp_directory_path() / "navkeeper-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    home_ = name;
    chmod(name.c_str(), 0755);
    database_ = std::make_unique<db::Database>(db::DatabaseSettings{home_, "", {}});
    database_->init();
    pool_ = std::make_unique<db::Pool>(database_->pool("pricing"));
  }
  ~PricingServer() {
    pool_.reset();
    const db::EmbeddedCluster cluster(home_);
    const std::filesystem::path data = cluster.data_directory();
    const std::filesystem::path sockets = cluster.socket_directory();
    database_->stop();
    std::error_code ignored;
    for (const auto& left : {data, sockets, std::filesystem::path(home_)})
      std::filesystem::remove_all(left, ignored);
  }

  std::string home_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::Pool> pool_;
};

/// What this process alone has used; PostgreSQL's backends are others.
inline double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& span) {
    return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace navkeeper::bench
