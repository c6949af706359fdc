#pragma once
// Official prices and determinations as JSON and as tables: the stored document, what GET /v1/prices and the
// commands answer.
#include <optional>
#include <string>
#include <vector>

#include "common/json/write.h"
#include "services/pricing/app/price_ports.h"

namespace navkeeper::pricing {

/// Canonical: everything that the price came from, and no clock time of ours.
std::string to_document(const NewPrice& price);

/// See PriceStore::rate_used.
std::optional<ExchangeRate> rate_in_document(const std::string& document);

/// What a NAV is valued with:
/// {"asset":…,"date":…,"act":…,"basis":…,"version":1,"state":…,"official":"…"|null,
/// "official_source":…,"official_hash":…,"official_since":…,"value":…,"rung":…,"stands":…,"valuation":…,
/// "input_hash":…,"known_at":…,"actor":…,"determination":{…}|null,"document":{…}}. `state`: stands,
/// determined, waits (for a determination), none. official_hash and official_since are null where official
/// is.
void write_price(json::Writer& writer, const StoredPrice& price, bool evidence);
std::string_view state_of(const StoredPrice& price);
/// Where the official value comes from, without the name of a person: "coinbase BTC/USD, last trade at …".
std::string source_of(const StoredPrice& price);
/// Names what is official: the input hash where the ladder's price stands; where people determined one, the
/// SHA-256 of that hash with method, inputs and price. So a NAV struck before a determination was approved
/// differs from one struck after it, even at the same value.
std::string official_hash_of(const StoredPrice& price);

void write_inputs(json::Writer& writer, const std::vector<DeterminationInput>& inputs);
std::vector<DeterminationInput> inputs_from_json(const std::string& json);

/// {"token":…,"exchange_rates":[{"as_of":…,"coins_per_token":…,"source":…,"entered_by":…,"approved_by":…|null,
/// "issuers_answer":bool,"counts":bool,"known_at":…}]}
std::string exchange_rates_to_json(const model::AssetId& token, const std::vector<StoredExchangeRate>& rates);

std::string prices_table(const std::vector<StoredPrice>& prices);
/// One price whole: bases, rungs, checks, determination.
std::string price_sheet(const StoredPrice& price);

}  // namespace navkeeper::pricing
