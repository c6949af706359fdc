#pragma once
// What people decide about prices: a manual price, proposed by one and approved by another; a fair-value
// determination, determined by one and approved by another; an exchange rate that was read elsewhere. Who
// decides is a maker, who approves an approver; one person never does both.
#include "services/pricing/app/price_asset.h"

namespace navkeeper::pricing {

struct ManualProposal {
  model::AssetId asset;
  time::Date date;
  money::Decimal value;
  std::string source;
};

/// Refused: no maker, a value that is not positive, no source, a day whose valuation time has not come, an
/// asset without a policy.
StoredManualPrice propose_manual_price(const PricePorts& ports, const ManualProposal& proposal,
                                       const model::Actor& actor);

/// Approves the proposal `number` of that day. False when the same actor had approved it before. Refused: no
/// approver, the proposer, an unknown number; Conflict: not the newest, approved by somebody else.
bool approve_manual_price(const PricePorts& ports, const model::AssetId& asset, time::Date date,
                          std::int32_t number, const model::Actor& actor);

/// Determines the price that the newest version waits for. Refused as the domain refuses, and where nothing
/// waits.
StoredPrice determine_price(const PricePorts& ports, const PriceKey& key, const money::Decimal& price,
                            const std::string& method, const std::vector<DeterminationInput>& inputs,
                            bool for_board, const model::Actor& actor);

/// Approves the determined price, which is named so that nobody approves what was changed meanwhile
/// (Conflict). False when the same actor had approved it before.
bool approve_determination(const PricePorts& ports, const PriceKey& key, int number,
                           const money::Decimal& price, const model::Actor& actor);

/// Stores an exchange rate that a person read; it counts once another person approved it. Refused: no
/// operator, not positive, as of the future, an asset that is no liquid-staking token. False when the very
/// same was known.
bool add_exchange_rate(const PricePorts& ports, const model::AssetId& token, const ExchangeRate& rate,
                       const model::Actor& actor);
/// Refused: no approver, who entered it, a rate that nobody entered. Conflict: another rate of that instant
/// counts. False when the same person approved it before.
bool approve_exchange_rate(const PricePorts& ports, const model::AssetId& token, const ExchangeRate& rate,
                           const model::Actor& actor);

}  // namespace navkeeper::pricing
