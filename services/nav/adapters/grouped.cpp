#include "services/nav/adapters/grouped.h"

#include <algorithm>

namespace navkeeper::nav {

std::string grouped(std::string_view decimal) {
  const std::size_t sign = !decimal.empty() && decimal[0] == '-' ? 1 : 0;
  const std::size_t point = std::min(decimal.find('.'), decimal.size());
  for (std::size_t i = sign; i < decimal.size(); ++i) {
    if (i != point && (decimal[i] < '0' || decimal[i] > '9')) return std::string(decimal);
  }
  std::string text(decimal);
  for (std::size_t at = point; at > sign + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string grouped(const money::Decimal& value, int decimals_min) {
  return grouped(value.to_fixed(std::max(value.scale(), decimals_min)));
}

}  // namespace navkeeper::nav
