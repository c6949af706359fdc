#include "services/nav/domain/books/place.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "services/nav/domain/books/chart.h"

namespace navkeeper::nav::books {
namespace {

template <class Words, class Word>
auto word_of(const Words& all, Word word) -> std::optional<typename Words::value_type> {
  const auto found = std::find_if(all.begin(), all.end(), [&](auto each) { return describe(each) == word; });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

constexpr std::array kBooks{Book::kGaap, Book::kTax};

std::string_view prefix_of(CoinState state) {
  switch (state) {
    case CoinState::kAvailable:
      return "Assets:Coins:";
    case CoinState::kStaked:
      return "Assets:Staked:";
    case CoinState::kActivating:
      return "Assets:Activating:";
    case CoinState::kUnbonding:
      return "Assets:Unbonding:";
  }
  ENSURE(false);
}

}  // namespace

std::string_view describe(Book book) {
  switch (book) {
    case Book::kGaap:
      return "gaap";
    case Book::kTax:
      return "tax";
  }
  ENSURE(false);
}

std::optional<Book> book_from(std::string_view word) { return word_of(kBooks, word); }

std::string_view describe(CoinState state) {
  switch (state) {
    case CoinState::kAvailable:
      return "available";
    case CoinState::kStaked:
      return "staked";
    case CoinState::kActivating:
      return "activating";
    case CoinState::kUnbonding:
      return "unbonding";
  }
  ENSURE(false);
}

std::optional<CoinState> coin_state_from(std::string_view word) { return word_of(kCoinStates, word); }

std::string position_account(std::string_view coin_part, const Place& place) {
  std::string account(prefix_of(place.state));
  account += coin_part;
  if (!place.account.empty()) account += ":" + account_part(place.account);
  return account;
}

std::string owed_account(std::string_view coin_part, std::string_view to) {
  return std::string(kOwedCoins) + std::string(coin_part) + ":" + account_part(to);
}

bool is_position_account(std::string_view account) {
  if (account.starts_with(kOwedCoins)) return true;
  return std::any_of(kCoinStates.begin(), kCoinStates.end(),
                     [&](CoinState state) { return account.starts_with(prefix_of(state)); });
}

std::optional<std::pair<std::string, Place>> place_of_account(std::string_view account) {
  for (const CoinState state : kCoinStates) {
    const std::string_view prefix = prefix_of(state);
    if (!account.starts_with(prefix)) continue;
    const std::string_view rest = account.substr(prefix.size());
    const std::size_t colon = rest.find(':');
    const bool is_main = colon == std::string_view::npos;
    return std::pair(std::string(rest.substr(0, colon)),
                     Place{is_main ? std::string() : name_of_part(rest.substr(colon + 1)), state});
  }
  return std::nullopt;
}

std::string_view describe(FlowCause cause) {
  switch (cause) {
    case FlowCause::kOpening:
      return "opening_lot";
    case FlowCause::kCreation:
      return "creation";
    case FlowCause::kPurchase:
      return "purchase";
    case FlowCause::kRebalancingPurchase:
      return "rebalancing_purchase";
    case FlowCause::kReward:
      return "reward";
    case FlowCause::kReceipt:
      return "receipt";
    case FlowCause::kSale:
      return "sale";
    case FlowCause::kRebalancingSale:
      return "rebalancing_sale";
    case FlowCause::kRedemption:
      return "redemption";
    case FlowCause::kExpense:
      return "expense";
    case FlowCause::kPenalty:
      return "penalty";
    case FlowCause::kSwap:
      return "swap";
    case FlowCause::kDistribution:
      return "distribution";
    case FlowCause::kRestatement:
      return "restatement";
  }
  ENSURE(false);
}

std::optional<FlowCause> flow_cause_from(std::string_view word) { return word_of(kFlowCauses, word); }

bool is_addition(FlowCause cause) { return cause <= FlowCause::kReceipt; }

bool is_disposal(FlowCause cause) { return cause > FlowCause::kReceipt && cause != FlowCause::kRestatement; }

}  // namespace navkeeper::nav::books
