// A fund's year as everybody around it lives it, on the real store: orders from placed to settled with their
// fails, rewards, slashing, expenses and facts that come late, trades, splits, the batch killed at any of its
// steps, every act of dealing killed before, inside and after its transaction or done by two at once,
// approvals by the wrong people, NAV errors restated, dealt anew and compensated, months closed with their
// statements. After every day: the books are what a tally beside them says, NAV x shares are the net assets,
// orders settled once, one published NAV a version.
//
// NAVKEEPER_NAV_DAYS business days of it (the default fits a test run, 250 is a year), from
// NAVKEEPER_NAV_SEED.
#include "tests/db/joined_year_fixture.h"

namespace navkeeper::nav::joined {
namespace {

class JoinedYear : public JoinedActs {
 protected:
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
          if (const StoredOrder failed = *store_of_orders().find_order(kBtceth, id);
              failed.events.back().amount.value_or(Decimal{}) > failed.collateral()) {
            const Decimal owed = *failed.events.back().amount - failed.collateral();
            act([&](const DealingPorts& ports) {
              move_collateral(ports, kBtceth, id, {owed, date_, "in " + date_.to_string()},
                              {actor("olga"), kNow});
            });
            tally_.cash += owed;
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
}  // namespace navkeeper::nav::joined
