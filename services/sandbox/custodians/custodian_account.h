#pragma once
// One client's account with a simulated custodian: what came in, what went out, what was staked and earned.
// Like the rest of the world a function of seed and time, plus what was asked of it while it ran. Nothing in
// it is anybody's account.
#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::sandbox {

enum class Coin : std::uint8_t { kBtc, kEth, kCro };
inline constexpr std::array kCoins{Coin::kBtc, Coin::kEth, Coin::kCro};
std::string_view symbol_of(Coin coin);
int decimals_of(Coin coin);  ///< 8, 18, 8
std::optional<Coin> coin_named(std::string_view symbol);

enum class MoveKind : std::uint8_t {
  kDeposit,
  kWithdrawal,
  kReward,
  kStake,
  kUnstake,
  kConvert,      ///< staked coins into the token that stands for them
  kConvertBack,  ///< that token into staked coins
};

struct Move {
  MoveKind kind{};
  std::uint64_t number = 0;  ///< the custodian's id is made of it; without holes in a kind
  Coin coin{};
  money::Int128 units = 0;  ///< of the coin's smallest
  money::Int128 fee = 0;
  time::Instant created;
  time::Instant done;     ///< when it ends well
  time::Instant updated;  ///< when it last changed, for who looks now
  std::string address;
  std::string transaction;  ///< on the chain; of what is done
  std::string client_id;
  money::Int128 staked = 0;     ///< of a reward: what earned it
  money::Int128 converted = 0;  ///< of a conversion: what it gives
  std::int64_t rate_e9 = 0;     ///< of a conversion: staked coins for one token

  bool is_done(time::Instant now) const { return done <= now; }
};

struct Holding {
  money::Int128 total = 0;     ///< without what is staked
  money::Int128 reserved = 0;  ///< of total: withdrawals and stakes under way
  money::Int128 staked = 0;
  money::Int128 activating = 0;
  money::Int128 unbonding = 0;
  money::Int128 rewarded = 0;  ///< so far
  money::Int128 liquid = 0;    ///< of the token that stands for staked coins
};

/// What a view of the account shows wrong, on purpose.
struct AccountView {
  time::Instant now;
  /// From here on history is corrected: of every five deposits the first is a hundredth smaller. Nothing:
  /// never.
  std::optional<time::Instant> restated_at = {};
  bool is_short = false;  ///< a thousandth of every total is missing
};

class CustodianAccount {
 public:
  /// `name` tells accounts apart; history begins 40 days before `start`.
  CustodianAccount(std::uint64_t seed, std::string_view name, time::Instant start);

  /// From now on it has no seeded life and no opening: it holds what arrives. Before anything was asked of
  /// it.
  void begin_empty() { is_empty_ = true; }
  /// Then all that it holds came over the chains, and lies at its addresses there.
  bool lies_on_chains() const { return is_empty_; }
  std::string uuid() const { return uuid_; }
  std::string address(Coin coin) const;
  /// What happened until view.now, by instant and number; created is never later than now.
  std::vector<Move> moves(const AccountView& view) const;
  Holding holding(Coin coin, const AccountView& view) const;

  enum class Refusal { kNothing, kInsufficient, kRepeated };
  /// Asks for a withdrawal, a stake or an unstake, now. `move` becomes what was made of it; of a client's id
  /// that was used before the earlier one, with kRepeated.
  Refusal ask(MoveKind kind, Coin coin, money::Int128 units, const std::string& address,
              const std::string& client_id, time::Instant now, Move& move);
  /// Converts staked ETH into its token, or (`is_back`) the other way round; what is given goes at once, what
  /// it gives, rounded down, comes when it is done.
  Refusal convert(bool is_back, money::Int128 units, std::int64_t rate_e9, time::Instant now, Move& move);
  /// By which transaction of a chain a withdrawal that was asked for is paid.
  void paid_out(Move& move, const std::string& transaction);
  /// Everything that was asked for and is under way ends well now.
  void complete(time::Instant now);
  /// What comes from a chain, from now on beside the seeded deposits.
  void arrive(Coin coin, money::Int128 units, const std::string& transaction, time::Instant now);
  /// What `staked` earns, paid in free coins now, beside the seeded rewards.
  void earn(Coin coin, money::Int128 units, money::Int128 staked, time::Instant now);

 private:
  std::vector<Move> seeded(time::Instant now) const;
  money::Int128 opening(Coin coin) const;
  money::Int128 staked_at_start(Coin coin) const;

  std::uint64_t seed_;
  std::uint64_t place_;
  std::string uuid_;
  time::Instant begin_;
  bool is_empty_ = false;
  mutable std::mutex mutex_;
  std::vector<Move> asked_;
};

/// Units as a decimal with as many decimals as they need.
std::string coins_text(money::Int128 units, Coin coin);
/// The other way round; nothing when it is none, or has more decimals than the coin.
std::optional<money::Int128> units_of(std::string_view text, Coin coin);

}  // namespace navkeeper::sandbox
