#pragma once
// Where coins are and what they do there, which book is meant, and why coins come and go.
#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace navkeeper::nav::books {

/// The two books of a fund. Both have every coin; they differ in lots, cost, and what gain is recognised.
enum class Book {
  kGaap,  ///< lots pooled per fund
  kTax,   ///< lots kept by wallet or account (Reg. 1.1012-1(j))
};
std::string_view describe(Book book);  ///< "gaap", "tax"
std::optional<Book> book_from(std::string_view word);

enum class CoinState {
  kAvailable,   ///< "available": in custody, can be delivered
  kStaked,      ///< "staked"
  kActivating,  ///< "activating": bonded, not yet earning
  kUnbonding,   ///< "unbonding": on its way back
};
inline constexpr std::array kCoinStates{CoinState::kAvailable, CoinState::kStaked, CoinState::kActivating,
                                        CoinState::kUnbonding};
std::string_view describe(CoinState state);
std::optional<CoinState> coin_state_from(std::string_view word);

/// A wallet or account and a state. The empty place is the fund's main account with its custodian.
struct Place {
  std::string account;  ///< wallet or account by name: at most kPlaceLengthMax bytes; may be empty
  CoinState state = CoinState::kAvailable;
  auto operator<=>(const Place&) const = default;
};
inline constexpr std::size_t kPlaceLengthMax = 100;

/// "Assets:Coins:BTC" where available, "Assets:Staked:BTC", "Assets:Activating:BTC",
/// "Assets:Unbonding:BTC"; with ":ACCOUNT" behind it where the place has a name. `coin_part` and the name
/// through account_part().
std::string position_account(std::string_view coin_part, const Place& place);
/// "Assets:Owed:BTC:TO": coins of a redemption that are booked and not delivered yet, as a negative position:
/// with them the positions are what the fund's shares have, without them what its custodians have. TO through
/// account_part().
std::string owed_account(std::string_view coin_part, std::string_view to);
inline constexpr std::string_view kOwedCoins = "Assets:Owed:";
inline constexpr std::string_view kOrdersPayable =
    "Liabilities:Orders payable:";  ///< dollars of such an order
/// Whether coins in that account are a position with lots behind it (one of those above); a receivable is
/// not.
bool is_position_account(std::string_view account);
/// The coin's part and the place of a position account; what is owed has none.
std::optional<std::pair<std::string, Place>> place_of_account(std::string_view account);

/// Why coins come (kOpening to kReceipt) and go; the words of the roll-forward and of realised gain.
enum class FlowCause {
  kOpening,              ///< "opening_lot"
  kCreation,             ///< "creation"
  kPurchase,             ///< "purchase"
  kRebalancingPurchase,  ///< "rebalancing_purchase": bought to bring the coins back to their weights
  kReward,               ///< "reward"
  kReceipt,              ///< "receipt": what a policy brings in, a swapped token, a fork, a spin-off
  kSale,                 ///< "sale"
  kRebalancingSale,      ///< "rebalancing_sale"
  kRedemption,           ///< "redemption"
  kExpense,              ///< "expense"
  kPenalty,              ///< "penalty"
  kSwap,                 ///< "swap"
  kDistribution,         ///< "distribution"
  kRestatement,          ///< "restatement": lots made into others without a disposal; either sign
};
inline constexpr std::array kFlowCauses{
    FlowCause::kOpening,      FlowCause::kCreation,   FlowCause::kPurchase, FlowCause::kRebalancingPurchase,
    FlowCause::kReward,       FlowCause::kReceipt,    FlowCause::kSale,     FlowCause::kRebalancingSale,
    FlowCause::kRedemption,   FlowCause::kExpense,    FlowCause::kPenalty,  FlowCause::kSwap,
    FlowCause::kDistribution, FlowCause::kRestatement};
std::string_view describe(FlowCause cause);
std::optional<FlowCause> flow_cause_from(std::string_view word);
bool is_addition(FlowCause cause);
bool is_disposal(FlowCause cause);

}  // namespace navkeeper::nav::books
