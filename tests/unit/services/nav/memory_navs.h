#pragma once
// A store of NAVs in memory for the tests of the use cases.
#include <map>
#include <set>

#include "common/base/outside.h"
#include "services/nav/app/nav_life.h"
#include "services/nav/app/restate_nav.h"
#include "services/nav/app/run_navs.h"
#include "tests/unit/services/nav/nav_fixture.h"

namespace navkeeper::nav {

/// Keeps everything in memory; a strike's fee becomes payable the next day, as the books do it: of the latest
/// version of each day, since a further version leaves the difference.
class MemoryStore final : public NavStore {
 public:
  using Date = time::Date;
  using Instant = time::Instant;
  std::vector<StoredDefinition> funds() override {
    std::vector<StoredDefinition> latest;
    for (const auto& [id, versions] : definitions) latest.push_back(versions.back());
    return latest;
  }
  std::optional<StoredDefinition> latest_definition(const model::FundId& fund) override {
    const auto found = definitions.find(fund);
    if (found == definitions.end()) return std::nullopt;
    return found->second.back();
  }
  std::optional<StoredDefinition> definition_on(const model::FundId& fund, Date date) override {
    std::optional<StoredDefinition> effective;
    for (const StoredDefinition& stored : definitions[fund]) {
      if (stored.definition.effective_from <= date) effective = stored;
    }
    if (definitions[fund].empty()) definitions.erase(fund);
    return effective;
  }
  void add_definition(const NewDefinition& added, int version, const model::ActorId& by, Instant) override {
    definitions[added.definition.id].push_back(
        {added.definition, added.hash, added.source, version, by.value()});
  }
  Holdings holdings_at_start(const FundDefinition& fund, Date date) override {
    Holdings holdings = books;
    for (const auto& [key, navs_of_day] : struck) {
      if (key.first != fund.id || key.second >= date) continue;
      holdings.books.liabilities[0].amount += navs_of_day.back().summary.expenses;
      holdings.books.expenses_total += navs_of_day.back().summary.expenses;
    }
    return holdings;
  }
  using NavStore::find_nav;
  using NavStore::navs;
  std::optional<StoredNav> find_nav(const model::FundId& fund, Date date, Instant) override {
    const auto found = struck.find({fund, date});
    if (found == struck.end()) return std::nullopt;
    return found->second.back();
  }
  std::optional<StoredNav> last_nav_before(const model::FundId& fund, Date date) override {
    std::optional<StoredNav> last;
    for (const auto& [key, navs_of_day] : struck) {
      if (key.first == fund && key.second < date) last = navs_of_day.back();
    }
    return last;
  }
  std::optional<Date> last_struck(const model::FundId& fund) override {
    std::optional<Date> last;
    for (const auto& [key, navs_of_day] : struck) {
      if (key.first == fund) last = key.second;
    }
    return last;
  }
  std::vector<StoredNav> navs(const model::FundId& fund, std::optional<Date>, std::optional<Date>,
                              Instant) override {
    std::vector<StoredNav> all;
    for (const auto& [key, navs_of_day] : struck) {
      if (key.first == fund) all.push_back(navs_of_day.back());
    }
    return all;
  }
  std::vector<StoredNav> versions(const model::FundId& fund, Date date, Instant) override {
    const auto found = struck.find({fund, date});
    return found == struck.end() ? std::vector<StoredNav>{} : found->second;
  }
  AddedNav add_nav(const NewNav& added) override {
    if (changes_left > 0) {
      --changes_left;
      throw SightChanged("somebody posted");
    }
    auto& all = struck[{added.resolved.definition.id, added.resolved.plan.valuation_date}];
    if (static_cast<int>(all.size()) != added.mark.version) throw SightChanged("was struck meanwhile");
    StoredNav nav(added.struck_by);
    nav.summary = summary_of(added.resolved, added.figures);
    nav.summary.version = added.mark.version + 1;
    nav.kind = added.kind;
    nav.reason = added.reason;
    nav.document = added.document;
    nav.inputs = added.inputs;
    nav.checks = added.checks;
    nav.struck_at = Instant::from_ns(++strikes);
    all.push_back(nav);
    return {nav.checks, nav.struck_at};
  }
  void add_approval(const model::FundId& fund, const StoredNav& nav, const model::ActorId& by,
                    Instant now) override {
    StoredNav& stored = struck.at({fund, nav.summary.valuation_date}).back();
    stored.approved_by = by;
    stored.approved_at = now;
  }
  void add_override(const model::FundId& fund, const StoredNav& nav, const Override& voice,
                    Instant) override {
    struck.at({fund, nav.summary.valuation_date}).back().overrides.push_back(voice);
  }
  void add_publication(const model::FundId& fund, const StoredNav& nav, const model::ActorId& by,
                       Instant now) override {
    StoredNav& stored = struck.at({fund, nav.summary.valuation_date}).back();
    stored.published_by = by;
    stored.published_at = now;
  }

  std::map<model::FundId, std::vector<StoredDefinition>> definitions;
  std::map<std::pair<model::FundId, Date>, std::vector<StoredNav>> struck;
  Holdings books = test_holdings();
  std::int64_t strikes = 0;  ///< each is an instant
  int changes_left = 0;      ///< how often a strike still finds that the books moved on
};

class FixedRates final : public RateSource {
 public:
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset,
                                  time::Date date) override {
    if (is_down) throw base::Unavailable("pricing does not answer");
    if (missing.contains(date)) return std::nullopt;
    AssetPrice price;
    price.official = test_price(asset.asset.value());
    if (asset.asset.value() == "BTC") price.official->value = bitcoin;
    price.bases = {*price.official};
    price.checks = checks;
    price.valuation = plan_strike(fund, date, time::Instant::latest()).value().valued_at;
    if (asset.asset.value() == "BTC" && !waits_for.empty()) {
      if (!keeps_bases) price.bases.clear();
      price.official.reset();
      price.waits_for = waits_for;
    }
    return price;
  }
  std::set<time::Date> missing;
  money::Decimal bitcoin = dec("84000");
  bool is_down = false;
  bool keeps_bases = false;  ///< although the official price waits for people
  std::string waits_for;
  std::vector<PriceCheck> checks;
};

}  // namespace navkeeper::nav
