#include "services/nav/app/restate_nav.h"

#include <algorithm>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

std::string place(const model::FundId& fund, time::Date date) {
  return fund.value() + " " + date.to_string();
}

FundDefinition definition_of(NavStore& store, const model::FundId& fund, time::Date date) {
  if (auto stored = store.definition_on(fund, date)) return std::move(stored->definition);
  if (store.latest_definition(fund))
    base::refuse(place(fund, date), "no definition of the fund is effective then");
  base::refuse(fund.value(), "is not a known fund");
}

ErrorTerms terms_of(const FundDefinition& fund) {
  return {fund.tolerances.nav_error_per_share, fund.tolerances.nav_error_material,
          fund.error_account_minimum};
}

money::Rational unrounded(const StoredNav& nav) {
  return money::Rational(nav.summary.net_assets) / money::Rational(nav.summary.shares);
}

/// With what came late and that day lacks still.
money::Rational as_it_should_be(NavStore& store, const model::FundId& fund, const StoredNav& nav) {
  return (money::Rational(nav.summary.net_assets) +
          money::Rational(store.lacking(fund, nav.summary.valuation_date))) /
         money::Rational(nav.summary.shares);
}

std::vector<time::Date> business_days(const FundDefinition& fund, time::Date from, time::Date through) {
  const time::Calendar calendar = fund.calendar();
  std::vector<time::Date> days;
  for (time::Date date = from; date <= through; ++date) {
    if (calendar.is_business_day(date)) days.push_back(date);
  }
  return days;
}

/// The newest published version that `nav` stands beside.
const StoredNav* published_before(const std::vector<StoredNav>& versions, int version) {
  const StoredNav* found = nullptr;
  for (const StoredNav& nav : versions) {
    if (nav.published_by && nav.summary.version < version) found = &nav;
  }
  return found;
}

}  // namespace

std::optional<StoredNav> official_nav(NavStore& store, const model::FundId& fund, time::Date date) {
  std::optional<StoredNav> official;
  for (StoredNav& nav : store.versions(fund, date, time::Instant::latest())) {
    if (nav.published_by) official = std::move(nav);
  }
  return official;
}

std::vector<StrikeReport> restate_nav(const NavPorts& ports, const RestateRequest& request) {
  model::require_role(request.actor, model::Role::kMaker, "restate a NAV");
  if (request.reason.find_first_not_of(" \t\r\n") == std::string::npos) base::refuse("reason", "is empty");
  if (request.through < request.from) base::refuse("through", "is before the first day");
  const FundDefinition fund = definition_of(ports.store, request.fund, request.from);
  const auto days = business_days(fund, request.from, request.through);
  const std::string where = place(request.fund, request.from);
  if (days.empty() || days.front() != request.from) base::refuse(where, "is not a business day of the fund");
  for (const time::Date date : days) {
    if (!ports.store.find_nav(request.fund, date))
      base::refuse(place(request.fund, date), "has not been struck: there is nothing to restate");
  }
  if (!official_nav(ports.store, request.fund, request.from))
    base::refuse(where, "was never published, so it is not restated: navkeeper nav run --date " +
                            request.from.to_string() + " --fund " + request.fund.value() +
                            " --again WHY --as MAKER makes it anew");
  std::vector<StrikeReport> reports;
  for (const time::Date date : days) {
    StrikeRequest strike{request.fund, date, request.actor, request.now, request.reason, true};
    reports.push_back(strike_fund(ports, strike));
  }
  const bool is_restated = std::any_of(reports.begin(), reports.end(), [](const StrikeReport& report) {
    return report.outcome == StrikeOutcome::kStruck || report.nav.kind != VersionKind::kStrike;
  });
  if (!is_restated)
    base::refuse(where, "was struck from the inputs that are known today: there is nothing to restate");
  return reports;
}

bool is_material(NavStore& store, const model::FundId& fund, const StoredNav& nav) {
  const time::Date date = nav.summary.valuation_date;
  const auto versions = store.versions(fund, date, time::Instant::latest());
  const StoredNav* official = published_before(versions, nav.summary.version);
  return official == nullptr || severity_of(terms_of(definition_of(store, fund, date)), unrounded(*official),
                                            as_it_should_be(store, fund, nav)) == ErrorSeverity::kMaterial;
}

void refuse_immaterial(const NavPorts& ports, const model::FundId& fund, const StoredNav& nav) {
  const time::Date date = nav.summary.valuation_date;
  const auto versions = ports.store.versions(fund, date, time::Instant::latest());
  const StoredNav* official = published_before(versions, nav.summary.version);
  if (official == nullptr) return;
  const ErrorTerms terms = terms_of(definition_of(ports.store, fund, date));
  const money::Rational wrong = unrounded(*official);
  const money::Rational correct = as_it_should_be(ports.store, fund, nav);
  constexpr int kShown = 6;
  const std::string apart =
      "version " + std::to_string(official->summary.version) + " was published at " +
      wrong.to_fixed(kShown, money::Rounding::kHalfEven) + " a share, this one is " +
      unrounded(nav).to_fixed(kShown, money::Rounding::kHalfEven) +
      (correct == unrounded(nav) ? ""
                                 : ", and with what came late and is booked after it " +
                                       correct.to_fixed(kShown, money::Rounding::kHalfEven));
  switch (severity_of(terms, wrong, correct)) {
    case ErrorSeverity::kMaterial:
      return;
    case ErrorSeverity::kError:
      base::refuse(place(fund, date),
                   apart + ": an error of less than " + terms.material.to_string() +
                       " of the correct NAV is not restated, the original stays official (navkeeper nav "
                       "errors nets it)");
    case ErrorSeverity::kNone:
      base::refuse(place(fund, date), apart + ": less than " + terms.per_share.to_string() +
                                          " a share is no error, the original stays official");
  }
}

ErrorReport assess_period(NavStore& navs, OrderSource& orders, const model::FundId& fund, time::Date from,
                          time::Date through) {
  const FundDefinition definition = definition_of(navs, fund, from);
  std::vector<ComparedDay> days;
  for (const time::Date date : business_days(definition, from, through)) {
    const auto versions = navs.versions(fund, date, time::Instant::latest());
    if (versions.empty()) continue;
    const StoredNav& correct = versions.back();
    const StoredNav* wrong = published_before(versions, correct.summary.version);
    if (wrong == nullptr && versions.size() == 1) continue;
    ComparedDay day;
    day.orders = orders.dealt(fund, correct);
    day.was_published = wrong != nullptr;
    if (wrong == nullptr) {
      // Nothing that was published is wrong; orders may stand at what was struck before.
      std::erase_if(day.orders, [](const DealtOrder& order) { return !order.owed_version; });
      if (day.orders.empty()) continue;
      wrong = &versions[static_cast<std::size_t>(day.orders.front().dealt_version) - 1];
    }
    day.date = date;
    day.wrong_version = wrong->summary.version;
    day.correct_version = correct.summary.version;
    day.wrong = unrounded(*wrong);
    day.correct = unrounded(correct);
    day.shares = correct.summary.shares;
    if (wrong->summary.shares != day.shares) day.wrong_shares = wrong->summary.shares;
    if (!correct.published_by) day.lacks = navs.lacking(fund, date);
    day.wrong_expenses = wrong->summary.expenses;
    day.correct_expenses = correct.summary.expenses;
    days.push_back(std::move(day));
  }
  if (days.empty())
    base::refuse(place(fund, from),
                 "no NAV of the period was published and restated, and no order stands at a version that was "
                 "struck anew before it was published: navkeeper nav restate " +
                     fund.value() + " " + from.to_string() + " --reason WHY --as MAKER");
  return assess_errors(terms_of(definition), std::move(days));
}

}  // namespace navkeeper::nav
