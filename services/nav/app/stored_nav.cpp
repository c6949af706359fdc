// What is told of a stored NAV, and the plain way to look at a store.
#include <algorithm>

#include "common/base/ensure.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

std::string_view describe(VersionKind kind) {
  switch (kind) {
    case VersionKind::kStrike:
      return "strike";
    case VersionKind::kAgain:
      return "again";
    case VersionKind::kRestatement:
      return "restatement";
  }
  ENSURE(false);
}

std::optional<VersionKind> parse_version_kind(std::string_view word) {
  for (const VersionKind kind : {VersionKind::kStrike, VersionKind::kAgain, VersionKind::kRestatement}) {
    if (word == describe(kind)) return kind;
  }
  return std::nullopt;
}

NavState StoredNav::state() const {
  if (published_by) return NavState::kPublished;
  if (approved_by) return NavState::kApproved;
  return standing_failures().empty() ? NavState::kChecked : NavState::kDrafted;
}

std::vector<std::string> StoredNav::standing(CheckStatus status) const {
  std::vector<std::string> names;
  for (const Check& check : checks) {
    if (check.status != status) continue;
    const auto voices = std::count_if(overrides.begin(), overrides.end(),
                                      [&](const Override& voice) { return voice.check == check.name; });
    if (voices < kOverridesNeeded) names.push_back(check.name);
  }
  return names;
}

std::vector<std::string> StoredNav::standing_failures() const { return standing(CheckStatus::kFailed); }
std::vector<std::string> StoredNav::standing_unavailable() const {
  return standing(CheckStatus::kUnavailable);
}

void NavStore::add_booked(const model::FundId&, PeerStatement&) {}

std::vector<std::vector<StoredNav>> NavStore::unpublished(const std::vector<model::FundId>& funds,
                                                          time::Date through) {
  std::vector<std::vector<StoredNav>> found;
  for (const model::FundId& fund : funds) {
    auto& waiting = found.emplace_back();
    for (StoredNav& nav : navs(fund, std::nullopt, std::nullopt)) {
      const auto of_day = versions(fund, nav.summary.valuation_date, time::Instant::latest());
      if (std::any_of(of_day.begin(), of_day.end(), [](const StoredNav& one) { return one.published_by; }))
        waiting.clear();
      else if (nav.summary.valuation_date <= through)
        waiting.push_back(std::move(nav));
    }
  }
  return found;
}

std::vector<std::vector<StoredNav>> NavStore::restated(const std::vector<model::FundId>& funds,
                                                       time::Date through) {
  std::vector<std::vector<StoredNav>> found;
  for (const model::FundId& fund : funds) {
    auto& waiting = found.emplace_back();
    std::vector<StoredNav> further;  // since the day published last
    for (StoredNav& nav : navs(fund, std::nullopt, std::nullopt)) {
      const auto of_day = versions(fund, nav.summary.valuation_date, time::Instant::latest());
      if (nav.summary.version > 1 && !nav.published_by && nav.summary.valuation_date <= through)
        further.push_back(std::move(nav));
      if (std::none_of(of_day.begin(), of_day.end(), [](const StoredNav& one) { return one.published_by; }))
        continue;
      waiting.insert(waiting.end(), std::make_move_iterator(further.begin()),
                     std::make_move_iterator(further.end()));
      further.clear();
    }
  }
  return found;
}

namespace {

/// Of the days before `before`'s, what was struck after it, in the order in which it was.
std::vector<FurtherVersion> further_versions(NavStore& store, const model::FundId& fund,
                                             const StoredNav& before) {
  std::vector<std::pair<time::Instant, FurtherVersion>> found;
  const auto latest = time::Instant::latest();
  for (const StoredNav& nav : store.navs(fund, std::nullopt, before.summary.valuation_date - 1)) {
    if (nav.summary.version == 1 || nav.summary.valuation_date >= before.summary.valuation_date) continue;
    const std::vector<StoredNav> versions = store.versions(fund, nav.summary.valuation_date, latest);
    for (std::size_t i = 1; i < versions.size(); ++i) {
      if (versions[i].struck_at > before.struck_at)
        found.push_back({versions[i].struck_at, {versions[i - 1].summary, versions[i].summary}});
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<FurtherVersion> further;
  for (auto& [struck_at, version] : found) further.push_back(std::move(version));
  return further;
}

}  // namespace

std::vector<StrikeSight> NavStore::look(const std::vector<model::FundId>& funds, time::Date date) {
  std::vector<StrikeSight> sights;
  for (const model::FundId& fund : funds) {
    StrikeSight sight(fund);
    sight.definition = definition_on(fund, date);
    sight.is_known = sight.definition || latest_definition(fund);
    sight.last_struck = last_struck(fund);
    sight.existing = find_nav(fund, date);
    sight.before = last_nav_before(fund, date);
    if (sight.before) sight.further = further_versions(*this, fund, *sight.before);
    if (sight.definition) sight.holdings = holdings_at_start(sight.definition->definition, date);
    if (sight.existing) sight.mark.version = sight.existing->summary.version;
    sights.push_back(std::move(sight));
  }
  return sights;
}

}  // namespace navkeeper::nav
