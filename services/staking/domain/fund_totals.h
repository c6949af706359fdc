#pragma once
// Where all of a fund's coins are at one valuation point, by asset, and whether that is what its books and
// its custody say:
//   total = staked + pending + in flight + unbonding + liquid
//   less_custody = total - uncounted - custody's coins,
//   less_books = total - the books' coins
// Claimable rewards stand beside: custody counts them in no total, the books have them as a receivable where
// the fund's policy recognises them before they are received. Whole coins, exact.
//
// In flight is what was sent and is not yet where it goes, each coin once:
//   to stake   a deposit or delegation that the source tells after its state and up to the valuation point;
//              a stake that custody sent (it may have left, and has not failed) of which the custodian's
//              history has no request by then
//   converted  staked coins that the custodian told as given to be converted; it counts them nowhere
//              (`uncounted`) until it is done
//   back       an unstaking or redemption told after the source's state; one that custody sent and the
//              custodian's history does not have; a conversion that custody sent and that is not done, nor
//              shown as redeeming (units of a token under conversion, which may be `uncounted` too)
// Everything else that a source tells between its state and the valuation point is added to its state. Liquid
// is what custody keeps and does not state as staked, activating or unbonding, less what is on its way from
// there.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/staking/domain/staking_event.h"

namespace navkeeper::staking {

/// Of custody's reconciliation of the day: one asset, all places together.
struct KeptCoins {
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal books;
  std::optional<money::Decimal> kept;  ///< nothing: not surely known
  money::Decimal staked = {};          ///< of kept, as custodians and chains state it; zero: none does
  money::Decimal activating = {};
  money::Decimal unbonding = {};
};

/// A balance that was compared.
struct KeptReading {
  std::string source;  ///< custody's name: "crypto_com", "chain:cronos_pos"
  model::AssetId asset = model::AssetId::literal("UNSET");
  time::Instant as_of;
};

/// A movement that custody had sent by the valuation point and that had not failed or been refused by then.
struct SentInstruction {
  enum class Kind { kStake, kUnstake, kConvert };
  std::string id;
  Kind kind{};
  std::string custodian;  ///< custody's name of it
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal amount;
  time::Instant sent_at;
  std::optional<time::Instant> confirmed_at = {};  ///< by the custodian's history
  std::string custodian_id = {};                   ///< empty: nobody has an answer yet
  std::string state = {};                          ///< custody's word
};

/// One source and chain at the newest state that is not after the valuation point.
struct StakesAtState {
  Chain chain = Chain::kEthereum;
  std::string source;
  std::string kept_by = {};  ///< custody's name of the custodian; of a chain empty
  StateMark mark;
  std::vector<Position> positions;
  std::vector<StakingEvent> later;  ///< after the state, up to the valuation point
  std::vector<StakingEvent> asked;  ///< of a custodian: every request that it told by the valuation point
};

struct FundTotalsInputs {
  time::Instant at;  ///< the valuation point
  std::vector<StakesAtState> stakes;
  std::vector<KeptCoins> kept;
  std::vector<KeptReading> readings;
  std::vector<SentInstruction> sent;
};

struct InFlight {
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal amount;
  bool is_to_stake = true;  ///< else on its way back
  std::string source;
  std::string id;  ///< of the event, or of custody's movement
  time::Instant since;
  std::string what;
  bool operator==(const InFlight&) const = default;
};

struct FundTotal {
  model::AssetId asset = model::AssetId::literal("UNSET");
  money::Decimal staked;  ///< queued, active, exiting, withdrawable; unbonding ether is there too
  money::Decimal pending;
  money::Decimal in_flight;
  money::Decimal unbonding;  ///< redeeming too
  money::Decimal claimable;  ///< in no total
  // Nothing: custody could not say surely what it keeps.
  std::optional<money::Decimal> liquid, total, custody, less_custody, less_books;
  money::Decimal uncounted;  ///< of what is in flight or redeeming: its custodian counts it nowhere, custody
                             ///< does not either
  money::Decimal books;
  bool is_tied() const {
    return less_custody && less_books && less_custody->is_zero() && less_books->is_zero();
  }
};

struct FundTotals {
  std::vector<FundTotal> totals;    ///< by asset
  std::vector<InFlight> in_flight;  ///< by asset, time, id
};

/// Every asset that custody compared or a source has stakes of. The order of what is given changes nothing.
FundTotals total_of(const FundTotalsInputs& inputs);

}  // namespace navkeeper::staking
