#pragma once
// Books: one fund's books as events are applied to them one by one. Holds the balances, the open lots and the
// sums of the roll-forward, never the events: memory grows with lots, names and strikes, not with events.
//
// Dollars balance at cost: coins come in at what was paid or credited for them and leave at the cost of the
// lots that leave; the difference to what they were worth is a realised gain by cause. Each coin balances
// through its conversion account (chart.h).
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/nav/domain/books/chart.h"
#include "services/nav/domain/books/event.h"
#include "services/nav/domain/books/journal.h"
#include "services/nav/domain/books/lots.h"
#include "services/nav/domain/books/refusal.h"

namespace navkeeper::nav::books {

constexpr std::size_t kNameLengthMax = 200;  ///< bytes of a fee's name or a reward's source

/// Where coins come from and where they go; the words of the roll-forward.
enum class Addition { kOpening, kCreation, kPurchase, kReward };
enum class Disposal { kSale, kRedemption, kExpense, kPenalty };
constexpr std::array kAdditions{Addition::kOpening, Addition::kCreation, Addition::kPurchase,
                                Addition::kReward};
constexpr std::array kDisposals{Disposal::kSale, Disposal::kRedemption, Disposal::kExpense,
                                Disposal::kPenalty};
std::string_view describe(Addition cause);
std::string_view describe(Disposal cause);  ///< also the cause of the gain that it realises

struct LotChange {
  CommodityIndex asset = 0;
  LotMovement movement;
  time::Date acquired = {};  ///< of the lot
};

/// Coins that came or went, at GAAP cost. All three amounts have one sign: positive when they came.
struct CoinFlow {
  CommodityIndex asset = 0;
  FlowCause cause = FlowCause::kOpening;
  Units quantity;
  Units cost;
  Units value;  ///< what was given or had for them; of a penalty 0
  Place place;
  time::Date acquired = {};  ///< of what came
};

struct CoinTransfer {
  CommodityIndex asset = 0;
  Units quantity;
  Place from;
  Place to;
};

struct TaxAdjustment {
  CommodityIndex asset = 0;
  std::optional<LotNumber> lot;
  std::string account;
  Units quantity;
  Units cost;
  time::Date acquired = {};  ///< of a new lot
};

/// Lots that were named for a disposal, before it.
struct Identification {
  Book book = Book::kTax;
  std::string asset;
  std::vector<LotPick> picks;
};

struct StruckNav {
  time::Date date;
  Units net_assets;  ///< cents
  Units shares;      ///< positive
};

/// What one event did. Reuse one object: it is cleared first.
struct Applied {
  Entry entry;  ///< all its dates are the event's; no postings when the event posts nothing
  std::vector<LotChange> lots;
  std::vector<CoinFlow> flows;
  std::vector<CoinTransfer> transfers;
  std::vector<TaxAdjustment> tax_adjustments;
  Units shares_change;
  std::optional<StruckNav> strike;
};

struct PositionLine {
  CommodityIndex asset = 0;
  Units quantity;  ///< positive
  Units cost;
  std::optional<Units> value;  ///< nothing where unpriced
  std::optional<Units> unrealised() const { return value ? std::optional(*value - cost) : std::nullopt; }
};

struct NamedAmount {
  std::string name;
  Units amount;
};

struct BalanceLine {
  LineIndex line = 0;
  Units balance;  ///< positive: debit
};

/// One asset from nothing to now. Foots in quantity and cost: Σ additions − Σ disposals = closing; and in
/// value: Σ additions (at cost) − Σ disposals (at value) + realised + change in unrealised = closing.
struct RollForward {
  struct Flow {
    Units quantity;
    Units cost;
    Units value;  ///< additions: the cost; disposals: what came for them, 0 for a penalty
  };
  CommodityIndex asset = 0;
  std::array<Flow, kAdditions.size()> additions;  ///< by Addition
  std::array<Flow, kDisposals.size()> disposals;  ///< by Disposal; all positive
  Units realised;                                 ///< Σ value − cost over the disposals
  std::optional<Units> change_in_unrealised;      ///< nothing where held and unpriced
  Units closing_quantity;
  Units closing_cost;
  std::optional<Units> closing_value;
};

struct Report {
  std::vector<PositionLine> positions;  ///< held ones, in the order of `open`
  Units cash;
  std::vector<NamedAmount> liabilities;  ///< fees payable that are not zero, oldest name first
  Units shares;
  std::optional<Units> net_assets;  ///< cash + values − liabilities; nothing where a holding is unpriced
  std::array<Units, kDisposals.size()> realised_gain;  ///< by Disposal
  std::vector<NamedAmount> income;                     ///< by source, oldest first
  std::vector<BalanceLine> trial_balance;              ///< every line, Chart::in_order()
  std::vector<RollForward> rollforward;                ///< every asset, in the order of `open`
};

/// Where the books of a fund stand when they are taken up again from a store.
struct Standing {
  struct Asset {
    AssetDefinition definition;
    std::vector<std::pair<LotNumber, Lot>> lots;  ///< open ones
    LotNumber next_lot = 1;
  };
  struct Balance {
    std::string account;
    std::string commodity;
    Units amount;  ///< positive: debit
  };
  /// What an account of assets or of fees payable was changed by on a day after the first event that is now
  /// to be posted.
  struct LaterChange {
    std::string account;
    std::string commodity;
    time::Date trade_date;
    Units amount;
  };
  std::vector<Asset> assets;
  std::vector<Balance> balances;   ///< all of Assets: and Liabilities:Fees payable:
  std::vector<LaterChange> later;  ///< by day, any number a day; empty when nothing is late
  Units shares;
  std::optional<time::Date> last_date;
};

class Books {
 public:
  explicit Books(LotRules rules);
  /// Taken up again: open, with what is held and owed; gains, income and roll-forward count from here.
  static Books resume(LotRules rules, const Standing& standing);

  /// Applies one event. After a refusal these books are spent: the caller drops them with everything it has
  /// not yet saved.
  Decided<void> apply(const Event& event, Applied& applied, std::span<const Identification> picks = {});

  /// Shares of the next split's own day, which it does not multiply (admission.h).
  void set_new_shares(Units shares) { new_shares_ = shares; }
  bool is_open() const { return is_open_; }
  /// The day on which what the last event was refused for would have been so; where its rule is about one.
  std::optional<time::Date> refused_on() const { return refused_on_; }
  const std::string& fund() const { return fund_; }
  const Chart& chart() const { return chart_; }
  const std::vector<Units>& balances() const { return balances_; }  ///< by line
  Units cash() const { return cash_; }
  Units shares() const { return shares_; }
  const LotBook& lots(CommodityIndex asset) const { return holdings_[asset - 1].lots; }
  /// Coins of an account in whatever state.
  Units coins_at(CommodityIndex asset, const std::string& account) const;
  /// The figures as of now. Refused where a value does not fit: kOverflow.
  Decided<Report> report() const;

 private:
  struct Holding {
    CommodityIndex commodity;
    std::string part;  ///< of account names
    LotBook lots;
    std::optional<money::Decimal> price;
    LineIndex coins;
    LineIndex conversion_coins;
    LineIndex conversion_dollars;
    std::array<RollForward::Flow, kAdditions.size()> additions{};
    std::array<RollForward::Flow, kDisposals.size()> disposals{};
  };
  struct Fee {
    std::string name;
    Units payable;  ///< zero or more
    LineIndex payable_line;
    LineIndex expense_line;
  };
  struct Income {
    std::string source;
    Units amount;
    LineIndex line;
  };
  /// Coins that come or go with their worth, checked.
  struct Coins {
    Holding* holding;
    Units quantity;
    Units value;
    Units owed = {};  ///< of the quantity, not at the place but on the account below
    std::string owed_to = {};
  };

  void on(const Open& open);
  void on(const OpeningLot& lot);
  void on(const Creation& creation);
  void on(const Redemption& redemption);
  void on(const Purchase& purchase);
  void on(const Sale& sale);
  void on(const FeeAccrued& fee);
  void on(const FeePaid& fee);
  void on(const FeePaidInKind& fee);
  void on(const Reward& reward);
  void on(const Penalty& penalty);
  void on(const Split& split);
  void on(const Distribution& distribution);
  void on(const Price& price);
  void on(const Strike& strike);
  void on(const CoinMove& transfer);
  void on(const Draft& draft);

  Units draft_units(const std::string& commodity, const money::Decimal& amount, CommodityIndex& index);
  void post_draft_line(const Draft::Line& line);
  void receive(const Draft::Receipt& receipt);
  void deliver(const Draft::Delivery& delivery);
  void adjust(const Draft::Adjustment& adjustment);
  void check_draft_lots() const;

  void open_asset(const AssetDefinition& definition);
  Holding& holding_of(const std::string& asset);
  Coins coins_of(const std::string& asset, const money::Decimal& quantity, const money::Decimal& value);
  Coins coins_of(const Component& component, const Owing& owing = {});
  void post_coins(const Coins& coins, LineIndex position, bool they_come);
  void post_cash(Units received, const Owing& owing);
  Fee& fee_of(const std::string& name);
  Fee& fee_of_part(const std::string& name, const std::string& part);
  Fee& only_fee_payable();
  void pay(Fee& fee, Units amount);
  void post(LineIndex line, Units amount);
  void post(const std::string& account, Units amount);
  void post_cash(Units amount);
  void acquire(const Coins& coins, Addition cause);
  void dispose(const Coins& coins, LotRule rule, FlowCause cause);
  void check_days_since();
  void take_from(LineIndex line, Units quantity) const;
  Units lowest_since(LineIndex line, time::Date date) const;
  LineIndex line_of(const std::string& account, CommodityIndex commodity);
  LineIndex position_line(const Holding& holding, const Place& place);
  void note_movements(const Holding& holding, time::Date acquired);
  const Identification* identified(const Holding& holding);
  void check_picks(const Holding& holding, const Identification& identification, Units quantity) const;
  Units value_of(const Holding& holding) const;
  std::optional<Units> net_assets() const;

  LotRules rules_;
  bool is_open_ = false;
  std::string fund_;
  std::optional<time::Date> last_date_;
  Chart chart_;
  std::vector<Units> balances_;
  std::vector<Holding> holdings_;  ///< by commodity index − 1
  std::unordered_map<std::string, std::size_t> holding_index_;
  std::vector<Fee> fees_;
  std::unordered_map<std::string, std::size_t> fee_index_;  ///< by the part of the account's name
  std::vector<Income> income_;
  std::unordered_map<std::string, std::size_t> income_index_;
  std::array<Units, kDisposals.size()> gains_{};
  LineIndex cash_line_;
  std::array<LineIndex, kDisposals.size()> gain_lines_{};  ///< made when first needed
  Units cash_;
  Units shares_;
  Units new_shares_;
  std::unordered_map<LineIndex, std::vector<std::pair<time::Date, Units>>> later_;
  std::optional<time::Date> refused_on_;
  Applied* applied_ = nullptr;  ///< of the event being applied, as are the next four
  time::Date date_ = {};
  Place place_ = {};
  std::span<const Identification> picks_ = {};
  std::size_t picks_used_ = 0;
  std::vector<LotMovement> movements_;  ///< kept to save allocations
};

}  // namespace navkeeper::nav::books
