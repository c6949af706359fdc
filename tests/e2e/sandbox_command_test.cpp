// navkeeper sandbox as a process: what it prints, what its control endpoint does, how it ends.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <thread>

#include "common/http/client.h"
#include "common/json/value.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

using tests::Ended;

constexpr std::chrono::seconds kPatience{120};
const std::vector<std::string> kWorld{"sandbox", "--start", "2026-03-05T20:00:00Z", "--json"};

std::vector<std::string> command(const std::vector<std::string>& more) {
  std::vector<std::string> words{tests::navkeeper_executable().string()};
  words.insert(words.end(), kWorld.begin(), kWorld.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

json::Value endpoints_of(const std::filesystem::path& log) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    const std::string text = tests::read_file(log);
    auto answer = json::parse(text);
    if (answer.has_value()) return std::move(*answer);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ADD_FAILURE() << tests::read_file(log);
  return {};
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST(SandboxCommand, PrintsItsEndpointsTellsTheTruthTakesFaultsAndEndsWhenAsked) {
  const tests::TemporaryFolder folder;
  const auto log = folder.path() / "log";
  const auto truth = folder.path() / "truth.csv";
  tests::Background sandbox(command({"--speed", "600", "--length", "10m", "--truth", truth.string()}), {},
                            log);
  const json::Value world = endpoints_of(log);
  ASSERT_EQ(world.find("venues")->as_array().size(), 8U);
  http::Client control({.base_url = world.find("control")->as_string()});
  const auto end = std::chrono::steady_clock::now() + kPatience;
  std::string told;
  do {  // The world ends after ten minutes of its own; then the truth grows no more.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    told = control.send({.path = "/sandbox/v1/truth"}).body;
  } while (told.find("2026-03-05T20:09:5") == std::string::npos && std::chrono::steady_clock::now() < end);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  told = control.send({.path = "/sandbox/v1/truth"}).body;
  http::ClientRequest fault;
  fault.method = http::Method::kPost;
  fault.path = "/sandbox/v1/faults";
  fault.body = R"({"venue":"kraken","kind":"silence","seconds":30})";
  EXPECT_EQ(control.send(fault).status, 201);
  EXPECT_NE(control.send({.path = "/sandbox/v1/faults"}).body.find("silence"), std::string::npos);
  fault.body = R"({"venue":"kraken","kind":"mischief","seconds":30})";
  EXPECT_EQ(control.send(fault).status, 400);
  sandbox.signal(SIGTERM);
  EXPECT_EQ(sandbox.wait(kPatience), 0);
  EXPECT_EQ(sorted_lines(tests::read_file(truth)), sorted_lines(told));
  EXPECT_GT(sorted_lines(told).size(), 500U);
}

TEST(SandboxCommand, RefusesWhatItCannotBe) {
  const auto refused = [](const std::vector<std::string>& wrong, int exit_code) {
    const Ended ended = tests::run_process(command(wrong));
    EXPECT_EQ(ended.exit_code, exit_code) << wrong[0] << ended.err;
    EXPECT_EQ(ended.out, "") << wrong[0];
    EXPECT_FALSE(ended.err.empty()) << wrong[0];
  };
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--listen", "127.0.0.1"},
                                                {"--speed", "0"},
                                                {"--fault", "nowhere:silence@1m+1m"},
                                                {"--activity", "0"},
                                                {"--length", "ten"}})
    refused(wrong, 2);
  refused({"--listen", "0.0.0.0:4900"}, 1);
  refused({"--truth", "/nowhere/at/all.csv"}, 1);
}

}  // namespace
}  // namespace navkeeper
