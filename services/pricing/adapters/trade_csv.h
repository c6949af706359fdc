#pragma once
// The canonical file of trades: CSV with the columns time, venue, pair, price, size and optionally id, in any
// order.
#include <cstdint>
#include <string>
#include <string_view>

#include "services/pricing/adapters/fields.h"
#include "services/pricing/domain/intake.h"

namespace navkeeper::pricing {

/// Reads every row of `text` into `sink`. `path` is the file as given, `file` its position among those given.
/// Throws base::Refused when the header is wrong.
void read_trade_csv(std::string_view text, const std::string& path, std::uint32_t file, TradeSink& sink);

/// "price is not positive" and the like, for the field called `name`.
std::string_view reason_of(std::string_view name, NumberField field);

}  // namespace navkeeper::pricing
