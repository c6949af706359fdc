#pragma once
// A fund X (and Y) with books on a real PostgreSQL.
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_post.h"
#include "services/nav/adapters/books_store.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::nav {

using books::Basis;
using books::Units;
using time::Date;
using time::Instant;

class BooksTest : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    pool().transact([](db::Transaction& transaction) {
      db::execute(transaction, "INSERT INTO fund (fund_id) VALUES ('X'), ('Y')");
    });
    rules_.exchange = &time::Calendar::exchange();
    rules_.settlement = &time::Calendar::settlement();
  }

  db::Pool& pool() { return service_pool("nav"); }

  static std::string open_line(const std::string& fund) {
    return R"({"date":"2026-01-02","event":"open","fund":")" + fund +
           R"(","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})" + "\n";
  }

  std::vector<EventToPost> read(const std::string& lines) {
    const auto path = folder_.path() / "events.jsonl";
    std::ofstream(path) << lines;
    return read_events_to_post(path.string(), "file");
  }

  PostReport post(const std::string& lines, const std::string& known_at = "2026-01-02T12:00:00Z",
                  const char* fund = "X") {
    const auto events = read(lines);
    return pool().transact([&](db::Transaction& transaction) {
      return post_events(transaction, model::FundId::literal(fund), rules_, events, stamp(known_at));
    });
  }

  std::string refusal(const std::string& lines) {
    try {
      post(lines);
    } catch (const base::Refused& refused) {
      return refused.what();
    }
    return "";
  }

  static Stamp stamp(const std::string& known_at) {
    return {model::ActorId::literal("olivia"), Instant::literal(known_at)};
  }

  StoredBooks load(const char* as_of, Basis basis = Basis::kNav,
                   std::optional<Instant> known_at = std::nullopt) {
    return pool().transact([&](db::Transaction& transaction) {
      return load_books(transaction, model::FundId::literal("X"), {basis, Date::literal(as_of), known_at})
          .value();
    });
  }

  std::int64_t count(const std::string& table) {
    return pool().transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + table + " WHERE fund_id = 'X'")[0][0]
          .as<std::int64_t>();
    });
  }

  const std::string open_ = open_line("X");
  // 2026-01-02 is a Friday.
  const std::string creation_ =
      R"({"id":"order-1","date":"2026-01-02","event":"creation","shares":"10000","asset":"BTC","quantity":"2","value":"160000"})"
      "\n"
      R"({"id":"order-2","date":"2026-01-02","event":"creation","shares":"10000","cash":"1000"})"
      "\n";
  test::TemporaryFolder folder_;
  PostingRules rules_;
};

}  // namespace navkeeper::nav
