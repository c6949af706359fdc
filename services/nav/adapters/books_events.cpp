#include "services/nav/adapters/books_events.h"

#include <array>
#include <initializer_list>
#include <span>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "common/model/id.h"

namespace navkeeper::nav {
namespace {

using json::ObjectReader;

std::string read_asset(ObjectReader& reader) {
  const auto parsed = model::AssetId::parse(reader.string("asset"));
  if (parsed.has_error()) base::refuse(reader.path_of("asset"), parsed.error().rule);
  return parsed->value();
}

books::Component read_component(ObjectReader& reader) {
  return {read_asset(reader), reader.decimal("quantity"), reader.decimal("value")};
}

books::Happening read_open(ObjectReader& reader) {
  books::Open open;
  open.fund = reader.string("fund");
  if (open.fund.empty()) base::refuse("fund", "is empty");
  for (const json::Place& place : reader.array("assets")) {
    ObjectReader asset(place);
    books::AssetDefinition definition;
    definition.asset = read_asset(asset);
    definition.decimals = static_cast<int>(asset.integer("decimals", 0, 38));
    asset.finish();
    open.assets.push_back(std::move(definition));
  }
  open.shares = reader.decimal("shares");
  return open;
}

books::Happening read_opening_lot(ObjectReader& reader) {
  return books::OpeningLot{read_asset(reader), reader.decimal("quantity"), reader.decimal("cost")};
}

/// An order: shares against one asset, or cash, or components with cash.
template <class Order>
books::Happening read_order(ObjectReader& reader) {
  Order order;
  order.shares = reader.decimal("shares");
  if (reader.has("components")) {
    order.is_basket = true;
    for (const json::Place& place : reader.array("components")) {
      ObjectReader component(place);
      order.components.push_back(read_component(component));
      component.finish();
    }
    order.cash = reader.decimal("cash");
  } else if (reader.has("asset")) {
    order.components.push_back(read_component(reader));
  } else if (reader.has("cash")) {
    order.cash = reader.decimal("cash");
  } else {
    base::refuse("asset", "key is missing (or cash, or components with cash)");
  }
  return order;
}

template <class Trade>
books::Happening read_trade(ObjectReader& reader) {
  return Trade{read_asset(reader), reader.decimal("quantity"), reader.decimal("cash")};
}

template <class Fee>
books::Happening read_fee(ObjectReader& reader) {
  return Fee{reader.string("name"), reader.decimal("amount")};
}

books::Happening read_fee_paid_in_kind(ObjectReader& reader) {
  return books::FeePaidInKind{reader.optional_string("name"), read_component(reader)};
}

books::Happening read_reward(ObjectReader& reader) {
  return books::Reward{read_component(reader), reader.string("source")};
}

books::Happening read_penalty(ObjectReader& reader) { return books::Penalty{read_component(reader)}; }

books::Happening read_split(ObjectReader& reader) { return books::Split{reader.decimal("ratio")}; }

/// Of the stored journal: "1:3" too.
books::Happening read_posted_split(ObjectReader& reader) {
  const std::string text = reader.string("ratio");
  if (text.find(':') == std::string::npos) return read_split(reader);
  const auto split = books::Split::parse(text);
  if (!split) base::refuse(reader.path_of("ratio"), "is neither a decimal nor two whole numbers as in 1:3");
  return *split;
}

books::Happening read_distribution(ObjectReader& reader) {
  return books::Distribution{reader.decimal("cash")};
}

books::Happening read_price(ObjectReader& reader) {
  return books::Price{read_asset(reader), reader.decimal("price")};
}

books::Happening read_strike(ObjectReader&) { return books::Strike{}; }

books::Happening read_transfer(ObjectReader& reader) {
  books::CoinMove move{read_asset(reader), reader.decimal("quantity"), {}, {}};
  move.from = read_place(reader, "from", "from_state");
  move.to = read_place(reader, "to", "to_state");
  return move;
}

/// A trade may say what it is for; the roll-forward shows it apart.
void read_purpose(ObjectReader& reader, books::Happening& happening) {
  auto* const purchase = std::get_if<books::Purchase>(&happening);
  auto* const sale = std::get_if<books::Sale>(&happening);
  if (purchase == nullptr && sale == nullptr) return;
  const auto purpose = reader.optional_string("purpose");
  if (!purpose) return;
  if (*purpose != "rebalancing") base::refuse("purpose", "is not rebalancing");
  (purchase != nullptr ? purchase->is_rebalancing : sale->is_rebalancing) = true;
}

struct Kind {
  std::string_view word;
  books::Happening (*read)(ObjectReader&);
  bool is_posted = true;                                     ///< false: no event of the stored journal
  bool is_computed = true;                                   ///< false: no event of `books compute`
  books::Happening (*read_posted)(ObjectReader&) = nullptr;  ///< where the journal's shape is another
};

constexpr std::array kKinds{
    Kind{"open", read_open},
    Kind{"opening_lot", read_opening_lot},
    Kind{"creation", read_order<books::Creation>},
    Kind{"redemption", read_order<books::Redemption>},
    Kind{"purchase", read_trade<books::Purchase>},
    Kind{"sale", read_trade<books::Sale>},
    Kind{"fee_accrued", read_fee<books::FeeAccrued>},
    Kind{"fee_paid", read_fee<books::FeePaid>},
    Kind{"fee_paid_in_kind", read_fee_paid_in_kind},
    Kind{"reward", read_reward},
    Kind{"penalty", read_penalty},
    Kind{"split", read_split, true, true, read_posted_split},
    Kind{"distribution", read_distribution},
    Kind{"price", read_price, false},
    Kind{"strike", read_strike, false},
    Kind{"transfer", read_transfer, true, false},
};

const Kind& kind_of(std::string_view word) {
  for (const Kind& kind : kKinds) {
    if (kind.word == word) return kind;
  }
  base::refuse("event", "is none of the known events");
}

/// What makes the same event the same, whatever it is called.
std::string content_of(const json::Value& value) {
  json::Object members;
  for (const json::Member& member : value.as_object())
    if (member.key != "id") members.push_back(member);
  return json::to_canonical(json::Value::object(std::move(members)));
}

json::Value parse_line(std::string_view line) {
  if (line.size() > kEventLineBytesMax)
    base::refuse("", "the line is longer than " + std::to_string(kEventLineBytesMax) + " bytes");
  auto parsed = json::parse(line, {.bytes_max = kEventLineBytesMax, .depth_max = 8});
  if (parsed.has_value()) return std::move(*parsed);
  // The parser counts lines of its own text, which is one line: the file's line is put before it by the
  // caller.
  base::Refusal refusal = parsed.error();
  constexpr std::string_view kFirst = "line 1, ";
  if (refusal.where.starts_with(kFirst)) refusal.where.erase(0, kFirst.size());
  throw base::Refused(std::move(refusal));
}

}  // namespace

books::Place read_place(ObjectReader& reader, const char* account_key, const char* state_key) {
  books::Place place;
  place.account = reader.optional_string(account_key).value_or("");
  const auto state = reader.optional_string(state_key);
  if (!state) return place;
  const auto known = books::coin_state_from(*state);
  if (!known) base::refuse(state_key, "is none of available, staked, activating, unbonding");
  place.state = *known;
  return place;
}

namespace {

/// The first of `keys` in `object`, or in a component of it, whose text `is_wrong`.
std::string first_wrong(const json::Value& object, std::span<const std::string_view> keys,
                        bool (*is_wrong)(const money::Decimal&)) {
  for (const std::string_view key : keys) {
    const json::Value* value = object.find(key);
    if (value == nullptr || value->kind() != json::Kind::kString) continue;
    const auto amount = money::Decimal::parse(value->as_string());
    if (is_wrong == nullptr || (amount && is_wrong(*amount))) return std::string(key);
  }
  const json::Value* components = object.find("components");
  if (components == nullptr || components->kind() != json::Kind::kArray) return "";
  for (std::size_t i = 0; i < components->as_array().size(); ++i) {
    const json::Value& component = components->as_array()[i];
    const std::string key =
        component.kind() == json::Kind::kObject ? first_wrong(component, keys, is_wrong) : std::string();
    if (!key.empty()) return "components[" + std::to_string(i) + "]." + key;
  }
  return "";
}

constexpr std::array<std::string_view, 4> kCounts{"shares", "quantity", "ratio", "price"};
constexpr std::array<std::string_view, 4> kMoney{"cash", "value", "cost", "amount"};

}  // namespace

std::string key_of(books::BooksRefusal refusal, const std::string& content) {
  using books::BooksRefusal;
  const auto parsed = json::parse(content);
  const bool is_line = parsed.has_value() && parsed->kind() == json::Kind::kObject &&
                       (parsed->find("event") != nullptr || parsed->find("fact") != nullptr);
  if (!is_line) return "";
  const auto named = [&](std::initializer_list<std::string_view> keys) {
    return first_wrong(*parsed, {keys.begin(), keys.size()}, nullptr);
  };
  switch (refusal) {
    case BooksRefusal::kNotPositive:
      return first_wrong(*parsed, kCounts,
                         [](const money::Decimal& amount) { return !amount.is_positive(); });
    case BooksRefusal::kNegative:
      return first_wrong(*parsed, kMoney, [](const money::Decimal& amount) { return amount.is_negative(); });
    case BooksRefusal::kTooManyDecimals: {
      const std::string dollars = first_wrong(*parsed, kMoney, [](const money::Decimal& amount) {
        return amount.scale() > books::kDollarDecimals;
      });
      return dollars.empty() ? named({"quantity"}) : dollars;
    }
    case BooksRefusal::kSharesNotWhole:
    case BooksRefusal::kMoreSharesThanExist:
      return named({"shares"});
    case BooksRefusal::kMoreThanHeld:
    case BooksRefusal::kMoreThanThere:
    case BooksRefusal::kNotYetHeld:
    case BooksRefusal::kLotsTakenSince:
    case BooksRefusal::kPicksDoNotAddUp:
      return named({"quantity"});
    case BooksRefusal::kUnknownAsset:
      return named({"asset"});
    case BooksRefusal::kMoreThanPayable:
    case BooksRefusal::kPaidBeforeOwed:
      return named({"amount", "value"});
    case BooksRefusal::kCashBelowZero:
    case BooksRefusal::kDollarsNotThereYet:
      return named({"cash", "amount"});
    case BooksRefusal::kEmptyName:
    case BooksRefusal::kNameTooLong:
      return named({"name", "source"});
    case BooksRefusal::kDateGoesBack:
      return "date";
    case BooksRefusal::kNoComponents:
      return "components";
    case BooksRefusal::kSplitLeavesFraction:
      return "ratio";
    case BooksRefusal::kNotOpen:
    case BooksRefusal::kAlreadyOpen:
      return "event";
    case BooksRefusal::kDollarsAreNotAnAsset:
    case BooksRefusal::kRepeatedAsset:
      return "assets";
    case BooksRefusal::kSamePlace:
      return "to";
    case BooksRefusal::kPlaceTooLong:
      return "place";
    case BooksRefusal::kNoFeePayable:
    case BooksRefusal::kSeveralFeesPayable:
      return "name";
    case BooksRefusal::kUnpricedHolding:
    case BooksRefusal::kNoShares:
    case BooksRefusal::kOverflow:
    case BooksRefusal::kNoSuchLot:
    case BooksRefusal::kPicksUnused:
    case BooksRefusal::kNotAnAccount:
    case BooksRefusal::kDraftUnbalanced:
    case BooksRefusal::kDraftWithoutLots:
    case BooksRefusal::kAccountBelowZero:
      return "";
  }
  ENSURE(false);
}

EventLine read_event(std::string_view line, EventShape shape) {
  const json::Value value = parse_line(line);
  if (value.kind() != json::Kind::kObject) base::refuse("", "a line must be one JSON object");
  ObjectReader reader(value);
  EventLine read;
  read.event.date = reader.date("date");
  const Kind& kind = kind_of(reader.string("event"));
  if (shape == EventShape::kCompute && !kind.is_computed)
    base::refuse("event", "is none of the known events");
  if (shape == EventShape::kPost) {
    if (!kind.is_posted)
      base::refuse("event",
                   "\"" + std::string(kind.word) + "\" is not posted: prices and strikes are the NAV's");
    read.id = reader.optional_string("id");
    read.book_date = reader.optional_date("book_date");
    read.settlement_date = reader.optional_date("settlement_date");
    read.content = content_of(value);
    read.event.place = read_place(reader, "place", "state");
    if (const auto at = reader.optional_string("at")) {
      read.at = time::parse_rfc3339(*at);
      if (!read.at) base::refuse("at", "is not a time as RFC 3339 writes it");
      // A day in New York ends after midnight in UTC.
      const auto days = time::utc_date(*read.at) - read.event.date;
      if (days < 0 || days > 1) base::refuse("at", "is not on the day of the event");
    }
  }
  const bool is_other = shape == EventShape::kPost && kind.read_posted != nullptr;
  read.event.happening = is_other ? kind.read_posted(reader) : kind.read(reader);
  if (shape == EventShape::kPost) read_purpose(reader, read.event.happening);
  reader.finish();
  return read;
}

}  // namespace navkeeper::nav
