#include "services/pricing/app/decide_by_hand.h"

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/quoted.h"
#include "common/base/refuse.h"

namespace navkeeper::pricing {
namespace {

/// A person's figure needs no more decimals than any market quotes.
constexpr int kDecimalsMaxByHand = 18;
constexpr std::size_t kTextBytesMax = 2'000;
constexpr std::size_t kInputsMax = 100;

/// C1 controls (U+0080 to U+009F), and what breaks or turns round the line that it stands in: U+2028 to
/// U+202E, U+2066 to U+2069. Bytes of UTF-8 order as the characters do.
bool is_control(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]) < 0x20 || character[0] == 0x7f;
  const auto between = [&](std::string_view first, std::string_view last) {
    return character.size() == first.size() && first <= character && character <= last;
  };
  return between("\xC2\x80", "\xC2\x9F") || between("\xE2\x80\xA8", "\xE2\x80\xAE") ||
         between("\xE2\x81\xA6", "\xE2\x81\xA9");
}

/// What a person writes beside a price is shown for ever: UTF-8, not empty, not endless, no control
/// characters.
void check_text(const std::string& where, const std::string& text) {
  if (text.empty()) base::refuse(where, "is empty");
  if (text.size() > kTextBytesMax)
    base::refuse(where, "has more than " + std::to_string(kTextBytesMax) + " bytes");
  if (base::utf8_valid_length(text) != text.size()) base::refuse(where, "is not UTF-8");
  for (std::string_view left = text; !left.empty();) {
    const std::size_t length = base::utf8_character_length(left);
    if (is_control(left.substr(0, length))) base::refuse(where, "holds a control character");
    left.remove_prefix(length);
  }
}

// A step follows the one before it also where a clock was ahead when that was taken: it is dated like that
// one then, so that no such clock keeps people from deciding.

StoredPolicy policy_of(const PricePorts& ports, const model::AssetId& asset, time::Date date) {
  auto policy = ports.prices.policy_on(asset, date);
  if (!policy) base::refuse(asset.value(), "has no valuation policy on " + date.to_string());
  return *std::move(policy);
}

StoredPrice waiting_price(const PricePorts& ports, const PriceKey& key) {
  auto price = ports.prices.price(key);
  if (!price) base::refuse(key.to_string(), "has not been priced");
  if (!price->determination) base::refuse(key.to_string(), "waits for no determination: the price stands");
  return *std::move(price);
}

void check_price(const std::string& where, const money::Decimal& price) {
  if (!price.is_positive()) base::refuse(where, "is not positive");
  if (price.scale() > kDecimalsMaxByHand)
    base::refuse(where, "has more than " + std::to_string(kDecimalsMaxByHand) + " decimals");
}

}  // namespace

StoredManualPrice propose_manual_price(const PricePorts& ports, const ManualProposal& proposal,
                                       const model::Actor& actor) {
  model::require_role(actor, model::Role::kMaker, "propose a price");
  check_price("price", proposal.value);
  check_text("source", proposal.source);
  const StoredPolicy policy = policy_of(ports, proposal.asset, proposal.date);
  const time::Instant valuation = base::value_or_refuse(valuation_of(ports, policy.policy, proposal.date));
  const time::Instant now = ports.clock.now();
  if (now < valuation)
    base::refuse(proposal.date.to_string(), "is valued at " + valuation.to_string() + ", which has not come");
  ManualPrice price{proposal.value, proposal.source, actor.id, now, std::nullopt, std::nullopt};
  const std::int32_t number = ports.prices.propose_manual(proposal.asset, proposal.date, price);
  return {number, std::move(price)};
}

bool approve_manual_price(const PricePorts& ports, const model::AssetId& asset, time::Date date,
                          std::int32_t number, const model::Actor& actor) {
  model::require_role(actor, model::Role::kApprover, "approve a price");
  const std::string where = asset.value() + " " + date.to_string();
  const auto newest = ports.prices.newest_manual(asset, date);
  if (!newest) base::refuse(where, "has no manual price");
  if (number < 1 || number > newest->number)
    base::refuse(where, "has no manual price number " + std::to_string(number));
  if (newest->number != number)
    throw base::Conflict(where + ": a newer price was proposed, number " + std::to_string(newest->number));
  if (newest->price.proposed_by == actor.id)
    base::refuse(where, "was proposed by " + actor.id.value() + ", who may not approve it");
  if (newest->price.approved_by) {
    if (*newest->price.approved_by == actor.id) return false;
    throw base::Conflict(where + ": was approved by " + newest->price.approved_by->value() + " already");
  }
  const time::Instant now = std::max(ports.clock.now(), newest->price.proposed_at);
  ports.prices.approve_manual(asset, date, *newest, actor.id, now);
  return true;
}

StoredPrice determine_price(const PricePorts& ports, const PriceKey& key, const money::Decimal& price,
                            const std::string& method, const std::vector<DeterminationInput>& inputs,
                            bool for_board, const model::Actor& actor) {
  model::require_role(actor, model::Role::kMaker, "determine fair value");
  check_price("price", price);
  check_text("method", method);
  if (inputs.size() > kInputsMax) base::refuse("inputs", "are more than " + std::to_string(kInputsMax));
  for (const DeterminationInput& input : inputs) {
    check_text("inputs.name", input.name);
    check_text("inputs.value", input.value);
    check_text("inputs.source", input.source);
  }
  const StoredPrice waiting = waiting_price(ports, key);
  const time::Instant now = std::max(ports.clock.now(), waiting.determination->last_step_at());
  auto after = determine(*waiting.determination, {price, method, inputs, actor.id, for_board}, now);
  if (after.has_error()) base::refuse(key.to_string(), std::string(describe(after.error())));
  ports.prices.add_step(waiting, *after, inputs, actor.id, now);
  StoredPrice determined = waiting;
  determined.determination = *std::move(after);
  return determined;
}

bool approve_determination(const PricePorts& ports, const PriceKey& key, int number,
                           const money::Decimal& price, const model::Actor& actor) {
  model::require_role(actor, model::Role::kApprover, "approve fair value");
  const StoredPrice waiting = waiting_price(ports, key);
  const FairValueDetermination& before = *waiting.determination;
  if (before.state == DeterminationState::kApproved) {
    if (before.approved_by == actor.id && before.price == price && before.number == number) return false;
    throw base::Conflict(key.to_string() + ": was approved by " + before.approved_by->value() +
                         " already, at " + before.price->to_string());
  }
  if (before.price && before.number != number)
    throw base::Conflict(key.to_string() + ": determination " + std::to_string(before.number) + " by " +
                         before.determined_by->value() + " stands, not " + std::to_string(number) +
                         ": look at its method and inputs");
  if (before.price && *before.price != price)
    throw base::Conflict(key.to_string() + ": " + before.price->to_string() + " is determined, not " +
                         price.to_string());
  const time::Instant now = std::max(ports.clock.now(), before.last_step_at());
  const auto after = approve(before, actor.id, now);
  if (after.has_error()) base::refuse(key.to_string(), std::string(describe(after.error())));
  ports.prices.add_step(waiting, *after, {}, actor.id, now);
  return true;
}

bool add_exchange_rate(const PricePorts& ports, const model::AssetId& token, const ExchangeRate& rate,
                       const model::Actor& actor) {
  model::require_role(actor, model::Role::kOperator, "store an exchange rate");
  check_price("rate", rate.coins_per_token);
  check_text("source", rate.source);
  const time::Instant now = ports.clock.now();
  if (rate.as_of > now) base::refuse("as_of", "lies in the future");
  const StoredPolicy policy = policy_of(ports, token, time::utc_date(rate.as_of));
  if (!policy.policy.token) base::refuse(token.value(), "is no liquid-staking token");
  return ports.prices.add_exchange_rate(token, {rate, "", now, actor.id.value()});
}

bool approve_exchange_rate(const PricePorts& ports, const model::AssetId& token, const ExchangeRate& rate,
                           const model::Actor& actor) {
  model::require_role(actor, model::Role::kApprover, "approve an exchange rate");
  return ports.prices.approve_exchange_rate(token, rate, actor.id, ports.clock.now());
}

}  // namespace navkeeper::pricing
