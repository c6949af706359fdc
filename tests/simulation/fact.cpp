#include "tests/simulation/fact.h"

#include <initializer_list>

namespace navkeeper::simulation {
namespace {

std::string join(std::initializer_list<std::string> parts) {
  std::string text;
  for (const std::string& part : parts) text += '|' + part;
  return text;
}

std::string text_of(const books::Component& c) {
  return join({c.asset, c.quantity.to_string(), c.value.to_string()});
}

struct TextOf {
  std::string operator()(const books::Open& e) const { return join({e.fund, e.shares.to_string()}); }
  std::string operator()(const books::OpeningLot& e) const {
    return join({e.asset, e.quantity.to_string(), e.cost.to_string()});
  }
  std::string operator()(const books::Creation& e) const { return order(e); }
  std::string operator()(const books::Redemption& e) const { return order(e); }
  std::string operator()(const books::Purchase& e) const { return trade(e); }
  std::string operator()(const books::Sale& e) const { return trade(e); }
  std::string operator()(const books::FeeAccrued& e) const { return join({e.name, e.amount.to_string()}); }
  std::string operator()(const books::FeePaid& e) const { return join({e.name, e.amount.to_string()}); }
  std::string operator()(const books::FeePaidInKind& e) const {
    return join({e.name.value_or("")}) + text_of(e.paid);
  }
  std::string operator()(const books::Reward& e) const { return join({e.source}) + text_of(e.received); }
  std::string operator()(const books::Penalty& e) const { return text_of(e.lost); }
  std::string operator()(const books::Split& e) const { return join({e.text()}); }
  std::string operator()(const books::Distribution& e) const { return join({e.cash.to_string()}); }
  std::string operator()(const books::Price& e) const { return join({e.asset, e.price.to_string()}); }
  std::string operator()(const books::Strike&) const { return ""; }
  std::string operator()(const books::CoinMove& e) const {
    return join({e.asset, e.quantity.to_string(), e.from.account, std::string(describe(e.from.state)),
                 e.to.account, std::string(describe(e.to.state))});
  }
  std::string operator()(const books::Draft& e) const {
    std::string text = join({e.shares_change.to_string()});
    for (const auto& line : e.lines) text += join({line.account, line.commodity, line.amount.to_string()});
    return text;
  }

  template <class Order>
  static std::string order(const Order& e) {
    std::string text = join({e.shares.to_string(), e.cash.to_string(), e.is_basket ? "basket" : "single"});
    for (const books::Component& component : e.components) text += text_of(component);
    return text;
  }
  template <class Trade>
  static std::string trade(const Trade& e) {
    return join({e.asset, e.quantity.to_string(), e.cash.to_string()});
  }
};

}  // namespace

std::string content_of(const Fact& fact) {
  return std::string(describe(fact.event.happening)) +
         join({fact.event.date.to_string(), fact.book_date.to_string(), fact.settlement_date.to_string(),
               fact.event.place.account, std::string(describe(fact.event.place.state))}) +
         std::visit(TextOf{}, fact.event.happening);
}

}  // namespace navkeeper::simulation
