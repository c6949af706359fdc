#include "services/nav/app/strike_fund.h"

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"

namespace navkeeper::nav {

NavState StoredNav::state() const {
  if (approved_by) return NavState::kApproved;
  return standing_failures().empty() ? NavState::kChecked : NavState::kDrafted;
}

std::vector<std::string> StoredNav::standing_failures() const {
  std::vector<std::string> names;
  for (const Check& check : checks) {
    if (check.status != CheckStatus::kFailed) continue;
    const auto voices = std::count_if(overrides.begin(), overrides.end(),
                                      [&](const Override& voice) { return voice.check == check.name; });
    if (voices < kOverridesNeeded) names.push_back(check.name);
  }
  return names;
}

namespace {

std::string place(const model::FundId& fund, time::Date date) {
  return fund.value() + " " + date.to_string();
}

StoredDefinition definition_of(NavStore& store, const model::FundId& fund, time::Date date) {
  auto definition = store.definition_on(fund, date);
  if (definition) return *std::move(definition);
  if (store.latest_definition(fund))
    base::refuse(place(fund, date), "no definition of the fund is effective then");
  base::refuse(fund.value(), "is not a known fund");
}

/// No NAV may be missing between two: each books the fee that the next one owes.
void check_sequence(const NavPorts& ports, const FundDefinition& fund, time::Date date) {
  const auto last = ports.store.last_struck(fund.id);
  if (!last) return;
  if (date < *last)
    base::refuse(place(fund.id, date), "the NAV of " + last->to_string() + " has been struck already");
  const time::Date expected = fund.calendar().next_business_day(*last);
  if (date != expected)
    base::refuse(place(fund.id, date), "the NAV of " + expected.to_string() + " has to be struck before");
}

/// A price that waits for a person is none (rules 22c-1 and 2a-5): the strike is refused and says for what.
void take_price(ResolvedPosition& position, AssetPrice price, const StrikePlan& plan,
                const std::string& where) {
  if (!price.official) base::refuse(where, position.asset.value() + ": " + price.waits_for);
  const bool same_time = price.valuation == plan.valued_at;
  price.checks.push_back(
      {"valuation_time", same_time ? "passed" : "failed",
       "priced at " + price.valuation.to_string() + ", the fund is valued at " + plan.valued_at.to_string()});
  position.price = std::move(price.official);
  position.bases = std::move(price.bases);
  position.price_checks = std::move(price.checks);
  const auto other =
      std::find_if(position.bases.begin(), position.bases.end(),
                   [&](const ResolvedPrice& basis) { return basis.basis != position.price->basis; });
  if (other != position.bases.end()) position.second_price = *other;
}

/// What the NAVs before leave to this one: the state of the one before it, the bases of the month.
void resolve_carried(const NavPorts& ports, const FundDefinition& fund, time::Date date,
                     const std::optional<StoredNav>& before, ResolvedExpenses& expenses) {
  if (!before) return;
  expenses.carried = before->summary.carried;
  const auto is_average = [](const policy::ExpenseRule& fee) {
    return fee.base == policy::BaseKind::kAverageNetAssets;
  };
  const auto& fees = fund.policies.fees;
  if (std::none_of(fees.begin(), fees.end(), is_average)) return;
  for (const StoredNav& nav : ports.store.navs(fund.id, date.start_of_month(), date - 1))
    expenses.month.push_back({nav.summary.valuation_date, nav.summary.fee_base});
}

bool is_priced(const std::vector<model::AssetId>& assets, const model::AssetId& asset) {
  return std::find(assets.begin(), assets.end(), asset) != assets.end();
}

/// A fork's coin is worth nothing until the fund's definition names a price for it.
bool is_held_at_zero(const std::vector<StoredAct>& acts, const model::AssetId& asset) {
  return std::any_of(acts.begin(), acts.end(), [&](const StoredAct& act) {
    const auto* fork = std::get_if<ForkAct>(&act.act.terms);
    return fork != nullptr && fork->new_coin == asset.value() && !act.steps.empty();
  });
}

ResolvedStrike resolve(const NavPorts& ports, const StoredDefinition& stored, const StrikePlan& plan,
                       const std::optional<StoredNav>& before) {
  ResolvedStrike resolved(stored.definition);
  resolved.definition_hash = stored.hash;
  resolved.plan = plan;
  Holdings holdings = ports.store.holdings_at_start(stored.definition, plan.valuation_date);
  resolved.books = std::move(holdings.books);
  resolve_carried(ports, stored.definition, plan.valuation_date, before, resolved.books.expenses);
  const auto priced = priced_for_expenses(stored.definition.policies, resolved.books.expenses);
  for (const FundAsset& asset : stored.definition.assets) {
    const auto held =
        std::find_if(holdings.positions.begin(), holdings.positions.end(),
                     [&](const ResolvedPosition& position) { return position.asset == asset.asset; });
    // A coin that is owed and not held is a position of none: it has a price and no value.
    if (held == holdings.positions.end() && !is_priced(priced, asset.asset)) continue;
    ResolvedPosition position{asset.asset, {}, {}, std::nullopt, std::nullopt, {}, {}};
    if (held != holdings.positions.end()) {
      position = *held;
      holdings.positions.erase(held);
    }
    if (auto price = ports.rates.price(stored.definition, asset, plan.valuation_date))
      take_price(position, *std::move(price), plan, place(stored.definition.id, plan.valuation_date));
    resolved.positions.push_back(std::move(position));
  }
  const auto acts = ports.acts.acts(stored.definition.id);
  for (const ResolvedPosition& unnamed : holdings.positions) {
    if (!is_held_at_zero(acts, unnamed.asset))
      base::refuse(place(stored.definition.id, plan.valuation_date),
                   "the books hold " + unnamed.asset.value() + ", which the fund's definition does not name");
    resolved.books.held_at_zero.push_back({unnamed.asset.value(), unnamed.quantity});
  }
  for (const policy::ShareSplit& split : splits_of(acts)) {
    if (before && before->summary.valuation_date < split.effective && split.effective <= plan.valuation_date)
      resolved.books.splits.push_back(split);
  }
  return resolved;
}

std::string conflict_of(const std::string& where, const StoredNav& existing,
                        const std::vector<std::string>& differences) {
  std::string message = where + ": was struck by " + existing.struck_by.value() + " from other inputs";
  for (const std::string& difference : differences) message += "; " + difference;
  return message;
}

}  // namespace

StrikeReport strike_fund(const NavPorts& ports, const StrikeRequest& request) {
  const std::string where = place(request.fund, request.date);
  model::require_role(request.actor, model::Role::kMaker, "strike a NAV");
  const StoredDefinition stored = definition_of(ports.store, request.fund, request.date);
  const StrikePlan plan = base::value_or_refuse(plan_strike(stored.definition, request.date, request.now));

  const auto lease = ports.store.lease_strike(request.fund);
  if (!lease) throw base::Conflict(where + ": somebody else is striking this fund now");
  const auto existing = ports.store.find_nav(request.fund, request.date);
  if (!existing) {
    check_sequence(ports, stored.definition, request.date);
    // Ex-dates and splits of the day are in its NAV.
    take_due_steps(ports.acts, stored.definition, request.date, {request.actor.id, request.now});
  }

  const auto before = ports.store.last_nav_before(request.fund, request.date);
  const ResolvedStrike resolved = resolve(ports, stored, plan, before);
  auto figures = strike(resolved);
  if (figures.has_error()) throw base::Refused(figures.error().within(where));
  const std::string inputs = ports.documents.inputs(resolved);
  if (existing) {
    if (existing->inputs == inputs) return {StrikeOutcome::kUnchanged, *existing};
    throw base::Conflict(
        conflict_of(where, *existing, ports.documents.differences(existing->inputs, inputs)));
  }

  std::vector<Check> checks =
      check_nav(resolved, *figures, before ? std::optional(before->summary) : std::nullopt);
  ports.store.add_nav(
      *lease, {resolved, *figures, stored.version, ports.documents.document(resolved, *figures), inputs,
               std::move(checks), request.actor.id, request.now});
  auto struck = ports.store.find_nav(request.fund, request.date);
  if (!struck) throw base::Unavailable(where + ": the NAV that was just stored cannot be read");
  return {StrikeOutcome::kStruck, *std::move(struck)};
}

std::string_view describe(RunOutcome outcome) {
  switch (outcome) {
    case RunOutcome::kStruck:
      return "struck";
    case RunOutcome::kUnchanged:
      return "unchanged";
    case RunOutcome::kRefused:
      return "refused";
    case RunOutcome::kUnavailable:
      return "unavailable";
  }
  return "";
}

namespace {

RunLine run_one(const NavPorts& ports, const StrikeRequest& request) {
  RunLine line{request.fund, request.date, RunOutcome::kRefused, "", std::nullopt};
  try {
    StrikeReport report = strike_fund(ports, request);
    line.outcome = report.outcome == StrikeOutcome::kStruck ? RunOutcome::kStruck : RunOutcome::kUnchanged;
    line.nav = std::move(report.nav);
  } catch (const base::Refused& refused) {
    line.message = refused.what();
  } catch (const base::Conflict& conflict) {
    line.message = conflict.what();
  } catch (const base::Unavailable& unavailable) {
    line.outcome = RunOutcome::kUnavailable;
    line.message = unavailable.what();
  } catch (const base::InDoubt& in_doubt) {
    line.outcome = RunOutcome::kUnavailable;
    line.message = std::string(in_doubt.what()) + " (it may have happened: run it again)";
  }
  return line;
}

/// The days of the request on which the fund can be struck at all; the day asked for alone is always tried.
std::vector<time::Date> days_of(NavStore& store, const model::FundId& fund, const RunRequest& request) {
  if (request.from == request.to) return {request.from};
  const auto stored = store.latest_definition(fund);
  std::vector<time::Date> days;
  if (!stored) return {request.from};
  const time::Calendar calendar = stored->definition.calendar();
  for (time::Date date = request.from; date <= request.to; ++date) {
    if (!calendar.covers(date) || calendar.is_business_day(date)) days.push_back(date);
  }
  return days;
}

}  // namespace

std::vector<RunLine> run_navs(const NavPorts& ports, const RunRequest& request,
                              const std::function<void(const RunLine&)>& progress) {
  if (request.to < request.from) base::refuse("to", "is before from");
  std::vector<model::FundId> funds = request.funds;
  if (funds.empty()) {
    for (const StoredDefinition& stored : ports.store.funds()) funds.push_back(stored.definition.id);
    if (funds.empty()) base::refuse("", "there is no fund yet: navkeeper fund apply FILE.toml");
  }
  std::vector<RunLine> lines;
  for (const model::FundId& fund : funds) {
    for (const time::Date date : days_of(ports.store, fund, request)) {
      lines.push_back(run_one(ports, {fund, date, request.actor, request.now}));
      if (progress) progress(lines.back());
      const RunOutcome outcome = lines.back().outcome;
      if (outcome != RunOutcome::kStruck && outcome != RunOutcome::kUnchanged) break;
    }
  }
  return lines;
}

namespace {

StoredNav nav_of(NavStore& store, const model::FundId& fund, time::Date date) {
  if (!store.latest_definition(fund)) base::refuse(fund.value(), "is not a known fund");
  auto nav = store.find_nav(fund, date);
  if (!nav) base::refuse(place(fund, date), "has not been struck");
  return *std::move(nav);
}

/// What is approved is what stands now: a NAV struck from what has changed since is stale.
void check_inputs_stand(const NavPorts& ports, const model::FundId& fund, time::Date date,
                        const StoredNav& nav, time::Instant now) {
  const StoredDefinition stored = definition_of(ports.store, fund, date);
  const StrikePlan plan = base::value_or_refuse(plan_strike(stored.definition, date, now));
  const std::string inputs =
      ports.documents.inputs(resolve(ports, stored, plan, ports.store.last_nav_before(fund, date)));
  if (inputs == nav.inputs) return;
  std::string message = place(fund, date) + ": is stale: its inputs have changed since " +
                        nav.struck_by.value() + " struck it, and only a NAV whose inputs stand is approved";
  for (const std::string& difference : ports.documents.differences(nav.inputs, inputs))
    message += "; " + difference;
  throw base::Conflict(message);
}

}  // namespace

bool approve_nav(const NavPorts& ports, const model::FundId& fund, time::Date date, const model::Actor& actor,
                 time::Instant now) {
  model::require_role(actor, model::Role::kApprover, "approve a NAV");
  const std::string where = place(fund, date);
  const StoredNav nav = nav_of(ports.store, fund, date);
  if (nav.struck_by == actor.id)
    base::refuse(where, "was struck by " + actor.id.value() + ", who may not approve it");
  if (nav.approved_by) {
    if (*nav.approved_by == actor.id) return false;
    throw base::Conflict(where + ": was approved by " + nav.approved_by->value() + " already");
  }
  const auto failures = nav.standing_failures();
  if (!failures.empty()) {
    std::string names;
    for (const std::string& name : failures) names += (names.empty() ? "" : ", ") + name;
    base::refuse(where, "is only drafted: failed checks stand (" + names + "); two people may override each");
  }
  check_inputs_stand(ports, fund, date, nav, now);
  ports.store.add_approval(fund, nav, actor.id, now);
  return true;
}

bool override_check(const NavPorts& ports, const model::FundId& fund, time::Date date,
                    const std::string& check, const std::string& reason, const model::Actor& actor,
                    time::Instant now) {
  model::require_role(actor, model::Role::kApprover, "override a check");
  const std::string where = place(fund, date);
  if (reason.empty()) base::refuse("reason", "is empty");
  const StoredNav nav = nav_of(ports.store, fund, date);
  if (nav.struck_by == actor.id)
    base::refuse(where, "was struck by " + actor.id.value() + ", who may not override its checks");
  const auto found = std::find_if(nav.checks.begin(), nav.checks.end(),
                                  [&](const Check& candidate) { return candidate.name == check; });
  if (found == nav.checks.end()) base::refuse(where, "has no check " + check);
  if (found->status == CheckStatus::kPassed) base::refuse(where, "the check " + check + " passed");
  for (const Override& voice : nav.overrides) {
    if (voice.check == check && voice.actor == actor.id) return false;
  }
  ports.store.add_override(fund, nav, {check, actor.id, reason}, now);
  return true;
}

namespace {

ApplyReport apply_once(NavStore& store, const NewDefinition& definition, const model::Actor& actor,
                       time::Instant now) {
  model::require_role(actor, model::Role::kOperator, "apply a fund");
  const auto latest = store.latest_definition(definition.definition.id);
  if (!latest) {
    store.add_definition(definition, 1, actor.id, now);
    return {ApplyOutcome::kCreated, 1};
  }
  if (latest->hash == definition.hash) return {ApplyOutcome::kUnchanged, latest->version};
  if (latest->definition.inception != definition.definition.inception)
    base::refuse(definition.definition.id.value(), "the inception of a fund cannot change");
  for (const FundAsset& before : latest->definition.assets) {
    for (const FundAsset& after : definition.definition.assets) {
      if (before.asset == after.asset && before.decimals != after.decimals)
        base::refuse(definition.definition.id.value(),
                     before.asset.value() + ": the decimals of an asset in the books cannot change");
    }
  }
  if (const auto last = store.last_struck(definition.definition.id);
      last && definition.definition.effective_from <= *last)
    base::refuse(definition.definition.id.value(),
                 "a changed definition must be effective after the last struck NAV, of " + last->to_string());
  store.add_definition(definition, latest->version + 1, actor.id, now);
  return {ApplyOutcome::kChanged, latest->version + 1};
}

}  // namespace

ApplyReport apply_fund(NavStore& store, const NewDefinition& definition, const model::Actor& actor,
                       time::Instant now) {
  try {
    return apply_once(store, definition, actor, now);
  } catch (const base::Conflict&) {
    // Somebody added a version meanwhile: decide again with it in sight, once.
    return apply_once(store, definition, actor, now);
  }
}

}  // namespace navkeeper::nav
