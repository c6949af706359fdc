#pragma once
// One throw-away PostgreSQL cluster per test executable, for every db test:
//
//   class RateStoreTest : public test::PostgresTest {};       // cluster running, roles made, all migrations
//   run TEST_F(RateStoreTest, ...) { auto& pool = service_pool("pricing"); ... }
//
// The cluster is made when the first test needs it and gone when the executable ends; each test begins with
// every table of every service empty. fsync is off: what is tested here is not durability (cluster_test.cpp
// makes its own with fsync on).
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "common/db/pool.h"

namespace navkeeper::test {

/// A folder that other users may pass through, removed with everything in it at the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name_ending = "");
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path whole_;
  std::filesystem::path path_;
};

class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override;

  /// The one pool of that service's own role; "auditor" too.
  static db::Pool& service_pool(const std::string& service);
  /// The superuser, no schema in its search path: for looking and for tampering.
  static db::Pool& administrator_pool();
  /// For a pool with other settings, or another process: connection string of a role ("navkeeper_nav").
  static std::string connection(const std::string& role);
  /// Runs SQL as the superuser; several statements are allowed.
  static void run_as_administrator(const std::string& sql);
};

/// A home with a throw-away cluster in it that is stopped and removed at the end.
class ThrowAwayCluster {
 public:
  ThrowAwayCluster();
  ThrowAwayCluster(const ThrowAwayCluster&) = delete;
  ThrowAwayCluster& operator=(const ThrowAwayCluster&) = delete;
  ~ThrowAwayCluster();
  const std::filesystem::path& home() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace navkeeper::test
