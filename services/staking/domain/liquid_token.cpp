#include "services/staking/domain/liquid_token.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::staking {

using money::Decimal;
using money::Rounding;

namespace {

constexpr int kRateDecimals = 18;
constexpr int kBasisPointDecimals = 2;
const Decimal kBasisPoints = Decimal::of(10'000);

}  // namespace

std::string_view describe(TokenKind kind) {
  return kind == TokenKind::kRebasing ? "rebasing" : "value_accruing";
}

std::optional<TokenKind> parse_token_kind(std::string_view word) {
  for (const TokenKind kind : {TokenKind::kRebasing, TokenKind::kValueAccruing}) {
    if (describe(kind) == word) return kind;
  }
  return std::nullopt;
}

base::Checked<std::optional<Decimal>> redemption_rate(const Backing& backing, const Decimal& supply) {
  const std::pair<const char*, const Decimal*> parts[] = {{"deposited", &backing.deposited},
                                                          {"undelegated", &backing.undelegated},
                                                          {"tokenized", &backing.tokenized},
                                                          {"delegated", &backing.delegated},
                                                          {"supply", &supply}};
  for (const auto& [name, part] : parts) {
    if (part->is_negative()) return base::Refusal{name, "is negative"};
  }
  if (supply.is_zero()) return std::optional<Decimal>();
  return std::optional(
      money::divide(backing.deposited + backing.undelegated + backing.tokenized + backing.delegated, supply,
                    kRateDecimals, Rounding::kDown));
}

base::Checked<void> check_rate(const Decimal& rate, const RateBounds& bounds) {
  if (rate < bounds.least || rate > bounds.most)
    return base::Refusal{"rate", rate.to_string() + " is outside " + bounds.least.to_string() + " to " +
                                     bounds.most.to_string()};
  return {};
}

TokenYield token_yield(TokenKind kind, const TokenState& opening, const TokenState& closing,
                       const TokenChange& change) {
  TokenYield yield;
  const Decimal rise =
      closing.units * closing.rate - opening.units * opening.rate - change.bought_coins + change.sold_coins;
  const Decimal new_units = closing.units - opening.units - change.bought + change.sold;
  if (kind == TokenKind::kRebasing) {
    // One token is one coin; what its rate still says besides is not income of units.
    yield.income_coins = new_units * closing.rate;
    yield.unrealised_coins = rise - yield.income_coins;
    return yield;
  }
  yield.unexplained_units = new_units;
  yield.unrealised_coins = rise - new_units * closing.rate;
  return yield;
}

base::Checked<Decimal> peg_deviation_bp(const Decimal& market_rate, const Decimal& rate) {
  if (!market_rate.is_positive()) return base::Refusal{"market_rate", "is not positive"};
  if (!rate.is_positive()) return base::Refusal{"rate", "is not positive"};
  return money::mul_div(market_rate - rate, kBasisPoints, rate, kBasisPointDecimals, Rounding::kHalfEven);
}

namespace {

constexpr std::string_view kRateWord = ", rate ";
constexpr std::string_view kWorthWord = ", worth ";
constexpr std::string_view kNoRateWord = ", no rate into ";

/// From `begin` to the next `end`, or all that is left.
std::string word_from(const std::string& text, std::size_t begin, std::string_view end) {
  return text.substr(begin, text.find(end, begin) - begin);
}

}  // namespace

std::string worth_text(const std::string& coin, const std::optional<Decimal>& rate, const Decimal& worth) {
  if (!rate) return std::string(kNoRateWord) + coin + " is known";
  return std::string(kRateWord) + rate->to_string() + " " + coin + std::string(kWorthWord) +
         worth.to_string();
}

std::optional<TokenWorth> worth_in(const std::string& detail) {
  if (const std::size_t at = detail.find(kNoRateWord); at != std::string::npos)
    return TokenWorth{word_from(detail, at + kNoRateWord.size(), " "), std::nullopt};
  const std::size_t rate = detail.find(kRateWord);
  const std::size_t worth = detail.find(kWorthWord);
  if (rate == std::string::npos || worth == std::string::npos || worth < rate) return std::nullopt;
  const std::string said = word_from(detail, rate + kRateWord.size(), ",");
  const std::size_t space = said.find(' ');
  const auto coins = Decimal::parse(word_from(detail, worth + kWorthWord.size(), ","));
  if (space == std::string::npos || coins.has_error()) return std::nullopt;
  return TokenWorth{said.substr(space + 1), *coins};
}

std::string_view describe(RedemptionStage stage) {
  switch (stage) {
    case RedemptionStage::kRequested:
      return "requested";
    case RedemptionStage::kClaimable:
      return "claimable";
    case RedemptionStage::kPaid:
      return "paid";
  }
  ENSURE(false);
}

Decimal redemption_worth(const Redemption& redemption, const Decimal& rate_now, int decimals) {
  if (redemption.stage == RedemptionStage::kPaid) return {};
  Decimal rate = redemption.fixed_rate.value_or(rate_now);
  if (redemption.slashable && redemption.stage == RedemptionStage::kRequested)
    rate = std::min(rate, rate_now);
  return money::multiply(redemption.units, rate, decimals, Rounding::kDown);
}

std::string terms_of(const Redemption& redemption) {
  std::string terms = redemption.fixed_rate ? "rate fixed at " + redemption.fixed_rate->to_string()
                                            : std::string("rate not fixed");
  terms += redemption.slashable ? "; may be slashed" : "; may not be slashed";
  terms += redemption.due_at ? "; due " + redemption.due_at->to_string() : std::string("; no due date");
  return terms;
}

}  // namespace navkeeper::staking
