#include "common/model/id.h"

#include "common/base/ensure.h"

namespace navkeeper::model {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::optional<base::Refusal> broken_name_rule(std::string_view text, std::string_view what,
                                              std::string_view extra) {
  const std::string kind(what);
  if (text.empty()) return base::Refusal{"", kind + " is empty"};
  if (text.size() > kNameLengthMax) {
    return base::Refusal{"", kind + " is longer than " + std::to_string(kNameLengthMax) + " characters"};
  }
  if (!is_alphanumeric(text.front())) return base::Refusal{"", kind + " must begin with a letter or a digit"};
  for (const char c : text) {
    if (is_alphanumeric(c) || c == '.' || c == '_' || c == '-' || extra.find(c) != std::string_view::npos)
      continue;
    return base::Refusal{"", kind + " may hold only letters, digits and . _ -" +
                                 (extra.empty() ? "" : " " + std::string(extra))};
  }
  return std::nullopt;
}

base::Checked<PairId> PairId::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return base::Refusal{"", "pair must be two assets around a slash"};
  auto base = AssetId::parse(text.substr(0, slash));
  if (base.has_error()) return base.error().within("pair");
  auto quote = AssetId::parse(text.substr(slash + 1));
  if (quote.has_error()) return quote.error().within("pair");
  if (*base == *quote) return base::Refusal{"", "pair must be two different assets"};
  return PairId(std::move(*base), std::move(*quote));
}

PairId PairId::of(const AssetId& base, const AssetId& quote) {
  ENSURE(base != quote);
  return PairId(base, quote);
}

base::Checked<IdempotencyKey> IdempotencyKey::parse(std::string_view text) {
  if (text.empty() || text.size() > kLengthMax) {
    return base::Refusal{"", "idempotency key must have 1 to " + std::to_string(kLengthMax) + " characters"};
  }
  for (const char c : text) {
    if (c < '!' || c > '~')
      return base::Refusal{"", "idempotency key may hold only visible ASCII characters"};
  }
  return IdempotencyKey(std::string(text));
}

}  // namespace navkeeper::model
