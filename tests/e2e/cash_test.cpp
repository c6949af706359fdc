// Dollars as an operator handles them on the command line: an account by two people, a bank statement, a
// break, its clearing; a wire that leaves once, to a file; what is refused says so in one line and exits 1.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "tests/support/process.h"

namespace navkeeper {
namespace {

using tests::Ended;

class CashE2e : public testing::Test {
 protected:
  void SetUp() override {
    must({"db", "init"});
    must({"fund", "apply", (tests::source_dir() / "config" / "funds" / "btceth.toml").string(), "--as",
          "operator"});
    post(
        R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8}],"shares":"0"})"
        "\n"
        R"({"id":"seed","date":"2026-01-02","event":"creation","shares":"100000","components":[{"asset":"BTC","quantity":"20","value":"1600000"}],"cash":"50000"})"
        "\n");
    propose("account", R"({"kind":"bank_account","id":"main","number":"42","servicer":"021000021"})");
    must({"cash", "approve", "BTCETH", "bank_account", "main", "--as", "approver"});
  }
  void TearDown() override { static_cast<void>(run({"db", "stop"})); }

  Ended run(std::vector<std::string> words) const {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return tests::run_process(words, {{"NAVKEEPER_HOME", (folder_.path() / "home").string()}});
  }
  Ended must(const std::vector<std::string>& words) const {
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 0) << words[0] << " " << words[1] << ": " << ended.err << ended.out;
    return ended;
  }
  /// One line on standard error, nothing on standard output.
  void refused(const std::vector<std::string>& words, const std::string& rule) const {
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 1) << ended.out;
    EXPECT_EQ(ended.out, "");
    EXPECT_NE(ended.err.find(rule), std::string::npos) << ended.err;
  }
  void post(const std::string& lines) const {
    must({"books", "post", folder_.write("events.jsonl", lines), "--fund", "BTCETH", "--as", "operator"});
  }
  void propose(const std::string& name, const std::string& text) const {
    must({"cash", "propose", "BTCETH", folder_.write(name + ".json", text), "--as", "maker"});
  }
  std::vector<std::string> import(const std::string& name, const std::string& text) const {
    return {"cash", "import", "BTCETH", folder_.write(name, text), "--account", "main", "--as", "operator"};
  }

  tests::TemporaryFolder folder_;
};

constexpr const char* kMonday =
    "01,B,F,260105,2300,1,,,2/\n02,F,B,1,260105,2300,USD,2/\n03,42,USD,010,0,,,015,4997500,,/\n"
    "16,195,5000000,0,B1,seed,WIRE IN\n16,495,2500,0,B2,,WIRE "
    "FEE\n49,10000000,4/\n98,10000000,1,6/\n99,10000000,1,8/\n";

TEST_F(CashE2e, AStatementLeadsToABreakAndItsClearing) {
  const auto reconcile = [&] { return run({"cash", "reconcile", "BTCETH", "--as-of", "2026-01-30"}); };
  refused({"cash", "reconcile", "BTCETH", "--as-of", "2026-01-30"}, "no statement of every account");
  std::string wrong = kMonday;
  wrong.replace(wrong.find("4997500"), 7, "4997600");
  refused(import("wrong.bai", wrong), "account control total");
  must(import("monday.bai", kMonday));
  EXPECT_NE(must(import("again.bai", kMonday)).out.find("1 known before"), std::string::npos);
  const Ended broken = reconcile();
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_NE(broken.out.find("missing in books"), std::string::npos) << broken.out;
  EXPECT_NE(broken.out.find("WIRE FEE"), std::string::npos) << broken.out;
  post(R"({"id":"a","date":"2026-01-05","event":"fee_accrued","name":"bank fee","amount":"25"})"
       "\n"
       R"({"id":"b","date":"2026-01-05","event":"fee_paid","name":"bank fee","amount":"25"})"
       "\n");
  const Ended cleared = reconcile();
  EXPECT_EQ(cleared.exit_code, 0) << cleared.out;
  EXPECT_NE(cleared.out.find("0 breaks"), std::string::npos) << cleared.out;
  EXPECT_EQ(run({"audit", "verify"}).exit_code, 0);
}

TEST_F(CashE2e, AWireNeedsTwoPeopleAndIsWrittenOnce) {
  propose("payee",
          R"({"kind":"payee","id":"adviser","name":"Adviser Inc","number":"77","servicer":"026009593"})");
  propose("limits", R"({"kind":"limits","id":"L","account":"main","per_wire":"1000","per_day":"1000"})");
  must({"cash", "approve", "BTCETH", "payee", "adviser", "--as", "approver"});
  must({"cash", "approve", "BTCETH", "limits", "L", "--as", "approver"});
  // A Wednesday that no bank holiday falls on, in the years of the calendars.
  const std::string wire =
      R"({"kind":"wire","id":"W-1","account":"main","payee":"adviser","amount":"1000","value_date":"2035-03-07","purpose":"fee"})";
  propose("wire", wire);
  refused({"cash", "approve", "BTCETH", "wire", "W-1", "--as", "maker"}, "may not");
  refused({"cash", "release", "BTCETH", "W-1", "--as", "operator"}, "not approved");
  must({"cash", "approve", "BTCETH", "wire", "W-1", "--as", "approver"});
  const std::string first = (folder_.path() / "first.json").string(),
                    second = (folder_.path() / "second.json").string();
  EXPECT_NE(
      must({"cash", "release", "BTCETH", "W-1", "--out", first, "--as", "operator"}).out.find("released"),
      std::string::npos);
  EXPECT_NE(
      must({"cash", "release", "BTCETH", "W-1", "--out", second, "--as", "operator"}).out.find("before"),
      std::string::npos);
  EXPECT_EQ(tests::read_file(first), tests::read_file(second));
  EXPECT_NE(tests::read_file(first).find("\"end_to_end_id\":\"W-1\""), std::string::npos);
  refused({"cash", "withdraw", "BTCETH", "wire", "W-1", "--as", "approver"}, "has left already");
}

}  // namespace
}  // namespace navkeeper
