#pragma once
// When a reward is income. A reward goes through stages: the protocol credits it, it becomes claimable, it is
// received. A fund's policy names for each type of reward the stage at which it is income; the first event at
// that stage or a later one posts it, at the price of that moment; whatever comes after moves or corrects
// what was posted and is not income again (facts 2.1; trap 9: counted at both accrual and receipt).
//
// Each event moves the coins, net of the cut, to the account of its stage:
//
//   not yet income   Conversion:COIN not yet income:Credited | Claimable[:PLACE], against
//                    Conversion:COIN not yet income: a memorandum without dollars, in no asset and no NAV
//   income           Assets:Rewards receivable:Credited | Claimable:COIN[:PLACE]
//   received         the position account of the place; a lot that costs what was income and is as old as the
//                    recognition
//
// Under kGross the provider's cut is an expense beside the whole reward, under kNet only what the fund keeps
// is income. What comes later tells gross and cut anew: of what does not come, income and cut go back at the
// dollars of their recognition, and what comes beyond is income and cut of that day.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/nav/domain/books/place.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

enum class RewardStage { kProtocolCredit, kClaimable, kReceived };
std::string_view describe(RewardStage stage);  ///< "PROTOCOL_CREDIT", "CLAIMABLE", "RECEIVED"
std::optional<RewardStage> parse_reward_stage(std::string_view word);

enum class RewardPresentation { kGross, kNet };
std::string_view describe(RewardPresentation presentation);  ///< "gross", "net"
std::optional<RewardPresentation> parse_reward_presentation(std::string_view word);

struct RecognitionRule {
  RewardStage income_at = RewardStage::kReceived;
  RewardPresentation presentation = RewardPresentation::kGross;
};
/// A fund's policy by type of reward: "consensus", "execution", "delegation".
using RecognitionPolicy = std::map<std::string, RecognitionRule>;

/// One event of staking's feed. Quantities are of the whole reward, not of a change since the stage before.
struct RewardEvent {
  std::string reward_id;  ///< the same through all stages
  std::string type;
  std::string asset;
  RewardStage stage = RewardStage::kReceived;
  time::Date date;
  money::Decimal gross;         ///< whole coins, positive
  money::Decimal provider_cut;  ///< withheld by provider or custodian before the fund sees it; 0 to gross
  money::Decimal price;         ///< dollars a coin, positive
  books::Place place;           ///< wallet or account it is at; a state only where it was received
  bool operator==(const RewardEvent&) const = default;
};

/// What the books know of one reward.
struct RewardState {
  std::optional<RewardEvent> last;       ///< none: nothing seen
  std::optional<time::Date> recognised;  ///< when it became income
  money::Decimal receivable;             ///< whole coins, net of the cut
  money::Decimal receivable_value;       ///< dollars, their income
  money::Decimal cut_value;              ///< dollars at which the cut beside the receivable was expensed
  money::Decimal pending;                ///< whole coins, net, that are not yet income
  std::string standing_account;          ///< where the receivable or pending coins stand; else empty
  bool operator==(const RewardState&) const = default;
};

struct RewardDecision {
  RewardState state;
  /// None where nothing is posted: not yet income, or the same event once more.
  std::optional<EntryDraft> entry;
  /// The lots that the entry brings in, their dollars against Conversion as the books do: from the
  /// receivable, and of coins received beyond it.
  std::vector<LotReceipt> receipts;
  money::Decimal income;  ///< dollars credited to income now; negative where less came than was recognised
};

/// Refused, naming the reward: a type without a policy; a quantity or price not positive, a cut below zero or
/// above the reward; a stage or a date that goes back; a stage seen before with other content; another asset
/// or type; a state other than available before it was received. Rounded to the cent, half to even: the
/// dollars of gross and of net, and of a part that did not come; the cut is their difference; of a cut that
/// changed.
base::Checked<RewardDecision> recognise(const RecognitionPolicy& policy, const RewardState& state,
                                        const RewardEvent& event);

std::string reward_income_account(std::string_view type);  ///< "Income:Rewards:TYPE"
/// "Assets:Rewards receivable:Claimable:COIN[:PLACE]"; of a stage before receipt (ENSURE).
std::string reward_receivable_account(std::string_view coin, RewardStage stage, std::string_view place = {});
/// "Conversion:COIN not yet income:Claimable[:PLACE]"; likewise.
std::string reward_pending_account(std::string_view coin, RewardStage stage, std::string_view place = {});
std::string pending_conversion(std::string_view coin);     ///< "Conversion:COIN not yet income"
std::string receivable_conversion(std::string_view coin);  ///< "Conversion:COIN receivable"
std::string coin_account(std::string_view coin);           ///< "Assets:Coins:COIN"
std::string coin_conversion(std::string_view coin);        ///< "Conversion:COIN"
std::string reward_cut_account(std::string_view type);     ///< "Expenses:Staking provider:TYPE"

}  // namespace navkeeper::nav::policy
