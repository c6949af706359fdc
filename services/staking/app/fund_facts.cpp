#include "services/staking/app/fund_facts.h"

#include <algorithm>

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

constexpr int kCents = 2;

void require(const std::string& field, const std::string& told, const std::string& known) {
  if (told != known) base::refuse("facts." + field, "is " + told + ", and nav says " + known);
}

void require(const std::string& field, const Decimal& told, const Decimal& known) {
  if (told != known) require(field, told.to_string(), known.to_string());
}

std::string row_of(std::size_t number) { return "holdings[" + std::to_string(number) + "]."; }

}  // namespace

void require_same(const FundFacts& told, const FundFacts& nav) {
  require("date", told.date.to_string(), nav.date.to_string());
  require("version", std::to_string(told.version), std::to_string(nav.version));
  require("state", told.state, nav.state);
  require("inputs_hash", told.inputs_hash, nav.inputs_hash);
  require("act", told.act, nav.act);
  require("valued_at", told.valued_at.to_string(), nav.valued_at.to_string());
  require("net_assets", told.net_assets, nav.net_assets);
  require("cash", told.cash, nav.cash);
  require("other_assets", told.other_assets, nav.other_assets);
  for (std::size_t i = 0; i < told.holdings.size(); ++i) {
    const FundHolding& said = told.holdings[i];
    const auto known = std::find_if(nav.holdings.begin(), nav.holdings.end(),
                                    [&](const FundHolding& one) { return one.asset == said.asset; });
    if (known == nav.holdings.end())
      base::refuse("facts." + row_of(i) + "asset", "is " + said.asset.value() + ", which nav does not hold");
    require(row_of(i) + "quantity", said.quantity, known->quantity);
    require(row_of(i) + "price", said.price, known->price);
    require(row_of(i) + "value", said.value, known->value);
  }
  for (const FundHolding& known : nav.holdings) {
    if (std::none_of(told.holdings.begin(), told.holdings.end(),
                     [&](const FundHolding& one) { return one.asset == known.asset; }))
      base::refuse("facts.holdings", "nav holds " + known.asset.value() + " besides");
  }
}

void require_consistent(const FundFacts& facts, time::Instant now) {
  if (facts.date > time::utc_date(now)) base::refuse("facts.date", "lies in the future");
  Decimal assets = facts.cash + facts.other_assets;
  for (std::size_t i = 0; i < facts.holdings.size(); ++i) {
    const FundHolding& held = facts.holdings[i];
    if (held.quantity.is_positive() && !held.price.is_positive())
      base::refuse("facts." + row_of(i) + "price", "is not positive");
    const Decimal value = money::multiply(held.quantity, held.price, kCents, money::Rounding::kHalfEven);
    if (held.value != value)
      base::refuse("facts." + row_of(i) + "value",
                   "is " + held.value.to_string() + ", and quantity times price is " + value.to_string());
    assets += held.value;
  }
  if (facts.net_assets > assets)
    base::refuse("facts.net_assets", "is more than all assets together, " + assets.to_string());
}

}  // namespace navkeeper::staking
