// Rules and movements as they are proposed: whatever is read says the same when it is written and read again,
// and keeps its own rules. Or, as it is compiled, what pricing answers: read into prices that value a
// movement, or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/refuse.h"
#include "services/custody/adapters/movements/movement_json.h"
#include "services/custody/adapters/movements/official_prices.h"

using namespace navkeeper;

namespace {

[[maybe_unused]] void official_prices(std::string_view text) {
  const auto asset = model::AssetId::literal("ETH");
  const custody::DollarTerms terms{"ICA_1940", "fair_value", 4, {}};
  const auto today = time::Date::literal("2026-03-05");
  try {
    custody::CoinPrice found;
    found.act = terms.act;
    found.basis = terms.basis;
    found.price = custody::newest_price(custody::read_official_prices(text, asset, terms), today);
    if (found.price && !found.price->dollars.is_positive()) std::abort();
    if (custody::usable_price(terms, found, today, asset).has_error()) return;
    const auto coin = money::Decimal::literal("0.000000000000000001");
    if (custody::dollars_of(coin, found.price->dollars) < coin * found.price->dollars) std::abort();
  } catch (const base::Refused&) {
  } catch (const money::OverflowError&) {  // its callers say so
  }
}

[[maybe_unused]] json::Value parsed(const std::string& text) {
  return base::value_or_refuse(json::parse(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
#if defined(NAVKEEPER_FUZZ_PRICES)
  official_prices(text);
  return 0;
#else
  const auto value = json::parse(text);
  if (value.has_error()) return 0;
  try {
    const custody::MovementRule rule = custody::read_movement_rule(*value);
    const std::string content = custody::rule_content(rule);
    if (custody::rule_content(custody::read_movement_rule(parsed(content))) != content) std::abort();
  } catch (const base::Refused&) {
  }
  try {
    const custody::Movement movement = custody::read_movement(*value);
    if (custody::check_movement(movement).has_error()) std::abort();
    if (custody::read_movement(parsed(custody::movement_content(movement))) != movement) std::abort();
  } catch (const base::Refused&) {
  }
  return 0;
#endif
}
