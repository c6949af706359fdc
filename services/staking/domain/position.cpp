#include "services/staking/domain/position.h"

#include "common/base/ensure.h"

namespace navkeeper::staking {
namespace {

constexpr std::array kChains{Chain::kEthereum, Chain::kCronosPos, Chain::kCustodian, Chain::kLiquid};

template <class All>
auto find_described(const All& all, std::string_view word) -> std::optional<typename All::value_type> {
  for (const auto one : all) {
    if (describe(one) == word) return one;
  }
  return std::nullopt;
}

}  // namespace

std::string_view describe(Chain chain) {
  switch (chain) {
    case Chain::kEthereum:
      return "ethereum";
    case Chain::kCronosPos:
      return "cronos_pos";
    case Chain::kCustodian:
      return "custodian";
    case Chain::kLiquid:
      return "liquid";
  }
  ENSURE(false);
}
std::optional<Chain> parse_chain(std::string_view word) { return find_described(kChains, word); }

std::string_view describe(PositionState state) {
  switch (state) {
    case PositionState::kInFlight:
      return "in_flight";
    case PositionState::kPending:
      return "pending";
    case PositionState::kQueued:
      return "queued";
    case PositionState::kActive:
      return "active";
    case PositionState::kExiting:
      return "exiting";
    case PositionState::kUnbonding:
      return "unbonding";
    case PositionState::kWithdrawable:
      return "withdrawable";
    case PositionState::kClaimable:
      return "claimable";
    case PositionState::kLiquid:
      return "liquid";
    case PositionState::kRedeeming:
      return "redeeming";
    case PositionState::kContingent:
      return "contingent";
  }
  ENSURE(false);
}
std::optional<PositionState> parse_position_state(std::string_view word) {
  return find_described(kPositionStates, word);
}

std::string_view describe(Account account) {
  switch (account) {
    case Account::kStake:
      return "stake";
    case Account::kPending:
      return "pending";
    case Account::kUnbonding:
      return "unbonding";
    case Account::kClaimable:
      return "claimable";
    case Account::kLiquid:
      return "liquid";
  }
  ENSURE(false);
}
std::optional<Account> parse_account(std::string_view word) { return find_described(kAccounts, word); }

std::optional<Account> account_of(Chain chain, PositionState state) {
  switch (state) {
    case PositionState::kInFlight:
    case PositionState::kPending:
      return Account::kPending;
    case PositionState::kQueued:
    case PositionState::kActive:
    case PositionState::kExiting:
    case PositionState::kWithdrawable:
      return Account::kStake;
    case PositionState::kUnbonding:
      return chain == Chain::kEthereum ? Account::kStake : Account::kUnbonding;
    case PositionState::kRedeeming:
      return Account::kUnbonding;
    case PositionState::kClaimable:
      return Account::kClaimable;
    case PositionState::kLiquid:
      return Account::kLiquid;
    case PositionState::kContingent:
      return std::nullopt;
  }
  ENSURE(false);
}

}  // namespace navkeeper::staking
