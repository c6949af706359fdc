#pragma once
// TaxBook: the tax book's lots, kept by wallet or account (Reg. 1.1012-1(j)). It follows what the GAAP books
// applied: what comes is a lot at that place at its cost or value, what goes takes lots of its place, and a
// transfer carries lots with number, cost and day of acquisition to the other place; a change of state alone
// (staking from the same wallet) changes nothing here.
//
// Without an identification recorded before, a disposal takes lots by the fund's standing rule, a transfer
// the oldest. There is no average here: it is not a rule of the tax book.
//
// Over all accounts the lots are always the fund's coins. Of one account they can be fewer, where a
// redemption was booked before its coins came to the account that delivers them, or a late fact finds that
// the lots of its day were transferred since: no NAV waits for that. What leaves then takes lots of other
// accounts, coins without lots move on without, and the NAV's check `tax_lots` says where lots and coins
// differ.
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "services/nav/domain/books/books.h"

namespace navkeeper::nav::books {

struct TaxRules {
  LotRules lots;  ///< not kAverage
  /// Whether coins delivered in kind for shares are a recognised gain: a C-corporation's are, a regulated
  /// investment company's are not (IRC 852(b)(6)), a grantor trust has none of its own.
  bool recognises_in_kind = true;
  /// What leaves takes lots of its own account alone and is refused where they are too few: of what a person
  /// posts, who can put things in order. Otherwise those of the other accounts follow, by name.
  bool stays_in_account = true;
};

/// Coins of an account, in whatever state.
using AccountCoins = std::function<Units(CommodityIndex asset, const std::string& account)>;

struct TaxLotChange {
  CommodityIndex asset = 0;
  std::string account;
  LotMovement movement;
  time::Date acquired = {};
};

/// A coin flow at tax cost.
struct TaxFlow {
  CoinFlow flow;
  bool is_recognised = true;  ///< of a disposal: value - cost is taxable gain
};

struct TaxApplied {
  std::vector<TaxLotChange> lots;
  std::vector<TaxFlow> flows;
};

class TaxBook {
 public:
  explicit TaxBook(TaxRules rules) : rules_(rules) {}

  void restore(CommodityIndex asset, const std::string& account, LotNumber number, const Lot& lot);
  void skip_to(CommodityIndex asset, LotNumber next);

  /// After Books::apply of the same event, whose date `date` is; `coins` is where they are after it. Refused:
  /// kLotsTakenSince (stays_in_account), and identified lots that are not there. After a refusal the book is
  /// spent.
  Decided<void> apply(const Applied& applied, time::Date date, const Chart& chart,
                      std::span<const Identification> picks, const AccountCoins& coins, TaxApplied& out);

  const LotBook* lots(CommodityIndex asset, const std::string& account) const;
  const std::map<std::pair<CommodityIndex, std::string>, LotBook>& all() const { return lots_; }

 private:
  LotBook& at(CommodityIndex asset, const std::string& account);
  LotNumber& next(CommodityIndex asset);
  const Identification* identified(const std::string& asset);
  void note(CommodityIndex asset, const std::string& account, time::Date acquired);
  Units take(const CoinFlow& flow, LotRule rule, const std::string& asset);
  Units take_there(CommodityIndex asset, const std::string& account, LotRule rule,
                   std::optional<time::Date> on, Units& left);
  std::vector<std::string> others(CommodityIndex asset, const std::string& account) const;
  void follow(const CoinFlow& flow, const Chart& chart);
  void follow(const CoinTransfer& transfer, const Chart& chart);
  void follow(const TaxAdjustment& adjustment);

  TaxRules rules_;
  std::map<std::pair<CommodityIndex, std::string>, LotBook> lots_;
  std::map<CommodityIndex, LotNumber> next_;
  time::Date date_ = {};
  std::span<const Identification> picks_ = {};
  const AccountCoins* coins_ = nullptr;
  std::size_t picks_used_ = 0;
  TaxApplied* out_ = nullptr;
  std::vector<LotMovement> movements_;
};

/// The rule of an identification that is broken: the parts are what leaves, each lot is named once, open,
/// large enough, and was acquired by `on`.
std::optional<BooksRefusal> broken_pick_rule(const LotBook& lots, std::span<const LotPick> picks,
                                             Units quantity, time::Date on);

}  // namespace navkeeper::nav::books
