#pragma once
// A fund that deals, with the life of its NAVs and what its orders are owed by it.
#include <optional>
#include <string>

#include "services/nav/adapters/nav_life_store.h"
#include "services/nav/adapters/repricing_store.h"
#include "services/nav/app/restate_nav.h"
#include "tests/db/dealing_fixture.h"

namespace navkeeper::nav {

class DealingJoinedTest : public DealingTest {
 protected:
  NavPorts nav_ports() {
    if (!acts_) acts_.emplace(pool());
    return {navs(), rates_, documents_, *acts_};
  }
  void publish(const char* date) {
    const auto request = [&](const char* who) {
      return LifeRequest{*fund_, day(date), actor(who), now_, {}};
    };
    for (const std::string& check : navs().find_nav(*fund_, day(date))->standing_unavailable())
      for (const char* who : {"tom", "zoe"})
        override_check(nav_ports(), request(who), check, "no service yet");
    approve_before(date);
    publish_nav(nav_ports(), request("zoe"));
  }
  /// A NAV is published over days that somebody stood for.
  void approve_before(const char* date) {
    const auto waiting = navs().unpublished({*fund_}, day(date) - 1);
    for (const StoredNav& before : waiting.front()) {
      if (before.approved_by) continue;
      const time::Date earlier = before.summary.valuation_date;
      for (const std::string& check : before.standing_failures())
        for (const char* who : {"tom", "zoe"})
          override_check(nav_ports(), {*fund_, earlier, actor(who), now_, {}}, check, "looked at");
      approve_nav(nav_ports(), {*fund_, earlier, actor("tom"), now_, {}});
    }
  }
  void strike_approved(const char* date, const char* now) {
    now_ = at(now);
    strike(date);
    approve(date);
  }
  StoredNav restate(const char* date, const char* bitcoin) {
    rates_.prices["NK_BTCUSD_NY"] = dec(bitcoin);
    return restate_nav(nav_ports(), {*fund_, day(date), day(date), "a price was wrong", actor("mia"), now_})
        .front()
        .nav;
  }
  RepricingPorts repricing_ports() {
    if (!life_) {
      life_.emplace(pool());
      repricings_.emplace(pool());
      dealt_.emplace(*life_, ports(), *repricings_);
    }
    return {navs(), *dealt_, *repricings_};
  }
  int propose(const char* from, const char* through, const char* responsible = "", const char* who = "mia") {
    return propose_repricing(repricing_ports(),
                             {*fund_, day(from), day(through), "a price was wrong", responsible},
                             {actor(who), now_});
  }
  bool approve_it(int number, const char* who = "anna") {
    return approve_repricing(repricing_ports(), *fund_, number, {actor(who), now_});
  }
  ErrorReport report(const char* from, const char* through) {
    repricing_ports();
    return assess_period(navs(), *dealt_, *fund_, day(from), day(through));
  }
  money::Decimal balance(const std::string& account) {
    return number(
        "SELECT coalesce(sum(amount), 0) * 0.01 FROM account_balance WHERE commodity = 'USD' AND account = "
        "'" +
        account + "'");
  }
  /// Two orders of Tuesday at a NAV whose bitcoin was 84,000 and should have been 80,000.
  void deal_at_a_wrong_nav() {
    open_btceth();
    place(order_text("C-1", "creation", "cash", "4"));
    place(order_text("R-1", "redemption", "in_kind", "1"));
    place(order_text("R-2", "redemption", "cash", "1"));
    place(order_text("C-9", "creation", "cash", "1"));
    for (const char* id : {"C-1", "R-1", "R-2"}) accept(id);
    strike_approved("2026-01-06", "2026-01-06T21:05:00Z");
    publish("2026-01-06");
  }

  std::optional<PostgresActStore> acts_;
  std::optional<PostgresNavLifeStore> life_;
  std::optional<PostgresRepricingStore> repricings_;
  std::optional<DealtOrders> dealt_;
};

}  // namespace navkeeper::nav
