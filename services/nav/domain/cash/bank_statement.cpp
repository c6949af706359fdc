#include "services/nav/domain/cash/bank_statement.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "common/money/overflow.h"

namespace navkeeper::nav::cash {
namespace {

base::Refusal in_line(std::size_t index, const std::string& rule) {
  return {"entry " + std::to_string(index + 1), rule};
}

}  // namespace

base::Checked<void> check_statement(const BankStatement& statement) {
  if (statement.to < statement.from)
    return base::Refusal{"period", "ends on " + statement.to.to_string() + ", before it begins on " +
                                       statement.from.to_string()};
  for (const auto& [name, amount] :
       {std::pair{"opening balance", statement.opening}, std::pair{"closing balance", statement.closing}}) {
    if (amount.scale() > kCentDecimals) return base::Refusal{name, "has more than two decimals"};
  }
  money::Decimal balance = statement.opening;
  std::set<std::tuple<std::string, std::string, std::string, std::int32_t>> seen;
  for (std::size_t i = 0; i < statement.lines.size(); ++i) {
    const StatementLine& line = statement.lines[i];
    if (line.amount.is_zero()) return in_line(i, "is of zero");
    if (line.amount.scale() > kCentDecimals) return in_line(i, "has more than two decimals");
    if (line.booked > statement.to)
      return in_line(i, "is booked on " + line.booked.to_string() + ", after the statement's last day, " +
                            statement.to.to_string());
    if (!line.reference.empty() &&
        !seen.emplace(line.reference, line.customer_reference, line.amount.to_string(), line.booked.days())
             .second)
      return in_line(i, "repeats the bank's reference " + line.reference);
    try {
      balance += line.amount;
    } catch (const money::OverflowError&) {
      return in_line(i, "is too large");
    }
  }
  if (balance != statement.closing)
    return base::Refusal{"closing balance", "does not foot: opening " + statement.opening.to_string() +
                                                " and " + std::to_string(statement.lines.size()) +
                                                " entries make " + balance.to_string() + ", the bank says " +
                                                statement.closing.to_string()};
  return {};
}

base::Checked<StatementNews> admit_statement(const BankStatement& statement, const std::string& hash,
                                             const BankAccount& account, const TakenStatement* same_id,
                                             const Neighbours& neighbours,
                                             std::span<const StatementLine> seen) {
  const auto& [before, after] = neighbours;
  if (statement.account != account.number)
    return base::Refusal{"account",
                         statement.account + " is not the number of account " + account.id + " of the fund"};
  if (statement.currency != account.currency)
    return base::Refusal{
        "currency", statement.currency + " is not " + account.currency + ", that of account " + account.id};
  if (same_id != nullptr) {
    if (same_id->hash == hash) return StatementNews::kKnown;
    return base::Refusal{"statement " + statement.id, "was imported before with other content"};
  }
  if (before == nullptr && after == nullptr) return StatementNews::kNew;
  if (after != nullptr && after->from <= statement.to)
    return base::Refusal{"statement " + statement.id,
                         "overlaps: it goes from " + statement.from.to_string() + " through " +
                             statement.to.to_string() + ", statement " + after->id + " from " +
                             after->from.to_string() + " through " + after->to.to_string()};
  if (before == nullptr)
    return base::Refusal{"statement " + statement.id,
                         "lies before the first one taken, " + after->id + " of " + after->from.to_string()};
  if (statement.opening != before->closing)
    return base::Refusal{"opening balance",
                         statement.opening.to_string() + " is not the closing balance of statement " +
                             before->id + ", " + before->closing.to_string() + ": one between is missing"};
  if (after != nullptr && statement.closing != after->opening)
    return base::Refusal{"closing balance",
                         statement.closing.to_string() + " is not the opening balance of statement " +
                             after->id + ", " + after->opening.to_string() + ": one between is missing"};
  for (std::size_t i = 0; i < statement.lines.size(); ++i) {
    const StatementLine& line = statement.lines[i];
    if (!line.reference.empty() && std::find(seen.begin(), seen.end(), line) != seen.end())
      return in_line(i, "was in an earlier statement under the bank's reference " + line.reference);
  }
  return StatementNews::kNew;
}

}  // namespace navkeeper::nav::cash
