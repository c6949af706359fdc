#pragma once
// Identifiers that cross services: strong texts, each of its own type, that exist only when well formed.
//
// A name (fund, asset, actor, index, venue) is 1 to 64 characters of A-Z a-z 0-9 . _ - (an asset also + and
// :, an actor also @), beginning with a letter or a digit; case counts. A pair is two assets around a slash:
// "BTC/USD".
#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/refusal.h"

namespace navkeeper::model {

constexpr std::size_t kNameLengthMax = 64;

/// The rule of a name that `text` breaks, or nothing. `what` names the kind in the refusal: "fund". `extra`
/// are the characters allowed beside those of every name.
std::optional<base::Refusal> broken_name_rule(std::string_view text, std::string_view what,
                                              std::string_view extra);

template <class Tag>
class Name {
 public:
  /// Reads a name from outside; the refusal's `where` is left empty for the caller to fill (Refusal::within).
  static base::Checked<Name> parse(std::string_view text) {
    if (auto broken = broken_name_rule(text, Tag::kWhat, Tag::kExtra)) return *std::move(broken);
    return Name(std::string(text));
  }
  /// For constants of our own: the text must be right (it throws std::logic_error).
  static Name literal(std::string_view text) { return parse(text).value(); }

  const std::string& value() const { return value_; }
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

struct FundTag {
  static constexpr std::string_view kWhat = "fund", kExtra = "";
};
struct AssetTag {
  static constexpr std::string_view kWhat = "asset", kExtra = "+:";
};
struct ActorTag {
  static constexpr std::string_view kWhat = "actor", kExtra = "@";
};
struct IndexTag {
  static constexpr std::string_view kWhat = "index", kExtra = "";
};
struct VenueTag {
  static constexpr std::string_view kWhat = "venue", kExtra = "";
};

using FundId = Name<FundTag>;
using AssetId = Name<AssetTag>;
using ActorId = Name<ActorTag>;
using IndexId = Name<IndexTag>;
using VenueId = Name<VenueTag>;

/// What is priced in what: base / quote, two different assets.
class PairId {
 public:
  static base::Checked<PairId> parse(std::string_view text);
  static PairId literal(std::string_view text) { return parse(text).value(); }
  static PairId of(const AssetId& base, const AssetId& quote);

  const AssetId& base() const { return base_; }
  const AssetId& quote() const { return quote_; }
  std::string value() const { return base_.value() + "/" + quote_.value(); }
  auto operator<=>(const PairId&) const = default;

 private:
  PairId(AssetId base, AssetId quote) : base_(std::move(base)), quote_(std::move(quote)) {}
  AssetId base_;
  AssetId quote_;
};

/// What makes a repeated request the same request: 1 to 255 visible ASCII characters, chosen by the client.
class IdempotencyKey {
 public:
  static constexpr std::size_t kLengthMax = 255;
  static base::Checked<IdempotencyKey> parse(std::string_view text);
  const std::string& value() const { return value_; }
  auto operator<=>(const IdempotencyKey&) const = default;

 private:
  explicit IdempotencyKey(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

}  // namespace navkeeper::model

template <class Tag>
struct std::hash<navkeeper::model::Name<Tag>> {
  std::size_t operator()(const navkeeper::model::Name<Tag>& name) const noexcept {
    return std::hash<std::string>{}(name.value());
  }
};
template <>
struct std::hash<navkeeper::model::PairId> {
  std::size_t operator()(const navkeeper::model::PairId& pair) const noexcept {
    return std::hash<std::string>{}(pair.value());
  }
};
