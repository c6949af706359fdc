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

ShareComparison compare_shares(const Decimal& settled, const Decimal& unsettled,
                               const std::optional<SharePositions>& agent,
                               const std::optional<SharePositions>& depository) {
  ShareComparison comparison;
  const auto compare = [&](const std::string& between, const Decimal& ours, const Decimal& theirs) {
    if (ours == theirs) return;
    const bool is_on_its_way = !unsettled.is_zero() && theirs == ours + unsettled;
    comparison.breaks.push_back(
        {between, ours, theirs,
         is_on_its_way ? "the shares of orders not settled yet: counted there on the trade date" : ""});
  };
  if (agent) {
    comparison.agent = agent->total();
    compare("register and transfer agent", settled, *comparison.agent);
    const auto nominee = agent->holders.find(kNominee);
    comparison.nominee = nominee == agent->holders.end() ? Decimal{} : nominee->second;
  }
  if (depository) {
    comparison.depository = depository->total();
    if (agent)
      compare("transfer agent's nominee and depository", *comparison.nominee, *comparison.depository);
    else
      compare("register and depository", settled, *comparison.depository);
  }
  return comparison;
}

}  // namespace navkeeper::nav::cash
