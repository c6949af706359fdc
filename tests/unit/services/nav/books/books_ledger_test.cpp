// The exported journal through the two foreign programs that read it.
#include <algorithm>
#include <map>
#include <sstream>

#include "common/money/decimal.h"
#include "services/nav/adapters/books_ledger.h"
#include "tests/unit/services/nav/books/books_fixture.h"
#include "tests/unit/services/nav/books/naive_books.h"

namespace navkeeper::tests {
namespace {

using money::Decimal;

/// (account, commodity) -> balance; zero balances are left out.
using Balances = std::map<std::pair<std::string, std::string>, Decimal>;

Balances of_trial_balance(const json::Value& answer) {
  Balances balances;
  for (const json::Value& row : answer.find("trial_balance")->as_array()) {
    const Decimal balance =
        Decimal::literal(text_at(row, "debit")) - Decimal::literal(text_at(row, "credit"));
    if (!balance.is_zero()) balances[{text_at(row, "account"), text_at(row, "commodity")}] = balance;
  }
  return balances;
}

void put(Balances& balances, const std::string& account, const std::string& amount, std::string commodity) {
  if (commodity.size() > 1 && commodity.front() == '"') commodity = commodity.substr(1, commodity.size() - 2);
  const Decimal balance = Decimal::literal(amount);
  if (!balance.is_zero()) balances[{account, commodity}] = balance;
}

/// "account|12.34 USD", and further commodities of the same account each on a line of their own.
Balances of_ledger(const std::string& file) {
  const Ended ended = run_process({"ledger", "--args-only", "--file", file, "balance", "--flat", "--no-total",
                                   "--balance-format", "%(account)|%(scrub(total))\n"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  Balances balances;
  std::istringstream lines(ended.out);
  std::string account;
  for (std::string line; std::getline(lines, line);) {
    if (const auto bar = line.find('|'); bar != std::string::npos) {
      account = line.substr(0, bar);
      line.erase(0, bar + 1);
    }
    const auto space = line.find(' ');
    if (space != std::string::npos) put(balances, account, line.substr(0, space), line.substr(space + 1));
  }
  return balances;
}

/// CSV "account","commodity","balance"; a quote in a field is doubled.
Balances of_hledger(const std::string& file) {
  const Ended ended = run_process(
      {"hledger", "--file", file, "balance", "--flat", "--no-total", "--layout=bare", "--output-format=csv"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  Balances balances;
  std::istringstream lines(ended.out);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::size_t from = 1;
    for (std::size_t end = 0; (end = line.find("\",\"", from)) != std::string::npos; from = end + 3)
      fields.push_back(line.substr(from, end - from));
    fields.push_back(line.substr(from, line.size() - 1 - from));
    EXPECT_EQ(fields.size(), 3U) << line;
    std::string commodity = fields.at(1);
    if (commodity.starts_with("\"\"")) commodity = commodity.substr(1, commodity.size() - 2);
    put(balances, fields.at(0), fields.at(2), commodity);
  }
  return balances;
}

class BooksLedger : public BooksFixture {
 protected:
  void compare(const std::string& lines) {
    auto wanted = request(lines);
    wanted.ledger_path = (folder_.path() / "journal.ledger").string();
    const Balances ours = of_trial_balance(answer(wanted));
    const std::string text = read_file(*wanted.ledger_path);
    EXPECT_TRUE(
        std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
    EXPECT_EQ(of_ledger(*wanted.ledger_path), ours);
    EXPECT_EQ(of_hledger(*wanted.ledger_path), ours);
  }
};

TEST_F(BooksLedger, LedgerAndHledgerFindTheSameBalances) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    bool bad_last = false;
    std::string lines;
    for (const PlainEvent& event : random_life(random, 150, bad_last)) lines += to_json_line(event);
    compare(lines);
  }
}

TEST_F(BooksLedger, LargeAndTinyAmountsAndEmptyEventsPass) {
  compare(
      std::string(kOpen) +
      R"({"date":"2026-01-02","event":"creation","shares":"1","cash":"999999999999999999999999999999999999"})"
      "\n"
      R"({"date":"2026-01-02","event":"creation","shares":"1","cash":"0"})"
      "\n"
      R"({"date":"2026-01-02","event":"opening_lot","asset":"ETH","quantity":"0.000000000000000001","cost":"0"})"
      "\n"
      R"({"date":"2026-01-02","event":"opening_lot","asset":"ETH","quantity":"1.125","cost":"1.12"})"
      "\n"
      R"({"date":"2026-01-02","event":"distribution","cash":"0"})"
      "\n"
      R"({"date":"2026-01-02","event":"split","ratio":"2"})"
      "\n");
}

TEST_F(BooksLedger, AssetsThatLedgerWouldReadAsSomethingElseAreQuoted) {
  EXPECT_EQ(nav::ledger_commodity("BTC"), "BTC");
  EXPECT_EQ(nav::ledger_commodity("1INCH"), "\"1INCH\"");
  EXPECT_EQ(nav::ledger_commodity("a:b+c"), "\"a:b+c\"");
  EXPECT_EQ(nav::ledger_commodity("and"), "\"and\"");
}

TEST_F(BooksLedger, StrangeNamesBecomeDifferentPartsOfAccounts) {
  EXPECT_EQ(books::account_part("management fee"), "management fee");
  EXPECT_EQ(books::account_part("a  b"), "a%20%20b");
  EXPECT_EQ(books::account_part("a:b"), "a%3Ab");
  EXPECT_EQ(books::account_part("50%"), "50%25");
  EXPECT_EQ(books::account_part(" x"), "%20x");
  const std::string head = std::string(kOpen);
  std::string lines = head;
  for (const char* name :
       {";x", "(a)", "[b]", "a  b", "a b", "*", "! c", "=1", "@ x", "{y}", "\xC3\xA9", "$", "a:b", "50%"})
    lines += R"({"date":"2026-01-02","event":"fee_accrued","name":")" + std::string(name) +
             R"(","amount":"1.00"})"
             "\n";
  compare(lines);
}

TEST_F(BooksLedger, AsOfWritesTheJournalUpToThen) {
  auto wanted =
      request(std::string(kOpen) + R"({"date":"2026-01-02","event":"creation","shares":"1","cash":"5"})"
                                   "\n"
                                   R"({"date":"2026-01-03","event":"creation","shares":"1","cash":"5"})"
                                   "\n");
  wanted.as_of = time::Date::literal("2026-01-02");
  wanted.ledger_path = (folder_.path() / "journal.ledger").string();
  const Balances ours = of_trial_balance(answer(wanted));
  EXPECT_EQ(of_ledger(*wanted.ledger_path), ours);
  EXPECT_EQ(ours.at({"Assets:Cash", "USD"}), Decimal::of(5));
}

}  // namespace
}  // namespace navkeeper::tests
