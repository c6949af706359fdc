// The words of reconciliation.h, and what they say of a source and of a balance.
#include <array>

#include "services/custody/domain/reconciliation.h"

namespace navkeeper::custody {
namespace {

constexpr std::string_view kChainPrefix = "chain:";

template <class Enum, std::size_t Size>
std::optional<Enum> parse_word(std::string_view word, const std::array<Enum, Size>& all) {
  for (const Enum one : all) {
    if (describe(one) == word) return one;
  }
  return std::nullopt;
}

}  // namespace

SourceKind source_kind(std::string_view source) {
  return source.starts_with(kChainPrefix) ? SourceKind::kChain : SourceKind::kCustodian;
}

std::string_view describe(BreakType type) {
  switch (type) {
    case BreakType::kTiming:
      return "timing";
    case BreakType::kMissing:
      return "missing";
    case BreakType::kDuplicate:
      return "duplicate";
    case BreakType::kAmount:
      return "amount";
    case BreakType::kFee:
      return "fee";
    case BreakType::kUnknown:
      return "unknown";
  }
  return "";
}

std::optional<BreakType> parse_break_type(std::string_view word) {
  return parse_word(word, std::array{BreakType::kTiming, BreakType::kMissing, BreakType::kDuplicate,
                                     BreakType::kAmount, BreakType::kFee, BreakType::kUnknown});
}

std::string_view describe(BreakLevel level) {
  switch (level) {
    case BreakLevel::kTotal:
      return "total";
    case BreakLevel::kState:
      return "state";
    case BreakLevel::kChain:
      return "chain";
  }
  return "";
}

std::optional<BreakLevel> parse_break_level(std::string_view word) {
  return parse_word(word, std::array{BreakLevel::kTotal, BreakLevel::kState, BreakLevel::kChain});
}

std::string_view describe(LineStatus status) {
  switch (status) {
    case LineStatus::kAgrees:
      return "agrees";
    case LineStatus::kTolerated:
      return "tolerated";
    case LineStatus::kDiffers:
      return "differs";
    case LineStatus::kUnsure:
      return "unsure";
    case LineStatus::kNotCovered:
      return "not_covered";
    case LineStatus::kInPart:
      return "in_part";
  }
  return "";
}

std::optional<LineStatus> parse_line_status(std::string_view word) {
  return parse_word(word, std::array{LineStatus::kAgrees, LineStatus::kTolerated, LineStatus::kDiffers,
                                     LineStatus::kUnsure, LineStatus::kNotCovered, LineStatus::kInPart});
}

StateFigures states_of(const Balance& balance) {
  StateFigures states{balance.staked, balance.activating, balance.unbonding};
  const money::Decimal moving =
      balance.activating.value_or(money::Decimal()) + balance.unbonding.value_or(money::Decimal());
  if (!states.staked || moving.is_zero()) return states;
  switch (balance.activating_in_staked) {
    case Counted::kInside:
      states.staked = *states.staked - moving;
      break;
    case Counted::kApart:
      break;
    case Counted::kNotStated:
      states.staked.reset();
      break;
  }
  return states;
}

}  // namespace navkeeper::custody
