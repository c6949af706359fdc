#include "tests/simulation/dealing_year.h"

#include <algorithm>

#include "common/base/refuse.h"

namespace navkeeper::simulation {
namespace {

using books::Basis;
using money::Decimal;
using nav::StoredOrder;
using nav::dealing::FundingSource;
using nav::dealing::OrderForm;
using nav::dealing::OrderSide;
using nav::dealing::OrderState;

constexpr std::array kNames{"BTC", "ETH"};
constexpr std::array kDecimals{8, 18};
constexpr std::array kParticipants{"ALPHA", "BETA", "GAMMA"};

model::Actor actor(const char* name) {
  return {model::ActorId::literal(name),
          {model::Role::kMaker, model::Role::kApprover, model::Role::kOperator}};
}

nav::FundDefinition some_fund(bool has_fees) {
  nav::FundDefinition fund(model::FundId::literal("X"));
  fund.name = "Simulated";
  fund.inception = fund.effective_from = time::Date::literal("2026-01-02");
  fund.creation_unit_shares = Decimal::of(10'000);
  fund.exchange_calendar = "exchange";
  fund.settlement_calendar = "settlement";
  fund.time_zone = "America/New_York";
  fund.valuation_time = time::TimeOfDay::literal("16:00");
  nav::dealing::DealingTerms terms;
  terms.from = fund.inception;
  terms.cut_off_in_kind = time::TimeOfDay::literal("16:00");
  terms.cut_off_cash = time::TimeOfDay::literal("14:00");
  terms.cut_off_same_day = time::TimeOfDay::literal("13:30");
  terms.units_max = 40;
  if (has_fees) terms.cash = {Decimal::of(250), Decimal::of(5, 4)};
  terms.fixed_fee_payee = "custodian";
  terms.collateral = Decimal::of(105, 2);
  terms.funding = {FundingSource::kCash, FundingSource::kSale, FundingSource::kCreditLine,
                   FundingSource::kUnstaking, FundingSource::kCashInLieu};
  for (std::size_t coin = 0; coin < kNames.size(); ++coin) {
    const auto asset = model::AssetId::literal(kNames[coin]);
    fund.assets.push_back({asset, kDecimals[coin], model::IndexId::literal("I"), std::nullopt, std::nullopt});
    terms.transfer.push_back({asset, 8, std::nullopt});
  }
  fund.dealing = {terms};
  return fund;
}

}  // namespace

void DealingCounts::add(const DealingCounts& other) {
  for (const auto& [word, count] : other.events) events[word] += count;
  for (const auto& [word, count] : other.refused) refused[word] += count;
  strikes += other.strikes;
  plans += other.plans;
  restated += other.restated;
  repricings += other.repricings;
  crashes += other.crashes;
}

DealingYear::DealingYear(std::uint64_t seed, int days)
    : seed_(seed),
      days_(days),
      random_(seed),
      fund_(some_fund(random_.chance(500))),
      ledger_({{books::LotRule::kFifo, books::LotRule::kLowestCost},
               {{books::LotRule::kFifo, books::LotRule::kFifo}, false}}),
      navs_(fund_),
      store_(ledger_),
      today_(time::Date::literal("2026-01-05")) {}

void DealingYear::broken(const std::string& what) const {
  throw BrokenDealing("seed " + std::to_string(seed_) + ", " + today_.to_string() + " (" + doing_ +
                      "): " + what);
}

template <class Act>
bool DealingYear::attempt(const char* what, const Act& act) {
  doing_ = what;
  bool is_done = false;
  for (int tries = 0; !is_done; ++tries) {
    expect(tries < 5, "never ends");
    if (tries == 0 && random_.chance(60)) store_.crash = random_.chance(500) ? Crash::kBefore : Crash::kAfter;
    try {
      act();
      is_done = true;
    } catch (const base::Refused& refused) {
      store_.crash = Crash::kNone;
      expect(refused.what()[0] != '\0', "refused without a rule");
      ++counts_.refused[what];
      check();
      return false;
    } catch (const base::Unavailable&) {
      ++counts_.crashes;
    } catch (const base::InDoubt&) {
      ++counts_.crashes;  // the same again: it must find that it was done, or be refused as done
    }
    store_.crash = Crash::kNone;
    if (random_.chance(100)) ledger_.pull_the_plug();
  }
  check();
  return true;
}

void DealingYear::open() {
  time_ = today_.utc_midnight() + time::Duration::hours(14);
  books::Open open{"X", {}, {}};
  for (std::size_t coin = 0; coin < kNames.size(); ++coin)
    open.assets.push_back({kNames[coin], kDecimals[coin]});
  const time::Date before = today_ - 3;
  const auto tell = [&](books::Happening happening, const char* id) {
    const auto answer =
        ledger_.post({{before, std::move(happening)}, {"seed", id}, today_, today_, before.utc_midnight()});
    expect(answer.outcome == MemoryLedger::Outcome::kPosted, answer.rule);
  };
  tell(open, "open");
  opening_shares_ = Decimal::of(random_.between(20, 60)) * fund_.creation_unit_shares;
  opening_coins_ = {Decimal::of(random_.between(5'000'000'000, 30'000'000'000), 8),
                    Decimal::of(random_.between(100'000'000'000, 900'000'000'000), 8)};
  opening_cash_ = Decimal::of(random_.between(0, 50'000'000), 2);
  books::Creation creation{opening_shares_, {}, opening_cash_, true};
  for (std::size_t coin = 0; coin < kNames.size(); ++coin)
    creation.components.push_back(
        {kNames[coin], opening_coins_[coin],
         money::multiply(opening_coins_[coin], price_of(coin), 2, money::Rounding::kDown)});
  tell(creation, "creation");
  for (const char* name : kParticipants)
    store_.add_participant(fund_.id, {nav::dealing::ParticipantId::literal(name), name, fund_.inception, {}},
                           {model::ActorId::literal("mia"), time_});
}

DealingCounts DealingYear::run() {
  open();
  const time::Calendar exchange = fund_.calendar();
  for (int i = 0; i < days_; ++i) {
    morning();
    if (i > 0) {
      for (auto orders = random_.below(5); orders > 0; --orders) place_one();
      decide_all();
    }
    settle_due();
    strike();
    price();
    if (random_.chance(120)) restate_some_day();
    today_ = exchange.next_business_day(today_);
  }
  for (const auto& [id, stored] : store_.all()) {
    for (const nav::OrderEvent& event : stored.events) ++counts_.events[event.event];
  }
  return counts_;
}

void DealingYear::morning() {
  time_ = today_.utc_midnight() + time::Duration::hours(15);
  for (std::int64_t& cents : price_cents_)
    cents = std::max<std::int64_t>(1, cents * random_.between(9600, 10420) / 10'000);
  if (random_.chance(100)) stake();
  if (!random_.chance(30)) return;
  const char* name = kParticipants[random_.below(kParticipants.size())];
  const bool is_suspended = random_.chance(500);
  nav::set_standing(ports_, fund_.id, nav::dealing::ParticipantId::literal(name),
                    {today_, is_suspended, "simulated"}, {actor("mia"), now()});
  if (is_suspended)
    suspended_from_.emplace(name, today_);
  else
    suspended_from_.erase(name);
}

/// Coins go to their validators or come back: those that are staked are no less deliverable, and not free.
void DealingYear::stake() {
  const std::size_t coin = random_.below(2);
  const bool is_back = random_.chance(500);
  const books::Place staked{"", books::CoinState::kStaked};
  if (is_back) return bring_back(coin, Decimal::of(random_.between(1, 100), 2));
  const Decimal free = std::max(Decimal{}, store_.sight().free.at(kNames[coin]));
  const Decimal quantity = money::multiply(
      std::min(coins_at(coin, {}), free), Decimal::of(random_.between(1, 100), 2), 8, money::Rounding::kDown);
  move(coin, quantity, {}, staked);
}

void DealingYear::bring_back(std::size_t coin, const Decimal& part) {
  const books::Place staked{"", books::CoinState::kStaked};
  move(coin, money::multiply(coins_at(coin, staked), part, kDecimals[coin], money::Rounding::kDown), staked,
       {});
}

void DealingYear::move(std::size_t coin, const Decimal& quantity, const books::Place& from,
                       const books::Place& to) {
  if (!quantity.is_positive()) return;
  const auto moved = ledger_.post({{today_, books::CoinMove{kNames[coin], quantity, from, to}},
                                   {"custody", "m" + std::to_string(++ids_)},
                                   today_,
                                   today_,
                                   now()});
  expect(moved.outcome == MemoryLedger::Outcome::kPosted, moved.rule);
}

Decimal DealingYear::coins_at(std::size_t coin, const books::Place& place) {
  return ledger_
      .balance(books::position_account(kNames[coin], place), static_cast<books::CommodityIndex>(coin + 1))
      .to_decimal(kDecimals[coin]);
}

/// An order, most times a good one; what it must come to is said here beforehand.
void DealingYear::place_one() {
  const time::Date trade_date = today_;
  std::string id = "o" + std::to_string(++ids_);
  std::string participant = kParticipants[random_.below(kParticipants.size())];
  const OrderSide side = random_.chance(550) ? OrderSide::kCreation : OrderSide::kRedemption;
  const OrderForm form = random_.chance(600) ? OrderForm::kInKind : OrderForm::kCash;
  Decimal units = Decimal::of(random_.between(1, random_.chance(100) ? 40 : 4));
  if (side == OrderSide::kRedemption) {
    // Some shares stay: a fund without any has no NAV.
    const Decimal most =
        money::divide(ledger_.shares().to_decimal(0), fund_.creation_unit_shares * Decimal::of(6), 0,
                      money::Rounding::kDown);
    units = std::max(Decimal::of(1), std::min(units, most));
  }
  bool is_good = !suspended_from_.contains(participant);
  const auto spoil = [&](const auto& how) {
    how();
    is_good = false;
  };
  time::Instant received = now();
  const time::Instant taken = received + time::Duration::hours(12);  // when the system hears of it
  switch (random_.below(14)) {
    case 0:
      spoil([&] { units = Decimal::of(0); });
      break;
    case 1:
      spoil([&] { units = Decimal::of(15, 1); });
      break;
    case 2:
      spoil([&] { participant = "NOBODY"; });
      break;
    case 3:
      spoil(
          [&] { received = today_.utc_midnight() + time::Duration::hours(21) + time::Duration::seconds(1); });
      break;
    case 4:
      spoil([&] { units = Decimal::of(41); });
      break;
    default:
      break;
  }
  const nav::NewOrder asked{{id_of(id), nav::dealing::ParticipantId::literal(participant), side, form, units,
                             trade_date, nav::dealing::SettlementCycle::kNextDay, received, std::nullopt},
                            id + "|" + participant + "|" + units.to_string(),
                            ""};
  const std::size_t before = store_.all().size();
  const auto place = [&](const nav::NewOrder& order) {
    nav::place_orders(ports_, fund_.id, {order}, {actor("olga"), taken});
  };
  expect(attempt("place", [&] { place(asked); }) == is_good,
         "the order " + asked.content + " was not answered as it must");
  expect(store_.all().size() == before + (is_good ? 1 : 0), "an order too many or too few");
  if (!is_good) return;
  attempt("place", [&] { place(asked); });
  nav::NewOrder other = asked;
  other.content += "!";
  expect(!attempt("contradict", [&] { place(other); }), "the same id with other content was taken");
  expect(store_.all().size() == before + 1, "placed twice");
}

void DealingYear::decide_all() {
  for (const StoredOrder& known : store_.orders(fund_.id, today_, today_)) {
    const auto& id = known.order.id;
    if (known.state() != OrderState::kPlaced) continue;
    expect(!attempt("accept own",
                    [&] {
                      nav::accept_order(ports_, fund_.id, id, {actor("olga"), now()});
                    }),
           "who placed it accepted it");
    if (random_.chance(60)) {
      attempt("reject", [&] {
        nav::reject_order(ports_, fund_.id, id, nav::dealing::RejectionGround::kForm, "not signed",
                          {actor("anna"), now()});
      });
      continue;
    }
    expect(attempt("accept",
                   [&] {
                     nav::accept_order(ports_, fund_.id, id, {actor("anna"), now()});
                   }),
           "an order in proper form was not accepted");
    if (random_.chance(60)) {
      attempt("cancel", [&] {
        nav::cancel_order(ports_, fund_.id, id, "changed its mind", {actor("olga"), now()});
      });
      continue;
    }
    if (known.order.form == OrderForm::kCash && random_.chance(500))
      attempt("execution", [&] {
        const Decimal difference = Decimal::of(random_.between(1, 90'000), 2);
        for (const char* who : {"olga", "anna"})
          nav::record_execution(ports_, fund_.id, id, difference, "trade of " + id.value(),
                                {actor(who), now()});
      });
  }
}

Decimal DealingYear::net_assets(Basis basis, time::Date date) const {
  const auto balances = balances_at(ledger_.chart(), ledger_.entries(), basis, date);
  Decimal net;
  std::array<Decimal, 2> held;
  for (std::size_t line = 0; line < balances.size(); ++line) {
    const books::Line& at = ledger_.chart().lines()[line];
    if (at.account == "Assets:Cash" || at.account.starts_with("Liabilities:"))
      net += balances[line].to_decimal(2);
    if (at.commodity != books::kDollars && books::is_position_account(at.account))
      held[at.commodity - 1] += balances[line].to_decimal(kDecimals[at.commodity - 1]);
  }
  for (std::size_t coin = 0; coin < 2; ++coin)
    net += money::multiply(held[coin], price_of(coin), 2, money::Rounding::kHalfUp);
  return net;
}

void DealingYear::strike() {
  doing_ = "strike";
  time_ = today_.utc_midnight() + time::Duration::hours(22);
  // The strike's own guard: every order of an earlier day is in the books.
  for (const auto& [id, stored] : store_.all())
    expect(stored.order.trade_date == today_ || !is_undecided_or_unpriced(stored.state()),
           id + " has no price");
  nav::StoredNav nav(model::ActorId::literal("mia"));
  nav.summary.valuation_date = today_;
  nav.struck_at = now();
  nav.summary.net_assets = net_assets(Basis::kNav, today_);
  nav.summary.shares = ledger_.shares_at(Basis::kNav, today_, std::nullopt).to_decimal(0);
  nav.summary.nav_per_share =
      money::divide(nav.summary.net_assets, nav.summary.shares, 4, money::Rounding::kHalfUp);
  for (std::size_t coin = 0; coin < 2; ++coin)
    nav.summary.positions.push_back({kNames[coin], {}, price_of(coin), {}});
  // NAV x shares is the net assets within its rounding.
  const Decimal product = nav.summary.nav_per_share * nav.summary.shares;
  expect((product - nav.summary.net_assets).abs() <= Decimal::of(5, 5) * nav.summary.shares, "NAV x shares");
  navs_.add(nav);
  struck_days_.push_back(today_);
  ++counts_.strikes;
}

void DealingYear::price() {
  const auto price = [&] { return nav::price_orders(ports_, fund_.id, today_, {actor("mia"), now()}); };
  expect(!attempt("price unapproved", price), "orders were priced by an NAV that nobody had approved");
  navs_.approve(today_, model::ActorId::literal("tom"));
  if (random_.chance(900)) navs_.publish(today_, model::ActorId::literal("zoe"));
  // Some give or take dollars for a coin.
  for (const StoredOrder& stored : store_.orders(fund_.id, today_, today_)) {
    if (stored.state() != OrderState::kAccepted || stored.order.form != OrderForm::kInKind ||
        stored.order.side != nav::dealing::OrderSide::kCreation || !random_.chance(50))
      continue;
    const nav::DayBasket day = nav::basket_on(ports_, fund_.id, today_, now());
    const auto& component = day.basket.components.front();
    attempt("cash in lieu", [&] {
      nav::agree_cash_in_lieu(ports_, fund_.id, stored.order.id,
                              {component.asset, component.quantity * stored.order.units}, "as agreed",
                              {actor("anna"), now()});
    });
  }
  attempt("price", price);
  // What was short is owed: its coins come back from the validators, dollars come of coins that are sold.
  for (const StoredOrder& stored : store_.orders(fund_.id, today_, today_)) {
    if (stored.state() == OrderState::kAccepted) attempt("price again", price);
    const StoredOrder priced = store_.all().at(stored.order.id.value());
    if (stored.state() == OrderState::kAccepted)
      expect(priced.state() == OrderState::kPriced, "an accepted order found no price");
    if (!priced.price || (priced.price->owed.empty() && priced.price->owed_cash.is_zero())) continue;
    ++counts_.plans;
    for (std::size_t coin = 0; coin < 2; ++coin) bring_back(coin, Decimal::of(1));
    Decimal need = priced.price->owed_cash;
    for (std::size_t coin = 0; coin < 2 && need.is_positive(); ++coin) {
      const Decimal there = coins_at(coin, {});
      Decimal quantity = money::divide(need, price_of(coin), 8, money::Rounding::kUp);
      quantity = std::min(quantity, there.rounded(8, money::Rounding::kDown));
      if (!quantity.is_positive()) continue;
      const Decimal cash = money::multiply(quantity, price_of(coin), 2, money::Rounding::kHalfUp);
      const auto sold = ledger_.post({{today_, books::Sale{kNames[coin], quantity, cash}},
                                      {"bridge", stored.order.id.value() + kNames[coin]},
                                      fund_.calendar().next_business_day(today_),
                                      fund_.calendar().next_business_day(today_),
                                      now()});
      expect(sold.outcome == MemoryLedger::Outcome::kPosted, sold.rule);
      opening_coins_[coin] -= quantity;
      opening_cash_ += cash;
      need -= cash;
    }
  }
  check_dilution();
}

/// Whoever holds shares is not diluted: at the NAV's own prices a share is worth the same with the day's
/// orders in, but for what was cut and what participants paid on top.
void DealingYear::check_dilution() {
  doing_ = "dilution";
  const auto nav = navs_.find_nav(fund_.id, today_);
  const Decimal shares = ledger_.shares_at(Basis::kTradeDate, today_, std::nullopt).to_decimal(0);
  const Decimal with_orders = net_assets(Basis::kTradeDate, today_);
  Decimal allowed = Decimal::of(5);  // roundings of values
  for (const StoredOrder& stored : store_.orders(fund_.id, today_, today_)) {
    if (!stored.price) continue;
    allowed += stored.price->variable_fee + stored.price->execution_difference.abs() +
               Decimal::of(1, 2) * stored.price->units;
  }
  const Decimal before = nav->summary.net_assets * shares;
  const Decimal after = with_orders * nav->summary.shares;
  expect((after - before).abs() <= allowed * nav->summary.shares,
         "net assets with the orders are " + with_orders.to_string() + " for " + shares.to_string() +
             " shares, before " + nav->summary.net_assets.to_string() + " for " +
             nav->summary.shares.to_string());
}

/// A day of the last week was wrong: its coins are priced anew, mostly by enough to be dealt anew for.
void DealingYear::restate_some_day() {
  doing_ = "restate";
  const std::size_t back = 1 + random_.below(std::min<std::size_t>(5, struck_days_.size()));
  const time::Date date = struck_days_[struck_days_.size() - back];
  const auto wrong = navs_.find_nav(fund_.id, date);
  if (!wrong->published_by) return;
  nav::StoredNav correct(model::ActorId::literal("mia"));
  correct.summary = wrong->summary;
  ++correct.summary.version;
  correct.kind = nav::VersionKind::kRestatement;
  correct.struck_at = wrong->struck_at;
  const nav::Deliverable there = store_.deliverable(fund_.id, date, wrong->struck_at);
  for (nav::NavPosition& position : correct.summary.positions) {
    const Decimal price = money::multiply(position.price, Decimal::of(random_.between(9700, 10300), 4), 2,
                                          money::Rounding::kHalfUp);
    correct.summary.net_assets +=
        money::multiply(there.coins.at(position.asset), price - position.price, 2, money::Rounding::kHalfUp);
    position.price = price;
  }
  navs_.add(correct);
  ++counts_.restated;
  // Until it is published nothing deals at it.
  expect(nav::dealing_nav(navs_, fund_.id, date)->summary.version == wrong->summary.version,
         "a restatement that nobody published is dealt at");
  const nav::RepricingPorts ports{navs_, dealt_, repricings_};
  const auto propose = [&] {
    nav::propose_repricing(ports, {fund_.id, date, date, "a price was wrong", "the adviser"},
                           {actor("mia"), now()});
  };
  expect(!attempt("reprice unapproved", propose), "repriced by a NAV that nobody approved");
  navs_.approve(date, model::ActorId::literal("tom"));
  const auto report = nav::assess_period(navs_, dealt_, fund_.id, date, date);
  if (report.severity == nav::ErrorSeverity::kMaterial) navs_.publish(date, model::ActorId::literal("zoe"));
  if (attempt("propose repricing", propose)) reprice(date);
}

void DealingYear::reprice(time::Date date) {
  const nav::RepricingPorts ports{navs_, dealt_, repricings_};
  const int number = repricings_.all().back().number;
  const auto approve = [&](const char* who) {
    return nav::approve_repricing(ports, fund_.id, number, {actor(who), now()});
  };
  expect(!attempt("approve own repricing", [&] { approve("mia"); }), "who proposed it approved it");
  if (!attempt("approve repricing", [&] { approve("anna"); })) return;
  ++counts_.repricings;
  attempt("approve repricing", [&] { approve("anna"); });  // again: nothing changes
  expect(!attempt("propose repricing",
                  [&] {
                    nav::propose_repricing(ports, {fund_.id, date, date, "once more", "the adviser"},
                                           {actor("mia"), now()});
                  }),
         "what was made good is owed again");
  check_repriced();
}

/// What was made good or netted of an order is what its price is off by against the last correct NAV it was
/// held against: by the formula of its price alone.
void DealingYear::check_repriced() {
  doing_ = "repriced";
  std::map<std::string, Decimal> corrected;
  std::map<std::string, int> version;
  for (const nav::StoredRepricing& stored : repricings_.all()) {
    if (!stored.approved_by) continue;
    for (const nav::RepricedOrder& one : stored.repricing.orders) {
      expect(version[one.order] < one.version, one.order + " was corrected twice for a version");
      version[one.order] = one.version;
      corrected[one.order] += one.effect;
    }
  }
  for (const auto& [id, sum] : corrected) {
    const StoredOrder& stored = store_.all().at(id);
    if (stored.state() == OrderState::kClosedOut) continue;
    const auto versions = navs_.versions(fund_.id, stored.order.trade_date, time::Instant::latest());
    const nav::StoredNav& correct = versions.at(static_cast<std::size_t>(version.at(id)) - 1);
    // NAV a unit less the coins at the NAV's prices, times the units, with the fee: what the cash should be.
    const Decimal unit = money::mul_div(correct.summary.net_assets, fund_.creation_unit_shares,
                                        correct.summary.shares, 2, money::Rounding::kHalfUp);
    const Decimal nav_amount = unit * stored.order.units;
    Decimal balancing = nav_amount;
    for (const auto& component : stored.price->components) {
      for (const nav::NavPosition& position : correct.summary.positions) {
        if (position.asset != component.asset.value()) continue;
        const bool is_cut = component.quantity.scale() > 8;
        expect(!is_cut, "a component finer than a transfer");
        balancing -= money::multiply(component.quantity, position.price, 2, money::Rounding::kHalfUp);
      }
    }
    const auto& fees = fund_.dealing.front().fees(stored.order.form);
    const Decimal extra = money::multiply(nav_amount, fees.variable, 2, money::Rounding::kHalfUp) +
                          stored.execution_difference();
    const bool is_creation = stored.order.side == OrderSide::kCreation;
    const Decimal should_be = (is_creation ? balancing : -balancing) + extra;
    // A unit's component is rounded and multiplied, here the whole is rounded: a cent a unit and coin.
    const Decimal allowed = Decimal::of(2, 2) * stored.order.units + Decimal::of(2, 2);
    expect((stored.price->fund_cash - sum - should_be).abs() <= allowed,
           id + " was corrected by " + sum.to_string() + ", its cash was " +
               stored.price->fund_cash.to_string() + " and should be " + should_be.to_string());
  }
}

void DealingYear::settle_due() {
  const time::Calendar& settlement = time::Calendar::settlement();
  for (const StoredOrder& known : store_.orders(fund_.id, std::nullopt, std::nullopt)) {
    const OrderState state = known.state();
    if (state != OrderState::kPriced && state != OrderState::kSettling && state != OrderState::kFailed)
      continue;
    const auto& id = known.order.id;
    const nav::Acting olga{actor("olga"), now()};
    if (today_ < known.dates->settlement_date || !settlement.is_business_day(today_)) {
      expect(!attempt("settle early",
                      [&] {
                        nav::settle_order(ports_, fund_.id, id, {std::nullopt, today_, ""}, olga);
                      }),
             "settled before its day");
      continue;
    }
    const Decimal open = known.price->units - known.settled;
    // What it was left owed comes back from the validators; dollars that are owed may take longer.
    const bool is_owed = !known.price->owed.empty() || known.price->owed_cash.is_positive();
    if (is_owed) {
      for (std::size_t coin = 0; coin < 2; ++coin) bring_back(coin, Decimal::of(1));
    }
    expect(
        !attempt("settle too much",
                 [&] {
                   nav::settle_order(ports_, fund_.id, id, {open + Decimal::of(1), today_, "too much"}, olga);
                 }),
        "more settled than was open");
    if (random_.chance(80)) {
      attempt("fail", [&] { nav::fail_order(ports_, fund_.id, id, today_, "did not come", olga); });
      const Decimal owed = store_.all().at(id.value()).events.back().amount.value_or(Decimal{});
      if (owed.is_positive() && random_.chance(500))
        attempt("collateral", [&] {
          nav::move_collateral(ports_, fund_.id, id, {owed, today_, "in " + today_.to_string()}, olga);
        });
    } else if (state == OrderState::kFailed && known.settled.is_zero() && random_.chance(100)) {
      attempt("close out", [&] {
        nav::close_out_order(ports_, fund_.id, id, today_, "gone", {actor("anna"), now()});
      });
    } else if (open > Decimal::of(1) && random_.chance(250)) {
      attempt("settle part", [&] {
        nav::settle_order(ports_, fund_.id, id, {Decimal::of(1), today_, today_.to_string()}, olga);
      });
    } else {
      attempt("settle", [&] { nav::settle_order(ports_, fund_.id, id, {std::nullopt, today_, ""}, olga); });
      // Another operator does the same.
      attempt("settle again", [&] {
        nav::settle_order(ports_, fund_.id, id, {std::nullopt, today_, ""}, olga);
      });
      const bool has_settled = store_.all().at(id.value()).state() == OrderState::kSettled;
      expect(has_settled || is_owed, "did not settle");
      if (!has_settled) continue;
      const Decimal held = store_.all().at(id.value()).collateral();
      if (held.is_positive())
        expect(attempt("collateral back",
                       [&] {
                         nav::move_collateral(ports_, fund_.id, id,
                                              {-held, today_, "out " + today_.to_string()}, olga);
                       }),
               "collateral was not given back");
    }
  }
}

/// The books are the opening and every priced order once; orders settle once; nothing is promised twice.
void DealingYear::check() {
  Decimal shares = opening_shares_;
  std::array<Decimal, 2> coins = opening_coins_;
  Decimal cash = opening_cash_;
  for (const auto& [id, stored] : store_.all()) {
    Decimal settled;
    for (const nav::OrderEvent& event : stored.events) {
      if (event.event == "settled") settled += *event.units;
    }
    expect(settled == stored.settled && settled <= stored.order.units, id + " settled more than once");
    expect((stored.state() == OrderState::kSettled) == (settled == stored.order.units),
           id + " is not where it stands");
    cash += stored.collateral();
    if (!stored.price || stored.state() == OrderState::kClosedOut) continue;
    const bool is_creation = stored.order.side == OrderSide::kCreation;
    shares += is_creation ? stored.price->shares : -stored.price->shares;
    // What is owed is in the books as long as it has not settled; what was there is delivered first.
    const auto owed_left = [&](const Decimal& all, const Decimal& owed) {
      if (owed.is_zero()) return owed;
      const Decimal due =
          money::mul_div(all, settled, stored.order.units, all.scale(), money::Rounding::kDown);
      return std::min(owed, all - due);
    };
    cash += stored.price->fund_cash - stored.repriced();
    cash += owed_left(-stored.price->fund_cash, stored.price->owed_cash);
    for (const auto& owed : stored.price->owed) {
      for (const auto& component : stored.price->components) {
        if (component.asset == owed.asset)
          coins[owed.asset.value() == kNames[0] ? 0 : 1] += owed_left(component.quantity, owed.quantity);
      }
    }
    Decimal value = stored.price->balancing;
    for (const auto& component : stored.price->components) {
      const std::size_t coin = component.asset.value() == kNames[0] ? 0 : 1;
      coins[coin] += is_creation ? component.quantity : -component.quantity;
      value += component.value;
    }
    expect(value == stored.price->nav_amount, id + ": components and balancing amount are not its NAV");
    expect(stored.price->nav_date == stored.order.trade_date, id + " was priced by another day's NAV");
  }
  for (const nav::StoredRepricing& repricing : repricings_.all()) {
    if (repricing.approved_by) cash += repricing.repricing.compensated;
  }
  expect(ledger_.shares().to_decimal(0) == shares,
         "the register is not the orders: " + ledger_.shares().to_decimal(0).to_string() + ", " +
             shares.to_string());
  for (std::size_t coin = 0; coin < 2; ++coin) {
    const Decimal total = coins_at(coin, {}) + coins_at(coin, {"", books::CoinState::kStaked});
    expect(total == coins[coin], std::string("coins appeared or vanished: ") + kNames[coin] + " " +
                                     total.to_string() + ", " + coins[coin].to_string());
  }
  expect(ledger_.balance("Assets:Cash", books::kDollars).to_decimal(2) == cash, "cash appeared or vanished");
  const auto promised = store_.promised();
  for (const auto& [commodity, reserved] : store_.reserved()) {
    const auto found = promised.find(commodity);
    expect(reserved == (found == promised.end() ? Decimal{} : found->second),
           commodity + " is not reserved as promised");
  }
}

}  // namespace navkeeper::simulation
