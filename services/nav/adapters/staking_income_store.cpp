#include "services/nav/adapters/staking_income_store.h"

#include <algorithm>
#include <map>

#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/grouped.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr std::string_view kIncome = "Income:Rewards:";
constexpr std::string_view kCut = "Expenses:Staking provider:";
constexpr std::string_view kLost = "Expenses:Penalties";
constexpr std::string_view kDollar = "USD";

bool is_on_staking(policy::BaseKind base) {
  return base == policy::BaseKind::kGrossRewards || base == policy::BaseKind::kRewardsReceived ||
         base == policy::BaseKind::kStakedAssets;
}

/// Debits less credits by account and commodity, in whole ones.
std::map<std::pair<std::string, std::string>, Decimal> sums_of(db::Transaction& transaction,
                                                               const model::FundId& fund, time::Date from,
                                                               time::Date to, const std::string& which) {
  std::map<std::pair<std::string, std::string>, Decimal> sums;
  for (const auto& row : db::query(
           transaction,
           "SELECT s.account, c.commodity, c.decimals, sum(s.amount) AS units FROM entry e JOIN posting p "
           "USING "
           "(fund_id, seq) JOIN commodity c USING (fund_id, commodity), LATERAL (VALUES (p.debit, p.amount), "
           "(p.credit, -p.amount)) AS s (account, amount) WHERE e.fund_id = $1 AND e.trade_date BETWEEN $2 "
           "AND "
           "$3 AND " +
               which + " GROUP BY s.account, c.commodity, c.decimals ORDER BY s.account, c.commodity",
           fund, from.to_string(), to.to_string()))
    sums[{row["account"].as<std::string>(), row["commodity"].as<std::string>()}] =
        row["units"].as<Decimal>() * Decimal::of(1, row["decimals"].as<int>());
  return sums;
}

/// What strikes accrued, not what was paid since.
void add_fees(db::Transaction& transaction, const FundDefinition& fund, time::Date from, time::Date to,
              StakingIncome& income) {
  const auto sums =
      sums_of(transaction, fund.id, from, to,
              "e.source = 'strike' AND (s.account LIKE 'Liabilities:Fees payable:%' OR s.account "
              "LIKE 'Expenses:Fees:%')");
  std::vector<std::string> seen;
  for (const policy::ExpenseRule& rule : fund.policies.fees) {
    if (!is_on_staking(rule.base) || std::find(seen.begin(), seen.end(), rule.name) != seen.end()) continue;
    seen.push_back(rule.name);
    StakingIncome::Fee fee{rule.name, {}, {}};
    const std::string payable = policy::payable_account(rule.name);
    for (const auto& [key, amount] : sums) {
      const auto& [account, commodity] = key;
      if (account == policy::expense_account(rule.name) && commodity == kDollar) fee.amount = amount;
      if (account == payable) fee.parts.push_back({"", commodity, -amount});
      if (account.starts_with(payable + ":"))
        fee.parts.push_back({account.substr(payable.size() + 1), commodity, -amount});
    }
    if (!fee.amount.is_zero() || !fee.parts.empty()) income.fees.push_back(std::move(fee));
  }
}

}  // namespace

Decimal StakingIncome::gross() const {
  Decimal sum;
  for (const Reward& reward : rewards) sum += reward.gross;
  return sum;
}

Decimal StakingIncome::net() const {
  Decimal sum = gross() - lost;
  for (const Reward& reward : rewards) sum -= reward.provider_cut;
  for (const Fee& fee : fees) sum -= fee.amount;
  return sum;
}

StakingIncome load_staking_income(db::Transaction& transaction, const FundDefinition& fund, time::Date from,
                                  time::Date to) {
  StakingIncome income;
  std::map<std::string, StakingIncome::Reward> rewards;
  const auto reward = [&](const std::string& type) -> StakingIncome::Reward& {
    return rewards.try_emplace(type, StakingIncome::Reward{type, {}, {}}).first->second;
  };
  for (const auto& [key, amount] :
       sums_of(transaction, fund.id, from, to,
               "(s.account LIKE 'Income:Rewards:%' OR s.account LIKE 'Expenses:Staking provider:%' OR "
               "s.account = 'Expenses:Penalties')")) {
    const std::string& account = key.first;
    if (account == kLost)
      income.lost = amount;
    else if (account.starts_with(kIncome))
      reward(account.substr(kIncome.size())).gross = -amount;
    else
      reward(account.substr(kCut.size())).provider_cut = amount;
  }
  for (auto& [type, one] : rewards) income.rewards.push_back(std::move(one));
  for (const auto& row : db::query(
           transaction,
           "SELECT asset, reward_type, sum(income_gross) AS gross FROM reward_stage s WHERE fund_id = $1 AND "
           "event_date BETWEEN $2 AND $3 AND income_gross <> 0 AND NOT " +
               fact_taken_back() +
               " GROUP BY asset, reward_type "
               "ORDER BY asset, reward_type",
           fund.id, from.to_string(), to.to_string()))
    income.coins.push_back(
        {row["asset"].as<std::string>(), row["reward_type"].as<std::string>(), row["gross"].as<Decimal>()});
  add_fees(transaction, fund, from, to, income);
  return income;
}

std::string staking_income_json(const model::FundId& fund, time::Date from, time::Date to,
                                const StakingIncome& income) {
  json::Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("from", from.to_string())
      .member("to", to.to_string())
      .key("coins")
      .begin_array();
  for (const StakingIncome::Coins& one : income.coins)
    writer.begin_object()
        .member("asset", one.asset)
        .member("type", one.type)
        .member("gross", one.gross)
        .end_object();
  writer.end_array().key("rewards").begin_array();
  for (const StakingIncome::Reward& one : income.rewards)
    writer.begin_object()
        .member("type", one.type)
        .member("gross", one.gross)
        .member("provider_cut", one.provider_cut)
        .end_object();
  writer.end_array().member("gross", income.gross()).member("lost", income.lost).key("fees").begin_array();
  for (const StakingIncome::Fee& one : income.fees) {
    writer.begin_object().member("name", one.name).member("amount", one.amount).key("parts").begin_array();
    for (const StakingIncome::Part& part : one.parts)
      writer.begin_object()
          .member("payee", part.payee)
          .member("commodity", part.commodity)
          .member("amount", part.amount)
          .end_object();
    writer.end_array().end_object();
  }
  return writer.end_array().member("net", income.net()).end_object().take();
}

std::string staking_income_text(const StakingIncome& income) {
  runtime::Table table({{"what"}, {"coins", runtime::Align::kRight}, {"dollars", runtime::Align::kRight}});
  const auto dollars = [](const Decimal& amount) { return grouped(amount, kDollarDecimals); };
  for (const StakingIncome::Reward& one : income.rewards) {
    std::string coins;
    for (const StakingIncome::Coins& earned : income.coins) {
      if (earned.type == one.type)
        coins += (coins.empty() ? "" : ", ") + grouped(earned.gross.to_string()) + " " + earned.asset;
    }
    table.row({"gross " + one.type, coins, dollars(one.gross)});
    if (!one.provider_cut.is_zero())
      table.row({"provider's part of " + one.type, "", dollars(-one.provider_cut)});
  }
  table.row({"lost to penalties and slashing, at cost", "", dollars(-income.lost)});
  for (const StakingIncome::Fee& one : income.fees) {
    table.row({one.name, "", dollars(-one.amount)});
    for (const StakingIncome::Part& part : one.parts)
      table.row({"  of it " + (part.payee.empty() ? std::string("its payee") : part.payee),
                 grouped(part.amount.to_string()) + " " + part.commodity, ""});
  }
  table.row({"net", "", dollars(income.net())});
  return table.to_string();
}

}  // namespace navkeeper::nav
