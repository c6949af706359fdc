#pragma once
// Liquidity tests, redemption forecasts and breaches as JSON and as tables.
#include "common/json/value.h"
#include "services/staking/app/test_liquidity.h"

namespace navkeeper::staking {

/// Canonical JSON of everything that a test is made from; read_inputs() gives the same inputs back.
std::string inputs_text(const LiquidityInputs& inputs);
/// Of what inputs_text() wrote.
LiquidityInputs read_inputs(const json::Value& value);

/// {"counts","regime","as_of","test":{...},"room","holdings":[...]}; `counts`: it was stored, with what it
/// means for the breach.
std::string picture_text(const LiquidityPicture& picture, time::Instant as_of, bool counts = true);

/// The figures of a test with a stake that is only thought of: {"standing","net_assets",...,"read_at"};
/// `read_at`: of when the oldest reading of the fund's custodians is, which show the stakes that custody
/// sends; without one the oldest of all.
std::string acquisition_json(const liquidity::LiquidityTest& test, time::Instant read_at);

/// {"test":{...} or null,"inputs_hash","taken_by","known_at","breaches":[...]}
std::string liquidity_json(const std::optional<StoredTest>& test, const std::vector<StoredBreach>& breaches);
std::string liquidity_table(const std::optional<StoredTest>& test, const std::vector<StoredBreach>& breaches);

/// {"as_of","sale_days","assets":[{"asset","staked","illiquid"}],"breach":{"breach","open","missing"} or
/// null}
std::string illiquid_json(const std::map<model::AssetId, IlliquidStakes>& stakes, time::Instant as_of,
                          int sale_days, const std::vector<StoredBreach>& breaches);

/// {"breach","kind","at"} of the last event.
std::string breach_event_json(const StoredBreach& breach);

std::string redemption_json(const liquidity::Redemption& redemption);
std::string redemption_table(const liquidity::Redemption& redemption);

/// What a redemption of so many dollars would force, by the test that was taken last. Throws base::Refused.
liquidity::Redemption redemption_of(const StoredTest& test, const money::Decimal& asked);

}  // namespace navkeeper::staking
