#pragma once
// What one source says one account holds of one asset at one instant: the one model of custodians, exchanges
// and chains alike.
//
// Amounts are whole coins, exact, at most `scale` decimals. A state that the source does not speak of is
// nothing, never zero. Nothing here adds states up except owned(), which knows what each source counts twice.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/crypto/digest.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/custody/domain/certainty.h"

namespace navkeeper::custody {

/// Where a balance lies: a source ("cryptocom", "prime", "bitcoin") and its own word for the account (account
/// id, wallet id, address).
struct Place {
  std::string source;
  std::string account;
  auto operator<=>(const Place&) const = default;
};

struct UnbondingEntry {
  money::Decimal amount;
  std::optional<time::Instant> completes_at;  ///< when the coins are free; nothing: the source does not say
  bool operator==(const UnbondingEntry&) const = default;
};

/// The block at which a chain was asked.
struct BlockMark {
  std::uint64_t height = 0;
  std::string hash;  ///< as the chain spells it; may be empty where only a height is given
  bool operator==(const BlockMark&) const = default;
};

/// Whether a source counts an amount inside another one. Custodians do not always say.
enum class Counted {
  kInside,    ///< part of it already
  kApart,     ///< beside it: to be added
  kNotStated  ///< the source does not say, and nobody configured it: sums that need it are unsure
};
std::string_view describe(Counted counted);
std::optional<Counted> parse_counted(std::string_view word);  ///< inside, apart, not_stated

struct Balance {
  Place place;
  model::AssetId asset = model::AssetId::literal("UNSET");
  int scale = 0;  ///< decimals that the asset has at this place: BTC 8, CRO on Cronos POS 8, on its EVM 18

  std::optional<money::Decimal> total;       ///< all that the source counts as the account's
  std::optional<money::Decimal> held;        ///< of total: in open orders or withdrawals under way
  std::optional<money::Decimal> available;   ///< of total: may be withdrawn now
  std::optional<money::Decimal> staked;      ///< earning
  std::optional<money::Decimal> activating;  ///< on the way to being staked
  std::optional<money::Decimal> unbonding;   ///< on the way back from being staked
  std::vector<UnbondingEntry> unbonding_entries =
      {};                                         ///< where the source lists them; their sum is unbonding
  std::optional<money::Decimal> reserved;         ///< of total: must stay by the protocol's rule
  std::optional<money::Decimal> rewards_pending;  ///< earned and not yet the account's: unrealised
  std::optional<money::Decimal> claimable;        ///< may be claimed now
  std::optional<money::Decimal> realised;         ///< rewards paid out so far: a history, never part of a sum

  Counted staked_in_total = Counted::kNotStated;   ///< staked, activating, unbonding within total
  Counted activating_in_staked = Counted::kApart;  ///< and unbonding: "staked" may include both

  time::Instant as_of;             ///< what it is about, as far as the source says; else when it answered
  std::optional<BlockMark> block;  ///< of a chain
  crypto::Digest256 raw_sha256{};  ///< of the raw answer that said it; of a chain the evidence over its nodes

  /// Of a chain: how sure its nodes together are, and what is against it. A custodian's word stands alone:
  /// nothing.
  std::optional<Certainty> certainty = std::nullopt;
  std::vector<std::string> doubts = {};

  bool operator==(const Balance&) const = default;
};

/// Everything that is the account's, each coin once: total, and what is staked, activating and unbonding
/// where that is counted apart. Pending and claimable rewards are not in it. Nothing when the source does not
/// say enough to be sure: a custodian that tells a stake and no total says nothing of what lies beside it.
std::optional<money::Decimal> owned(const Balance& balance);

/// Whether the source told any amount. A balance without one says that its source told the coin before and
/// leaves it out now: nobody knows what lies there.
bool is_told(const Balance& balance);

/// Whether the amounts may be taken for what lies there: not where a chain's nodes contradict each other, lag
/// or left a doubt. It says nothing about how the amounts add up, which owned() does.
bool is_sure(const Balance& balance);

/// The first rule that the balance breaks, in this order; nothing when it keeps them all. No amount negative;
/// none with more decimals than `scale`; scale and amounts within what the asset can have (asset_rule: an
/// amount in another unit is refused, not believed); held, available and reserved not above total; listed
/// unbonding sums to unbonding. `where` of the refusal is the state: "staked".
std::optional<base::Refusal> broken_balance_rule(const Balance& balance);

/// A total that moved by an exact power of ten of at least `kScaleJumpMin`, be it from what it was or from
/// what it should have become, is another unit rather than another amount, unless `moved`, the sum of what is
/// known to have come in less what went out since, explains it. Amounts are whole coins.
bool is_scale_jump(const money::Decimal& before, const money::Decimal& after,
                   const std::optional<money::Decimal>& moved);
constexpr int kScaleJumpMin = 100;

/// An amount of a coin as custodians write it: a decimal, not negative, no more decimals and no more coins
/// than the asset can have.
base::Checked<money::Decimal> parse_amount(std::string_view text, std::string_view asset);

}  // namespace navkeeper::custody
