#include "services/pricing/domain/markets/principal_market.h"

#include <tuple>

#include "common/base/ensure.h"

namespace navkeeper::pricing {

base::Checked<PrincipalMarkets> PrincipalMarkets::of(
    const std::map<model::AssetId, std::vector<Period<PrincipalMarket>>>& histories) {
  PrincipalMarkets markets;
  for (const auto& [asset, periods] : histories) {
    for (const auto& period : periods) {
      const std::string where = asset.value() + ": version of " + period.first.to_string();
      if (period.value.pair.base() != asset) return base::Refusal{where, "the pair is of another asset"};
      if (period.value.reason.empty()) return base::Refusal{where, "a principal market needs a reason"};
    }
    auto history = Dated<PrincipalMarket>::of(periods);
    if (history.has_error()) return history.error().within(asset.value());
    markets.markets_.emplace(asset, std::move(*history));
  }
  return markets;
}

const Dated<PrincipalMarket>* PrincipalMarkets::history(const model::AssetId& asset) const {
  const auto found = markets_.find(asset);
  return found == markets_.end() ? nullptr : &found->second;
}

const PrincipalMarket* PrincipalMarkets::on(const model::AssetId& asset, time::Date date) const {
  const Dated<PrincipalMarket>* markets = history(asset);
  return markets == nullptr ? nullptr : markets->on(date);
}

std::string_view describe(PrincipalPriceProblem problem) {
  switch (problem) {
    case PrincipalPriceProblem::kNoMarket:
      return "no principal market on that date";
    case PrincipalPriceProblem::kNoTrade:
      return "no trade on the principal market at or before the valuation time";
    case PrincipalPriceProblem::kTooOld:
      return "the last trade on the principal market is too old";
    case PrincipalPriceProblem::kNotActive:
      return "the principal market is not active";
    case PrincipalPriceProblem::kNoRate:
      return "it is not taken without a usable exchange rate, by which its peg is checked";
  }
  ENSURE(false);
}

base::Result<PrincipalMarketPrice, PrincipalPriceProblem> principal_market_price(
    const PrincipalMarket* market, std::span<const ExecutedTrade> trades, time::Instant valuation,
    time::Duration age_max) {
  if (market == nullptr) return PrincipalPriceProblem::kNoMarket;
  const ExecutedTrade* last = nullptr;
  const auto rank = [](const ExecutedTrade& trade) {
    return std::tuple(trade.at, trade.id.size(), std::string_view(trade.id), trade.price);
  };
  for (const ExecutedTrade& trade : trades) {
    if (trade.venue != market->venue || trade.pair != market->pair || trade.at > valuation) continue;
    ENSURE(trade.price.is_positive() && trade.size.is_positive());
    if (last == nullptr || rank(*last) < rank(trade)) last = &trade;
  }
  if (last == nullptr) return PrincipalPriceProblem::kNoTrade;
  if (valuation - last->at > age_max) return PrincipalPriceProblem::kTooOld;
  return PrincipalMarketPrice{market->venue, market->pair, last->price, last->at, last->id, valuation};
}

}  // namespace navkeeper::pricing
