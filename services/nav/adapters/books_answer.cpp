// The answer of `books compute`, as JSON and as tables.
#include "common/json/write.h"
#include "common/money/rational.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/books_compute.h"

namespace navkeeper::nav {
namespace {

using books::Units;
using money::Decimal;
using money::Rational;

Decimal dollars(Units cents) { return cents.to_decimal(books::kDollarDecimals); }

std::string per_share(Units net_assets, Units shares) {
  return (Rational(dollars(net_assets)) / Rational::of(shares.count())).to_unrounded_string();
}

class AnswerWriter {
 public:
  explicit AnswerWriter(const BooksAnswer& answer) : answer_(answer), report_(answer.report) {}

  std::string write() {
    out_.begin_object();
    positions();
    out_.member("cash", dollars(report_.cash));
    out_.key("liabilities").begin_array();
    for (const books::NamedAmount& owed : report_.liabilities)
      out_.begin_object().member("name", owed.name).member("amount", dollars(owed.amount)).end_object();
    out_.end_array();
    out_.member("shares_outstanding", report_.shares.to_decimal(0));
    dollars_or_null("net_assets", report_.net_assets);
    if (report_.net_assets && report_.shares > Units{})
      out_.member("nav_per_share_unrounded", per_share(*report_.net_assets, report_.shares));
    else
      out_.key("nav_per_share_unrounded").null();
    out_.key("realised_gain").begin_object();
    for (const books::Disposal cause : books::kDisposals)
      out_.member(describe(cause), dollars(report_.realised_gain[static_cast<std::size_t>(cause)]));
    out_.end_object().key("income").begin_object();
    for (const books::NamedAmount& income : report_.income) out_.member(income.name, dollars(income.amount));
    out_.end_object();
    trial_balance();
    rollforward();
    strikes();
    out_.end_object();
    return out_.take();
  }

 private:
  const std::string& symbol(books::CommodityIndex commodity) const {
    return answer_.chart.commodities()[commodity].symbol;
  }
  Decimal amount(books::CommodityIndex commodity, Units units) const {
    return units.to_decimal(answer_.chart.commodities()[commodity].decimals);
  }
  void dollars_or_null(std::string_view key, const std::optional<Units>& cents) {
    out_.key(key);
    if (cents)
      out_.decimal(dollars(*cents));
    else
      out_.null();
  }

  void positions() {
    out_.key("positions").begin_array();
    for (const books::PositionLine& position : report_.positions) {
      out_.begin_object();
      out_.member("asset", symbol(position.asset));
      out_.member("quantity", amount(position.asset, position.quantity));
      out_.member("cost", dollars(position.cost));
      dollars_or_null("value", position.value);
      dollars_or_null("unrealised", position.unrealised());
      out_.end_object();
    }
    out_.end_array();
  }

  void trial_balance() {
    out_.key("trial_balance").begin_array();
    for (const books::BalanceLine& row : report_.trial_balance) {
      const books::Line& line = answer_.chart.lines()[row.line];
      const bool is_debit = row.balance > Units{};
      const Decimal magnitude = amount(line.commodity, is_debit ? row.balance : -row.balance);
      out_.begin_object();
      out_.member("account", line.account).member("commodity", symbol(line.commodity));
      out_.member("debit", is_debit ? magnitude : Decimal{});
      out_.member("credit", is_debit ? Decimal{} : magnitude);
      out_.end_object();
    }
    out_.end_array();
  }

  void columns(books::CommodityIndex asset, Units quantity, Units cost, const std::optional<Units>& value) {
    out_.begin_object();
    out_.member("quantity", amount(asset, quantity)).member("cost", dollars(cost));
    dollars_or_null("value", value);
    out_.end_object();
  }

  template <class Causes, class Flows>
  void flows(std::string_view key, books::CommodityIndex asset, const Causes& causes, const Flows& flows) {
    out_.key(key).begin_object();
    for (const auto cause : causes) {
      const books::RollForward::Flow& flow = flows[static_cast<std::size_t>(cause)];
      out_.key(describe(cause));
      columns(asset, flow.quantity, flow.cost, flow.value);
    }
    out_.end_object();
  }

  void rollforward() {
    out_.key("rollforward").begin_array();
    for (const books::RollForward& roll : report_.rollforward) {
      out_.begin_object().member("asset", symbol(roll.asset)).key("opening");
      columns(roll.asset, {}, {}, Units{});
      flows("additions", roll.asset, books::kAdditions, roll.additions);
      flows("disposals", roll.asset, books::kDisposals, roll.disposals);
      out_.member("realised", dollars(roll.realised));
      dollars_or_null("change_in_unrealised", roll.change_in_unrealised);
      out_.key("closing");
      columns(roll.asset, roll.closing_quantity, roll.closing_cost, roll.closing_value);
      out_.end_object();
    }
    out_.end_array();
  }

  void strikes() {
    out_.key("strikes").begin_array();
    for (const books::StruckNav& strike : answer_.strikes) {
      out_.begin_object();
      out_.member("date", strike.date.to_string()).member("net_assets", dollars(strike.net_assets));
      out_.member("nav_per_share_unrounded", per_share(strike.net_assets, strike.shares));
      out_.member("shares", strike.shares.to_decimal(0));
      out_.end_object();
    }
    out_.end_array();
  }

  const BooksAnswer& answer_;
  const books::Report& report_;
  json::Writer out_;
};

constexpr auto kRight = runtime::Align::kRight;

std::string cents_or_dash(const std::optional<Units>& cents) {
  return cents ? dollars(*cents).to_fixed(books::kDollarDecimals) : "-";
}

}  // namespace

std::string to_json(const BooksAnswer& answer) { return AnswerWriter(answer).write(); }

std::string to_table(const BooksAnswer& answer) {
  const books::Report& report = answer.report;
  const auto& commodities = answer.chart.commodities();
  runtime::Table positions(
      {{"asset"}, {"quantity", kRight}, {"cost", kRight}, {"value", kRight}, {"unrealised", kRight}});
  for (const books::PositionLine& position : report.positions) {
    const books::Commodity& commodity = commodities[position.asset];
    positions.row({commodity.symbol, position.quantity.to_decimal(commodity.decimals).to_string(),
                   cents_or_dash(position.cost), cents_or_dash(position.value),
                   cents_or_dash(position.unrealised())});
  }
  runtime::Table figures({{"figure"}, {"amount", kRight}});
  figures.row({"cash", cents_or_dash(report.cash)});
  for (const books::NamedAmount& owed : report.liabilities)
    figures.row({"payable: " + owed.name, cents_or_dash(owed.amount)});
  figures.row({"net assets", cents_or_dash(report.net_assets)});
  figures.row({"shares", report.shares.to_decimal(0).to_string()});
  if (report.net_assets && report.shares > Units{})
    figures.row({"NAV per share", per_share(*report.net_assets, report.shares)});
  for (const books::Disposal cause : books::kDisposals)
    figures.row({"realised: " + std::string(describe(cause)),
                 cents_or_dash(report.realised_gain[static_cast<std::size_t>(cause)])});
  for (const books::NamedAmount& income : report.income)
    figures.row({"income: " + income.name, cents_or_dash(income.amount)});
  runtime::Table trial({{"account"}, {"commodity"}, {"debit", kRight}, {"credit", kRight}});
  for (const books::BalanceLine& row : report.trial_balance) {
    const books::Line& line = answer.chart.lines()[row.line];
    const books::Commodity& commodity = commodities[line.commodity];
    const Decimal balance = row.balance.to_decimal(commodity.decimals);
    trial.row({line.account, commodity.symbol, balance.is_positive() ? balance.to_string() : "0",
               balance.is_positive() ? "0" : balance.abs().to_string()});
  }
  return positions.to_string() + "\n" + figures.to_string() + "\n" + trial.to_string();
}

}  // namespace navkeeper::nav
