#include "services/staking/app/test_liquidity.h"

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

std::optional<StoredBreach> last_breach(LiquidityStore& store, const model::FundId& fund) {
  auto all = store.breaches(fund, time::Instant::latest());
  if (all.empty()) return std::nullopt;
  return std::move(all.back());
}

}  // namespace

LiquidityPicture test_liquidity(const LiquidityPorts& ports, const model::FundId& fund,
                                const FundFacts& facts, const FundTerms& terms, time::Instant now,
                                const std::string& actor) {
  const LiquidityInputs inputs = resolve_liquidity(ports.facts, fund, facts, terms, now);
  LiquidityPicture picture = picture_of(inputs);
  const auto before = last_breach(ports.store, fund);
  std::optional<liquidity::Breach> open;
  if (before) open = before->breach;
  ports.store.save(fund, inputs, picture, liquidity::follow(open, picture.test, picture.policy, now, actor),
                   before, actor);
  return picture;
}

std::optional<LiquidityPicture> test_of_the_day(const LiquidityPorts& ports, const model::FundId& fund,
                                                FundFactsSource& navs, const FundTerms& terms,
                                                time::Instant now, const std::string& actor) {
  const auto last = ports.store.newest_test(fund, time::Instant::latest());
  if (last && time::utc_date(last->known_at) >= time::utc_date(now)) return std::nullopt;
  return test_liquidity(ports, fund, navs.at(fund, now), terms, now, actor);
}

StoredBreach act_on_breach(LiquidityStore& store, const model::FundId& fund, liquidity::BreachEventKind kind,
                           const std::string& text, time::Instant now, const std::string& actor) {
  auto last = last_breach(store, fund);
  const auto event = liquidity::act_on(last ? last->breach : liquidity::Breach{}, kind, text, now, actor);
  if (event.has_error())
    base::refuse("breach of " + fund.value(), std::string(liquidity::describe(event.error())));
  store.add(fund, *last, *event);
  last->breach.events.push_back(*event);
  return *std::move(last);
}

}  // namespace navkeeper::staking
