// The command line itself: what --help of the pure forms shows runs, and a command line that is wrong exits 2
// before anything is opened.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.h"

namespace navkeeper {
namespace {

using tests::Ended;

class CommandLine : public testing::Test {
 protected:
  /// With a home that does not exist: a command that opened the database would say so with another exit code.
  Ended run(std::vector<std::string> words, const std::filesystem::path& folder = "") const {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    if (!folder.empty()) {
      std::string line = "cd '" + folder.string() + "' &&";
      for (const std::string& word : words) line += " '" + word + "'";
      words = {"/bin/sh", "-c", line};
    }
    return tests::run_process(words, {{"NAVKEEPER_HOME", (folder_.path() / "none").string()}});
  }
  tests::TemporaryFolder folder_;
};

/// Writes each "NAME:" block of the help, indented by two, into the folder; gives the commands of "Example:
/// ...".
std::vector<std::vector<std::string>> unpack(const std::string& help, tests::TemporaryFolder& folder) {
  std::vector<std::vector<std::string>> commands;
  std::istringstream lines(help);
  std::string name;
  std::string content;
  for (std::string line; std::getline(lines, line);) {
    if (!name.empty() && line.rfind("  ", 0) == 0) {
      content += line.substr(2) + "\n";
      continue;
    }
    if (!name.empty()) folder.write(name, content);
    const bool begins =
        line.find(' ') == std::string::npos && line.ends_with(":") && line.find('.') != line.npos;
    name = begins ? line.substr(0, line.size() - 1) : "";
    content.clear();
    if (line.rfind("Example: navkeeper ", 0) != 0) continue;
    std::istringstream words(line.substr(std::string("Example: navkeeper ").size()));
    commands.emplace_back();
    for (std::string word; words >> word;) commands.back().push_back(word);
  }
  return commands;
}

TEST_F(CommandLine, TheHelpOfEachPureFormListsItsShapeAndItsExampleRuns) {
  struct Form {
    const char* noun;
    std::size_t examples;
    const char* answers;
  };
  for (const Form& form :
       {Form{"rates", 1, "\"value\":\"84005.05\""}, Form{"nav", 1, "\"nav_per_share\":\"24.9921\""},
        Form{"books", 1, "\"net_assets\":\"413987.66\""},
        Form{"staking", 2, "\"total_income_gwei\":\"10000005\""}}) {
    const Ended help = run({form.noun, "compute", "--help"});
    ASSERT_EQ(help.exit_code, 0) << help.err;
    const auto commands = unpack(help.out, folder_);
    ASSERT_EQ(commands.size(), form.examples) << help.out;
    for (const auto& command : commands) {
      const Ended answer = run(command, folder_.path());
      EXPECT_EQ(answer.exit_code, 0) << form.noun << ": " << answer.err;
      if (&command != &commands.front()) continue;
      EXPECT_NE(answer.out.find(form.answers), std::string::npos) << answer.out;
    }
  }
}

/// What is wrong with a file is said before anything is opened: an example that is right asks for the
/// database.
TEST_F(CommandLine, TheExamplesInTheHelpOfActingCommandsAreReadAndSayWhoActs) {
  struct Form {
    std::vector<std::string> words;
    std::size_t examples;
  };
  for (const Form& form : {Form{{"nav", "evidence"}, 2}, Form{{"distribution", "declare"}, 1},
                           Form{{"action", "propose"}, 2}, Form{{"fund", "record"}, 1}}) {
    std::vector<std::string> words = form.words;
    words.emplace_back("--help");
    const Ended help = run(words);
    ASSERT_EQ(help.exit_code, 0) << help.err;
    const auto commands = unpack(help.out, folder_);
    ASSERT_EQ(commands.size(), form.examples) << help.out;
    for (const auto& command : commands) {
      EXPECT_NE(std::find(command.begin(), command.end(), "--as"), command.end()) << help.out;
      const Ended answer = run(command, folder_.path());
      EXPECT_EQ(answer.exit_code, 1) << answer.err;
      const std::string none =
          "navkeeper: " + (folder_.path() / "none").string() + ": there is no database yet";
      EXPECT_EQ(answer.err.rfind(none, 0), 0U) << answer.err;
      EXPECT_NE(answer.err.find("NAVKEEPER_HOME"), std::string::npos) << answer.err;
    }
  }
}

TEST_F(CommandLine, EveryHelpNamesWhoActsAndWhereTheHomeIs) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"help"}, {"nav", "approve", "--help"}, {"help", "nav", "evidence"}}) {
    const Ended help = run(words);
    EXPECT_EQ(help.exit_code, 0) << help.err;
    for (const char* word : {"--as NAME", "NAVKEEPER_HOME", "NAVKEEPER_DATABASE_URL"}) {
      const auto at = help.out.find(word);
      EXPECT_NE(at, std::string::npos) << words.front() << ": " << word;
      EXPECT_EQ(help.out.find("The compute forms are pure", at),
                help.out.rfind("The compute forms are pure"));
    }
  }
  EXPECT_EQ(run({"help", "nav", "approve"}).out, run({"nav", "approve", "--help"}).out);
  const Ended version = run({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out.rfind("navkeeper ", 0), 0U) << version.out;
  EXPECT_EQ(run({"no-such-command"}).err,
            "navkeeper: 'no-such-command' is not known here (navkeeper --help explains)\n");
}

/// The names below "Subcommands:"; empty for a command that does something.
std::vector<std::string> subcommands_in(const std::string& help) {
  std::vector<std::string> names;
  const std::size_t begin = help.find("\nSubcommands:\n");
  if (begin == std::string::npos) return names;
  std::istringstream lines(help.substr(begin + std::string("\nSubcommands:\n").size()));
  for (std::string line; std::getline(lines, line) && line.starts_with("  ");) {
    std::istringstream words(line);
    std::string name;
    if (line[2] != ' ' && words >> name) names.push_back(name);
  }
  return names;
}

TEST_F(CommandLine, EveryCommandTakesJson) {
  std::vector<std::vector<std::string>> left{{}};
  int commands = 0;
  while (!left.empty()) {
    std::vector<std::string> words = left.back();
    left.pop_back();
    std::string line = "navkeeper";
    for (const std::string& word : words) line += " " + word;
    words.emplace_back("--help");
    const Ended help = run(words);
    ASSERT_EQ(help.exit_code, 0) << line << ": " << help.err;
    words.pop_back();
    const auto below = subcommands_in(help.out);
    for (const std::string& name : below) {
      left.push_back(words);
      left.back().push_back(name);
    }
    if (!below.empty()) continue;
    ++commands;
    const std::string own = help.out.substr(0, help.out.find("Every command takes --json"));
    EXPECT_NE(own.find("--json"), std::string::npos) << line;
  }
  EXPECT_GT(commands, 100);
}

TEST_F(CommandLine, AWrongCommandLineExitsWithTwoAndOpensNothing) {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"no-such-command"},
      {"nav", "run", "--no-such-option"},
      {"nav", "run", "--date", "2026-03-11", "--from", "2026-03-11", "--to", "2026-03-12"},
      {"nav", "run", "--from", "2026-03-11"},
      {"nav", "run", "--date", "2026-02-30"},
      {"nav", "run", "--date", "2026-03-11", "--fund", "a b"},
      {"nav", "approve", "a b", "2026-03-11"},
      {"nav", "show", "--document"},
      {"nav", "show", "X", "--from", "2026-03-12", "--to", "2026-03-11"},
      {"nav", "explain", "a/b", "2026-03-11"},
      {"fund", "show", "a b"},
      {"fund", "record", "X"},
      {"distribution", "pay", "X", "d1", "--date", "yesterday"},
      {"distribution", "approve", "a b", "d1"},
      {"books", "show", "a b"},
      {"books", "export", "a b", "--ledger", "x"},
      {"books", "close", "a b", "--through", "2026-01-31"},
      {"books", "reopen", "X"},
      {"books", "reverse", "X", "id", "--reason", ""},
      {"books", "identify", "X", "id", "--asset", "BTC", "--lot", "7"},
      {"books", "compute", "events.jsonl", "--lots", "oldest"},
      {"rates", "compute", "--index", "i.toml", "--trades", "t.csv", "--date", "2026-3-1"},
      {"rates", "import", "t.csv", "--format", "kraken_csv"},
      {"rates", "import", "t.csv", "--venue", "kraken"},
      {"rates", "import", "t.csv", "--format", "kraken_csv", "--venue", "kraken", "--pair", "BTCUSD"},
      {"rates", "import", "t.csv", "--format", "kraken_csv", "--venue", "kraken", "--pair", "btc/usd"},
      {"rates", "import", "t.csv", "--format", "kraken_csv", "--venue", "a b", "--pair", "BTC/USD"},
      {"rates", "watch", "X", "--url", "ftp://x"},
      {"prices", "strike", "a b", "--date", "2026-03-11"},
      {"prices", "propose", "BTC", "2026-03-11", "--price", "1e", "--source", "s"},
      {"prices", "determine", "BTC", "2026-03-11", "--act", "X", "--price", "1", "--method", "m"},
      {"prices", "determine", "BTC", "2026-03-11", "--price", "1", "--method", "m", "--input", "x"},
      {"prices", "exchange-rate", "CDCETH", "--rate", "1", "--as-of", "noon", "--source", "s"},
      {"prices", "show", "BTC", "--known-at", "noon"},
      {"equities", "import", "f", "--clock", "nyse_close", "--source", "s", "--symbol", "a b"},
      {"sandbox", "--listen", "nowhere"},
      {"sandbox", "--speed", "0"},
      {"sandbox", "--fault", "what"},
      {"demo", "--speed", "0"},
      {"demo", "--strike", "13:00"},
      {"demo", "--date", "2023-09-05"},
      {"demo", "--trades", "t.csv", "--strike", "25:00", "--zone", "America/New_York"},
      {"serve", "nothing"},
      {"staking", "compute"},
      {"custody", "verify"},
  };
  for (const auto& words : wrong) {
    std::string line = "navkeeper";
    for (const std::string& word : words) line += " " + word;
    const Ended answer = run(words);
    EXPECT_EQ(answer.exit_code, 2) << line << ": " << answer.err;
    EXPECT_EQ(answer.out, "") << line;
    EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << line << ": " << answer.err;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "none"));
}

/// The database runs by the right clock, a service beside it by another one (Debian's libfaketime).
TEST(ClockAtStart, AServiceAheadOfTheDatabaseIsRefusedAndOneBehindSaysSo) {
  const std::filesystem::path library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
  if (!std::filesystem::exists(library)) GTEST_SKIP() << "libfaketime is not installed";
  const tests::TemporaryFolder folder;
  const auto with = [&](const char* offset) {
    std::map<std::string, std::string> environment{{"NAVKEEPER_HOME", (folder.path() / "home").string()}};
    if (*offset != 0) environment.insert({{"LD_PRELOAD", library.string()}, {"FAKETIME", offset}});
    return environment;
  };
  const std::string navkeeper = tests::navkeeper_executable().string();
  const std::string config =
      folder.write("serve.toml", "[services.pricing]\nport = 0\n[services.nav]\nport = 0\n");
  ASSERT_EQ(tests::run_process({navkeeper, "db", "init"}, with("")).exit_code, 0);
  for (const char* service : {"pricing", "nav"}) {
    const Ended ahead = tests::run_process({navkeeper, "--config", config, "serve", service}, with("+2h"),
                                           std::chrono::seconds(60));
    EXPECT_EQ(ahead.exit_code, 1) << ahead.err << ahead.out;
    EXPECT_NE(ahead.err.find("s ahead of the database's"), std::string::npos) << ahead.err << ahead.out;
  }
  const std::filesystem::path log = folder.path() / "behind.log";
  {
    tests::Background behind({navkeeper, "--config", config, "serve", "pricing"}, with("-2h"), log);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (tests::read_file(log).find("ready") == std::string::npos && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    behind.signal(SIGTERM);
    EXPECT_EQ(behind.wait(std::chrono::seconds(60)), 0) << tests::read_file(log);
  }
  EXPECT_NE(tests::read_file(log).find("this machine's clock is behind the database's"), std::string::npos)
      << tests::read_file(log);
  static_cast<void>(tests::run_process({navkeeper, "db", "stop"}, with("")));
}

}  // namespace
}  // namespace navkeeper
