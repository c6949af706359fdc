#include "services/nav/app/take_staking.h"

#include <tuple>

#include "common/base/refuse.h"
#include "common/time/valuation.h"
#include "services/nav/app/strike_fund.h"

namespace navkeeper::nav {
namespace {

constexpr int kAttemptsMax = 5;

bool comes_before(const StakingBookmark& a, const StakingEvent& b) {
  return std::tuple(a.told_at, std::string_view(a.id)) < std::tuple(b.told_at, std::string_view(b.id));
}

std::size_t keep_news(const StakingPorts& ports, const TakeStakingRequest& request, StakingBookmark after) {
  std::size_t kept = 0;
  for (;;) {
    const StakingPage page = ports.staking.events(request.fund, after);
    for (const StakingEvent& event : page.events) {
      // Nothing may come twice, and nothing may be left out between two pages.
      if (!comes_before(after, event))
        throw base::Unavailable("staking turns its pages in a circle: " + event.id + " came before");
      after = {event.told_at, event.id};
    }
    kept += ports.books.keep(request.fund, page.events, request.actor.id, request.now);
    if (!page.has_more) return kept;
    if (page.events.empty())
      throw base::Unavailable("staking says that there are more events, and tells none");
  }
}

StakingPrices prices_of(const StakingPorts& ports, const FundDefinition& fund,
                        const std::set<NeededPrice>& needed) {
  StakingPrices prices;
  for (const auto& [asset, date] : needed) {
    const std::string where = fund.id.value() + " " + date.to_string();
    const FundAsset* named = nullptr;
    for (const FundAsset& one : fund.assets) {
      if (one.asset == asset) named = &one;
    }
    if (named == nullptr)
      base::refuse(where,
                   "staking tells of " + asset.value() + ", which the fund's definition does not name");
    const auto price = ports.rates.price(fund, *named, date);
    if (!price)
      throw InputsMissing(
          {where, "staking's events need the price of " + asset.value() + ", and there is none"});
    if (!price->official) throw InputsMissing({where, asset.value() + ": " + price->waits_for});
    prices.emplace(NeededPrice{asset, date}, price->official->value);
  }
  return prices;
}

/// Events go into the NAV that is struck next, or into one that was struck already: never past a gap.
void check_turn(NavStore& navs, const FundDefinition& fund, time::Date date) {
  const auto last = navs.last_struck(fund.id);
  if (!last || date == *last) return;
  const std::string where = fund.id.value() + " " + date.to_string();
  if (date < *last) {
    if (!navs.find_nav(fund.id, date)) base::refuse(where, "was not struck, and a later day was");
    return;
  }
  const time::Date next = fund.calendar().next_business_day(*last);
  if (date != next) base::refuse(where, "the NAV of " + next.to_string() + " has to be struck before");
}

StakingTaken post_day(const StakingPorts& ports, const TakeStakingRequest& request,
                      const FundDefinition& fund, const StakingDay& day) {
  for (int attempt = 1;; ++attempt) {
    const StakingPrices prices = prices_of(ports, fund, ports.books.needed(fund, day));
    try {
      return ports.books.post(fund, day, prices, request.actor.id, request.now);
    } catch (const StakingPriceMissing&) {
      // More was kept meanwhile: look its prices up too.
      if (attempt == kAttemptsMax) throw;
    }
  }
}

time::Instant valued_at(const FundDefinition& fund, time::Date date) {
  return base::value_or_refuse(time::valuation_instant(fund.calendar(), fund.valuation(), date));
}

/// Before the first NAV: the days before the one that was asked for, each by itself. What was done for them.
StakingTaken post_days_before(const StakingPorts& ports, const TakeStakingRequest& request,
                              const FundDefinition& fund) {
  StakingTaken sum;
  const auto first = ports.books.first_waiting(fund);
  if (!first) return sum;
  const time::Calendar calendar = fund.calendar();
  for (time::Date date = *first; date < request.date; ++date) {
    if (!calendar.covers(date) || !calendar.is_business_day(date)) continue;
    const auto stored = ports.navs.definition_on(fund.id, date);
    if (!stored) continue;
    StakingDay day{date, ports.staking.cut_offs(fund.id, valued_at(stored->definition, date)), false};
    if (day.cut_offs.empty()) continue;
    try {
      const StakingTaken taken = post_day(ports, request, stored->definition, day);
      sum.events += taken.events;
      sum.facts += taken.facts;
      sum.in_opening += taken.in_opening;
    } catch (const InputsMissing&) {
      // It cannot be struck: the next day has its events.
    }
  }
  return sum;
}

}  // namespace

time::Date next_to_strike(const FundDefinition& fund, std::optional<time::Date> last_struck,
                          time::Date today) {
  const time::Calendar calendar = fund.calendar();
  if (last_struck) return calendar.next_business_day(*last_struck);
  return calendar.is_business_day(today) ? today : calendar.next_business_day(today);
}

StakingTaken take_staking(const StakingPorts& ports, const TakeStakingRequest& request) {
  model::require_role(request.actor, {model::Role::kMaker, model::Role::kOperator, model::Role::kService},
                      "take staking's events");
  const auto stored = ports.navs.definition_on(request.fund, request.date);
  if (!stored) base::refuse(request.fund.value(), "is not a known fund on " + request.date.to_string());
  const FundDefinition& fund = stored->definition;
  check_turn(ports.navs, fund, request.date);
  StakingDay day{request.date, ports.staking.cut_offs(request.fund, valued_at(fund, request.date)),
                 request.moves_struck};
  const StakingBookmark bookmark = ports.books.bookmark(request.fund);
  // A fund that never staked; one that did is refused where staking is silent now.
  if (day.cut_offs.empty() && bookmark.told_at == time::Instant::earliest()) return {};
  const std::size_t kept = keep_news(ports, request, bookmark);
  StakingTaken before;
  if (!ports.navs.last_struck(request.fund)) before = post_days_before(ports, request, fund);
  StakingTaken taken = post_day(ports, request, fund, day);
  taken.kept = kept;
  taken.events += before.events;
  taken.facts += before.facts;
  taken.in_opening += before.in_opening;
  return taken;
}

}  // namespace navkeeper::nav
