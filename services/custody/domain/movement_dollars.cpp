#include "services/custody/domain/movement_dollars.h"

namespace navkeeper::custody {
namespace {

constexpr int kCents = 2;

}  // namespace

std::optional<OfficialPrice> newest_price(const std::vector<OfficialPrice>& prices, time::Date today) {
  const OfficialPrice* newest = nullptr;
  for (const OfficialPrice& price : prices) {
    if (price.date <= today && (newest == nullptr || price.date > newest->date)) newest = &price;
  }
  return newest == nullptr ? std::nullopt : std::optional(*newest);
}

money::Decimal dollars_of(const money::Decimal& amount, const money::Decimal& price) {
  return money::multiply(amount, price, kCents, money::Rounding::kUp);
}

base::Checked<OfficialPrice> usable_price(const DollarTerms& terms, const CoinPrice& found, time::Date today,
                                          const model::AssetId& asset) {
  const auto refused = [&](const std::string& why) {
    return base::Refusal{"amount",
                         "is limited in dollars too, and " + asset.value() + " cannot be valued: " + why};
  };
  if (found.act != terms.act || found.basis != terms.basis) {
    const std::string wanted = terms.act + " " + terms.basis;
    return refused(found.act.empty() ? "nobody was asked for its official price (" + wanted + ")"
                                     : "its price was asked for as " + found.act + " " + found.basis +
                                           ", the policy in force says " + wanted + ": try it again");
  }
  if (!found.price) return refused(found.trouble.empty() ? "it has no official price" : found.trouble);
  const OfficialPrice& price = *found.price;
  if (!price.dollars.is_positive()) return refused("its official price is not positive");
  if (price.date > today) return refused("its official price is of " + price.date.to_string());
  if (price.date < today - terms.price_age_days)
    return refused("its last official price is of " + price.date.to_string() + ", more than " +
                   std::to_string(terms.price_age_days) + " days ago");
  return price;
}

std::optional<base::Refusal> above_dollars(const DollarLimit& limit, const money::Decimal& dollars,
                                           const money::Decimal& used_by_others) {
  const std::string what(describe(limit.kind));
  const std::string role(model::describe(limit.role));
  if (dollars > limit.per_movement)
    return base::Refusal{"amount", "is worth " + dollars.to_fixed(kCents) +
                                       " dollars, above the limit of one " + what + " for " + role + ", " +
                                       limit.per_movement.to_fixed(kCents)};
  if (used_by_others + dollars > limit.per_day)
    return base::Refusal{"amount", "is worth " + dollars.to_fixed(kCents) + " dollars, and with " +
                                       used_by_others.to_fixed(kCents) +
                                       " of that day by all in the role it is above the limit of a day of " +
                                       what + " for " + role + ", " + limit.per_day.to_fixed(kCents)};
  return std::nullopt;
}

}  // namespace navkeeper::custody
