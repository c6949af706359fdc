#include "services/nav/app/fund_acts.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/time/zone.h"
#include "services/nav/app/act_steps.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

using money::Decimal;

namespace {

constexpr const char* kPaid = "paid";

std::string place(const model::FundId& fund, const std::string& id) { return fund.value() + " " + id; }

StoredDefinition definition_of(const ActPorts& ports, const model::FundId& fund, time::Date date) {
  if (auto definition = ports.navs.definition_on(fund, date)) return *std::move(definition);
  if (!ports.navs.latest_definition(fund)) base::refuse(fund.value(), "is not a known fund");
  base::refuse(fund.value() + " " + date.to_string(), "no definition of the fund is effective then");
}

StoredAct act_of(ActStore& acts, const model::FundId& fund, const std::string& id) {
  auto act = acts.find_act(fund, id);
  if (!act) base::refuse(place(fund, id), "is not a known distribution or corporate action");
  return *std::move(act);
}

/// A NAV that the act should have changed must not be there.
void check_not_struck(const ActPorts& ports, const model::FundId& fund, const FundAct& act) {
  const auto last = ports.navs.last_struck(fund);
  if (last && act.effective() <= *last)
    base::refuse(place(fund, act.id), "takes effect on " + act.effective().to_string() + ", and the NAV of " +
                                          last->to_string() + " has been struck");
}

struct Calendars {
  explicit Calendars(const FundDefinition& fund)
      : exchange(fund.calendar()), bank(time::Calendar::find(fund.bank_calendar)) {
    ENSURE(bank != nullptr);  // check_definition refused others
  }
  policy::DistributionCalendars both() const { return {exchange, *bank}; }
  time::Calendar exchange;
  const time::Calendar* bank;
};

/// Dollars that other distributions will still take.
Decimal promised(const FundDefinition& fund, const std::vector<StoredAct>& acts, const std::string& except,
                 const Decimal& shares) {
  Decimal sum;
  for (const StoredAct& act : acts) {
    const auto* declaration = std::get_if<policy::Declaration>(&act.act.terms);
    if (declaration == nullptr || act.act.id == except || !act.stands()) continue;
    const policy::Distribution so_far = distribution_after(fund, *declaration, act.steps);
    if (so_far.stage == policy::DistributionStage::kPaid) continue;
    sum += so_far.stage == policy::DistributionStage::kDeclared
               ? money::multiply(declaration->per_share, shares, policy::kDollarDecimals,
                                 money::Rounding::kHalfEven)
               : so_far.owed.total();
  }
  return sum;
}

/// Money moves on the bank's business days, and a payment is recorded once it has been made.
void check_payment_date(const FundDefinition& fund, const std::string& id, time::Date date,
                        time::Instant now) {
  const Calendars calendars(fund);
  if (!calendars.bank->is_business_day(date))
    base::refuse(place(fund.id, id), date.to_string() + " is no business day of " + calendars.bank->name());
  const time::Date today = time::Zone::literal(fund.time_zone).to_local(now).date;
  if (today < date)
    base::refuse(place(fund.id, id),
                 "is paid by today, " + today.to_string() + ", and not ahead of " + date.to_string());
}

void check_declaration(const ActPorts& ports, const FundDefinition& fund,
                       const policy::Declaration& declaration, const std::vector<StoredAct>& acts) {
  const Calendars calendars(fund);
  const Decimal shares = ports.acts.books_on(fund.id, declaration.dates.ex, books::Basis::kNav).shares;
  const Decimal cash = ports.acts.books_on(fund.id, declaration.dates.pay, books::Basis::kNav).cash -
                       promised(fund, acts, declaration.id, shares);
  static_cast<void>(base::value_or_refuse(
      policy::declare(distribution_terms(fund), declaration, calendars.both(), shares, cash)));
}

void check_split(const ActPorts& ports, const FundDefinition& fund, const policy::ShareSplit& split,
                 const std::vector<StoredAct>& acts) {
  if (!fund.calendar().is_business_day(split.effective))
    base::refuse("effective", split.effective.to_string() + " is no business day of the fund");
  std::vector<policy::ShareSplit> splits;
  for (const StoredAct& act : acts) {
    const auto* other = std::get_if<policy::ShareSplit>(&act.act.terms);
    if (other != nullptr && act.stands()) splits.push_back(*other);
  }
  splits.push_back(split);
  static_cast<void>(base::value_or_refuse(policy::checked_splits(std::move(splits))));
  const Decimal shares = ports.acts.books_on(fund.id, split.effective, books::Basis::kNav).shares;
  static_cast<void>(base::value_or_refuse(policy::split_shares(shares, split)));
}

/// A coin that comes in is one that the fund's file of that day can price, in the same units.
void check_named(const FundDefinition& fund, const std::string& coin, int decimals) {
  for (const FundAsset& asset : fund.assets) {
    if (asset.asset.value() != coin) continue;
    if (asset.decimals != decimals)
      base::refuse(coin, "has " + std::to_string(asset.decimals) +
                             " decimals in the fund's definition, not " + std::to_string(decimals));
    return;
  }
  base::refuse(coin, "is no asset of the fund's definition of that day, so nothing would price it");
}

void check_new_coin(const FundDefinition& fund, const FundAct& act) {
  if (const auto* migration = std::get_if<policy::Migration>(&act.terms))
    check_named(fund, migration->new_token, migration->new_decimals);
  if (const auto* spin_off = std::get_if<policy::SpinOff>(&act.terms))
    check_named(fund, spin_off->child, spin_off->child_decimals);
}

/// Of the acts that are still to be carried out none may make it unclear what this one means.
void check_clashes(const FundAct& act, const std::vector<StoredAct>& acts) {
  for (const StoredAct& other : acts) {
    if (other.act.id == act.id || !other.stands() || !next_due(other.act, other.steps)) continue;
    if (const auto why = clash(act, other.act)) base::refuse(act.id, *why);
  }
}

/// What the policies say of it as the books are now.
void check_terms(const ActPorts& ports, const FundDefinition& fund, const FundAct& act,
                 const std::vector<StoredAct>& acts) {
  if (!policy::is_account_name(act.id)) base::refuse(act.id, "is no name of an account");
  check_new_coin(fund, act);
  check_clashes(act, acts);
  if (const auto* declaration = std::get_if<policy::Declaration>(&act.terms)) {
    check_declaration(ports, fund, *declaration, acts);
  } else if (const auto* split = std::get_if<policy::ShareSplit>(&act.terms)) {
    check_split(ports, fund, *split, acts);
  } else if (const auto* fork = std::get_if<ForkAct>(&act.terms)) {
    static_cast<void>(base::value_or_refuse(
        policy::decide_fork(fund.policies.forks, fork_of(ports.acts, fund, act, *fork), fork->rights)));
  } else if (const auto* migration = std::get_if<policy::Migration>(&act.terms)) {
    if (!migration->ratio.is_positive()) base::refuse(act.id, "ratio is not positive");
    if (migration->old_token == migration->new_token) base::refuse(act.id, "the new token is the old one");
  } else {
    const auto& spin_off = std::get<policy::SpinOff>(act.terms);
    if (!spin_off.received.is_positive()) base::refuse(act.id, "received quantity is not positive");
    if (spin_off.parent == spin_off.child) base::refuse(act.id, "the child is the parent");
  }
}

/// The approved act whose next step is due first, by date and then id; refuses where one is undecided.
std::optional<StoredAct> first_due(ActStore& acts, const FundDefinition& fund, time::Date date) {
  std::optional<StoredAct> first;
  for (StoredAct& act : acts.acts(fund.id)) {
    const auto due = next_due(act.act, act.steps);
    if (!due || date < *due || !act.stands()) continue;
    if (!act.approved_by)
      base::refuse(place(fund.id, act.act.id),
                   "takes effect on " + due->to_string() + " and is neither approved nor withdrawn");
    if (!first || *due < *next_due(first->act, first->steps)) first = std::move(act);
  }
  return first;
}

}  // namespace

std::string StoredAct::state() const {
  if (withdrawn_by) return "withdrawn";
  if (!undone.empty()) return "undone";
  if (!steps.empty()) return steps.back().step;
  return approved_by ? "approved" : "proposed";
}

bool propose_act(const ActPorts& ports, const model::FundId& fund, const NewAct& act,
                 const model::Actor& actor, time::Instant now) {
  model::require_role(actor, model::Role::kMaker, "propose a distribution or corporate action");
  const StoredDefinition stored = definition_of(ports, fund, act.act.effective());
  if (const auto before = ports.acts.find_act(fund, act.act.id)) {
    if (before->content == act.content) return false;
    base::refuse(place(fund, act.act.id), "was proposed before with other content");
  }
  check_not_struck(ports, fund, act.act);
  const auto checked = base::checked([&] {
    check_terms(ports, stored.definition, act.act, ports.acts.acts(fund));
    return true;
  });
  if (checked.has_error()) throw base::Refused(checked.error().within(fund.value()));
  ports.acts.add_act(fund, act, {actor.id, now});
  return true;
}

bool approve_act(const ActPorts& ports, const model::FundId& fund, const std::string& id,
                 const model::Actor& actor, time::Instant now) {
  model::require_role(actor, model::Role::kApprover, "approve a distribution or corporate action");
  const StoredAct act = act_of(ports.acts, fund, id);
  if (act.proposed_by == actor.id)
    base::refuse(place(fund, id), "was proposed by " + actor.id.value() + ", who may not approve it");
  if (act.withdrawn_by) base::refuse(place(fund, id), "was withdrawn by " + act.withdrawn_by->value());
  if (act.approved_by) {
    if (*act.approved_by == actor.id) return false;
    throw base::Conflict(place(fund, id) + ": was approved by " + act.approved_by->value() + " already");
  }
  check_not_struck(ports, fund, act.act);
  const auto named = base::checked([&] {
    check_new_coin(definition_of(ports, fund, act.act.effective()).definition, act.act);
    check_clashes(act.act, ports.acts.acts(fund));
    return true;
  });
  if (named.has_error()) throw base::Refused(named.error().within(place(fund, id)));
  ports.acts.add_decision(fund, act, true, {actor.id, now});
  return true;
}

bool withdraw_act(const ActPorts& ports, const model::FundId& fund, const std::string& id,
                  const model::Actor& actor, time::Instant now) {
  const StoredAct act = act_of(ports.acts, fund, id);
  if (act.proposed_by != actor.id)
    model::require_role(actor, model::Role::kApprover, "withdraw what another proposed");
  if (act.withdrawn_by) return false;
  if (!act.steps.empty() || !act.undone.empty())
    base::refuse(place(fund, id), "cannot be withdrawn: it is " + act.state() + " already");
  ports.acts.add_decision(fund, act, false, {actor.id, now});
  return true;
}

bool ask_undo(const ActPorts& ports, const model::FundId& fund, const std::string& id,
              const std::string& reason, const model::Actor& actor, time::Instant now) {
  model::require_role(actor, model::Role::kMaker, "ask for an act to be undone");
  if (reason.find_first_not_of(" \t\r\n") == std::string::npos) base::refuse("reason", "is empty");
  const StoredAct act = act_of(ports.acts, fund, id);
  if (act.steps.empty())
    base::refuse(place(fund, id), "is " + act.state() + " and not in effect: there is nothing to undo");
  if (act.state() == kPaid)
    base::refuse(place(fund, id), "was paid on " + act.steps.back().date.to_string() +
                                      ": the payment is taken back first, when the dollars are (navkeeper "
                                      "books reverse " +
                                      fund.value() + " " + id + "/paid --source distribution)");
  if (act.undo && act.undo->waits()) {
    if (act.undo->asked_by == actor.id && act.undo->reason == reason) return false;
    base::refuse(place(fund, id), "waits to be undone already, as " + act.undo->asked_by.value() +
                                      " asked: " + act.undo->reason);
  }
  ports.acts.add_undo(fund, act, reason, {actor.id, now});
  return true;
}

std::optional<LateReport> approve_undo(const ActPorts& ports, const model::FundId& fund,
                                       const std::string& id, const model::Actor& actor, time::Instant now) {
  model::require_role(actor, model::Role::kApprover, "approve that an act is undone");
  const StoredAct act = act_of(ports.acts, fund, id);
  if (!act.undo || act.undo->withdrawn_by) base::refuse(place(fund, id), "nobody asked for it to be undone");
  if (act.undo->asked_by == actor.id)
    base::refuse(place(fund, id), actor.id.value() + " asked for it to be undone, and may not approve it");
  if (act.undo->approved_by) {
    if (*act.undo->approved_by == actor.id) return std::nullopt;
    throw base::Conflict(place(fund, id) + ": was undone by " + act.undo->approved_by->value() + " already");
  }
  const auto stored = ports.navs.latest_definition(fund);
  if (!stored) base::refuse(fund.value(), "is not a known fund");
  return ports.acts.decide_undo(stored->definition, act, true, {actor.id, now});
}

bool withdraw_undo(const ActPorts& ports, const model::FundId& fund, const std::string& id,
                   const model::Actor& actor, time::Instant now) {
  const StoredAct act = act_of(ports.acts, fund, id);
  if (!act.undo || !act.undo->waits()) {
    if (act.undo && act.undo->withdrawn_by) return false;
    base::refuse(place(fund, id), "nobody asked for it to be undone, or it was");
  }
  if (act.undo->asked_by != actor.id)
    model::require_role(actor, model::Role::kApprover, "withdraw what another asked for");
  const auto stored = ports.navs.latest_definition(fund);
  if (!stored) base::refuse(fund.value(), "is not a known fund");
  ports.acts.decide_undo(stored->definition, act, false, {actor.id, now});
  return true;
}

void take_due_steps(ActStore& acts, const FundDefinition& fund, time::Date date, const ActStamp& stamp) {
  while (const auto act = first_due(acts, fund, date)) {
    const auto step = base::checked([&] { return next_step(acts, fund, *act); });
    if (step.has_error()) throw base::Refused(step.error().within(place(fund.id, act->act.id)));
    acts.add_step(fund, *act, *step, stamp);
  }
  for (const StoredAct& act : acts.acts(fund.id)) {
    const auto step = base::checked([&] { return moved_register(acts, fund, act, date); });
    if (step.has_error()) throw base::Refused(step.error().within(place(fund.id, act.act.id)));
    if (*step) acts.add_step(fund, act, **step, stamp);
  }
}

bool pay_distribution(const ActPorts& ports, const model::FundId& fund, const std::string& id,
                      time::Date date, const model::Actor& actor, time::Instant now) {
  model::require_role(actor, model::Role::kOperator, "pay a distribution");
  const StoredAct act = act_of(ports.acts, fund, id);
  const auto* declaration = std::get_if<policy::Declaration>(&act.act.terms);
  if (declaration == nullptr) base::refuse(place(fund, id), "is not a distribution");
  if (act.state() == kPaid) {
    if (act.steps.back().date == date) return false;
    base::refuse(place(fund, id),
                 "was paid on " + act.steps.back().date.to_string() + ", not on " + date.to_string());
  }
  if (!act.stands()) base::refuse(place(fund, id), "is " + act.state() + ": nothing is paid");
  if (date < declaration->dates.pay)
    base::refuse(place(fund, id), "is paid on " + declaration->dates.pay.to_string() + ", not before");
  if (const auto last = ports.navs.last_struck(fund); last && date <= *last)
    base::refuse(place(fund, id),
                 "is paid after the NAV of " + last->to_string() + ", which has been struck");
  const StoredDefinition stored = definition_of(ports, fund, declaration->dates.pay);
  check_payment_date(stored.definition, id, date, now);
  const policy::Distribution before = distribution_after(stored.definition, *declaration, act.steps);
  const Decimal cash = ports.acts.books_on(fund, date, books::Basis::kSettled).cash;
  // Whoever is in the register of the record date is entitled, also who was booked after its strike.
  const Decimal shares = ports.acts.books_on(fund, declaration->dates.record, books::Basis::kNav).shares;
  policy::EntryDraft late;
  auto paid = base::checked([&] {
    if (before.stage != policy::DistributionStage::kRecorded || shares == before.shares)
      return base::value_or_refuse(policy::pay(before, cash));
    auto corrected = base::value_or_refuse(policy::correct_register(before, shares));
    late = std::move(corrected.entry);
    return base::value_or_refuse(policy::pay(corrected.distribution, cash));
  });
  if (paid.has_error()) throw base::Refused(paid.error().within(fund.value()));
  StepToTake step;
  const policy::Distribution& owed = paid->distribution;
  step.step = {kPaid, date, owed.shares, "paid " + owed.owed.total().to_string()};
  if (!late.postings.empty())
    step.step.memo += ": the register of " + declaration->dates.record.to_string() + " has " +
                      shares.to_string() + " shares by now, not " + before.shares.to_string();
  for (policy::DraftPosting& posting : late.postings) paid->entry.postings.push_back(std::move(posting));
  step.step.attempt = act.payments_taken_back + 1;
  if (step.step.attempt > 1) paid->entry.source_id += " " + std::to_string(step.step.attempt);
  paid->entry.trade_date = date;
  paid->entry.book_date = date;
  paid->entry.settlement_date = date;
  step.drafts.push_back(draft_of(std::move(paid->entry), "distribution_paid"));
  ports.acts.add_step(stored.definition, act, step, {actor.id, now});
  return true;
}

namespace {

/// In shares of after the splits that make `factor`.
policy::SourceSplit restated(const policy::SourceSplit& sources, const money::Rational& factor) {
  constexpr int kRestatedDecimals = 12;  // Beyond the six of a declaration, so that percentages keep theirs.
  const auto per_new_share = [&](const Decimal& amount) {
    return (money::Rational(amount) / factor).rounded(kRestatedDecimals, money::Rounding::kHalfEven);
  };
  return {per_new_share(sources.income), per_new_share(sources.short_term_gain),
          per_new_share(sources.long_term_gain), per_new_share(sources.capital)};
}

}  // namespace

std::optional<policy::SourceNotice> notice_of(const FundDefinition& fund, const StoredAct& act,
                                              const std::vector<StoredAct>& all) {
  const auto* declaration = std::get_if<policy::Declaration>(&act.act.terms);
  if (declaration == nullptr) return std::nullopt;
  const auto splits = splits_of(all);
  policy::SourceSplit before;
  for (const StoredAct& other : all) {
    const auto* earlier = std::get_if<policy::Declaration>(&other.act.terms);
    if (earlier == nullptr || !other.stands() || !other.approved_by) continue;
    if (earlier->dates.ex < declaration->dates.ex &&
        fiscal_year(fund, earlier->dates.ex) == fiscal_year(fund, declaration->dates.ex))
      before = before + restated(*earlier->sources,
                                 policy::share_factor(splits, earlier->dates.ex, declaration->dates.ex));
  }
  return policy::notice_19a1(distribution_after(fund, *declaration, act.steps), before);
}

std::vector<policy::ShareSplit> splits_of(const std::vector<StoredAct>& acts) {
  std::vector<policy::ShareSplit> splits;
  for (const StoredAct& act : acts) {
    const auto* split = std::get_if<policy::ShareSplit>(&act.act.terms);
    if (split != nullptr && !act.steps.empty()) splits.push_back(*split);
  }
  std::sort(splits.begin(), splits.end(),
            [](const auto& a, const auto& b) { return a.effective < b.effective; });
  return splits;
}

}  // namespace navkeeper::nav
