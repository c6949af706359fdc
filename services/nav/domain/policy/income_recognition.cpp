#include "services/nav/domain/policy/income_recognition.h"

#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/domain/books/chart.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rounding;

void check(const RewardState& state, const RewardEvent& event, const std::string& where) {
  if (!event.gross.is_positive()) base::refuse(where, "quantity is not positive");
  if (!event.price.is_positive()) base::refuse(where, "price is not positive");
  if (event.provider_cut.is_negative()) base::refuse(where, "the provider's cut is negative");
  if (event.provider_cut > event.gross) base::refuse(where, "the provider's cut is above the reward");
  if (event.stage != RewardStage::kReceived && event.place.state != books::CoinState::kAvailable)
    base::refuse(where, "a state is said where it was received, not before");
  if (event.place.account.size() > books::kPlaceLengthMax) base::refuse(where, "its place is too long");
  if (!is_account_name(event.type)) base::refuse(where, "type '" + event.type + "' is no name of an account");
  if (!state.last) return;
  if (event.asset != state.last->asset || event.type != state.last->type ||
      event.reward_id != state.last->reward_id)
    base::refuse(where, "is another reward than before");
  if (event.stage < state.last->stage) base::refuse(where, "its stage goes back");
  if (event.stage == state.last->stage && event != *state.last)
    base::refuse(where, "the same stage came before with other content");
  if (event.date < state.last->date) base::refuse(where, "its date goes back");
}

std::string stage_part(RewardStage stage) {
  ENSURE(stage != RewardStage::kReceived);
  return stage == RewardStage::kProtocolCredit ? "Credited" : "Claimable";
}

std::string place_part(std::string_view place) {
  return place.empty() ? std::string() : ":" + books::account_part(place);
}

std::string place_account(const RewardEvent& event) {
  return books::position_account(books::account_part(event.asset), event.place);
}

Decimal dollars(const Decimal& quantity, const Decimal& price) {
  return money::multiply(quantity, price, kDollarDecimals, Rounding::kHalfEven);
}

/// Coins of `net` become a receivable or a lot at their value, against income.
void post_income(RewardDecision& decision, EntryDraft& entry, const RecognitionRule& rule,
                 const RewardEvent& event, const Decimal& gross, const Decimal& net) {
  const Decimal net_value = dollars(net, event.price);
  Decimal income = net_value;
  if (rule.presentation == RewardPresentation::kGross) {
    income = dollars(gross, event.price);
    entry.debit(reward_cut_account(event.type), kDollars, income - net_value);
    if (event.stage != RewardStage::kReceived) decision.state.cut_value += income - net_value;
  }
  entry.credit(reward_income_account(event.type), kDollars, income);
  decision.income += income;
  if (event.stage == RewardStage::kReceived) {
    entry.debit(place_account(event), event.asset, net)
        .credit(coin_conversion(event.asset), event.asset, net)
        .debit(coin_conversion(event.asset), kDollars, net_value);
    if (net.is_positive()) decision.receipts.push_back({event.asset, net, net_value, event.date});
  } else {
    RewardState& state = decision.state;
    state.standing_account = reward_receivable_account(event.asset, event.stage, event.place.account);
    entry.debit(state.standing_account, event.asset, net)
        .credit(receivable_conversion(event.asset), event.asset, net)
        .debit(receivable_conversion(event.asset), kDollars, net_value);
    decision.state.receivable += net;
    decision.state.receivable_value += net_value;
  }
}

/// Less came than stands as receivable: the part that did not come leaves with its dollars, against income.
void post_shortfall(RewardDecision& decision, EntryDraft& entry, const RewardEvent& event,
                    const Decimal& short_of) {
  RewardState& state = decision.state;
  const Decimal value = short_of == state.receivable
                            ? state.receivable_value
                            : money::mul_div(state.receivable_value, short_of, state.receivable,
                                             kDollarDecimals, Rounding::kHalfEven);
  entry.credit(state.standing_account, event.asset, short_of)
      .debit(receivable_conversion(event.asset), event.asset, short_of)
      .credit(receivable_conversion(event.asset), kDollars, value)
      .debit(reward_income_account(event.type), kDollars, value);
  state.receivable -= short_of;
  state.receivable_value -= value;
  decision.income -= value;
}

/// The cut is another than at the stage before: the expense, and the gross income beside it, follow. A part
/// that is not taken goes back at the dollars at which it was expensed; more is taken at today's price.
void post_cut_change(RewardDecision& decision, EntryDraft& entry, const RewardEvent& event,
                     const RewardEvent& before) {
  RewardState& state = decision.state;
  const Decimal more = event.provider_cut - before.provider_cut;
  const Decimal value = !more.is_negative() ? dollars(more, event.price)
                        : event.provider_cut.is_zero()
                            ? -state.cut_value
                            : -money::mul_div(state.cut_value, -more, before.provider_cut, kDollarDecimals,
                                              Rounding::kHalfEven);
  entry.debit(reward_cut_account(event.type), kDollars, value)
      .credit(reward_income_account(event.type), kDollars, value);
  state.cut_value += value;
  decision.income += value;
}

/// What stood as receivable is a lot now, at its income and as old as it.
void post_receipt(RewardDecision& decision, EntryDraft& entry, const RewardEvent& event) {
  RewardState& state = decision.state;
  if (state.receivable.is_zero()) return;
  entry.debit(place_account(event), event.asset, state.receivable)
      .credit(coin_conversion(event.asset), event.asset, state.receivable)
      .debit(coin_conversion(event.asset), kDollars, state.receivable_value)
      .credit(state.standing_account, event.asset, state.receivable)
      .debit(receivable_conversion(event.asset), event.asset, state.receivable)
      .credit(receivable_conversion(event.asset), kDollars, state.receivable_value);
  decision.receipts.push_back({event.asset, state.receivable, state.receivable_value, *state.recognised});
  state.receivable = {};
  state.receivable_value = {};
  state.standing_account.clear();
}

/// What is income already stands at another stage or place now.
void move_receivable(RewardDecision& decision, EntryDraft& entry, const RewardEvent& event) {
  RewardState& state = decision.state;
  std::string now = reward_receivable_account(event.asset, event.stage, event.place.account);
  if (now == state.standing_account) return;
  entry.debit(now, event.asset, state.receivable)
      .credit(state.standing_account, event.asset, state.receivable);
  state.standing_account = std::move(now);
}

/// What was pending is so no longer.
void end_pending(RewardDecision& decision, EntryDraft& entry, const RewardEvent& event) {
  RewardState& state = decision.state;
  if (state.pending.is_zero()) return;
  entry.credit(state.standing_account, event.asset, state.pending)
      .debit(pending_conversion(event.asset), event.asset, state.pending);
  state.pending = {};
  state.standing_account.clear();
}

void post_pending(RewardDecision& decision, EntryDraft& entry, const RewardEvent& event, const Decimal& net) {
  RewardState& state = decision.state;
  state.pending = net;
  state.standing_account =
      net.is_zero() ? std::string() : reward_pending_account(event.asset, event.stage, event.place.account);
  entry.debit(state.standing_account, event.asset, net)
      .credit(pending_conversion(event.asset), event.asset, net);
}

}  // namespace

std::string_view describe(RewardStage stage) {
  switch (stage) {
    case RewardStage::kProtocolCredit:
      return "PROTOCOL_CREDIT";
    case RewardStage::kClaimable:
      return "CLAIMABLE";
    case RewardStage::kReceived:
      return "RECEIVED";
  }
  ENSURE(false);
}

std::optional<RewardStage> parse_reward_stage(std::string_view word) {
  for (const RewardStage stage :
       {RewardStage::kProtocolCredit, RewardStage::kClaimable, RewardStage::kReceived}) {
    if (describe(stage) == word) return stage;
  }
  return std::nullopt;
}

std::string_view describe(RewardPresentation presentation) {
  switch (presentation) {
    case RewardPresentation::kGross:
      return "gross";
    case RewardPresentation::kNet:
      return "net";
  }
  ENSURE(false);
}

std::optional<RewardPresentation> parse_reward_presentation(std::string_view word) {
  for (const RewardPresentation presentation : {RewardPresentation::kGross, RewardPresentation::kNet}) {
    if (describe(presentation) == word) return presentation;
  }
  return std::nullopt;
}

base::Checked<RewardDecision> recognise(const RecognitionPolicy& policy, const RewardState& state,
                                        const RewardEvent& event) {
  return base::checked([&] {
    const std::string where = "reward '" + event.reward_id + "' at " + std::string(describe(event.stage));
    const auto rule = policy.find(event.type);
    if (rule == policy.end())
      base::refuse(where, "the fund has no policy for rewards of type '" + event.type + "'");
    check(state, event, where);
    RewardDecision decision;
    decision.state = state;
    if (state.last && event == *state.last) return decision;
    decision.state.last = event;
    EntryDraft entry = entry_on(event.date, event.reward_id + "/" + std::string(describe(event.stage)),
                                event.type + " reward " + std::string(describe(event.stage)));
    const Decimal net = event.gross - event.provider_cut;
    end_pending(decision, entry, event);
    if (event.stage < rule->second.income_at) {
      post_pending(decision, entry, event, net);
    } else if (!state.recognised) {
      decision.state.recognised = event.date;
      post_income(decision, entry, rule->second, event, event.gross, net);
    } else {
      const Decimal more = net - state.receivable;
      if (more.is_negative()) post_shortfall(decision, entry, event, -more);
      if (rule->second.presentation == RewardPresentation::kGross)
        post_cut_change(decision, entry, event, *state.last);
      if (event.stage == RewardStage::kReceived)
        post_receipt(decision, entry, event);
      else
        move_receivable(decision, entry, event);
      // Its cut is posted: beyond it, what the fund keeps.
      if (more.is_positive())
        post_income(decision, entry, {rule->second.income_at, RewardPresentation::kNet}, event, more, more);
    }
    if (event.stage == RewardStage::kReceived) decision.state.cut_value = {};
    ENSURE(balances(entry));
    if (!entry.postings.empty()) decision.entry = std::move(entry);
    return decision;
  });
}

std::string reward_income_account(std::string_view type) { return "Income:Rewards:" + std::string(type); }
std::string reward_receivable_account(std::string_view coin, RewardStage stage, std::string_view place) {
  return "Assets:Rewards receivable:" + stage_part(stage) + ":" + books::account_part(coin) +
         place_part(place);
}
std::string pending_conversion(std::string_view coin) {
  return "Conversion:" + books::account_part(coin) + " not yet income";
}
std::string reward_pending_account(std::string_view coin, RewardStage stage, std::string_view place) {
  return pending_conversion(coin) + ":" + stage_part(stage) + place_part(place);
}
std::string receivable_conversion(std::string_view coin) {
  return "Conversion:" + books::account_part(coin) + " receivable";
}
std::string coin_account(std::string_view coin) { return "Assets:Coins:" + books::account_part(coin); }
std::string coin_conversion(std::string_view coin) { return "Conversion:" + books::account_part(coin); }
std::string reward_cut_account(std::string_view type) {
  return "Expenses:Staking provider:" + std::string(type);
}

}  // namespace navkeeper::nav::policy
