// What staking costs, each beside a floor (the least that any program must do) and a naive version, in one
// run; services/staking/COST.md says what each prints.
//   year_of_ether       10,000 validators, 365 days, the books of each day kept from two states
//   day_of_a_million    one day of a million validators
//   delegation_days     100,000 delegation-days of F1 distribution
//   validators_answer   a beacon node's list of 10,000 validators read
//   square_roots        the root under every base reward
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <fstream>

#include "common/base/ensure.h"
#include "common/json/value.h"
#include "services/staking/adapters/ether/beacon_wire.h"
#include "services/staking/domain/ether/rewards.h"
#include "services/staking/domain/reward_distribution.h"
#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using namespace ether;

constexpr std::size_t kFleet = 10'000;
constexpr std::size_t kMillion = 1'000'000;
constexpr int kDaysOfAYear = 365;
constexpr Epoch kEpoch = 450'000;
const std::string kSource = "ether";
const model::AssetId kAsset = model::AssetId::literal("ETH");

/// The peak of resident memory from here on.
class PeakMemory {
 public:
  PeakMemory() {
    malloc_trim(0);
    before_kb_ = status_kb("VmRSS");
    std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM starts anew
  }
  double megabytes() const { return (status_kb("VmHWM") - before_kb_) / 1024; }

 private:
  static double status_kb(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
      if (line.rfind(key + ":", 0) == 0) return std::stod(line.substr(key.size() + 1));
    return 0;
  }
  double before_kb_ = 0;
};

std::string hex_of(std::uint64_t number, std::size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x" + std::string(digits, '0');
  for (std::size_t at = text.size() - 1; number > 0; number /= 16) text[at--] = kDigits[number % 16];
  return text;
}

/// One day of a fleet: everybody attests, one in nine is swept, one in a hundred proposes, a few switch, are
/// topped up, leave.
struct Day {
  EtherReading from;
  EtherReading to;
  EtherFlows flows;

  explicit Day(std::size_t validators) {
    from.mark = {kEpoch * kSlotsPerEpoch, hex_of(1, 64), time::Instant::literal("2026-03-05T00:00:23Z")};
    to.mark = {from.mark.height + kEpochsPerDay * kSlotsPerEpoch, hex_of(2, 64),
               from.mark.at + time::Duration::hours(24)};
    from.validators.reserve(validators);
    for (std::size_t i = 0; i < validators; ++i) {
      OwnValidator one;
      one.validator.index = 500'000 + i;
      one.validator.credentials = i % 2 == 0 ? Credentials::kExecution : Credentials::kCompounding;
      one.validator.balance = kMinActivation + 1'000 * i % kIncrement;
      one.validator.effective = kMinActivation;
      one.validator.eligibility_epoch = 300'000;
      one.validator.activation_epoch = 300'010;
      one.pubkey = hex_of(i, 96);
      one.pays_to = hex_of(7, 40);
      from.validators.push_back(std::move(one));
    }
    to.validators = from.validators;
    for (std::size_t i = 0; i < validators; ++i) add(i);
  }

  void add(std::size_t i) {
    Validator& now = to.validators[i].validator;
    SeenAttestation seen;
    seen.validator = now.index;
    seen.head = 2'417 * 225;
    seen.target = 4'502 * 225 - static_cast<std::int64_t>(i % 50) * 9'013;
    seen.source = 2'423 * 225;
    flows.attestations.push_back(seen);
    now.balance += static_cast<Gwei>(seen.head + seen.target + seen.source);
    if (i % 9 == 0 && now.credentials == Credentials::kExecution) {
      const Gwei above = now.balance - kMinActivation;
      flows.withdrawals.push_back({from.mark.height + 5 + i % 7'000, 90'000'000 + i, now.index, above});
      now.balance -= above;
    }
    if (i % 100 == 1) {
      flows.proposals.push_back({from.mark.height + 9 + i % 7'000, now.index, 40'000'000, 1'640'000, 0});
      now.balance += 41'640'000;
    }
    if (i % 200 == 3) {
      flows.deposits.push_back({from.mark.height + 3 + i % 7'000, i, to.validators[i].pubkey, kIncrement});
      to.deposits.push_back({to.validators[i].pubkey, kIncrement, from.mark.height + 3, true, {}});
    }
  }
};

void counted(benchmark::State& state, std::size_t validators, int days) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(validators) * days);
}

void must_tie(const EtherBooks& books) {
  for (const RollForward& one : books.roll_forwards) ENSURE(one.is_tied());
}

void year_of_ether(benchmark::State& state) {
  const Day day(kFleet);
  const PeakMemory memory;
  for (auto unused : state) {
    static_cast<void>(unused);
    for (int i = 0; i < kDaysOfAYear; ++i) must_tie(keep_books(kSource, kAsset, day.from, day.to, day.flows));
  }
  counted(state, kFleet, kDaysOfAYear);
  state.counters["peak_MB"] = memory.megabytes();
}

/// The identity alone, in whole Gwei, by validator: no events, no decimals, nothing kept.
void year_of_ether_floor_identity(benchmark::State& state) {
  const Day day(kFleet);
  const std::uint64_t first = day.from.validators.front().validator.index;
  for (auto unused : state) {
    static_cast<void>(unused);
    for (int i = 0; i < kDaysOfAYear; ++i) {
      std::vector<std::int64_t> left(kFleet);
      for (std::size_t v = 0; v < kFleet; ++v)
        left[v] = static_cast<std::int64_t>(day.to.validators[v].validator.balance) -
                  static_cast<std::int64_t>(day.from.validators[v].validator.balance);
      for (const SeenWithdrawal& one : day.flows.withdrawals)
        left[one.validator - first] += static_cast<std::int64_t>(one.amount);
      for (const SeenAttestation& one : day.flows.attestations)
        left[one.validator - first] -= one.head + one.target + one.source + one.inactivity;
      for (const SeenProposal& one : day.flows.proposals)
        left[one.validator - first] -=
            static_cast<std::int64_t>(one.attestations + one.sync_aggregate + one.slashings);
      ENSURE(std::all_of(left.begin(), left.end(), [](std::int64_t gwei) { return gwei == 0; }));
      benchmark::DoNotOptimize(left);
    }
  }
  counted(state, kFleet, kDaysOfAYear);
}

/// Each account looks through all events of the day for its own. One day of a tenth of the fleet.
void year_of_ether_naive_scan(benchmark::State& state) {
  constexpr std::size_t kSome = kFleet / 10;
  const Day day(kSome);
  const EtherBooks books = keep_books(kSource, kAsset, day.from, day.to, day.flows);
  for (auto unused : state) {
    static_cast<void>(unused);
    for (const RollForward& one : books.roll_forwards)
      ENSURE(roll_forward(one.key, one.account, one.from, one.opening, one.to, one.closing, books.events)
                 .is_tied());
  }
  counted(state, kSome, 1);
}

void day_of_a_million(benchmark::State& state) {
  const Day day(kMillion);
  double peak = 0;
  for (auto unused : state) {
    static_cast<void>(unused);
    const PeakMemory memory;
    must_tie(keep_books(kSource, kAsset, day.from, day.to, day.flows));
    peak = memory.megabytes();
  }
  counted(state, kMillion, 1);
  state.counters["peak_MB"] = peak;
}

void day_of_a_million_positions(benchmark::State& state) {
  const Day day(kMillion);
  for (auto unused : state) {
    static_cast<void>(unused);
    benchmark::DoNotOptimize(
        positions_of(kSource, kAsset, day.to, [](Epoch) { return std::optional<time::Instant>(); }));
  }
  counted(state, kMillion, 1);
}

constexpr int kDelegators = 1'000;
constexpr int kDays = 100;

std::string delegator(int number) { return "cro1delegator" + std::to_string(number); }

/// A hundred days of a thousand delegations: each day an allocation, what every delegation could claim, and a
/// claim of one in thirty.
void delegation_days(benchmark::State& state) {
  for (auto unused : state) {
    static_cast<void>(unused);
    RewardDistribution validator(Decimal::literal("0.05"));
    for (int i = 0; i < kDelegators; ++i)
      ENSURE(!validator.delegate(delegator(i), Decimal::of(100'000'000'007 + 12'345 * i)).has_error());
    Decimal due;
    for (int day = 0; day < kDays; ++day) {
      ENSURE(!validator.allocate(Decimal::literal("887068789.713")).has_error());
      for (int i = 0; i < kDelegators; ++i) {
        due += *validator.unclaimed_of(delegator(i));
        if ((i + day) % 30 == 0) ENSURE(!validator.withdraw(delegator(i)).has_error());
      }
    }
    ENSURE(due.is_positive());
  }
  counted(state, kDelegators, kDays);
}

/// Stake times the rise of the ratio, cut to 18 decimals: one product a delegation-day.
void delegation_days_floor_product(benchmark::State& state) {
  const Decimal ratio = Decimal::literal("0.008442331997123456");
  for (auto unused : state) {
    static_cast<void>(unused);
    for (int day = 0; day < kDays; ++day) {
      for (int i = 0; i < kDelegators; ++i)
        benchmark::DoNotOptimize(sdk::mul_truncate(Decimal::of(100'000'000'007 + 12'345 * i), ratio));
    }
  }
  counted(state, kDelegators, kDays);
}

/// Without ratio sums: every allocation since the last claim is shared out again, whenever one asks.
void delegation_days_naive_by_allocation(benchmark::State& state) {
  constexpr int kSome = kDelegators / 20;
  for (auto unused : state) {
    static_cast<void>(unused);
    const Decimal tokens = Decimal::of(100'000'000'007 * kSome);
    Decimal due;
    for (int day = 0; day < kDays; ++day) {
      for (int i = 0; i < kSome; ++i) {
        for (int since = day - (i + day) % 30; since <= day; ++since)
          due += sdk::mul_quo_truncate(Decimal::of(100'000'000'007 + 12'345 * i),
                                       Decimal::literal("842715350.22735"), tokens);
      }
    }
    benchmark::DoNotOptimize(due);
  }
  counted(state, kSome, kDays);
}

struct ValidatorsText {
  std::string body = R"({"version":"fulu","execution_optimistic":false,"finalized":true,"data":[)";
  std::set<std::string> ids;
  ValidatorsText() {
    for (std::size_t i = 0; i < kFleet; ++i) {
      const std::string index = std::to_string(500'000 + i);
      ids.insert(index);
      body +=
          std::string(i == 0 ? "" : ",") + R"({"index":")" + index +
          R"(","balance":"32010000123","status":"active_ongoing","validator":{"pubkey":")" + hex_of(i, 96) +
          R"(","withdrawal_credentials":"0x010000000000000000000000)" + std::string(40, 'a') +
          R"(","effective_balance":"32000000000","slashed":false,"activation_eligibility_epoch":"300000",)"
          R"("activation_epoch":"300010","exit_epoch":"18446744073709551615",)"
          R"("withdrawable_epoch":"18446744073709551615"}})";
    }
    body += "]}";
  }
};

template <class Read>
void read_answer(benchmark::State& state, Read&& read) {
  static const ValidatorsText text;
  for (auto unused : state) {
    static_cast<void>(unused);
    read(text);
  }
  counted(state, kFleet, 1);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.body.size()));
}
void validators_answer(benchmark::State& state) {
  read_answer(state, [](const ValidatorsText& text) {
    ENSURE(parse_validators("node", text.body, text.ids, kEpoch).validators.size() == kFleet);
  });
}
/// JSON alone, nothing looked at.
void validators_answer_floor_json(benchmark::State& state) {
  read_answer(state, [](const ValidatorsText& text) {
    ENSURE(json::parse(text.body, {.bytes_max = std::size_t{64} << 20}).has_value());
  });
}

constexpr std::uint64_t kTotals = 10'000;
template <class Root>
void roots(benchmark::State& state, Root&& root) {
  for (auto unused : state) {
    static_cast<void>(unused);
    for (std::uint64_t i = 0; i < kTotals; ++i)
      benchmark::DoNotOptimize(root(34'000'000'000'000'000 + i * 1'000'000'007));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kTotals));
}
void square_roots(benchmark::State& state) { roots(state, integer_sqrt); }
/// Newton from n, as the specification writes it.
void square_roots_naive_newton(benchmark::State& state) {
  roots(state, [](std::uint64_t n) {
    std::uint64_t x = n;
    for (std::uint64_t y = (n + 1) / 2; y < x; y = (x + n / x) / 2) x = y;
    return x;
  });
}
/// One 64-bit division, of which each of Newton's steps has one.
void square_roots_floor_division(benchmark::State& state) {
  roots(state, [](std::uint64_t n) { return n / (n >> 28); });
}

BENCHMARK(year_of_ether)->Unit(benchmark::kMillisecond);
BENCHMARK(year_of_ether_floor_identity)->Unit(benchmark::kMillisecond);
BENCHMARK(year_of_ether_naive_scan)->Unit(benchmark::kMillisecond);
BENCHMARK(day_of_a_million)->Unit(benchmark::kMillisecond);
BENCHMARK(day_of_a_million_positions)->Unit(benchmark::kMillisecond);
BENCHMARK(delegation_days)->Unit(benchmark::kMillisecond);
BENCHMARK(delegation_days_floor_product)->Unit(benchmark::kMillisecond);
BENCHMARK(delegation_days_naive_by_allocation)->Unit(benchmark::kMillisecond);
BENCHMARK(validators_answer)->Unit(benchmark::kMillisecond);
BENCHMARK(validators_answer_floor_json)->Unit(benchmark::kMillisecond);
BENCHMARK(square_roots);
BENCHMARK(square_roots_naive_newton);
BENCHMARK(square_roots_floor_division);

}  // namespace
}  // namespace navkeeper::staking
