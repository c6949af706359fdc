#include "services/nav/domain/statements/financial_statements.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "services/nav/domain/policy/unrealised_gain.h"

namespace navkeeper::nav::statements {

using money::Decimal;
using money::Rational;
using money::Rounding;

namespace {

constexpr int kPercentDecimals = 2;
constexpr int kCents = 2;

constexpr std::string_view kCash = "Assets:Cash";
constexpr std::string_view kAssets = "Assets:";
constexpr std::string_view kLiabilities = "Liabilities:";
constexpr std::string_view kConversion = "Conversion:";
constexpr std::string_view kCapital = "Capital:";
constexpr std::string_view kDistributions = "Capital:Distributions";
constexpr std::string_view kIncome = "Income:";
constexpr std::string_view kRealised = "Income:Realised gain:";
constexpr std::string_view kUnrealised = "Income:Unrealised gain:";
constexpr std::string_view kExpenses = "Expenses:";
constexpr std::string_view kWaived = "Expenses:Fees waived:";
constexpr std::string_view kReimbursed = "Expenses:Reimbursed by adviser:";
constexpr std::string_view kTaxes = "Expenses:Taxes:";
constexpr std::string_view kPenalties = "Expenses:Penalties";

bool begins(const std::string& account, std::string_view part) { return account.rfind(part, 0) == 0; }

Decimal balance_of(const LedgerView& view, const std::string& account) {
  const auto found = view.dollars.find(account);
  return found == view.dollars.end() ? Decimal{} : found->second;
}

Decimal sum_of(const std::vector<StatementLine>& lines) {
  Decimal sum;
  for (const StatementLine& line : lines) sum += line.amount;
  return sum;
}

void add(std::vector<StatementLine>& lines, std::string name, const Decimal& amount) {
  if (!amount.is_zero()) lines.push_back({std::move(name), amount});
}

/// Which heading unsettled cash stands under; the sign says which side.
std::string heading_of(const UnsettledCash& cash) {
  const bool is_owed = cash.amount.is_negative();
  if (cash.kind == "creation") return is_owed ? "Payable on shares issued" : "Receivable for shares issued";
  if (cash.kind == "redemption")
    return is_owed ? "Payable for shares redeemed" : "Receivable on shares redeemed";
  if (cash.kind == "purchase") return "Payable for investments purchased";
  if (cash.kind == "sale") return "Receivable for investments sold";
  return (is_owed ? "Payable: " : "Receivable: ") + cash.kind;
}

class Statements {
 public:
  explicit Statements(StatementInput input) : input_(std::move(input)) {
    // Coins are valued from prices here, so what the strikes marked is left out.
    for (LedgerView* view : {&input_.opening, &input_.closing})
      std::erase_if(view->dollars, [](const auto& line) { return policy::is_mark_account(line.first); });
  }

  base::Checked<FinancialStatements> run() {
    result_.fund = input_.fund;
    result_.name = input_.name;
    result_.from = input_.from;
    result_.to = input_.to;
    for (const LedgerView* view : {&input_.opening, &input_.closing}) {
      for (const CoinHolding& coin : view->coins) {
        if (!coin.price && !coin.quantity.is_zero()) return base::Refusal{coin.asset, "no NAV prices it"};
      }
    }
    assets_and_liabilities();
    operations();
    changes();
    tie();
    HighlightsInput highlights = input_.highlights;
    highlights.net_investment_income = result_.operations.net_investment_income;
    highlights.gross_expenses = result_.operations.total_expenses;
    highlights.net_expenses = result_.operations.net_expenses;
    auto figures = financial_highlights(highlights);
    if (figures.has_error()) return figures.error();
    result_.highlights = *std::move(figures);
    return std::move(result_);
  }

 private:
  Decimal value_of(const CoinHolding& coin) const {
    if (coin.quantity.is_zero()) return {};
    return money::multiply(coin.quantity, *coin.price, input_.money_decimals, input_.rounding);
  }

  /// Value less cost of the coins.
  Decimal unrealised_in(const LedgerView& view) const {
    Decimal sum;
    for (const CoinHolding& coin : view.coins) sum += value_of(coin) - coin.cost;
    return sum;
  }

  /// From the accounts of capital, income and expenses: what the two sides of a balanced journal leave.
  Decimal net_assets_in(const LedgerView& view) const {
    Decimal sum = unrealised_in(view);
    for (const auto& [account, amount] : view.dollars) {
      if (begins(account, kCapital) || begins(account, kIncome) || begins(account, kExpenses)) sum -= amount;
    }
    return sum;
  }

  /// The change of an account over the period, credit positive.
  Decimal credited(const std::string& account) const {
    return balance_of(input_.opening, account) - balance_of(input_.closing, account);
  }

  void assets_and_liabilities() {
    AssetsAndLiabilities& sheet = result_.assets_and_liabilities;
    const LedgerView& view = input_.closing;
    Decimal investments, cost;
    for (const CoinHolding& coin : view.coins) {
      if (coin.quantity.is_zero() && coin.cost.is_zero()) continue;
      result_.investments.push_back(
          {coin.asset, coin.quantity, coin.cost, coin.price.value_or(Decimal{}), value_of(coin), {}});
      investments += value_of(coin);
      cost += coin.cost;
    }
    add(sheet.assets, "Investments in digital assets, at value (cost " + cost.to_string() + ")", investments);
    Decimal unsettled;
    for (const UnsettledCash& some : input_.unsettled) unsettled += some.amount;
    add(sheet.assets, "Cash", balance_of(view, std::string(kCash)) - unsettled);
    for (const UnsettledCash& some : input_.unsettled) {
      if (some.amount.is_positive()) add(sheet.assets, heading_of(some), some.amount);
      if (some.amount.is_negative()) add(sheet.liabilities, heading_of(some), -some.amount);
    }
    for (const auto& [account, amount] : view.dollars) {
      if (begins(account, kAssets) && account != kCash)
        add(sheet.assets, account.substr(kAssets.size()), amount);
      if (begins(account, kLiabilities)) add(sheet.liabilities, account.substr(kLiabilities.size()), -amount);
      if (begins(account, kConversion))
        add(sheet.liabilities, "Owed in " + account.substr(kConversion.size()), -amount);
    }
    sheet.total_assets = sum_of(sheet.assets);
    sheet.total_liabilities = sum_of(sheet.liabilities);
    sheet.net_assets = sheet.total_assets - sheet.total_liabilities;
    Decimal paid_in;
    for (const auto& [account, amount] : view.dollars) {
      if (begins(account, kCapital) && !begins(account, kDistributions)) paid_in -= amount;
    }
    sheet.components = {{"Paid-in capital", paid_in},
                        {"Total distributable earnings (loss)", net_assets_in(view) - paid_in}};
    sheet.shares = view.shares;
    if (view.shares.is_positive()) sheet.per_share = Rational(sheet.net_assets) / Rational(view.shares);
    if (sum_of(sheet.components) != sheet.net_assets)
      fault("assets less liabilities are " + sheet.net_assets.to_string() + ", capital and earnings are " +
            sum_of(sheet.components).to_string());
    if (sheet.net_assets.is_positive()) {
      for (InvestmentLine& line : result_.investments)
        line.percent = money::mul_div(line.value, Decimal::of(100), sheet.net_assets, kPercentDecimals,
                                      Rounding::kHalfUp);
    }
  }

  void operations() {
    Operations& statement = result_.operations;
    for (const auto& [account, ignored] : accounts()) {
      const Decimal earned = credited(account);
      if (begins(account, kRealised)) {
        add(statement.realised, account.substr(kRealised.size()), earned);
      } else if (begins(account, kUnrealised)) {
        add(statement.unrealised, account.substr(kUnrealised.size()), earned);
      } else if (begins(account, kIncome)) {
        add(statement.income, account.substr(kIncome.size()), earned);
      } else if (begins(account, kTaxes)) {
        statement.taxes -= earned;
      } else if (begins(account, kPenalties)) {
        add(statement.realised, "Penalties", earned);
      } else if (begins(account, kWaived) || begins(account, kReimbursed)) {
        add(statement.relief, account.substr(kExpenses.size()), -earned);
      } else if (begins(account, kExpenses)) {
        add(statement.expenses, account.substr(kExpenses.size()), -earned);
      }
    }
    add(statement.unrealised, "Investments in digital assets",
        unrealised_in(input_.closing) - unrealised_in(input_.opening));
    statement.total_income = sum_of(statement.income);
    statement.total_expenses = sum_of(statement.expenses);
    statement.net_expenses = statement.total_expenses + sum_of(statement.relief);
    statement.net_investment_income = statement.total_income - statement.net_expenses;
    statement.net_realised = sum_of(statement.realised);
    statement.change_in_unrealised = sum_of(statement.unrealised);
    statement.net_increase = statement.net_investment_income + statement.net_realised +
                             statement.change_in_unrealised - statement.taxes;
  }

  void changes() {
    ChangesInNetAssets& statement = result_.changes;
    statement.opening = net_assets_in(input_.opening);
    statement.from_operations = result_.operations.net_increase;
    for (const auto& [account, ignored] : accounts()) {
      if (!begins(account, kCapital)) continue;
      if (begins(account, kDistributions))
        add(statement.distributions,
            account == kDistributions ? "Distributions" : account.substr(kDistributions.size() + 1),
            credited(account));
      else
        add(statement.capital, account.substr(kCapital.size()), credited(account));
    }
    statement.total_change =
        statement.from_operations + sum_of(statement.distributions) + sum_of(statement.capital);
    statement.closing = statement.opening + statement.total_change;
    if (statement.closing != result_.assets_and_liabilities.net_assets)
      fault("net assets change to " + statement.closing.to_string() + ", the balance sheet has " +
            result_.assets_and_liabilities.net_assets.to_string());
    statement.shares_issued = input_.share_flows.issued;
    statement.shares_redeemed = input_.share_flows.redeemed;
    statement.shares_closing = input_.closing.shares;
    statement.shares_opening = statement.shares_closing - statement.shares_issued + statement.shares_redeemed;
  }

  void tie() {
    NavTie& tie = result_.tie;
    tie.nav = input_.closing_nav;
    Rational expected(tie.nav.net_assets);
    for (const BookedLater& entry : input_.booked_later) {
      expected += entry.effect;
      tie.booked_later.push_back(
          {entry.kind + " " + entry.entry, entry.effect.rounded(kCents, Rounding::kHalfEven)});
    }
    const Rational remainder = Rational(result_.assets_and_liabilities.net_assets) - expected;
    tie.remainder = remainder.rounded(kCents, Rounding::kHalfEven);
    // Values are rounded position by position, there and here, over other quantities.
    const Rational allowed = Rational::of(static_cast<money::Int128>(input_.closing.coins.size()), 100);
    tie.ties = input_.booked_later.empty() ? remainder.is_zero() : remainder.abs() <= allowed;
    if (!tie.ties)
      fault("net assets of " + result_.assets_and_liabilities.net_assets.to_string() +
            " do not tie to the NAV of " + tie.nav.date.to_string() + ": " + tie.remainder.to_string() +
            " is not explained");
  }

  /// Those of either view.
  std::map<std::string, Decimal> accounts() const {
    std::map<std::string, Decimal> all = input_.closing.dollars;
    all.insert(input_.opening.dollars.begin(), input_.opening.dollars.end());
    return all;
  }

  void fault(std::string what) { result_.faults.push_back(std::move(what)); }

  StatementInput input_;
  FinancialStatements result_;
};

}  // namespace

base::Checked<FinancialStatements> financial_statements(const StatementInput& input) {
  return Statements(input).run();
}

}  // namespace navkeeper::nav::statements
