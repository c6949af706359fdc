#include "services/sandbox/custodians/crypto_com_conversions.h"

#include "services/sandbox/venue.h"
#include "services/sandbox/world.h"

namespace navkeeper::sandbox {
namespace {

constexpr const char* kStakedCoin = "ETH.staked";
constexpr int kRateDecimals = 9;
constexpr std::int64_t kBps = 10'000;
constexpr ConversionRefused kMissingArgument{400, 40004, "MISSING_OR_INVALID_ARGUMENT"};

std::string text_member(const json::Value& params, std::string_view key) {
  const json::Value* const found = params.kind() == json::Kind::kObject ? params.find(key) : nullptr;
  return found != nullptr && found->kind() == json::Kind::kString ? found->as_string() : std::string();
}

/// Whether the rate of now is worse for the client than what they expect, by more than they bear: a token
/// that costs more staked coins, or that gives fewer.
bool is_worse(const money::Decimal& now, const money::Decimal& expected, std::int64_t bps, bool is_back) {
  const money::Decimal whole = money::Decimal::of(kBps);
  const money::Decimal bears = money::Decimal::of(is_back ? kBps - bps : kBps + bps);
  return is_back ? now * whole < expected * bears : now * whole > expected * bears;
}

}  // namespace

bool is_conversion(const Move& move) {
  return move.kind == MoveKind::kConvert || move.kind == MoveKind::kConvertBack;
}

std::int64_t conversion_rate_e9(time::Instant now) { return World(0).conversion_rate_e9(second_of(now)); }

std::string conversion_rate_text(std::int64_t rate_e9) { return Market::fixed(rate_e9, kRateDecimals); }

std::optional<ConversionRefused> convert(CustodianAccount& account, const json::Value& params,
                                         time::Instant now, json::Writer& out) {
  const std::string from = text_member(params, "from_instrument_name");
  const std::string into = text_member(params, "to_instrument_name");
  const bool is_back = from == kLiquidToken && into == kStakedCoin;
  if (!is_back && (from != kStakedCoin || into != kLiquidToken))
    return ConversionRefused{400, 209, "INVALID_INSTRUMENT"};
  const auto units = units_of(text_member(params, "from_quantity"), Coin::kEth);
  const auto expected = money::Decimal::parse(text_member(params, "expected_rate"));
  const auto slippage = whole(text_member(params, "slippage_tolerance_bps"), 0, kBps);
  if (!units || expected.has_error() || !slippage) return kMissingArgument;
  const std::int64_t rate = conversion_rate_e9(now);
  if (is_worse(*money::Decimal::parse(conversion_rate_text(rate)), *expected, *slippage, is_back))
    return ConversionRefused{500, 606, "EXCEED_ALLOWED_SLIPPAGE"};
  Move move;
  if (account.convert(is_back, *units, rate, now, move) != CustodianAccount::Refusal::kNothing)
    return ConversionRefused{500, 306, "INSUFFICIENT_AVAILABLE_BALANCE"};
  out.begin_object()
      .member("from_instrument_name", from)
      .member("to_instrument_name", into)
      .member("expected_rate", text_member(params, "expected_rate"))
      .member("from_quantity", text_member(params, "from_quantity"))
      .member("slippage_tolerance_bps", text_member(params, "slippage_tolerance_bps"))
      .member("convert_id", std::to_string(move.number))
      .member("reason", "NO_ERROR")
      .end_object();
  return std::nullopt;
}

void write_conversion(json::Writer& out, const Move& move, const std::string& id, const char* status) {
  const bool is_back = move.kind == MoveKind::kConvertBack;
  const std::string rate = conversion_rate_text(move.rate_e9);
  out.begin_object()
      .member("from_instrument_name", is_back ? kLiquidToken : kStakedCoin)
      .member("to_instrument_name", is_back ? kStakedCoin : kLiquidToken)
      .member("expected_rate", rate)
      .member("from_quantity", coins_text(move.units, Coin::kEth))
      .member("slippage_tolerance_bps", "0")
      .member("actual_rate", rate)
      .member("to_quantity", coins_text(move.converted, Coin::kEth))
      .member("convert_id", id)
      .member("status", status)
      .member("create_timestamp_ms", std::to_string(move.created.ns() / 1'000'000))
      .end_object();
}

}  // namespace navkeeper::sandbox
