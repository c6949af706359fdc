#include "services/nav/domain/books/chart.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::nav::books {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '+';
}

constexpr std::array<std::string_view, 6> kClasses{"Assets", "Liabilities", "Capital",
                                                   "Income", "Expenses",    "Conversion"};

std::size_t class_of(std::string_view account) {
  const std::string_view first = account.substr(0, account.find(':'));
  const auto found = std::find(kClasses.begin(), kClasses.end(), first);
  ENSURE(found != kClasses.end());
  return static_cast<std::size_t>(found - kClasses.begin());
}

}  // namespace

std::string account_part(std::string_view name) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string part;
  part.reserve(name.size());
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool inner_space =
        c == ' ' && i > 0 && i + 1 < name.size() && is_plain(name[i - 1]) && is_plain(name[i + 1]);
    if (is_plain(c) || inner_space) {
      part.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      part.push_back('%');
      part.push_back(kHex[byte >> 4]);
      part.push_back(kHex[byte & 15]);
    }
  }
  return part;
}

std::string name_of_part(std::string_view part) {
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'A' + 10); };
  std::string name;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      name.push_back(part[i]);
      continue;
    }
    ENSURE(i + 2 < part.size());
    name.push_back(static_cast<char>(digit(part[i + 1]) * 16 + digit(part[i + 2])));
    i += 2;
  }
  return name;
}

bool is_account(std::string_view account) {
  const std::size_t colon = account.find(':');
  if (colon == std::string_view::npos) return false;
  if (std::find(kClasses.begin(), kClasses.end(), account.substr(0, colon)) == kClasses.end()) return false;
  char before = ':';
  for (const char c : account.substr(colon + 1)) {
    if (c < ' ' || c > '~' || c == ';') return false;
    if ((before == ':' || before == ' ') && (c == ' ' || c == ':')) return false;
    before = c;
  }
  return before != ':' && before != ' ';
}

Chart::Chart() { add_commodity("USD", kDollarDecimals); }

CommodityIndex Chart::add_commodity(std::string symbol, int decimals) {
  ENSURE(decimals >= 0 && decimals <= 38);
  commodities_.push_back({std::move(symbol), decimals});
  return static_cast<CommodityIndex>(commodities_.size() - 1);
}

LineIndex Chart::line(const std::string& account, CommodityIndex commodity) {
  ENSURE(commodity < commodities_.size());
  std::string key = account;
  key.push_back('\0');
  key += std::to_string(commodity);
  const auto [found, is_new] = index_.emplace(std::move(key), static_cast<LineIndex>(lines_.size()));
  if (is_new) {
    class_of(account);  // an account outside the six classes is a bug
    lines_.push_back({account, commodity});
  }
  return found->second;
}

std::vector<LineIndex> Chart::in_order() const {
  std::vector<LineIndex> order(lines_.size());
  std::iota(order.begin(), order.end(), LineIndex{0});
  std::sort(order.begin(), order.end(), [&](LineIndex a, LineIndex b) {
    const Line& x = lines_[a];
    const Line& y = lines_[b];
    return std::tuple(class_of(x.account), std::string_view(x.account), x.commodity) <
           std::tuple(class_of(y.account), std::string_view(y.account), y.commodity);
  });
  return order;
}

}  // namespace navkeeper::nav::books
