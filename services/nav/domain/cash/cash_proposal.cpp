#include "services/nav/domain/cash/cash_proposal.h"

namespace navkeeper::nav::cash {

const std::string& CashProposal::id() const {
  return std::visit([](const auto& one) -> const std::string& { return one.id; }, terms);
}

std::string_view CashProposal::kind() const { return kProposalKinds[terms.index()]; }

namespace {

base::Checked<void> check(const BankAccount& account) {
  if (account.number.empty()) return base::Refusal{"number", "is empty"};
  if (account.currency != "USD")
    return base::Refusal{"currency", account.currency + " is not USD, in which the books are kept"};
  return {};
}
base::Checked<void> check(const Payee& payee) { return check_payee(payee); }
base::Checked<void> check(const WireLimits& limits) { return check_limits(limits); }
base::Checked<void> check(const Wire&) { return {}; }
base::Checked<void> check(const CoinTrade& trade) { return check_trade(trade); }

}  // namespace

base::Checked<void> check_proposal(const CashProposal& proposal) {
  return std::visit([](const auto& one) { return check(one); }, proposal.terms);
}

}  // namespace navkeeper::nav::cash
