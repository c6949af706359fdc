#include "services/pricing/app/price_asset.h"

#include <algorithm>
#include <map>

#include "services/pricing/domain/markets/deviation.h"

namespace navkeeper::pricing {
namespace {

/// How many earlier strikes are looked at beside those that "unchanged" needs.
constexpr std::size_t kStrikesAtLeast = 2;
/// So many official prices back one is looked for that bears its exchange rate out.
constexpr int kOfficialsLookedAtMax = 400;

base::Checked<StoredDefinition> definition_of(const PricePorts& ports, const model::IndexId& index,
                                              time::Date date) {
  auto definition = ports.rates.definition_on(index.value(), date);
  if (!definition) return base::Refusal{index.value(), "has no definition on " + date.to_string()};
  return *std::move(definition);
}

/// The rate that stands, struck now where there is none.
base::Checked<StoredRate> rate_of(const PricePorts& ports, const model::IndexId& index, time::Date date,
                                  const std::string& actor) {
  RateQuery query;
  query.index = index.value();
  query.from = query.to = date;
  auto found = ports.rates.find(query);
  if (!found.empty()) return found.front();
  auto struck = strike_rate(ports.rates, ports.clock, index.value(), date, actor, RestatementRule{});
  if (struck.has_error()) return struck.error();
  return std::move(struck->rate);
}

/// An index of another asset or currency is a mistake of the policy's; one that strikes at another time says
/// nothing about this one.
struct Mismatch {
  std::string why;  ///< empty: it fits
};
base::Checked<Mismatch> mismatch_of(const PricePorts& ports, const ValuationPolicy& policy,
                                    const model::IndexId& index, time::Date date, time::Instant valuation) {
  const auto definition = definition_of(ports, index, date);
  if (definition.has_error()) return definition.error();
  const auto pair = model::PairId::parse(definition->index.pair);
  const bool other = pair.has_error() || pair->base() != policy.asset ||
                     (policy.market && pair->quote() != policy.market->pair.quote());
  if (other)
    return base::Refusal{index.value(), "prices " + definition->index.pair + ", the policy of " +
                                            policy.asset.value() + " cannot use it"};
  const auto window = checked_window(definition->index, date);
  if (window.has_error()) return Mismatch{window.error().within(index.value()).message()};
  if (window->end() == valuation) return Mismatch{};
  return Mismatch{index.value() + " strikes at " + window->end().to_string() + ", not at the valuation time"};
}

base::Checked<IndexFact> index_fact(const PricePorts& ports, const ValuationPolicy& policy,
                                    const std::optional<model::IndexId>& index, time::Date date,
                                    time::Instant valuation, const std::string& actor) {
  IndexFact fact;
  if (!index) return fact;
  auto mismatch = mismatch_of(ports, policy, *index, date, valuation);
  if (mismatch.has_error()) return mismatch.error();
  if (!mismatch->why.empty()) {
    fact.answer = mismatch->why;
    return fact;
  }
  auto rate = rate_of(ports, *index, date, actor);
  if (rate.has_error()) return rate.error();
  if (rate->status != "ok") {
    fact.answer = index->value() + " version " + std::to_string(rate->version) + " is " + rate->status;
    return fact;
  }
  const money::Decimal value = money::Decimal::literal(*rate->value);
  if (!value.is_positive()) {
    fact.answer = index->value() + " is not positive";
    return fact;
  }
  fact.answer = IndexPrice{*index, date, rate->version, value};
  fact.input_hash = rate->input_hash_hex;
  if (const auto coverage = ports.rates.coverage(*rate)) {
    fact.coverage = coverage->coverage;
    fact.observed = coverage->last_trade;
  }
  return fact;
}

/// Trades of one market, each once; copies of one id that contradict each other are left out, as the rate
/// leaves them out.
class MarketTrades {
 public:
  explicit MarketTrades(const PrincipalMarket& market) : market_(market), pair_(market.pair.value()) {}

  void add(const TradeRow& row) {
    if (row.venue != market_.venue.value() || row.pair != pair_) return;
    Seen seen{{market_.venue, market_.pair, time::Instant::from_ns(row.time_ns), std::string(row.id),
               row.price.to_decimal(), row.size.to_decimal()},
              row.coarse_time};
    if (!row.id.empty()) {
      const auto [known, is_first] = by_id_.try_emplace(seen.trade.id, trades_.size());
      if (!is_first) return compare(trades_[known->second], seen);
    }
    trades_.push_back(std::move(seen));
  }

  std::vector<ExecutedTrade> inside(const Window& window) const {
    std::vector<ExecutedTrade> found;
    for (const Seen& seen : trades_) {
      if (!seen.contradicted && window.contains(seen.trade.at.ns())) found.push_back(seen.trade);
    }
    return found;
  }

 private:
  struct Seen {
    ExecutedTrade trade;
    bool coarse_time = false;
    bool contradicted = false;
  };
  /// A copy with whole seconds agrees with one inside that second, whose time counts.
  static void compare(Seen& first, const Seen& copy) {
    const bool same = first.trade.price == copy.trade.price && first.trade.size == copy.trade.size;
    const auto second_of = [](const Seen& seen) { return seen.trade.at.ns() / 1'000'000'000; };
    const bool same_time = first.coarse_time || copy.coarse_time ? second_of(first) == second_of(copy)
                                                                 : first.trade.at == copy.trade.at;
    if (!same || !same_time) first.contradicted = true;
    if (first.coarse_time && !copy.coarse_time) {
      first.trade.at = copy.trade.at;
      first.coarse_time = false;
    }
  }

  const PrincipalMarket& market_;
  std::string pair_;
  std::vector<Seen> trades_;
  std::map<std::string, std::size_t> by_id_;
};

/// In [valuation - span, valuation].
std::vector<ExecutedTrade> trades_of(const PricePorts& ports, const PrincipalMarket& market,
                                     time::Instant valuation, time::Duration span, time::Instant known_at) {
  IndexDefinition any;
  any.id = "NK_PRINCIPAL_MARKET";
  any.pair = market.pair.value();
  any.venues = {market.venue.value()};
  const Window window{(valuation - span).ns(), valuation.ns() + 1, 1};
  const auto rows = ports.rates.trades(any, window, known_at);
  MarketTrades trades(market);
  rows->each([&](const TradeRow& row) { trades.add(row); });
  return trades.inside(window);
}

/// Whether the exchange rate beside an official price is one that a person or a market bore out: the price
/// was made from it and stands, or people determined what it gave (to within `bound_ppm`), or the market's
/// price lay near what it gave.
bool bears_out_rate(const StoredPrice& price, std::int64_t bound_ppm) {
  const bool by_rate = price.rung == describe(Rung::kExchangeRate);
  if (!price.determination) return by_rate || price.rung == describe(Rung::kPrincipalMarket);
  if (!by_rate || !price.is_determined()) return false;
  return !exceeds(deviation(*price.determination->price, *price.value), bound_ppm);
}

/// What a token's exchange rate is judged by: the one that the last official price was made from, of those
/// that bear theirs out; without such a price the first one that was ever used. A run of days that wait never
/// makes what they wait for its own measure, nor does a rate that is learned later for an earlier time.
std::optional<ExchangeRate> earlier_rate(const PricePorts& ports, const PriceKey& key,
                                         const TokenPolicy& token, std::optional<StoredPrice> official) {
  PriceKey at = key;
  for (int looked = 0; official && looked < kOfficialsLookedAtMax; ++looked) {
    auto rate = ports.prices.rate_used(*official);
    if (rate && bears_out_rate(*official, token.terms.peg_deviation_max_ppm)) return rate;
    at.date = official->key.date;
    official = ports.prices.official_before(at);
  }
  return ports.prices.first_rate_used(key);
}

void add_history(const PricePorts& ports, const PriceKey& key, const ValuationPolicy& policy,
                 PriceFacts& facts) {
  const std::size_t count = std::max({kStrikesAtLeast, policy.checks.unchanged_strikes_max,
                                      policy.fair_value.unchanged_strikes_max}) +
                            1;
  facts.strikes.clear();
  facts.previous.reset();
  facts.earlier_rate.reset();
  for (const StoredPrice& before : ports.prices.prices_before(key, count)) {
    // A price that waited, or that people replaced, was struck all the same: else a frozen one would count as
    // fresh again as soon as enough of its days had waited.
    if (const auto struck = before.value ? before.value : before.official())
      facts.strikes.push_back({before.key.date, *struck});
  }
  auto official = ports.prices.official_before(key);
  if (official) facts.previous = PreviousPrice{*official->official(), official->key.date};
  if (policy.token && facts.exchange_rate)
    facts.earlier_rate = earlier_rate(ports, key, *policy.token, std::move(official));
}

/// The coin's price for the same funds, priced now where it is not yet.
base::Result<money::Decimal, std::string> coin_price(const PricePorts& ports, const PriceKey& key,
                                                     const std::string& actor) {
  auto price = ports.prices.price(key);
  if (!price) {
    const auto priced = price_asset(ports, key.asset, key.date, actor);
    if (priced.has_error()) return priced.error().message();
    price = ports.prices.price(key);
  }
  if (!price) return std::string("its policy does not value it for such funds");
  const auto official = price->official();
  if (!official) return std::string("it waits for a fair-value determination, or there is none");
  return *official;
}

base::Checked<PriceFacts> resolve(const PricePorts& ports, const ValuationPolicy& policy, time::Date date,
                                  const std::string& actor) {
  PriceFacts facts;
  facts.date = date;
  facts.now = ports.clock.now();
  const auto valuation = valuation_of(ports, policy, date);
  if (valuation.has_error()) return valuation.error();
  facts.valuation = *valuation;
  if (facts.now < facts.valuation)
    return base::Refusal{policy.asset.value(), "is valued at " + facts.valuation.to_string() + " on " +
                                                   date.to_string() + ", it is " + facts.now.to_string()};
  auto index = index_fact(ports, policy, policy.official_index, date, facts.valuation, actor);
  if (index.has_error()) return index.error();
  facts.index = *std::move(index);
  auto second = index_fact(ports, policy, policy.second_index, date, facts.valuation, actor);
  if (second.has_error()) return second.error();
  facts.second_index = *std::move(second);
  if (policy.market) {
    facts.now = ports.rates.settle(policy.market->pair.value(), facts.now);
    facts.trades = trades_of(ports, *policy.market, facts.valuation, trades_span(policy), facts.now);
  }
  if (const auto manual = ports.prices.manual(policy.asset, date)) facts.manual = manual->price;
  if (policy.token) {
    if (auto rate = ports.prices.exchange_rate(policy.asset, facts.valuation, facts.now)) {
      facts.exchange_rate = rate->rate;
    }
  }
  return facts;
}

}  // namespace

std::string PriceKey::to_string() const {
  return asset.value() + " " + date.to_string() + " (" + track.to_string() + ")";
}

base::Checked<std::vector<Period<StoredPolicy>>> policy_history(const std::vector<StoredPolicy>& versions) {
  std::vector<Period<StoredPolicy>> applied;
  applied.reserve(versions.size());
  for (const StoredPolicy& version : versions)
    applied.push_back({version.policy.effective_from, version.policy.effective_to, version});
  auto history = Dated<StoredPolicy>::of(by_arrival(applied));
  if (history.has_error()) return history.error();
  return history->periods();
}

time::Duration trades_span(const ValuationPolicy& policy) {
  if (!policy.token) return policy.trade_age_max;
  return std::max(policy.token->terms.activity.span, policy.token->terms.trade_age_max);
}

base::Checked<time::Instant> valuation_of(const PricePorts& ports, const ValuationPolicy& policy,
                                          time::Date date) {
  if (policy.token) {
    const auto coin = ports.prices.policy_on(policy.token->coin, date);
    if (!coin || coin->policy.token)
      return base::Refusal{policy.token->coin.value(),
                           "is no coin with a valuation policy on " + date.to_string()};
    return valuation_of(ports, coin->policy, date);
  }
  const auto definition = definition_of(ports, *policy.official_index, date);
  if (definition.has_error()) return definition.error();
  const auto window = checked_window(definition->index, date);
  if (window.has_error()) return window.error().within(policy.official_index->value());
  return window->end();
}

base::Checked<std::vector<PriceStore::Saved>> price_asset(const PricePorts& ports,
                                                          const model::AssetId& asset, time::Date date,
                                                          const std::string& actor) {
  const auto stored = ports.prices.policy_on(asset, date);
  if (!stored)
    return base::Refusal{asset.value(), "has no valuation policy on " + date.to_string() +
                                            ": navkeeper prices policy FILE.toml --as OPERATOR applies one"};
  const ValuationPolicy& policy = stored->policy;
  auto facts = resolve(ports, policy, date, actor);
  if (facts.has_error()) return facts.error();
  std::vector<PriceStore::Saved> saved;
  for (const TrackLadder& track : policy.tracks) {
    const PriceKey key{asset, date, track.track};
    add_history(ports, key, policy, *facts);
    if (policy.token) facts->coin_price = coin_price(ports, {policy.token->coin, date, track.track}, actor);
    const OfficialPrice price = decide_price(policy, track.track, track.ladder, *facts);
    saved.push_back(ports.prices.save({key, *stored, *facts, price, actor}));
  }
  return saved;
}

}  // namespace navkeeper::pricing
