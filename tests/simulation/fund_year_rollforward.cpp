// What else a simulated year is held against: roll-forwards of either book, and a second ledger.
#include "services/nav/domain/books/rollforward.h"

#include "tests/simulation/fund_year.h"

namespace navkeeper::simulation {

void FundYear::check_mirror(time::Date as_of, std::optional<time::Instant> known_at) {
  if (mirror_ == nullptr) return;
  for (const books::Basis basis : {books::Basis::kNav, books::Basis::kTradeDate, books::Basis::kSettled}) {
    const std::string difference = mirror_->difference(ledger_, basis, as_of, known_at);
    expect(difference.empty(), "the mirror differs: " + difference);
  }
}

/// A period of either book: it foots, it closes at the position, and its gains are the tally's.
void FundYear::check_rollforward() {
  doing_ = "roll-forward";
  const time::Date from = time::Date::literal("2026-01-01") + static_cast<std::int64_t>(random_.below(200));
  const time::Date to = from + static_cast<std::int64_t>(random_.below(200));
  const Amounts naive = naive_.at(books::Basis::kTradeDate, to, std::nullopt);
  std::vector<books::AssetDefinition> assets;
  books::CoinPrices prices;
  for (std::size_t coin = 0; coin < kCoins.size(); ++coin) {
    assets.push_back({kCoins[coin].symbol, kCoins[coin].decimals});
    prices.emplace(kCoins[coin].symbol, money::Decimal::of(price_cents_[coin], 2));
  }
  for (const books::Book book : {books::Book::kGaap, books::Book::kTax}) {
    std::vector<books::FlowSum> flows;
    for (const auto& posted : ledger_.posted()) {
      if (posted.entry.trade_date > to) continue;
      const auto add = [&](const books::CoinFlow& flow, bool is_recognised) {
        flows.push_back({kCoins[flow.asset - 1].symbol, flow.cause, posted.entry.trade_date < from,
                         is_recognised, flow.quantity, flow.cost, flow.value});
      };
      if (book == books::Book::kGaap)
        for (const books::CoinFlow& flow : posted.flows) add(flow, true);
      else
        for (const books::TaxFlow& taxed : posted.tax_flows) add(taxed.flow, taxed.is_recognised);
    }
    Int128 recognised = 0;
    const auto rolls = books::roll_forward(assets, flows, prices, prices);
    for (std::size_t coin = 0; coin < kCoins.size(); ++coin) {
      expect(foots(rolls[coin]), "does not foot");
      expect(rolls[coin].closing.quantity.count() == naive[kCoinsHeld + coin], "closes beside the position");
      if (book == books::Book::kGaap)
        expect(rolls[coin].closing.cost.count() == naive[kCost + coin], "closes beside the cost");
      recognised += rolls[coin].recognised.count();
    }
    Int128 taxed = 0;
    for (const NaiveFact& fact : naive_.facts())
      if (fact.trade_date >= from && fact.trade_date <= to) taxed += fact.taxed_gain;
    if (book == books::Book::kTax) expect(recognised == taxed, "another taxable gain than the tally's");
    ++counts_.footed;
  }
}

}  // namespace navkeeper::simulation
