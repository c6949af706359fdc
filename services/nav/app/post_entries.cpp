#include "services/nav/app/post_entries.h"

#include "common/base/ensure.h"

namespace navkeeper::nav {
namespace {

books::FlowCause cause_of(policy::DeliveryCause cause) {
  switch (cause) {
    case policy::DeliveryCause::kExpense:
      return books::FlowCause::kExpense;
    case policy::DeliveryCause::kSwap:
      return books::FlowCause::kSwap;
    case policy::DeliveryCause::kDistribution:
      return books::FlowCause::kDistribution;
  }
  ENSURE(false);
}

}  // namespace

books::Event event_of(const DraftToPost& draft, const std::vector<books::AssetDefinition>& new_assets) {
  if (draft.split) return {draft.entry.trade_date, *draft.split};
  books::Draft event;
  event.new_assets = new_assets;
  for (const policy::DraftPosting& posting : draft.entry.postings)
    event.lines.push_back({posting.account, posting.commodity, posting.amount});
  for (const DraftReceipt& receipt : draft.receipts)
    event.receipts.push_back({receipt.lot.asset, receipt.lot.quantity, receipt.lot.cost, receipt.lot.acquired,
                              receipt.place, receipt.cause});
  for (const DraftDelivery& delivery : draft.deliveries)
    event.deliveries.push_back({delivery.coins.asset, delivery.coins.quantity, delivery.coins.value,
                                cause_of(delivery.coins.cause), delivery.against, delivery.place});
  for (const LotAdjustment& adjustment : draft.adjustments)
    event.adjustments.push_back({adjustment.book, adjustment.asset, adjustment.lot, adjustment.place.account,
                                 adjustment.quantity, adjustment.cost, adjustment.acquired});
  event.shares_change = draft.shares_change;
  return {draft.entry.trade_date, std::move(event)};
}

}  // namespace navkeeper::nav
