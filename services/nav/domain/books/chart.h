#pragma once
// The chart of accounts of one fund and what is counted in it.
//
// Commodity 0 is the dollar, counted in cents; the others are the fund's coins, counted in their smallest
// unit. A line of the ledger is an account in one commodity. Its sign: positive is a debit (the fund has, or
// spent), negative a credit (the fund owes, or earned).
//
//   Assets:Cash                        dollars
//   Assets:Coins:BTC                   the coins of the position
//   Liabilities:Fees payable:NAME
//   Capital:Opening | Creations | Redemptions | Distributions
//   Income:Realised gain:Sale | Redemption | Expense      credit: a gain
//   Income:Rewards:SOURCE
//   Expenses:Fees:NAME, Expenses:Penalties
//   Conversion:BTC                     through which the coin passes: minus its quantity, plus its cost in
//                                      dollars; so coins and dollars each balance by themselves
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace navkeeper::nav::books {

using CommodityIndex = std::uint32_t;
using LineIndex = std::uint32_t;

constexpr CommodityIndex kDollars = 0;
constexpr int kDollarDecimals = 2;

struct Commodity {
  std::string symbol;
  int decimals = 0;
};

struct Line {
  std::string account;
  CommodityIndex commodity = kDollars;
};

/// A name from outside as a part of an account's name: letters, digits and - _ . + stay, and a space inside
/// between two of these; any other byte becomes %XX. Different names stay different, and the result is ASCII
/// that Ledger and hledger read as one part.
std::string account_part(std::string_view name);
/// The name that account_part() made `part` of.
std::string name_of_part(std::string_view part);

class Chart {
 public:
  Chart();  ///< dollars only

  CommodityIndex add_commodity(std::string symbol, int decimals);
  /// The line, made on first use. Indices stay valid and count from 0 without gaps.
  LineIndex line(const std::string& account, CommodityIndex commodity);

  const std::vector<Commodity>& commodities() const { return commodities_; }
  const std::vector<Line>& lines() const { return lines_; }
  /// All lines as a trial balance lists them: assets, liabilities, capital, income, expenses, conversion;
  /// then by account's name; then by commodity.
  std::vector<LineIndex> in_order() const;

 private:
  std::vector<Commodity> commodities_;
  std::vector<Line> lines_;
  std::unordered_map<std::string, LineIndex> index_;  ///< by account, a zero byte, commodity's index
};

}  // namespace navkeeper::nav::books
