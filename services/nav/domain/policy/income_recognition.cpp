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
  }
  entry.credit(reward_income_account(event.type), kDollars, income);
  decision.income += income;
  if (event.stage == RewardStage::kReceived) {
    entry.debit(coin_account(event.asset), event.asset, net)
        .credit(coin_conversion(event.asset), event.asset, net)
        .debit(coin_conversion(event.asset), kDollars, net_value);
    if (net.is_positive()) decision.receipts.push_back({event.asset, net, net_value, event.date});
  } else {
    entry.debit(reward_receivable_account(event.asset), event.asset, net)
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
  entry.credit(reward_receivable_account(event.asset), event.asset, short_of)
      .debit(receivable_conversion(event.asset), event.asset, short_of)
      .credit(receivable_conversion(event.asset), kDollars, value)
      .debit(reward_income_account(event.type), kDollars, value);
  state.receivable -= short_of;
  state.receivable_value -= value;
  decision.income -= value;
}

/// What stood as receivable is a lot now, at its income and as old as it.
void post_receipt(RewardDecision& decision, EntryDraft& entry, const RewardEvent& event) {
  RewardState& state = decision.state;
  if (state.receivable.is_zero()) return;
  entry.debit(coin_account(event.asset), event.asset, state.receivable)
      .credit(coin_conversion(event.asset), event.asset, state.receivable)
      .debit(coin_conversion(event.asset), kDollars, state.receivable_value)
      .credit(reward_receivable_account(event.asset), event.asset, state.receivable)
      .debit(receivable_conversion(event.asset), event.asset, state.receivable)
      .credit(receivable_conversion(event.asset), kDollars, state.receivable_value);
  decision.receipts.push_back({event.asset, state.receivable, state.receivable_value, *state.recognised});
  state.receivable = {};
  state.receivable_value = {};
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
    if (event.stage < rule->second.income_at) return decision;

    EntryDraft entry = entry_on(event.date, event.reward_id + "/" + std::string(describe(event.stage)),
                                event.type + " reward " + std::string(describe(event.stage)));
    const Decimal net = event.gross - event.provider_cut;
    if (!state.recognised) {
      decision.state.recognised = event.date;
      post_income(decision, entry, rule->second, event, event.gross, net);
    } else {
      const Decimal more = net - state.receivable;
      if (more.is_negative()) post_shortfall(decision, entry, event, -more);
      if (event.stage == RewardStage::kReceived) post_receipt(decision, entry, event);
      // The cut of what was recognised before stands; beyond it only what the fund keeps is new.
      if (more.is_positive())
        post_income(decision, entry, {rule->second.income_at, RewardPresentation::kNet}, event, more, more);
    }
    ENSURE(balances(entry));
    if (!entry.postings.empty()) decision.entry = std::move(entry);
    return decision;
  });
}

std::string reward_income_account(std::string_view type) { return "Income:Rewards:" + std::string(type); }
std::string reward_receivable_account(std::string_view coin) {
  return "Assets:Rewards receivable:" + books::account_part(coin);
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
