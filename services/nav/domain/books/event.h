#pragma once
// Event: one fact of a fund's life, as it comes from a file, a peer's feed or an order: in words and
// decimals, nothing checked yet against the books. Quantities and shares in whole coins and shares; value,
// cash, cost, amount in dollars.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/date.h"
#include "services/nav/domain/books/place.h"

namespace navkeeper::nav::books {

struct AssetDefinition {
  std::string asset;
  int decimals = 0;  ///< of its smallest unit: 0 to 38
  bool operator==(const AssetDefinition&) const = default;
};

/// Coins with their worth in dollars.
struct Component {
  std::string asset;
  money::Decimal quantity;
  money::Decimal value;
  /// Of the quantity, in a creation or redemption: what does not change hands yet (Owing).
  money::Decimal owed = {};
};

/// What an order does not deliver or pay yet stands on accounts of its own: coins as a negative position
/// (Assets:Owed:COIN:TO), dollars as a liability (Liabilities:Orders payable:TO).
struct Owing {
  std::string to = {};       ///< the order; empty: nothing is owed
  money::Decimal cash = {};  ///< dollars that are not paid yet; negative: owed before, and no longer
};

struct Open {
  std::string fund;
  std::vector<AssetDefinition> assets;
  money::Decimal shares;
};
/// A position brought in from before these books; credits capital.
struct OpeningLot {
  std::string asset;
  money::Decimal quantity;
  money::Decimal cost;
};
/// Shares issued for coins at their value, which becomes the lots' cost, and for cash.
struct Creation {
  money::Decimal shares;
  std::vector<Component> components;
  money::Decimal cash;     ///< received by the fund
  bool is_basket = false;  ///< cash is a balancing amount and may have either sign
  Owing owing = {};        ///< of a redemption that is taken back: its owed coins come to what was owed
};
/// Shares taken back against coins at their value and cash.
struct Redemption {
  money::Decimal shares;
  std::vector<Component> components;
  money::Decimal cash;  ///< paid by the fund
  bool is_basket = false;
  Owing owing = {};
};
struct Purchase {
  std::string asset;
  money::Decimal quantity;
  money::Decimal cash;          ///< paid
  bool is_rebalancing = false;  ///< on a line of its own in the roll-forward
};
struct Sale {
  std::string asset;
  money::Decimal quantity;
  money::Decimal cash;  ///< received
  bool is_rebalancing = false;
};
struct FeeAccrued {
  std::string name;
  money::Decimal amount;
};
struct FeePaid {
  std::string name;
  money::Decimal amount;
};
struct FeePaidInKind {
  std::optional<std::string> name;  ///< may be absent where exactly one fee is payable
  Component paid;
};
struct Reward {
  Component received;
  std::string source;  ///< "consensus"
};
/// Coins lost; their cost is the loss, the value is information only.
struct Penalty {
  Component lost;
};
/// New shares for old ones: 4 for 1; 0.25 for 1, or 1 for 4, is a reverse split. A pair says what no decimal
/// does: 1 for 3.
struct Split {
  money::Decimal ratio;         ///< new shares
  std::int64_t for_shares = 1;  ///< for so many old ones, positive
  bool operator==(const Split&) const = default;

  money::Rational factor() const;  ///< of what was held before
  std::string text() const;        ///< "4", "1:3"
  /// What text() writes: a decimal, or two whole numbers of at most 9 digits. Nothing for any other text.
  static std::optional<Split> parse(std::string_view text);
};
/// Paid at once; bounded by cash only.
struct Distribution {
  money::Decimal cash;
};
struct Price {
  std::string asset;
  money::Decimal price;  ///< dollars a coin; holds until the next one
};
/// Asks for the net asset value here and now.
struct Strike {};

/// Coins that move between places or states of one fund: their lots go along, nothing is gained.
struct CoinMove {
  std::string asset;
  money::Decimal quantity;
  Place from;
  Place to;
};

/// An entry that a policy or a strike worded itself (app/post_entries.h). Its lines balance in each
/// commodity; coins in position accounts foot with the lots that are named beside them.
struct Draft {
  struct Line {
    std::string account;
    std::string commodity;
    money::Decimal amount;  ///< dollars or whole coins; positive: debit
  };
  struct Receipt {
    std::string asset;
    money::Decimal quantity;
    money::Decimal cost;
    time::Date acquired;
    Place place;
    FlowCause cause = FlowCause::kReceipt;
  };
  struct Delivery {
    std::string asset;
    money::Decimal quantity;
    money::Decimal value;
    FlowCause cause = FlowCause::kExpense;
    std::string against;  ///< debited with the value
    Place place;
  };
  struct Adjustment {
    Book book = Book::kGaap;
    std::string asset;
    std::optional<std::uint64_t> lot;  ///< none: a new one
    std::string place;                 ///< account; tax book only
    money::Decimal quantity;           ///< positive: more
    money::Decimal cost;
    std::optional<time::Date> acquired;  ///< of a new lot
  };
  std::vector<AssetDefinition> new_assets;  ///< counted from now on
  std::vector<Line> lines;
  std::vector<Receipt> receipts;
  std::vector<Delivery> deliveries;
  std::vector<Adjustment> adjustments;
  money::Decimal shares_change;
};

using Happening =
    std::variant<Open, OpeningLot, Creation, Redemption, Purchase, Sale, FeeAccrued, FeePaid, FeePaidInKind,
                 Reward, Penalty, Split, Distribution, Price, Strike, CoinMove, Draft>;

/// The word of the file: "opening_lot".
std::string_view describe(const Happening& happening);

struct Event {
  time::Date date;
  Happening happening;
  Place place = {};  ///< where its coins come in or go out; a transfer names its own
};

}  // namespace navkeeper::nav::books
