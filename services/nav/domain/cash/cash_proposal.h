#pragma once
// CashProposal: what one person proposes and another approves before dollars or coins may move: a bank
// account, a payee, limits, a wire, a coin trade.
#include <string>
#include <string_view>
#include <variant>

#include "services/nav/domain/cash/coin_trade.h"
#include "services/nav/domain/cash/wire.h"

namespace navkeeper::nav::cash {

struct CashProposal {
  std::variant<BankAccount, Payee, WireLimits, Wire, CoinTrade> terms;
  const std::string& id() const;
  /// "bank_account", "payee", "limits", "wire", "trade".
  std::string_view kind() const;
};

inline constexpr std::string_view kProposalKinds[] = {"bank_account", "payee", "limits", "wire", "trade"};

/// What is wrong with it by itself; of a wire what needs no sight of anything else.
base::Checked<void> check_proposal(const CashProposal& proposal);

}  // namespace navkeeper::nav::cash
