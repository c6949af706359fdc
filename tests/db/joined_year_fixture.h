#pragma once
// What people and processes do to a fund of a joined year (joined_year_test.cpp): prices move, facts come,
// orders are placed, at any step somebody dies, does it twice or is refused; and the tally of what must be
// there, beside the books.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/json/value.h"
#include "services/nav/adapters/cash_store.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/dealing_store.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_fact_json.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/repricing_store.h"
#include "services/nav/adapters/statements_store.h"
#include "services/nav/app/reprice_orders.h"
#include "tests/db/nav_crash_fixture.h"

namespace navkeeper::nav::joined {

using dealing::OrderForm;
using dealing::OrderId;
using dealing::OrderSide;
using dealing::OrderState;

/// Dies before a step, inside its transaction when everything was decided, or once it was kept.
class BurningDealing final : public DealingStore {
 public:
  BurningDealing(DealingStore& inner, Fuse& fuse) : inner_(inner), fuse_(fuse) {}
  std::vector<dealing::AuthorizedParticipant> participants(const model::FundId& fund) override {
    return inner_.participants(fund);
  }
  bool add_participant(const model::FundId& fund, const dealing::AuthorizedParticipant& participant,
                       const ActStamp& stamp) override {
    return inner_.add_participant(fund, participant, stamp);
  }
  void add_standing(const model::FundId& fund, const dealing::ParticipantId& id,
                    const dealing::ParticipantStanding& standing, const ActStamp& stamp) override {
    inner_.add_standing(fund, id, standing, stamp);
  }
  std::vector<StoredOrder> orders(const model::FundId& fund, std::optional<Date> from,
                                  std::optional<Date> to) override {
    return inner_.orders(fund, from, to);
  }
  std::optional<StoredOrder> find_order(const model::FundId& fund, const OrderId& id) override {
    return inner_.find_order(fund, id);
  }
  PlaceReport place(const model::FundId& fund, const std::vector<NewOrder>& orders, const Check& check,
                    const ActStamp& stamp) override {
    fuse_.step();
    const PlaceReport report = inner_.place(
        fund, orders,
        [&](const NewOrder& order, const dealing::AuthorizedParticipant* participant) {
          check(order, participant);
          fuse_.step();
        },
        stamp);
    fuse_.step();
    return report;
  }
  bool change(const FundDefinition& fund, const OrderId& id, const Decide& decide,
              const ActStamp& stamp) override {
    fuse_.step();
    const bool is_new = inner_.change(
        fund, id,
        [&](const StoredOrder& order, const DealingSight& sight) {
          auto change = decide(order, sight);
          fuse_.step();
          return change;
        },
        stamp);
    fuse_.step();
    return is_new;
  }
  Deliverable deliverable(const model::FundId& fund, Date date, time::Instant known_at) override {
    return inner_.deliverable(fund, date, known_at);
  }

 private:
  DealingStore& inner_;
  Fuse& fuse_;
};

/// What must be there: added up beside the books from what people did.
struct Tally {
  std::array<Decimal, 2> coins;  ///< BTC, ETH: in whatever state
  Decimal cash;
  Decimal shares;
};

class JoinedActs : public NavCrashTest {
 protected:
  void SetUp() override {
    NavCrashTest::SetUp();
    if (const char* seed = std::getenv("NAVKEEPER_NAV_SEED"))
      random_.seed(static_cast<unsigned>(std::atoi(seed)));
    store_of_orders().add_participant(
        kBtceth, {dealing::ParticipantId::literal("ALPHA"), "Alpha Securities", day("2026-01-02"), {}},
        {model::ActorId::literal("mia"), kNow});
    tally_ = {{dec("600"), dec("12000")}, dec("25000"), dec("3360000")};
  }

  // --- chance, and what stands around an act ---

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  PostgresDealingStore& store_of_orders() {
    if (!orders_store_) orders_store_.emplace(pool());
    return *orders_store_;
  }
  DealingPorts dealing_ports() { return {store_of_orders(), store()}; }
  using Step = std::function<void(const DealingPorts&)>;

  /// In a process of its own that dies at its n-th step, or comes to its end before.
  void die_at(int step, const Step& act) {
    const pid_t child = ::fork();
    if (child == 0) {
      Fuse fuse{step};
      db::Pool own(pool().settings());
      PostgresNavStore navs(own, journal_);
      PostgresDealingStore orders(own);
      BurningDealing burning(orders, fuse);
      try {
        act({burning, navs});
      } catch (...) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    killed_ += WIFSIGNALED(status) ? 1 : 0;
  }
  /// By one, by one who dies and is followed, or by two at once; said once more at the end: it changes
  /// nothing.
  void act(const Step& does) {
    std::thread other;
    switch (below(5)) {
      case 0:
        die_at(1 + below(4), does);
        break;
      case 1:
        ++pairs_;
        other = std::thread([&] {
          PostgresNavStore navs(pool(), journal_);
          PostgresDealingStore orders(pool());
          try {
            does({orders, navs});
          } catch (const base::Conflict&) {  // the twin was first
          }
        });
        break;
      default:
        break;
    }
    try {
      does(dealing_ports());
    } catch (const base::Conflict&) {
      ASSERT_TRUE(other.joinable());
    }
    if (other.joinable()) other.join();
    does(dealing_ports());
  }
  template <class Act>
  void refused(const char* what, const Act& does) {
    try {
      does();
      ADD_FAILURE() << what << " was not refused on " << date_.to_string();
    } catch (const base::Refused&) {
      ++refusals_;
    } catch (const base::Conflict&) {
      ++refusals_;
    }
  }

  // --- the day ---

  Decimal price(const char* asset) const { return rates_.values.at({asset, date_}); }
  void move_prices() {
    for (const char* asset : {"BTC", "ETH"}) {
      Decimal& value = prices_.try_emplace(asset, dec(asset[0] == 'B' ? "84000" : "2800")).first->second;
      const Decimal move = Decimal::of(below(81) - 40, 3);  // four per cent at most
      value = (money::Rational(value) * money::Rational(Decimal::of(1) + move))
                  .rounded(2, money::Rounding::kHalfUp);
      rates_.values[{asset, date_}] = value;
    }
  }
  std::string new_id(const char* what) { return what + std::to_string(++ids_); }
  std::string text_of_day() const { return R"("date":")" + date_.to_string() + "\""; }

  /// Enough dollars for cash orders and what errors may cost, and not much more.
  void trade() {
    const bool sells = tally_.cash < dec("3000000");
    if (!sells && tally_.cash < dec("8000000")) return;
    const Decimal quantity = dec("40");
    const Decimal cash = quantity * price("BTC");
    EXPECT_EQ(post("{" + text_of_day() + R"(,"event":")" + (sells ? "sale" : "purchase") +
                   R"(","asset":"BTC","quantity":"40","cash":")" + cash.to_string() + R"(","id":")" +
                   new_id("t") + "\"}\n")
                  .posted,
              1U);
    tally_.coins[0] += sells ? -quantity : quantity;
    tally_.cash += sells ? cash : -cash;
  }
  void record(const std::string& lines, std::size_t facts) {
    const auto path = folder_.path() / "facts.jsonl";
    std::ofstream(path) << lines;
    PostgresFactStore store_of_facts(pool());
    const auto read = read_facts_file(path.string());
    EXPECT_EQ(record_facts(store_of_facts, store(), kBtceth, read, actor("olga"), kNow).recorded, facts);
    EXPECT_EQ(record_facts(store_of_facts, store(), kBtceth, read, actor("olga"), kNow).unchanged, facts);
  }
  /// Coins staked, earned and slashed; an expense; today's, or of a day whose NAV has been struck.
  void facts() {
    Date of = date_;
    if (!published_.empty() && below(4) == 0) {
      of = published_[published_.size() - 1 - static_cast<std::size_t>(below(2)) % published_.size()];
      ++late_;
    }
    const std::string head = R"("date":")" + of.to_string() + "\",";
    switch (below(4)) {
      case 0: {
        if (staked_ > dec("2000")) break;
        record("{\"id\":\"" + new_id("m") + "\"," + head +
                   R"("fact":"transfer","asset":"ETH","quantity":"50","to":"validator","to_state":"staked"})"
                   "\n",
               1);
        staked_ += dec("50");
        staked_on_ = std::max(staked_on_, of);
        break;
      }
      case 1:
        record(
            "{\"id\":\"" + new_id("r") + "\"," + head + R"("fact":"reward","reward":")" + new_id("rw") +
                R"(","type":"consensus","asset":"ETH","stage":"RECEIVED","gross":"0.25","provider_cut":"0","price":")" +
                price("ETH").to_string() + "\",\"place\":\"validator\"}\n",
            1);
        tally_.coins[1] += dec("0.25");
        break;
      case 2:
        if (staked_ < dec("1") || of < staked_on_) break;
        record(
            "{\"id\":\"" + new_id("p") + "\"," + head +
                R"("fact":"penalty","asset":"ETH","quantity":"0.125","place":"validator","state":"staked"})"
                "\n",
            1);
        staked_ -= dec("0.125");
        tally_.coins[1] -= dec("0.125");
        break;
      default: {
        const std::string name = new_id("lawsuit ");
        record("{\"id\":\"" + new_id("e") + "\"," + head +
                   R"("fact":"expense_incurred","type":"litigation and extraordinary expenses","name":")" +
                   name +
                   R"(","amount":"1250.50"})"
                   "\n{\"id\":\"" +
                   new_id("e") + "\"," + text_of_day() + R"(,"fact":"expense_paid","name":")" + name +
                   R"(","amount":"1000"})"
                   "\n",
               2);
        tally_.cash -= dec("1000");
      }
    }
  }
  /// Two new shares for one and back again.
  void split() {
    const Date effective = calendar_.next_business_day(date_);
    const bool doubles = splits_ % 2 == 0;
    const std::string id = new_id("S");
    PostgresActStore own(pool());
    const ActPorts acts{own, store()};
    propose_act(acts, kBtceth,
                read_act_text(R"({"kind":"split","id":")" + id + R"(","effective":")" +
                              effective.to_string() + R"(","new_shares":)" + (doubles ? "2" : "1") +
                              R"(,"old_shares":)" + (doubles ? "1" : "2") + "}"),
                actor("mia"), kNow);
    refused("an act by its proposer", [&] { approve_act(acts, kBtceth, id, actor("mia"), kNow); });
    approve_act(acts, kBtceth, id, actor("tom"), kNow);
    splits_due_[effective] = doubles;
    ++splits_;
  }

  std::string order_text(const std::string& id, OrderSide side, OrderForm form, const char* units,
                         const char* participant = "ALPHA", const char* hour = "15:00:00") const {
    return R"({"id":")" + id + R"(","participant":")" + participant + R"(","side":")" +
           (side == OrderSide::kCreation ? "creation" : "redemption") + R"(","form":")" +
           (form == OrderForm::kCash ? "cash" : "in_kind") + R"(","units":")" + units +
           R"(","trade_date":")" + date_.to_string() + R"(","received_at":")" + date_.to_string() + "T" +
           hour + "Z\"}";
  }
  void place(const DealingPorts& ports, const std::string& text) {
    place_orders(ports, kBtceth, {read_order(json::parse(text).value(), kNow)}, {actor("olga"), kNow});
  }
  void place_orders_of_day() {
    for (int i = below(4); i > 0; --i) {
      const std::string id = new_id("o");
      const OrderSide side = below(5) < 3 ? OrderSide::kCreation : OrderSide::kRedemption;
      const OrderForm form = below(3) == 0 ? OrderForm::kCash : OrderForm::kInKind;
      const char* const units = std::array{"1", "2", "3"}[static_cast<std::size_t>(below(3))];
      const std::string text = order_text(id, side, form, units);
      act([&](const DealingPorts& ports) { place(ports, text); });
      refused("another content", [&] { place(dealing_ports(), order_text(id, side, form, "9")); });
      refused("an acceptance by who placed it", [&] {
        accept_order(dealing_ports(), kBtceth, OrderId::literal(id), {actor("olga"), kNow});
      });
      if (below(12) == 0) {
        reject_order(dealing_ports(), kBtceth, OrderId::literal(id), dealing::RejectionGround::kForm,
                     "not signed", {actor("anna"), kNow});
        continue;
      }
      act([&](const DealingPorts& ports) {
        accept_order(ports, kBtceth, OrderId::literal(id), {actor("anna"), kNow});
      });
      ++orders_;
    }
    const auto spoiled = [&](const char* units, const char* participant, const char* hour) {
      refused("a spoiled order", [&] {
        place(dealing_ports(),
              order_text(new_id("x"), OrderSide::kCreation, OrderForm::kInKind, units, participant, hour));
      });
    };
    switch (below(4)) {
      case 0:
        return spoiled("0", "ALPHA", "15:00:00");
      case 1:
        return spoiled("0.5", "ALPHA", "15:00:00");
      case 2:
        return spoiled("1", "NOBODY", "15:00:00");
      default:
        return spoiled("1", "ALPHA", "21:00:01");
    }
  }

  std::mt19937 random_{20260105};
  time::Calendar calendar_ = time::Calendar::exchange();
  Date date_ = day("2026-01-05");
  std::map<std::string, Decimal> prices_;
  std::vector<Date> published_;
  std::vector<OrderId> open_;
  std::map<Date, bool> splits_due_;
  std::optional<Date> closed_through_;
  std::optional<PostgresDealingStore> orders_store_;
  Tally tally_;
  Decimal staked_;
  Date staked_on_ = day("2026-01-02");
  int ids_ = 0, splits_ = 0;
  int orders_ = 0, fails_ = 0, late_ = 0, killed_ = 0, pairs_ = 0, refusals_ = 0;
  int errors_ = 0, restated_ = 0, repriced_ = 0, closed_ = 0;
};

}  // namespace navkeeper::nav::joined
