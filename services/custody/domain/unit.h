#pragma once
// The smallest units of the coins as types, so that one is never taken for another: CRO alone is counted in
// three ways that differ by ten powers of ten. Nothing converts by itself; what converts names both units.
//
//   Satoshi    bitcoin, 8 decimals
//   Wei        ether, 18 decimals: execution layer (eth_getBalance)
//   Gwei       ether, 9 decimals: beacon chain, withdrawals of EIP-4895
//   Basecro    CRO on Cronos POS, 8 decimals ("carson"; chain-main, config/prefix_mainnet.go)
//   CronosWei  CRO on Cronos EVM, 18 decimals (its Cosmos side also says "basecro")
//   TokenCro   CRO as ERC-20 on Ethereum, 8 decimals
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/money/units.h"

namespace navkeeper::custody {

/// A whole number of one unit; 128 bits, checked (money::OverflowError).
template <class Unit>
class Quantity {
 public:
  Quantity() = default;
  static Quantity of(money::Int128 count) { return Quantity(money::Units(count)); }
  /// From whole coins; nothing when they have more decimals than the unit, or do not fit.
  static std::optional<Quantity> from_coins(const money::Decimal& coins) {
    const auto units = money::Units::from(coins, Unit::kDecimals);
    return units ? std::optional(Quantity(*units)) : std::nullopt;
  }

  money::Int128 count() const { return units_.count(); }
  money::Decimal coins() const { return units_.to_decimal(Unit::kDecimals); }
  bool is_zero() const { return units_.is_zero(); }

  friend Quantity operator+(Quantity a, Quantity b) { return Quantity(a.units_ + b.units_); }
  friend Quantity operator-(Quantity a, Quantity b) { return Quantity(a.units_ - b.units_); }
  Quantity& operator+=(Quantity other) { return *this = *this + other; }
  auto operator<=>(const Quantity&) const = default;

 private:
  explicit Quantity(money::Units units) : units_(units) {}
  money::Units units_;
};

struct SatoshiUnit {
  static constexpr std::string_view kName = "satoshi", kAsset = "BTC";
  static constexpr int kDecimals = 8;
};
struct WeiUnit {
  static constexpr std::string_view kName = "wei", kAsset = "ETH";
  static constexpr int kDecimals = 18;
};
struct GweiUnit {
  static constexpr std::string_view kName = "gwei", kAsset = "ETH";
  static constexpr int kDecimals = 9;
};
struct BasecroUnit {
  static constexpr std::string_view kName = "basecro", kAsset = "CRO";
  static constexpr int kDecimals = 8;
};
struct CronosWeiUnit {
  static constexpr std::string_view kName = "cronos_wei", kAsset = "CRO";
  static constexpr int kDecimals = 18;
};
struct TokenCroUnit {
  static constexpr std::string_view kName = "token_cro", kAsset = "CRO";
  static constexpr int kDecimals = 8;
};

using Satoshi = Quantity<SatoshiUnit>;
using Wei = Quantity<WeiUnit>;
using Gwei = Quantity<GweiUnit>;
using Basecro = Quantity<BasecroUnit>;
using CronosWei = Quantity<CronosWeiUnit>;
using TokenCro = Quantity<TokenCroUnit>;

/// A whole number as chains write it: digits alone, no sign, at most 128 bits. Refused: anything else.
base::Checked<money::Int128> parse_count(std::string_view digits);
/// "0x1bc16d674ec80000": hexadecimal with 0x and without leading zeros, as JSON-RPC writes quantities.
base::Checked<money::Int128> parse_hex_count(std::string_view text);

template <class Unit>
base::Checked<Quantity<Unit>> parse_quantity(std::string_view digits) {
  const auto count = parse_count(digits);
  if (count.has_error()) return count.error();
  return Quantity<Unit>::of(*count);
}

/// Exact; every gwei is 10^9 wei.
Wei wei_of(Gwei amount);
/// Nothing when wei below one gwei would be lost.
std::optional<Gwei> gwei_of(Wei amount);

/// What an amount of an asset may look like wherever it comes from, so that one in another unit is refused
/// rather than believed.
struct AssetRule {
  std::string_view asset;
  int decimals_max;                       ///< more cannot be: BTC 8, ETH 18, CRO 18 (Cronos EVM)
  std::optional<std::int64_t> coins_max;  ///< whole coins; more cannot exist
};
/// BTC (21,000,000), ETH (10^9: no cap in the protocol, eight times what exists), CRO (100,000,000,000:
/// chain-main v7.0.0, 10^19 basecro). Nothing for any other asset.
const AssetRule* asset_rule(std::string_view asset);

/// A token that stands for staked coins of another asset and grows in worth against them.
struct LiquidToken {
  std::string_view token;
  std::string_view coin;
  int decimals;
};
/// CDCETH (Crypto.com's, for staked ETH; 18 decimals). Nothing for any other asset.
const LiquidToken* liquid_token(std::string_view token);
/// The token of a coin; nothing where it has none.
const LiquidToken* liquid_token_of(std::string_view coin);
/// How many decimals an asset of either kind has; nothing where it is not known here.
std::optional<int> decimals_of_asset(std::string_view asset);

}  // namespace navkeeper::custody
