#include "services/nav/domain/cash/share_position.h"

namespace navkeeper::nav::cash {

using money::Decimal;

Decimal SharePositions::total() const {
  Decimal sum;
  for (const auto& [holder, shares] : holders) sum += shares;
  return sum;
}

base::Checked<void> check_positions(const SharePositions& positions) {
  if (positions.source != kTransferAgent && positions.source != kDepository)
    return base::Refusal{"source", "is neither transfer_agent nor depository"};
  if (positions.holders.empty()) return base::Refusal{"holders", "there is none"};
  if (positions.source == kDepository && positions.holders.size() != 1)
    return base::Refusal{"holders", "a depository's file has one position of a fund"};
  for (const auto& [holder, shares] : positions.holders) {
    if (shares.is_negative()) return base::Refusal{holder, "holds fewer than no shares"};
    if (shares.scale() > 0) return base::Refusal{holder, "holds a fraction of a share"};
  }
  return {};
}

ShareComparison compare_shares(const RegisterShares& ours, const std::optional<SharePositions>& agent,
                               const std::optional<SharePositions>& depository) {
  ShareComparison comparison;
  const auto why = [&](const Decimal& theirs) {
    if (!ours.open.is_zero() && theirs == ours.settled)
      return "the shares of orders that have not settled: counted there as if they had";
    if (!ours.unsettled.is_zero() && theirs == ours.expected() + ours.unsettled)
      return "the shares of orders not settled yet: counted there on the trade date";
    return "";
  };
  const auto compare = [&](const std::string& between, const Decimal& mine, const Decimal& theirs) {
    if (mine != theirs) comparison.breaks.push_back({between, mine, theirs, why(theirs)});
  };
  if (agent) {
    comparison.agent = agent->total();
    compare("register and transfer agent", ours.expected(), *comparison.agent);
    const auto nominee = agent->holders.find(kNominee);
    comparison.nominee = nominee == agent->holders.end() ? Decimal{} : nominee->second;
  }
  if (depository) {
    comparison.depository = depository->total();
    if (agent)
      compare("transfer agent's nominee and depository", *comparison.nominee, *comparison.depository);
    else
      compare("register and depository", ours.expected(), *comparison.depository);
  }
  return comparison;
}

}  // namespace navkeeper::nav::cash
