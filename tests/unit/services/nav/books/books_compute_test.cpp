// Each event and each refusal of `books compute`, one by one.
#include <fstream>

#include "tests/unit/services/nav/books/books_fixture.h"

namespace navkeeper::tests {
namespace {

class BooksCompute : public BooksFixture {};

std::string line(const std::string& date, const std::string& rest) {
  return R"({"date":")" + date + R"(",)" + rest + "}\n";
}
std::string day2(const std::string& rest) { return line("2026-01-02", rest); }

const std::string kInKind =
    day2(R"("event":"creation","shares":"10000","asset":"BTC","quantity":"2.5","value":"200000")");
const std::string kInCash = day2(R"("event":"creation","shares":"10000","cash":"200000")");

TEST_F(BooksCompute, BooksWithoutEventsAfterOpenAreEmpty) {
  const auto books = answer(kOpen);
  EXPECT_TRUE(books.find("positions")->as_array().empty());
  EXPECT_EQ(text_at(books, "cash"), "0");
  EXPECT_EQ(text_at(books, "net_assets"), "0");
  EXPECT_EQ(text_at(books, "nav_per_share_unrounded"), "null");
  EXPECT_EQ(text_at(books, "realised_gain", "penalty"), "0");
}

TEST_F(BooksCompute, ACreationInKindBringsALotAtItsValue) {
  const auto books = answer(kOpen + kInKind);
  const auto& btc = item(*books.find("positions"), "asset", "BTC");
  EXPECT_EQ(text_at(btc, "quantity"), "2.5");
  EXPECT_EQ(text_at(btc, "cost"), "200000");
  EXPECT_EQ(text_at(btc, "value"), "null");
  EXPECT_EQ(text_at(btc, "unrealised"), "null");
  EXPECT_EQ(text_at(books, "shares_outstanding"), "10000");
  EXPECT_EQ(text_at(books, "net_assets"), "null");
}

TEST_F(BooksCompute, ABasketBringsCoinsAndABalancingAmountOfEitherSign) {
  const auto books = answer(
      kOpen + kInCash +
      day2(
          R"("event":"creation","shares":"10000","components":[{"asset":"BTC","quantity":"1.5","value":"126000"},{"asset":"ETH","quantity":"28","value":"84000"}],"cash":"-34.77")") +
      day2(
          R"("event":"redemption","shares":"5000","components":[{"asset":"ETH","quantity":"14","value":"42001"}],"cash":"-1.5")"));
  EXPECT_EQ(text_at(books, "cash"), "199966.73");
  EXPECT_EQ(text_at(books, "shares_outstanding"), "15000");
  EXPECT_EQ(text_at(books, "realised_gain", "redemption"), "1");
}

TEST_F(BooksCompute, ARedemptionInKindGainsItsValueLessTheCostRelieved) {
  const auto books = answer(
      kOpen + kInKind +
      day2(R"("event":"redemption","shares":"10000","asset":"BTC","quantity":"2.5","value":"210000")"));
  EXPECT_EQ(text_at(books, "realised_gain", "redemption"), "10000");
  EXPECT_TRUE(books.find("positions")->as_array().empty());
  EXPECT_EQ(text_at(books, "net_assets"), "0");
  EXPECT_EQ(text_at(books, "shares_outstanding"), "0");
}

TEST_F(BooksCompute, TradesMoveCashAndGainOnTheSale) {
  const auto books =
      answer(kOpen + kInCash + day2(R"("event":"purchase","asset":"BTC","quantity":"3","cash":"100")") +
             day2(R"("event":"sale","asset":"BTC","quantity":"1","cash":"40")"));
  EXPECT_EQ(text_at(books, "cash"), "199940");
  EXPECT_EQ(text_at(books, "realised_gain", "sale"), "6.67");
  EXPECT_EQ(text_at(item(*books.find("positions"), "asset", "BTC"), "cost"), "66.67");
}

TEST_F(BooksCompute, CostOfAPartIsRoundedHalfToEven) {
  const auto part_of = [&](const std::string& cost) {
    return text_at(
        answer(kOpen + day2(R"("event":"opening_lot","asset":"BTC","quantity":"2","cost":")" + cost + '"') +
               day2(R"("event":"sale","asset":"BTC","quantity":"1","cash":"0")")),
        "realised_gain", "sale");
  };
  EXPECT_EQ(part_of("0.01"), "0");      // 0.005 to 0.00
  EXPECT_EQ(part_of("0.03"), "-0.02");  // 0.015 to 0.02
  EXPECT_EQ(part_of("0.05"), "-0.02");  // 0.025 to 0.02
}

TEST_F(BooksCompute, FeesAreOwedAndPaidInCashAndInKind) {
  const std::string owed =
      kOpen + kInKind + kInCash + day2(R"("event":"fee_accrued","name":"management fee","amount":"9000")");
  EXPECT_EQ(text_at(item(*answer(owed).find("liabilities"), "name", "management fee"), "amount"), "9000");
  const auto paid =
      answer(owed + day2(R"("event":"fee_paid","name":"management fee","amount":"600")") +
             day2(R"("event":"fee_paid_in_kind","asset":"BTC","quantity":"0.1","value":"8400")"));
  EXPECT_TRUE(paid.find("liabilities")->as_array().empty());
  EXPECT_EQ(text_at(paid, "cash"), "199400");
  EXPECT_EQ(text_at(paid, "realised_gain", "expense"), "400");
}

TEST_F(BooksCompute, ARewardIsIncomeAndAPenaltyLosesCost) {
  const auto books = answer(
      kOpen + day2(R"("event":"reward","asset":"ETH","quantity":"0.01","value":"30","source":"consensus")") +
      day2(R"("event":"penalty","asset":"ETH","quantity":"0.005","value":"99")"));
  EXPECT_EQ(text_at(books, "income", "consensus"), "30");
  EXPECT_EQ(text_at(books, "realised_gain", "penalty"), "-15");
  const auto& roll = item(*books.find("rollforward"), "asset", "ETH");
  EXPECT_EQ(text_at(roll, "disposals", "penalty", "value"), "0");
  EXPECT_EQ(text_at(roll, "disposals", "penalty", "cost"), "15");
  EXPECT_EQ(text_at(roll, "realised"), "-15");
}

TEST_F(BooksCompute, ASplitMultipliesShares) {
  EXPECT_EQ(text_at(answer(kOpen + kInCash + day2(R"("event":"split","ratio":"4")")), "shares_outstanding"),
            "40000");
  EXPECT_EQ(
      text_at(answer(kOpen + kInCash + day2(R"("event":"split","ratio":"0.25")")), "shares_outstanding"),
      "2500");
}

TEST_F(BooksCompute, AStrikeDividesNetAssetsAndKeepsTwentyOneDecimals) {
  const auto books =
      answer(kOpen + day2(R"("event":"creation","shares":"3","cash":"100")") + day2(R"("event":"strike")") +
             day2(R"("event":"distribution","cash":"1")") + day2(R"("event":"strike")"));
  const auto& strikes = books.find("strikes")->as_array();
  ASSERT_EQ(strikes.size(), 2U);
  EXPECT_EQ(text_at(strikes[0], "nav_per_share_unrounded"), "33.333333333333333333333");
  EXPECT_EQ(text_at(strikes[1], "nav_per_share_unrounded"), "33.000000000000000000000");
  EXPECT_EQ(text_at(strikes[0], "shares"), "3");
  EXPECT_EQ(text_at(strikes[0], "date"), "2026-01-02");
  EXPECT_EQ(text_at(strikes[1], "net_assets"), "99");
}

TEST_F(BooksCompute, APriceHoldsUntilTheNext) {
  const auto books = answer(kOpen + kInKind + day2(R"("event":"price","asset":"BTC","price":"84000.005")") +
                            line("2026-03-01", R"("event":"strike")"));
  EXPECT_EQ(text_at(books, "net_assets"), "210000.01");  // 210000.0125
  EXPECT_EQ(text_at(item(*books.find("positions"), "asset", "BTC"), "unrealised"), "10000.01");
}

TEST_F(BooksCompute, TheInKindRuleIsForRedemptionsAndPaymentsOnly) {
  const std::string lots = kOpen + day2(R"("event":"opening_lot","asset":"BTC","quantity":"1","cost":"10")") +
                           day2(R"("event":"opening_lot","asset":"BTC","quantity":"1","cost":"30")") +
                           day2(R"("event":"opening_lot","asset":"BTC","quantity":"1","cost":"20")") +
                           day2(R"("event":"creation","shares":"1","cash":"1")");
  auto wanted =
      request(lots + day2(R"("event":"sale","asset":"BTC","quantity":"1","cash":"0")") +
              day2(R"("event":"redemption","shares":"1","asset":"BTC","quantity":"1","value":"0")"));
  wanted.rules = {books::LotRule::kLowestCost, books::LotRule::kHighestCost};
  const auto books = answer(wanted);
  EXPECT_EQ(text_at(books, "realised_gain", "sale"), "-10");
  EXPECT_EQ(text_at(books, "realised_gain", "redemption"), "-30");
}

TEST_F(BooksCompute, AsOfAppliesWhatIsDatedUpToThenAndChecksTheRest) {
  const std::string early = kOpen + kInCash;
  const std::string late = line("2026-01-05", R"("event":"distribution","cash":"1")");
  auto wanted = request(early + late);
  wanted.as_of = time::Date::literal("2026-01-04");
  EXPECT_EQ(nav::to_json(nav::compute_books(wanted)), nav::to_json(nav::compute_books(request(early))));
  wanted = request(early + late);
  wanted.as_of = time::Date::literal("2026-01-05");
  EXPECT_EQ(text_at(answer(wanted), "cash"), "199999");
  wanted = request(early + late + line("2026-01-05", R"("event":"distribution","cash":"200000")"));
  wanted.as_of = time::Date::literal("2026-01-04");
  EXPECT_THROW(nav::compute_books(wanted), base::Refused);
  wanted = request(early);
  wanted.as_of = time::Date::literal("2025-01-01");
  EXPECT_EQ(text_at(answer(wanted), "cash"), "0");
}

struct RefusalCase {
  const char* name;
  std::string last;  ///< the line that must be refused, the third of the file
  const char* rule;  ///< a part of the message
};

TEST_F(BooksCompute, EveryBadLineIsRefusedWithItsNumberAndRule) {
  const std::string x401(401, '9');
  const std::vector<RefusalCase> cases{
      {"selling more", R"("event":"sale","asset":"BTC","quantity":"2.50000001","cash":"1")", "than is held"},
      {"losing more", R"("event":"penalty","asset":"BTC","quantity":"3","value":"1")", "than is held"},
      {"selling what is not held", R"("event":"sale","asset":"ETH","quantity":"1","cash":"1")",
       "than is held"},
      {"redeeming more coins",
       R"("event":"redemption","shares":"1","asset":"BTC","quantity":"3","value":"1")", "than is held"},
      {"no cash", R"("event":"purchase","asset":"BTC","quantity":"1","cash":"0.01")",
       "cash would fall below zero"},
      {"no cash to distribute", R"("event":"distribution","cash":"0.01")", "cash would fall below zero"},
      {"no cash for a basket",
       R"("event":"creation","shares":"1","components":[{"asset":"BTC","quantity":"1","value":"1"}],"cash":"-1")",
       "cash would fall below zero"},
      {"fee not payable", R"("event":"fee_paid","name":"x","amount":"0.01")", "than is payable"},
      {"nothing payable", R"("event":"fee_paid_in_kind","asset":"BTC","quantity":"1","value":"1")",
       "no fee is payable"},
      {"too many shares", R"("event":"redemption","shares":"10001","cash":"0")", "than exist"},
      {"fraction by split", R"("event":"split","ratio":"0.00033")", "fraction of a share"},
      {"ratio zero", R"("event":"split","ratio":"0")", "must be positive"},
      {"unknown asset", R"("event":"price","asset":"DOGE","price":"1")", "was not listed"},
      {"unknown event", R"("event":"dividend","cash":"1")", "none of the known events"},
      {"unpriced strike", R"("event":"strike")", "has no price"},
      {"second open", R"("event":"open","fund":"X","assets":[],"shares":"0")", "open already"},
      {"unknown key", R"("event":"strike","note":"x")", "unknown key"},
      {"missing key", R"("event":"penalty","asset":"BTC","quantity":"1")", "missing"},
      {"number for a string", R"("event":"distribution","cash":1)", "must be a decimal in quotes"},
      {"repeated key", R"("event":"distribution","cash":"1","cash":"1")", "repeated"},
      {"empty object", "", ""},
      {"quantity zero", R"("event":"reward","asset":"BTC","quantity":"0","value":"1","source":"s")",
       "positive"},
      {"quantity negative", R"("event":"sale","asset":"BTC","quantity":"-1","cash":"1")", "positive"},
      {"too fine a quantity", R"("event":"sale","asset":"BTC","quantity":"0.000000001","cash":"1")",
       "decimals"},
      {"too fine dollars", R"("event":"sale","asset":"BTC","quantity":"1","cash":"0.001")", "decimals"},
      {"negative cash", R"("event":"creation","shares":"1","cash":"-1")", "negative"},
      {"negative value", R"("event":"penalty","asset":"BTC","quantity":"1","value":"-1")", "negative"},
      {"shares zero", R"("event":"creation","shares":"0","cash":"1")", "positive"},
      {"shares negative", R"("event":"creation","shares":"-1","cash":"1")", "positive"},
      {"shares negative taken back", R"("event":"redemption","shares":"-1","cash":"0")", "positive"},
      {"ratio negative", R"("event":"split","ratio":"-2")", "must be positive"},
      {"a pair is no decimal", R"("event":"split","ratio":"1:3")", "decimal"},
      {"price zero", R"("event":"price","asset":"BTC","price":"0")", "positive"},
      {"fraction of a share", R"("event":"creation","shares":"0.5","cash":"1")", "whole"},
      {"cash and coins",
       R"("event":"creation","shares":"1","asset":"BTC","quantity":"1","value":"1","cash":"1")",
       "unknown key"},
      {"components without cash",
       R"("event":"creation","shares":"1","components":[{"asset":"BTC","quantity":"1","value":"1"}])",
       "missing"},
      {"no components", R"("event":"creation","shares":"1","components":[],"cash":"1")", "empty"},
      {"an order for nothing", R"("event":"creation","shares":"1")", "missing"},
      {"400 digits", R"("event":"distribution","cash":")" + x401 + '"', "more than 38 digits"},
      {"beyond 128 bits",
       R"("event":"reward","asset":"BTC","quantity":"99999999999999999999999999999999999999","value":"1","source":"s")",
       "128 bits"},
      {"beyond 128 bits of cents",
       R"("event":"creation","shares":"1","cash":"99999999999999999999999999999999999999")", "128 bits"},
      {"empty fee name", R"("event":"fee_accrued","name":"","amount":"1")", "empty"},
      {"empty source", R"("event":"reward","asset":"BTC","quantity":"1","value":"1","source":"")", "empty"},
      {"null where a text is due", R"("event":"fee_accrued","name":null,"amount":"1")", "must be a string"},
  };
  for (const RefusalCase& bad : cases) {
    const std::string lines = kOpen + kInKind + (bad.last.empty() ? std::string("{}\n") : day2(bad.last)) +
                              day2(R"("event":"strike")");
    const std::string message = refusal(lines);
    EXPECT_NE(message.find("events.jsonl:3"), std::string::npos) << bad.name << ": " << message;
    EXPECT_NE(message.find(bad.rule), std::string::npos) << bad.name << ": " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << bad.name;
  }
}

TEST_F(BooksCompute, BadFilesAreRefused) {
  EXPECT_NE(refusal("").find("no events"), std::string::npos);
  EXPECT_NE(refusal(kInCash).find(":1: the first event must be \"open\""), std::string::npos);
  EXPECT_NE(refusal(kOpen + line("2026-01-01", R"("event":"strike")")).find(":2: the date is before"),
            std::string::npos);
  EXPECT_NE(refusal(kOpen + line("2026-02-30", R"("event":"strike")")).find(":2: date"), std::string::npos);
  EXPECT_NE(refusal(std::string(kOpen) + "\n" + kInCash).find(":2"), std::string::npos);
  EXPECT_NE(refusal(std::string(kOpen) + "[1]\n").find(":2: a line must be one JSON object"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(kOpen) + "{} {}\n").find(":2"), std::string::npos);
  EXPECT_NE(refusal(std::string(2'000'000, ' ')).find(":1: the line is longer"), std::string::npos);
  EXPECT_NE(refusal(day2(R"("event":"open","fund":"X","assets":[{"asset":"USD","decimals":2}],"shares":"0")"))
                .find("USD is cash"),
            std::string::npos);
  EXPECT_NE(
      refusal(
          day2(
              R"("event":"open","fund":"X","assets":[{"asset":"A","decimals":2},{"asset":"A","decimals":2}],"shares":"0")"))
          .find("twice"),
      std::string::npos);
  EXPECT_NE(refusal(day2(R"("event":"open","fund":"X","assets":[{"asset":"A","decimals":39}],"shares":"0")"))
                .find("decimals"),
            std::string::npos);
  EXPECT_NE(refusal(kOpen + day2(R"("event":"strike")")).find("there are no shares"), std::string::npos);
  nav::BooksComputeRequest nowhere;
  nowhere.events_path = (folder_.path() / "nowhere.jsonl").string();
  EXPECT_THROW(nav::compute_books(nowhere), base::Refused);
  nowhere.events_path = folder_.path().string();
  EXPECT_THROW(nav::compute_books(nowhere), base::Refused);
}

TEST_F(BooksCompute, SeveralFeesPayableMustBeNamed) {
  const std::string two = kOpen + kInKind + day2(R"("event":"fee_accrued","name":"a","amount":"5")") +
                          day2(R"("event":"fee_accrued","name":"b","amount":"5")");
  EXPECT_NE(refusal(two + day2(R"("event":"fee_paid_in_kind","asset":"BTC","quantity":"1","value":"1")"))
                .find("must name one"),
            std::string::npos);
  EXPECT_EQ(
      refusal(two +
              day2(R"("event":"fee_paid_in_kind","name":"b","asset":"BTC","quantity":"1","value":"1")")),
      "");
}

TEST_F(BooksCompute, TheLastLineNeedsNoLineFeedAndCarriageReturnsAreFine) {
  std::string lines = kOpen + kInCash;
  lines.pop_back();
  EXPECT_EQ(text_at(answer(lines), "cash"), "200000");
  std::string windows = kOpen + kInCash;
  for (std::size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2)
    windows.insert(at, "\r");
  EXPECT_EQ(text_at(answer(windows), "cash"), "200000");
}

TEST_F(BooksCompute, ARefusalLeavesNoLedgerFileAndKeepsTheOldOne) {
  const std::string ledger = folder_.write("journal.ledger", "what was there\n");
  auto wanted = request(kOpen + kInCash + day2(R"("event":"distribution","cash":"200001")"));
  wanted.ledger_path = ledger;
  EXPECT_THROW(nav::compute_books(wanted), base::Refused);
  EXPECT_EQ(read_file(ledger), "what was there\n");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    files += entry.exists() ? 1 : 0;
  EXPECT_EQ(files, 2);  // events and the old ledger file
}

TEST_F(BooksCompute, TheLedgerIsNeverWrittenOverItsEventsOrADevice) {
  auto wanted = request(kOpen);
  wanted.ledger_path = wanted.events_path;
  EXPECT_THROW(nav::compute_books(wanted), base::Refused);
  EXPECT_EQ(read_file(wanted.events_path), kOpen);
  wanted.ledger_path = "/dev/null";
  EXPECT_THROW(nav::compute_books(wanted), base::Refused);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace navkeeper::tests
