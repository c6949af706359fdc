#include "services/nav/app/nav_life.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "services/nav/app/restate_nav.h"

namespace navkeeper::nav {
namespace {

std::string place(const LifeRequest& request) {
  return request.fund.value() + " " + request.date.to_string();
}

StoredNav nav_of(const NavPorts& ports, const LifeRequest& request) {
  if (!ports.store.latest_definition(request.fund)) base::refuse(request.fund.value(), "is not a known fund");
  auto nav = ports.store.find_nav(request.fund, request.date);
  if (!nav) base::refuse(place(request), "has not been struck");
  if (request.version && *request.version > nav->summary.version)
    base::refuse(place(request), "has no version " + std::to_string(*request.version) +
                                     ": the latest is version " + std::to_string(nav->summary.version));
  if (request.version && *request.version < nav->summary.version)
    throw StaleDraft(place(request) + ": version " + std::to_string(*request.version) +
                     " is stale: the latest is version " + std::to_string(nav->summary.version));
  return *std::move(nav);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void refuse_stale(const NavPorts& ports, const LifeRequest& request, const StoredNav& nav, const char* what) {
  const auto differences = changed_inputs(ports, request.fund, nav);
  if (differences.empty()) return;
  std::string message = std::string("is a stale draft and cannot be ") + what + ": its inputs have changed";
  for (const std::string& difference : differences) message += "; " + difference;
  throw StaleDraft(place(request) + ": " + message + " (navkeeper nav run --date " +
                   request.date.to_string() + " --fund " + request.fund.value() +
                   " --again WHY --as MAKER makes it anew)");
}

/// What was put right since is not set aside, nor what turned out to be broken as "nobody could measure it".
void refuse_measured_since(const NavPorts& ports, const LifeRequest& request, const StoredNav& nav,
                           const std::string& check) {
  for (const ChangedRecord& changed : ports.store.changed_records(request.fund, nav)) {
    if (changed.check != check || changed.was == changed.is) continue;
    const std::string now = changed.is ? std::string(describe(*changed.is)) : "nothing to measure";
    throw StaleDraft(place(request) + ": the check " + check + " was " + std::string(describe(*changed.was)) +
                     " and is " + now + " by what was recorded since (navkeeper nav run --date " +
                     request.date.to_string() + " --fund " + request.fund.value() +
                     " --again WHY --as MAKER measures it anew)");
  }
}

}  // namespace

void approve_nav(const NavPorts& ports, const LifeRequest& request) {
  const model::Actor& actor = request.actor;
  model::require_role(actor, model::Role::kApprover, "approve a NAV");
  const std::string where = place(request);
  const StoredNav nav = nav_of(ports, request);
  if (nav.struck_by == actor.id)
    base::refuse(where, "was struck by " + actor.id.value() + ", who may not approve it");
  if (nav.approved_by) {
    if (*nav.approved_by == actor.id)
      base::refuse(where, "was approved by " + actor.id.value() + " already: nobody approves twice");
    throw base::Conflict(where + ": was approved by " + nav.approved_by->value() + " already");
  }
  const auto failures = nav.standing_failures();
  if (!failures.empty())
    base::refuse(where, "is only drafted: failed checks stand (" + joined(failures) +
                            "); two people may override each");
  refuse_stale(ports, request, nav, "approved");
  ports.store.add_approval(request.fund, nav, actor.id, request.now);
}

bool override_check(const NavPorts& ports, const LifeRequest& request, const std::string& check,
                    const std::string& reason) {
  const model::Actor& actor = request.actor;
  model::require_role(actor, model::Role::kApprover, "override a check");
  const std::string where = place(request);
  if (reason.find_first_not_of(" \t\r\n") == std::string::npos) base::refuse("reason", "is empty");
  const StoredNav nav = nav_of(ports, request);
  if (nav.struck_by == actor.id)
    base::refuse(where, "was struck by " + actor.id.value() + ", who may not override its checks");
  if (nav.published_by) base::refuse(where, "is published: its checks are no longer set aside");
  const auto found = std::find_if(nav.checks.begin(), nav.checks.end(),
                                  [&](const Check& candidate) { return candidate.name == check; });
  if (found == nav.checks.end()) base::refuse(where, "has no check " + check);
  if (found->status == CheckStatus::kPassed) base::refuse(where, "the check " + check + " passed");
  for (const Override& voice : nav.overrides) {
    if (voice.check == check && voice.actor == actor.id) return false;
  }
  refuse_measured_since(ports, request, nav, check);
  ports.store.add_override(request.fund, nav, {check, actor.id, reason}, request.now);
  return true;
}

namespace {

/// What is published stands on the day before: its fees, its changes, its checks. So no day before is left
/// that nobody stood for.
void refuse_gap_before(const NavPorts& ports, const LifeRequest& request) {
  const auto waiting = ports.store.unpublished({request.fund}, request.date - 1);
  for (const StoredNav& nav : waiting.front()) {
    if (nav.approved_by) continue;
    const std::string date = nav.summary.valuation_date.to_string();
    std::string rule = "the NAV of " + date + " before it is only " + std::string(describe(nav.state()));
    if (const auto failures = nav.standing_failures(); !failures.empty())
      rule += " (failed checks stand: " + joined(failures) + "; two people may override each)";
    base::refuse(place(request), rule + " and has to be approved before: navkeeper nav approve " +
                                     request.fund.value() + " " + date + " --as APPROVER");
  }
}

}  // namespace

void publish_nav(const NavPorts& ports, const LifeRequest& request) {
  const model::Actor& actor = request.actor;
  model::require_role(actor, {model::Role::kApprover, model::Role::kOperator}, "publish a NAV");
  const std::string where = place(request);
  const StoredNav nav = nav_of(ports, request);
  if (nav.struck_by == actor.id)
    base::refuse(where, "was struck by " + actor.id.value() + ", who may not publish it");
  if (nav.published_by)
    base::refuse(where, "was published by " + nav.published_by->value() + " at " +
                            nav.published_at.to_string() + ": nothing is published twice");
  if (!nav.approved_by)
    base::refuse(where, "is " + std::string(describe(nav.state())) + ": only an approved NAV is published");
  if (const auto open = nav.standing_unavailable(); !open.empty())
    base::refuse(
        where, "checks that nobody could measure stand (" + joined(open) + "); two people may override each");
  refuse_gap_before(ports, request);
  if (nav.kind == VersionKind::kRestatement) refuse_immaterial(ports, request.fund, nav);
  refuse_stale(ports, request, nav, "published");
  ports.store.add_publication(request.fund, nav, actor.id, request.now);
}

}  // namespace navkeeper::nav
