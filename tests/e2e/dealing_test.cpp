// Dealing as people do it: creations and a redemption in kind from the order to settlement, one of them
// within its day, with the NAVs of both days and the portfolio composition files, by the commands of the
// executable; what is refused; what stands after a restart.
#include <gtest/gtest.h>

#include "common/json/value.h"
#include "common/money/decimal.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

using money::Decimal;
using tests::Ended;

constexpr const char* kTradeDate = "2026-03-12";  // after the demonstration's week
constexpr const char* kNextDay = "2026-03-13";

class Dealing : public testing::Test {
 protected:
  ~Dealing() override { static_cast<void>(run({"db", "stop"})); }

  Ended run(std::vector<std::string> words) const {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return tests::run_process(words, {{"NAVKEEPER_HOME", (folder_.path() / "home").string()},
                                      {"NAVKEEPER_CONFIG_DIR", (tests::source_dir() / "config").string()}});
  }
  void done(const std::vector<std::string>& words) const {
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 0) << words[0] << " " << words[1] << ": " << ended.err << ended.out;
  }
  void refused(const std::vector<std::string>& words, const char* rule) const {
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 1) << ended.out;
    EXPECT_TRUE(ended.out.empty()) << ended.out;
    EXPECT_NE(ended.err.find(rule), std::string::npos) << ended.err;
  }
  /// A day without trades: two people determine the price, then the NAV is struck.
  void nav_of(const char* date, const char* price) const {
    run({"prices", "strike", "CRO", "--date", date, "--as", "operator"});
    done({"prices", "determine", "CRO", date, "--price", price, "--method", "two quotes", "--input",
          "broker=0.09@e-mail", "--as", "maker"});
    done({"prices", "approve-determination", "CRO", date, "--number", "1", "--price", price, "--as",
          "approver"});
    done({"nav", "run", "--date", date, "--fund", "CROYIELD", "--as", "maker"});
  }
  Decimal in_nav(const char* date, const char* member) const {
    const Ended shown = run({"nav", "show", "CROYIELD", "--date", date, "--document"});
    const json::Value document = json::parse(shown.out).value();
    return Decimal::literal(document.find(member)->as_string());
  }
  /// Two people set aside what nobody can measure, a third publishes.
  void publish(const char* date) const {
    const json::Value shown =
        json::parse(run({"nav", "show", "CROYIELD", "--date", date, "--json"}).out).value();
    const json::Value& nav = shown.find("navs") == nullptr ? shown : shown.find("navs")->as_array().at(0);
    for (const json::Value& check : nav.find("checks")->as_array()) {
      if (check.find("status")->as_string() != "unavailable") continue;
      for (const char* who : {"approver", "second-approver"})
        done({"nav", "override", "CROYIELD", date, "--check", check.find("name")->as_string(), "--reason",
              "no such peer here", "--as", who});
    }
    // The week's days before it: nobody has approved them yet, and no NAV is published over them.
    refused({"nav", "publish", "CROYIELD", date, "--as", "operator"}, "has to be approved before");
    for (const char* before : {"2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10", "2026-03-11"})
      done({"nav", "approve", "CROYIELD", before, "--as", "approver"});
    done({"nav", "publish", "CROYIELD", date, "--as", "operator"});
  }
  std::vector<std::string> place(const char* id, const char* side, const char* units,
                                 const char* received) const {
    return {"orders", "place",  "CROYIELD", "--id",    id,    "--participant", "ALPHA",    "--side",
            side,     "--form", "in_kind",  "--units", units, "--trade-date",  kTradeDate, "--received-at",
            received, "--as",   "operator"};
  }

  tests::TemporaryFolder folder_;
};

TEST_F(Dealing, ACreationAndARedemptionThroughTheirWholeLife) {
  done({"demo"});
  // The demonstration's own order was priced at Monday's NAV and settled on Tuesday.
  const Ended demonstrated = run({"orders", "show", "BTCETH", "order-1"});
  EXPECT_NE(demonstrated.out.find("settled"), std::string::npos) << demonstrated.out;
  EXPECT_NE(demonstrated.out.find("282,846.95"), std::string::npos) << demonstrated.out;

  done({"participants", "add", "CROYIELD", "ALPHA", "--name", "Alpha Securities", "--from", "2026-01-02",
        "--as", "maker"});
  const Ended estimate = run({"basket", "show", "CROYIELD", "--date", kTradeDate});
  EXPECT_NE(estimate.out.find("an estimate by the NAV of 2026-03-11"), std::string::npos)
      << estimate.out << estimate.err;
  constexpr const char* kInTime = "2026-03-12T15:00:00Z";
  done(place("C-1", "creation", "2", kInTime));
  done(place("R-1", "redemption", "1", kInTime));
  done(place("R-1", "redemption", "1", kInTime));  // again: nothing changes
  refused(place("R-1", "redemption", "3", kInTime), "with other content");
  std::vector<std::string> same_day = place("S-0", "creation", "1", kInTime);
  same_day.insert(same_day.end(), {"--cycle", "T+0"});
  done(same_day);
  same_day = place("S-1", "creation", "1", "2026-03-12T18:00:00Z");  // 14:00 in New York: after 13:30
  same_day.insert(same_day.end(), {"--cycle", "T+0"});
  refused(same_day, "cut-off");
  refused(place("X", "creation", "0", kInTime), "not positive");
  refused(place("X", "creation", "0.5", kInTime), "whole number of creation units");
  refused(place("X", "creation", "1", "2026-03-12T20:00:01Z"), "cut-off");
  refused({"orders", "accept", "CROYIELD", "C-1", "--as", "operator"}, "may not accept");
  done({"orders", "accept", "CROYIELD", "C-1", "--as", "approver"});
  refused({"orders", "reject", "CROYIELD", "R-1", "--ground", "trust_terms", "--detail", "no coins", "--as",
           "approver"},
          "form or cut_off only");
  done({"orders", "accept", "CROYIELD", "R-1", "--as", "approver"});
  done({"orders", "accept", "CROYIELD", "S-0", "--as", "approver"});
  refused({"orders", "price", "CROYIELD", "--date", kTradeDate, "--as", "maker"}, "has not been struck");

  nav_of(kTradeDate, "0.09");
  EXPECT_EQ(in_nav(kTradeDate, "shares_outstanding"), Decimal::of(500'000));
  refused({"orders", "price", "CROYIELD", "--date", kTradeDate, "--as", "maker"}, "approved NAV");
  done({"nav", "approve", "CROYIELD", kTradeDate, "--as", "approver"});
  refused(place("LATE", "creation", "1", kInTime), "has been struck");
  refused({"basket", "export", "CROYIELD", "--date", kTradeDate}, "no portfolio composition");
  refused({"basket", "publish", "CROYIELD", "--date", kTradeDate, "--as", "operator"}, "is not published");
  done({"orders", "price", "CROYIELD", "--date", kTradeDate, "--as", "maker"});
  done({"orders", "price", "CROYIELD", "--date", kTradeDate, "--as", "maker"});
  publish(kTradeDate);
  const Ended file = run({"basket", "export", "CROYIELD", "--date", kTradeDate, "--format", "csv"});
  EXPECT_NE(file.out.find("01,navkeeper.portfolio_composition.v1,CROYIELD,2026-03-12,final"),
            std::string::npos)
      << file.out;
  EXPECT_NE(file.out.find("03,CRO,2404357.50672526,0.09,216392.18"), std::string::npos) << file.out;
  done({"basket", "publish", "CROYIELD", "--date", kNextDay, "--as", "operator"});  // the evening's estimate
  EXPECT_NE(run({"basket", "published", "CROYIELD", "--date", kNextDay}).out.find("estimate"),
            std::string::npos);
  refused({"orders", "reprice", "CROYIELD", "--from", kTradeDate, "--reason", "x", "--as", "maker"},
          "no NAV of the period was published and restated");
  // The same-day order settles on its own day.
  done({"orders", "settle", "CROYIELD", "S-0", "--date", kTradeDate, "--as", "operator"});

  done({"db", "stop"});
  nav_of(kNextDay, "0.09");
  EXPECT_EQ(in_nav(kNextDay, "shares_outstanding"), Decimal::of(520'000));
  // At the same price nobody's share moved but for a day's fee and tax.
  EXPECT_LT((in_nav(kNextDay, "nav_per_share") - in_nav(kTradeDate, "nav_per_share")).abs(),
            Decimal::of(1, 2));

  const Ended open = run({"orders", "open", "CROYIELD", "--as-of", kNextDay, "--json"});
  EXPECT_NE(open.out.find(R"({"commodity":"CRO","amount":"4808715.01345052"})"), std::string::npos)
      << open.out;
  refused({"orders", "settle", "CROYIELD", "C-1", "--date", kTradeDate, "--as", "operator"},
          "before the order's settlement");
  done({"orders", "settle", "CROYIELD", "C-1", "--date", kNextDay, "--units", "1", "--reference", "DTC 1",
        "--as", "operator"});
  done({"orders", "fail", "CROYIELD", "C-1", "--date", kNextDay, "--reason", "half did not come", "--as",
        "operator"});
  done({"orders", "settle", "CROYIELD", "R-1", "--date", kNextDay, "--as", "operator"});
  done({"orders", "settle", "CROYIELD", "C-1", "--date", "2026-03-16", "--as", "operator"});
  EXPECT_NE(run({"orders", "open", "CROYIELD", "--as-of", "2026-03-31"}).out.find("Nothing"),
            std::string::npos);
  const Ended life = run({"orders", "show", "CROYIELD", "C-1"});
  for (const char* step : {"placed", "accepted", "priced", "settled", "failed"})
    EXPECT_NE(life.out.find(step), std::string::npos) << life.out;
  done({"audit", "verify"});
}

}  // namespace
}  // namespace navkeeper
