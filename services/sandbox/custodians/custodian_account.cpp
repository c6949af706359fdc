#include "services/sandbox/custodians/custodian_account.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "common/base/bytes.h"
#include "common/crypto/bech32.h"
#include "common/crypto/digest.h"
#include "common/money/units.h"
#include "services/sandbox/dice.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kHistoryDays = 40;
constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr std::int64_t kNsADay = 86'400 * kNsASecond;
constexpr std::int64_t kNsAMillisecond = 1'000'000;
constexpr auto kArrival = time::Duration::minutes(25);     // confirmations and checks
constexpr auto kWithdrawal = time::Duration::minutes(12);  // approval, broadcast, confirmations
constexpr auto kStaking = time::Duration::minutes(40);
constexpr auto kConversion = time::Duration::minutes(5);
constexpr std::int64_t kE9 = 1'000'000'000;
constexpr auto kCorrection = time::Duration::seconds(1);
constexpr int kShortPart = 1'000;

struct Shape {
  std::string_view symbol;
  int decimals;
  std::int64_t opening;              ///< whole coins
  std::int64_t staked;               ///< whole coins, at the beginning
  std::int64_t deposit_every_hours;  ///< on average
  std::int64_t deposit_thousandths;  ///< of a coin, on average
  std::int64_t reward_ppm;           ///< of what is staked, a day
};
constexpr std::array kShapes{Shape{"BTC", 8, 410, 0, 31, 2'400, 0},
                             Shape{"ETH", 18, 5'200, 3'200, 37, 61'000, 82},
                             Shape{"CRO", 8, 42'000'000, 9'000'000, 53, 880'000'000, 27}};

const Shape& shape(Coin coin) { return kShapes[static_cast<std::size_t>(coin)]; }

money::Int128 power_of_ten(int exponent) {
  money::Int128 value = 1;
  for (int i = 0; i < exponent; ++i) value *= 10;
  return value;
}

money::Int128 whole(std::int64_t coins, Coin coin) {
  return money::Int128(coins) * power_of_ten(decimals_of(coin));
}

std::string hex_of(const std::string& text) { return crypto::sha256_hex(text); }

std::string chain_id(Coin coin, const std::string& text) {
  const std::string hash = hex_of("transaction " + text);
  return coin == Coin::kEth ? "0x" + hash : hash;
}

time::Instant whole_millisecond(std::int64_t ns) { return time::Instant::from_ns(ns - ns % kNsAMillisecond); }

}  // namespace

std::string_view symbol_of(Coin coin) { return shape(coin).symbol; }
int decimals_of(Coin coin) { return shape(coin).decimals; }

std::optional<Coin> coin_named(std::string_view symbol) {
  for (const Coin coin : kCoins) {
    if (symbol_of(coin) == symbol) return coin;
  }
  return std::nullopt;
}

std::string coins_text(money::Int128 units, Coin coin) {
  return money::Units(units).to_decimal(decimals_of(coin)).to_string();
}

std::optional<money::Int128> units_of(std::string_view text, Coin coin) {
  const auto coins = money::Decimal::parse(text);
  if (coins.has_error()) return std::nullopt;
  return coins->to_units(decimals_of(coin));
}

CustodianAccount::CustodianAccount(std::uint64_t seed, std::string_view name, time::Instant start)
    : seed_(seed), place_(0) {
  const crypto::Digest256 digest = crypto::sha256(std::to_string(seed) + " account " + std::string(name));
  for (std::size_t i = 0; i < 8; ++i) place_ = place_ << 8U | digest[i];
  const std::string hex = base::to_hex(digest);
  uuid_ = hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-8" + hex.substr(17, 3) +
          "-" + hex.substr(20, 12);
  const std::int64_t first_day = start.ns() / kNsADay - kHistoryDays;
  begin_ = time::Instant::from_ns(first_day * kNsADay);
}

std::string CustodianAccount::address(Coin coin) const {
  const auto digest = crypto::sha256(uuid_ + " address " + std::string(symbol_of(coin)));
  const auto account = std::span(digest).first(20);
  if (coin == Coin::kEth) return "0x" + base::to_hex(account);
  base::Bytes words;
  if (coin == Coin::kBtc) words.push_back(0);  // the witness version
  const base::Bytes program = crypto::to_words(account);
  words.insert(words.end(), program.begin(), program.end());
  return *crypto::write_bech32({crypto::Bech32Kind::kBech32, coin == Coin::kBtc ? "bc" : "cro", words});
}

money::Int128 CustodianAccount::opening(Coin coin) const {
  return is_empty_ ? 0 : whole(shape(coin).opening, coin);
}
money::Int128 CustodianAccount::staked_at_start(Coin coin) const {
  return is_empty_ ? 0 : whole(shape(coin).staked, coin);
}

std::vector<Move> CustodianAccount::seeded(time::Instant now) const {
  std::vector<Move> moves;
  if (is_empty_) return moves;
  for (const Coin coin : kCoins) {
    const Shape& of = shape(coin);
    const auto at = static_cast<std::uint64_t>(coin);
    // Deposits: one in each stretch of so many hours, somewhere in it; every seventh thing is a withdrawal.
    const std::int64_t stretch_ns = of.deposit_every_hours * 3'600 * kNsASecond;
    for (std::uint64_t i = 0;; ++i) {
      const std::int64_t stretch_begins = begin_.ns() + static_cast<std::int64_t>(i) * stretch_ns;
      if (stretch_begins > now.ns()) break;
      Dice dice = Dice::at({seed_, place_, at, i});
      Move move;
      move.kind = i % 7 == 6 ? MoveKind::kWithdrawal : MoveKind::kDeposit;
      move.coin = coin;
      move.number = i;
      move.created = whole_millisecond(stretch_begins + dice.between(0, stretch_ns - 1));
      const std::int64_t size = dice.between(of.deposit_thousandths / 8, of.deposit_thousandths * 2);
      move.units = money::Int128(size) * power_of_ten(of.decimals - 3) + dice.between(0, 99'999);
      if (move.kind == MoveKind::kWithdrawal) move.fee = power_of_ten(of.decimals - 4);
      move.done = move.created + (move.kind == MoveKind::kDeposit ? kArrival : kWithdrawal);
      move.address = move.kind == MoveKind::kDeposit ? address(coin)
                                                     : (coin == Coin::kEth ? "0x" : "bc1q") +
                                                           hex_of(uuid_ + std::to_string(i)).substr(0, 38);
      move.transaction = chain_id(coin, uuid_ + std::string(of.symbol) + std::to_string(i));
      if (move.kind == MoveKind::kWithdrawal)
        move.client_id = "seeded-" + std::string(of.symbol) + std::to_string(i);
      if (move.created <= now) moves.push_back(std::move(move));
    }
    if (of.reward_ppm == 0) continue;
    // Rewards: one a day, and on every ninth day twice the same at one instant.
    for (std::uint64_t day = 1;; ++day) {
      const std::int64_t ns = begin_.ns() + static_cast<std::int64_t>(day) * kNsADay + 123 * kNsAMillisecond;
      if (ns > now.ns()) break;
      Move move;
      move.kind = MoveKind::kReward;
      move.coin = coin;
      move.staked = staked_at_start(coin);
      move.units = move.staked / 1'000'000 *
                   Dice::at({seed_, place_, at, 1'000'000 + day})
                       .between(of.reward_ppm * 9 / 10, of.reward_ppm * 11 / 10);
      move.created = move.done = time::Instant::from_ns(ns);
      const int times = day % 9 == 0 ? 2 : 1;
      for (int i = 0; i < times; ++i) {
        move.number = day * 4 + static_cast<std::uint64_t>(i);
        moves.push_back(move);
      }
    }
  }
  return moves;
}

std::vector<Move> CustodianAccount::moves(const AccountView& view) const {
  std::vector<Move> moves = seeded(view.now);
  {
    const std::lock_guard lock(mutex_);
    for (const Move& move : asked_) {
      if (move.created <= view.now) moves.push_back(move);
    }
  }
  for (Move& move : moves) {
    move.updated = move.is_done(view.now) ? move.done : move.created;
    if (!move.is_done(view.now)) move.transaction.clear();
    const bool corrected = view.restated_at && *view.restated_at <= view.now &&
                           move.kind == MoveKind::kDeposit && move.number % 5 == 0 &&
                           move.done < *view.restated_at;
    if (!corrected) continue;
    move.units -= move.units / 100;
    move.updated = whole_millisecond(view.restated_at->ns()) + kCorrection;
  }
  std::sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) {
    return std::tie(a.created, a.kind, a.coin, a.number) < std::tie(b.created, b.kind, b.coin, b.number);
  });
  return moves;
}

Holding CustodianAccount::holding(Coin coin, const AccountView& view) const {
  Holding holding;
  holding.total = opening(coin);
  holding.staked = staked_at_start(coin);
  for (const Move& move : moves(view)) {
    if (move.coin != coin) continue;
    const bool done = move.is_done(view.now);
    switch (move.kind) {
      case MoveKind::kDeposit:
        if (done) holding.total += move.units;
        break;
      case MoveKind::kWithdrawal:
        (done ? holding.total : holding.reserved) += done ? -(move.units + move.fee) : move.units + move.fee;
        break;
      case MoveKind::kReward:
        holding.total += move.units;
        holding.rewarded += move.units;
        break;
      case MoveKind::kStake:
        holding.total -= move.units;
        (done ? holding.staked : holding.activating) += move.units;
        break;
      case MoveKind::kUnstake:
        holding.staked -= move.units;
        (done ? holding.total : holding.unbonding) += move.units;
        break;
      case MoveKind::kConvert:
        holding.staked -= move.units;
        if (done) holding.liquid += move.converted;
        break;
      case MoveKind::kConvertBack:
        holding.liquid -= move.units;
        if (done) holding.staked += move.converted;
        break;
    }
  }
  if (view.is_short) holding.total -= holding.total / kShortPart;
  return holding;
}

CustodianAccount::Refusal CustodianAccount::ask(MoveKind kind, Coin coin, money::Int128 units,
                                                const std::string& address, const std::string& client_id,
                                                time::Instant now, Move& move) {
  {
    const std::lock_guard lock(mutex_);
    for (const Move& known : asked_) {
      if (client_id.empty() || known.client_id != client_id) continue;
      move = known;
      return Refusal::kRepeated;
    }
  }
  const Holding holding = this->holding(coin, {now, {}});
  const money::Int128 fee = kind == MoveKind::kWithdrawal ? power_of_ten(decimals_of(coin) - 4) : 0;
  const money::Int128 free = kind == MoveKind::kUnstake ? holding.staked : holding.total - holding.reserved;
  if (units <= 0 || units + fee > free) return Refusal::kInsufficient;
  const std::lock_guard lock(mutex_);
  move.kind = kind;
  move.coin = coin;
  move.units = units;
  move.fee = fee;
  move.number = 900'000 + asked_.size();
  move.created = whole_millisecond(now.ns());
  move.done = move.created + (kind == MoveKind::kWithdrawal ? kWithdrawal : kStaking);
  move.address = address;
  move.client_id = client_id;
  move.transaction = chain_id(coin, uuid_ + "asked" + std::to_string(move.number));
  asked_.push_back(move);
  return Refusal::kNothing;
}

CustodianAccount::Refusal CustodianAccount::convert(bool is_back, money::Int128 units, std::int64_t rate_e9,
                                                    time::Instant now, Move& move) {
  const Holding holding = this->holding(Coin::kEth, {now, {}});
  if (units <= 0 || units > (is_back ? holding.liquid : holding.staked)) return Refusal::kInsufficient;
  const std::lock_guard lock(mutex_);
  move.kind = is_back ? MoveKind::kConvertBack : MoveKind::kConvert;
  move.coin = Coin::kEth;
  move.units = units;
  move.rate_e9 = rate_e9;
  move.converted = is_back ? units * rate_e9 / kE9 : units * kE9 / rate_e9;
  move.number = 900'000 + asked_.size();
  move.created = whole_millisecond(now.ns());
  move.done = move.created + kConversion;
  asked_.push_back(move);
  return Refusal::kNothing;
}

void CustodianAccount::paid_out(Move& move, const std::string& transaction) {
  move.transaction = transaction;
  const std::lock_guard lock(mutex_);
  for (Move& known : asked_) {
    if (known.kind == move.kind && known.number == move.number) known.transaction = transaction;
  }
}

void CustodianAccount::complete(time::Instant now) {
  const std::lock_guard lock(mutex_);
  for (Move& move : asked_) move.done = std::min(move.done, whole_millisecond(now.ns()));
}

void CustodianAccount::earn(Coin coin, money::Int128 units, money::Int128 staked, time::Instant now) {
  const std::lock_guard lock(mutex_);
  Move move;
  move.kind = MoveKind::kReward;
  move.coin = coin;
  move.number = 900'000 + asked_.size();
  move.units = units;
  move.staked = staked;
  move.created = move.done = whole_millisecond(now.ns());
  asked_.push_back(std::move(move));
}

void CustodianAccount::arrive(Coin coin, money::Int128 units, const std::string& transaction,
                              time::Instant now) {
  const std::lock_guard lock(mutex_);
  Move move;
  move.kind = MoveKind::kDeposit;
  move.coin = coin;
  move.units = units;
  move.number = 900'001 + asked_.size();
  move.created = whole_millisecond(now.ns());
  move.done = move.created + kArrival;
  move.address = address(coin);
  move.transaction = transaction;
  asked_.push_back(std::move(move));
}

}  // namespace navkeeper::sandbox
