#pragma once
// The chart of accounts of one fund and what is counted in it.
//
// Commodity 0 is the dollar, counted in cents; the others are the fund's coins, counted in their smallest
// unit. A line of the ledger is an account in one commodity. Its sign: positive is a debit (the fund has, or
// spent), negative a credit (the fund owes, or earned).
//
//   Assets:Cash                        dollars
//   Assets:Coins:BTC[:PLACE]           available in custody, at the fund's main account or at PLACE
//   Assets:Staked: | Activating: | Unbonding:BTC[:PLACE]
//                                      coins of the position too; a liquid-staking token is a coin of its own
//   Assets:Rewards receivable:Credited | Claimable:BTC[:PLACE]
//                                      coins that are income and not yet received: no lots
//   Assets:Owed:BTC:ORDER              coins of a redemption not delivered yet: a credit, in the position
//   Assets:Receivable from adviser     what it bears of the fund's expenses
//   Assets:Fees receivable:NAME[:PAYEE]
//                                      dollars of a fee that were paid and turned out not to be owed
//   Assets:Deferred costs:NAME
//   Liabilities:Fees payable:NAME[:PAYEE] | Distributions payable:ID | Taxes payable: | Deferred tax
//   Liabilities:Orders payable:ORDER   dollars of an order not paid yet
//   Capital:Opening | Creations | Redemptions | Distributions
//   Income:Realised gain:Sale | Redemption | Expense | Swap | Distribution | Coin payables
//                                      credit: a gain
//   Income:Unrealised gain:BTC         brought by each strike to value less cost
//   Income:Unrealised gain:Coin payables:NAME
//   Income:Rewards:SOURCE
//   Expenses:Fees:NAME | Fees waived:NAME | Reimbursed by adviser:NAME | Staking provider:TYPE | Taxes:
//   Expenses:Penalties
//   Conversion:BTC                     through which the coin passes: minus its quantity, plus its cost in
//                                      dollars; so coins and dollars each balance by themselves
//   Conversion:BTC unrealised          dollars beyond (negative: below) cost, at the last strike
//   Conversion:BTC receivable          the coins of Rewards receivable and their income in dollars
//   Conversion:BTC not yet income[:Credited | Claimable[:PLACE]]
//                                      coins of rewards below their policy's stage: no dollars, in no NAV
//   Conversion:BTC payable:NAME        what a fee in coins owes
//
// Orders and trades enter coins, cash and shares together on their book date; until then they are what the
// trade-date view has beyond the nav view, so they have no receivable of their own (rules 2a-4, 6c-11: T+1).
// The pure form (`books compute`) posts no unrealised gain: its positions and roll-forward show it.
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

/// Whether it can be an account: one of the six classes, then parts of printable ASCII, none empty, none with
/// a space at an end or two in a row.
bool is_account(std::string_view account);

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
