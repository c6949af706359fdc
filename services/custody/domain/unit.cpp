#include "services/custody/domain/unit.h"

#include <algorithm>
#include <array>

namespace navkeeper::custody {
namespace {

constexpr money::Int128 kWeiPerGwei = 1'000'000'000;
constexpr std::size_t kDigitsMax = 38;     // of a whole number that fits 127 bits for certain
constexpr std::size_t kHexDigitsMax = 31;  // 124 bits

constexpr std::array kRules{AssetRule{"BTC", 8, 21'000'000}, AssetRule{"ETH", 18, 1'000'000'000},
                            AssetRule{"CRO", 18, 100'000'000'000}};
constexpr std::array kLiquidTokens{LiquidToken{"CDCETH", "ETH", 18}};

base::Refusal not_whole(std::string_view rule) { return {"", std::string(rule)}; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

base::Checked<money::Int128> parse_count(std::string_view digits) {
  if (digits.empty() ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return not_whole("must be a whole number in digits alone");
  if (digits.size() > kDigitsMax) return not_whole("is larger than any amount of a coin");
  money::Int128 count = 0;
  for (const char c : digits) count = count * 10 + (c - '0');
  return count;
}

base::Checked<money::Int128> parse_hex_count(std::string_view text) {
  if (!text.starts_with("0x") || text.size() < 3) return not_whole("must be hexadecimal with 0x before it");
  const std::string_view digits = text.substr(2);
  if (digits.size() > 1 && digits.front() == '0') return not_whole("must have no leading zeros");
  if (digits.size() > kHexDigitsMax) return not_whole("is larger than any amount of a coin");
  money::Int128 count = 0;
  for (const char c : digits) {
    const int value = hex_digit(c);
    if (value < 0) return not_whole("must be hexadecimal with 0x before it");
    count = count * 16 + value;
  }
  return count;
}

Wei wei_of(Gwei amount) {
  const auto wei = Wei::from_coins(amount.coins());
  if (!wei) throw money::OverflowError("wei: the amount does not fit");
  return *wei;
}

std::optional<Gwei> gwei_of(Wei amount) {
  if (amount.count() % kWeiPerGwei != 0) return std::nullopt;
  return Gwei::of(amount.count() / kWeiPerGwei);
}

const AssetRule* asset_rule(std::string_view asset) {
  const auto* const found =
      std::find_if(kRules.begin(), kRules.end(), [&](const AssetRule& rule) { return rule.asset == asset; });
  return found == kRules.end() ? nullptr : found;
}

const LiquidToken* liquid_token(std::string_view token) {
  const auto* const found = std::find_if(kLiquidTokens.begin(), kLiquidTokens.end(),
                                         [&](const LiquidToken& one) { return one.token == token; });
  return found == kLiquidTokens.end() ? nullptr : found;
}

const LiquidToken* liquid_token_of(std::string_view coin) {
  const auto* const found = std::find_if(kLiquidTokens.begin(), kLiquidTokens.end(),
                                         [&](const LiquidToken& one) { return one.coin == coin; });
  return found == kLiquidTokens.end() ? nullptr : found;
}

std::optional<int> decimals_of_asset(std::string_view asset) {
  if (const AssetRule* const rule = asset_rule(asset)) return rule->decimals_max;
  if (const LiquidToken* const token = liquid_token(asset)) return token->decimals;
  return std::nullopt;
}

}  // namespace navkeeper::custody
