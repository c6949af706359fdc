// A fund's year as everybody around it lives it, on the real store: orders from placed to settled with their
// fails, rewards, slashing, expenses and facts that come late, trades, splits, the batch killed at any of its
// steps, every act of dealing killed before, inside and after its transaction or done by two at once,
// approvals by the wrong people, NAV errors restated, dealt anew and compensated, months closed with their
// statements. After every day: the books are what a tally beside them says, NAV x shares are the net assets,
// orders settled once, one published NAV a version.
//
// NAVKEEPER_NAV_DAYS business days of it (the default fits a test run, 250 is a year), from
// NAVKEEPER_NAV_SEED.
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

namespace navkeeper::nav {
namespace {

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

class JoinedYear : public NavCrashTest {
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
  /// By one operator, by two at once, or by one who dies and is followed.
  void strike_day() {
    switch (below(4)) {
      case 0:
        killed_ += run_until(1 + below(12), date_, date_) ? 0 : 1;
        break;
      case 1: {
        ++pairs_;
        std::thread other([&] {
          PostgresNavStore own(pool(), journal_);
          PostgresActStore own_acts(pool());
          run_navs({own, rates_, documents_, own_acts}, range(date_, date_, "max"), nullptr);
        });
        run_navs(ports(), range(date_, date_), nullptr);
        other.join();
        break;
      }
      default:
        break;
    }
    const auto lines = run_navs(ports(), range(date_, date_), nullptr);
    ASSERT_TRUE(lines[0].outcome == RunOutcome::kStruck || lines[0].outcome == RunOutcome::kUnchanged)
        << lines[0].message;
    if (const auto due = splits_due_.find(date_); due != splits_due_.end())
      tally_.shares = due->second ? tally_.shares * dec("2")
                                  : money::divide(tally_.shares, dec("2"), 0, money::Rounding::kDown);
  }
  void set_failures_aside(Date date, const char* reason) {
    for (const std::string& check : store().find_nav(kBtceth, date)->standing_failures())
      for (const char* who : {"tom", "zoe"}) override_check(ports(), by(who, date), check, reason);
  }
  /// Everything wrong is tried first and must change nothing.
  void approve_and_deal() {
    const StoredNav nav = *store().find_nav(kBtceth, date_);
    refused("a publication without approval", [&] { publish_nav(ports(), by("zoe", date_)); });
    refused("an approval by the striker", [&] {
      approve_nav(ports(), {kBtceth, date_, actor(nav.struck_by.value()), kNow, {}});
    });
    set_failures_aside(date_, "looked at it");
    const auto price = [&](const DealingPorts& ports) {
      return price_orders(ports, kBtceth, date_, {actor("mia"), kNow});
    };
    if (!store_of_orders().orders(kBtceth, date_, date_).empty())
      refused("a price of an unapproved NAV", [&] { price(dealing_ports()); });
    approve_nav(ports(), by("tom", date_));
    refused("a second approval", [&] { approve_nav(ports(), by("tom", date_)); });
    act(price);
    for (const PriceLine& line : price(dealing_ports())) EXPECT_EQ(line.message, "") << line.order.value();
    for (const StoredOrder& stored : store_of_orders().orders(kBtceth, date_, date_)) {
      if (stored.state() == OrderState::kRejected) continue;
      ASSERT_TRUE(stored.price.has_value()) << stored.order.id.value();
      const Decimal sign = dec(stored.order.side == OrderSide::kCreation ? "1" : "-1");
      tally_.shares += stored.price->shares * sign;
      tally_.cash += stored.price->fund_cash;
      for (const auto& component : stored.price->components)
        tally_.coins[component.asset.value() == "BTC" ? 0 : 1] += component.quantity * sign;
      open_.push_back(stored.order.id);
    }
  }
  void publish_day() {
    const std::int64_t before = count("nav_publication");
    for (const std::string& check : store().find_nav(kBtceth, date_)->standing_unavailable())
      for (const char* who : {"tom", "zoe"}) override_check(ports(), by(who, date_), check, "no service yet");
    publish_nav(ports(), by("zoe", date_));
    refused("a second publication", [&] { publish_nav(ports(), by("tom", date_)); });
    EXPECT_EQ(count("nav_publication"), before + 1);
    published_.push_back(date_);
  }
  void settle_due() {
    std::vector<OrderId> still_open;
    for (const OrderId& id : open_) {
      const StoredOrder stored = *store_of_orders().find_order(kBtceth, id);
      if (date_ < stored.dates->settlement_date || !time::Calendar::settlement().is_business_day(date_)) {
        still_open.push_back(id);
        continue;
      }
      const Decimal left = stored.price->units - stored.settled;
      const auto settle = [&](std::optional<Decimal> units, const std::string& reference) {
        return [&, units, reference](const DealingPorts& ports) {
          settle_order(ports, kBtceth, id, {units, date_, reference}, {actor("olga"), kNow});
        };
      };
      refused("more than is open", [&] { settle(left + dec("1"), "too much")(dealing_ports()); });
      switch (below(6)) {
        case 0:
          fail_order(dealing_ports(), kBtceth, id, date_, "did not come", {actor("olga"), kNow});
          if (const auto owed = store_of_orders().find_order(kBtceth, id)->events.back().amount;
              owed && owed->is_positive()) {
            act([&](const DealingPorts& ports) {
              move_collateral(ports, kBtceth, id, {*owed, date_, "in " + date_.to_string()},
                              {actor("olga"), kNow});
            });
            tally_.cash += *owed;
          }
          still_open.push_back(id);
          ++fails_;
          break;
        case 1:
          if (left > dec("1")) {
            act(settle(dec("1"), "part " + date_.to_string()));
            still_open.push_back(id);
            break;
          }
          [[fallthrough]];
        default: {
          act(settle(std::nullopt, ""));
          const StoredOrder settled = *store_of_orders().find_order(kBtceth, id);
          EXPECT_EQ(settled.state(), OrderState::kSettled) << id.value();
          if (const Decimal held = settled.collateral(); held.is_positive()) {
            act([&](const DealingPorts& ports) {
              move_collateral(ports, kBtceth, id, {-held, date_, "out " + date_.to_string()},
                              {actor("olga"), kNow});
            });
            tally_.cash -= held;
          }
        }
      }
    }
    open_ = std::move(still_open);
  }

  // --- NAV errors ---

  /// A price of some days ago was wrong: restated, assessed, published where it is material, the orders dealt
  /// anew or netted by two people, once.
  void find_error() {
    if (published_.size() < 3) return;
    const std::size_t first = published_.size() - 1 - static_cast<std::size_t>(below(3));
    const Date from = published_[first];
    const Date through = published_.back();
    if (closed_through_ && from <= *closed_through_) return;
    const char* const factors[] = {"1.0001", "1.003", "1.02", "0.98"};
    rates_.values[{"BTC", from}] =
        (money::Rational(rates_.values.at({"BTC", from})) * money::Rational(dec(factors[below(4)])))
            .rounded(2, money::Rounding::kHalfUp);
    restate_nav(ports(), {kBtceth, from, through, "a price was wrong", actor("mia"), kNow});
    PostgresRepricingStore repricings(pool());
    DealtOrders dealt(life(), dealing_ports(), repricings);
    const ErrorReport report = assess_period(store(), dealt, kBtceth, from, through);
    EXPECT_EQ(report.days.front().day.date, from);
    for (const DayError& found : report.days) {
      const Date date = found.day.date;
      if (store().find_nav(kBtceth, date)->approved_by) continue;
      set_failures_aside(date, "restated");
      if (found.severity == ErrorSeverity::kMaterial) {
        publish(date);
        ++restated_;
      } else {
        refused("a restatement that is not material", [&] { publish(date); });
      }
    }
    ++errors_;
    deal_anew(from, through);
  }
  void deal_anew(Date from, Date through) {
    const auto propose = [&](PostgresRepricingStore& repricings) {
      DealtOrders dealt(life(), dealing_ports(), repricings);
      return propose_repricing({store(), dealt, repricings},
                               {kBtceth, from, through, "a price was wrong", "the adviser"},
                               {actor("mia"), kNow});
    };
    PostgresRepricingStore repricings(pool());
    int number = 0;
    try {
      number = propose(repricings);
    } catch (const base::Refused& nothing) {
      EXPECT_NE(std::string(nothing.what()).find("no order of the period"), std::string::npos)
          << nothing.what();
      return;
    }
    const Repricing proposed = repricings.repricings(kBtceth).back().repricing;
    std::atomic<int> booked{0};
    const auto approve = [&](const char* who) {
      PostgresNavStore navs(pool(), journal_);
      PostgresDealingStore orders(pool());
      PostgresRepricingStore own(pool());
      PostgresNavLifeStore own_life(pool());
      DealtOrders dealt(own_life, {orders, navs}, own);
      try {
        booked += approve_repricing({navs, dealt, own}, kBtceth, number, {actor(who), kNow}) ? 1 : 0;
      } catch (const base::Conflict&) {
      } catch (const base::Refused&) {
      }
    };
    approve("mia");
    EXPECT_EQ(booked, 0) << "who proposed it approved it";
    std::thread other([&] { approve("anna"); });
    approve("tom");
    other.join();
    EXPECT_EQ(booked, 1);
    for (const RepricedOrder& one : proposed.orders) {
      if (one.treatment == OrderTreatment::kReprocessed) tally_.cash -= one.effect;
    }
    tally_.cash += proposed.compensated;
    ++repriced_;
    refused("the same owed again", [&] { propose(repricings); });
  }

  // --- what must hold ---

  void check_books() {
    const StoredBooks books = *pool().transact([&](db::Transaction& transaction) {
      return load_books(transaction, kBtceth, {books::Basis::kNav, day("2030-12-31"), std::nullopt});
    });
    std::array<Decimal, 2> coins;
    Decimal cash;
    for (const StoredBalance& row : books.balances) {
      if (row.account.rfind("Assets:", 0) != 0) continue;
      const Decimal amount = row.balance.to_decimal(row.decimals);
      if (row.commodity == "BTC") coins[0] += amount;
      if (row.commodity == "ETH") coins[1] += amount;
      if (row.account == "Assets:Cash") cash += amount;
    }
    ASSERT_EQ(coins[0], tally_.coins[0]) << "BTC on " << date_.to_string();
    ASSERT_EQ(coins[1], tally_.coins[1]) << "ETH on " << date_.to_string();
    ASSERT_EQ(cash, tally_.cash) << "dollars on " << date_.to_string();
    ASSERT_EQ(books.shares.to_decimal(0), tally_.shares) << "shares on " << date_.to_string();
    const auto found = broken();
    ASSERT_TRUE(found.empty()) << found.front() << " on " << date_.to_string();
    ASSERT_EQ(count("order_standing WHERE settled > units"), 0);
  }
  void check_past() {
    const Date past = published_[static_cast<std::size_t>(below(static_cast<int>(published_.size())))];
    EXPECT_TRUE(explain_nav(store(), documents_, kBtceth, past).is_reproduced) << past.to_string();
  }
  /// The month before is closed with its statements, a week into the next one: they foot and tie.
  void close_month() {
    const Date to = date_.start_of_month() - 1;
    if (date_ - to < 8 || to < day("2026-01-31") || (closed_through_ && *closed_through_ >= to)) return;
    const Date from = std::max(to.start_of_month(), day("2026-01-02"));
    const ClosedStatements closed = pool().transact([&](db::Transaction& transaction) {
      return close_with_statements(transaction, kBtceth, from, to, {actor("mia"), kNow});
    });
    EXPECT_TRUE(closed.is_new);
    closed_through_ = to;
    ++closed_;
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

TEST_F(JoinedYear, OfOrdersFactsApprovalsErrorsAndCrashesBreaksNoInvariant) {
  const char* wanted = std::getenv("NAVKEEPER_NAV_DAYS");
  const int days = wanted != nullptr ? std::atoi(wanted) : 20;
  for (int i = 0; i < days; ++i, date_ = calendar_.next_business_day(date_)) {
    move_prices();
    trade();
    if (below(2) == 0) facts();
    if (i > 0) place_orders_of_day();
    if (i % 40 == 12) split();
    settle_due();
    strike_day();
    if (HasFatalFailure()) return;
    approve_and_deal();
    if (HasFatalFailure()) return;
    publish_day();
    if (below(5) == 0) find_error();
    close_month();
    check_books();
    if (HasFatalFailure()) return;
    if (i % 5 == 4) check_past();
  }
  EXPECT_EQ(count("nav WHERE version = 1"), days);
  EXPECT_EQ(count("nav_publication WHERE version = 1"), days);
  EXPECT_EQ(count("order_price"), orders_);
  if (days >= 20) {
    EXPECT_GT(orders_, days / 2);
    EXPECT_GT(errors_, 0);
    EXPECT_GT(killed_ + pairs_, days / 2);
  }
  std::printf(
      "%d days: %d orders, %d fails, %d splits, %d late facts, %d error periods, %d days restated in the "
      "open, %d "
      "repricings, %d months closed; %d processes killed, %d pairs at once, %d acts refused\n",
      days, orders_, fails_, splits_, late_, errors_, restated_, repriced_, closed_, killed_, pairs_,
      refusals_);
}

}  // namespace
}  // namespace navkeeper::nav
