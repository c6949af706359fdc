#pragma once
// Limits in dollars beside those in coins. Dollars are what coins are worth by the house's official price,
// the last one of recent date; a movement that cannot be valued does not move. Pure.
#include <optional>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/actor.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/custody/domain/movement.h"

namespace navkeeper::custody {

/// What may be proposed or approved in a role, all coins together: of one movement, and of a kind on one UTC
/// day by everybody in the role. Dollars, two decimals at most. A movement counts once on each day on which
/// somebody in the role acts on it, with what it was worth when the first of them did.
struct DollarLimit {
  MovementKind kind{};
  model::Role role{};
  money::Decimal per_movement;
  money::Decimal per_day;
  bool operator==(const DollarLimit&) const = default;
};

struct DollarTerms {
  std::string act;         ///< "ICA_1940", "ETP_1933": of which kind of fund the official price is
  std::string basis;       ///< "fair_value", "index"
  int price_age_days = 0;  ///< so many days before the UTC day of the act the price's day may be, at most
  std::vector<DollarLimit> limits;
  bool operator==(const DollarTerms&) const = default;
};

struct OfficialPrice {
  time::Date date;
  money::Decimal dollars;  ///< for one coin, positive
  std::string sha256;      ///< of what it was made from, hexadecimal
  bool operator==(const OfficialPrice&) const = default;
};

/// What was found of a coin before anything is decided.
struct CoinPrice {
  std::optional<OfficialPrice> price = {};
  std::string act = {};  ///< by which terms it was asked for; empty: nobody was asked
  std::string basis = {};
  std::string trouble = {};     ///< why there is no price
  bool is_unavailable = false;  ///< pricing did not answer, which may be over soon
};

/// Of a list of prices the newest one of `today` or before.
std::optional<OfficialPrice> newest_price(const std::vector<OfficialPrice>& prices, time::Date today);

/// amount times price, rounded up to the cent: no limit is passed by a rounding.
money::Decimal dollars_of(const money::Decimal& amount, const money::Decimal& price);

/// The price to value with on the UTC day `today`. Refused, naming "amount": there is none, it was asked for
/// by other terms, or its day is later, or earlier than the terms allow.
base::Checked<OfficialPrice> usable_price(const DollarTerms& terms, const CoinPrice& found, time::Date today,
                                          const model::AssetId& asset);

/// Refused, naming "amount": above the limit, with what others of that day hold already.
std::optional<base::Refusal> above_dollars(const DollarLimit& limit, const money::Decimal& dollars,
                                           const money::Decimal& used_by_others);

}  // namespace navkeeper::custody
