#pragma once
// The use case that feeds single facts into a fund's books: expenses incurred and paid, what the adviser pays
// back, rewards stage by stage, penalties, what liquid-staking tokens do. Each fact has an id of its source
// and takes effect once; what it does is the fund's policy (services/nav/POLICY.md).
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/model/actor.h"
#include "services/nav/app/post_entries.h"
#include "services/nav/domain/books/event.h"
#include "services/nav/domain/fund.h"
#include "services/nav/domain/late_true_up.h"

namespace navkeeper::nav {

/// An expense arose. Its payer follows from its type.
struct ExpenseIncurred {
  policy::ExpenseType type = policy::ExpenseType::kAudit;
  std::string name;
  money::Decimal amount;  ///< dollars; zero where coins are given
  std::optional<policy::IncurredExpense::Coins> coins;
  bool is_charged_to_fund = true;
};
/// Cash pays a payable: of an expense, a fee, an offering cost.
struct ExpensePaid {
  std::string name;
  std::string payee;  ///< of a fee with several; else empty
  money::Decimal amount;
};
/// Coins pay a payable: one in that coin, else one in dollars at what the coins are worth.
struct ExpensePaidInCoins {
  std::string name;
  std::string payee;
  std::string asset;
  money::Decimal quantity;
  money::Decimal price;  ///< dollars a coin
};
/// The adviser pays in cash what stands as receivable from it.
struct AdviserPaid {
  money::Decimal amount;
};
/// The payee of a fee gives back in cash what it was paid too much.
struct FeeReturned {
  std::string name;
  std::string payee;  ///< of a fee with several; else empty
  money::Decimal amount;
};
/// Coins lost for good: slashing, missed duties.
struct PenaltySuffered {
  std::string asset;
  money::Decimal quantity;
  books::Place place;  ///< where they were lost
};
/// Coins went from one place or state to another: delegated, bonded, unbonding, free, sent to a wallet.
struct CoinsMoved {
  books::CoinMove move;
};

struct FundFact {
  std::string id;  ///< of the source: the same id is the same fact
  time::Date date;
  std::variant<ExpenseIncurred, ExpensePaid, ExpensePaidInCoins, AdviserPaid, FeeReturned,
               policy::RewardEvent, PenaltySuffered, policy::Accretion, policy::LiquidStakingSwap, CoinsMoved>
      what;
  std::string content;  ///< canonical JSON: the same id with other content is refused
  std::string place;    ///< named in a refusal: "facts.jsonl:3"; may be empty
  /// The NAV that should have had it, where it is a NAV error: it is booked there although that was struck.
  std::optional<time::Date> books_on = {};

  /// "expense_incurred", "expense_paid", "expense_paid_in_coins", "adviser_paid", "fee_returned",
  /// "reward", "penalty", "token_rate", "token_swap", "transfer".
  std::string_view kind() const;
};

/// What a fact does, decided on what stands under the fund's lock.
struct FactDecision {
  std::vector<DraftToPost> drafts;
  std::vector<books::AssetDefinition> new_assets;  ///< that the books may not count yet: a token
  std::vector<books::Event> events;                ///< of the books' own: a penalty, a transfer
  std::optional<money::Decimal> borne_by_fund;     ///< of an expense incurred
  std::optional<policy::RewardDecision> reward;    ///< of a reward
  time::Date book_date;                            ///< first_open_day()
};

/// The day on which something of `date` is booked: what a struck NAV did not know enters the next one, and a
/// closed period stays as it is. The next NAV has it all the same, since no period closes beyond the day
/// before it.
time::Date first_open_day(time::Date date, std::optional<time::Date> last_struck,
                          std::optional<time::Date> closed_through);

/// What stands before the fact.
class FactSight {
 public:
  virtual ~FactSight() = default;
  virtual std::optional<time::Date> last_struck() const = 0;
  virtual std::optional<time::Date> closed_through() const = 0;
  virtual policy::RewardState reward(const std::string& reward_id) const = 0;
  /// Over everything posted, in whole units; positive: debit.
  virtual money::Decimal balance(const std::string& account, const std::string& commodity) const = 0;
  virtual std::vector<OpenLot> open_lots(books::Book book, const std::string& asset) const = 0;
  /// The token's rate that was told last and became income or loss, where it stands.
  struct TokenRate {
    time::Date date;
    money::Decimal rate;  ///< coins a token, after it
  };
  virtual std::optional<TokenRate> last_rate(const std::string& token) const = 0;
  /// Of the NAV struck last; nothing before the first.
  virtual std::optional<money::Decimal> last_net_assets() const = 0;
};

/// Refused, naming the fact: a payment above what is owed, an expense, a reward, a swap or a change of a
/// token's rate worth more than the whole fund was at its last NAV (a slip of the pen, whatever else it is);
/// where a token's rate is income, one that does not go on from the last one, of a day on which no token was
/// held, or that takes more than a lot's cost; more decimals than the commodity has, what the policies
/// refuse; a date before the fund's inception.
base::Checked<FactDecision> decide_fact(const FundDefinition& fund, const FundFact& fact,
                                        const FactSight& sight);

struct FactReport {
  std::size_t recorded = 0;
  std::size_t unchanged = 0;  ///< recorded before with the same content
  LateReport lateness = {};   ///< of those recorded
};

struct RecordedFact {
  std::string id;
  std::string kind;
  time::Date date;
  std::string content;
  std::string recorded_by;
  time::Instant known_at;
};

class FactStore {
 public:
  virtual ~FactStore() = default;
  /// All of them, in their order, in one transaction, or throws; each decided by decide_fact under the fund's
  /// lock.
  virtual FactReport record(const FundDefinition& fund, const std::vector<FundFact>& facts,
                            const model::ActorId& actor, time::Instant now) = 0;
  /// By date, then id; at most kFactsShownMax, the latest; as known at a time.
  virtual std::vector<RecordedFact> facts(const model::FundId& fund,
                                          time::Instant known_at = time::Instant::latest()) = 0;
};
constexpr int kFactsShownMax = 1000;

class NavStore;
/// Refused: no role (operator), an unknown fund, no fact, and what the store refuses.
FactReport record_facts(FactStore& store, NavStore& navs, const model::FundId& fund,
                        const std::vector<FundFact>& facts, const model::Actor& actor, time::Instant now);

}  // namespace navkeeper::nav
