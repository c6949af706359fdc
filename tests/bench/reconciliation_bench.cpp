// What a reconciliation costs: 10,000 accounts of 12 assets, three ways, with movements of the day and breaks
// among them; beside it the floor (each figure looked up once by place and subtracted, nothing kept) and the
// naive way (every place looked for among all). ./dev bench custody prints seconds a reconciliation.
#include <benchmark/benchmark.h>

#include <unordered_map>

#include "common/base/ensure.h"
#include "services/custody/domain/reconciliation.h"

namespace navkeeper::custody {
namespace {

using money::Decimal;

constexpr int kAccounts = 10'000;
constexpr int kAssets = 12;
constexpr int kOneInMoves = 10;    ///< of so many accounts one moved that day
constexpr int kOneInBreaks = 100;  ///< and of so many one is a coin short at the custodian
const time::Instant kAt = time::Instant::literal("2026-03-10T20:00:00Z");
const time::Date kDate = time::Date::literal("2026-03-10");

struct Facts {
  ReconciliationInput input;
  ReconciliationTerms terms;
  int breaks = 0;
};

void add_account(Facts& facts, const std::string& asset, int account, const Decimal& amount) {
  const std::string place = "account-" + std::to_string(account);
  const bool moves = account % kOneInMoves == 0;
  const bool is_short = account % kOneInBreaks == 0;
  facts.input.books.push_back({asset, place, amount});
  Balance balance;
  balance.asset = model::AssetId::literal(asset);
  balance.scale = 8;
  balance.as_of = kAt - time::Duration::minutes(5);
  balance.place = {"custodian", place};
  balance.total = is_short ? amount - Decimal::of(1) : amount;
  facts.input.balances.push_back(balance);
  balance.place.source = "chain:x";
  balance.total = amount;
  facts.input.balances.push_back(balance);
  if (is_short) facts.breaks += 2;  // against the books, against the chain
  if (!moves) return;
  CoinMovement movement{"books", "order-" + asset + place, asset, place, Decimal::of(2)};
  movement.references = {"transaction-" + asset + place};
  movement.date = kDate;
  movement.what = "creation";
  facts.input.booked.push_back(movement);
  movement.source = "custodian";
  movement.id = "deposit-" + asset + place;
  movement.place.clear();
  movement.account = place;
  movement.at = kAt - time::Duration::hours(3);
  facts.input.moved.push_back(movement);
}

const Facts& facts() {
  static const Facts made = [] {
    Facts all;
    all.input.at = kAt;
    all.input.date = kDate;
    for (int asset = 0; asset < kAssets; ++asset) {
      const std::string name = "COIN" + std::to_string(asset);
      all.terms.tolerances[name] = {Decimal::literal("0.00000001"), Decimal::of(1)};
      all.terms.prices[name] = Decimal::literal("1234.56");
      for (int account = 0; account < kAccounts; ++account)
        add_account(all, name, account, Decimal::of(account * 1'000 + 123'456'789, 8) + Decimal::of(10));
    }
    return all;
  }();
  return made;
}

void reconciliation(benchmark::State& state) {
  const Facts& all = facts();
  for (auto unused : state) {
    static_cast<void>(unused);
    const Reconciliation made = reconcile(all.input, all.terms);
    ENSURE(made.lines.size() == std::size_t{kAccounts} * kAssets);
    ENSURE(made.breaks.size() == static_cast<std::size_t>(all.breaks));
  }
  state.SetItemsProcessed(state.iterations() * kAccounts * kAssets);
}

/// The least: whoever reconciles must find the three figures of each asset and place, and compare them.
void reconciliation_floor_lookup(benchmark::State& state) {
  const Facts& all = facts();
  for (auto unused : state) {
    static_cast<void>(unused);
    std::unordered_map<std::string, Decimal> kept;
    kept.reserve(all.input.balances.size());
    for (const Balance& balance : all.input.balances)
      kept.emplace(balance.place.source + balance.asset.value() + balance.place.account, *balance.total);
    int breaks = 0;
    for (const BookPosition& position : all.input.books) {
      const Decimal& custodian = kept.at("custodian" + position.asset + position.place);
      const Decimal& chain = kept.at("chain:x" + position.asset + position.place);
      breaks += (custodian == position.total ? 0 : 1) + (chain == custodian ? 0 : 1);
    }
    ENSURE(breaks == all.breaks);
  }
  state.SetItemsProcessed(state.iterations() * kAccounts * kAssets);
}

/// The first 2,400 places of the books against as many balances, each looked for from the beginning.
void reconciliation_naive_scan(benchmark::State& state) {
  const Facts& all = facts();
  constexpr std::size_t kPlaces = 2'400;
  for (auto unused : state) {
    static_cast<void>(unused);
    int breaks = 0;
    for (std::size_t i = 0; i < kPlaces; ++i) {
      const BookPosition& position = all.input.books[i];
      for (std::size_t b = 0; b < 2 * kPlaces; ++b) {
        const Balance& balance = all.input.balances[b];
        if (balance.asset.value() == position.asset && balance.place.account == position.place &&
            *balance.total != position.total)
          ++breaks;
      }
    }
    benchmark::DoNotOptimize(breaks);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kPlaces));
}

BENCHMARK(reconciliation)->Unit(benchmark::kMillisecond);
BENCHMARK(reconciliation_floor_lookup)->Unit(benchmark::kMillisecond);
BENCHMARK(reconciliation_naive_scan)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace navkeeper::custody
