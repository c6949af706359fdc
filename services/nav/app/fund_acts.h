#pragma once
// The use cases around a fund's acts (domain/fund_act.h): propose, decide, let the strike carry out what is
// due, pay. And the port that keeps them.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/model/actor.h"
#include "services/nav/app/post_entries.h"
#include "services/nav/domain/books/journal.h"
#include "services/nav/domain/fund_act.h"
#include "services/nav/domain/late_true_up.h"

namespace navkeeper::nav {

/// That an act which took effect is taken back.
struct ActUndo {
  explicit ActUndo(model::ActorId who) : asked_by(std::move(who)) {}
  int number = 1;
  std::string reason;
  model::ActorId asked_by;
  time::Instant asked_at;
  std::optional<model::ActorId> approved_by;
  std::optional<model::ActorId> withdrawn_by;
  bool waits() const { return !approved_by && !withdrawn_by; }
};

struct StoredAct {
  explicit StoredAct(model::ActorId proposer) : proposed_by(std::move(proposer)) {}
  FundAct act;
  std::string content;  ///< canonical JSON as it was proposed
  model::ActorId proposed_by;
  time::Instant proposed_at;
  std::optional<model::ActorId> approved_by;
  std::optional<model::ActorId> withdrawn_by;
  std::vector<ActStep> steps;   ///< that stand, in the order in which they were taken
  int payments_taken_back = 0;  ///< of a distribution: payments whose entries were reversed
  std::optional<ActUndo> undo;  ///< that was asked for last
  std::vector<ActStep> undone;  ///< steps that two people took back; `steps` is empty then

  /// "proposed", "approved", "withdrawn"; then the last step's name; "undone".
  std::string state() const;
  /// Neither withdrawn nor undone.
  bool stands() const { return !withdrawn_by && undone.empty(); }
};

/// What the books say for an act.
struct BooksSight {
  money::Decimal shares;
  money::Decimal cash;
  std::map<std::string, money::Decimal> coins;  ///< whole, held anywhere
};

/// Where a coin's position lies, over everything posted, and its rewards that are income and not received.
struct CoinsThere {
  std::vector<PlacedCoins> places;
  money::Decimal receivable;
  /// What came after the day asked for, and is not in `places`; and the first entries that moved the coin
  /// since: "file:b4".
  money::Decimal came_since;
  std::vector<std::string> entries_since;
};

struct NewAct {
  FundAct act;
  std::string content;  ///< canonical JSON: the same id with other content is another act
};

struct StepToTake {
  ActStep step;
  std::vector<DraftToPost> drafts;
  std::vector<books::AssetDefinition> new_assets;
};

struct ActStamp {
  model::ActorId actor;
  time::Instant now;
};

class ActStore {
 public:
  virtual ~ActStore() = default;
  /// By effective date, then id; with the decisions and steps known at a time.
  virtual std::vector<StoredAct> acts(const model::FundId& fund,
                                      time::Instant known_at = time::Instant::latest()) = 0;
  virtual std::optional<StoredAct> find_act(const model::FundId& fund, const std::string& id,
                                            time::Instant known_at = time::Instant::latest()) = 0;
  /// On the nav basis, all booked up to and on `date`; cash on the settled basis where asked.
  virtual BooksSight books_on(const model::FundId& fund, time::Date date, books::Basis basis) = 0;
  /// By age. With `held_on` only what was traded, booked and settled by that day and is there still: of a lot
  /// that grew since the part before, with its part of the cost (half to even).
  virtual std::vector<OpenLot> open_lots(const model::FundId& fund, books::Book book,
                                         const std::string& asset,
                                         std::optional<time::Date> held_on = std::nullopt) = 0;
  virtual CoinsThere coins_at(const model::FundId& fund, const std::string& asset,
                              std::optional<time::Date> held_on = std::nullopt) = 0;
  virtual void add_act(const model::FundId& fund, const NewAct& act, const ActStamp& stamp) = 0;
  virtual void add_decision(const model::FundId& fund, const StoredAct& act, bool is_approved,
                            const ActStamp& stamp) = 0;
  /// Step and entries in one transaction. Conflict when it was taken meanwhile.
  virtual void add_step(const FundDefinition& fund, const StoredAct& act, const StepToTake& step,
                        const ActStamp& stamp) = 0;
  /// Conflict when another waits.
  virtual void add_undo(const model::FundId& fund, const StoredAct& act, const std::string& reason,
                        const ActStamp& stamp) = 0;
  /// The undo that waits is approved, and every entry of the act's steps reversed in the same transaction, or
  /// it is withdrawn. What NAVs are wrong by since. Conflict when it was decided or the act moved on
  /// meanwhile; refused: what cannot be reversed.
  virtual LateReport decide_undo(const FundDefinition& fund, const StoredAct& act, bool is_approved,
                                 const ActStamp& stamp) = 0;
};

/// Where struck days and definitions come from: NavStore has both.
class NavStore;

struct ActPorts {
  ActStore& acts;
  NavStore& navs;
};

/// False when the same was proposed before with the same content. Refused: no role (maker), an unknown fund,
/// the same id with other content, dates whose NAV has been struck, what the policies refuse (a distribution
/// without sources or without the cash, of a fund that retains), a split that leaves a fraction.
bool propose_act(const ActPorts& ports, const model::FundId& fund, const NewAct& act,
                 const model::Actor& actor, time::Instant now);

/// False when the same actor had approved it before. Refused: no role (approver), by who proposed it, of what
/// was withdrawn, after a NAV that it should have changed.
bool approve_act(const ActPorts& ports, const model::FundId& fund, const std::string& id,
                 const model::Actor& actor, time::Instant now);

/// False when it had been withdrawn. Refused: no role (the proposer, or an approver), once a step was taken.
bool withdraw_act(const ActPorts& ports, const model::FundId& fund, const std::string& id,
                  const model::Actor& actor, time::Instant now);

/// Asks for an act that took effect to be taken back. False when the same actor asked before and it waits.
/// Refused: no role (maker), no reason, an act that is not in effect or was paid, another undo that waits.
bool ask_undo(const ActPorts& ports, const model::FundId& fund, const std::string& id,
              const std::string& reason, const model::Actor& actor, time::Instant now);
/// What an approval did; nothing when the same actor had approved it before. The reversals stand on the dates
/// of what they take back: NAVs that are wrong by them are NAV errors (LIFE.md). Refused: no role (approver),
/// by who asked, what the books cannot reverse (a closed period, coins or shares that have gone since).
std::optional<LateReport> approve_undo(const ActPorts& ports, const model::FundId& fund,
                                       const std::string& id, const model::Actor& actor, time::Instant now);
/// False when none waits. Refused: no role (who asked, or an approver).
bool withdraw_undo(const ActPorts& ports, const model::FundId& fund, const std::string& id,
                   const model::Actor& actor, time::Instant now);

/// Every step due on or before `date`, in the order of their dates; called by the strike of `date` before it
/// reads the books. Refused: an act due that nobody decided on.
void take_due_steps(ActStore& acts, const FundDefinition& fund, time::Date date, const ActStamp& stamp);

/// Pays a recorded distribution on `date`: a business day of the bank, its payment date or later, after the
/// last struck NAV, not after the fund's today, out of cash that has settled by then; to the shares that the
/// record date's register has by now, with what that changes of the liability in the same entry. False when
/// it had been paid on that date; a payment that was reversed can be made again. Refused: no role (operator),
/// another stage, another date, paid on another date, not the cash.
bool pay_distribution(const ActPorts& ports, const model::FundId& fund, const std::string& id,
                      time::Date date, const model::Actor& actor, time::Instant now);

/// The 19a-1 notice of a distribution, with this fiscal year's earlier ones in its own shares: divided by the
/// splits between.
std::optional<policy::SourceNotice> notice_of(const FundDefinition& fund, const StoredAct& act,
                                              const std::vector<StoredAct>& all);

/// The fund's splits that have taken effect, by date.
std::vector<policy::ShareSplit> splits_of(const std::vector<StoredAct>& acts);

}  // namespace navkeeper::nav
