#include "services/nav/app/strike_fund.h"

#include <algorithm>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/nav/app/act_steps.h"

namespace navkeeper::nav {
namespace {

/// How often a strike begins anew because something was posted while it was under way.
constexpr int kAttemptsMax = 5;

std::string place(const model::FundId& fund, time::Date date) {
  return fund.value() + " " + date.to_string();
}

const StoredDefinition& definition_in(const StrikeSight& sight, time::Date date) {
  if (sight.definition) return *sight.definition;
  if (sight.is_known) base::refuse(place(sight.fund, date), "no definition of the fund is effective then");
  base::refuse(sight.fund.value(), "is not a known fund");
}

/// No NAV may be missing between two: each books the fee that the next one owes.
void check_sequence(const StrikeSight& sight, const FundDefinition& fund, time::Date date) {
  const auto& last = sight.last_struck;
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
  if (!price.official) throw InputsMissing({where, position.asset.value() + ": " + price.waits_for});
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

/// What the NAVs before leave to this one: the state of the one before it, with what earlier days have been
/// corrected by since; the bases of the month.
void resolve_carried(const NavPorts& ports, const FundDefinition& fund, time::Date date,
                     const StrikeSight& sight, ResolvedExpenses& expenses) {
  if (!sight.before) return;
  expenses.carried = corrected(fund.policies, sight.before->summary.carried, sight.further);
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

void resolve_prices(const NavPorts& ports, const FundDefinition& fund, const StrikePlan& plan,
                    Holdings& holdings, ResolvedStrike& resolved) {
  const auto priced = priced_for_expenses(fund.policies, resolved.books.expenses);
  for (const FundAsset& asset : fund.assets) {
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
    if (auto price = ports.rates.price(fund, asset, plan.valuation_date))
      take_price(position, *std::move(price), plan, place(fund.id, plan.valuation_date));
    resolved.positions.push_back(std::move(position));
  }
}

std::string conflict_of(const NavPorts& ports, const model::FundId& fund, const StoredNav& existing,
                        const std::string& inputs) {
  const std::string date = existing.summary.valuation_date.to_string();
  std::string message = place(fund, existing.summary.valuation_date) + ": was struck by " +
                        existing.struck_by.value() + " from other inputs";
  for (const std::string& difference : ports.documents.differences(existing.inputs, inputs))
    message += "; " + difference;
  message += existing.published_by ? " (it is published: navkeeper nav restate " + fund.value() + " " + date +
                                         " --reason WHY --as MAKER)"
                                   : " (navkeeper nav run --date " + date + " --fund " + fund.value() +
                                         " --again WHY --as MAKER makes it anew)";
  return message;
}

StrikePlan plan_of(const FundDefinition& fund, time::Date date, time::Instant now) {
  const auto plan = plan_strike(fund, date, now);
  if (plan.has_value()) return *plan;
  // Only the time of day stands in the way where the same plan holds later.
  if (plan_strike(fund, date, time::Instant::latest()).has_value()) throw InputsMissing(plan.error());
  throw base::Refused(plan.error());
}

/// What is struck of the day as it stands, with its checks.
struct Struck {
  explicit Struck(ResolvedStrike resolved_) : resolved(std::move(resolved_)) {}
  ResolvedStrike resolved;
  StrikeFigures figures;
  std::string inputs;
  std::vector<Check> checks;
};

DistributedSince distributed_since(const std::vector<StoredAct>& acts, time::Date after, time::Date to) {
  DistributedSince sum;
  for (const StoredAct& act : acts) {
    const auto* declaration = std::get_if<policy::Declaration>(&act.act.terms);
    if (declaration == nullptr || act.steps.empty()) continue;
    if (declaration->dates.ex <= after || to < declaration->dates.ex) continue;
    sum.per_share += declaration->per_share;
    if (const auto& shares = act.steps.back().shares)
      sum.total += money::multiply(declaration->per_share, *shares, 2, money::Rounding::kHalfEven);
  }
  return sum;
}

Struck compute(const NavPorts& ports, const StrikeSight& sight, const StrikePlan& plan) {
  const std::string where = place(sight.fund, plan.valuation_date);
  const auto acts = sight.has_acts ? ports.acts.acts(sight.fund) : std::vector<StoredAct>{};
  Struck struck(resolve(ports, sight, plan, acts));
  auto figures = strike(struck.resolved);
  if (figures.has_error()) {
    const bool is_unpriced = std::any_of(struck.resolved.positions.begin(), struck.resolved.positions.end(),
                                         [](const ResolvedPosition& position) { return !position.price; });
    if (is_unpriced) throw InputsMissing(figures.error().within(where));
    throw base::Refused(figures.error().within(where));
  }
  struck.figures = *std::move(figures);
  struck.inputs = ports.documents.inputs(struck.resolved);
  DistributedSince distributed;
  std::optional<NavSummary> before;
  if (sight.before) {
    before = sight.before->summary;
    distributed = distributed_since(acts, before->valuation_date, plan.valuation_date);
  }
  struck.checks = check_nav(struck.resolved, struck.figures, before, distributed);
  return struck;
}

/// Ex-dates and splits of the day are in its NAV. A distribution's register is not taken before the day can
/// be struck: what is booked until then belongs to it. (A migration or spin-off takes what was held on its
/// day whenever it is carried out, and the day may need it: a coin that the definition no longer names.)
bool take_steps(const NavPorts& ports, const StrikeSight& sight, const StrikePlan& plan,
                const StrikeRequest& request) {
  bool is_due = false;
  bool changes_coins = false;
  for (const StoredAct& act : ports.acts.acts(request.fund)) {
    const auto due = next_due(act.act, act.steps);
    is_due |= moved_register(ports.acts, sight.definition->definition, act, request.date).has_value();
    if (!act.stands() || !due || request.date < *due) continue;
    is_due = true;
    changes_coins |= std::holds_alternative<policy::Migration>(act.act.terms) ||
                     std::holds_alternative<policy::SpinOff>(act.act.terms);
  }
  if (!is_due) return false;
  if (!changes_coins) static_cast<void>(compute(ports, sight, plan));
  take_due_steps(ports.acts, sight.definition->definition, request.date, {request.actor.id, request.now});
  return true;
}

/// The figures of what a further version stands beside, from its own record.
StrikeFigures figures_of(const NavPorts& ports, const StoredNav& nav, const FundDefinition& fund) {
  return base::value_or_refuse(strike(ports.documents.resolved(nav.inputs, fund)));
}

StrikeReport store_struck(const NavPorts& ports, const StrikeSight& sight, const StrikeRequest& request,
                          Struck struck, VersionKind kind) {
  const StoredDefinition& stored = *sight.definition;
  NewNav nav{struck.resolved,
             struck.figures,
             stored.version,
             ports.documents.document(struck.resolved, struck.figures, struck.inputs),
             struck.inputs,
             struck.checks,
             request.actor.id,
             request.now,
             sight.mark,
             kind,
             kind == VersionKind::kStrike ? "" : request.again,
             nullptr,
             sight.holdings.marked};
  std::optional<StrikeFigures> replaced;
  if (kind != VersionKind::kStrike) {
    replaced = figures_of(ports, *sight.existing, stored.definition);
    nav.replaced = &*replaced;
  }
  AddedNav added = ports.store.add_nav(nav);
  StrikeReport report{StrikeOutcome::kStruck, StoredNav(request.actor.id)};
  report.nav.summary = summary_of(struck.resolved, struck.figures);
  report.nav.summary.version = sight.mark.version + 1;
  report.nav.kind = kind;
  report.nav.reason = nav.reason;
  report.nav.definition_version = stored.version;
  report.nav.document_hash = ports.documents.hash(nav.document);
  report.nav.inputs_hash = ports.documents.hash(nav.inputs);
  report.nav.document = std::move(nav.document);
  report.nav.inputs = std::move(nav.inputs);
  report.nav.checks = std::move(added.checks);
  report.nav.struck_at = added.struck_at;
  return report;
}

}  // namespace

namespace {

/// Custody's own reconciliation goes before a recorded statement. When custody does not answer, what was
/// recorded stands; without it the check says that nobody measured.
void take_reconciliation(const NavPorts& ports, const model::FundId& fund, time::Date date,
                         std::vector<PeerStatement>& peers) {
  if (ports.custody == nullptr) return;
  try {
    auto reconciliation = ports.custody->reconciliation(fund, date);
    if (!reconciliation) return;
    ports.store.add_booked(fund, *reconciliation);
    std::erase_if(peers, [](const PeerStatement& peer) { return peer.kind == PeerKind::kCustody; });
    peers.insert(peers.begin(), *std::move(reconciliation));
  } catch (const base::Unavailable&) {
    return;
  }
}

/// The same of staking: its roll-forwards up to the state that the books have.
void take_roll_forward(const NavPorts& ports, const StrikeSight& sight, const StrikePlan& plan,
                       std::vector<PeerStatement>& peers) {
  if (ports.staking == nullptr || sight.staking.to.empty()) return;
  try {
    auto rolled = ports.staking->roll_forward(sight.fund, plan.valuation_date, plan.valued_at, sight.staking);
    if (!rolled) return;
    ports.store.add_booked(sight.fund, *rolled);
    std::erase_if(peers, [](const PeerStatement& peer) { return peer.kind == PeerKind::kStaking; });
    peers.push_back(*std::move(rolled));
  } catch (const base::Unavailable&) {
    return;
  }
}

}  // namespace

ResolvedStrike resolve(const NavPorts& ports, const StrikeSight& sight, const StrikePlan& plan,
                       const std::vector<StoredAct>& acts) {
  const StoredDefinition& stored = *sight.definition;
  const FundDefinition& fund = stored.definition;
  ResolvedStrike resolved(fund);
  resolved.definition_hash = stored.hash;
  resolved.plan = plan;
  resolved.peers = sight.peers;
  take_reconciliation(ports, fund.id, plan.valuation_date, resolved.peers);
  take_roll_forward(ports, sight, plan, resolved.peers);
  Holdings holdings = sight.holdings;
  resolved.books = std::move(holdings.books);
  resolve_carried(ports, fund, plan.valuation_date, sight, resolved.books.expenses);
  resolve_prices(ports, fund, plan, holdings, resolved);
  for (const ResolvedPosition& unnamed : holdings.positions) {
    if (!is_held_at_zero(acts, unnamed.asset))
      base::refuse(place(fund.id, plan.valuation_date),
                   "the books hold " + unnamed.asset.value() + ", which the fund's definition does not name");
    resolved.books.held_at_zero.push_back({unnamed.asset.value(), unnamed.quantity});
  }
  const auto& before = sight.before;
  for (const policy::ShareSplit& split : splits_of(acts)) {
    if (before && before->summary.valuation_date < split.effective && split.effective <= plan.valuation_date)
      resolved.books.splits.push_back(split);
  }
  return resolved;
}

StrikeReport strike_seen(const NavPorts& ports, const StrikeSight& sight, const StrikeRequest& request) {
  const StoredDefinition& stored = definition_in(sight, request.date);
  const StrikePlan plan = plan_of(stored.definition, request.date, request.now);
  if (!sight.existing) {
    check_sequence(sight, stored.definition, request.date);
    if (sight.has_acts && take_steps(ports, sight, plan, request))
      throw SightChanged(place(request.fund, request.date) + ": acts of the day were carried out");
  }
  Struck struck = compute(ports, sight, plan);
  if (!sight.existing) return store_struck(ports, sight, request, std::move(struck), VersionKind::kStrike);
  const StoredNav& existing = *sight.existing;
  // Its inputs are the same; what records beside the books say of it (a bank's statement, an agent's file
  // that came since) is measured anew where somebody asks for it.
  const bool is_same = existing.inputs == struck.inputs;
  if (is_same && (request.again.empty() || request.restates || existing.published_by ||
                  ports.store.changed_records(request.fund, existing).empty()))
    return {StrikeOutcome::kUnchanged, existing};
  if (request.again.empty()) throw base::Conflict(conflict_of(ports, request.fund, existing, struck.inputs));
  if (existing.published_by && !request.restates)
    base::refuse(place(request.fund, request.date),
                 "is published: navkeeper nav restate " + request.fund.value() + " " +
                     request.date.to_string() + " --reason WHY --as MAKER makes it as a version beside");
  // What stands beside a published version stays a restatement, however often it is struck.
  const bool is_restatement = existing.published_by || existing.kind == VersionKind::kRestatement;
  return store_struck(ports, sight, request, std::move(struck),
                      is_restatement ? VersionKind::kRestatement : VersionKind::kAgain);
}

StrikeReport strike_fund(const NavPorts& ports, const StrikeRequest& request) {
  model::require_role(request.actor, model::Role::kMaker, "strike a NAV");
  for (int attempt = 1;; ++attempt) {
    try {
      return strike_seen(ports, ports.store.look({request.fund}, request.date).front(), request);
    } catch (const SightChanged&) {
      if (attempt == kAttemptsMax) throw;
    }
  }
}

std::vector<std::string> changed_inputs(const NavPorts& ports, const model::FundId& fund,
                                        const StoredNav& nav) {
  const time::Date date = nav.summary.valuation_date;
  const StrikeSight sight = ports.store.look({fund}, date).front();
  const StrikePlan plan = plan_of(definition_in(sight, date).definition, date, time::Instant::latest());
  const auto acts = sight.has_acts ? ports.acts.acts(fund) : std::vector<StoredAct>{};
  const std::string inputs = ports.documents.inputs(resolve(ports, sight, plan, acts));
  return inputs == nav.inputs ? std::vector<std::string>{} : ports.documents.differences(nav.inputs, inputs);
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
  if (const auto last = store.last_struck(definition.definition.id)) {
    if (definition.definition.effective_from <= *last)
      base::refuse(
          definition.definition.id.value(),
          "a changed definition must be effective after the last struck NAV, of " + last->to_string());
    if (const auto broken = check_successor(latest->definition.policies, definition.definition.policies,
                                            definition.definition.effective_from, *last))
      throw base::Refused(broken->within(definition.definition.id.value()));
  }
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
