#pragma once
// Liquid-staking tokens and what custodians give for staked coins: a rate into the coin, a peg, income by the
// token's kind, and redemptions as a state of their own (facts/staking.md 3, 5). Quantities of tokens and
// coins are whole ones; a rate is coins for one token.
#include <optional>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::staking {

enum class TokenKind {
  kRebasing,       ///< one token is one coin; new units are income
  kValueAccruing,  ///< its rate rises: unrealised gain, the economic yield beside it
};
std::string_view describe(TokenKind kind);  ///< "rebasing", "value_accruing"
std::optional<TokenKind> parse_token_kind(std::string_view word);

struct RateBounds {
  money::Decimal least = money::Decimal::literal("0.90");  ///< Stride's own defaults
  money::Decimal most = money::Decimal::literal("1.50");
};

/// What stands behind a token: each part is counted once, coins on their way in or out too.
struct Backing {
  money::Decimal deposited;    ///< received, not delegated yet
  money::Decimal undelegated;  ///< on its way back
  money::Decimal tokenized;    ///< shares tokenized and not redeemed
  money::Decimal delegated;
};
/// The sum of the backing / supply, cut at 18 decimals; nothing when there is no supply: the rate stays what
/// it was. Refused: a negative part.
base::Checked<std::optional<money::Decimal>> redemption_rate(const Backing& backing,
                                                             const money::Decimal& supply);
/// Refused: a rate outside its bounds. A rate is not believed blindly: an oracle can err.
base::Checked<void> check_rate(const money::Decimal& rate, const RateBounds& bounds);

struct TokenState {
  money::Decimal units;
  money::Decimal rate;
};

struct TokenChange {
  money::Decimal bought;        ///< units in: minted, bought, received
  money::Decimal sold;          ///< units out
  money::Decimal bought_coins;  ///< coins that stood behind the units then
  money::Decimal sold_coins;
};

struct TokenYield {
  money::Decimal income_coins;      ///< recognised: new units of a rebasing token; may be negative
  money::Decimal unrealised_coins;  ///< rise of a value-accruing token's rate, in coins; no income
  money::Decimal economic_coins() const { return income_coins + unrealised_coins; }
  money::Decimal unexplained_units;  ///< of a value-accruing token: units that no purchase or sale explains
};
/// income = closing - opening - bought + sold, of units times their rate; exact.
TokenYield token_yield(TokenKind kind, const TokenState& opening, const TokenState& closing,
                       const TokenChange& change);

/// Market price of a token in coins against its rate: -25 means a quarter of a per cent below. Half-even at 2
/// decimals of a basis point. Refused: a rate or price that is not positive.
base::Checked<money::Decimal> peg_deviation_bp(const money::Decimal& market_rate, const money::Decimal& rate);

/// What a position of a token says of its worth: ", rate 1.5 ETH, worth 1500", ", no rate into ETH is known".
std::string worth_text(const std::string& coin, const std::optional<money::Decimal>& rate,
                       const money::Decimal& worth);
struct TokenWorth {
  std::string coin;
  std::optional<money::Decimal> coins;  ///< nothing: no rate was known
};
/// Out of a position's detail; nothing where it does not say.
std::optional<TokenWorth> worth_in(const std::string& detail);

enum class RedemptionStage { kRequested, kClaimable, kPaid };
std::string_view describe(RedemptionStage stage);  ///< "requested", "claimable", "paid"

struct Redemption {
  std::string id;
  money::Decimal units;  ///< tokens handed in
  time::Instant requested_at;
  std::optional<money::Decimal> fixed_rate;  ///< promised at the request; nothing: the rate of the day it is
                                             ///< paid
  bool slashable = true;                     ///< a slash until it is claimable lowers it
  std::optional<time::Instant> due_at;
  RedemptionStage stage = RedemptionStage::kRequested;
  std::optional<money::Decimal> paid_coins;
};
/// What a redemption is worth in coins at `rate_now`, cut at the coin's decimals: a fixed rate holds as it is
/// unless the redemption is slashable and today's rate is lower.
money::Decimal redemption_worth(const Redemption& redemption, const money::Decimal& rate_now, int decimals);
/// "rate fixed at 1.25; may be slashed; due 2026-03-01T00:00:00Z"
std::string terms_of(const Redemption& redemption);

/// Behind the detail of a position whose units its custodian counts in no balance until they are converted.
inline constexpr std::string_view kCountedNowhere = "; counted nowhere until it is done";

}  // namespace navkeeper::staking
