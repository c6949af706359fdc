// Six days of a fund as the people around it live them, each act a process of its own: prices from imported
// trades, staking, a reward through its stages, slashing, an invoice, a distribution with its 19a-1 notice, a
// reverse split of one for three, a fact that comes late, a closed period, and the journal in Ledger and
// hledger.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "common/json/value.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

using tests::Ended;
using tests::run_process;
using Words = std::vector<std::string>;

class Fund : public testing::Test {
 protected:
  ~Fund() override { static_cast<void>(run({"db", "stop"})); }

  Ended run(Words words) const {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return run_process(words, environment());
  }
  std::map<std::string, std::string> environment() const {
    return {{"NAVKEEPER_HOME", (folder_.path() / "home").string()},
            {"NAVKEEPER_CONFIG_DIR", (tests::source_dir() / "config").string()}};
  }
  void done(const Words& words) const {
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 0) << words[0] << " " << words[1] << ": " << ended.err << ended.out;
  }
  /// Refused as a refusal is: exit 1, nothing on standard output, one line that says so.
  void refused(const Words& words, const std::string& rule) const {
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 1) << words[0] << " " << words[1] << ": " << ended.out;
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_NE(ended.err.find(rule), std::string::npos) << ended.err;
  }
  json::Value answer(Words words) const {
    words.emplace_back("--json");
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 0) << words[0] << " " << words[1] << ": " << ended.err;
    auto parsed = json::parse(ended.out);
    EXPECT_TRUE(parsed.has_value()) << ended.out;
    return parsed.has_value() ? *parsed : json::Value();
  }
  std::string file(const std::string& name, const std::string& text) const {
    return folder_.write(name, text);
  }
  std::string config(const std::string& path) const {
    return (tests::source_dir() / "config" / path).string();
  }

  /// A trade a minute on each venue in the hour before the close; the price moves by a cent's part a day.
  void trade(const std::string& day, const std::string& hour, const std::string& price) const {
    std::string csv = "time,venue,pair,price,size,id\n";
    for (int minute = 0; minute < 60; ++minute) {
      for (const char* venue : {"coinbase", "crypto_com", "kraken"}) {
        csv += day + "T" + hour + ":" + (minute < 10 ? "0" : "") + std::to_string(minute) + ":30Z," + venue +
               ",CRO/USD," + price + ",1000," + day + "-" + std::to_string(minute) + "\n";
      }
    }
    done({"rates", "import", file("trades.csv", csv), "--as", "operator"});
    done({"prices", "strike", "CRO", "--date", day, "--as", "operator"});
  }
  void strike(const std::string& day) const {
    done({"nav", "run", "--date", day, "--fund", "CROYIELD", "--as", "maker"});
    refused({"nav", "approve", "CROYIELD", day, "--as", "maker"}, "");
    done({"nav", "approve", "CROYIELD", day, "--as", "approver"});
  }
  void record(const std::string& facts) const {
    done({"fund", "record", "CROYIELD", file("facts.jsonl", facts), "--as", "operator"});
  }
  std::string balance(const std::string& account, const std::string& commodity = "USD") const {
    const json::Value books = answer({"books", "show", "CROYIELD", "--as-of", "2026-12-31"});
    for (const json::Value& row : books.find("trial_balance")->as_array()) {
      if (row.find("account")->as_string() != account || row.find("commodity")->as_string() != commodity)
        continue;
      const std::string debit = row.find("debit")->as_string();
      return debit == "0" ? "-" + row.find("credit")->as_string() : debit;
    }
    return "none";
  }
  std::string document(const std::string& day) const {
    return run({"nav", "show", "CROYIELD", "--date", day, "--document"}).out;
  }

  tests::TemporaryFolder folder_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string fact(const std::string& id, const std::string& date, const std::string& more) {
  return R"({"id":")" + id + R"(","date":")" + date + R"(",)" + more + "}\n";
}

std::string reward(const std::string& id, const std::string& date, const std::string& stage) {
  return fact(id, date,
              R"("fact":"reward","reward":"r1","type":"delegation","asset":"CRO","stage":")" + stage +
                  R"(","gross":"5000","provider_cut":"250","price":"0.08","place":"validator")");
}

TEST_F(Fund, LivesSixDaysThatEverybodyCanFollow) {
  done({"db", "init"});
  done({"rates", "define", config("indices/NK_CROUSD_NY.toml"), config("indices/NK_CROUSD_NY_VWAP.toml"),
        "--as", "operator"});
  done({"prices", "policy", config("valuation/CRO.toml"), "--as", "operator"});
  std::string definition = tests::read_file(config("funds/croyield.toml"));
  definition = replaced(definition, "borne_by_fund = [", "borne_by_fund = [\"audit fees\", ");
  definition = replaced(definition, "inception = 2026-01-02", "inception = 2026-03-04");
  definition = replaced(definition, "effective_from = 2026-01-02", "effective_from = 2026-03-04");
  definition = replaced(definition, "from = 2026-01-02", "from = 2026-03-04");
  done({"fund", "apply", file("fund.toml", definition), "--as", "operator"});
  const std::string opening =
      R"({"date":"2026-03-04","event":"open","id":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
      "\n"
      R"({"date":"2026-03-04","event":"creation","id":"seed","shares":"120000","components":[{"asset":"CRO","quantity":"30000000","value":"2300000"}],"cash":"40000"})"
      "\n";
  const Words post{"books", "post", file("opening.jsonl", opening), "--fund", "CROYIELD", "--as", "operator"};
  done(post);
  Words again = post;
  again.emplace_back("--json");
  EXPECT_NE(run(again).out.find(R"("unchanged":2)"), std::string::npos) << run(again).out;
  refused({"books", "post", file("opening.jsonl", replaced(opening, "2300000", "2300001")), "--fund",
           "CROYIELD", "--as", "operator"},
          "other content");

  // Thursday and Friday: coins are staked, a reward is credited and is not in the NAV.
  trade("2026-03-05", "20", "0.0800");
  strike("2026-03-05");
  record(
      fact("t1", "2026-03-06",
           R"("fact":"transfer","asset":"CRO","quantity":"10000000","to":"validator","to_state":"staked")") +
      reward("r1a", "2026-03-06", "PROTOCOL_CREDIT"));
  trade("2026-03-06", "20", "0.0804");
  strike("2026-03-06");
  EXPECT_EQ(balance("Assets:Staked:CRO:validator", "CRO"), "10000000");
  EXPECT_EQ(balance("Conversion:CRO not yet income:Credited:validator", "CRO"), "4750");
  EXPECT_NE(document("2026-03-06").find(R"("quantity":"30000000")"), std::string::npos);

  // Monday: slashed; the reward comes in; an invoice; a distribution is declared by one and approved by
  // another.
  record(reward("r1b", "2026-03-09", "RECEIVED") +
         fact("p1", "2026-03-09",
              R"("fact":"penalty","asset":"CRO","quantity":"1000","place":"validator","state":"staked")") +
         fact("i1", "2026-03-09",
              R"("fact":"expense_incurred","type":"audit fees","name":"Audit 2026","amount":"1200.00")"));
  const std::string distribution =
      R"({"kind":"distribution","id":"2026-03","declared":"2026-03-09","ex":"2026-03-10","record":"2026-03-10",)"
      R"("pay":"2026-03-12","per_share":"0.010001","sources":{"income":"0.003","capital":"0.007001"}})";
  const Words declare{"distribution", "declare", "CROYIELD", file("d.json", distribution), "--as", "maker"};
  refused({"distribution", "declare", "CROYIELD",
           file("bad.json", replaced(distribution, R"("capital":"0.007001")", R"("capital":"0.007")")),
           "--as", "maker"},
          "add up");
  refused({"distribution", "declare", "CROYIELD",
           file("bad.json", replaced(replaced(distribution, "0.010001", "10"),
                                     R"("income":"0.003","capital":"0.007001")", R"("capital":"10")")),
           "--as", "maker"},
          "cash");
  done(declare);
  refused({"distribution", "approve", "CROYIELD", "2026-03", "--as", "maker"}, "");
  trade("2026-03-09", "19", "0.0801");
  strike("2026-03-09");
  trade("2026-03-10", "19", "0.0807");
  refused({"nav", "approve", "CROYIELD", "2026-03-10", "--as", "approver"}, "");  // there is none
  EXPECT_EQ(run({"nav", "run", "--date", "2026-03-10", "--fund", "CROYIELD", "--as", "maker"}).exit_code, 1)
      << "a distribution is due that nobody decided on";
  done({"distribution", "approve", "CROYIELD", "2026-03", "--as", "approver"});
  done({"action", "propose", "CROYIELD",
        file("s.json",
             R"({"kind":"split","id":"1-for-3","effective":"2026-03-11","new_shares":1,"old_shares":3})"),
        "--as", "maker"});
  done({"action", "approve", "CROYIELD", "1-for-3", "--as", "approver"});
  strike("2026-03-10");
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-03"), "-1200.12");
  const json::Value notice = answer({"distribution", "show", "CROYIELD", "2026-03"});
  EXPECT_EQ(notice.find("notice_19a1")->find("percent")->find("capital")->as_string(), "70");
  EXPECT_EQ(notice.find("state")->as_string(), "recorded");

  // Wednesday: a third of the shares; what Monday did not know is booked now, and Monday stays as it was.
  const std::string monday = document("2026-03-09");
  record(fact("late", "2026-03-09",
              R"("fact":"expense_incurred","type":"audit fees","name":"Audit 2026","amount":"33.33")"));
  trade("2026-03-11", "19", "0.0809");
  strike("2026-03-11");
  EXPECT_NE(document("2026-03-11").find(R"("shares_outstanding":"40000")"), std::string::npos)
      << document("2026-03-11");
  EXPECT_EQ(document("2026-03-09"), monday);
  EXPECT_EQ(balance("Liabilities:Fees payable:Audit 2026"), "-1233.33");

  // Thursday: paid, once; the days are closed; nobody books into them, and two people open them again.
  done({"distribution", "pay", "CROYIELD", "2026-03", "--date", "2026-03-12", "--as", "operator"});
  done({"distribution", "pay", "CROYIELD", "2026-03", "--date", "2026-03-12", "--as", "operator"});
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-03"), "-0");
  EXPECT_EQ(balance("Assets:Cash"), "38799.88");
  trade("2026-03-12", "19", "0.0811");
  strike("2026-03-12");
  done({"books", "close", "CROYIELD", "--through", "2026-03-11", "--as", "maker"});
  const std::string into_closed =
      R"({"date":"2026-03-10","book_date":"2026-03-11","event":"purchase","asset":"CRO","quantity":"1","cash":"0.08"})"
      "\n";
  const Words book{"books", "post",    file("closed.jsonl", into_closed), "--fund", "CROYIELD",
                   "--as",  "operator"};
  refused(book, "closed");
  done({"books", "reopen", "CROYIELD", "--from", "2026-03-11", "--reason", "a purchase", "--as", "maker"});
  refused(book, "closed");
  done({"books", "reopen", "CROYIELD", "--approve", "1", "--as", "approver"});

  for (const char* day :
       {"2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"}) {
    const Ended explained = run({"nav", "explain", "CROYIELD", day});
    EXPECT_EQ(explained.exit_code, 0) << explained.err;
    EXPECT_NE(explained.out.find("byte for byte"), std::string::npos) << day << explained.out;
  }
  const json::Value rolls =
      answer({"books", "rollforward", "CROYIELD", "--from", "2026-03-04", "--to", "2026-03-12"});
  EXPECT_FALSE(rolls.find("assets")->as_array().empty());
  const std::string journal = (folder_.path() / "journal.ledger").string();
  done({"books", "export", "CROYIELD", "--ledger", journal});
  for (const Words& reader : {Words{"ledger", "--args-only", "--file", journal, "balance", "--empty"},
                              Words{"hledger", "--file", journal, "balance"}}) {
    const Ended read = run_process(reader);
    if (read.exit_code == 127) continue;
    EXPECT_EQ(read.exit_code, 0) << reader[0] << read.err;
    EXPECT_NE(read.out.find("Unrealised gain"), std::string::npos) << read.out;
  }

  // The split was a mistake: one person asks, another takes it back, the days since are struck again.
  done({"action", "undo", "CROYIELD", "1-for-3", "--reason", "not the holders' vote", "--as", "maker"});
  refused({"action", "approve-undo", "CROYIELD", "1-for-3", "--as", "maker"}, "");
  const Ended undone = run({"action", "approve-undo", "CROYIELD", "1-for-3", "--as", "approver"});
  EXPECT_EQ(undone.exit_code, 0) << undone.err;
  EXPECT_NE(undone.out.find("A NAV error of 2026-03-11 to 2026-03-12"), std::string::npos) << undone.out;
  const Ended again_struck = run({"nav", "run", "--date", "2026-03-11", "--fund", "CROYIELD", "--again",
                                  "the split is undone", "--as", "maker"});
  EXPECT_NE(document("2026-03-11").find(R"("shares_outstanding":"120000")"), std::string::npos)
      << again_struck.out << again_struck.err;
  EXPECT_EQ(answer({"action", "show", "CROYIELD", "1-for-3"}).find("state")->as_string(), "undone");
  done({"audit", "verify"});
}

}  // namespace
}  // namespace navkeeper
