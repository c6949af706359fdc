// What the demonstration's week comes to, byte for byte but for hashes of its tape, against tests/golden.
// ./dev golden --update rewrites the files for review; nothing else does.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/e2e/tape_hashes.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;

struct Golden {
  std::string file;
  std::vector<std::string> command;
};

const std::vector<Golden> kGolden{
    {"nav-BTCETH-2026-03-11.json", {"nav", "show", "BTCETH", "--date", "2026-03-11", "--document"}},
    {"nav-CROYIELD-2026-03-11.json", {"nav", "show", "CROYIELD", "--date", "2026-03-11", "--document"}},
    {"explain-BTCETH-2026-03-10.txt", {"nav", "explain", "BTCETH", "2026-03-10"}},
    {"explain-CROYIELD-2026-03-06.txt", {"nav", "explain", "CROYIELD", "2026-03-06"}},
    {"books-BTCETH.ledger", {"books", "export", "BTCETH"}},
};

TEST(GoldenFiles, TheDemonstrationsWeekComesToTheReviewedBytes) {
  tests::TemporaryFolder folder;
  const std::map<std::string, std::string> environment{
      {"NAVKEEPER_HOME", (folder.path() / "home").string()},
      {"NAVKEEPER_CONFIG_DIR", (tests::source_dir() / "config").string()}};
  const std::string navkeeper = tests::navkeeper_executable().string();
  const auto demonstration = tests::run_process({navkeeper, "demo"}, environment);
  EXPECT_EQ(demonstration.exit_code, 0) << demonstration.err;
  const bool update = std::getenv("NAVKEEPER_GOLDEN_UPDATE") != nullptr;
  for (const Golden& golden : kGolden) {
    std::vector<std::string> command{navkeeper};
    command.insert(command.end(), golden.command.begin(), golden.command.end());
    const fs::path written = folder.path() / golden.file;
    const bool to_file = golden.command[1] == "export";
    if (to_file) command.insert(command.end(), {"--ledger", written.string()});
    const auto answer = tests::run_process(command, environment);
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    const std::string text = to_file ? tests::read_file(written) : answer.out;
    const fs::path reviewed = tests::source_dir() / "tests" / "golden" / golden.file;
    if (update) {
      std::ofstream(reviewed, std::ios::binary) << text;
    } else {
      EXPECT_FALSE(text.empty());
      EXPECT_EQ(tests::without_tape_hashes(text), tests::without_tape_hashes(tests::read_file(reviewed)))
          << golden.file << ": if the change is meant, ./dev golden --update and review it";
    }
  }
  static_cast<void>(tests::run_process({navkeeper, "db", "stop"}, environment));
}

}  // namespace
}  // namespace navkeeper
